"""Dossier 5526: the documented bodies, and a world around them without dead ends."""

import ast
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.sandbox.sandbox_caller import ROOT, calling, hrefs, open_sandbox

DOSSIER = f"{ROOT}/5526"

# The documented data endpoints that can be read, below the dossier.
DOCUMENTED = (
    "",
    "/registraties",
    "/klanten/particulier",
    "/klanten/particulier/#",
    "/klanten/particulier/#/adressen",
    "/klanten/particulier/#/adressen/#",
    "/klanten/particulier/#/emailadressen",
    "/klanten/particulier/#/emailadressen/#",
    "/klanten/particulier/#/kenmerken",
    "/klanten/particulier/#/kenmerken/#",
    "/klanten/particulier/#/profielfoto",
    "/klanten/particulier/#/profielfoto/download",
    "/klanten/particulier/#/rekeningnummers",
    "/klanten/particulier/#/rekeningnummers/#",
    "/klanten/particulier/#/socialmedia",
    "/klanten/particulier/#/socialmedia/#",
    "/klanten/particulier/#/telefoonnummers",
    "/klanten/particulier/#/telefoonnummers/#",
    "/klanten/zakelijk",
    "/klanten/zakelijk/#",
    "/klanten/zakelijk/#/adressen",
    "/klanten/zakelijk/#/adressen/#",
    "/klanten/zakelijk/#/emailadressen",
    "/klanten/zakelijk/#/emailadressen/#",
    "/klanten/zakelijk/#/kenmerken",
    "/klanten/zakelijk/#/kenmerken/#",
    "/klanten/zakelijk/#/profielfoto",
    "/klanten/zakelijk/#/profielfoto/download",
    "/klanten/zakelijk/#/rekeningnummers",
    "/klanten/zakelijk/#/rekeningnummers/#",
    "/klanten/zakelijk/#/telefoonnummers",
    "/klanten/zakelijk/#/telefoonnummers/#",
    "/klanten/zakelijk/#/codes",
    "/adviseurs",
    "/adviseurs/#",
    "/adviseurs/#/adressen",
    "/adviseurs/#/adressen/#",
    "/adviseurs/#/emailadressen",
    "/adviseurs/#/emailadressen/#",
    "/adviseurs/#/profielfoto",
    "/adviseurs/#/profielfoto/download",
    "/adviseurs/#/rekeningnummers",
    "/adviseurs/#/rekeningnummers/#",
    "/adviseurs/#/telefoonnummers",
    "/adviseurs/#/telefoonnummers/#",
    "/kantoor",
    "/kantoor/adressen",
    "/kantoor/adressen/#",
    "/kantoor/emailadressen",
    "/kantoor/emailadressen/#",
    "/kantoor/profielfoto",
    "/kantoor/profielfoto/download",
    "/kantoor/telefoonnummers",
    "/kantoor/telefoonnummers/#",
    "/kantoor/codes",
    "/bezittingen",
    "/bezittingen/#",
    "/producten",
    "/bankgaranties/#",
    "/bankgaranties/#/registraties",
    "/consumptiefkredieten/#",
    "/consumptiefkredieten/#/registraties",
    "/contracten/#",
    "/contracten/#/registraties",
    "/diensten/#",
    "/hypotheken/#",
)
# Linked from a dossier, but not described anywhere.
LINKED = ("klanten", "panden", "facturen", "documenten", "stukken", "emails", "taken")


def shape(path: str) -> str:
    """A path below its dossier, ids blotted out."""
    return re.sub(r"/\d+", "/#", re.sub(rf"^{ROOT}/\d+", "", path))


def examples() -> dict[str, Any]:
    data = files("elements_procura.sandbox").joinpath("data", "elements_examples.json")
    bodies: dict[str, Any] = orjson.loads(data.read_bytes())
    return bodies


async def test_every_documented_example_is_served_as_it_stands() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        for path, body in examples().items():
            address, _, query = path.partition("?")
            reply = await caller.get(address, **dict([query.split("=")] if query else []))
            assert reply.status == 200, path
            assert reply.headers["Content-Type"] == "application/json"
            assert reply.body == orjson.dumps(body), path
            assert reply.json["_links"]["self"]["href"] == address


async def test_every_documented_relation_has_a_document() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        shapes = {shape(path) for path in caller.sandbox.truth(5526)}
        assert set(DOCUMENTED) - shapes == set()
        undescribed = {*(f"/{rel}" for rel in LINKED), "/documenten/#", "/emails/#"}
        assert shapes - set(DOCUMENTED) == undescribed


async def test_truth_is_what_is_served_for_every_path() -> None:
    async with calling(open_sandbox(dossiers=2)) as caller:
        sandbox = caller.sandbox
        for dossier_id in sandbox.dossier_ids:
            for path, body in sandbox.truth(dossier_id).items():
                assert (await caller.get(path)).body == body
        assert (await caller.get(ROOT)).body == sandbox.listing()


@pytest.mark.parametrize("dossiers", [1, 40])
async def test_a_walk_meets_no_dead_end(dossiers: int) -> None:
    """Links, rows' ids, and relations that are documented but linked nowhere: all lead on."""
    sandbox = open_sandbox(dossiers=dossiers)
    described = set(DOCUMENTED)
    for dossier_id in sandbox.dossier_ids:
        truth = sandbox.truth(dossier_id)
        for path, body in truth.items():
            if path.endswith("/download"):
                continue
            document = orjson.loads(body)
            targets = {*hrefs(document), *below(path, document)}
            dead = [to for to in targets if shape(to) in described and to not in truth]
            assert dead == [], path
        for rel in LINKED:
            assert f"{ROOT}/{dossier_id}/{rel}" in truth


def below(path: str, document: dict[str, Any]) -> list[str]:
    """What a caller who knows the documentation asks for, whatever is linked."""
    targets = []
    for rows in document.get("_embedded", {}).values():
        if isinstance(rows, list):
            targets += [f"{path}/{row['id']}" for row in rows]
            targets += [to for row in rows for to in hrefs(row.get("_links", {}))]
    relations: tuple[str, ...] = ("adressen", "emailadressen", "telefoonnummers")
    match shape(path):
        case "/klanten/particulier/#":
            relations += ("rekeningnummers", "kenmerken", "socialmedia")
        case "/klanten/zakelijk/#":
            relations += ("rekeningnummers", "kenmerken", "codes")
        case "/adviseurs/#":
            relations += ("rekeningnummers",)
        case "/kantoor":
            relations += ("codes",)
        case "/bankgaranties/#" | "/consumptiefkredieten/#" | "/contracten/#":
            relations = ("registraties",)
        case "":
            relations = ("registraties", "adviseurs", "kantoor", "bezittingen", "producten")
            relations += ("klanten/particulier", "klanten/zakelijk")
        case _:
            return targets
    return targets + [f"{path}/{rel}" for rel in relations]


async def test_known_quirks_are_kept() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        products = (await caller.get(f"{DOSSIER}/producten")).rows("producten")
        assert products[0]["gearchiveerd "] == "nee"
        assert products[-1]["gearchiveerd"] == "nee"
        email = (await caller.get(f"{DOSSIER}/adviseurs/112115/emailadressen/35897")).json
        assert email["_links"]["_embedded"] == {"types": [{"id": 3, "naam": "Algemeen"}]}
        (place,) = (await caller.get(f"{DOSSIER}/adviseurs/112115/adressen")).rows("adressen")
        assert (place["id"], place["_links"]["self"]["href"][-4:]) == (7791, "7792")


async def test_product_registraties_are_at_both_contracts() -> None:
    """The documentation shows contract 6741, and registraties of 6757."""
    async with calling(open_sandbox(dossiers=1)) as caller:
        for contract in (6741, 6757):
            path = f"{DOSSIER}/contracten/{contract}"
            assert (await caller.get(path)).json["id"] == contract
            (row,) = (await caller.get(f"{path}/registraties")).rows("registraties")
            assert row["_links"]["product"]["href"] == path


async def test_pictures_have_the_size_they_are_said_to_have() -> None:
    sandbox = open_sandbox(dossiers=60)
    sizes = []
    async with calling(sandbox) as caller:
        for dossier_id in sandbox.dossier_ids:
            for path, body in sandbox.truth(dossier_id).items():
                if path.endswith("/profielfoto"):
                    picture = await caller.get(f"{path}/download")
                    assert picture.headers["Content-Type"] == "image/png"
                    assert picture.body.startswith(b"\x89PNG\r\n\x1a\n")
                    assert picture.body.endswith(b"IEND\xaeB`\x82")
                    assert len(picture.body) == orjson.loads(body)["bestandsgrootte"]
                    sizes.append(len(picture.body))
    assert sizes.count(98_429) == 4
    assert min(sizes) < 200


async def test_a_picture_that_is_not_there_is_404() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        for path in ("/profielfoto", "/profielfoto/download"):
            reply = await caller.get(f"{DOSSIER}/klanten/particulier/120955{path}")
            assert reply.status == 404


@pytest.mark.parametrize(
    "path",
    [
        f"{ROOT}/1",
        f"{ROOT}/300003",  # the first that is not there any more
        f"{ROOT}/300000",
        f"{ROOT}/x",
        f"{ROOT}/",
        f"{ROOT}/5526/",
        f"{ROOT}/5526/klanten/particulier/1",
        f"{ROOT}/5526/hypotheekadviezen/6735",
        f"{ROOT}/300001/klanten/particulier/120954",
        f"{ROOT}/5526/klanten%2Fparticulier",
        "/api/data/anders",
        "/",
    ],
)
async def test_what_is_not_there_is_404_with_json(path: str) -> None:
    async with calling(open_sandbox(dossiers=3)) as caller:
        reply = await caller.get(path)
        assert (reply.status, reply.json) == (404, {"error": "Not found"})


async def test_other_methods_are_refused() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        query = {"access_token": caller.access_token}
        reply = await caller.send("DELETE", DOSSIER, query)
        assert (reply.status, reply.headers["Allow"]) == (405, "GET, PATCH")
        assert (await caller.send("GET", "/oauth/access_token")).status == 405


async def test_a_patched_document_is_served_and_true() -> None:
    sandbox = open_sandbox(dossiers=2)
    path = f"{ROOT}/300001/kantoor"
    untouched = sandbox.truth(300_001)
    sandbox.patch(path, lambda kantoor: {**kantoor, "nieuw_veld": 1, "type": "Iets"})
    sandbox.patch(path, lambda kantoor: kantoor.pop("handelsnaam") and None)
    async with calling(sandbox) as caller:
        reply = await caller.get(path)
        assert (reply.json["nieuw_veld"], reply.json["type"]) == (1, "Iets")
        assert "handelsnaam" not in reply.json
        truth = sandbox.truth(300_001)
        assert truth[path] == reply.body
        assert {key for key in truth if truth[key] != untouched[key]} == {path}
    with pytest.raises(KeyError):
        sandbox.patch(f"{ROOT}/300001/bestaatniet", lambda document: document)
    assert open_sandbox(dossiers=2).truth(300_001) == untouched


async def test_the_listing_can_be_patched() -> None:
    sandbox = open_sandbox(dossiers=3)
    sandbox.patch(ROOT, lambda listing: listing["_embedded"]["klantdossiers"].pop() and None)
    async with calling(sandbox) as caller:
        rows = (await caller.get(ROOT)).rows("klantdossiers")
        assert [row["id"] for row in rows] == [5526, 300_001]
        rows = (await caller.get(ROOT, zoekwaarde="2")).rows("klantdossiers")
        assert 300_002 not in [row["id"] for row in rows]


async def test_it_can_be_closed_and_started_again_at_the_same_place() -> None:
    sandbox = open_sandbox(dossiers=1)
    with pytest.raises(RuntimeError, match="not started"):
        _ = sandbox.url
    async with calling(sandbox) as caller:
        port = int(sandbox.url.rpartition(":")[2])
        await sandbox.close()
        with pytest.raises(OSError, match="Cannot connect"):
            await caller.get(DOSSIER)
        await sandbox.start(port=port)
        with pytest.raises(RuntimeError, match="running already"):
            await sandbox.start()
        assert (await caller.get(DOSSIER)).status == 200  # its tokens live on


async def test_a_taken_port_is_told_and_leaves_nothing_running() -> None:
    async with calling(open_sandbox(dossiers=1)) as caller:
        port = int(caller.sandbox.url.rpartition(":")[2])
        second = open_sandbox(dossiers=1)
        with pytest.raises(OSError, match="in use"):
            await second.start(port=port)
        await second.start()
        assert second.url != caller.sandbox.url
        await second.close()


def test_the_sandbox_shares_no_code_with_the_client() -> None:
    """Or one mistake would be made on both sides, and nobody see it."""
    folder = Path(str(files("elements_procura.sandbox")))
    sources = list(folder.rglob("*.py"))
    assert len(sources) > 15
    sources.remove(folder / "clients.py")  # sets the clients up, as anybody would
    for source in sources:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            else:
                continue
            for name in names:
                if name.startswith("elements_procura"):
                    # `_moved` only says where a name has gone.
                    own = ("elements_procura.sandbox", "elements_procura._moved")
                    assert name.startswith(own), source


@pytest.mark.parametrize("dossiers", [0, -1, 10_000_000])
def test_a_world_has_at_least_one_dossier_and_not_too_many(dossiers: int) -> None:
    with pytest.raises(ValueError, match="dossiers"):
        open_sandbox(dossiers=dossiers)
