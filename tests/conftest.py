"""What all tests have."""

import asyncio
from collections.abc import Callable, Mapping

import pytest

from tests.clock import VirtualClock, VirtualLoop


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
