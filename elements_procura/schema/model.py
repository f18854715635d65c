"""The common parts of all models: of what answers hold, and of what requests send."""

import operator
import sys
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

import attrs

from elements_procura.schema import showing


class _Value:
    """Equal to another of the same class with equal attributes.

    One method for all records and bodies: attrs makes one for each class, which takes as long as
    all the rest of the class, at every start of a program.
    """

    __slots__ = ()
    __hash__: ClassVar[None] = None  # type: ignore[assignment] # as of everything that can be changed

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        kind: Any = type(self)
        attributes = _attributes(kind)
        return bool(attributes(self) == attributes(other))


@cache
def _attributes(kind: Any) -> Callable[[object], object]:
    """What tells the attributes' values of an instance of an attrs class."""
    names = [attribute.name for attribute in attrs.fields(kind)]
    return operator.attrgetter(*names) if names else _nothing


def _nothing(_: object) -> None:
    """All values of a class without attributes."""


@attrs.define(eq=False, repr=False, kw_only=True)
class Model(_Value):
    """A record out of a response.

    Every attribute is None (or empty) when the server sent null, nothing, or something that it
    cannot hold. Identifiers are annotated as plain ``int`` because the vendors' records always have
    one: an object without an id does not count as a record.

    The repr shows the class and the id and nothing else: records hold citizen numbers, names
    and bank accounts, and reprs end up in logs.

    Attributes:
        extra: Fields that this version does not know, and values that their attribute cannot hold,
            such as a date ``31-12-2016``: under their names on the wire, as they came.
    """

    extra: dict[str, Any] = attrs.field(factory=dict)

    def __repr__(self) -> str:
        identifier = getattr(self, "id", None)
        shown = f" id={identifier}" if isinstance(identifier, int) else ""
        return f"<{type(self).__name__}{shown}>"

    def to_dict(self, *, links: bool = False) -> dict[str, Any]:
        """The attributes by name, as values that JSON has: for FastAPI, pandas, templates.

        Dates and times are ISO 8601 texts, amounts are texts with all their digits, choices their
        values on the wire; records within are dictionaries. ``extra`` is left out when empty. The
        API's own spelling is what a client's ``to_wire`` writes.

        Args:
            links: Whether ``links`` is part of it.
        """
        return showing.to_dict(self, links=links)

    def to_json(self, *, links: bool = False) -> str:
        """The same as a JSON text.

        Args:
            links: Whether ``links`` is part of it.
        """
        return showing.to_json(self, links=links)

    def show(self) -> None:
        """Print every attribute that holds something, personal data included."""
        sys.stdout.write(f"{showing.as_text(self)}\n")

    def _repr_html_(self) -> str | None:
        return showing.as_html(self)


@attrs.define(repr=False, kw_only=True)
class Link:
    """A HAL link. As with records, the repr shows nothing of it: titles hold names.

    Attributes:
        href: Where it leads, below the API's origin.
        title: What it is called.
        deprecation: Address of the explanation, set when the link will be removed.
        templated: Whether ``href`` holds placeholders.
        type: Media type of what is there.
        name: Distinguishes links of one relation.
    """

    href: str = ""
    title: str | None = None
    deprecation: str | None = None
    templated: bool | None = None
    type: str | None = None
    name: str | None = None

    def __repr__(self) -> str:
        return "<Link>"


@attrs.define(eq=False, repr=False, kw_only=True)
class Resource(Model):
    """A record that has an address of its own.

    Attributes:
        links: Its links, by relation.
    """

    links: dict[str, Link] = attrs.field(factory=dict)


@attrs.define(eq=False, repr=False, kw_only=True)
class Body(_Value):
    """The body of a writing call, or a part of one.

    Attributes that are None are left out, so null is never sent; a list may be empty instead.

    The repr shows the class and nothing else: bodies hold personal data, and reprs end up in logs.
    """

    RULES: ClassVar[tuple[Any, ...]] = ()
    """The conditions between fields: see :class:`elements_procura.schema.body.Rule`."""
    OPEN: ClassVar[bool] = False
    """Whether fields are taken that the class does not know."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


@attrs.define(eq=False, repr=False, kw_only=True)
class BodyModel(Body):
    """A body that also carries fields which this version does not know.

    Attributes:
        extra: Such fields, sent under these names as they are; not without ``validate=False``.
    """

    extra: dict[str, Any] = attrs.field(factory=dict)
