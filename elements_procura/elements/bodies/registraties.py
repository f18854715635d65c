"""Bodies for the registraties of a dossier or a product."""

from typing import ClassVar

import attrs

from elements_procura.schema.body import Needs, Rule
from elements_procura.schema.fields import DateTime, Long, Reference, Short
from elements_procura.schema.model import Body

__all__ = ["RegistratieBody"]


@attrs.define(eq=False, repr=False, kw_only=True)
class RegistratieBody(Body):
    """A note of something that happened.

    Attributes:
        onderwerp: Subject.
        systeemregistratie: Whether a system noted it; if not, ``persoon`` is required.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (Needs("systeemregistratie", False, "persoon"),)

    omschrijving: Long
    onderwerp: Short | None = None
    registratiedatum: DateTime | None = None
    boekdatum: DateTime | None = None
    activiteit: Reference
    registratietype: Reference
    systeemregistratie: bool
    persoon: Reference | None = None
