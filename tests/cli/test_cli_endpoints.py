"""endpoints: everything that is documented, once, with the call that really makes the request."""

import contextlib
import datetime as dt
import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from elements_procura.cli.work.catalogue import endpoints
from elements_procura.core.catalogue import CatalogueEntry
from elements_procura.core.endpoints import endpoints_of
from elements_procura.elements._contact import AdressenReader
from elements_procura.errors import ElementsProcuraError
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.dossiers import Documents
from elements_procura.sandbox import ProcuraSandbox
from tests.cli.cli_running import environment, run
from tests.client_kit import UNLIMITED, client_at
from tests.clock import QuickClock
from tests.contract import BY_KEY, PICTURE, recording

ELEMENTS = endpoints("elements")
PROCURA = endpoints("procura")
ROOT = Path(__file__).parents[2]
DATA = Path(__file__).parent.parent / "data/procura_contract.json"
CASES: dict[tuple[str, str], dict[str, Any]] = {
    (each["method"], each["path"]): each for each in reversed(orjson.loads(DATA.read_bytes()))
}
INFO: dict[str, Any] = {"ids": {}, "request": None}


def keys(listed: list[CatalogueEntry]) -> list[tuple[str, str]]:
    return [(each.method, each.path) for each in listed]


def named(each: CatalogueEntry) -> str:
    return f"{each.method} {each.path}"


def test_all_that_is_documented_is_listed_once() -> None:
    assert sorted(keys(ELEMENTS)) == sorted(BY_KEY)
    assert len(ELEMENTS) == 118
    assert sorted(keys(PROCURA)) == sorted([*CASES, ("GET", "/api/v1/info")])
    assert len(PROCURA) == 28
    assert keys(endpoints("elements", "procura")) == keys(ELEMENTS) + keys(PROCURA)


def test_every_row_tells_what_it_is_about() -> None:
    for each in ELEMENTS + PROCURA:
        assert each.summary.strip() == each.summary
        assert each.summary[0].isupper()
        assert not set(each.summary) & set("`{"), each.summary
        assert each.call.startswith(f"{each.api}.")


def test_the_line_is_that_of_the_decorator_which_holds_the_whole_path() -> None:
    for each in ELEMENTS + PROCURA:
        lines = (ROOT / each.file).read_text().splitlines()[each.line - 1 :]
        decorator = "".join(lines[: next(n for n, line in enumerate(lines) if "def " in line)])
        assert decorator.strip().startswith("@endpoint(")
        assert f'"{each.method}"' in decorator
        assert f'"{each.path}"' in decorator


def test_the_catalogue_is_the_same_without_docstrings() -> None:
    code = (
        "from elements_procura.cli.work.catalogue import endpoints\n"
        "for each in endpoints('elements', 'procura'):\n"
        "    print(each.method, each.path, each.call, *each.also, each.file, each.line)\n"
    )
    done = subprocess.run(
        [sys.executable, "-OO", "-c", code], capture_output=True, check=True, text=True, cwd=ROOT
    )
    assert done.stdout.splitlines() == [
        " ".join((each.method, each.path, each.call, *each.also, each.file, str(each.line)))
        for each in ELEMENTS + PROCURA
    ]


def test_the_command_prints_calls_and_lines_without_docstrings() -> None:
    arguments = ("-m", "elements_procura", "endpoints", "kantoor/codes")
    done = subprocess.run(
        [sys.executable, "-OO", *arguments], capture_output=True, check=True, text=True, cwd=ROOT
    )
    path, call, place = done.stdout.splitlines()
    assert path == "GET   /api/data/klantdossiers/{DOSSIER_ID}/kantoor/codes"
    assert call == "      elements.dossier(id).kantoor.codes.list"
    assert place.strip().startswith("elements_procura/elements/_codes.py:")


def test_a_docstring_names_every_request_of_a_shared_method() -> None:
    for function in (AdressenReader.list, AdressenReader.get, Documents.download):
        for method, path in endpoints_of(function):
            assert f"\n``{method} {path}``" in (inspect.getdoc(function) or "")
    shared = [path for _, path in endpoints_of(AdressenReader.list)]
    assert len(shared) == 4
    assert "/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/adressen" in shared


def test_what_gives_an_answer_out_while_it_arrives_stands_beside_the_call() -> None:
    beside = {each.call: each.also for each in ELEMENTS + PROCURA if each.also}
    assert {call.rpartition(".")[0]: also for call, also in beside.items()} == {
        "elements.klantdossiers": (
            "elements.klantdossiers.iterate",
            "elements.klantdossiers.rows",
        ),
        "elements.dossier(id).adviseur(id).profielfoto": (
            "elements.dossier(id).adviseur(id).profielfoto.stream",
        ),
        "elements.dossier(id).kantoor.profielfoto": (
            "elements.dossier(id).kantoor.profielfoto.stream",
        ),
        "elements.dossier(id).particulier(id).profielfoto": (
            "elements.dossier(id).particulier(id).profielfoto.stream",
        ),
        "elements.dossier(id).zakelijk(id).profielfoto": (
            "elements.dossier(id).zakelijk(id).profielfoto.stream",
        ),
        "procura.dossiers": ("procura.dossiers.iterate",),
    }


def where(function: Callable[..., Any]) -> str:
    """The file of a method and the line of its decorator."""
    lines, start = inspect.getsourcelines(function)
    assert lines[0].strip().startswith("@endpoint(")
    file = Path(inspect.getsourcefile(inspect.unwrap(function)) or "")
    return f"{file.relative_to(ROOT)}:{start}"


def called(each: CatalogueEntry, client: Any, ids: list[Any]) -> tuple[Any, list[Any]]:
    """What a listed call is, with the ids that are needed on the way; and the ids left."""
    left, found = list(ids), client
    for step in each.call.split(".")[1:]:
        found = getattr(found, step.removesuffix("(id)"))
        if step.endswith("(id)"):
            found = found(left.pop(0))
    return found, left


@pytest.mark.parametrize("each", ELEMENTS, ids=named)
@pytest.mark.filterwarnings("ignore:.*is deprecated by the vendor:DeprecationWarning")
async def test_the_call_of_elements_makes_the_request(each: CatalogueEntry, tmp_path: Path) -> None:
    documented = BY_KEY[each.method, each.path]
    answer = documented.answers[0]
    ids = documented.ids(answer)
    if documented.is_download:
        answer = answer | {"body": PICTURE}
    async with recording(answer) as server, client_at(server.url) as client:
        method, left = called(each, client, list(ids.values()))
        given: list[Any] = left
        if documented.is_download:
            given = [tmp_path / "picture"]
        elif each.method != "GET":
            given = [*left, documented.bodies[0]]
        options = {"rol": documented.parameters["ROL_NAAM"]} if "rol" in documented.query else {}
        await method(*given, **options)
    assert [(seen.method, seen.path) for seen in server.seen] == [
        (each.method, documented.address(ids))
    ]


@pytest.mark.parametrize("each", PROCURA, ids=named)
async def test_the_call_of_procura_makes_the_request(each: CatalogueEntry) -> None:
    case = CASES.get((each.method, each.path), INFO)
    possible = {
        "body": case["request"],
        "validate": False,
        "reference": None,
        "bsns": ["999993653"],
        "bsn_mother": "999993653",
        "bsn_father_or_duo_mother": "999993653",
        "birth_date": dt.date(2024, 1, 1),
        "filename": "a.txt",
        "content": b"text",
        "look": False,
    }
    async with ProcuraSandbox(dossiers=2) as sandbox:
        secrets = (sandbox.credentials["client_id"], sandbox.credentials["client_secret"])
        async with ProcuraClient(
            sandbox.url, credentials=secrets, rates=UNLIMITED, clock=QuickClock()
        ) as client:
            method, left = called(each, client, list(case["ids"].values()))
            known = inspect.signature(method).parameters
            given = {name: value for name, value in possible.items() if name in known}
            with contextlib.suppress(ElementsProcuraError):  # that there is no such dossier
                await method(*left, **given)
    sent = [(entry.method, entry.path) for entry in sandbox.log if entry.grant_type is None]
    assert sent == [(each.method, each.path.format(**case["ids"]))]


async def test_the_command_prints_all_and_sends_nothing() -> None:
    done = await run("endpoints", env=environment())
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert len(lines) == 3 * 146
    assert lines[:2] == [  # and the third names the file, see below
        "GET   /api/data/klantdossiers",
        (
            "      elements.klantdossiers.search, elements.klantdossiers.iterate, "
            "elements.klantdossiers.rows · "
            "The dossiers that fit every filter given"
        ),
    ]
    assert done.err == "146 of 146 endpoints of elements and procura\n"


async def test_a_filter_wants_every_word_in_any_case() -> None:
    done = await run("endpoints", "adviseur", "ADRESSEN", "get", "one adres", env=environment())
    assert done.out.splitlines() == [
        "GET   /api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/adressen/{ADRES_ID}",
        "      elements.dossier(id).adviseur(id).adressen.get · One adres",
        f"      {where(AdressenReader.get)}",
    ]
    assert done.err == "1 of 146 endpoints of elements and procura\n"


async def test_json_is_one_list_of_one_api() -> None:
    done = await run("endpoints", "--api", "procura", "--json", "documents", env=environment())
    printed = json.loads(done.out)
    assert printed[-1] == {
        "api": "procura",
        "method": "GET",
        "path": "/api/v1/dossiers/{dossierId}/documents/{documentId}",
        "call": "procura.dossier(id).documents.download",
        "also": [],
        "summary": "The file of a document",
        "file": "elements_procura/procura/dossiers.py",
        "line": int(where(Documents.download).rpartition(":")[2]),
    }
    assert len(printed) == 3
    none = await run("endpoints", "--json", "no-such-thing", env=environment())
    assert (none.code, none.out) == (0, "[]\n")
