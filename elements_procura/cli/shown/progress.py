"""The progress of a harvest, in words and as JSON."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from elements_procura.cli._output import Output
from elements_procura.cli.shown.concerns import concern_lines
from elements_procura.cli.shown.traffic import traffic_texts

if TYPE_CHECKING:
    from elements_procura.harvest import Progress


def progress_json(progress: "Progress", store: Path | str) -> dict[str, Any]:
    """A harvest's progress and its store, as one JSON object."""
    return {**progress.to_json(), "store": str(store)}


def left_over(progress: "Progress") -> list[str]:
    """Non-zero counts of dossiers in any other state."""
    counts = {
        "in quarantine": progress.quarantined,
        "gone": progress.gone,
        "deleted": progress.deleted,
        "unlisted": progress.unlisted,
        "missing from a listing that is doubted": progress.doubted,
    }
    return [f"{count:,} {name}" for name, count in counts.items() if count]


def show_progress(output: Output, progress: "Progress") -> None:
    """Print the progress in words."""
    rest = left_over(progress)
    rest += [f"{progress.queued:,} resources to go"] if progress.queued else []
    output.result(
        " · ".join(
            [
                f"harvest  {progress.harvested:,}/{progress.dossiers:,} dossiers",
                f"{progress.resources:,} bodies",
                f"{progress.requests:,} requests",
                *rest,
            ]
        )
    )
    if progress.to_refresh:
        output.result(
            f"refresh  {progress.refreshed:,}/{progress.to_refresh:,} dossiers, "
            f"{progress.changed:,} of them had changed"
        )
    if seen := traffic_texts(progress.traffic):
        output.result(f"server   {' · '.join(seen)}")
    if progress.saved:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in progress.saved.items())
        output.result(f"saved    {progress.requests_saved:,} requests: {reasons}")
    for line in concern_lines(progress):
        output.result(line)
