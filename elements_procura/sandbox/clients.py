"""Clients of sandboxes: the one module of the sandbox that knows the clients.

It sets them up as anybody would; how a server answers is decided without it.
"""

from collections.abc import Mapping
from typing import Any

from elements_procura import sync
from elements_procura.core.client import ClientOptions
from elements_procura.elements.client import ElementsClient
from elements_procura.procura.client import ProcuraClient
from elements_procura.scheduler import Rate

__all__ = [
    "ClientOptions",
    "ElementsClient",
    "ProcuraClient",
    "elements_client",
    "procura_client",
    "sync",
    "sync_elements_client",
    "sync_procura_client",
]

Rates = tuple[tuple[int, float], ...]
_UNLIMITED = (Rate(1000, 1),)


def elements_client(
    url: str, credentials: Mapping[str, Any], rates: Rates, options: ClientOptions
) -> ElementsClient:
    """Make a client of a sandbox of Elements.

    Args:
        url: Where it listens.
        credentials: What it takes, and for which organisation and scopes.
        rates: What it allows.
        options: The client's settings, which win.
    """
    return ElementsClient(url, **_elements_account(credentials), **_within(rates, options))


def procura_client(
    url: str, credentials: Mapping[str, Any], rates: Rates, options: ClientOptions
) -> ProcuraClient:
    """Make a client of a sandbox of Procura; the arguments are those of the other one."""
    return ProcuraClient(url, credentials=dict(credentials), **_within(rates, options))


def sync_elements_client(
    url: str, credentials: Mapping[str, Any], rates: Rates, options: ClientOptions
) -> sync.ElementsClient:
    """Make a client without ``await``; the arguments are those of :func:`elements_client`."""
    return sync.ElementsClient(url, **_elements_account(credentials), **_within(rates, options))


def sync_procura_client(
    url: str, credentials: Mapping[str, Any], rates: Rates, options: ClientOptions
) -> sync.ProcuraClient:
    """Make a client without ``await``; the arguments are those of :func:`elements_client`."""
    return sync.ProcuraClient(url, credentials=dict(credentials), **_within(rates, options))


def _elements_account(credentials: Mapping[str, Any]) -> dict[str, Any]:
    account = {name: credentials[name] for name in ("organisation", "webservice", "scopes")}
    given = {name: credentials[name] for name in ("client_id", "client_secret")}
    return {"credentials": given, **account}


def _within(rates: Rates, options: ClientOptions) -> ClientOptions:
    """The settings, with the sandbox's own limits unless others were given."""
    if "rates" in options or options.get("scheduler") is not None:
        return options
    return {"rates": tuple(Rate(*each) for each in rates) or _UNLIMITED, **options}
