"""Places that cannot be looked into, and clocks on walls that Python does not know."""

import datetime as dt
import os
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from elements_procura.__main__ import main
from elements_procura.cli import cli
from elements_procura.cli._exit import exit_on_error
from elements_procura.cli._output import Output
from elements_procura.cli._wall import wall_time
from elements_procura.disk.errors import is_there
from elements_procura.errors import StoreError
from elements_procura.harvest.store import Store, exists

LONG = "x" * 300
"""Longer than a name may be: like a folder that nobody may search, it answers neither way. A test
that runs as root may search all folders."""


def test_what_cannot_be_looked_for_is_neither_there_nor_missing(tmp_path: Path) -> None:
    here, loop = tmp_path / "here", tmp_path / "loop"
    here.touch()
    loop.symlink_to(loop)
    assert is_there(tmp_path)
    assert is_there(here)
    for missing in (tmp_path / "other", here / "below", tmp_path / "\0"):
        assert not is_there(missing)
    for nobody_knows in (tmp_path / LONG, loop):
        with pytest.raises(StoreError, match=r"cannot be looked for: .") as caught:
            is_there(nobody_knows)
        assert str(tmp_path) in caught.value.hint
    with pytest.raises(StoreError):
        exists(tmp_path / LONG)


ACCOUNT = ("--host", "a", "--client-id", "a", "--organisation", "1")


@pytest.mark.parametrize(
    "words",
    [
        ("harvest", "elements", *ACCOUNT, "--out", LONG),
        ("harvest", "elements", *ACCOUNT, "--out", LONG, "--refresh"),
        ("harvest", "elements", *ACCOUNT, "--out", "new", "--token-folder", LONG),
        ("whoami", *ACCOUNT, "--token-folder", LONG),
        ("call", *ACCOUNT, "--token-folder", LONG, "GET", "/api/data/klantdossiers/1"),
        ("report", "here", "--out", LONG),
        ("config", "init", "--out", LONG),
        ("suppression", "here", "--out", LONG),
    ],
    ids=lambda words: " ".join(word for word in words if word not in (LONG, *ACCOUNT)),
)
def test_a_command_names_the_place_and_a_next_step(
    words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ELEMENTS_CLIENT_SECRET", "a")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
    Store.create(tmp_path / "here" / "elements.sqlite", tenant="a").close()
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 1, done.output
    assert isinstance(done.exception, SystemExit)
    assert "error[store]: " in done.stderr
    assert "name too long" in done.stderr
    assert "next: " in done.stderr


@pytest.mark.parametrize("fast", ["inf", "1e308", "100001", "0"])
@pytest.mark.parametrize("api", ["elements", "procura"])
def test_a_rate_that_is_no_rate_is_refused(
    api: str, fast: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
    words = ["harvest", api, "--out", "new", "--per-second", fast]
    done = CliRunner().invoke(cli, words)
    assert done.exit_code == 2, done.output
    assert "per-second" in done.stderr
    tenants = f"[tenants.a]\napi = '{api}'\nper_second = {fast.replace('1e308', '1e300')}\n"
    (tmp_path / "tenants.toml").write_text(tenants)
    done = CliRunner().invoke(cli, ["harvest", "tenants", "--config", "tenants.toml", "--out", "n"])
    assert done.exit_code == 2, done.output
    assert "per_second" in done.stderr
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("text", ["a = " + "9" * 5000, "a = " + "[" * 20_000], ids=["long", "deep"])
def test_toml_that_python_cannot_take_is_an_error_of_the_file(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", "/nonexistent")
    (tmp_path / "elements-procura.toml").write_text(f"[elements]\n{text}\n")
    done = CliRunner().invoke(cli, ["whoami"])
    assert done.exit_code == 2, done.output
    assert "elements-procura.toml is not TOML" in done.stderr


def test_the_last_net_under_all_commands_is_for_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / LONG))
    done = CliRunner().invoke(cli, ["config", "path"])
    assert done.exit_code == 1
    assert "error[store]: " in done.stderr


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system has one time zone")
@pytest.mark.parametrize("zone", ["XXX-25", "XXX+24", "Bogus/Zone", "Europe/Amsterdam"])
def test_a_time_is_told_whatever_the_zone(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = dt.datetime(2026, 1, 1, 12, tzinfo=dt.UTC)
    before = os.environ.get("TZ")
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        told = wall_time(moment.timestamp())
    finally:
        monkeypatch.undo()
        time.tzset()
    assert os.environ.get("TZ") == before
    assert told == moment
    assert told.utcoffset() == dt.timedelta(hours=zone == "Europe/Amsterdam")


def test_an_interruption_while_the_program_loads_shows_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Impatient:
        """Whoever presses Ctrl-C meanwhile."""

        def find_spec(self, name: str, *_: object) -> None:
            if name == "elements_procura.cli":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "elements_procura.cli")
    monkeypatch.setattr(sys, "meta_path", [Impatient(), *sys.meta_path])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 130


def test_ctrl_c_in_a_prompt_is_an_interruption() -> None:
    with pytest.raises(SystemExit) as caught, exit_on_error(Output()):
        raise click.Abort
    assert caught.value.code == 130
