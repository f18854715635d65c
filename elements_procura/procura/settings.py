"""The settings of a tenant of Procura: its account, its pace, its period."""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import attrs

from elements_procura.auth.credentials import Credentials
from elements_procura.errors import ConfigError, SettingFault
from elements_procura.procura.client import ProcuraClient, address_of
from elements_procura.procura.dossiers import MAX_PAGE_SIZE, PAGE_SIZE
from elements_procura.procura.source import ProcuraSource
from elements_procura.scheduler import LocalGate, Scheduler
from elements_procura.schema.scalars import amsterdam
from elements_procura.schema.settings import day, setting
from elements_procura.secret import Secret
from elements_procura.spec.gates import gate_of, read_gate
from elements_procura.spec.options import FASTEST
from elements_procura.spec.settings import ApiSettings, short_rate

__all__ = ["ProcuraSettings"]

_BEGIN = dt.date(1900, 1, 1)
"""Nothing is filed before. An earlier day would cost one more search for each time it doubles."""


def _day(value: Any) -> dt.date | None:
    return None if value is None else day(value)


@attrs.frozen(kw_only=True)
class ProcuraSettings(ApiSettings):
    """One municipality's data, and how fast it may be read.

    Attributes:
        url: The address with its context, such as ``https://api.procura.nl/dossiers``.
        client_id: The client's id, from the vendor.
        per_second: Requests per second to make at most; no limit is documented.
        gate: Where processes share this limit: ``FILE#ACCOUNT`` or ``redis://HOST/DB#ACCOUNT``;
            None for a process that has the account to itself.
        first: Only dossiers that were filed from this day on.
        last: Only dossiers that were filed until this day; None for today, whenever that is.
        page_size: Dossiers to ask for at a time.
    """

    secret_variable: ClassVar[str] = "PROCURA_CLIENT_SECRET"  # noqa: S105 - a variable's name
    probe: ClassVar[str] = "/api/v1/info"
    groups: ClassVar[tuple[str, ...]] = ProcuraSource.groups
    extra_groups: ClassVar[tuple[str, ...]] = ProcuraSource.extra_groups

    url: str = setting()
    client_id: str = setting()
    per_second: float = setting(10.0, least=0.1, most=FASTEST)
    gate: str | None = setting(None, read=read_gate)
    first: dt.date | None = setting(None, read=_day)
    last: dt.date | None = setting(None, read=_day)
    page_size: int = setting(PAGE_SIZE, least=1, most=MAX_PAGE_SIZE)

    @classmethod
    def rules(cls, values: Mapping[str, Any]) -> Iterable[SettingFault]:
        """The address, and a period that has days in it."""
        if "url" in values:
            try:
                address_of(values["url"])
            except ConfigError as error:
                yield SettingFault("url", f"is refused: {error.args[0]}", error.hint)
        if {"first", "last"} <= values.keys():
            first, last = _period(values["first"], values["last"])
            if first > last:
                yield SettingFault("first", "is after last", "Give a day before it, or the same")

    @classmethod
    def address(cls, given: Mapping[str, Any]) -> str:
        """The address that requests go to, out of settings as they were given.

        Args:
            given: The settings by name.
        """
        return address_of(given["url"])

    @property
    def tenant(self) -> str:
        """The owner of the data: on one server, the client decides the municipality."""
        return f"procura {self.client_id} {self.base_url}"

    @property
    def account(self) -> tuple[str, ...]:
        """Server and client."""
        return (self.base_url, self.client_id)

    @property
    def selection(self) -> Mapping[str, str]:
        """The period, as far as it was given."""
        given = {"first": self.first, "last": self.last}
        return {name: when.isoformat() for name, when in given.items() if when is not None}

    def client(
        self, secret: Secret, out: Path | None = None, *, read_only: bool = True
    ) -> ProcuraClient:
        """A client. It leaves ``out`` alone, for without a day's quota nothing has to be counted.

        Args:
            secret: The client's.
            out: The harvest's directory.
            read_only: Whether writing calls are refused.
        """
        return ProcuraClient(
            self.base_url,
            credentials=Credentials(self.client_id, secret),
            scheduler=Scheduler(
                rates=(short_rate(self.per_second),),
                gate=gate_of(self.gate) or LocalGate(is_bulk_apart=True),
            ),
            read_only=read_only,
        )

    async def source(
        self, client: ProcuraClient, selection: Mapping[str, str], *, listing: bool
    ) -> ProcuraSource:
        """The dossiers of the period; one that has no end ends today, whenever that is.

        Args:
            client: As :meth:`client` made it.
            selection: The period.
            listing: Whether the dossiers will be asked for.

        Raises:
            InputError: The period ends before it begins.
        """
        given = {name: dt.date.fromisoformat(when) for name, when in selection.items()}
        first, last = _period(given.get("first"), given.get("last"))
        return ProcuraSource(client, first=first, last=last, page_size=self.page_size)


def _period(first: dt.date | None, last: dt.date | None) -> tuple[dt.date, dt.date]:
    return first or _BEGIN, last or dt.datetime.now(amsterdam()).date()
