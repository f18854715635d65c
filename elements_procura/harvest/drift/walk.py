"""Comparing a body with the models that a client makes of it. Pure.

The known content comes from the models and the wire rules of their API alone. One check per model
is made on first use; a value is compared with nothing but that.
"""

from collections.abc import Callable, Mapping
from enum import Enum, EnumType, StrEnum
from typing import Any, NamedTuple

import attrs

from elements_procura.schema import hal
from elements_procura.schema.model import Link, Model, Resource
from elements_procura.schema.open_typing import Field, as_object, by_key, items
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.structure import Wire


class Sort(StrEnum):
    """The sorts of findings, explained in :mod:`elements_procura.harvest.drift`."""

    FIELD = "field"
    ENUM = "enum"
    LINK = "link"
    TEXT = "text"
    TYPE = "type"
    ABSENT = "absent"

    @property
    def is_breaking(self) -> bool:
        """Whether a client refuses such an answer, or lacks what it used to find in it."""
        return self in (Sort.TYPE, Sort.ABSENT)


class Hit(NamedTuple):
    """One unknown place in one body, without its value.

    Attributes:
        sort: The sort of content.
        at: Where, as ``$._embedded.adressen[].straat``.
        name: Of the unknown field or link there, as it came: it may be a value in disguise.
        detail: The expected and the received kind of value.
        mark: A fingerprint that distinguishes values without showing them.
    """

    sort: Sort
    at: str
    name: str = ""
    detail: str = ""
    mark: int = 0


Check = Callable[[Any, str, list[Hit]], None]
"""A callable that compares a value other than null at a path, and adds findings."""


class Walker:
    """Makes the checks of one API's bodies.

    Args:
        wire: The rules of the API.
        relations: From a model to the links that its records are known to have.
    """

    def __init__(self, wire: Wire, relations: Callable[[type[Model]], frozenset[str]]) -> None:
        self._wire = wire
        self._relations = relations
        self._models: dict[type[Model], Check] = {}

    def record(self, model: type[Model]) -> Check:
        """Make the check for a body that is one record."""
        one = self._model(model)

        def check(body: Any, at: str, hits: list[Hit]) -> None:
            if isinstance(body, dict):
                one(body, at, hits)
            else:
                hits.append(_mistyped("an object", body, at))

        return check

    def collection(self, model: type[Model], rel: str) -> Check:
        """Make the check for a body whose relation ``rel`` holds the records."""
        inside = {rel: _each(_row(self._model(model)), rel)}
        checks = {"_embedded": _embedded(inside), "_links": _links(frozenset({"self"}), {})}

        def check(body: Any, at: str, hits: list[Hit]) -> None:
            if not isinstance(body, dict):
                hits.append(_mistyped("an object", body, at))
                return
            try:
                hal.relation(body, rel)
            except hal.HalError:
                embedded = body.get("_embedded")
                found = embedded.get(rel) if isinstance(embedded, dict) else embedded
                hits.append(_mistyped("a list", found, f"{at}._embedded.{rel}"))
                return
            _walk(body, checks, at, hits)

        return check

    def list(self, model: type[Model]) -> Check:
        """Make the check for a body that is a list of records; null counts as empty."""
        rows = _each(_row(self._model(model)))

        def check(body: Any, at: str, hits: list[Hit]) -> None:
            if isinstance(body, list):
                rows(body, at, hits)
            elif body is not None:
                hits.append(_mistyped("a list", body, at))

        return check

    def _model(self, model: type[Model]) -> Check:
        if model not in self._models:
            # Classes may refer to one another: until it is there, it is looked up when called.
            self._models[model] = lambda *given: self._models[model](*given)  # noqa: PLW0108 - late
            self._models[model] = self._compile(model)
        return self._models[model]

    def _compile(self, model: type[Model]) -> Check:
        fields = self._wire.fields(model)
        named = by_key(fields)
        inside = {key: self._attribute(field) for key, field in named.items()}
        # Anything else in there may be a second value of an attribute, and stays in extra.
        related = {key: check for key, check in inside.items() if named[key].is_relation}
        checks = {"_embedded": _embedded(related)} | inside
        if issubclass(model, Resource):
            checks["_links"] = _links(self._relations(model), related)
        required = tuple(field.key for field in fields if field.is_required)

        def check(value: Any, at: str, hits: list[Hit]) -> None:
            try:
                record = as_object(value)
            except WireFault as fault:
                hits.append(Hit(Sort.TYPE, at, detail=str(fault)))
                return
            if record is not None:
                missing = (key for key in required if record.get(key) is None)
                hits.extend(Hit(Sort.ABSENT, f"{at}.{key}") for key in missing)
                _walk(record, checks, at, hits)

        return check

    def _attribute(self, field: Field) -> Check:
        if isinstance(field.item, type) and issubclass(field.item, Model):
            one = self._model(field.item)
            if field.is_many:
                return _each(one, field.key)
            is_known_by_id = any(each.is_id for each in self._wire.fields(field.item))
            return _related(one, field.key, may_be_empty=not is_known_by_id)
        if field.choices is not None:
            one = _choice(field.choices)
            return _listed(one, field.key) if field.is_many else _below(one, field.key)
        return _scalar(field)


def _walk(record: dict[str, Any], checks: Mapping[str, Check], at: str, hits: list[Hit]) -> None:
    for key, value in record.items():
        check = checks.get(key) or checks.get(key.strip())
        if check is None:
            hits.append(Hit(Sort.FIELD, at, key))
        elif value is not None:
            check(value, at, hits)


def _embedded(inside: Mapping[str, Check]) -> Check:
    def check(value: Any, at: str, hits: list[Hit]) -> None:
        where = f"{at}._embedded"
        if isinstance(value, dict):
            _walk(value, inside, where, hits)
        elif value:  # PHP's empty map is an empty list
            hits.append(_mistyped("an object", value, where))

    return check


def _links(known: frozenset[str], inside: Mapping[str, Check]) -> Check:
    embedded = _embedded(inside)

    def check(value: Any, at: str, hits: list[Hit]) -> None:
        where = f"{at}._links"
        if not isinstance(value, dict):
            if value:
                hits.append(_mistyped("an object", value, where))
            return
        for relation, link in value.items():
            if relation == "_embedded" and isinstance(link, dict) and "href" not in link:
                embedded(link, where, hits)  # seen on the wire
            elif relation not in known:
                hits.append(Hit(Sort.LINK, where, relation))
            elif not isinstance(link, dict):
                if link is not None:
                    hits.append(_mistyped("an object", link, f"{where}.{relation}"))
            else:
                if not isinstance(link.get("href"), str):
                    hits.append(_mistyped("a text", link.get("href"), f"{where}.{relation}.href"))
                hits.extend(
                    Hit(Sort.FIELD, f"{where}.{relation}", key) for key in link.keys() - _LINK_KEYS
                )

    return check


def _below(one: Check, key: str) -> Check:
    step = f".{key}"
    return lambda value, at, hits: one(value, at + step, hits)


def _related(one: Check, key: str, *, may_be_empty: bool) -> Check:
    """Make the check for a nested record, which PHP may have made a list of one."""
    step = f".{key}"

    def check(value: Any, at: str, hits: list[Hit]) -> None:
        found = value if may_be_empty and not value else items(value)
        if found != []:
            one(found, at + step, hits)

    return check


def _each(one: Check, key: str = "") -> Check:
    """Make the check for a list of records; a single record is a finding."""
    step = f".{key}[]" if key else "[]"

    def check(value: Any, at: str, hits: list[Hit]) -> None:
        where = at + step
        found = items(value)
        for item in found if isinstance(found, list) else (found,):
            if item is not None:
                one(item, where, hits)

    return check


def _listed(one: Check, key: str) -> Check:
    """Make the check for a list of scalar values."""
    each = _each(one, key)

    def check(value: Any, at: str, hits: list[Hit]) -> None:
        found = items(value)
        if isinstance(found, list):
            each(found, at, hits)
        else:
            hits.append(_mistyped("a list", value, f"{at}.{key}"))

    return check


def _row(one: Check) -> Check:
    """Make the check for a row of a collection; PHP's empty map is a finding."""

    def check(value: Any, at: str, hits: list[Hit]) -> None:
        if value == []:
            hits.append(_mistyped("an object", value, at))
        else:
            one(value, at, hits)

    return check


def _choice(choices: EnumType) -> Check:
    known = frozenset(member.value for member in list[Enum](choices))

    def check(value: Any, at: str, hits: list[Hit]) -> None:
        if isinstance(value, dict | list):
            hits.append(_mistyped("a text", value, at))
        elif value not in known:
            hits.append(Hit(Sort.ENUM, at, mark=hash(value)))

    return check


def _scalar(field: Field) -> Check:
    # An id may be too great for what it is: the hook tells.
    hook, usual = field.hook, None if field.is_id else field.item
    step = f".{field.key}"
    if field.is_many:
        return _listed(_hooked(lambda value: hook([value])), field.key)
    one = _hooked(hook)

    def check(value: Any, at: str, hits: list[Hit]) -> None:
        if value.__class__ is not usual:
            one(value, at + step, hits)

    return check


def _hooked(hook: Callable[[Any], Any]) -> Check:
    """Make the check that applies the wire rules themselves."""

    def check(value: Any, at: str, hits: list[Hit]) -> None:
        try:
            hook(value)
        except WireFault as fault:
            hits.append(Hit(Sort.TYPE, at, detail=str(fault)))

    return check


def _mistyped(expected: str, value: Any, at: str) -> Hit:
    return Hit(Sort.TYPE, at, detail=str(WireFault(expected, value)))


_LINK_KEYS = frozenset(attribute.name for attribute in attrs.fields(Link))
