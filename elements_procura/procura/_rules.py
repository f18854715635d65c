"""Conditions between the fields of Procura's bodies. Pure.

The server answers 500 to many mistakes that are the caller's, and silently drops values that it
does not accept; so the known conditions are checked here. Faults name the place and describe valid
values, never the given one: bodies hold citizen numbers and names. A condition is only looked at
when the fields of its body are right by themselves.
"""

import enum
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from elements_procura.errors import BodyFault
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
from elements_procura.procura.models.dossiers import DossierSearchBody, PagingBody
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
from elements_procura.schema.body import Condition
from elements_procura.schema.model import Body
from elements_procura.schema.sealed import Json

Faults = Iterator[BodyFault]
MAX_PREFERENCES = 2
SEARCHABLE = tuple(
    state for state in DossierState if state not in (DossierState.DELETED, DossierState.UNKNOWN)
)


def _new_address(body: Json) -> Faults:
    if body["liveIn"]["liveInApplicable"] and "mainOccupant" not in body:
        yield BodyFault(".mainOccupant", "is missing; it is needed when somebody moves in")


def _named(body: Json) -> Faults:
    if not body.get("name") and not body.get("aliases"):
        yield BodyFault(".name", "is missing, and so are aliases; one of them is needed")


def _officials(body: Json) -> Faults:
    if len(body.get("preferences", ())) > MAX_PREFERENCES:
        yield BodyFault(".preferences", f"may hold {MAX_PREFERENCES} at most")


def _witness(body: Json) -> Faults:
    if "bsn" not in body:
        for key in ("firstname", "lastname", "birthdate"):
            value = body.get(key)
            if not value or (isinstance(value, str) and not value.strip()):
                yield BodyFault(f".{key}", "is missing; it is needed when bsn is")


def _witnesses(body: Json) -> Faults:
    if body["numberOfMunicipalWitnesses"] < 0:
        yield BodyFault(".numberOfMunicipalWitnesses", "must be 0 or more")


def _death(body: Json) -> Faults:
    if body["correspondence"].get("communicationType") == Communication.EMAIL:
        for number, extract in enumerate(body["extracts"]):
            if extract.get("amount") != 1:
                yield BodyFault(f".extracts[{number}].amount", "must be 1 when sent by email")


def _dossier_search(body: Json) -> Faults:
    if len(body.get("bsns", ("",))) != 1:
        yield BodyFault(".bsns", "must hold exactly one: the server searches by one person")
    yield from _codes(".types", body.get("types", ()), tuple(DossierType))
    yield from _codes(".statusses", body.get("statusses", ()), SEARCHABLE)


def _paging(body: Json) -> Faults:
    if body["pageNumber"] != 0:
        yield BodyFault(".pageNumber", "must be 0: the server has no other page")
    if body["pageSize"] < 1:
        yield BodyFault(".pageSize", "must be 1 or more")


def _task_search(body: Json) -> Faults:
    known: dict[str, tuple[enum.StrEnum, ...]] = {
        "types": tuple(TaskType),
        "statusses": tuple(TaskState),
    }
    for key, choices in known.items():
        yield from _codes(f".{key}", [item["code"] for item in body.get(key, ())], choices)


def _codes(path: str, given: Iterable[str], known: tuple[enum.StrEnum, ...]) -> Faults:
    for number, code in enumerate(given):
        if code not in known:
            yield BodyFault(f"{path}[{number}]", f"must be one of {', '.join(known)}")


def _data_import(body: Json) -> Faults:
    columns = list(body["records"][0]["values"])
    for number, record in enumerate(body["records"]):
        if list(record["values"]) != columns:
            others = "order" if set(record["values"]) == set(columns) else "columns"
            yield BodyFault(
                f".records[{number}].values",
                f"must have the first record's columns in its order, has other {others}: "
                "the server goes by position",
            )


RULES: Final[Mapping[type[Body], Condition]] = {
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


def _dropped_of_address(body: Json) -> Iterator[str]:
    live_in = body["liveIn"]
    if live_in["liveInApplicable"]:
        return
    if "mainOccupant" in body:
        yield ".mainOccupant"
    if live_in.get("consent", Consent.NOT_APPLICABLE) != Consent.NOT_APPLICABLE:
        yield ".liveIn.consent"
    if "consenter" in live_in:
        yield ".liveIn.consenter"


def _dropped_name(body: Json) -> Iterator[str]:
    if not body.get("lastname", "").strip():
        yield ""


DROPPED: Final[Mapping[type[Body], Callable[[Json], Iterator[str]]]] = {
    NewAddressBody: _dropped_of_address,
    NameAfterCommitmentBody: _dropped_name,
}
"""By class, the paths of the fields that the server takes and throws away without a word."""
