"""Bodies for the taken (tasks) and workflows of a product."""

from typing import Annotated, ClassVar

import attrs

from elements_procura.elements.choices.taken import Prioriteit, Taaktype, Verantwoordelijke
from elements_procura.schema.body import Needs, Rule
from elements_procura.schema.fields import DateTime, Long, Reference, References, text
from elements_procura.schema.model import Body

__all__ = ["TaakBody", "WorkflowBody"]


@attrs.define(eq=False, repr=False, kw_only=True)
class TaakBody(Body):
    """A task.

    Attributes:
        verantwoordelijke: Who is responsible; it decides which of the two that follow are required.
        genodigden: Persons who are invited.
    """

    RULES: ClassVar[tuple[Rule, ...]] = (
        Needs("verantwoordelijke", "Persoon", "verantwoordelijke_persoon"),
        Needs("verantwoordelijke", "Workflowgroep", "verantwoordelijke_workflowgroep"),
        Needs(
            "verantwoordelijke",
            "WorkflowgroepMetPersoon",
            "verantwoordelijke_persoon",
            "verantwoordelijke_workflowgroep",
        ),
    )

    naam: Annotated[str, text(300)]
    omschrijving: Long | None = None
    type: Taaktype | str
    status: Reference
    prioriteit: Prioriteit | str
    startdatum: DateTime
    einddatum: DateTime
    afgerond: bool | None = None
    aanmaakdatum: DateTime | None = None
    initiator: Reference | None = None
    genodigden: References | None = None
    verantwoordelijke: Verantwoordelijke | str
    verantwoordelijke_persoon: Reference | None = None
    verantwoordelijke_workflowgroep: Reference | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class WorkflowBody(Body):
    """A workflow that is to be started."""

    workflow: Reference
