"""What the package hands out."""

import importlib
import subprocess
import sys

import pytest

import elements_procura

PACKAGES = ("elements_procura", "elements_procura.procura", "elements_procura.harvest")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_public_name_is_there_and_told_by_dir(package: str) -> None:
    module = importlib.import_module(package)
    assert len(set(module.__all__)) == len(module.__all__)
    for name in module.__all__:
        assert getattr(module, name) is not None
    assert {*dir(module)} >= {*module.__all__} - {"__version__"}
    with pytest.raises(AttributeError):
        module.no_such_name  # noqa: B018 - looked up on purpose


def test_importing_the_package_loads_neither_aiohttp_nor_models() -> None:
    code = (
        "import sys, elements_procura\n"
        "assert not {'aiohttp', 'cattrs'} & sys.modules.keys()\n"
        "assert not [name for name in sys.modules if name.startswith('elements_procura.el')]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_version_is_told() -> None:
    assert elements_procura.__version__.count(".") == 2


@pytest.mark.parametrize(
    ("old", "name", "new"),
    [
        (old, name, new)
        for old, new in (
            ("elements_procura.stores", "elements_procura.auth"),
            ("elements_procura.oauth", "elements_procura.auth"),
            ("elements_procura.authorize", "elements_procura.auth"),
            ("elements_procura.sandbox.procura", "elements_procura.sandbox"),
        )
        for name in importlib.import_module(old).__all__
    ],
)
def test_a_name_that_moved_warns_at_its_old_home(old: str, name: str, new: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"import {name} from {new}:"):
        found = getattr(importlib.import_module(old), name)
    assert found is getattr(importlib.import_module(new), name)
