"""Rates and clocks of another type are refused in words."""

from typing import Any

import pytest

from elements_procura.errors import ConfigError
from elements_procura.scheduler import Rate, Scheduler
from tests.client_kit import client_at


@pytest.mark.parametrize("rates", [Rate(5, 1), "5/s", (5, 1), ((5, 1),), 5])
def test_rates_of_another_type_are_refused_in_words(rates: Any) -> None:
    with pytest.raises(ConfigError, match="rates must be a tuple of Rate"):
        Scheduler(rates=rates)
    with pytest.raises(ConfigError, match="rates must be a tuple of Rate"):
        client_at("http://127.0.0.1:9", rates=rates)


def test_rates_may_be_any_iterable_of_them() -> None:
    assert Scheduler(rates=[Rate(5, 1)]).rates == (Rate(5, 1),)
    assert Scheduler(rates=iter([Rate(5, 1)])).rates == (Rate(5, 1),)


@pytest.mark.parametrize("clock", [5, "now", object(), 0])
def test_a_clock_of_another_type_is_refused_in_words(clock: Any) -> None:
    with pytest.raises(ConfigError, match="clock must have the methods now, wall, sleep"):
        client_at("http://127.0.0.1:9", clock=clock)
