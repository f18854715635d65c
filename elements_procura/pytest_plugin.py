"""Fixtures for pytest: sandboxes of both APIs, clients of them, weather, a clock, a mocked wire.

pytest finds this module by its entry point. It loads nothing until a fixture is used.

Sandboxes serve in a thread, so tests with and without ``await`` can use them. The clients are
asynchronous: they need a plugin for that, such as pytest-asyncio (in either mode) or anyio.
"""

import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from elements_procura import sync
    from elements_procura.elements import ElementsClient
    from elements_procura.procura import ProcuraClient
    from elements_procura.sandbox import ProcuraSandbox, Sandbox
    from elements_procura.testing import MockedWire, QuickClock

Options = Mapping[str, Any]
_SANDBOXES = ("elements_sandbox", "procura_sandbox")
_CLOCK = "virtual_clock"


def pytest_configure(config: pytest.Config) -> None:
    """Register the asynchronous fixtures with whichever plugin runs such tests."""
    asyncio_plugin = sys.modules.get("pytest_asyncio")  # loaded by now, if it is used at all
    fixture: Any = pytest.fixture if asyncio_plugin is None else asyncio_plugin.fixture
    clients = ModuleType("elements_procura.clients")
    for function in (_elements_client, _procura_client):
        name = function.__name__.removeprefix("_")
        setattr(clients, name, fixture(name=name)(function))
    config.pluginmanager.register(clients, clients.__name__)


@pytest.fixture
def elements_sandbox_options() -> Options:
    """The arguments of ``elements_sandbox``: define one of your own to have others."""
    return {}


@pytest.fixture
def procura_sandbox_options() -> Options:
    """The arguments of ``procura_sandbox``: define one of your own to have others."""
    return {}


@pytest.fixture
def elements_client_options() -> Options:
    """The settings of ``elements_client``: define one of your own to have others."""
    return {}


@pytest.fixture
def procura_client_options() -> Options:
    """The settings of ``procura_client``: define one of your own to have others."""
    return {}


@pytest.fixture
def virtual_clock() -> "QuickClock":
    """The time of the sandboxes and clients of this test: waiting takes none."""
    from elements_procura.testing import QuickClock

    return QuickClock()


@pytest.fixture
def elements_sandbox(
    request: pytest.FixtureRequest, elements_sandbox_options: Options
) -> Iterator["Sandbox"]:
    """A server of Elements with 20 dossiers and no limits."""
    from elements_procura.sandbox import Sandbox

    options = {
        "dossiers": 20,
        "limits": "off",
        **_server_clock(request),
        **elements_sandbox_options,
    }
    with Sandbox(**options) as sandbox:
        yield sandbox


@pytest.fixture
def procura_sandbox(
    request: pytest.FixtureRequest, procura_sandbox_options: Options
) -> Iterator["ProcuraSandbox"]:
    """A server of Procura with 20 cases."""
    from elements_procura.sandbox import ProcuraSandbox

    usual = {"dossiers": 20, **_server_clock(request)}
    with ProcuraSandbox(**{**usual, **procura_sandbox_options}) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox_weather(request: pytest.FixtureRequest) -> Callable[[Any], None]:
    """A function that sets the weather of this test's sandboxes, as ``Sandbox.set_weather``."""

    def change(weather: Any) -> None:
        for name in _SANDBOXES:
            if name in request.fixturenames:
                request.getfixturevalue(name).set_weather(weather)

    return change


@pytest.fixture
def mocked_wire() -> Iterator["MockedWire"]:
    """An ``aioresponses`` that these clients can be mocked with: real addresses, any aiohttp."""
    from elements_procura.testing import MockedWire

    with MockedWire() as wire:
        yield wire


@pytest.fixture
def elements_sync_client(
    elements_sandbox: "Sandbox", elements_client_options: Any, _elements_procura_clock: Any
) -> Iterator["sync.ElementsClient"]:
    """A client of ``elements_sandbox`` without ``await``."""
    options = {**_elements_procura_clock, **elements_client_options}
    with elements_sandbox.sync_client(**options) as client:
        yield client


@pytest.fixture
def procura_sync_client(
    procura_sandbox: "ProcuraSandbox", procura_client_options: Any, _elements_procura_clock: Any
) -> Iterator["sync.ProcuraClient"]:
    """A client of ``procura_sandbox`` without ``await``."""
    options = {**_elements_procura_clock, **procura_client_options}
    with procura_sandbox.sync_client(**options) as client:
        yield client


@pytest.fixture
def _elements_procura_clock(request: pytest.FixtureRequest) -> Options:
    return {"clock": request.getfixturevalue(_CLOCK)} if _CLOCK in request.fixturenames else {}


def _server_clock(request: pytest.FixtureRequest) -> Options:
    is_used = _CLOCK in request.fixturenames
    return {"clock": request.getfixturevalue(_CLOCK).now} if is_used else {}


async def _elements_client(
    elements_sandbox: "Sandbox", elements_client_options: Any, _elements_procura_clock: Any
) -> AsyncIterator["ElementsClient"]:
    """A client of ``elements_sandbox``."""
    options = {**_elements_procura_clock, **elements_client_options}
    async with elements_sandbox.client(**options) as client:
        yield client


async def _procura_client(
    procura_sandbox: "ProcuraSandbox", procura_client_options: Any, _elements_procura_clock: Any
) -> AsyncIterator["ProcuraClient"]:
    """A client of ``procura_sandbox``."""
    options = {**_elements_procura_clock, **procura_client_options}
    async with procura_sandbox.client(**options) as client:
        yield client
