"""A harvest of Procura: what its options mean, its client, its source."""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import attrs

from elements_procura import paths
from elements_procura.auth.oauth import Credentials
from elements_procura.cli._account import checked_secret
from elements_procura.cli._show import STORE_NAMES
from elements_procura.cli._tables import PROCURA
from elements_procura.cli._target import short_rate
from elements_procura.errors import ConfigError
from elements_procura.harvest import ProcuraSource
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.dossiers import PAGE_SIZE
from elements_procura.scheduler import Rate
from elements_procura.schema.scalars import AMSTERDAM
from elements_procura.secret import Secret

_BEGIN = dt.date(1900, 1, 1)
"""Nothing is filed before. An earlier day would cost one more search for each time it doubles."""


@attrs.frozen
class ProcuraTarget:
    """One municipality's dossiers, and how fast they may be read."""

    store_name: ClassVar[str] = STORE_NAMES["procura"]
    groups: ClassVar[tuple[str, ...]] = ProcuraSource.groups
    extra_groups: ClassVar[tuple[str, ...]] = ProcuraSource.extra_groups

    base_url: str
    credentials: Credentials
    rates: tuple[Rate, ...]
    selection: Mapping[str, str]
    page_size: int = PAGE_SIZE

    @classmethod
    def of(
        cls,
        *,
        url: str,
        client_id: str,
        secret: str | Secret,
        per_second: float,
        first: str | None,
        last: str | None,
        page_size: int = PAGE_SIZE,
        **_: Any,
    ) -> Self:
        """A target out of a command's options.

        Raises:
            ConfigError: Something of the account is missing, or an option cannot be read.
        """
        given = {"first": first, "last": last}
        selection = {name: day for name, day in given.items() if day is not None}
        _period(selection)
        return cls(
            base_url=paths.base_url(url),
            credentials=Credentials(client_id, checked_secret(secret, PROCURA)),
            rates=(short_rate(per_second),),
            selection=selection,
            page_size=page_size,
        )

    @property
    def tenant(self) -> str:
        """Whose data it is: on one server the client decides which municipality's."""
        return f"procura {self.credentials.client_id} {self.base_url}"

    @property
    def account(self) -> tuple[str, ...]:
        """Server and client."""
        return (self.base_url, self.credentials.client_id)

    def client(self, out: Path) -> ProcuraClient:
        """A client that leaves nothing in ``out``: there is no day's quota to count."""
        return ProcuraClient(
            self.base_url, credentials=self.credentials, rates=self.rates, read_only=True
        )

    async def source(
        self, client: ProcuraClient, selection: Mapping[str, str], *, listing: bool
    ) -> ProcuraSource:
        """The dossiers of the period; one that has no end ends today, whenever that is."""
        first, last = _period(selection)
        return ProcuraSource(client, first=first, last=last, page_size=self.page_size)


def _period(selection: Mapping[str, str]) -> tuple[dt.date, dt.date]:
    first = _day("first", selection, _BEGIN)
    last = _day("last", selection, dt.datetime.now(AMSTERDAM).date())
    if first > last:
        raise ConfigError("--first is after --last", hint="Give a day before it, or the same")
    return first, last


def _day(name: str, selection: Mapping[str, str], default: dt.date) -> dt.date:
    if name not in selection:
        return default
    try:
        return dt.date.fromisoformat(selection[name])
    except ValueError:
        raise ConfigError(f"--{name} is a day", hint="Give YYYY-MM-DD, as 2024-01-31") from None
