"""Many tenants in one process: a client each, and nothing that two of them share."""

import asyncio
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from elements_procura.errors import ClosedError, ConfigError

__all__ = ["Tenants"]


class Client(Protocol):
    """The interface that :class:`Tenants` needs from a client."""

    async def aclose(self) -> None:
        """Close it."""


C = TypeVar("C", bound=Client)


class Tenants(Generic[C]):
    """Opens a client per tenant when it is first asked for, and closes them all at the end.

    ::

        def open_client(name: str) -> ElementsClient:
            account = accounts[name]
            return ElementsClient(account.host, credentials=..., organisation=account.id, ...)

        async with Tenants(open_client) as tenants:
            dossier = await tenants["kantoor-a"].klantdossiers.get(5526)

    Each client has connections, cookies, tokens and a quota of its own. A ``token_store`` may be
    one for all: its entries are kept apart by server and account.

    Args:
        open_client: Makes the client of a tenant. It is called once per tenant.
    """

    def __init__(self, open_client: Callable[[str], C]) -> None:
        self._open_client = open_client
        self._clients: dict[str, C] = {}
        self._closed = False

    def __getitem__(self, name: str) -> C:
        """The client of a tenant.

        Raises:
            ClosedError: All of them were closed.
            ConfigError: Its client would share a connection or a quota with another tenant's.
        """
        if self._closed:
            raise ClosedError("these tenants are closed", hint="Use them inside `async with`")
        client = self._clients.get(name)
        if client is None:
            client = self._open_client(name)
            self._check_apart(name, client)
            self._clients[name] = client
        return client

    def __contains__(self, name: object) -> bool:
        return name in self._clients

    def __iter__(self) -> Iterator[str]:
        return iter(tuple(self._clients))

    def __len__(self) -> int:
        return len(self._clients)

    def __repr__(self) -> str:
        return f"<Tenants, {len(self)} open>"

    async def close(self, name: str) -> None:
        """Close one tenant's client, if it is open. Asked for again, it is opened anew.

        Args:
            name: Of the tenant.
        """
        client = self._clients.pop(name, None)
        if client is not None:
            await client.aclose()

    async def aclose(self) -> None:
        """Close all of them.

        Raises:
            Exception: Closing one has failed; the rest are closed by then.
        """
        self._closed = True
        clients, self._clients = list(self._clients.values()), {}
        ended = await asyncio.gather(
            *(client.aclose() for client in clients), return_exceptions=True
        )
        for each in ended:
            if each is not None:
                raise each

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _check_apart(self, name: str, client: C) -> None:
        own = _belongings(client)
        for other, theirs in self._clients.items():
            if own & _belongings(theirs):
                raise ConfigError(
                    f"tenants {other} and {name} would share a session, scheduler or http_session",
                    hint="Make one for each: a shared one mixes up connections or quotas",
                )


def _belongings(client: Client) -> set[int]:
    # A client of somebody's own making that wraps one of ours shows nothing but itself.
    session = getattr(client, "_session", None)
    return {id(client), *(id(each) for each in getattr(session, "exclusive_resources", ()))}
