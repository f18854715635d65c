"""The klantdossier: a customer's file."""

import datetime as dt
from typing import Any

import attrs

from elements_procura.elements.models.contact import Adres
from elements_procura.schema.model import Resource

__all__ = ["Klantdossier"]


@attrs.define(eq=False, repr=False, kw_only=True)
class Klantdossier(Resource):
    """A customer's file, on which everything else hangs.

    Attributes:
        deleted: Null while the dossier is alive; the documentation shows no other value, so
            it is kept as it came.
        relatienummer: The firm's own number of the relation; the documentation shows only null.
    """

    id: int
    omschrijving: str | None = None
    aanmaakdatum: dt.datetime | None = None
    deleted: Any = None
    relatienummer: Any = None
    dossiertype: str | None = None
    status: str | None = None
    standaardcorrespondentieadres: Adres | None = None
