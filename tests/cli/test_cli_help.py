"""What help shows, talk anywhere, files of settings, completion, and commands by API."""

import json
import logging
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from elements_procura import registry
from elements_procura.cli import cli
from elements_procura.cli.commands.config_file import settings_text
from elements_procura.sandbox import ProcuraSandbox
from tests.cli.cli_running import environment, run


def commands(group: click.Group = cli, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command by the words that one types."""
    for name, command in group.commands.items():
        words = f"{path} {name}".strip()
        yield words, command
        if isinstance(command, click.Group):
            yield from commands(command, words)


ALL = dict(commands())
LEAVES = {words: each for words, each in ALL.items() if not isinstance(each, click.Group)}


@pytest.fixture(autouse=True)
def _own_logging() -> Iterator[None]:
    """What a command does to the loggers ends with it."""
    root = logging.getLogger()
    level, handlers = root.level, [*root.handlers]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


def invoked(*words: str | Path, **options: Any) -> click.testing.Result:
    return CliRunner().invoke(cli, [*map(str, words)], **options)


@pytest.mark.parametrize("words", ALL)
def test_every_command_and_option_is_explained(words: str) -> None:
    command = ALL[words]
    assert command.help
    short = command.get_short_help_str(60)
    assert short
    assert not short.endswith("..."), short
    options = [each for each in command.params if isinstance(each, click.Option)]
    assert [each.name for each in options if not each.help] == []


def test_a_long_help_has_sections() -> None:
    text = invoked("harvest", "elements", "--help").output
    titles = [line.rstrip(":") for line in text.splitlines() if line[:1].isalpha()][1:]
    assert titles == [
        *("Account", "Store", "Selection", "Pace and end", "Every night", "Trouble", "Output"),
        "Talk",
    ]


@pytest.mark.parametrize("words", LEAVES)
def test_what_is_a_commands_own_comes_first_and_help_last(words: str) -> None:
    text = invoked(*words.split(), "--help").output
    titles = re.findall(r"^(\w[\w -]*):$", text, re.MULTILINE)
    assert "Options" not in titles[1:]
    assert "Talk" not in titles[:-1]
    assert "--help " in text.splitlines()[-1]


@pytest.mark.parametrize("words", LEAVES)
def test_every_number_has_its_bounds(words: str) -> None:
    """A number out of range is a wrong option, and not an error from somewhere within."""
    numbers = (click.types.IntParamType, click.types.FloatParamType)
    boundless = [
        each.name
        for each in LEAVES[words].params
        if isinstance(each.type, numbers)
        and not isinstance(each.type, click.types._NumberRangeBase)
    ]
    assert [name for name in boundless if name not in ("seed", "count", "verbose")] == []


@pytest.mark.parametrize("command", ["doctor", "login"])
def test_the_name_of_no_api_is_a_mistake(command: str) -> None:
    done = invoked(command, "element")
    assert done.exit_code == 2
    assert "No such command 'element'" in done.output


@pytest.mark.parametrize("words", LEAVES)
def test_the_options_of_talking_are_taken_behind_every_command(words: str) -> None:
    for option in ("-v", "-q", "--no-color"):
        assert invoked(*words.split(), option, "--help").exit_code == 0


@pytest.mark.parametrize("option", ["-v", "-q", "--no-color"])
@pytest.mark.parametrize("api", ["elements", "procura"])
def test_a_harvest_that_talks_otherwise_gets_as_far(
    api: str, option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ELEMENTS_HOST", "PROCURA_URL"):
        monkeypatch.delenv(name, raising=False)
    done = invoked("harvest", api, option, "--out", str(tmp_path))
    assert (done.exit_code, done.exception.__class__) == (2, SystemExit)


@pytest.mark.parametrize(
    ("words", "level"),
    [
        (("endpoints", "kantoor"), logging.WARNING),
        (("-v", "endpoints", "kantoor"), logging.INFO),
        (("endpoints", "kantoor", "-v"), logging.INFO),
        (("-v", "endpoints", "-v", "kantoor"), logging.DEBUG),
        (("endpoints", "-vv", "kantoor"), logging.DEBUG),
        (("endpoints", "kantoor", "-q"), logging.ERROR),
        (("-q", "endpoints", "kantoor", "-vv"), logging.ERROR),
    ],
)
def test_talk_is_as_loud_as_all_places_say(words: tuple[str, ...], level: int) -> None:
    assert invoked(*words).exit_code == 0
    assert logging.getLogger().level == level


# ---------------------------------------------------------------- files of settings


def test_a_first_file_of_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    before = json.loads(invoked("config", "path", "--json").output)
    assert [each["exists"] for each in before] == [False, False]
    assert invoked("config", "init").exit_code == 0
    assert invoked("config", "init", "--user").exit_code == 0
    after = json.loads(invoked("config", "path", "--json").output)
    assert after == [{**each, "exists": True} for each in before]
    assert after[0]["path"] == str(tmp_path / "elements-procura.toml")
    kept = Path("elements-procura.toml").read_text()
    again = invoked("config", "init")
    assert again.exit_code == 2
    assert "is there already" in again.output
    assert Path("elements-procura.toml").read_text() == kept
    assert invoked("config", "init", "--user", "--out", "x").exit_code == 2


def test_a_first_file_is_valid_and_so_is_each_of_its_lines() -> None:
    assert tomllib.loads(settings_text()) == {name: {} for name in registry.names()}
    opened = [line.removeprefix("# ") for line in settings_text().splitlines() if " = " in line]
    names = {line.split(" = ")[0] for line in opened}
    assert names == {each.name for spec in registry.specs() for each in spec.account}
    for line in opened:
        assert tomllib.loads(line)


# ---------------------------------------------------------------- completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_installed_where_the_shell_looks(
    shell: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    script = invoked("completion", shell)
    assert (script.exit_code, "_ELEMENTS_PROCURA_COMPLETE" in script.output) == (0, True)
    for _ in range(2):  # the second replaces the first
        done = invoked("completion", shell, "--install")
        assert done.exit_code == 0, done.output
    place = Path(done.output.split()[1])
    assert place.is_relative_to(tmp_path)
    assert place.read_text().strip() == script.output.strip()


def completed(*words: str) -> list[str]:
    """What a shell offers for the last of some words."""
    shell = ShellComplete(cli, {}, "elements-procura", "_ELEMENTS_PROCURA_COMPLETE")
    return [each.value for each in shell.get_completions([*words[:-1]], words[-1])]


@pytest.mark.parametrize("command", ["doctor", "login"])
def test_names_of_apis_are_completed_and_options_without_them(command: str) -> None:
    assert completed(command, "") == ["elements", "procura"]
    assert completed(command, "pro") == ["procura"]
    assert {"--host", "--client-id", "--json", "--help"} <= {*completed(command, "--")}
    assert "--url" in completed(command, "procura", "--")
    assert "--host" not in completed(command, "procura", "--")


@pytest.mark.parametrize("words", ALL)
def test_every_command_and_option_is_completed(words: str) -> None:
    *path, last = words.split()
    assert last in completed(*path, last[:1])
    options = {name for each in ALL[words].params for name in each.opts if name.startswith("--")}
    assert options <= {*completed(*words.split(), "--")}


def test_the_shell_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHELL", "/bin/fish")
    assert "fish" in invoked("completion").output
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    refused = invoked("completion")
    assert (refused.exit_code, "Name one of" in refused.output) == (2, True)


def test_bash_completes() -> None:
    given = environment(
        None,
        _ELEMENTS_PROCURA_COMPLETE="bash_complete",
        COMP_WORDS="elements-procura harvest elements --pat",
        COMP_CWORD="3",
    )
    words = [sys.executable, "-m", "elements_procura"]
    done = subprocess.run(words, check=True, env=given, capture_output=True, text=True)
    assert done.stdout.splitlines() == ["plain,--patience"]


# ---------------------------------------------------------------- commands by API


async def test_doctor_and_login_of_procura() -> None:
    async with ProcuraSandbox(dossiers=1) as sandbox:
        env = environment(sandbox)
        done = await run("doctor", "procura", "--json", env=env)
        found = json.loads(done.out)
        assert (done.code, found["ok"]) == (0, True)
        states = {each["check"]: each["state"] for each in found["checks"]}
        assert states == {"dns": "ok", "tls": "skip", "token": "ok", "clock": "ok", "files": "ok"}
        tried = await run("login", "procura", "--json", env=env)
        assert (tried.code, json.loads(tried.out)["logged_in"]) == (0, False)
        secret = sandbox.credentials["client_secret"]
        assert secret not in done.out + done.err + tried.out + tried.err
        wrong = await run("login", "procura", "--secret-stdin", env=env, stdin="wrong\n")
        assert (wrong.code, "error[auth" in wrong.err) == (4, True)
        other = await run("doctor", "procura", "--url", f"{sandbox.url}/other", env=env)
        assert other.code != 0
        assert "next:" in other.out


@pytest.mark.parametrize(
    "words",
    [
        ("doctor", "procura"),
        ("doctor", "--json", "procura"),
        ("doctor", "-q", "procura", "--json"),
        ("doctor", "--client-id", "elements", "procura"),
    ],
)
def test_the_name_of_an_api_stands_anywhere(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in environment().keys() & {"PROCURA_URL", "ELEMENTS_HOST"}:
        monkeypatch.delenv(name)
    done = invoked(*words)
    assert done.exit_code == 2
    assert "url (--url, PROCURA_URL)" in done.output


def test_without_a_name_it_is_the_api_that_people_log_in_to() -> None:
    for words in (("doctor",), ("doctor", "--json"), ("doctor", "elements"), ("login",)):
        assert "host (--host, ELEMENTS_HOST)" in invoked(*words).output
    assert "Without a name: elements" in invoked("doctor", "--help").output
