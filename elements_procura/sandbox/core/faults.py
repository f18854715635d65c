"""Faults on order: which requests go wrong, and how; what that looks like is ``answers``' part."""

from pathlib import Path
from typing import Any, Final

import attrs
import orjson

from elements_procura.sandbox.core.striking import Plan, by_order, number, text, whole

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


def _one_of_kinds(_: "Fault", attribute: "attrs.Attribute[str]", value: Any) -> None:
    if value not in KINDS:
        raise ValueError(f"'{attribute.name}' is one of {', '.join(KINDS)}, not {value!r}")


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
    match: str = attrs.field(default="*", validator=text)
    probability: float = attrs.field(default=1.0, validator=number(0, 1))
    times: int | None = attrs.field(default=None, validator=attrs.validators.optional(whole(0)))
    after: int = attrs.field(default=0, validator=whole(0))
    status: int = attrs.field(default=503, validator=whole(200, 599))
    seconds: float = attrs.field(default=30.0, validator=number(0))

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
        return tuple(_read(place, entry) for place, entry in enumerate(plan, start=1))


def _read(place: int, entry: Any) -> Fault:
    if not isinstance(entry, dict):
        raise ValueError(f"fault {place} must be an object")
    known = [field.name for field in attrs.fields(Fault)]
    for key in entry:
        if key not in known:
            raise ValueError(f"fault {place}: unknown key '{key}'; known are {', '.join(known)}")
    if "kind" not in entry:
        raise ValueError(f"fault {place}: 'kind' is missing")
    try:
        return Fault(**entry)
    except ValueError as error:
        raise ValueError(f"fault {place}: {error}") from error


class FaultPlan(Plan[Fault]):
    """Decides which requests are hit: the same seed and the same order give the same hits."""

    def __init__(self, faults: tuple[Fault, ...], *, seed: int) -> None:
        super().__init__(faults, chance=by_order(seed, "fault"))
