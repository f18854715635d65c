"""A harvest on a terminal: bars that stay in their place."""

import contextlib
import logging
import sys
from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from elements_procura.cli.shown.facts import (
    age_text,
    away_text,
    calls_text,
    clock_time,
    dossiers_text,
    ends_text,
    quota_text,
    span,
)
from elements_procura.cli.shown.progress import left_over
from elements_procura.cli.shown.traffic import traffic_texts
from elements_procura.fleet.tracker import Facts
from elements_procura.scheduler import Usage

_WIDTH = 30
_GAUGE = 10


class Bar:
    """Draws the state of a harvest. Use it inside :func:`drawn`."""

    def __init__(self) -> None:
        self._drawing: RenderableType = Text("")

    def __rich__(self) -> RenderableType:
        return self._drawing

    def show(self, facts: Facts) -> None:
        """Draw the facts at the next occasion."""
        self._drawing = drawing(facts)

    def end(self, facts: Facts) -> None:
        """Draw the facts for good."""
        self.show(facts)


@contextlib.contextmanager
def drawn() -> Iterator[Bar]:
    """A bar that is redrawn until the end, and left there. Other lines go above it."""
    bar = Bar()
    with Live(bar, console=Console(stderr=True), refresh_per_second=4), _logging_above():
        yield bar


def drawing(facts: Facts) -> RenderableType:
    """The facts, one per line."""
    progress = facts.progress
    done, of = progress.settled, progress.dossiers
    if progress.to_refresh and done == of:
        done, of = progress.refreshed, progress.to_refresh
    first = Table.grid(padding=(0, 1))
    first.add_row(
        "harvest ",
        ProgressBar(total=of or None, completed=done, width=_WIDTH, pulse=not of),
        _text(f"{dossiers_text(progress)} · {span(facts.elapsed)}"),
    )
    rest = [f"calls    {calls_text(facts)}", f"time     {' · '.join(ends_text(facts)) or '…'}"]
    rest += [f"quota    {_gauge(usage)}{_resets(facts, usage)}" for usage in facts.quota]
    if seen := traffic_texts(progress.traffic):
        rest.append(f"server   {' · '.join(seen)}")
    rest += [f"weather  {each}" for each in away_text(facts)]
    rest.append("last     " + " · ".join([age_text(facts), *left_over(progress)]))
    return Group(first, *map(_text, rest))


def _gauge(usage: Usage) -> str:
    share = min(usage.used / usage.rate.limit, 1.0)
    full = round(share * _GAUGE)
    return f"[{'█' * full}{'░' * (_GAUGE - full)}] {share:.0%} · {quota_text(usage)}"


def _resets(facts: Facts, usage: Usage) -> str:
    if usage.resets_at is None:
        return ""
    return f" · more from {clock_time(facts, usage.resets_at - facts.now)}"


def _text(words: str) -> Text:
    # A plain Text: square brackets are no markup here. Too long a line is cut, or the drawing
    # would change its height.
    return Text(words, no_wrap=True, overflow="ellipsis")


@contextlib.contextmanager
def _logging_above() -> Iterator[None]:
    """Print log records above the bar, too, although their handlers' stream is older."""
    handlers = [
        (handler, handler.setStream(sys.stderr))
        for handler in logging.getLogger().handlers
        if type(handler) is logging.StreamHandler
    ]
    try:
        yield
    finally:
        for handler, stream in handlers:
            if stream is not None:
                handler.setStream(stream)
