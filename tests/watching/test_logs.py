"""The recipes of docs/watching.md, run as they stand there."""

import io
import json
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from elements_procura.errors import ElementsProcuraError
from elements_procura.sandbox import Fault, Sandbox
from tests.canary_kit import NAME as CASE_NAME
from tests.canary_kit import NAMED, world
from tests.client_kit import client_for, raw_server
from tests.harvest.test_weather import run as harvested
from tests.harvest.test_weather import world as weather_world
from tests.harvest.weather_kit import client_of
from tests.test_canary import MOODS, Ill, calls, canary_client, seen_in

DOCS = Path(__file__).parents[2] / "docs/watching.md"
BLOCKS = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
RECIPES = {
    "json": next(each for each in BLOCKS if "class JsonLines" in each),
    "structlog": next(each for each in BLOCKS if "import structlog" in each),
}


@pytest.fixture(params=RECIPES)
def written(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[io.StringIO]:
    """What a recipe writes."""
    stream, space = io.StringIO(), dict[str, Any]()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        exec(RECIPES[request.param], space)
    logger = space["logger"]
    yield stream
    logger.removeHandler(space["handler"])
    logger.setLevel(logging.NOTSET)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def test_a_recipe_writes_lines_with_their_facts(written: io.StringIO) -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        sandbox.add_fault(Fault(kind="status", status=503, times=1, match="GET /api/*"))
        async with client_for(sandbox, tenant="kantoor-a") as client:
            await client.klantdossiers.get(5526)
    told = lines(written)
    assert [each["tenant"] for each in told] == ["kantoor-a"] * len(told)
    assert "token: granted" in [each.get("message", each.get("event")) for each in told]
    [repeat] = [each for each in told if "template" in each]
    assert repeat["tenant"] == "kantoor-a"
    assert repeat["template"] == "/api/data/klantdossiers/{DOSSIER_ID}"
    assert (repeat["status"], repeat["attempt"]) == (503, 1)
    assert repeat["seconds"] > 0
    assert repeat["level"].lower() == "info"


@pytest.mark.virtual_time
async def test_an_interruption_is_logged_with_its_tenant(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with weather_world() as (front, _), client_of(front, tenant="kantoor-a") as elements:
        front.break_down("503", after=60, seconds=90.0)
        assert (await harvested(tmp_path / "s.sqlite", front, elements)).error is None
    told = [each for each in caplog.records if each.message.startswith("the server is ")]
    assert [each.message.split(" ")[3].rstrip(":") for each in told] == ["away", "back"]
    assert {vars(each)["tenant"] for each in told} == {"kantoor-a"}


@pytest.mark.virtual_time
@pytest.mark.parametrize("mood", MOODS)
async def test_no_canary_in_what_a_recipe_writes(mood: str, written: io.StringIO) -> None:
    logging.getLogger("elements_procura").setLevel(logging.DEBUG)
    ill = Ill()
    ill.mood = mood
    async with raw_server(ill) as server, canary_client(server.url) as client:
        await calls(client)
    assert lines(written)
    assert seen_in(written.getvalue()) == []


async def test_no_canary_of_procura_in_what_a_recipe_writes(written: io.StringIO) -> None:
    logging.getLogger("elements_procura").setLevel(logging.DEBUG)
    async with world() as sandbox, client_for(sandbox) as client:
        for call in (
            client.births.get(NAMED),
            client.relatives.get("999990019"),
            client.read(f"/api/v1/births/{CASE_NAME}"),
        ):
            with pytest.raises(ElementsProcuraError):
                await call
    assert lines(written)
    assert CASE_NAME not in written.getvalue()
    assert "999990019" not in written.getvalue()
