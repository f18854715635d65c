"""The short form of ``.ci/soak postgres``."""

import random

import pytest

from tests.servers.fence import stop_once


@pytest.mark.parametrize("seed", range(4))
def test_a_stopped_writer_is_taken_over_and_stores_nothing_more(seed: int) -> None:
    stop = stop_once(random.Random(seed))
    assert (stop.late, stop.is_refused) == (0, True)
