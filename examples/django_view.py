"""A Django project under WSGI, in one file: a page about a dossier.

With ELEMENTS_HOST, ELEMENTS_CLIENT_ID, ELEMENTS_CLIENT_SECRET and ELEMENTS_ORGANISATION set::

    gunicorn examples.django_view:application      # or: python examples/django_view.py runserver

A view runs in a thread without an event loop, so it uses the client of ``elements_procura.sync``:
one for the process, shared by all threads. Forked workers each begin with one of their own.
"""

# ruff: noqa: INP001 - a script

import os
import sys
from typing import Any

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import path

from elements_procura import Priority
from elements_procura.errors import DailyQuotaExceeded, NotFound
from elements_procura.sync import ElementsClient

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ.get("DJANGO_SECRET_KEY", "only-for-this-example"),
)
django.setup()

elements = ElementsClient(
    os.environ["ELEMENTS_HOST"],
    credentials=(os.environ["ELEMENTS_CLIENT_ID"], os.environ["ELEMENTS_CLIENT_SECRET"]),
    organisation=os.environ["ELEMENTS_ORGANISATION"],
    scopes=["klantdossier.read"],
    read_only=True,
).with_options(priority=Priority.INTERACTIVE, timeout=10)


def dossier(request: HttpRequest, dossier_id: int) -> JsonResponse:
    """One dossier, with its addresses."""
    try:
        found = elements.klantdossiers.get(dossier_id)
        adressen = elements.dossier(dossier_id).kantoor.adressen.list()
    except NotFound:
        raise Http404 from None
    except DailyQuotaExceeded as error:
        return JsonResponse({"error": "quota", "resets_at": error.resets_at}, status=503)
    return JsonResponse({"dossier": found.to_dict(), "kantoor": [a.to_dict() for a in adressen]})


urlpatterns: list[Any] = [path("dossiers/<int:dossier_id>/", dossier)]
application = get_wsgi_application()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
