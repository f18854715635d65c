"""What the package hands out: the whole list, and how it is handed out."""

import importlib
import inspect
import subprocess
import sys
import typing
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import elements_procura
from tests.walking import modules_below

LIST = Path(__file__).parent / "data/public_names.txt"
APIS = ("elements", "procura")
LAZY = (
    "elements_procura",
    "elements_procura.auth",
    "elements_procura.fleet",
    "elements_procura.spec",
    "elements_procura.sync",
    "elements_procura.testing",
    *(f"elements_procura.{api}" for api in APIS),
    *(f"elements_procura.{api}.models" for api in APIS),
    "elements_procura.elements.bodies",
    "elements_procura.elements.choices",
)
OLD = {
    "elements_procura.stores": "elements_procura.auth",
    "elements_procura.oauth": "elements_procura.auth",
    "elements_procura.authorize": "elements_procura.auth",
    "elements_procura.sandbox.procura": "elements_procura.sandbox",
}
# Rooms of the house that are split into files: their names are handed out inside only.
INTERNAL = {
    "elements_procura.demo",
    "elements_procura.evidence",
    "elements_procura.sandbox.clients",
    "elements_procura.sandbox.elements.writes",
}
# Where the names of the package are to be found, as it is promised.
HOMES = {
    "elements_procura": "ElementsClient ProcuraClient Tenants Response CreatedId Timeouts",
    "elements_procura.scheduler": (
        "Rate Scheduler Priority SqliteLedger Usage Gate LocalGate FileGate RedisGate"
    ),
    "elements_procura.observe": "Observer",
    "elements_procura.otel": "OtelObserver",
    "elements_procura.auth": (
        "AuthorizationCodeGrant ClientCredentialsGrant OrganisationGrant Credentials Token "
        "MemoryTokenStore FileTokenStore KeyringTokenStore"
    ),
    "elements_procura.journal": "FileJournal",
    "elements_procura.harvest": (
        "harvest Store StoreReader Refresh ElementsSource ProcuraSource "
        "Source Root Row BadRow Gap Want Work Discovery Answer"
    ),
    "elements_procura.fleet": "TenantSpec run_tenant harvest_tenants Outcome",
    "elements_procura.sandbox": "Sandbox ProcuraSandbox Fault Weather",
    "elements_procura.export": "export",
    "elements_procura.sync": "ElementsClient ProcuraClient Iteration",
    "elements_procura.testing": "MockedWire QuickClock",
    "elements_procura.elements": "ElementsClient Klantdossier KlantdossierBody Rol DossierHandle",
    "elements_procura.procura": "ProcuraClient Birth BirthBody DossierType DossierHandle BrpDate",
}


def modules(package: ModuleType = elements_procura) -> Iterator[ModuleType]:
    """A package and every module below it, old homes and the command line left out."""
    yield package
    yield from modules_below(package, but=("elements_procura.cli", "elements_procura.__main__"))


def names_of(module: ModuleType) -> list[str]:
    """The public names of a module; none of one that is internal."""
    return list(getattr(module, "__all__", ()))


PUBLIC = {
    module.__name__: names_of(module)
    for module in modules()
    if names_of(module) and module.__name__ not in {*OLD, *INTERNAL}
}


def faces() -> dict[str, list[str]]:
    """The public modules but for those whose names a package above hands out as well."""
    found = {}
    for module, names in PUBLIC.items():
        above = [".".join(module.split(".")[:depth]) for depth in range(1, module.count(".") + 1)]
        if not any(set(names) <= set(PUBLIC.get(each, ())) for each in above):
            found[module] = names
    return found


def test_the_whole_list_of_public_names() -> None:
    lines = [f"{module} {name}" for module, names in faces().items() for name in sorted(names)]
    # A name that is new or gone has to be meant: the list is edited by hand.
    assert sorted(lines) == LIST.read_text().splitlines()


PAGE = Path(__file__).parents[1] / "docs/public-names.md"


@pytest.mark.parametrize("module", faces())
def test_the_page_and_the_package_say_that_a_module_is_public(module: str) -> None:
    short = module.removeprefix("elements_procura").removeprefix(".")
    page, text = PAGE.read_text("utf-8"), elements_procura.__doc__ or ""
    assert f"`{module}`" in page or f"`.{short}`" in page
    assert not short or f"``{short}``" in text


@pytest.mark.parametrize("module", PUBLIC)
def test_every_public_name_is_there_once_and_listed_by_dir(module: str) -> None:
    found = importlib.import_module(module)
    assert len(set(PUBLIC[module])) == len(PUBLIC[module])
    for name in PUBLIC[module]:
        assert getattr(found, name) is not None
        assert not name.startswith("_")
    assert {*dir(found)} >= {*PUBLIC[module]}


@pytest.mark.parametrize("module", HOMES)
def test_the_homes_that_are_promised(module: str) -> None:
    assert set(PUBLIC[module]) >= set(HOMES[module].split())


@pytest.mark.parametrize("package", LAZY)
def test_a_lazy_package_knows_its_names_and_no_other(package: str) -> None:
    module = importlib.import_module(package)
    assert dir(module) == sorted(PUBLIC[package])
    space: dict[str, Any] = {}
    exec(f"from {package} import *", space)
    assert set(space) - {"__builtins__"} == set(PUBLIC[package])
    for name in ("no_such_name", "NoSuchName", "_private"):
        with pytest.raises(AttributeError, match=name):
            getattr(module, name)


@pytest.mark.parametrize("api", APIS)
def test_all_of_an_api_can_be_had_from_its_package(api: str) -> None:
    package = importlib.import_module(f"elements_procura.{api}")
    for module in modules(package):
        for name in names_of(module):
            if not module.__name__.endswith((".spec", ".source")):
                assert getattr(package, name) is getattr(module, name)


@pytest.mark.parametrize("api", APIS)
def test_no_two_public_classes_share_a_name_within_an_api(api: str) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for module in modules(importlib.import_module(f"elements_procura.{api}")):
        for name, value in vars(module).items():
            if inspect.isclass(value) and value.__module__ == module.__name__ and name[0] != "_":
                found[name].add(module.__name__)
    assert {name: homes for name, homes in found.items() if len(homes) > 1} == {}


def named_in(kind: Any) -> Iterator[type]:
    """The classes that an annotation is made of."""
    for each in kind if isinstance(kind, list) else typing.get_args(kind):
        yield from named_in(each)
    if inspect.isclass(found := typing.get_origin(kind) or kind):
        yield found


def annotations() -> Iterator[tuple[str, Any]]:
    """Whatever a user of a public class or function gives or gets, but for a class's own maker."""
    for module, names in faces().items():
        for name in names:
            value = getattr(importlib.import_module(module), name)
            is_class = inspect.isclass(value)
            members = inspect.getmembers_static(value) if is_class else [(name, value)]
            for member, found in members:
                function: Any = found.fget if isinstance(found, property) else found
                function = inspect.unwrap(getattr(function, "__func__", function))
                if inspect.isfunction(function) and (member[0] != "_"):
                    try:
                        hints = typing.get_type_hints(function)
                    except NameError:  # imported for type checkers only
                        continue
                    for kind in hints.values():
                        yield f"{module}.{name}.{member}", kind


# By name, why it is not handed out.
UNNAMED = {
    "State": "an AuthorizationRequest makes it",
    "Client": "what both clients have in common",
    "Path": "made by the clients; users give texts",
    "ReferenceDefault": "the type of GENERATED",
    "Case": "the sandbox's own data",
    "LocalPermit": "LocalGate's own Permit",
    "Model": "what all records have in common",
    "Body": "what all bodies have in common",
    "Wire": "made by the clients",
}


def test_what_a_public_call_takes_or_returns_is_public() -> None:
    known = {
        id(getattr(importlib.import_module(module), name))
        for module, names in PUBLIC.items()
        for name in names
    }
    strangers = {
        (found.__name__, where)
        for where, kind in annotations()
        for found in named_in(kind)
        if found.__module__.startswith("elements_procura.") and id(found) not in known
    }
    assert sorted(each for each in strangers if each[0] not in UNNAMED) == []
    assert {name for name, _ in strangers} == set(UNNAMED)


def test_importing_the_package_loads_neither_aiohttp_nor_models() -> None:
    code = (
        "import sys, elements_procura\n"
        "assert not {'aiohttp', 'cattrs'} & sys.modules.keys()\n"
        "assert not [name for name in sys.modules if name.startswith('elements_procura.el')]\n"
        "from elements_procura import Credentials, FileTokenStore, Rate, Secret\n"
        "from elements_procura.elements import Klantdossier, KlantdossierBody, Rol\n"
        "from elements_procura.procura import BirthBody\n"
        "assert 'aiohttp' not in sys.modules\n"
        "assert 'elements_procura.elements.klantdossiers' not in sys.modules\n"
        "from elements_procura import ElementsClient\n"
        "assert 'elements_procura.procura.client' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_client_loads_what_is_used_of_it() -> None:
    code = (
        "import sys, orjson\n"
        "theirs = set(sys.modules)\n"  # some versions of orjson load zoneinfo
        "from elements_procura import ElementsClient\n"
        "from elements_procura import AnswerKind, Rate, Timeouts\n"
        "loaded = sys.modules.keys() - theirs\n"
        "assert not {'cattrs', 'difflib', 'filelock', 'html', 'sqlite3', 'zoneinfo'} & loaded\n"
        "assert 'elements_procura.core.journal' not in sys.modules\n"
        "client = ElementsClient.detached()\n"
        "resources = {'adviseurs', 'bezittingen', 'kantoor', 'klanten', 'producten'}\n"
        "def loaded():\n"
        "    return {each for each in resources if f'{below}.{each}' in sys.modules}\n"
        "below = 'elements_procura.elements'\n"
        "assert not loaded()\n"
        "client.dossier(5526).hypotheken\n"
        "assert loaded() == {'producten'}\n"
        "assert client.dossier(5526).hypotheken.get.__doc__\n"
        "kinds = {'contracten', 'diensten', 'producten', 'hypotheken'}\n"
        "assert not {f'{below}.models.{each}' for each in kinds} & sys.modules.keys()\n"
        "path = '/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}'\n"
        "assert client.templates.of('/api/data/klantdossiers/1/adviseurs/2') == path\n"
        "assert loaded() == resources\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_version_is_there() -> None:
    assert elements_procura.__version__.count(".") == 2


@pytest.mark.parametrize(
    ("old", "name", "new"),
    [(old, name, new) for old, new in OLD.items() for name in importlib.import_module(old).__all__],
)
def test_a_name_that_moved_warns_at_its_old_home(old: str, name: str, new: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"import {name} from {new}:"):
        found = getattr(importlib.import_module(old), name)
    assert found is getattr(importlib.import_module(new), name)


@pytest.mark.parametrize(
    ("home", "old", "new"),
    [
        ("", "Created", "CreatedId"),
        ("", "Expected", "AnswerKind"),
        (".elements", "Created", "CreatedId"),
        (".fleet", "Sleeping", "Sleep"),
        (".harvest", "Doubted", "ListingDoubted"),
        (".harvest", "Finished", "HarvestFinished"),
        (".harvest", "Found", "Discovery"),
        (".harvest", "Gone", "ResourceGone"),
        (".harvest", "Interrupted", "HarvestInterrupted"),
        (".harvest", "Listed", "DossiersListed"),
        (".harvest", "PutAside", "ListingIncomplete"),
        (".harvest", "Quarantined", "ResourceQuarantined"),
        (".harvest", "Refreshing", "RefreshStarted"),
        (".harvest", "Resumed", "HarvestResumed"),
        (".harvest", "Started", "HarvestStarted"),
        (".harvest", "Stored", "AnswerStored"),
        (".harvest", "Waiting", "QuotaWait"),
        (".procura", "MADE", "GENERATED"),
    ],
)
def test_a_name_that_changed_warns_under_its_old_one(home: str, old: str, new: str) -> None:
    module = importlib.import_module(f"elements_procura{home}")
    with pytest.warns(DeprecationWarning, match=f"{old} is {new} now"):
        found = getattr(module, old)
    assert found is getattr(module, new)
    assert old not in dir(module)
    with pytest.raises(AttributeError, match="Unnamed"):
        _ = module.Unnamed
