"""Bytes that are not UTF-8, in headers, names of files, arguments: told or kept, never a crash."""

import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import click
import orjson
import pytest
from click.testing import CliRunner

from elements_procura.auth.credentials import Credentials
from elements_procura.auth.grants import AuthorizationCodeGrant
from elements_procura.cli._streams import given_line
from elements_procura.cli.given.config import read_toml
from elements_procura.cli.given.texts import ids_of
from elements_procura.cli.shown.leads import harvest_of, quoted, resume_command, using
from elements_procura.core.journal import FileJournal, Outcome
from elements_procura.disk import small_file
from elements_procura.errors import ConfigError, ElementsProcuraError, InputError
from elements_procura.export.pseudonyms import read_key
from elements_procura.fleet.secrets import FileSecret
from elements_procura.harvest import Store
from elements_procura.harvest.address import identity_of, path_of
from elements_procura.harvest.drift import Baseline
from elements_procura.harvest.erasure.lists import read_list
from tests.client_kit import Exchange, client_at, raw_server

ODD = os.fsdecode(b"odd-\xff\xfe")


@pytest.mark.parametrize("odd", [b"/\xff", b"/\x9b31m", b"/\xe9t\xe9", "/été".encode()])
async def test_a_location_in_any_bytes_is_entered_in_the_journal(
    tmp_path: Path, odd: bytes
) -> None:
    async def made(exchange: Exchange) -> None:
        exchange.send(
            b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nLocation: /x" + odd + b"/5\r\n\r\n"
        )

    journal = FileJournal(tmp_path / "writes")
    async with raw_server(made) as server, client_at(server.url, journal=journal) as client:
        answer = await client.request("POST", "/api/data/klantdossiers", body=b"{}")
    entries = [orjson.loads(line) for line in (tmp_path / "writes").read_bytes().splitlines()]
    assert [entry["outcome"] for entry in entries] == [Outcome.SENDING, Outcome.DONE]
    assert entries[-1]["location"] == answer.headers["location"]
    assert not journal.unfinished()


@pytest.mark.parametrize("query", [(("kantoor", ODD),), ((ODD, "1"),)])
async def test_a_query_that_no_address_can_hold_is_refused(
    query: tuple[tuple[str, str], ...],
) -> None:
    async with client_at("http://127.0.0.1:9") as client:
        with pytest.raises(InputError, match="nothing was sent"):
            await client.request("GET", "/api/data/klantdossiers", query=query)


def test_a_user_whose_name_no_store_can_hold_is_refused() -> None:
    with pytest.raises(ConfigError, match="user's name"):
        AuthorizationCodeGrant(Credentials("a", "b"), ODD)


def test_a_store_may_lie_in_a_folder_of_any_bytes(tmp_path: Path) -> None:
    path = tmp_path / ODD / "x.sqlite"
    with Store.create(path, tenant="t") as store:
        url = store.url
    assert url.isascii()
    assert path_of(url) == path.resolve()
    with Store.open(url, tenant="t"):
        assert identity_of(path) == url


@pytest.mark.parametrize("where", ["/", "", ".", "a\0b", "sqlite:///a%00b", Path("a\0b")])
def test_a_store_has_a_name_that_a_file_can_have(where: str | Path) -> None:
    with pytest.raises(ConfigError, match="must name a file"):
        Store.create(where, tenant="t")


@pytest.mark.parametrize("name", ["plain", "two words", "it's", "\x1b[31mred", "a\nb\\n'c", ODD])
def test_a_next_step_can_be_pasted_into_a_shell(name: str) -> None:
    shown = quoted(name)
    assert shown.isprintable()
    run = ["bash", "-c", f"printf %s {shown}"]
    assert subprocess.run(run, check=True, capture_output=True).stdout == os.fsencode(name)


def test_the_command_that_goes_on_quotes_what_a_terminal_cannot_show() -> None:
    @click.command("harvest")
    @click.option("--out")
    def command(**_: str) -> None:
        click.echo(resume_command("--resume"))

    result = CliRunner().invoke(command, ["--out", "a\x1bb"], obj=SimpleNamespace())
    assert result.output == "harvest --out $'a\\x1bb' --resume\n"


@pytest.mark.parametrize("name", ["two words", "\x1b[31mred", ODD])
def test_whatever_a_folder_is_called_what_to_do_next_can_be_pasted(
    tmp_path: Path, name: str
) -> None:
    store = tmp_path / name / "elements.sqlite"
    go_on = harvest_of(store)
    assert go_on is not None
    for command, place in [(go_on("--accept", "rows"), store.parent), (next(using(store)), store)]:
        assert command.isprintable()
        words = ["bash", "-c", f"printf '%s\\n' {command}"]
        found = subprocess.run(words, check=True, capture_output=True).stdout.split(b"\n")
        assert os.fsencode(place) in found


def test_a_command_line_in_any_bytes_ends_in_words(tmp_path: Path) -> None:
    settings = {
        "ELEMENTS_HOST": "http://127.0.0.1:9",
        "ELEMENTS_CLIENT_ID": "a",
        "ELEMENTS_CLIENT_SECRET": "b",
        "ELEMENTS_USER": ODD,
        "HOME": str(tmp_path),
    }
    words = [sys.executable, "-m", "elements_procura", "call", "--flow", "code", "GET", "x"]
    ended = subprocess.run(
        words, check=False, capture_output=True, text=True, env=os.environ | settings
    )
    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        (b"5526\n0\n", "line 2 of .*: it is zero"),
        (b"000\n", "line 1 of .*: it is zero"),
        (b"-5\n", "more than digits"),
        (b"\xd9\xa1\xd9\xa2\n", "more than digits"),
        (b"5526\x005527\n", "more than digits"),
        (b"\xe2\x80\x8b5526\n", "more than digits"),
    ],
)
def test_what_no_dossier_can_be_called_is_refused(
    tmp_path: Path, written: bytes, reason: str
) -> None:
    (tmp_path / "ids").write_bytes(written)
    with pytest.raises(ConfigError, match=reason):
        ids_of(tmp_path / "ids")


def test_a_list_of_an_old_mac_is_read(tmp_path: Path) -> None:
    (tmp_path / "ids").write_bytes(b"5526\r\xc2\xa05527\r")
    assert ids_of(tmp_path / "ids") == ["5526", "5527"]


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no device without an end here")
@pytest.mark.parametrize(
    "read",
    [
        ids_of,
        read_key,
        read_list,
        Baseline.load,
        lambda path: FileSecret(path).reveal(),
        read_toml,
    ],
)
def test_a_file_without_an_end_is_refused(
    read: Callable[[Path], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_file, "LARGEST", 3 * 1024**2)
    with pytest.raises((ElementsProcuraError, click.UsageError), match="never ends"):
        read(Path("/dev/zero"))


def test_a_list_may_come_through_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ids")
    writing = threading.Thread(target=(tmp_path / "ids").write_bytes, args=(b"5526\n",))
    writing.start()
    assert ids_of(tmp_path / "ids") == ["5526"]
    writing.join()


@pytest.mark.parametrize("given", [b"\xff\n", b"x" * 70_000])
def test_a_line_that_is_no_text_is_refused(given: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
    with pytest.raises(ConfigError, match="too long, or is not UTF-8"):
        given_line()
