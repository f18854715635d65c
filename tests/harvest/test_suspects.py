"""A failure is judged by what comes after it."""

import pytest

from elements_procura.errors import ServerError
from elements_procura.harvest._suspects import REMOTE_DOWN_AFTER, Suspects
from elements_procura.harvest.source import Work


def failure(number: int) -> tuple[Work, ServerError]:
    error = ServerError("503", method="GET", template="/x", status=503)
    return Work(number, 1, "dossier", f"/{number}"), error


def test_a_success_convicts_those_before_it_once() -> None:
    suspects = Suspects()
    first, second = failure(1), failure(2)
    suspects.hold(*first)
    suspects.hold(*second)
    assert suspects.convict() == [first, second]
    assert suspects.convict() == []


def test_too_many_in_a_row_mean_that_the_server_is_down() -> None:
    suspects = Suspects()
    for number in range(REMOTE_DOWN_AFTER - 1):
        suspects.hold(*failure(number))
    work, error = failure(99)
    with pytest.raises(ServerError) as caught:
        suspects.hold(work, error)
    assert caught.value is error


def test_at_the_end_nobody_is_convicted_when_nothing_ever_succeeded() -> None:
    suspects = Suspects()
    work, error = failure(1)
    suspects.hold(work, error)
    with pytest.raises(ServerError):
        suspects.convict_at_the_end()
    suspects.convict()
    suspects.hold(work, error)
    assert suspects.convict_at_the_end() == [(work, error)]
