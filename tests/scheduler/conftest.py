import sys
from pathlib import Path

import pytest

from tests.clock import FakeClock

# The simulated servers and networks are the benchmark's own.
sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()
