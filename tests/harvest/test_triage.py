"""A failure is judged by what comes after it."""

import pytest

from elements_procura.errors import (
    AuthenticationError,
    BadRequest,
    Forbidden,
    NotFound,
    NotSent,
    ProtocolError,
    RequestTimeout,
    ServerError,
    StatusError,
    TransportError,
)
from elements_procura.harvest._triage import (
    ASKED_AT_MOST,
    IN_A_ROW,
    FailureTriage,
    Manners,
    Sign,
    is_unreachable,
)
from elements_procura.spec.source import Work


def work(number: int, kind: str = "dossier") -> Work:
    return Work(number, 1, kind, f"/{number}")


def status_error(kind: type[StatusError], status: int, manner: str | None = None) -> StatusError:
    error = kind("no", method="GET", template="/x", status=status)
    if manner is not None:
        error.is_proven, error.manner = False, manner
    return error


def broken() -> ServerError:
    return ServerError("503", method="GET", template="/x", status=503)


def triage() -> FailureTriage:
    return FailureTriage(Manners({}), lambda: 0.0)


def test_only_a_success_that_left_afterwards_tells_anything() -> None:
    held = triage()
    early = held.leave()
    held.hold(work(1), status_error(NotFound, 404))
    assert held.succeed(early, work(2)).facts == ()
    (fact,) = held.succeed(held.leave(), work(3)).facts
    assert fact.work == work(1)
    assert not held.holds


@pytest.mark.parametrize(
    ("error", "is_own"),
    [
        (status_error(NotFound, 404), True),
        (status_error(NotFound, 410), True),
        (status_error(Forbidden, 403), True),
        (status_error(BadRequest, 400), True),
        (status_error(NotFound, 500), True),  # Procura's way to say so
        (status_error(NotFound, 404, "text/html"), False),
        (status_error(Forbidden, 403, "text/plain"), False),
        (status_error(BadRequest, 400, "text/html"), False),
        (broken(), False),
        (TransportError("reset", method="GET", template="/x"), False),
        (RequestTimeout("slow", method="GET", template="/x"), False),
        (ProtocolError("HTML", method="GET", template="/x"), False),
    ],
)
def test_what_is_possibly_the_apis_own_word(error: TransportError, is_own: bool) -> None:
    held = triage()
    held.hold(work(1), error)
    verdict = held.succeed(held.leave(), work(2))
    assert (len(verdict.facts), len(verdict.again)) == ((1, 0) if is_own else (0, 1))


def test_a_suspect_is_broken_once_it_has_failed_often_enough_while_others_succeeded() -> None:
    held = triage()
    for _ in range(ASKED_AT_MOST - 1):
        held.hold(work(1), broken())
        assert held.succeed(held.leave(), work(2)).again == (work(1),)
    held.hold(work(1), broken())
    (found,) = held.succeed(held.leave(), work(2)).broken
    assert found.asked == ASKED_AT_MOST


def test_four_suspects_in_a_row_are_the_servers() -> None:
    held = triage()
    signs = [held.hold(work(each), broken()) for each in range(IN_A_ROW)]
    assert signs == [None, None, None, Sign.AWAY]


def test_a_success_between_ends_the_row() -> None:
    held = triage()
    for each in range(20):
        assert held.hold(work(each), broken()) is None
        held.succeed(held.leave(), work(100))


def test_four_own_words_in_a_row_call_for_a_control() -> None:
    held = triage()
    signs = [held.hold(work(each), status_error(NotFound, 404)) for each in range(IN_A_ROW)]
    assert signs == [None, None, None, Sign.DOUBTFUL]


def test_one_of_many_refusals_in_a_row_is_asked_for_once_more() -> None:
    """The firewall that gave them may have gone before the control was asked."""
    held = triage()
    for each in range(IN_A_ROW):
        sign = held.hold(work(each), status_error(NotFound, 404))
    assert sign is Sign.DOUBTFUL
    verdict = held.succeed(held.leave())
    assert len(verdict.again) == IN_A_ROW
    assert not verdict.facts
    held.succeed(held.leave(), verdict.again[0])  # it is there
    for one in verdict.again[1:]:
        held.hold(one, status_error(NotFound, 404))
    verdict = held.succeed(held.leave())
    assert len(verdict.facts) == IN_A_ROW - 1
    assert not verdict.again


def test_the_tail_of_a_run_belongs_to_it_whenever_it_arrives() -> None:
    """Answers of before cut the row short while the control is asked; more come after it."""
    held = triage()
    left = [held.leave() for _ in range(IN_A_ROW + 2)]
    for each in range(IN_A_ROW):
        held.hold(work(each), status_error(NotFound, 404), left[each])
    with held.suspended():
        held.succeed(left[0], work(99))
        held.hold(work(10), status_error(NotFound, 404), left[-2])
        control = held.leave()
    verdict = held.succeed(control)
    assert work(10) in verdict.again
    assert not verdict.facts
    held.hold(work(11), status_error(NotFound, 404), left[-1])
    verdict = held.succeed(held.leave())
    assert verdict.again == (work(11),)
    assert not verdict.facts
    held.hold(work(12), status_error(NotFound, 404), held.leave())
    (fact,) = held.succeed(held.leave()).facts  # alone, and later
    assert fact.work == work(12)


def test_a_404_that_is_usual_for_its_kind_calls_for_none() -> None:
    held = triage()
    signs = []
    for each in range(40):
        asked = [work(each, "photo")]
        while asked:
            signs += [held.hold(one, status_error(NotFound, 404)) for one in asked]
            asked = list(held.succeed(held.leave()).again) if any(signs[-len(asked) :]) else []
    assert 1 <= len([sign for sign in signs if sign is not None]) <= 2


def test_what_was_said_in_an_outage_is_asked_for_once_more_and_believed_by_nobody() -> None:
    held = triage()
    held.hold(work(1), status_error(Forbidden, 403))
    held.hold(work(2), broken())
    with held.suspended():
        with held.suspended():
            assert held.succeed(held.leave()).facts == ()
        assert held.succeed(held.leave()).facts == ()
    assert [each.work for each in held.take()] == [work(1), work(2)]
    assert not held.holds
    held.hold(work(2), broken())
    (found,) = held.succeed(held.leave()).broken
    assert found.work == work(2)


def test_what_never_reached_the_server_counts_as_not_asked() -> None:
    held = triage()
    for _ in range(9):
        held.hold(work(1), NotSent("refused", method="GET", template="/x"))
        assert held.succeed(held.leave(), work(2)).broken == ()


def test_a_manner_is_learned_while_controls_succeed() -> None:
    manners = Manners({})
    held = FailureTriage(manners, lambda: 0.0)
    for number in (1, 2):
        for _ in range(ASKED_AT_MOST):
            held.hold(work(number), status_error(NotFound, 404, "text/html"))
            verdict = held.succeed(held.leave(), work(9))
    assert {each.work.id for each in verdict.facts} == {1, 2}
    assert not held.holds
    # And in the next run as well.
    later = FailureTriage(Manners(manners.known), lambda: 0.0)
    later.hold(work(3), status_error(NotFound, 404, "text/html"))
    assert later.succeed(later.leave(), work(9)).facts
    later.hold(work(4), status_error(NotFound, 404, "text/plain"))
    assert not later.succeed(later.leave(), work(9)).facts


def test_a_manner_that_is_refuted_is_not_learned() -> None:
    held = triage()
    for number in range(9):
        held.hold(work(number), status_error(NotFound, 404, "text/plain"))
        held.succeed(held.leave(), work(99))
        held.succeed(held.leave(), work(number))  # there it is
    assert not held.manners.knows(status_error(NotFound, 404, "text/plain"))


def test_a_form_seen_once_is_broken_in_the_end() -> None:
    held = triage()
    for _ in range(ASKED_AT_MOST):
        held.hold(work(1), status_error(NotFound, 404, "text/html"))
        held.succeed(held.leave(), work(9))
    assert held.holds
    assert [each.work for each in held.resolve_at_end()] == [work(1)]
    assert not held.holds


def test_no_connection_and_no_token_are_about_nothing_that_was_asked_for() -> None:
    gateway = AuthenticationError("a page")
    gateway.is_proven = False
    assert is_unreachable(gateway)
    assert is_unreachable(NotSent("refused", method="GET", template="/x"))
    assert not is_unreachable(AuthenticationError("invalid_client"))
    assert not is_unreachable(broken())
