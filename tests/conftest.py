"""What all tests have."""

import asyncio
import signal
from collections.abc import Callable, Mapping

import pytest

from tests.clock import VirtualClock, VirtualLoop


def pytest_configure() -> None:
    """Take Ctrl-C and the end of a terminal as a program in its foreground does.

    Behind ``nohup`` and in a shell's background they are ignored, and so they would be by every
    process that a test starts.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


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
