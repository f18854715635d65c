"""Settings that people make by hand: what is read, and how what cannot be is told."""

import codecs
from pathlib import Path
from typing import Any

import click
import pytest

from elements_procura.cli.given.config import file_values
from elements_procura.cli.given.tables import BY_NAME
from elements_procura.cli.given.texts import ids_of, text_of
from elements_procura.errors import ConfigError
from elements_procura.sandbox import Sandbox
from elements_procura.scheduler import Rate
from elements_procura.spec.settings import short_rate
from tests.cli.cli_running import environment, run

FAST = ("--per-second", "2000", "--per-day", "6000000")


# ---------------------------------------------------------------- ids


@pytest.mark.parametrize(
    "written",
    [
        b"5526\n17\n",
        b"5526\r\n17\r\n\r\n",
        b"5526\r17",
        codecs.BOM_UTF8 + b"5526\n17\n",
        "5526\n17\n".encode("utf-16"),
        codecs.BOM_UTF16_BE + "5526\n17\n".encode("utf-16-be"),
        "5526\n17\n".encode("utf-32"),
        b"  5526 \n\n17\n5526\n",
        b"005526\n17",
    ],
)
def test_ids_are_read_as_spreadsheets_and_editors_write_them(
    tmp_path: Path, written: bytes
) -> None:
    path = tmp_path / "ids.txt"
    path.write_bytes(written)
    assert ids_of(path) == ["5526", "17"]


@pytest.mark.parametrize(
    ("written", "line", "reason"),
    [
        (b"dossier_id\n5526\n", 1, "is it a header"),
        (codecs.BOM_UTF8 + b"ID\n5526\n", 1, "is it a header"),
        (b'5526\n"17"\n', 2, "stands in quotes"),
        (b"5526;Jansen9\n", 1, "several columns"),
        (b"5526\n17.0\n", 2, "more than digits"),
        (b"5526\n-17\n", 2, "more than digits"),
        ("5526\n\u0661\u0667\n".encode(), 2, "more than digits"),
        (b"5526\n" + b"9" * 5000, 2, "has 5000 digits"),
        ("5526\n".encode("utf-16-le"), 1, "more than digits"),
    ],
)
def test_what_is_no_id_is_told_with_line_and_reason(
    tmp_path: Path, written: bytes, line: int, reason: str
) -> None:
    path = tmp_path / "ids.txt"
    path.write_bytes(written)
    with pytest.raises(ConfigError, match=reason) as caught:
        ids_of(path)
    assert str(caught.value).startswith(f"line {line} of {path} ")
    assert "Jansen" not in str(caught.value)


@pytest.mark.parametrize("written", [b"", b"\n \n", codecs.BOM_UTF8])
def test_a_file_without_ids_is_told(tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "ids.txt"
    path.write_bytes(written)
    with pytest.raises(ConfigError, match="lacks dossier ids"):
        ids_of(path)


async def test_a_harvest_of_ids_out_of_excel(tmp_path: Path) -> None:
    ids = tmp_path / "ids.txt"
    ids.write_bytes("5526\r\n".encode("utf-16"))
    async with Sandbox(dossiers=3, limits="off") as sandbox:
        done = await run(
            "harvest", "elements", "--out", tmp_path / "h", "--ids", ids, *FAST,
            env=environment(sandbox),
        )  # fmt: skip
    assert done.code == 0, done.err


# ---------------------------------------------------------------- files


@pytest.fixture
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "elements-procura.toml"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_settings_are_read_whatever_mark_they_begin_with(
    settings_file: Path, encoding: str
) -> None:
    settings_file.write_bytes('[elements]\nhost = "kantoor"\n'.encode(encoding))
    assert {name: value for name, (value, _) in file_values(BY_NAME["elements"]).items()} == {
        "host": "kantoor"
    }


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[element]\nhost = "a"\n', r"\[element\] is not a known table; is \[elements\] meant"),
        ('[Elements]\nhost = "a"\n', r"\[Elements\] is not a known table; is \[elements\] meant"),
        ('[prokura]\nurl = "a"\n', r"\[prokura\] is not a known table; is \[procura\] meant"),
        ('[tenant.a]\nurl = "a"\n', r"\[tenant\] is not a known table; is \[tenants\] meant"),
        ('host = "a"\n', "host stands outside of a table"),
        ('[elements]\nhots = "a"\n', "hots is not a setting.*Is host meant"),
        ('[elements]\nclient-id = "a"\n', "client-id is not a setting.*Is client_id meant"),
        ("elements = 1\n", r"\[elements\] is not a table"),
    ],
)
def test_a_misspelt_table_or_key_is_told(settings_file: Path, text: str, says: str) -> None:
    settings_file.write_text(text)
    with pytest.raises(click.UsageError, match=says):
        file_values(BY_NAME["elements"])


def test_a_table_of_another_program_is_told_and_left_alone(
    settings_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings_file.write_text("[other]\nx = 1\n[elements]\nhost = 'a'\n")
    assert list(file_values(BY_NAME["elements"])) == ["host"]
    assert "[other] is none of tenants, elements, procura, and is not read" in caplog.text


def test_all_tables_of_the_program_are_known(settings_file: Path) -> None:
    settings_file.write_text("[elements]\n[procura]\nurl = 'x'\n[tenants.a]\napi = 'elements'\n")
    assert file_values(BY_NAME["elements"]) == {}
    assert list(file_values(BY_NAME["procura"])) == ["url"]


def test_a_file_that_is_no_text_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one\ntwo \xff\n")
    with pytest.raises(ConfigError, match="cannot be read: line 2 is not UTF-8"):
        text_of(tmp_path / "a")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        text_of(tmp_path)


# ---------------------------------------------------------------- what is missing


@pytest.mark.parametrize(
    ("api", "missing"),
    [
        (
            "elements",
            (
                "host (--host, ELEMENTS_HOST), client_id (--client-id, ELEMENTS_CLIENT_ID), "
                "organisation (--organisation, ELEMENTS_ORGANISATION), "
                "client secret (ELEMENTS_CLIENT_SECRET, or --secret-stdin)"
            ),
        ),
        (
            "procura",
            (
                "url (--url, PROCURA_URL), client_id (--client-id, PROCURA_CLIENT_ID), "
                "client secret (PROCURA_CLIENT_SECRET, or --secret-stdin)"
            ),
        ),
    ],
)
async def test_all_that_is_missing_is_told_at_once(tmp_path: Path, api: str, missing: str) -> None:
    done = await run("harvest", api, "--out", tmp_path / "h")
    assert done.code == 2
    assert f"Missing settings: {missing}\n" in done.err


async def test_what_is_there_is_not_missing(tmp_path: Path) -> None:
    done = await run(
        "harvest", "elements", "--out", tmp_path / "h", "--flow", "code", "--client-id", "x",
        env=environment(ELEMENTS_CLIENT_SECRET="s"),
    )  # fmt: skip
    assert "Missing settings: host (--host, ELEMENTS_HOST)\n" in done.err
    done = await run("whoami")
    assert "client_id (" in done.err
    assert "secret" not in done.err
    done = await run("call", "GET")
    assert "Missing argument 'PATH'" in done.err


async def test_organisation_and_secret_are_missing_at_once() -> None:
    env = environment(ELEMENTS_HOST="a", ELEMENTS_CLIENT_ID="b")
    done = await run("login", env=env)
    assert done.code == 2
    missing = "organisation (--organisation, ELEMENTS_ORGANISATION), client secret (ELEMENTS_CLIENT"
    assert f"Missing settings: {missing}" in done.err


@pytest.mark.parametrize(
    ("command", "step"),
    [
        ("export {there} --to csv --out t --pseudonymise {missing}", "keyfile FILE` makes one"),
        ("erase {there} --suppression {missing}", "suppression STORE --out FILE` writes one"),
        (
            "harvest elements --out h --suppression {missing}",
            "suppression STORE --out FILE` writes",
        ),
        ("harvest tenants --out h --config {missing}", "a table [tenants.NAME] for each"),
        ("schema drift {there} --baseline {missing}", "schema drift STORE --json > FILE` writes"),
    ],
)
async def test_a_file_that_is_missing_leads_to_what_makes_it(
    tmp_path: Path, command: str, step: str
) -> None:
    missing = tmp_path / "missing"
    done = await run(*command.format(there=tmp_path, missing=missing).split())
    assert done.code == 2
    assert f"{missing} does not exist\n  next: " in done.err
    assert step in done.err


async def test_what_is_missing_hides_nothing_that_is_wrong(tmp_path: Path) -> None:
    env = environment(ELEMENTS_HOST="https://a.nl/api/data", ELEMENTS_CLIENT_ID="b")
    done = await run("harvest", "elements", "--organisation", "1", "--out", tmp_path / "h", env=env)
    assert done.code == 2
    assert "--host is refused: the server's address holds /api/data" in done.err
    assert "client secret (ELEMENTS_CLIENT_SECRET, or --secret-stdin) is missing" in done.err
    assert "next: Leave off /api/data" in done.err


# ---------------------------------------------------------------- rates


@pytest.mark.parametrize(
    ("asked", "rate"),
    [
        (2.6, Rate(2, 1)),
        (2.5, Rate(2, 1)),
        (1.999, Rate(1, 1)),
        (5, Rate(5, 1)),
        (1.0, Rate(1, 1)),
        (0.5, Rate(1, 2.0)),
        (0.1, Rate(1, 10.0)),
    ],
)
def test_a_rate_is_never_above_what_was_asked_for(asked: float, rate: Rate) -> None:
    assert short_rate(asked) == rate
    assert rate.limit / rate.seconds <= asked


@pytest.mark.parametrize(
    "given",
    [
        (0.5, 1), (0, 1), (-1, 1), (float("nan"), 1), (float("inf"), 1), ("5", 1), (None, 1),
        (True, 1), (5, 0), (5, -1), (5, float("nan")), (5, float("inf")), (5, "1"), (5, None),
    ],
)  # fmt: skip
def test_a_rate_that_makes_no_sense_is_refused(given: tuple[Any, Any]) -> None:
    with pytest.raises(ConfigError, match=r"Rate\.(limit|seconds) must be"):
        Rate(*given)


def test_five_point_nought_is_five() -> None:
    assert Rate(5.0, 1) == Rate(5, 1.0)
    assert isinstance(Rate(5.0, 1).limit, int)
