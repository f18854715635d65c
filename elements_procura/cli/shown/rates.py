"""How often kinds and parts of dossiers change, and whether refreshing by parts pays."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from elements_procura.harvest.records import KindRate, PartRate

_ENOUGH = 20
"""Changes of all kinds together, below which the rates are guesses."""
_SMALL = 0.01
"""The share of all resources below which a kind decides nothing."""
_GAINS = (
    (100.0, "about half"),
    (20.0, "about three quarters"),
    (5.0, "about four fifths"),
    (0.0, "the same as"),
)
"""The mean age to expect, by how far the rates of kinds lie apart: ``benchmarks/refresh.py``."""


@attrs.frozen
class Rates:
    """What changes how often in a store.

    Attributes:
        kinds: Every kind, the busiest first.
        parts: Every part, the busiest first.
    """

    kinds: "list[KindRate]"
    parts: "list[PartRate]"

    @property
    def spread(self) -> float | None:
        """How often the busiest kind changes to the quietest; None while too little is seen."""
        least = _SMALL * sum(each.resources for each in self.kinds)
        rates = [each.per_month for each in self.kinds if each.resources >= least]
        if len(rates) < 2 or sum(each.changes for each in self.kinds) < _ENOUGH:  # noqa: PLR2004 - it takes two to differ
            return None
        return max(rates) / min(rates)

    @property
    def conclusion(self) -> str:
        """Whether refreshing by parts pays here, in words."""
        if not self.parts:
            return "each dossier here is refreshed whole: none has several parts, or not yet"
        spread = self.spread
        if spread is None:
            seen = sum(each.changes for each in self.kinds)
            return (
                f"{seen:,} changes have been seen, too few to say how much refreshing by parts "
                f"gains: refresh until there are {_ENOUGH}"
            )
        gain = next(gain for least, gain in _GAINS if spread >= least)
        pays = "pays" if spread >= _GAINS[-2][0] else "neither pays nor costs anything"
        return (
            f"the busiest kind changes {spread:,.0f} times as often as the quietest: refreshing "
            f"by parts {pays} here, the mean age to expect is {gain} that of whole dossiers"
        )

    def to_json(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "rates": [attrs.asdict(each) for each in self.parts],
            "rates_by_kind": [attrs.asdict(each) for each in self.kinds],
            "rates_spread": self.spread,
            "rates_conclusion": self.conclusion,
        }


def rate_lines(rates: Rates | None) -> Iterator[str]:
    """The lines of ``status --rates``; none where they were not requested.

    Args:
        rates: What changes how often.
    """
    if rates is None:
        return
    if not rates.kinds:
        yield "rates    unknown: no refresh has looked at anything twice so far"
        return
    for kind in rates.kinds:
        often = f"one changes {kind.per_month:,.2f} times in 30 days"
        yield (
            f"rates    {kind.kind}: {often if kind.changes else 'no change seen yet'} · "
            f"{kind.resources:,} stored · {kind.changes:,} of {kind.looks:,} looks found a change"
        )
    for part in rates.parts:
        often = f"{part.per_month:,.2f} changes in 30 days that no sign shows"
        yield (
            f"part     {part.part}: {often if part.changes else 'no change seen yet'} · "
            f"{part.dossiers:,} dossiers · {part.requests:,} requests"
        )
    yield f"so       {rates.conclusion}"
