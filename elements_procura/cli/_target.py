"""What differs between a harvest of one API and of another."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from elements_procura.core.client import Client
from elements_procura.errors import ConfigError
from elements_procura.scheduler import Rate
from elements_procura.spec.source import Source

C = TypeVar("C", bound=Client[Any])


class Target(Protocol[C]):
    """One tenant of one API, and which of its dossiers are wanted."""

    store_name: ClassVar[str]
    """Of the file in the harvest's directory."""
    groups: ClassVar[tuple[str, ...]]
    """What a harvest can be narrowed down to; all of them by default."""
    extra_groups: ClassVar[tuple[str, ...]]
    """What is only fetched when asked for."""

    @property
    def tenant(self) -> str:
        """What the store is marked with, so that it never takes another tenant's."""

    @property
    def account(self) -> tuple[str, ...]:
        """Whose token and quota it is: two harvests at once must not have the same."""

    @property
    def selection(self) -> Mapping[str, str]:
        """Which dossiers were asked for; empty for all."""

    def client(self, out: Path) -> C:
        """A client of the tenant's own, for reading only.

        Args:
            out: The harvest's directory, for what has to outlive this run.
        """

    async def source(self, client: C, selection: Mapping[str, str], *, listing: bool) -> Source:
        """What is harvested.

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


def agreed(asked: Mapping[str, str], begun_with: Mapping[str, str]) -> Mapping[str, str]:
    """The selection to go on with: what a store was begun with stays.

    Raises:
        ConfigError: Another was asked for.
    """
    if asked and dict(asked) != dict(begun_with):
        names = ", ".join(begun_with)  # their values may be somebody's name
        raise ConfigError(
            f"this harvest was begun {f'with another {names}' if names else 'for all dossiers'}",
            hint="Leave out which dossiers, or choose another --out",
        )
    return begun_with
