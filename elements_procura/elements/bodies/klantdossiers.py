"""Bodies for a klantdossier itself."""

import attrs

from elements_procura.schema.fields import DateTime, Id, Reference, Short
from elements_procura.schema.model import Body

__all__ = ["ActieBody", "CorrespondentieadresBody", "KlantdossierBody", "PropositieBody"]


@attrs.define(eq=False, repr=False, kw_only=True)
class KlantdossierBody(Body):
    """A klantdossier (customer file).

    Attributes:
        dossierstatus: Its status.
        kantoor: The office that it belongs to.
        standaardcorrespondentieadres: Id of the address that letters go to.
    """

    omschrijving: Short
    aanmaakdatum: DateTime | None = None
    relatienummer: Short | None = None
    dossierstatus: Reference
    kantoor: Reference
    standaardcorrespondentieadres: Id | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class CorrespondentieadresBody(Body):
    """The address that letters to a dossier, or to a particulier, go to by default."""

    standaardcorrespondentieadres: Reference


@attrs.define(eq=False, repr=False, kw_only=True)
class ActieBody(Body):
    """An actie (campaign) that a dossier takes part in."""

    actie: Reference
    omschrijving: Short | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class PropositieBody(Body):
    """A propositie (proposal), which products can be put under."""

    naam: Short
