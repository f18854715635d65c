"""The concerns of a harvest in words, each with the option that settles it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from elements_procura.harvest import Concern, Progress

_MOST = 20
_WORDS = {
    "doubted": "{count:,} of {of:,} {subject} are lost at once, which is doubted: what was stored "
    "stays · if they are gone indeed: --accept {subject}",
    "forbidden": "{count:,} {subject} may not be read (403): what was stored stays · ask for the "
    "right, or acknowledge it: --accept {subject}",
    "not granted": "{subject} may not be read at all (403); one is asked for once a day",
    "quarantined": "{subject}: {count:,} resources cannot be read: what was stored stays · "
    "--retry-quarantined, or acknowledge it: --accept {subject}",
    "rows": "{count:,} rows of the listing have no id that could be used · acknowledge them: "
    "--accept rows",
    "incomplete": "the listing lacks at least {count:,} dossiers that there are · acknowledge it: "
    "--accept rows",
}


def concern_lines(progress: "Progress") -> Iterator[str]:
    """A line for each, unacknowledged ones first."""
    found = sorted(progress.concerns, key=lambda each: not each.is_open)
    for each in found[:_MOST]:
        yield f"{'concern' if each.is_open else 'known':<9}{_text(each)}"
    if len(found) > _MOST:
        yield f"         and {len(found) - _MOST:,} more: `status --json` names them"


def _text(concern: "Concern") -> str:
    words = _WORDS.get(concern.state, "{count:,} {subject} {state} · --accept {subject}")
    text = words.format(
        subject=concern.shown, state=concern.state, count=concern.count, of=concern.of
    )
    return text if concern.is_open or concern.state == "not granted" else f"{text} · acknowledged"
