"""A record without the records within it that no model fits. Pure.

Anything else in place of an id, a list or a record is a fault of the whole record
(:mod:`elements_procura.schema.open_typing`). A row would lose all of its cells for it, so the
smallest part that holds the fault is taken out: the item of a list, or the attribute.
"""

from typing import Any

import attrs

from elements_procura.schema.model import Model
from elements_procura.schema.open_typing import Field, items
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.structure import Wire

MOST = 50
"""Parts that are taken out of one record: each costs another reading of it."""


@attrs.frozen
class MendedRecord:
    """A record that its model fits, and what was taken out for that.

    Attributes:
        record: Of the model.
        raw: What it was made of.
        taken: The parts, where they stood.
        parts: How many they are.
    """

    record: Model
    raw: dict[str, Any]
    taken: dict[str, Any]
    parts: int

    def beside(self, extra: dict[str, Any]) -> dict[str, Any]:
        """A record's ``extra`` with the parts that were taken out."""
        merged = extra | self.taken
        inner, taken = extra.get("_embedded"), self.taken.get("_embedded")
        if isinstance(inner, dict) and isinstance(taken, dict):
            merged["_embedded"] = inner | taken
        return merged


def mend(wire: Wire, model: type[Model], raw: Any, fault: WireFault) -> MendedRecord | None:
    """Take out of a record whatever keeps it from fitting its model.

    Args:
        wire: The rules of the API.
        model: The record's model.
        raw: Decoded JSON; it is left as it is.
        fault: Why the model does not fit.

    Returns:
        None if the record itself lacks an id, is something else, or has too many such parts.
    """
    fields = {field.name: field for field in wire.fields(model)}
    taken: dict[str, Any] = {}
    for parts in range(1, MOST + 1):
        field = fields.get(fault.path[0]) if fault.path else None
        if field is None or field.is_id or not isinstance(raw, dict):
            return None
        raw = _without(raw, field, fault.path[1:], taken)
        if raw is None:
            return None
        try:
            return MendedRecord(wire.structure(raw, model), raw, taken, parts)
        except WireFault as next_fault:
            fault = next_fault
    return None


def _without(
    raw: dict[str, Any], field: Field, path: list[str], taken: dict[str, Any]
) -> dict[str, Any] | None:
    """The record without one part, which ``taken`` then holds; None if it is not found."""
    holder, into = raw, taken
    if field.is_relation:
        holder = raw.get("_embedded", {})
        into = taken.setdefault("_embedded", {})
    names = (field.key, *field.aliases)
    keys = [key for key in holder if key in names or key.strip() in names]
    # Under two spellings a list stays whole: which of them the path leads into is not known.
    if len(keys) != 1 or not field.is_many or not path:
        if not keys:
            return None
        into |= {key: holder[key] for key in keys}
        less = {key: value for key, value in holder.items() if key not in keys}
    else:
        (key,) = keys
        listed = items(holder[key])
        listed = [*listed] if isinstance(listed, list) else [listed]
        # Null keeps the places of the others, and gives nothing.
        where = int(path[0].strip("[]"))
        into.setdefault(key, []).append(listed[where])
        less = holder | {key: [*listed[:where], None, *listed[where + 1 :]]}
    return raw | {"_embedded": less} if field.is_relation else less
