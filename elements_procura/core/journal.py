"""A record of every write and its outcome, to reconcile with after a crash.

A journal is called with a :class:`Write` before the request leaves and with another, of the same
id, when its outcome is known. What has no second entry was under way when the program ended.
"""

import asyncio
import hashlib
import inspect
import logging
import os
import uuid
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import attrs
import orjson

from elements_procura.core.http import Request
from elements_procura.core.judge import Answer, Judge
from elements_procura.disk.errors import disk_errors
from elements_procura.disk.lines import append_line
from elements_procura.disk.part_file import sync_folder
from elements_procura.errors import (
    AuthenticationError,
    DailyQuotaExceeded,
    NotSent,
    RateLimited,
)
from elements_procura.evidence import Verdict

__all__ = ["FileJournal"]

log: logging.Logger = logging.getLogger("elements_procura.core.journal")


class Outcome(StrEnum):
    """The outcome of a write."""

    SENDING = "sending"
    DONE = "done"
    REFUSED = "refused"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"


@attrs.frozen
class Write:
    """One entry of a journal.

    Attributes:
        id: The same for both entries of one write.
        at: Seconds since the epoch.
        outcome: ``sending`` before; afterwards the outcome.
        method: ``POST`` or ``PATCH``.
        template: The path with placeholders instead of ids.
        path: The path with its ids.
        digest: SHA-256 of the body, in hex; the body itself is personal data and not kept.
        status: HTTP status of the answer, if one came.
        location: What was made.
    """

    id: str
    at: float
    outcome: Outcome
    method: str
    template: str
    path: str
    digest: str
    status: int | None = None
    location: str | None = None


Journal = Callable[[Write], Awaitable[None] | None]
"""A callable that takes every entry. Raising before a write is sent keeps it from being sent."""


A = TypeVar("A", bound=Answer)


async def journaled(
    journal: Journal,
    request: Request,
    send: Callable[[], Awaitable[A]],
    *,
    judge: Judge,
    wall: Callable[[], float],
    may_have_left: Callable[[], bool],
) -> A:
    """Send ``request`` and enter it in ``journal``, before and after.

    Args:
        journal: Takes the entries.
        request: A write.
        send: Sends it.
        judge: What an answer proves.
        wall: Seconds since the epoch.
        may_have_left: Whether any attempt was made; asked when sending was cancelled.
    """
    write = Write(
        id=uuid.uuid4().hex,
        at=wall(),
        outcome=Outcome.SENDING,
        method=request.method,
        template=request.path.template,
        path=request.path.value,
        digest=hashlib.sha256(request.body or b"").hexdigest(),
    )
    await _tell(journal, write)
    outcome, status, location = Outcome.UNKNOWN, None, None
    try:
        answer = await send()
        status, location = answer.status, answer.headers.get("location")
        outcome = _OUTCOMES[judge(request, answer)]
    except (AuthenticationError, DailyQuotaExceeded, RateLimited):
        outcome = Outcome.REFUSED if may_have_left() else Outcome.NOT_SENT
        raise
    except NotSent:
        outcome = Outcome.NOT_SENT
        raise
    finally:
        if outcome is Outcome.UNKNOWN and not may_have_left():
            outcome = Outcome.NOT_SENT
        after = attrs.evolve(write, at=wall(), outcome=outcome, status=status, location=location)
        try:
            await _tell(journal, after)
        except Exception:
            # The write is done, or failed for a reason of its own: that is what has to be told.
            log.exception("the journal failed to take the outcome of %s", request.name)
    return answer


_OUTCOMES = {
    Verdict.DONE: Outcome.DONE,
    Verdict.REFUSED: Outcome.REFUSED,
    Verdict.UNKNOWN: Outcome.UNKNOWN,
}


async def _tell(journal: Journal, write: Write) -> None:
    told = journal(write)
    if inspect.isawaitable(told):
        await told


class FileJournal:
    """A journal in a file of JSON lines, on disk before each write leaves.

    An entry is there whole or not at all, and then the write does not leave. Several processes
    may share the file.

    Args:
        path: The file; made when it is not there, readable for its owner only.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)

    async def __call__(self, write: Write) -> None:
        """Append ``write`` and wait until it is on disk.

        Raises:
            StoreError: It cannot be written.
        """
        await asyncio.to_thread(self._append, orjson.dumps(attrs.asdict(write)) + b"\n")

    def unfinished(self) -> tuple[Write, ...]:
        """The writes with an unknown outcome, oldest first.

        Raises:
            StoreError: The file cannot be read.
        """
        last: dict[str, Write] = {}
        with self._as_ours("read"):
            for line in self._path.read_bytes().splitlines():
                write = _parsed(line)
                if write is not None:
                    last[write.id] = write
        return tuple(
            write for write in last.values() if write.outcome in (Outcome.SENDING, Outcome.UNKNOWN)
        )

    def _append(self, line: bytes) -> None:
        from elements_procura.disk.lock import alone  # noqa: PLC0415 - takes long to load

        with self._as_ours("written"):
            handle = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                with alone(handle):
                    is_new = not os.fstat(handle).st_size
                    append_line(handle, line)
                    os.fsync(handle)
            finally:
                os.close(handle)
            if is_new:
                sync_folder(self._path.parent)

    def _as_ours(self, done: str) -> AbstractContextManager[None]:
        hint = f"It is {self._path}; every write that was sent is in it"
        return disk_errors(f"the journal cannot be {done}", self._path, hint=hint)


def _parsed(line: bytes) -> Write | None:
    """An entry, or None for a line that was cut off when the machine went down."""
    try:
        data = orjson.loads(line)
        return Write(**data | {"outcome": Outcome(data["outcome"])})
    except (ValueError, TypeError, KeyError):
        return None
