"""What the command line sets of its own process."""

import gc
from collections.abc import Iterator

import pytest

from elements_procura.cli._memory import look_for_garbage_rarely


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize(
    ("before", "after"),
    [((700, 10, 10), (10_000, 10, 10)), ((50_000, 5, 5), (50_000, 5, 5)), ((0, 9, 9), (0, 9, 9))],
)
def test_garbage_is_looked_for_rarely_but_as_somebody_else_has_set_it(
    before: tuple[int, int, int], after: tuple[int, int, int]
) -> None:
    gc.set_threshold(*before)
    look_for_garbage_rarely()
    assert gc.get_threshold() == after
