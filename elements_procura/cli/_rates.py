"""How often parts of dossiers change, and whether it pays to refresh them apart."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elements_procura.harvest.records import PartRate

_ENOUGH = 20.0
"""Changes of all parts together, below which the rates are guesses."""
_GAINS = (
    (100.0, "half of that by whole dossiers"),
    (20.0, "three quarters of that by whole dossiers"),
    (5.0, "four fifths of that by whole dossiers"),
    (0.0, "that of whole dossiers"),
)
"""The mean age to expect, by how far the parts' rates lie apart: ``benchmarks/refresh.py``."""


def rate_lines(rates: "list[PartRate] | None") -> Iterator[str]:
    """The lines of ``status --rates``; none where they were not requested.

    Args:
        rates: How often each part changes, the busiest first.
    """
    if rates is None:
        return
    if not rates:
        yield "rates    unknown: no dossier of several parts has been read whole so far"
        return
    for each in rates:
        yield (
            f"rates    {each.part}: {each.per_month:.2f} changes in 30 days · {each.dossiers:,} "
            f"dossiers · {each.requests:,} requests · {each.changes:.1f} changes seen in "
            f"{each.days:,.0f} days"
        )
    if sum(each.changes for each in rates) < _ENOUGH:
        yield "         too few changes have been seen to say how much refreshing by parts gains"
        return
    per_request = [each.per_month * each.dossiers / each.requests for each in rates]
    spread = max(per_request) / min(per_request)
    age = next(age for least, age in _GAINS if spread >= least)
    yield (
        f"         by request the busiest part changes {spread:,.1f} times as often as the "
        f"quietest: the mean age to expect is about {age}"
    )
