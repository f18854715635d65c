"""Even spacing, for an account whose server refuses what the guarantee lets through.

No log, fixed window or bucket does. So the server is a sliding counter, or somebody else spends the
same quota: either way requests that leave evenly are refused less. It is what ``Guarantee`` does in
one process, by what all processes have been answered.
"""

from typing import Any

_EVEN, _EVEN_MOST, _WIDER = 1.05, 1.5, 1.1
_MANY, _WITHIN = 3, 1000
_HOUR, _DAY = 3_600_000.0, 86_400_000.0


def note_answer(state: dict[str, Any], sent: float, at: float, *, refused: bool) -> None:
    """Count an answer, and space requests from now on when refusals are too many.

    Args:
        state: The account.
        sent: When its request had left.
        at: When the answer was there.
        refused: Whether it was a refusal.
    """
    known = state.setdefault(
        "spacing",
        {"by": 0.0, "until": 0.0, "next": _HOUR, "answers": 0, "refused": [], "at": 0.0},
    )
    known["answers"] += 1
    if not refused or sent <= known["at"]:  # it belongs to a refusal that is counted already
        return
    known["at"] = at
    known["refused"] = [*known["refused"], known["answers"]][-_MANY:]
    if len(known["refused"]) < _MANY or known["answers"] - known["refused"][0] >= _WITHIN:
        return
    known["refused"] = []
    is_spaced = known["until"] > at
    known["by"] = min(known["by"] * _WIDER, _EVEN_MOST) if is_spaced else _EVEN
    known["until"] = at + known["next"]
    known["next"] = min(known["next"] * 2, _DAY)


def spacing(state: dict[str, Any], now: float) -> float:
    """How far apart requests leave now, as a part of window / limit; 0 for any distance."""
    known = state.get("spacing")
    return float(known["by"]) if known and known["until"] > now else 0.0
