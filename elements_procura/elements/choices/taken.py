"""Choices for taken."""

from enum import StrEnum

__all__ = ["Prioriteit", "Taaktype", "Verantwoordelijke"]


class Taaktype(StrEnum):
    """Kinds of task."""

    ACTIE = "Actie"
    AFSPRAAK = "Afspraak"
    BELLEN = "Bellen"
    BEZICHTIGING = "Bezichtiging"
    DOEL = "Doel"
    KLACHT = "Klacht"
    SCHADE = "Schade"


class Prioriteit(StrEnum):
    """Priorities."""

    LAAG = "Laag"
    MIDDEL = "Middel"
    HOOG = "Hoog"


class Verantwoordelijke(StrEnum):
    """Who is responsible: a person, a workflow group, or both."""

    PERSOON = "Persoon"
    WORKFLOWGROEP = "Workflowgroep"
    WORKFLOWGROEPMETPERSOON = "WorkflowgroepMetPersoon"
