"""The two searches: cut at a size, without pages, and with the filters' peculiarities."""

import datetime as dt
from collections.abc import Iterable
from itertools import islice
from typing import Any, Final

from elements_procura.sandbox.procura.kinds import KINDS, OTHERS, concerns
from elements_procura.sandbox.procura.numbers import is_correct, padded
from elements_procura.sandbox.procura.problems import broken
from elements_procura.sandbox.procura.reading import Object
from elements_procura.sandbox.procura.world import Case, World

_PAGE_SIZE: Final = 10
_CODES: Final = {kind.code for kind in (*KINDS, *OTHERS)}
_RELOCATIONS: Final = {
    "intra_mun_relocation",
    "inter_mun_relocation",
    "emigration",
    "resettlement",
}
_STATES: Final = (
    "incomplete",
    "created",
    "processing",
    "on_hold",
    "processed",
    "cancelled",
    "refused",
)
_LODGING: Final = "relocation_lodging_consent"


def dossiers(world: World, request: Object) -> Object:
    """Answer ``POST dossiers/search``."""
    size = _size(request.get("paging", {"pageNumber": 0, "pageSize": _PAGE_SIZE}))
    wanted = _types(request.get("types"))
    states = _known(request.get("statusses"), _STATES)
    bsn = _one_bsn(request.get("bsns"))
    names = request.get("dossierIds")
    periods = _periods(request)
    found: list[Case] = []
    # One service after the other is asked until there are enough; only then it is sorted.
    for kind in (*KINDS, *OTHERS):
        if kind.code in wanted:
            fitting = (
                case
                for case in world.of_kind(kind)
                if _within(world, case, periods)
                and (states is None or case.status in states)
                and (names is None or not set(names).isdisjoint(case.names()))
            )
            found += islice(fitting, size - len(found))
    world.trouble.strike([(case.id, case.start) for case in found])
    if bsn is not None:
        found = [case for case in found if concerns(case.kind.code, case.body, bsn)]
    found.sort(key=lambda case: case.start)
    return _page([case.dossier() for case in found])


def tasks(world: World, request: Object) -> Object:
    """Answer ``POST tasks/search``."""
    bsns = [padded(bsn) for bsn in request.get("bsns", ())]
    paging = request.get("paging")
    if not bsns or (paging is not None and len(paging) < len(("pageNumber", "pageSize"))):
        raise broken(None)
    types = _codes(request.get("types"), (_LODGING,))
    states = _codes(request.get("statusses"), ("planned", "in_progress", "done"))
    found = []
    for case in world.seen():
        address = case.body.get("newAddress")
        if address is None or case.status not in ("incomplete", "on_hold"):
            continue
        occupant = address.get("mainOccupant", {}).get("bsn")
        people = (occupant, case.body["declarant"]["bsn"])
        pending = address["liveIn"]["consent"] == "PENDING"
        if pending and bsns[0] in people and occupant in bsns:
            dossier = case.dossier()
            found.append(
                {
                    "bsn": [occupant],
                    "dossierId": case.id,
                    "dossierType": dossier["type"],
                    "taskType": {
                        "code": _LODGING,
                        "description": "Lodging consent is required for this relocation",
                    },
                    "status": {"code": "planned", "description": "Planned"},
                }
            )
    return _page(found if _LODGING in types and "planned" in states else [])


def _page(rows: list[Any]) -> Object:
    return {
        "result": {
            "elements": len(rows),
            "totalElements": len(rows),
            "totalPages": 1,
            "pageNumber": 0,
            "pageSize": len(rows),
            "content": rows,
        }
    }


def _size(paging: Object) -> int:
    if paging["pageNumber"] < 0:
        raise broken("Page index must not be less than zero")
    size: int = paging["pageSize"]
    if size < 1:
        raise broken("Page size must not be less than one")
    return size


def _types(codes: list[str] | None) -> set[str]:
    if codes is None:
        return _CODES
    for code in codes:
        if code not in _CODES:
            raise broken(f"Unknown dossier type: {code}")
    wanted = set(codes)
    return wanted | _RELOCATIONS if wanted & _RELOCATIONS else wanted


def _known(codes: list[str] | None, known: Iterable[str]) -> set[str] | None:
    if codes is None:
        return None
    for code in codes:
        if code not in known:
            raise broken(f"Unknown status: {code}")
    return set(codes)


def _codes(items: list[Object] | None, known: tuple[str, ...]) -> set[str]:
    if not items:
        return set(known)
    return _known([item.get("code", "") for item in items], known) or set()


def _one_bsn(bsns: list[str] | None) -> str | None:
    if bsns is None:
        return None
    if len(bsns) != 1:
        raise broken("Only one BSN is supported, not multiple." if bsns else None)
    bsn = padded(bsns[0])
    if not is_correct(bsn):
        raise broken("Incorrecte BSN ingegeven.")
    return bsn


def _periods(request: Object) -> list[tuple[bool, dt.date, dt.date]]:
    """For each period whether it is of filing, and its days: the time of day is dropped."""
    found = []
    for key in ("entryDateTimePeriod", "startDatePeriod"):
        period = request.get(key, {})
        first, last = period.get("from", "0001-01-01"), period.get("to", "9999-12-31")
        days = dt.date.fromisoformat(first[:10]), dt.date.fromisoformat(last[:10])
        if period:
            found.append((key == "entryDateTimePeriod", *days))
    return found


def _within(world: World, case: Case, periods: list[tuple[bool, dt.date, dt.date]]) -> bool:
    return all(
        world.trouble.is_within(case.id, "entry_date", case.entered.date(), (first, last))
        if of_filing
        else world.trouble.is_within(case.id, "start_date", case.start, (first, last))
        for of_filing, first, last in periods
    )
