"""Open typing: how values of an unexpected type are stored. Pure.

Strict is only what identity and structure need: ids, lists and records. Of anything else a value
that does not fit leaves its attribute None (a list empty) and stays in ``extra`` under the name
that it came with, so that it is neither lost nor taken for something else.

============================================  ===================================================
where a record must be                        what is made of it
============================================  ===================================================
an object; a list, or PHP's list with gaps,   the record
that holds one
null, an empty list or map                    None
text, a number, true or false                 None, and it stays in ``extra``: PHP's ``false`` and
                                              ``""`` for nothing, and a name in place of a record,
                                              cost that record and not the one that it stands in
a list of several                             a fault: which of them it is, is anyone's guess
============================================  ===================================================

============================================  ===================================================
where a list must be                          what is made of it
============================================  ===================================================
a list; an object whose keys are all digits   the list
an object (in ``_embedded``: with an id)      the list of that one
null, an empty map                            an empty list
a relation that is false or ``""``            an empty list, and it stays in ``extra``
anything else                                 a fault
============================================  ===================================================
"""

import enum
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import attrs

from elements_procura.evidence import EvidenceError, rows
from elements_procura.schema.model import Model
from elements_procura.schema.scalars import StructureFault, WireFault

Hook = Callable[[Any], Any]
Note = Callable[[str], None]
"""A callable that receives the name of an attribute whose value did not fit."""


@attrs.frozen(eq=False, repr=False)
class Field:
    """How an attribute is spelled and structured.

    Attributes:
        name: Of the attribute.
        key: On the wire.
        aliases: Other keys for it.
        item: Type of the value, or of those in the list.
        choices: The values that are documented, where they are.
        is_many: Whether it is a list.
        is_required: Whether the vendor's records always carry it.
        is_id: Whether it identifies the record.
        hook: From a JSON value other than null to ours.
        record: The same of an object with an id, where such a one must be.
        each: The hook of an item, where this is a list.
        members: The documented values by how they are written, where they are.
        is_relation: Whether it stands in ``_embedded``.
        nothing: What absence gives: a list that may not be None is empty then.
    """

    name: str
    key: str
    aliases: tuple[str, ...]
    item: Any
    choices: enum.EnumType | None
    is_many: bool
    is_required: bool
    is_id: bool
    hook: Hook
    record: Hook | None
    each: Hook | None
    members: dict[Any, enum.Enum] | None
    is_relation: bool
    nothing: tuple[()] | None

    def spelling(self, taken: dict[str, Any]) -> str:
        """The first spelling that no other value stands under; one more space is one more."""
        names = (self.key, *self.aliases)
        return next((name for name in names if name not in taken), f"{self.key} ")


def by_key(fields: tuple[Field, ...]) -> dict[str, Field]:
    """The fields under all that they may be called."""
    return {key: field for field in fields for key in (field.key, *field.aliases)}


# ------------------------------------------------------------------------- records and lists


def as_object(value: Any) -> dict[str, Any] | None:
    """An object: itself, the only item of a list, or None for PHP's empty map (an empty list).

    Raises:
        StructureFault: It is a list of something else.
        WireFault: It is neither an object nor a list.
    """
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        if not value:
            return None
        if len(value) == 1 and isinstance(value[0], dict):
            return value[0]
        raise StructureFault("an object", value)
    raise WireFault("an object", value)


def items(value: Any) -> Any:
    """The items of a list in any of its accepted forms; any other value unchanged."""
    try:
        return rows(value)
    except (EvidenceError, AttributeError):  # the keys of a caller's mapping need not be texts
        return value


def one(hook: Hook, *, is_relation: bool, may_be_empty: bool) -> Hook:
    """The hook of an attribute that holds a record.

    Args:
        hook: Of the record.
        is_relation: Whether it stands in ``_embedded``, where anything may be in its place.
        may_be_empty: Whether an object without a field is a record, too.
    """

    def structure(value: Any) -> Any:
        try:
            found = as_object(value if may_be_empty and not value else items(value))
        except WireFault as fault:
            raise (fault if is_relation else _structural(fault)) from None
        return None if found is None else hook(found)

    return structure


def many(hook: Hook, *, is_record: bool, is_relation: bool) -> Hook:
    """The hook of an attribute that holds a list.

    Args:
        hook: Of an item.
        is_record: Whether the items are records.
        is_relation: Whether it stands in ``_embedded``, where PHP writes false for nothing.
    """

    def structure(value: Any) -> tuple[Any, ...]:
        found = value
        if found.__class__ is not list:
            found = items(value)
            if found.__class__ is dict:
                found = [found]
            elif found.__class__ is not list:
                is_nothing = is_relation and (found is False or found == "")
                raise (WireFault if is_nothing else StructureFault)("an object", value)
        index = 0
        made = []
        try:
            for index, item in enumerate(found):  # noqa: B007 - for the fault's path
                if item is not None and (each := hook(item)) is not None:
                    made.append(each)
        except WireFault as fault:
            found_fault = _structural(fault) if is_record else fault
            raise found_fault.under(f"[{index}]") from None
        return tuple(made)

    return structure


# ---------------------------------------------------------------------------- odd values


def by_the_rules(
    record: Any,
    fields: tuple[Field, ...],
    data: dict[str, Any],
    embedded: dict[str, Any],
    note: Note,
) -> None:
    """Set every attribute through its hook, whatever shape its value has.

    Raises:
        StructureFault: An id, a list or a record is none; the first one, with its path.
    """
    for field in fields:
        value = (embedded if field.is_relation else data).get(field.key)
        if field.is_id and value is None:
            value = _respelled(field, data)
        elif value is None:
            setattr(record, field.name, field.nothing)
            continue
        try:
            made = field.hook(value)
        except StructureFault as fault:
            raise fault.under(field.name) from None
        except WireFault as fault:
            if field.is_id:
                raise _structural(fault).under(field.name) from None
            made = field.nothing
            _keep(record.extra, field, field.key, value)
            note(field.name)
        setattr(record, field.name, made)


def leftovers(
    record: Any,
    data: dict[str, Any],
    known: frozenset[str],
    fields: dict[str, Field],
    *,
    kept: dict[str, Any],
    note: Note,
) -> None:
    """Put what was not taken under a second spelling of an attribute, or into ``kept``.

    Seen on the wire: ``"gearchiveerd "`` with a space, ``computednaam`` for ``weergavenaam``.
    When an attribute is there under two spellings, the first that fits holds and the other is kept.
    """
    for key, value in data.items():
        if key in known:
            continue
        field = fields.get(key) or fields.get(key.strip())
        if field is None or getattr(record, field.name) not in (None, ()):
            kept[key] = value
        elif value is not None:
            try:
                setattr(record, field.name, field.hook(value))
            except StructureFault as fault:
                raise fault.under(field.name) from None
            except WireFault as fault:
                if field.is_id:
                    raise fault.under(field.name) from None
                kept[key] = value
                note(field.name)


def misfits(
    record: Model,
    fields: Callable[[type], tuple[Field, ...]],
    without: frozenset[str] = frozenset(),
) -> Iterator[str]:
    """Names of the attributes that a value did not fit, of a record and of those in it.

    Args:
        record: As it was structured.
        fields: From a model to its fields.
        without: Attributes of ``record`` that are not looked into.
    """
    own = [field for field in fields(type(record)) if field.name not in without]
    if record.extra:
        inside = record.extra.get("_embedded")
        keys = {*record.extra, *(inside if isinstance(inside, dict) else ())}
        for key in keys:
            field = _named(own, key.strip())
            if field is not None and getattr(record, field.name) in (None, ()):
                yield field.name
    for field in own:
        if isinstance(field.item, type) and issubclass(field.item, Model):
            value = getattr(record, field.name)
            for each in value if field.is_many else (value,):
                if each is not None:
                    yield from misfits(each, fields)


def _named(fields: Iterable[Field], key: str) -> Field | None:
    return next((each for each in fields if key in (each.key, *each.aliases)), None)


def _keep(extra: dict[str, Any], field: Field, key: str, value: Any) -> None:
    target = extra.setdefault("_embedded", {}) if field.is_relation else extra
    target[key] = value


def _respelled(field: Field, data: dict[str, Any]) -> Any:
    """The value stored under a name with an extra space."""
    return next((value for key, value in data.items() if key.strip() == field.key), None)


def _structural(fault: WireFault) -> WireFault:
    """The same fault, as one that no attribute can be left empty for."""
    if isinstance(fault, StructureFault):
        return fault
    made = StructureFault(fault.expected, None)
    made.got, made.path = fault.got, fault.path
    return made
