"""Procura / vrijBRP Dossiers: one coroutine per documented endpoint.

Client, resources, records and bodies can all be had from here; each is loaded on first use.
"""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.procura._create import *
    from elements_procura.procura._search import *
    from elements_procura.procura.births import *
    from elements_procura.procura.client import *
    from elements_procura.procura.commitments import *
    from elements_procura.procura.dataimport import *
    from elements_procura.procura.deaths import *
    from elements_procura.procura.dossiers import *
    from elements_procura.procura.models import *
    from elements_procura.procura.relatives import *
    from elements_procura.procura.relocations import *
    from elements_procura.procura.settings import *
    from elements_procura.procura.tasks import *
else:
    __getattr__, __dir__ = lazy(
        __name__,
        "models",
        "_create",
        "_search",
        "births",
        "commitments",
        "dataimport",
        "deaths",
        "dossiers",
        "relatives",
        "relocations",
        "tasks",
        "client:ProcuraClient",
        "settings:ProcuraSettings",
        renamed={"MADE": "GENERATED"},
    )
