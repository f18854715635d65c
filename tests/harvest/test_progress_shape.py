"""One shape of progress: events, ``status``, the report and the demo show the same figures."""

import json
from pathlib import Path
from typing import Any

from elements_procura.cli.shown.events import EventLog, EventWriter
from elements_procura.cli.shown.progress import progress_json
from elements_procura.demo._result import ApiResult
from elements_procura.demo._verify import Verdict
from elements_procura.fleet import Outcome
from elements_procura.harvest import HarvestFinished, Progress
from elements_procura.harvest.events import Concern

FULL = Progress(
    **dict[str, Any]({name: 7 + nth for nth, name in enumerate(Progress().counts())}),
    saved={"a collection": 3},
    listed=True,
    concerns=(Concern("producten", "doubted", 4, 9), Concern("rows", "rows", 2, accepted=2)),
)


def test_every_count_is_in_it() -> None:
    counts = FULL.counts()
    assert len(set(counts.values())) == len(counts) == 16
    assert counts == {name: getattr(FULL, name) for name in counts}


def test_the_same_figures_under_the_same_names_everywhere(tmp_path: Path) -> None:
    counts = FULL.counts()
    whole = FULL.to_json()
    assert whole.items() >= counts.items()
    assert [each["settled_by"] for each in whole["concerns"]] == [
        "--accept producten",
        "--accept rows",
    ]
    status = progress_json(FULL, "s.sqlite")
    assert status == {**whole, "store": "s.sqlite"}
    log = EventLog.open(tmp_path / "e", print)
    EventWriter(log).event(HarvestFinished(FULL), now=0.0)
    log.close()
    event: dict[str, Any] = json.loads((tmp_path / "e").read_text())
    assert event.items() >= counts.items()
    demo = ApiResult(FULL, Verdict(0, 0, 0), 1, 0, 1.0, tmp_path).to_json()
    assert {name: demo[name] for name in demo.keys() & counts} == {
        name: counts[name] for name in demo.keys() & counts
    }
    assert len(demo.keys() & counts) == 5
    outcome = Outcome(name="t", store="s.sqlite", progress=FULL, exit_code=0)
    assert outcome.to_dict()["progress"] == whole
