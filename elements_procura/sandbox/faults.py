"""Faults on order: which requests go wrong, and how; what that looks like is ``answers``' part."""

import fnmatch
import random
import re
from pathlib import Path
from typing import Any, Final

import attrs
import orjson

KINDS: Final = (
    "status",
    "reset",
    "reset-after",
    "status-after",
    "stall",
    "stall-after",
    "truncate",
    "cut-json",
    "html",
    "other-body",
    "empty",
    "drip",
)
_PLACEHOLDER: Final = re.compile(r"\{\w+\}")
_IN_PLACE: Final = "\0"


def _one_of_kinds(_: "Fault", attribute: "attrs.Attribute[str]", value: Any) -> None:
    if value not in KINDS:
        raise ValueError(f"'{attribute.name}' is one of {', '.join(KINDS)}, not {value!r}")


def _text(_: "Fault", attribute: "attrs.Attribute[str]", value: Any) -> None:
    if not isinstance(value, str):
        raise ValueError(f"'{attribute.name}' must be a text, not {value!r}")


def _number(low: float, high: float = float("inf")) -> Any:
    def check(_: "Fault", attribute: "attrs.Attribute[Any]", value: Any) -> None:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not low <= value <= high:
            span = f"from {low:g}" + ("" if high == float("inf") else f" to {high:g}")
            raise ValueError(f"'{attribute.name}' must be a number {span}, not {value!r}")

    return check


def _whole(low: int, high: float = float("inf")) -> Any:
    number = _number(low, high)

    def check(fault: "Fault", attribute: "attrs.Attribute[Any]", value: Any) -> None:
        number(fault, attribute, value)
        if not isinstance(value, int):
            raise ValueError(f"'{attribute.name}' must be a whole number, not {value!r}")

    return check


@attrs.frozen(kw_only=True)
class Fault:
    """One thing that goes wrong.

    Args:
        kind: Before anything is done, so that a write is not carried out: ``status`` (that status,
            a JSON error body), ``reset`` (the connection dies), ``stall`` (nothing for
            ``seconds``, then the answer, unless the caller has left), ``html`` (status 200, an
            error page), ``empty`` (status 200, no body). When everything is done, so that a write
            is carried out: ``status-after``, ``reset-after`` and ``stall-after`` (the same,
            whatever the answer was), ``truncate`` (half of the body, then the end), ``cut-json``
            (a well-framed answer with half of the body), ``other-body`` (the same relation of
            another dossier), ``drip`` (the body spread over ``seconds``).
        match: A pattern for ``METHOD /path``; ``*``, ``?`` and ``[...]`` as for file names, and
            ``{NAME}`` for one segment of a path.
        probability: The chance that a matching request is hit.
        times: How many requests are hit at most; None for any number.
        after: How many matching requests pass before the first can be hit.
        status: For ``status`` and ``status-after``.
        seconds: For ``stall``, ``stall-after`` and ``drip``.
    """

    kind: str = attrs.field(validator=_one_of_kinds)
    match: str = attrs.field(default="*", validator=_text)
    probability: float = attrs.field(default=1.0, validator=_number(0, 1))
    times: int | None = attrs.field(default=None, validator=attrs.validators.optional(_whole(0)))
    after: int = attrs.field(default=0, validator=_whole(0))
    status: int = attrs.field(default=503, validator=_whole(200, 599))
    seconds: float = attrs.field(default=30.0, validator=_number(0))

    @classmethod
    def parse(cls, text: str) -> tuple["Fault", ...]:
        """Read a plan: a JSON list of faults, or the path of a file that holds one.

        Raises:
            ValueError: The plan is not readable; the message names the place and the key.
        """
        if not text.lstrip().startswith(("[", "{")):
            try:
                text = Path(text).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise ValueError(f"cannot read the fault plan {text!r}: {error}") from error
        try:
            plan = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise ValueError(f"the fault plan is not JSON: {error}") from error
        if not isinstance(plan, list):
            raise ValueError("the fault plan must be a JSON list of objects")
        return tuple(_read(number, entry) for number, entry in enumerate(plan, start=1))


def _read(number: int, entry: Any) -> Fault:
    if not isinstance(entry, dict):
        raise ValueError(f"fault {number} must be an object")
    known = [field.name for field in attrs.fields(Fault)]
    for key in entry:
        if key not in known:
            raise ValueError(f"fault {number}: unknown key '{key}'; known are {', '.join(known)}")
    if "kind" not in entry:
        raise ValueError(f"fault {number}: 'kind' is missing")
    try:
        return Fault(**entry)
    except ValueError as error:
        raise ValueError(f"fault {number}: {error}") from error


class FaultPlan:
    """Decides which requests are hit: the same seed and the same order give the same hits."""

    def __init__(self, faults: tuple[Fault, ...], *, seed: int) -> None:
        self._seed = seed
        self._added = 0
        self._pending: list[_Pending] = []
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """Put one more fault behind the others."""
        # Reproducible on purpose, nothing secret hangs on it.
        chance = random.Random(f"{self._seed}/fault/{self._added}")
        self._added += 1
        self._pending.append(_Pending(fault, chance))

    def clear(self) -> None:
        """From now on nothing goes wrong."""
        self._pending.clear()

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request: the first in order, the others stay for later."""
        if not self._pending:
            return None
        request = f"{method} {path}"
        hit: Fault | None = None
        for pending in self._pending:
            if pending.pattern.fullmatch(request) and pending.due() and hit is None:
                pending.hits += 1
                hit = pending.fault
        return hit


class _Pending:
    """A fault, and how far it is."""

    __slots__ = ("_chance", "_seen", "fault", "hits", "pattern")

    def __init__(self, fault: Fault, chance: random.Random) -> None:
        self.fault = fault
        self.hits = 0
        pattern = fnmatch.translate(_PLACEHOLDER.sub(_IN_PLACE, fault.match))
        self.pattern = re.compile(pattern.replace(re.escape(_IN_PLACE), "[^/]+"))
        self._chance = chance
        self._seen = 0

    def due(self) -> bool:
        """Count one matching request: whether it may be hit."""
        self._seen += 1
        if self._seen <= self.fault.after:
            return False
        if self._chance.random() >= self.fault.probability:
            return False
        return self.fault.times is None or self.hits < self.fault.times
