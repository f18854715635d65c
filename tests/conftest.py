"""What all tests have."""

import asyncio
import signal
from collections.abc import Callable, Mapping

import pytest
from hypothesis import settings

from tests.clock import VirtualClock, VirtualLoop


def pytest_configure(config: pytest.Config) -> None:
    """Begin as a program in a terminal's foreground does, and without work that nobody needs."""
    # Behind `nohup` and in a shell's background these are ignored, and so they would be by every
    # process that a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    # Of an editable install that brings a plugin pytest 9.2 rewrites the asserts of every module,
    # in every process: half the time that it takes to find the tests. The package has none to show.
    hook = config.pluginmanager.rewrite_hook
    getattr(hook, "_must_rewrite", set()).discard("elements_procura")
    # On a busy machine any example may take a second; how long one takes decides nothing here.
    settings.register_profile("busy", deadline=None)
    settings.load_profile("busy")


def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Give a test that is marked so a loop whose time is virtual."""
    if item.get_closest_marker("virtual_time"):
        return {"virtual": VirtualLoop}
    return {"machine": asyncio.new_event_loop}


@pytest.fixture
async def virtual_clock() -> VirtualClock:
    """The time of a test that is marked ``virtual_time``."""
    return VirtualClock()
