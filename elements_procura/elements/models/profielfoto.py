"""The profielfoto (picture) of a person or organisation."""

import datetime as dt

import attrs

from elements_procura.schema.model import Resource

__all__ = ["Profielfoto"]


@attrs.define(eq=False, repr=False, kw_only=True)
class Profielfoto(Resource):
    """The description of a picture, without its bytes.

    Attributes:
        naam: Name of the file.
        extensie: As ``png``.
        bestandsgrootte: Bytes.
        mimetype: As ``image/png``.
    """

    id: int
    naam: str | None = None
    extensie: str | None = None
    bestandsgrootte: int | None = None
    mimetype: str | None = None
    omschrijving: str | None = None
    aanmaakdatum: dt.datetime | None = None
