"""Stops: callbacks, sleeps, and flags of other threads."""

import asyncio
import threading
from typing import Any

import pytest

from elements_procura.fleet.stop import StopSignal, watched


async def test_a_stop_calls_those_who_listen_then_and_later() -> None:
    signal, heard = StopSignal(), list[str]()
    with signal.calls(lambda: heard.append("a")):
        with signal.calls(lambda: heard.append("b")):
            pass
        signal.set()
        assert heard == ["a"]
    with signal.calls(lambda: heard.append("c")):
        assert heard == ["a", "c"]


async def test_a_sleep_ends_with_its_time_or_with_a_stop() -> None:
    signal = StopSignal()
    assert await signal.sleep(0)
    sleeper = asyncio.create_task(signal.sleep(3600))
    await asyncio.sleep(0)
    signal.set()
    assert not await sleeper
    assert not await signal.sleep(3600)


@pytest.mark.parametrize("kind", ["threading", "asyncio", "function"])
async def test_a_flag_is_followed(kind: str) -> None:
    flag: Any = asyncio.Event() if kind == "asyncio" else threading.Event()
    async with watched(flag.is_set if kind == "function" else flag) as signal:
        assert not signal.is_set
        flag.set()
        assert not await signal.sleep(3600)
    async with watched(None) as signal:
        assert not signal.is_set
