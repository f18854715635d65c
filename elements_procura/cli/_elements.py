"""A harvest of Elements: what its options mean, its client, its source."""

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Self

import attrs

from elements_procura.cli._account import Account
from elements_procura.cli._show import LEDGER_NAME, STORE_NAMES
from elements_procura.cli._target import short_rate
from elements_procura.cli._texts import ids_of
from elements_procura.elements.client import ElementsClient
from elements_procura.elements.klantdossiers import Klantdossiers
from elements_procura.errors import ConfigError
from elements_procura.harvest import ElementsSource
from elements_procura.scheduler import Rate, Scheduler, SqliteLedger

_DAY = 86_400
_IDS = "ids"


@attrs.frozen
class ElementsTarget:
    """One organisation's dossiers, and how fast they may be read."""

    store_name: ClassVar[str] = STORE_NAMES["elements"]
    groups: ClassVar[tuple[str, ...]] = ElementsSource.groups
    extra_groups: ClassVar[tuple[str, ...]] = ElementsSource.extra_groups

    acting_as: Account
    rates: tuple[Rate, ...]
    bulk_share: float
    selection: Mapping[str, str]

    @classmethod
    def of(
        cls,
        *,
        per_second: float,
        per_day: int,
        budget: str,
        search: tuple[str, ...],
        ids: Path | None = None,
        **given: Any,
    ) -> Self:
        """A target out of a command's options.

        Raises:
            ConfigError: Something of the account is missing, or an option cannot be read.
        """
        if search and ids is not None:
            raise ConfigError("--search and --ids both say which dossiers", hint="Give one")
        selection = _filters(search) if ids is None else {_IDS: " ".join(ids_of(ids))}
        return cls(
            acting_as=Account.of(**given),
            rates=(short_rate(per_second), Rate(per_day, _DAY)),
            bulk_share=_share(budget),
            selection=selection,
        )

    @property
    def tenant(self) -> str:
        """Whose data it is."""
        return f"elements {self.acting_as.owner}"

    @property
    def account(self) -> tuple[str, ...]:
        """Server, client and whose data it reads."""
        acting = self.acting_as
        return (acting.base_url, acting.client_id, acting.flow, acting.owner)

    def client(self, out: Path) -> ElementsClient:
        """A client that keeps the day's count in ``out``.

        It lies beside the store: a run tomorrow morning must know of tonight's.
        """
        ledger = SqliteLedger(out / LEDGER_NAME)
        return self.acting_as.client(
            scheduler=Scheduler(rates=self.rates, bulk_share=self.bulk_share, ledger=ledger)
        )

    async def source(
        self, client: ElementsClient, selection: Mapping[str, str], *, listing: bool
    ) -> ElementsSource:
        """All dossiers, those of the ids, or those that a search finds."""
        dossiers: tuple[int, ...] | None = None
        if _IDS in selection:
            dossiers = tuple(map(int, selection[_IDS].split()))
        elif selection and listing:
            found = await client.klantdossiers.search(**selection)
            dossiers = tuple(dossier.id for dossier in found)
        return ElementsSource(client, dossiers=dossiers)


def _share(text: str) -> float:
    number = text.strip().removesuffix("%")
    try:
        share = float(number) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        share = -1.0
    if not 0 < share <= 1:
        raise ConfigError("--budget is a part of the day's requests", hint="Give 80% or 0.8")
    return share


def _filters(given: tuple[str, ...]) -> dict[str, str]:
    filters = dict(pair.partition("=")[::2] for pair in given)
    known = inspect.signature(Klantdossiers.search).parameters.keys() - {"self"}
    for name, value in filters.items():
        if name not in known or not value:
            raise ConfigError(
                "--search wants FILTER=VALUE", hint=f"Filters are {', '.join(sorted(known))}"
            )
    return filters
