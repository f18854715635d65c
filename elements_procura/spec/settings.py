"""The settings of one tenant of an API: whose data, how fast, and which dossiers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol

import attrs

from elements_procura.auth.grants import Grant
from elements_procura.auth.oauth import Token
from elements_procura.auth.tokens import TokenStore
from elements_procura.core.client import Client
from elements_procura.scheduler import Rate, Scheduler
from elements_procura.schema.settings import Settings
from elements_procura.secret import Secret
from elements_procura.spec.source import Source

__all__ = ["ApiSettings"]

LEDGER_NAME = "quota.sqlite"
"""The count of the day's requests, beside the store."""


@attrs.frozen(kw_only=True)
class ApiSettings(Settings, ABC):
    """One tenant's account, pace and selection, without its secret.

    An API's class adds its settings as fields. They are plain values: a spec holds them as JSON.

    Attributes:
        secret_variable: Where the client secret is unless it is said.
        probe: The path of something harmless to read, to try an account with.
        groups: Names of the groups that a harvest fetches, unless it is narrowed down to some.
        extra_groups: Names of the groups that are fetched only when asked for.
    """

    secret_variable: ClassVar[str]
    probe: ClassVar[str]
    groups: ClassVar[tuple[str, ...]]
    extra_groups: ClassVar[tuple[str, ...]] = ()

    @property
    def base_url(self) -> str:
        """The address that requests go to."""
        return self.address({name: getattr(self, name) for name in self.names()})

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

    @classmethod
    @abstractmethod
    def address(cls, given: Mapping[str, Any]) -> str:
        """The address that requests go to, out of settings as they were given.

        Args:
            given: The settings by name.

        Raises:
            ConfigError: It is not an address.
        """

    @abstractmethod
    def client(
        self, secret: Secret, out: Path | None = None, *, read_only: bool = True
    ) -> Client[Any]:
        """A client of the tenant's own.

        Args:
            secret: The client's.
            out: The harvest's directory, for what has to outlive one run; None for a single call.
            read_only: Whether writing calls are refused.
        """

    @abstractmethod
    async def source(self, client: Any, selection: Mapping[str, str], *, listing: bool) -> Source:
        """The dossiers to harvest.

        Args:
            client: As :meth:`client` made it.
            selection: Which dossiers, as ``selection`` has it.
            listing: Whether the dossiers will be asked for; otherwise they are known.

        Raises:
            ElementsProcuraError: A search that finds the dossiers fails.
        """


class LoginAccount(Protocol):
    """Settings and secret of an API that people log in to: its grant, token store and client."""

    @property
    def settings(self) -> Any:
        """The settings, of the API's own class."""

    @property
    def entry(self) -> str:
        """The name of its entry in a token store."""

    def grant(self, code: Secret | None = None) -> Grant:
        """How the account comes by its first token.

        Args:
            code: What a person who has agreed comes back with.
        """

    def store(self, *, saving: bool = False) -> TokenStore:
        """Where its token is kept.

        Args:
            saving: Whether ``auto`` stands for the file although nothing is in it yet.
        """

    async def saved(self) -> Token | None:
        """The token that a login saved."""

    def client(
        self,
        *,
        store: TokenStore | None = None,
        grant: Grant | None = None,
        scheduler: Scheduler | None = None,
        read_only: bool = True,
    ) -> Client[Any]:
        """A client of this account.

        Args:
            store: Where its token is kept; by default as the settings say.
            grant: How it comes by its first token; by default as the settings say.
            scheduler: Its quota; by default the documented one, counted in memory.
            read_only: Whether writing calls are refused.
        """


def short_rate(per_second: float) -> Rate:
    """The rate of so many requests per second; of less than one, one in so many seconds.

    A part of a request is left out: more in one second than was asked for may be too many, and a
    longer window would let all of its requests out at once.
    """
    return Rate(int(per_second), 1) if per_second >= 1 else Rate(1, 1 / per_second)
