"""What the options of a harvest mean that are the same for every API."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Self

import attrs

from elements_procura.cli._spans import seconds_of
from elements_procura.cli._target import Target
from elements_procura.errors import ConfigError
from elements_procura.spec.source import included

_DOSSIER = "dossier"


@attrs.frozen
class Job:
    """How much is harvested of every dossier, and for how long."""

    include: frozenset[str] | None
    max_requests: int | None
    pilot: int | None
    until: dt.time | None
    wait: bool
    refresh: bool
    history: bool
    purge: bool
    accept_vanished: bool
    accept: tuple[str, ...]
    retry_quarantined: bool
    workers: int
    within: float
    patience: float

    @classmethod
    def of(
        cls,
        target: Target[Any],
        *,
        include: str | None,
        max_requests: int | None,
        until: str | None,
        refresh: bool,
        history: bool,
        purge: bool,
        accept_vanished: bool,
        retry_quarantined: bool,
        workers: int,
        pilot: int | None = None,
        wait: bool = False,
        accept: tuple[str, ...] = (),
        within: str = "10h",
        patience: str = "10m",
        **_: Any,
    ) -> Self:
        """A job out of a command's options.

        Raises:
            ConfigError, InputError: An option cannot be read.
        """
        if (purge or accept_vanished) and not refresh:
            name = "--purge" if purge else "--accept-vanished"
            raise ConfigError(f"{name} is about a refresh", hint="Add --refresh, or leave it out")
        return cls(
            include=_groups(include, target),
            max_requests=max_requests,
            pilot=pilot,
            until=_time_of_day(until),
            wait=wait,
            refresh=refresh,
            history=history,
            purge=purge,
            accept_vanished=accept_vanished or (refresh and _DOSSIER in accept),
            accept=tuple(accept),
            retry_quarantined=retry_quarantined,
            workers=workers,
            within=seconds_of(within, "--within"),
            patience=seconds_of(patience, "--patience"),
        )

    def deadline(self, *, now: float) -> float | None:
        """When the clock on the wall next shows ``until``, in seconds since the epoch."""
        if self.until is None:
            return None
        today = dt.datetime.fromtimestamp(now).date()  # noqa: DTZ006 - what the wall shows is meant
        return next(then for then in _shown(self.until, today) if then > now)


def _shown(time: dt.time, day: dt.date) -> Iterator[float]:
    """When the clock on the wall shows a time, from a day on: once a day, or twice as it changes.

    A time that a day leaves out is as long after its midnight as it would be without the change.
    """
    while True:
        # Each with the offset of its own moment: that of today may not be tonight's.
        first, second = (
            dt.datetime.combine(day, time).replace(fold=fold).timestamp() for fold in (0, 1)
        )
        yield first
        if second > first:
            yield second
        day += dt.timedelta(days=1)


def _groups(text: str | None, target: Target[Any]) -> frozenset[str] | None:
    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    return included(names, groups=target.groups, extra_groups=target.extra_groups)


def _time_of_day(text: str | None) -> dt.time | None:
    if text is None:
        return None
    try:
        return dt.time.fromisoformat(text)
    except ValueError:
        raise ConfigError("--until is a time of the day", hint="Give HH:MM, as 06:00") from None
