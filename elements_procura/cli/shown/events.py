"""A harvest as NDJSON: one JSON object a line, for other programs.

It has a file of its own (``--events FILE``) rather than the place of the talk on stderr, where
warnings and errors stand between the lines; so it goes with a bar, with lines and with nothing. A
named pipe or ``/dev/fd/3`` will do as well, and ``-`` is stdout.

Every object has ``v`` (1), ``event`` and ``at`` (UTC). Events are ``started``, ``listed``,
``doubted``, ``interrupted`` and ``resumed`` (the server is away, and back), ``concerns`` (the list
of them has changed), ``refreshing``, ``plan`` (anew every minute), ``stored``, ``gone``,
``quarantined``, ``settled`` (of a dossier), ``progress`` (every 30 s), and in the end ``finished``
or ``failed``. Nothing personal is in them: ids, kinds, counts, codes. Reading slowly holds nothing
up: what does not fit any more is left out, and counted in an event ``lost``. A line is written
whole or, when nobody reads any more, not at all.
"""

import contextlib
import datetime as dt
import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import attrs

from elements_procura.disk.errors import disk_errors, is_there
from elements_procura.disk.lines import append_line
from elements_procura.errors import ElementsProcuraError
from elements_procura.fleet.tracker import Facts
from elements_procura.harvest import (
    Event,
    HarvestFinished,
    HarvestInterrupted,
    HarvestStarted,
    Progress,
)
from elements_procura.harvest.policy.plan import Plan, Range

VERSION = 1
_AHEAD = 10_000  # lines that wait for a slow reader
_LAST_SECONDS = 5.0  # for the last lines, before the program ends without them


class EventLog:
    """Writes objects to a file, a pipe or stdout, in a thread of its own.

    Args:
        descriptor: Where to; closed by :meth:`close` unless it is stdout's.
        name: Its name in errors.
        tell: Prints a line for people.
        is_stdout: Whether it is stdout's, whose earlier content is never read.
    """

    def __init__(
        self,
        descriptor: int,
        name: str,
        tell: Callable[[str], None],
        *,
        is_stdout: bool = False,
    ) -> None:
        self._descriptor = descriptor
        self._is_stdout = is_stdout
        self._name = name
        self._tell = tell
        self._lines: queue.Queue[bytes | None] = queue.Queue(_AHEAD)
        self._lost = 0
        self._last: dict[str, Any] = {}
        self._thread = threading.Thread(
            target=self._run, name="elements-procura-events", daemon=True
        )
        self._thread.start()

    @classmethod
    def open(cls, path: Path, tell: Callable[[str], None]) -> "EventLog":
        """Append to a file, which is made readable by its owner alone; ``-`` is stdout.

        Raises:
            StoreError: It cannot be written.
        """
        if str(path) == "-":
            return cls(sys.stdout.fileno(), "stdout", tell, is_stdout=True)
        with disk_errors(f"{path} cannot be written", path, hint="Choose another --events"):
            descriptor = _opened(path)
        return cls(descriptor, str(path), tell)

    def write(self, data: dict[str, Any]) -> None:
        """Write an object as soon as may be."""
        self._last = data
        with contextlib.suppress(queue.Full):
            if self._lost:
                self._lines.put_nowait(self._told_lost())
                self._lost = 0
            self._lines.put_nowait(_line(data))
            return
        self._lost += 1

    def close(self) -> None:
        """Write the rest and close, without waiting for a reader that has stopped reading."""
        with contextlib.suppress(queue.Full):
            if self._lost:
                self._lines.put(self._told_lost(), timeout=_LAST_SECONDS)
            self._lines.put(None, timeout=_LAST_SECONDS)
        self._thread.join(_LAST_SECONDS)
        if not self._thread.is_alive() and not self._is_stdout:
            os.close(self._descriptor)

    def _told_lost(self) -> bytes:
        return _line({"v": VERSION, "event": "lost", "at": self._last["at"], "count": self._lost})

    def _run(self) -> None:
        while (line := self._lines.get()) is not None:
            try:
                if self._is_stdout:
                    while line:
                        line = line[os.write(self._descriptor, line) :]
                else:
                    append_line(self._descriptor, line)
            except OSError as error:
                self._tell(f"events   end: {self._name} cannot be written: {error.strerror}")
                break
        else:
            return
        while self._lines.get() is not None:
            pass  # nobody reads any more: what comes now is not lost, it is not wanted


_NAMES: Final = {
    "AnswerStored": "stored",
    "Concerns": "concerns",
    "DossierSettled": "settled",
    "DossiersListed": "listed",
    "HarvestFinished": "finished",
    "HarvestInterrupted": "interrupted",
    "HarvestResumed": "resumed",
    "HarvestStarted": "started",
    "ListingDoubted": "doubted",
    "ListingIncomplete": "putaside",
    "QuotaShort": "quotashort",
    "QuotaWait": "waiting",
    "RefreshStarted": "refreshing",
    "ResourceGone": "gone",
    "ResourceQuarantined": "quarantined",
    "Sleep": "sleeping",
}
"""The events' names for other programs, which stay the same."""


class EventWriter:
    """Turns the events of a run into objects.

    Args:
        log: Writes them.
    """

    def __init__(self, log: EventLog) -> None:
        self._log = log

    def event(self, event: Event, *, now: float) -> None:
        """Write an event of the run."""
        name = _NAMES[type(event).__name__]
        if isinstance(event, HarvestStarted):
            data: dict[str, Any] = {"resumed": event.resumed, **_stand(event.progress)}
        elif isinstance(event, HarvestFinished):
            data = {"complete": event.progress.complete, **_stand(event.progress)}
        else:
            data = attrs.asdict(event)
            if isinstance(event, HarvestInterrupted):
                data["since"] = _time(event.since)
        self._write(name, data, now=now)

    def failed(self, error: ElementsProcuraError, progress: Progress, *, now: float) -> None:
        """Write the last event of a run that ended with an error."""
        self._write("failed", {"code": error.code, **_stand(progress)}, now=now)

    def plan(self, plan: Plan, *, now: float) -> None:
        """Write the plan."""
        self._write("plan", plan_data(plan), now=now)

    def progress(self, facts: Facts) -> None:
        """Write the progress of the run."""
        eta = facts.eta
        self._write(
            "progress",
            {
                **_stand(facts.progress),
                "elapsed": round(facts.elapsed, 3),
                "per_second": facts.speed and round(facts.speed.expected, 3),
                "seconds_left": eta and bounds(eta.seconds),
                "quota_ends": eta and _time(eta.quota_ends),
                "quota_resumes": eta and _time(eta.resumes),
                "last_answer_seconds": None if facts.age is None else round(facts.age, 3),
                "quota": [
                    {"used": each.used, "limit": each.rate.limit, "seconds": each.rate.seconds}
                    for each in facts.quota
                ],
            },
            now=facts.now,
        )

    def _write(self, event: str, data: dict[str, Any], *, now: float) -> None:
        self._log.write({"v": VERSION, "event": event, "at": _time(now), **data})


def _stand(progress: Progress) -> dict[str, Any]:
    """Where a harvest stands: its counts, and how its requests went."""
    return {**progress.counts(), "traffic": progress.traffic.to_json()}


def plan_data(plan: Plan) -> dict[str, Any]:
    """A plan; unlimited values are null."""
    return {
        "dossiers": plan.dossiers,
        "pilot": plan.pilot,
        "verified": plan.verified,
        "requests": bounds(plan.requests),
        "hours": bounds(plan.hours),
        "quota_days": bounds(plan.quota_days),
        "by_kind": {kind: bounds(each) for kind, each in plan.by_kind.items()},
    }


def bounds(found: Range) -> dict[str, float]:
    """An estimate and its bounds."""
    return {name: round(getattr(found, name), 3) for name in ("low", "expected", "high")}


def _opened(path: Path) -> int:
    """Open a file to append to, and to read whether its last line is complete."""
    how = os.O_CREAT | os.O_APPEND
    if not is_there(path) or path.is_file():
        with contextlib.suppress(PermissionError):  # it may be there to be written only
            return os.open(path, how | os.O_RDWR, 0o600)
    return os.open(path, how | os.O_WRONLY, 0o600)  # a named pipe waits for its reader


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data, separators=(",", ":")).encode() + b"\n"


def _time(when: float | None) -> str | None:
    if when is None:
        return None
    return dt.datetime.fromtimestamp(when, dt.UTC).isoformat(timespec="milliseconds")
