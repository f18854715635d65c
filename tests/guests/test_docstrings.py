"""Docstrings of the public calls: arguments and errors of all, and errors that really occur."""

import builtins
import importlib
import inspect
import re
import typing
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from elements_procura import ElementsClient, ProcuraClient, Rate, errors
from elements_procura.core.api import Resource
from elements_procura.core.docstrings import READ, WRITTEN, documented
from elements_procura.core.endpoints import Endpoints, endpoints_of
from elements_procura.errors import ElementsProcuraError
from elements_procura.sandbox import Fault, ProcuraSandbox, Sandbox
from tests.client_kit import client_for

NAMES = Path(__file__).parent.parent / "data" / "public_names.txt"
REFERENCE = re.compile(r"\bAs (of )?:meth:`")
RAISE_NOTHING = {
    "Client.__aenter__",
    "Client.aclose",
    "Clock.sleep",
    "Gate.aclose",
    "Listener.__aenter__",
    "Listener.leave",
    "LocalGate.aclose",
    "LocalGate.wait",
    "MemoryTokenStore.exclusive",
    "MemoryTokenStore.load",
    "MemoryTokenStore.save",
    "QuickClock.sleep",
    "Scheduler.aclose",
    "SharedGate.aclose",
    "SqliteLedger.aclose",
    "SystemClock.sleep",
    "Tenants.__aenter__",
    "Tenants.close",
    "WeatheredServer.close",
}
"""Calls without an error of their own, but for those that Python itself has."""


def public_calls() -> dict[str, Callable[..., Any]]:
    """Every function and method behind the public names that is awaited or iterated over."""
    found: dict[str, Callable[..., Any]] = {}
    for line in NAMES.read_text("utf-8").splitlines():
        module, name = line.split()
        given = getattr(importlib.import_module(module), name)
        held = members(given) if inspect.isclass(given) else [given]
        for each in held:
            is_own = inspect.isfunction(each) and each.__module__.startswith("elements_procura")
            if is_own and waits(each):
                found[each.__qualname__] = each
    return found


def members(kind: type) -> Iterator[Any]:
    for name in dir(kind):
        if not name.startswith("_"):
            member = inspect.getattr_static(kind, name)
            yield getattr(member, "__func__", member)


def waits(function: Callable[..., Any]) -> bool:
    plain = inspect.unwrap(function)
    if inspect.iscoroutinefunction(plain) or inspect.isasyncgenfunction(plain):
        return True
    try:
        returned = typing.get_type_hints(plain).get("return")
    except NameError:  # of a name that only type checkers import
        return False
    return typing.get_origin(returned) in (Coroutine, AsyncGenerator)


CALLS = public_calls()


def section(function: Callable[..., Any], name: str) -> str:
    doc = inspect.getdoc(function) or ""
    return doc.partition(f"\n{name}:\n")[2].partition("\n\n")[0]


def test_every_argument_of_every_call_is_described() -> None:
    missing = []
    for name, call in CALLS.items():
        doc = inspect.getdoc(call) or ""
        described = set(re.findall(r"(?m)^    (\w+(?:, \w+)*): ", section(call, "Args")))
        described = {each for names in described for each in names.split(", ")}
        if not REFERENCE.search(doc):
            given = list(inspect.signature(call).parameters)
            missing += [f"{name}({each})" for each in given if each not in {*described, "self"}]
    assert len(CALLS) > 150
    assert missing == []


def test_every_call_names_its_errors() -> None:
    without = {name for name, call in CALLS.items() if not section(call, "Raises")}
    assert {
        name for name in without if not REFERENCE.search(inspect.getdoc(CALLS[name]) or "")
    } - RAISE_NOTHING == set()


def test_what_is_named_as_an_error_is_one() -> None:
    unknown = []
    for name, call in CALLS.items():
        for names in re.findall(r"(?m)^    ([\w, ]+): ", section(call, "Raises")):
            for each in names.split(", "):
                kind = getattr(errors, each, None) or getattr(builtins, each, None)
                if not (isinstance(kind, type) and issubclass(kind, BaseException)):
                    unknown.append(f"{name}: {each}")
    assert unknown == []


def test_every_endpoint_names_its_request() -> None:
    for name, call in CALLS.items():
        for each in endpoints_of(call):
            assert f"``{each.method} {each.path}``" in (inspect.getdoc(call) or ""), name


def test_every_call_of_a_resource_names_its_request() -> None:
    for name, call in CALLS.items():
        owner = getattr(importlib.import_module(call.__module__), name.partition(".")[0])
        if inspect.isclass(owner) and issubclass(owner, Resource):
            told = re.search(r"``(GET|POST|PATCH) /", inspect.getdoc(call) or "")
            assert told or REFERENCE.search(inspect.getdoc(call) or ""), name


def test_every_public_class_and_function_has_a_description_of_its_own() -> None:
    without = []
    for line in NAMES.read_text("utf-8").splitlines():
        module, name = line.split()
        given = getattr(importlib.import_module(module), name)
        is_made = inspect.isclass(given) or inspect.isfunction(given)
        if is_made and not given.__dict__.get("__doc__", given.__doc__):
            without.append(line)
    assert without == []


def test_what_a_docstring_says_itself_stays_and_the_rest_is_added() -> None:
    endpoint = Endpoints()

    @endpoint("GET", "/a/{x}")
    async def one(self: object, adres_id: int, order: str) -> None:
        """Get one.

        More of it.

        Args:
            order: Which one
                first.

        Returns:
            It.

        Raises:
            NotFound, Forbidden: The door is shut.
        """

    lines = (inspect.getdoc(one) or "").splitlines()
    assert lines[:5] == ["Get one.", "", "``GET /a/{x}``", "", "More of it."]
    assert lines[6:10] == [
        "Args:",
        "    order: Which one",
        "        first.",
        "    adres_id: Id of the adres.",
    ]
    assert lines[11:13] == ["Returns:", "    It."]
    raises = section(one, "Raises").splitlines()
    assert raises[0] == "    NotFound, Forbidden: The door is shut."
    names = [line.split(":")[0].strip() for line in raises[1:]]
    assert names == [name for name in READ if name not in ("NotFound", "Forbidden")]


def test_a_docstring_of_one_line_gets_everything() -> None:
    def add(self: object, adres: object, *, validate: bool = True) -> None: ...

    told = documented("Add an adres.", ["POST /a"], add, WRITTEN)
    assert told.startswith("Add an adres.\n\n``POST /a``\n\nArgs:\n    adres: The adres: a body")
    assert "    validate: " in told
    assert told.rpartition("Raises:\n")[2].count("\n") == len(WRITTEN) - 1


def test_a_docstring_without_indentation_as_python_3_13_keeps_it() -> None:
    def get(self: object, adres_id: int) -> None: ...

    text = "Get one.\n\n{0}More of it.\n\n{0}Raises:\n{0}    KeyError: It\n{0}        is.\n{0}"
    told = [documented(text.format(gap), ["GET /a"], get, READ) for gap in ("", " " * 8)]
    assert told[0] == told[1]
    assert "\n\nRaises:\n    KeyError: It\n        is.\n    ClosedError: " in told[0]


# ---------------------------------------------------------------- errors that really occur

ADRES = {"naam": "a@example.nl", "type": "Prive"}


async def reading(client: Any, dossier_id: Any = None) -> None:
    if isinstance(client, ElementsClient):
        await client.klantdossiers.get(dossier_id or 5526)
    else:
        await client.births.get(dossier_id or "no-such-case")


async def writing(client: Any, dossier_id: Any = None) -> None:
    if isinstance(client, ElementsClient):
        of = client.dossier(dossier_id or 5526).particulier(120954).emailadressen
        await of.add(ADRES)
    else:
        await client.commitments.cancel(dossier_id or "case", message="x", look=False)


FAULTS: dict[str, dict[str, Any]] = {
    "BadRequest": {"kind": "status", "status": 400},
    "Forbidden": {"kind": "status", "status": 403},
    "NotFound": {"kind": "status", "status": 404},
    "RateLimited": {"kind": "status", "status": 429},
    "ServerError": {"kind": "status", "status": 503},
    "TransportError": {"kind": "reset"},
    "ProtocolError": {"kind": "html"},
    "OutcomeUnknown": {"kind": "reset-after"},
}
SETTINGS: dict[str, dict[str, Any]] = {
    "ReadOnlyError": {"read_only": True},
    "DailyQuotaExceeded": {"rates": (Rate(1, 1), Rate(1, 86_400))},
    "AuthenticationError": {"credentials": ("client", "wrong")},
}


@pytest.mark.virtual_time
@pytest.mark.parametrize("api", [Sandbox, ProcuraSandbox])
@pytest.mark.parametrize("way", ["read", "write"])
async def test_every_error_that_all_calls_name_occurs(
    api: type[Sandbox | ProcuraSandbox], way: str
) -> None:
    call, named = (reading, READ) if way == "read" else (writing, WRITTEN)
    met = {}
    async with api(dossiers=1, limits="off") as sandbox:
        for name in named:
            met[name] = await provoked(sandbox, name, call)
    assert {
        name: error for name, error in met.items() if not isinstance(error, getattr(errors, name))
    } == {}


async def provoked(sandbox: Any, name: str, call: Callable[..., Any]) -> BaseException | None:
    """The exception of a call that was made to go wrong in the way that a name says."""
    async with client_for(sandbox, **SETTINGS.get(name, {})) as made:
        client: Any = made
        given = None
        if name in FAULTS:
            await client.authenticate()
            sandbox.add_fault(Fault(match="*/api/*", times=20, **FAULTS[name]))
        if name == "InputError":
            given = "." if isinstance(client, ProcuraClient) else "5526/x"
        if name == "ClosedError":
            await client.aclose()
        if name == "NotSent":
            await client.authenticate()
            await sandbox.leave()
        try:
            if name == "BodyError":
                await (client.dossier(5526).acties if _is(client) else client.births).add({})
            else:
                await call(client, given)
        except ElementsProcuraError as error:
            return error
        finally:
            sandbox.clear_faults()
            await sandbox.come_back()
    return None


def _is(client: Any) -> bool:
    return isinstance(client, ElementsClient)
