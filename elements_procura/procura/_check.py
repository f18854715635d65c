"""What has to hold of a body before it is sent. Pure.

The server answers 500 to many mistakes that are the caller's, and silently drops what it does not
like; so what is known about it is looked at here. Faults tell the place and what would be right,
never the value: bodies hold citizen numbers and names.
"""

import datetime as dt
import enum
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import attrs

from elements_procura.errors import BodyFault
from elements_procura.procura._bsn import WRONG, normalised
from elements_procura.procura.models.brp_date import BrpDate
from elements_procura.procura.models.commitments import (
    LocationOptionBody,
    NameAfterCommitmentBody,
    OfficialBody,
    OfficialsBody,
    WitnessBody,
    WitnessesBody,
)
from elements_procura.procura.models.dataimport import DataImportBody
from elements_procura.procura.models.deaths import DeathInMunicipalityBody, DiscoveredBodyBody
from elements_procura.procura.models.dossiers import (
    DateTimePeriod,
    DossierSearchBody,
    PagingBody,
)
from elements_procura.procura.models.enums import (
    Communication,
    Consent,
    DossierState,
    DossierType,
    TaskState,
    TaskType,
)
from elements_procura.procura.models.relocations import NewAddressBody
from elements_procura.procura.models.tasks import TaskSearchBody
from elements_procura.redact import safe_key
from elements_procura.schema.calendar import day_in, day_of, local_time
from elements_procura.schema.model import BodyModel
from elements_procura.schema.structure import camel

B = TypeVar("B", bound=BodyModel)
Faults = Iterator[BodyFault]
MAX_PREFERENCES = 2
SEARCHABLE = tuple(
    state for state in DossierState if state not in (DossierState.DELETED, DossierState.UNKNOWN)
)


def checked(body: B) -> B | tuple[BodyFault, ...]:
    """``body`` with its citizen numbers padded, or everything that is wrong with it."""
    faults: list[BodyFault] = []
    clean = _body(body, "$", faults)
    return tuple(faults) or clean


def in_texts(data: Mapping[str, Any], kind: type[BodyModel]) -> dict[str, Any]:
    """A body as JSON has it: days and times of Python's, in the places of such, as texts."""
    texts = dict(data)
    for spec in _specs(kind):
        if spec.key in texts:
            held = texts[spec.key]
            is_list = isinstance(held, tuple | list)
            items = [_in_text(item, spec) for item in (held if is_list else [held])]
            texts[spec.key] = items if is_list else items[0]
    return texts


def _in_text(value: Any, spec: "_Spec") -> Any:
    if isinstance(value, Mapping) and isinstance(spec.item, type):
        return in_texts(value, spec.item) if issubclass(spec.item, BodyModel) else value
    if isinstance(value, str):
        return day_in(value) if spec.item is dt.date else value
    if isinstance(value, dt.datetime) and not spec.takes_zones:
        value = _as_documented(value, spec.item)
        return value if spec.item is dt.date and isinstance(value, dt.datetime) else _str_of(value)
    return _str_of(value)


def _str_of(value: Any) -> Any:
    """A day or a time as a text; anything else as it is."""
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


def dropped(body: BodyModel, path: str = "$") -> Iterator[str]:
    """What the server takes of ``body`` and throws away without a word, by its path."""
    if isinstance(body, NewAddressBody) and not body.live_in.live_in_applicable:
        if body.main_occupant is not None:
            yield f"{path}.mainOccupant"
        if body.live_in.consent not in (None, Consent.NOT_APPLICABLE):
            yield f"{path}.liveIn.consent"
        if body.live_in.consenter is not None:
            yield f"{path}.liveIn.consenter"
    if isinstance(body, NameAfterCommitmentBody) and not (body.lastname or "").strip():
        yield path
    for spec in _specs(type(body)):
        value = getattr(body, spec.name)
        if isinstance(value, BodyModel):
            yield from dropped(value, f"{path}.{spec.key}")


@attrs.frozen
class _Spec:
    name: str
    key: str
    item: Any
    is_many: bool
    is_required: bool
    takes_zones: bool = False


def _specs(kind: type[BodyModel]) -> tuple[_Spec, ...]:
    if kind not in _KNOWN:
        hints = typing.get_type_hints(kind)
        _KNOWN[kind] = tuple(
            attrs.evolve(
                _spec(attribute.name, hints[attribute.name]), takes_zones=kind is DateTimePeriod
            )
            for attribute in attrs.fields(kind)
            if attribute.name != "extra"
        )
    return _KNOWN[kind]


_KNOWN: dict[type, tuple[_Spec, ...]] = {}


def _spec(name: str, hint: Any) -> _Spec:
    is_union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    args = typing.get_args(hint) if is_union else (hint,)
    given = [arg for arg in args if arg is not types.NoneType]
    # Of an enum and text, the enum tells what is right.
    item = next((arg for arg in given if isinstance(arg, enum.EnumType)), given[0])
    is_many = typing.get_origin(item) is tuple
    return _Spec(
        name=name,
        key=camel(name),
        item=typing.get_args(item)[0] if is_many else item,
        is_many=is_many,
        is_required=types.NoneType not in args,
    )


def _body(body: B, path: str, faults: list[BodyFault]) -> B:
    changes = {}
    before = len(faults)
    kind: type[BodyModel] = type(body)
    for spec in _specs(kind):
        value = getattr(body, spec.name)
        where = f"{path}.{spec.key}"
        if value is None:
            if spec.is_required:
                faults.append(BodyFault(where, "is missing"))
        elif not spec.is_many:
            changes[spec.name] = _value(value, spec, where, faults)
        elif not isinstance(value, tuple | list):
            faults.append(BodyFault(where, "must be a list"))
        else:
            if not value and spec.is_required and spec.name not in _MAY_BE_EMPTY:
                faults.append(BodyFault(where, "must not be empty"))
            changes[spec.name] = tuple(
                _value(item, spec, f"{where}[{number}]", faults)
                for number, item in enumerate(value)
            )
    faults += [
        BodyFault(f"{path}.{safe_key(str(key))}", "is no field of this body") for key in body.extra
    ]
    rule = _RULES.get(kind)
    if rule is not None and len(faults) == before:  # a rule may rely on what it finds
        faults += [BodyFault(f"{path}{fault.path}", fault.message) for fault in rule(body)]
    return attrs.evolve(body, **changes)


_MAY_BE_EMPTY = ("extracts",)


def _value(value: Any, spec: _Spec, where: str, faults: list[BodyFault]) -> Any:
    if spec.name in ("bsn", "bsns"):
        found = normalised(value) if isinstance(value, str | int) else None
        if found is None:
            faults.append(BodyFault(where, WRONG))
        return found
    if isinstance(spec.item, type) and issubclass(spec.item, BodyModel):
        if isinstance(value, spec.item):
            return _body(value, where, faults)
        faults.append(BodyFault(where, f"must be a {spec.item.__name__}"))
        return value
    if isinstance(value, dt.datetime) and not spec.takes_zones:
        value = _as_documented(value, spec.item)
    wrong = _wrong(value, spec)
    if wrong:
        faults.append(BodyFault(where, wrong))
    return value


def _as_documented(value: dt.datetime, item: Any) -> dt.date:
    """A day, or a time on the server's wall; what can mean two of them stays as it is."""
    found = day_of(value) if item is dt.date else local_time(value)
    return value if found is None else found


def _wrong(value: Any, spec: _Spec) -> str:
    if isinstance(spec.item, type) and issubclass(spec.item, enum.StrEnum):
        known = list(spec.item)
        return "" if value in known else f"must be one of {', '.join(known)}"
    if spec.takes_zones and isinstance(value, dt.datetime):
        return ""  # the server drops it, and so do we
    right, fits = _KINDS[spec.item]
    if not fits(value):
        return f"must be {right}"
    if spec.item is str and spec.is_required and not value.strip():
        return "must not be empty"
    return ""


_KINDS: dict[Any, tuple[str, Callable[[Any], bool]]] = {
    str: ("a text", lambda value: isinstance(value, str)),
    bool: ("true or false", lambda value: isinstance(value, bool)),
    int: (
        "a whole number",
        lambda value: isinstance(value, int) and not isinstance(value, bool),
    ),
    dt.date: (
        "a date; a time with it must be on one day in the Netherlands",
        lambda value: isinstance(value, dt.date) and not isinstance(value, dt.datetime),
    ),
    dt.datetime: (
        "a date with a time in the server's local time",
        lambda value: isinstance(value, dt.datetime) and value.tzinfo is None,
    ),
    dt.time: ("a time of day", lambda value: isinstance(value, dt.time)),
    BrpDate: (
        "a BrpDate: yyyymmdd, with 00 for what is not known",
        lambda value: isinstance(value, BrpDate) and value.is_valid,
    ),
    dict[str, str]: (
        "texts by column, at least one",
        lambda value: (
            isinstance(value, dict)
            and bool(value)
            and all(isinstance(text, str) for pair in value.items() for text in pair)
        ),
    ),
}


def _new_address(body: NewAddressBody) -> Faults:
    live_in = body.live_in
    if live_in.live_in_applicable:
        if body.main_occupant is None:
            yield BodyFault(".mainOccupant", "is missing; it is needed when somebody moves in")
        return


def _named(body: LocationOptionBody | OfficialBody) -> Faults:
    if not body.name and not body.aliases:
        yield BodyFault(".name", "is missing, and so are aliases; one of them is needed")


def _officials(body: OfficialsBody) -> Faults:
    if len(body.preferences or ()) > MAX_PREFERENCES:
        yield BodyFault(".preferences", f"may hold {MAX_PREFERENCES} at most")


def _witness(body: WitnessBody) -> Faults:
    if body.bsn is None:
        for key, value in (
            ("firstname", body.firstname),
            ("lastname", body.lastname),
            ("birthdate", body.birthdate),
        ):
            if not value or (isinstance(value, str) and not value.strip()):
                yield BodyFault(f".{key}", "is missing; it is needed when bsn is")


def _witnesses(body: WitnessesBody) -> Faults:
    if body.number_of_municipal_witnesses < 0:
        yield BodyFault(".numberOfMunicipalWitnesses", "must be 0 or more")


def _death(body: DeathInMunicipalityBody | DiscoveredBodyBody) -> Faults:
    if body.correspondence.communication_type == Communication.EMAIL:
        for number, extract in enumerate(body.extracts):
            if extract.amount != 1:
                yield BodyFault(f".extracts[{number}].amount", "must be 1 when sent by email")


def _dossier_search(body: DossierSearchBody) -> Faults:
    if body.bsns is not None and len(body.bsns) != 1:
        yield BodyFault(".bsns", "must hold exactly one: the server searches by one person")
    yield from _codes(".types", body.types or (), tuple(DossierType))
    yield from _codes(".statusses", body.statusses or (), SEARCHABLE)


def _paging(body: PagingBody) -> Faults:
    if body.page_number != 0:
        yield BodyFault(".pageNumber", "must be 0: the server has no other page")
    if body.page_size < 1:
        yield BodyFault(".pageSize", "must be 1 or more")


def _task_search(body: TaskSearchBody) -> Faults:
    for key, given, known in (
        ("types", body.types, TaskType),
        ("statusses", body.statusses, TaskState),
    ):
        yield from _codes(f".{key}", [item.code for item in given or ()], tuple(known))


def _codes(path: str, given: typing.Iterable[str], known: tuple[enum.StrEnum, ...]) -> Faults:
    for number, code in enumerate(given):
        if code not in known:
            yield BodyFault(f"{path}[{number}]", f"must be one of {', '.join(known)}")


def _data_import(body: DataImportBody) -> Faults:
    columns = list(body.records[0].values)
    for number, record in enumerate(body.records):
        if list(record.values) != columns:
            others = "order" if set(record.values) == set(columns) else "columns"
            yield BodyFault(
                f".records[{number}].values",
                f"must have the first record's columns in its order, has other {others}: "
                "the server goes by position",
            )


_RULES: dict[type[BodyModel], Callable[[Any], Faults]] = {
    NewAddressBody: _new_address,
    LocationOptionBody: _named,
    OfficialBody: _named,
    OfficialsBody: _officials,
    WitnessBody: _witness,
    WitnessesBody: _witnesses,
    DeathInMunicipalityBody: _death,
    DiscoveredBodyBody: _death,
    DossierSearchBody: _dossier_search,
    PagingBody: _paging,
    TaskSearchBody: _task_search,
    DataImportBody: _data_import,
}
