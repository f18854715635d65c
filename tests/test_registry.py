"""Only its own folder, the registry and the faces name an API."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import elements_procura
from elements_procura import registry
from elements_procura.errors import InputError
from elements_procura.harvest import ElementsSource, ProcuraSource
from elements_procura.schema.model import Model

ROOT = Path(elements_procura.__file__).parent
OWN = ("elements", "procura", "sandbox")
"""The APIs' folders, and the local servers of both."""
MAY_NAME = {
    "registry.py": "the one place that knows where the specs are",
    "__init__.py": "hands out both clients",
    "_calls.py": "hands out CreatedId, which is Elements' alone",
    "harvest/__init__.py": "hands out both sources",
    "demo/": "its two sides, each with its sandbox",
    "cli/commands/demo.py": "starts the demo's two sandboxes",
    "cli/shown/acts.py": "as before",
    "cli/commands/sandbox.py": "serves the sandboxes of both",
    "cli/given/weather.py": "which sandbox a kind of weather is for",
    "sync/": "hands out both clients without await",
    "pytest_plugin.py": "fixtures for both sandboxes and their clients",
    "evidence/_cases.py": "'elements' is a key of a page in Spring's JSON",
}
PROJECT = re.compile(r"elements[-_ ]?procura", re.IGNORECASE)
NAMES = re.compile(r"(?<!_array_)elements|procura", re.IGNORECASE)  # a function of PostgreSQL


def words_of(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Identifiers, imports and texts of a module, but for its docstrings and comments.

    Those may explain something by an example.
    """
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for field in ("id", "attr", "arg", "name", "asname", "module"):
            if isinstance(found := getattr(node, field, None), str):
                yield line, found
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield line, node.value


def named_in(path: Path) -> list[str]:
    """Where a file names an API."""
    return [
        f"{line}: {text}"
        for line, text in words_of(ast.parse(path.read_text()))
        if NAMES.search(PROJECT.sub("", text))
    ]


FILES = {
    path.relative_to(ROOT).as_posix(): path
    for path in sorted(ROOT.rglob("*.py"))
    if path.relative_to(ROOT).parts[0] not in OWN
}


def may_name(file: str) -> bool:
    return any(file == each or (each.endswith("/") and file.startswith(each)) for each in MAY_NAME)


def test_nothing_but_its_folder_and_the_registry_names_an_api() -> None:
    found = {file: named_in(path) for file, path in FILES.items() if not may_name(file)}
    assert {file: lines for file, lines in found.items() if lines} == {}


@pytest.mark.parametrize("entry", MAY_NAME)
def test_an_exception_is_still_needed(entry: str) -> None:
    files = [path for file, path in FILES.items() if file == entry or file.startswith(f"{entry}")]
    assert any(named_in(path) for path in files)


def test_a_name_is_found_wherever_it_stands(tmp_path: Path) -> None:
    file = tmp_path / "some.py"
    file.write_text(
        '"""About Elements."""\n'  # a docstring
        "from elements_procura.errors import InputError\n"
        "from elements_procura.elements.client import ElementsClient\n"
        'api = "procura"\n'
        "def is_procura(): ...\n"
    )
    assert [each.partition(":")[0] for each in named_in(file)] == ["3", "5", "3", "4"]


# -- what a spec holds ---------------------------------------------------------------------------


def test_the_registry_holds_two_apis_with_one_spec_each() -> None:
    assert registry.names() == ("elements", "procura")
    for spec in registry.specs():
        assert spec is registry.spec_of(spec.name)
        assert spec.client.api_name == spec.name
        assert spec.settings.secret_variable == spec.secret_variable
        assert spec.store_name == f"{spec.name}.sqlite"
    assert registry.spec_of("elements").harvest.source is ElementsSource
    assert ProcuraSource.api_name == "procura"


def test_an_unknown_api_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(InputError) as refused:
        registry.spec_of("toy")
    assert "elements, procura" in refused.value.hint


@pytest.mark.parametrize("name", registry.names())
def test_what_a_spec_says_of_its_kinds_holds_together(name: str) -> None:
    spec = registry.spec_of(name)
    known = spec.harvest
    assert (known.groups, known.extra_groups) == (spec.settings.groups, spec.settings.extra_groups)
    assert {kind.group for kind in known.kinds.values()} - {None} == {
        *known.groups,
        *known.extra_groups,
    }
    for kind in known.kinds.values():
        assert kind.template.startswith(f"{spec.root}/")
        assert not (kind.is_binary and kind.shape)
        assert kind.shape is None or issubclass(kind.shape.model, Model)
    assert {*known.shared, *(known.led_to or {}), *(known.led_to or {}).values()} <= {*known.kinds}
    assert {known.part_of(each) for each in known.kinds} == {*known.parts()}
    for leading, word in known.shared.items():  # what dossiers share comes with what leads to it
        below = {known.part_of(each) for each in known.kinds if each.startswith(f"{word}/")}
        assert below == {known.part_of(leading)}
    assert known.row_kind is None or known.row_kind in known.kinds


@pytest.mark.parametrize("name", registry.names())
def test_the_options_of_an_api_are_its_settings(name: str) -> None:
    spec = registry.spec_of(name)
    offered = {each.name for each in (*spec.account, *spec.pace, *spec.selection)} - {"include"}
    assert offered == set(spec.settings.names())


def test_a_path_leads_to_its_api() -> None:
    assert registry.api_of_path("/api/data/klantdossiers/1") == "elements"
    assert registry.api_of_path("/api/v1/births/A") == "procura"
    assert registry.api_of_path("/api/database/1") is None
