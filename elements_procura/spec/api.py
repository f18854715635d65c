"""The description of an API that the rest of the package works with."""

from typing import TYPE_CHECKING, Any

import attrs

from elements_procura.errors import InputError
from elements_procura.spec.options import Option

__all__ = ["ApiSpec"]

if TYPE_CHECKING:
    # A command's --help knows the names of the APIs and must not load their clients.
    from collections.abc import Callable

    from elements_procura.core.client import Client
    from elements_procura.secret import Secret
    from elements_procura.spec.harvest import HarvestSpec
    from elements_procura.spec.settings import ApiSettings, LoginAccount
    from elements_procura.spec.source import Source


@attrs.frozen(kw_only=True)
class ApiSpec:
    """One API as everything above it sees it.

    Slow imports are delayed until they are needed, so its fields are functions.

    Attributes:
        name: As commands, files and stores spell it.
        title: As people spell it.
        dossiers: The unit of a harvest, in the words of a command's help.
        root: Where the paths of its endpoints begin.
        per_second: The documented limit of requests per second; None where there is none.
        per_day: The documented limit of requests a day; None where there is none.
        account: The settings that identify the account; the environment may hold them.
        pace: The settings that say how fast a harvest may go.
        selection: The settings that choose the dossiers.
    """

    name: str
    title: str
    dossiers: str
    root: str
    per_second: float | None = None
    per_day: int | None = None
    account: tuple[Option, ...]
    pace: tuple[Option, ...] = ()
    selection: tuple[Option, ...] = ()
    load_client: "Callable[[], type[Client[Any]]]" = attrs.field(repr=False)
    """Import the client class."""
    load_harvest: "Callable[[], HarvestSpec]" = attrs.field(repr=False)
    """Import its dossiers' description for harvests, exports, plans and drift reports."""
    load_settings: "Callable[[], type[ApiSettings]]" = attrs.field(repr=False)
    """Import the class of a tenant's settings."""
    load_account: "Callable[[], Callable[[Any, Secret | None], LoginAccount]] | None" = attrs.field(
        default=None, repr=False
    )
    """Import the class of an account; None where people do not log in."""

    @property
    def store_name(self) -> str:
        """The name of its store in a harvest's directory."""
        return f"{self.name}.sqlite"

    @property
    def secret_variable(self) -> str:
        """The environment variable of the client secret."""
        return f"{self.name.upper()}_CLIENT_SECRET"

    @property
    def client(self) -> "type[Client[Any]]":
        """The client class."""
        return self.load_client()

    @property
    def harvest(self) -> "HarvestSpec":
        """Its dossiers, as harvests, exports, plans and drift reports see them."""
        return self.load_harvest()

    @property
    def settings(self) -> "type[ApiSettings]":
        """The class of a tenant's settings."""
        return self.load_settings()

    @property
    def account_class(self) -> "Callable[[Any, Secret | None], LoginAccount]":
        """The class of an account that people log in to.

        Raises:
            InputError: People do not log in to this API.
        """
        if self.load_account is None:
            raise InputError(f"nobody logs in to {self.title}")
        return self.load_account()

    def source(self, client: "Client[Any]") -> "Source":
        """All dossiers of a client.

        Args:
            client: One of this API.
        """
        return self.harvest.source(client)
