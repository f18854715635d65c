"""Judges of writes: what an answer proves, by its documentation or by more than that."""

from collections.abc import Callable, Mapping
from typing import Protocol

from elements_procura import evidence
from elements_procura.core.http import Request
from elements_procura.evidence import Verdict


class Answer(Protocol):
    """The part of an answer that a journal reads."""

    @property
    def body(self) -> bytes:
        """The bytes as they came."""

    @property
    def status(self) -> int:
        """HTTP status."""

    @property
    def headers(self) -> Mapping[str, str]:
        """By lower-case name."""


Judge = Callable[[Request, Answer], Verdict]
"""A callable that decides whether an answer proves that a write took effect."""


Settled = Callable[[Request, int, bytes], bool]
"""Whether an answer of 5xx, by its body, is the server's last word on this request: it is then
returned as any other answer, neither asked for again nor taken for an unknown outcome."""


def documented(request: Request, answer: Answer) -> Verdict:
    """Judge an answer by the documentation of its request alone."""
    return evidence.judge_write(request.success, answer.status, answer.headers, answer.body)
