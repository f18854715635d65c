"""The extent of a harvest, the same for every API."""

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from elements_procura.errors import SettingFault
from elements_procura.harvest.patience import DEFAULT_PATIENCE
from elements_procura.harvest.run import DEFAULT_WORKERS
from elements_procura.schema.settings import Settings, setting, span, time_of_day, words

__all__ = ["Job"]

_DOSSIER = "dossier"
_WITHIN = 36_000.0
_DAY = 86_400.0
_DAYS = re.compile(r"(\d+\.?\d*|\.\d+)d", re.ASCII)
_LONGEST = 36_500 * _DAY
_MOST_WORKERS = 1_000


def _groups(value: Any) -> frozenset[str] | None:
    return None if value is None else frozenset(words(value))


def _written_groups(value: frozenset[str] | None) -> list[str] | None:
    return None if value is None else sorted(value)


def _path(value: Any) -> Path | None:
    if value is None or isinstance(value, Path):
        return value
    if isinstance(value, str) and value:
        return Path(value)
    raise ValueError("must be the name of a file")


def _written_path(value: Path | None) -> str | None:
    return None if value is None else str(value)


def _time(value: Any) -> dt.time | None:
    return None if value is None else time_of_day(value)


def _ages(value: Any) -> tuple[tuple[str, float], ...]:
    """Names with their greatest ages: ``klanten=14d,producten=2d``, or a list of such texts."""
    if isinstance(value, tuple) and all(isinstance(each, tuple) for each in value):
        return value
    found: list[tuple[str, float]] = []
    for each in (name for text in words(value) for name in words(text)):
        name, separator, age = each.partition("=")
        if not (name and separator):
            raise ValueError("must be PART=AGE", "Give klanten=14d,producten=2d")
        if any(name == before for before, _ in found):
            raise ValueError(f"has {name} twice", "Give each part once: klanten=14d,producten=2d")
        found.append((name, seconds_of(age)))
    return tuple(found)


def seconds_of(age: str) -> float:
    """Read an age: ``14d`` or ``0.5d``, or a span such as ``6h``; in whole seconds.

    Raises:
        ValueError: It is neither, less than a second, or longer than anybody's life.
    """
    found = _DAYS.fullmatch(age)
    seconds = float(found[1]) * _DAY if found else span(age)
    if not 1 <= seconds <= _LONGEST:
        raise ValueError("must be from 1s to 36500d", "Give 14d, 36h or 1h30m")
    return float(round(seconds))


def _written_ages(value: tuple[tuple[str, float], ...]) -> list[str]:
    return [f"{name}={age:.0f}s" for name, age in value]


@attrs.frozen(kw_only=True)
class Job(Settings):
    """The extent of a harvest: the parts of every dossier, and its end.

    Attributes:
        include: The groups to fetch; None for those the store was begun with, or all.
        max_requests: End after so many requests.
        pilot: End after so many dossiers.
        until: End at this local time.
        wait: Sleep until the day's quota resets, then go on.
        refresh: List anew and refresh the stored dossiers, as far as the budget goes.
        within: With ``refresh``, end after so many seconds; until then the quota is waited for.
        max_age: With ``refresh``, seconds after which a part of a dossier has to be refreshed, by
            the name of the part or its group.
        history: Keep the answers that a refresh replaces.
        suppression: A list of what was erased elsewhere: nothing that it names is stored, or stays.
        purge: With ``refresh``, erase afterwards everything that is gone at the source.
        accept_vanished: With ``refresh``, believe a listing that lacks very many dossiers.
        accept: Concerns to acknowledge: a kind, ``dossier:ID`` or ``rows``.
        retry_quarantined: Ask again for everything in quarantine.
        workers: Requests under way at once, at most.
        patience: Seconds to wait for a server that is away.
    """

    include: frozenset[str] | None = setting(None, read=_groups, write=_written_groups)
    max_requests: int | None = setting(None, least=1)
    pilot: int | None = setting(None, least=1)
    until: dt.time | None = setting(None, read=_time)
    wait: bool = setting(default=False)
    refresh: bool = setting(default=False)
    within: float = setting(_WITHIN, read=span)
    max_age: tuple[tuple[str, float], ...] = setting((), read=_ages, write=_written_ages)
    history: bool = setting(default=False)
    suppression: Path | None = setting(None, read=_path, write=_written_path)
    purge: bool = setting(default=False)
    accept_vanished: bool = setting(default=False)
    accept: tuple[str, ...] = setting(())
    retry_quarantined: bool = setting(default=False)
    workers: int = setting(DEFAULT_WORKERS, least=1, most=_MOST_WORKERS)
    patience: float = setting(DEFAULT_PATIENCE, read=span)

    @classmethod
    def rules(cls, values: Mapping[str, Any]) -> Iterable[SettingFault]:
        """Check that options of a refresh come with ``refresh``."""
        for name in ("purge", "accept_vanished", "max_age"):
            if values.get(name) and not values.get("refresh", True):
                yield SettingFault(name, "needs refresh as well", "Set refresh, or leave it out")

    @property
    def believes_listing(self) -> bool:
        """Whether a listing is believed that lacks very many dossiers."""
        return self.accept_vanished or (self.refresh and _DOSSIER in self.accept)

    def deadline(self, *, now: float) -> float | None:
        """The next moment at which the local time is ``until``, in seconds since the epoch."""
        if self.until is None:
            return None
        today = dt.datetime.fromtimestamp(now).date()  # noqa: DTZ006 - what the wall shows is meant
        return next(then for then in _shown(self.until, today) if then > now)


def _shown(time: dt.time, day: dt.date) -> Iterator[float]:
    """The moments of a local time, from a day on: once a day, or twice when clocks go back.

    A time skipped by a change of clocks is taken as if the change had not happened.
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
