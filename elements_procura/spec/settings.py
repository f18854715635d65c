"""The settings of one tenant of an API: whose data, how fast, and which dossiers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import attrs

from elements_procura.core.client import Client
from elements_procura.scheduler import Rate
from elements_procura.schema.settings import Settings
from elements_procura.secret import Secret
from elements_procura.spec.source import Source

LEDGER_NAME = "quota.sqlite"
"""The count of the day's requests, beside the store."""


@attrs.frozen(kw_only=True)
class ApiSettings(Settings, ABC):
    """One tenant's account, pace and selection, without its secret.

    An API's class adds its settings as fields. They are plain values: a spec holds them as JSON.

    Attributes:
        secret_variable: Where the client secret is unless it is said.
        groups: Names of the groups that a harvest fetches, unless it is narrowed down to some.
        extra_groups: Names of the groups that are fetched only when asked for.
    """

    secret_variable: ClassVar[str]
    groups: ClassVar[tuple[str, ...]]
    extra_groups: ClassVar[tuple[str, ...]] = ()

    @property
    @abstractmethod
    def tenant(self) -> str:
        """The mark of its store, which never takes another tenant's data."""

    @property
    @abstractmethod
    def account(self) -> tuple[str, ...]:
        """Whose token and quota it is: two harvests at once must not share them."""

    @property
    @abstractmethod
    def selection(self) -> Mapping[str, str]:
        """Which dossiers are asked for; empty for all."""

    @abstractmethod
    def client(self, secret: Secret, out: Path) -> Client[Any]:
        """A client of the tenant's own, for reading only.

        Args:
            secret: The client's.
            out: The harvest's directory, for what has to outlive one run.
        """

    @abstractmethod
    async def source(self, client: Any, selection: Mapping[str, str], *, listing: bool) -> Source:
        """The dossiers to harvest.

        Args:
            client: As :meth:`client` made it.
            selection: Which dossiers, as ``selection`` has it.
            listing: Whether the dossiers will be asked for; otherwise they are known.
        """


def short_rate(per_second: float) -> Rate:
    """The rate of so many requests per second; of less than one, one in so many seconds.

    A part of a request is left out: more in one second than was asked for may be too many, and a
    longer window would let all of its requests out at once.
    """
    return Rate(int(per_second), 1) if per_second >= 1 else Rate(1, 1 / per_second)
