"""The figures of a report, as JSON."""

import datetime as dt
import platform
import re
import sqlite3
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from elements_procura._version import __version__
from elements_procura.disk.errors import is_there
from elements_procura.harvest.address import Where
from elements_procura.harvest.drift import Report
from elements_procura.harvest.drift.report import iso
from elements_procura.harvest.policy.refresh import DAY, Staleness, staleness
from elements_procura.harvest.snapshot import StorageSnapshot
from elements_procura.harvest.store import snapshot
from elements_procura.scheduler import SqliteLedger

STALE_DAYS = (1, 2, 4, 7, 14, 30, 90)
"""Upper bounds of the bars that dossiers are counted in by how long ago they were fetched."""
_FORMAT = 1
_OF_PROGRESS = ("concerns", "complete", "requests", "requests_saved", "saved", "traffic")
_CODE = re.compile(r"[a-z]+(?:[.-][a-z]+)*")


def figures(
    stores: Mapping[str, Where],
    *,
    ledger: Path | None,
    now: float,
    ledgers: Mapping[str, Path | None] = MappingProxyType({}),
) -> dict[str, Any]:
    """Collect the figures of some stores, each at one moment, also while a harvest writes it.

    Args:
        stores: Paths or URLs by the name of their API; of tenants, by ``TENANT/API``.
        ledger: The file that counts requests; it need not be there.
        ledgers: As ``ledger``, of stores that have one of their own, by the same names.
        now: Seconds since the epoch.

    Raises:
        StoreError: One is not a store, or a file cannot be read.
    """
    return {
        "format": _FORMAT,
        "made": iso(now),
        "versions": {
            "elements-procura": __version__,
            "python": platform.python_version(),
            "sqlite": sqlite3.sqlite_version,
        },
        "quota": _quota(ledger, now=now),
        "apis": {
            name: {**_store(where, now=now), "quota": _quota(ledgers.get(name), now=now)}
            for name, where in stores.items()
        },
    }


def _store(where: Where, *, now: float) -> dict[str, Any]:
    with snapshot(where) as moment:
        reader = moment.reader
        progress = reader.progress()
        whole = progress.to_json()
        drift = Report()
        api = reader.api
        for document in reader.documents():
            drift.add(document.kind, document.body, api=api, since=document.since)
        newest = moment.newest()
        return {
            "store": reader.name,
            "tenant": reader.tenant,
            "host": reader.host,
            "schema_version": reader.schema_version,
            "newest_answer": None if newest is None else iso(newest),
            "dossiers": {
                "all": progress.dossiers,
                "states": dict(sorted(Counter(reader.states().values()).items())),
                "refreshing": progress.refreshing,
                "unlisted": progress.unlisted,
                "doubted": progress.doubted,
                "deleted": dict(sorted(Counter(reader.deleted().values()).items())),
            },
            "progress": progress.counts(),
            **{name: whole[name] for name in _OF_PROGRESS},
            "resources": {"stored": progress.resources, "queued": progress.queued},
            "over_time": [
                {"start": iso(each.start), "seconds": each.seconds, **each.traffic.to_json()}
                for each in reader.traffic()
            ],
            "stale": _stale(moment, now=now),
            "kinds": _kinds(moment),
            "quarantine": [
                {"dossier": dossier, "kind": kind, "code": _code(error)}
                for dossier, kind, error in reader.quarantined()
            ],
            "drift": {
                "bodies": drift.bodies.total(),
                "unmodelled": drift.unmodelled.total(),
                "binary": drift.binary.total(),
                "findings": [finding.to_json() for finding in drift.findings()],
            },
        }


def _stale(moment: StorageSnapshot, *, now: float) -> dict[str, Any]:
    ages = [max(now - when, 0.0) for when in moment.fetched()]
    stale = staleness(ages)
    of_parts = moment.reader.staleness_of_parts(now=now)
    bars = Counter(bisect_left(STALE_DAYS, age / DAY) for age in ages)
    return {
        **_stale_days(stale),
        "parts": {part: _stale_days(each) for part, each in of_parts.items()},
        "histogram": [
            {"most_days": days, "dossiers": bars[number]}
            for number, days in enumerate((*STALE_DAYS, None))
        ],
    }


def _stale_days(stale: Staleness) -> dict[str, float]:
    return {
        "median_days": round(stale.median / DAY, 3),
        "p95_days": round(stale.p95 / DAY, 3),
        "oldest_days": round(stale.oldest / DAY, 3),
    }


def _kinds(moment: StorageSnapshot) -> list[dict[str, Any]]:
    sizes = moment.sizes()
    states: dict[str, Counter[str]] = {}
    for each in moment.reader.tally():
        states.setdefault(each.kind, Counter())[each.state] += each.count
    return [
        {
            "kind": kind,
            "bytes": sizes.get(kind, 0),
            **{name: states[kind][name] for name in ("stored", "queued", "gone", "quarantined")},
        }
        for kind in sorted(states)
    ]


def _quota(ledger: Path | None, *, now: float) -> dict[str, Any] | None:
    if ledger is None or not is_there(ledger):
        return None
    windows = SqliteLedger.used(ledger, now=now)
    days: dict[str, Counter[str]] = {}
    # The longest window holds every request once.
    longest = max(counts, default=0.0) if (counts := SqliteLedger.counted(ledger)) else 0.0
    for count in counts.get(longest, ()):
        day = f"{dt.datetime.fromtimestamp(count.start, dt.UTC):%Y-%m-%d}"
        days.setdefault(day, Counter()).update(requests=count.total, by_harvests=count.bulk)
    return {
        "windows": [
            {"seconds": seconds, "used": count.total, "used_by_harvests": count.bulk}
            for seconds, count in sorted(windows.items())
        ],
        "days": [{"day": day, **found} for day, found in sorted(days.items())],
    }


def _code(error: str) -> str:
    """The code at the beginning of an error's text, without the details."""
    code = error.partition(":")[0]
    return code if _CODE.fullmatch(code) else "other"
