"""Relatives of somebody, and the cases that can be started for them."""

import attrs

from elements_procura.procura.models.enums import (
    DeclarationType,
    Obstruction,
    Relationship,
    SuitableFor,
)
from elements_procura.schema.model import Model

__all__ = ["Relative", "RelativePerson", "Relatives"]


@attrs.define(eq=False, repr=False, kw_only=True)
class RelativePerson(Model):
    """The person of a relative.

    Attributes:
        age: In years; None if it is unknown or withheld.
    """

    bsn: str | None = None
    age: int | None = None


@attrs.define(eq=False, repr=False, kw_only=True)
class Relative(Model):
    """A relative.

    Attributes:
        declaration_type: How this person would be declared for; None for an ex-partner.
        suitable_for: The cases that can be started.
        suitable_for_relocation: Whether a relocation can. True beside obstructions is possible.
    """

    person: RelativePerson | None = None
    relationship_type: Relationship | str | None = None
    declaration_type: DeclarationType | str | None = None
    suitable_for_relocation: bool | None = None
    suitable_for: tuple[SuitableFor | str, ...] = ()
    obstructions: tuple[Obstruction | str, ...] = ()


@attrs.define(eq=False, repr=False, kw_only=True)
class Relatives(Model):
    """Somebody and their relatives: the person, partner, children, parents."""

    relatives: tuple[Relative, ...] = ()
