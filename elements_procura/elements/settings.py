"""The settings of a tenant of Elements: its account, its pace, its dossiers."""

import inspect
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import attrs

from elements_procura.elements.account import Account, AccountSettings
from elements_procura.elements.client import ElementsClient
from elements_procura.elements.kinds import EXTRA_GROUPS, GROUPS
from elements_procura.elements.klantdossiers import Klantdossiers
from elements_procura.elements.source import ElementsSource
from elements_procura.errors import SettingFault
from elements_procura.scheduler import LocalGate, Rate, Scheduler, SqliteLedger
from elements_procura.schema.settings import setting, share
from elements_procura.secret import Secret
from elements_procura.spec.gates import gate_of, read_gate
from elements_procura.spec.options import FASTEST
from elements_procura.spec.settings import LEDGER_NAME, short_rate

__all__ = ["ElementsSettings"]

_DAY = 86_400
_IDS = "ids"


def _ids(value: Any) -> tuple[int, ...] | None:
    if value is None:
        return None
    if isinstance(value, list | tuple) and all(type(each) is int for each in value):
        return tuple(value)
    raise ValueError("must be a list of dossier ids")


def _filters(value: Any) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        value = [f"{name}={wanted}" for name, wanted in value.items()]
    value = (value,) if isinstance(value, str) else value
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise ValueError("must be a list of FILTER=VALUE")


@attrs.frozen(kw_only=True)
class ElementsSettings(AccountSettings):
    """One tenant: an account, how fast it may be read, and which dossiers.

    Attributes:
        per_second: Requests per second that the account may make.
        per_day: Requests per day that the account may make.
        budget: The part of the day's requests that a harvest may use.
        gate: Where processes share these limits: ``FILE#ACCOUNT`` or ``redis://HOST/DB#ACCOUNT``;
            None for a process that has the account to itself.
        search: Only dossiers that fit all of these: ``FILTER=VALUE`` each.
        ids: Only these dossiers.
    """

    groups: ClassVar[tuple[str, ...]] = GROUPS
    extra_groups: ClassVar[tuple[str, ...]] = EXTRA_GROUPS

    per_second: float = setting(5.0, least=0.1, most=FASTEST)
    per_day: int = setting(100_000, least=1)
    budget: float = setting(0.8, read=share)
    gate: str | None = setting(None, read=read_gate)
    search: tuple[str, ...] = setting((), read=_filters)
    ids: tuple[int, ...] | None = setting(None, read=_ids)

    @classmethod
    def rules(cls, values: Mapping[str, Any]) -> Iterable[SettingFault]:
        """The filters that the API has, besides the account's own."""
        yield from super().rules(values)
        if values.get("search"):
            if values.get("ids") is not None:
                yield SettingFault("search", "and ids both say which dossiers", "Give one of them")
            known = inspect.signature(Klantdossiers.search).parameters.keys() - {"self"}
            pairs = (each.partition("=")[::2] for each in values["search"])
            if not all(name in known and value for name, value in pairs):
                yield SettingFault(
                    "search", "wants FILTER=VALUE", f"Filters are {', '.join(sorted(known))}"
                )

    @property
    def selection(self) -> Mapping[str, str]:
        """The filters, or the ids."""
        if self.ids is not None:
            return {_IDS: " ".join(map(str, self.ids))}
        return dict(each.partition("=")[::2] for each in self.search)

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The limits of the account's requests."""
        return (short_rate(self.per_second), Rate(self.per_day, _DAY))

    def client(
        self, secret: Secret, out: Path | None = None, *, read_only: bool = True
    ) -> ElementsClient:
        """A client that keeps the day's count in ``out``, unless a gate keeps it.

        It lies beside the store: a run tomorrow morning must know of tonight's.

        Args:
            secret: The client's.
            out: The harvest's directory; None to count in memory.
            read_only: Whether writing calls are refused.
        """
        gate = gate_of(self.gate)
        ledger = None if out is None or gate is not None else SqliteLedger(out / LEDGER_NAME)
        return Account(self, secret).client(
            scheduler=Scheduler(
                rates=self.rates,
                bulk_share=self.budget,
                gate=gate or LocalGate(ledger=ledger, is_bulk_apart=True),
            ),
            read_only=read_only,
        )

    async def source(
        self, client: ElementsClient, selection: Mapping[str, str], *, listing: bool
    ) -> ElementsSource:
        """All dossiers, those of the ids, or those that a search finds.

        Args:
            client: As :meth:`client` made it.
            selection: Which dossiers.
            listing: Whether the search has to be made; otherwise its dossiers are known.

        Raises:
            ElementsProcuraError: A search that finds the dossiers fails.
        """
        dossiers: tuple[int, ...] | None = None
        if _IDS in selection:
            dossiers = tuple(map(int, selection[_IDS].split()))
        elif selection and listing:
            found = await client.klantdossiers.search(**selection)
            dossiers = tuple(dossier.id for dossier in found)
        return ElementsSource(client, dossiers=dossiers)
