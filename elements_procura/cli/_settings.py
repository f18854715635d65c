"""What the options of a harvest mean that are the same for every API."""

import datetime as dt
from typing import Any, Self

import attrs

from elements_procura.cli._target import Target
from elements_procura.errors import ConfigError
from elements_procura.harvest.source import included


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
    retry_quarantined: bool
    workers: int

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
            accept_vanished=accept_vanished,
            retry_quarantined=retry_quarantined,
            workers=workers,
        )

    def deadline(self) -> float | None:
        """When ``until`` is next, in seconds since the epoch."""
        if self.until is None:
            return None
        now = dt.datetime.now().astimezone()
        then = dt.datetime.combine(now.date(), self.until).astimezone()
        return (then if then > now else then + dt.timedelta(days=1)).timestamp()


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
