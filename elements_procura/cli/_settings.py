"""What the options of a harvest mean."""

import datetime as dt
import inspect
from pathlib import Path
from typing import Any, Self

import attrs

from elements_procura.cli._account import Account
from elements_procura.elements.client import ElementsClient
from elements_procura.elements.klantdossiers import Klantdossiers
from elements_procura.errors import ConfigError
from elements_procura.harvest import ElementsSource
from elements_procura.harvest.source import included
from elements_procura.scheduler import Ledger, Rate, Scheduler

_DAY = 86_400


@attrs.frozen
class Settings:
    """Whose data is harvested, and how fast."""

    account: Account
    rates: tuple[Rate, ...]
    bulk_share: float

    @classmethod
    def of(cls, *, per_second: float, per_day: int, budget: str, **given: Any) -> Self:
        """Settings out of the command's options.

        Raises:
            ConfigError: Something of the account is missing, or the budget is no share.
        """
        # Less than one in a second is one in so many seconds.
        rate = Rate(round(per_second), 1) if per_second >= 1 else Rate(1, 1 / per_second)
        return cls(
            account=Account.of(**given),
            rates=(rate, Rate(per_day, _DAY)),
            bulk_share=_share(budget),
        )

    @property
    def organisation(self) -> str:
        """Whose data it is."""
        return self.account.owner

    def client(self, ledger: Ledger) -> ElementsClient:
        """A client with these settings, for reading only, that keeps count in ``ledger``."""
        return self.account.client(
            scheduler=Scheduler(rates=self.rates, bulk_share=self.bulk_share, ledger=ledger)
        )


def _share(text: str) -> float:
    number = text.strip().removesuffix("%")
    try:
        share = float(number) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise ConfigError("--budget is a part of the day's requests", hint="Give 80% or 0.8")
    return share


def _groups(text: str | None) -> frozenset[str] | None:
    names = None if text is None else [name.strip() for name in text.split(",")]
    if names is None:
        return None
    groups, extra = ElementsSource.groups, ElementsSource.extra_groups
    return included(names, groups=groups, extra_groups=extra)


def _filters(given: tuple[str, ...]) -> dict[str, str]:
    filters = dict(pair.partition("=")[::2] for pair in given)
    known = inspect.signature(Klantdossiers.search).parameters.keys() - {"self"}
    for name, value in filters.items():
        if name not in known or not value:
            raise ConfigError(
                "--search wants FILTER=VALUE", hint=f"Filters are {', '.join(sorted(known))}"
            )
    return filters


def _ids(path: Path | None) -> tuple[int, ...] | None:
    if path is None:
        return None
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    for number, line in enumerate(lines, start=1):
        if line and not (line.isascii() and line.isdecimal()):
            raise ConfigError(f"line {number} of {path} is no dossier id", hint="One id a line")
    return tuple(int(line) for line in lines if line)


def _next_time(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        time_of_day = dt.time.fromisoformat(text)
    except ValueError:
        raise ConfigError("--until is a time of the day", hint="Give HH:MM, as 06:00") from None
    now = dt.datetime.now().astimezone()
    then = dt.datetime.combine(now.date(), time_of_day).astimezone()
    return (then if then > now else then + dt.timedelta(days=1)).timestamp()


@attrs.frozen
class Job:
    """What is harvested, and for how long."""

    include: frozenset[str] | None
    filters: dict[str, str]
    ids: tuple[int, ...] | None
    max_requests: int | None
    pilot: int | None
    until: float | None
    wait: bool
    retry_quarantined: bool
    workers: int

    @classmethod
    def of(cls, **given: Any) -> Self:
        """A job out of the command's options.

        Raises:
            ConfigError: An option cannot be read.
        """
        return cls(
            include=_groups(given["include"]),
            filters=_filters(given["search"]),
            ids=_ids(given["ids"]),
            max_requests=given["max_requests"],
            pilot=given["pilot"],
            until=_next_time(given["until"]),
            wait=given["wait"],
            retry_quarantined=given["retry_quarantined"],
            workers=given["workers"],
        )

    async def dossiers(self, elements: ElementsClient) -> tuple[int, ...] | None:
        """Ids of the dossiers that are wanted; None for all that there are."""
        if self.ids is not None or not self.filters:
            return self.ids
        found = await elements.klantdossiers.search(**self.filters)
        return tuple(dossier.id for dossier in found)
