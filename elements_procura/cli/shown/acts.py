"""The demo in bad weather, printed act by act."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from elements_procura.cli._exit import EXIT_FAILED, EXIT_INTERRUPTED
from elements_procura.cli._output import Output

if TYPE_CHECKING:
    from elements_procura.cli.shown.watch import Watcher
    from elements_procura.demo import Act, Night, Quota
    from elements_procura.harvest import Harvest
    from elements_procura.sandbox import ProcuraSandbox, Sandbox

DOSSIERS = 24
"""The default number of dossiers of each API."""


async def perform(
    output: Output,
    elements: "Sandbox",
    procura: "ProcuraSandbox",
    out: Path,
    *,
    weather: str,
    name: str,
    watcher: "Watcher",
    as_json: bool,
) -> int:
    """Play the acts on two running sandboxes, and print each; return the exit code."""
    from elements_procura.demo import Play, Stage, programme, result_of, sides_of
    from elements_procura.sandbox import Weather

    tell = output.say if as_json else output.data

    async def watch(api: str, run: "Harvest", quota: "Quota") -> None:
        output.say(f"api      {api.title()}")
        await watcher.watch(run, quota)

    stage = Stage(
        begin=lambda act: tell("\n".join(_heading(act))),
        change=lambda what: tell(f"source   {what}"),
        end=lambda night: tell("\n".join(_told(night))),
        watch=watch,
        is_stopped=lambda: watcher.interrupted,
    )
    play = Play(sides_of(elements, procura), out, name, stage)
    acts = await play.perform(programme(Weather.parse(weather)))
    if watcher.interrupted:
        return EXIT_INTERRUPTED
    is_ok = all(act.ok for act in acts)
    if as_json:
        result = result_of(acts, out).to_json()
        output.data(json.dumps(result | {"acts": [act.to_json() for act in acts]}))
    else:
        lost = sum(night.lost for act in acts for night in act.nights)
        output.data(f"exports  {lost:,} rows of what is still there were missing from any of them")
        output.data(f"verdict  {_verdict(acts)}")
        output.data(f"store    {out}")
    return 0 if is_ok else EXIT_FAILED


def _heading(act: "Act") -> list[str]:
    weather = ", ".join(act.weather) or "fair"
    return [f"act {act.number}    {act.title}", f"weather  {weather}"]


def _told(night: "Night") -> list[str]:
    progress = night.progress
    lines = [
        (
            f"{night.api:8} exit {night.exit_code} · "
            f"{progress.harvested:,}/{progress.dossiers:,} dossiers · {progress.gone:,} gone · "
            f"{night.requests:,} requests · {night.hit:,} met the weather · "
            f"{len(night.rows):,} rows in an export · {night.seconds:.1f} s"
        )
    ]
    if night.verdict is not None:
        verdict = night.verdict
        lines.append(
            f"verify   {'equal' if verdict.equal else 'NOT EQUAL'}: "
            f"{verdict.compared:,} bodies compared, {verdict.different} different, "
            f"{verdict.incomplete} dossiers lost"
        )
    if progress.quarantined:
        lines.append(f"told     {progress.quarantined:,} dossiers in quarantine")
    lines += [
        f"told     {concern.state}: {concern.shown}, {concern.count:,}"
        + (f" of {concern.of:,}" if concern.of else "")
        for concern in night.open
    ]
    return lines


def _verdict(acts: "tuple[Act, ...]") -> str:
    wrong = [str(act.number) for act in acts if not act.ok]
    if wrong:
        return f"NOT as it must be: act {', '.join(wrong)}"
    return "all acts ended as they must, and nothing was lost"
