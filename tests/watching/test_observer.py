"""What an observer is called with, in what order, and that it cannot harm a call."""

import asyncio
import logging
from pathlib import Path
from typing import Any

import attrs
import pytest

from elements_procura import observe
from elements_procura.core.observe import METHODS, guarded
from elements_procura.errors import ElementsProcuraError, OutcomeUnknown
from elements_procura.harvest import Store, harvest
from elements_procura.observe import Call, Observer
from elements_procura.sandbox import Fault, Sandbox
from elements_procura.scheduler import Rate
from tests.client_kit import Exchange, client_at, client_for, raw_server
from tests.clock import QuickClock

DOSSIER = "/api/data/klantdossiers/{DOSSIER_ID}"


class Noted(Observer):
    """Writes down every call."""

    def __init__(self) -> None:
        self.notes: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []

    def names(self) -> list[str]:
        return [name for name, *_ in self.notes]

    def of(self, name: str) -> list[dict[str, Any]]:
        return [named for each, _, named in self.notes if each == name]

    def calls(self) -> set[Call]:
        return {each for _, given, _ in self.notes for each in given if isinstance(each, Call)}


def _noting(name: str) -> Any:
    def note(self: Noted, *given: Any, **named: Any) -> None:
        self.notes.append((name, given, named))

    return note


for _name in METHODS:
    setattr(Noted, _name, _noting(_name))


async def test_one_call_from_queue_to_answer() -> None:
    noted = Noted()
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        async with client_for(sandbox, observer=noted, tenant="kantoor-a") as client:
            await client.klantdossiers.get(5526)
        size = len(sandbox.truth(5526)["/api/data/klantdossiers/5526"])
    assert noted.names() == [
        "attached", "queued", "queued", "sent", "answered", "renewed", "queued", "sent", "answered",
        "detached",
    ]  # fmt: skip
    token, call = sorted(noted.calls(), key=lambda each: not each.is_token)
    assert (token.template, token.is_token) == ("/oauth/access_token", True)
    assert (call.method, call.template, call.tenant) == ("GET", DOSSIER, "kantoor-a")
    assert (call.host, call.port) == ("127.0.0.1", int(sandbox.url.rpartition(":")[2]))
    assert noted.of("renewed") == [{"is_granted": True}]
    assert [each["status"] for each in noted.of("answered")] == [200, 200]
    assert noted.of("answered")[1]["size"] == size
    assert noted.of("answered")[1]["error"] == ""


async def test_seconds_are_the_clock_s_and_waiting_is_told_apart() -> None:
    noted, clock = Noted(), QuickClock()

    async def answer(exchange: Exchange) -> None:
        await clock.sleep(3.0)
        exchange.answer(b'{"id": 1}')

    async with (
        raw_server(answer) as server,
        client_at(server.url, clock=clock, rates=(Rate(1, 10.0),), observer=noted) as client,
    ):
        await client.klantdossiers.get(1)
        await client.klantdossiers.get(1)
    *_, first, second = noted.of("answered")
    assert min(first["seconds"], second["seconds"]) >= 3.0
    assert [each["waited"] > 5.0 for each in noted.of("sent")][-1]


FAULTS = {
    "reset": (Fault(kind="reset", times=1), None, "the connection broke"),
    "503": (Fault(kind="status", status=503, times=1), 503, "the server answered 503"),
    "truncate": (Fault(kind="truncate", times=1), 200, "the answer broke off"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_repeat_is_reported_with_its_reason(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    fault, status, why = FAULTS[name]
    noted = Noted()
    caplog.set_level(logging.INFO, "elements_procura")
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        sandbox.add_fault(attrs.evolve(fault, match="GET /api/*"))
        async with client_for(sandbox, observer=noted, tenant="a") as client:
            await client.klantdossiers.get(5526)
    [repeat] = noted.of("repeated")
    assert (repeat["attempt"], repeat["why"]) == (1, why)
    assert [each["attempt"] for each in noted.of("sent")] == [1, 1, 2]
    assert noted.names().count("sent") == noted.names().count("answered")
    _, first, second = noted.of("answered")
    assert (first["status"], second["status"]) == (status, 200)
    [record] = [each for each in caplog.records if "sent again" in each.message]
    assert record.levelno == logging.INFO
    facts = {name: getattr(record, name) for name in ("template", "attempt", "status", "tenant")}
    assert facts == {"template": DOSSIER, "attempt": 1, "status": status, "tenant": "a"}
    assert vars(record)["seconds"] == repeat["after"]


async def test_a_429_is_reported() -> None:
    noted = Noted()
    async with Sandbox(dossiers=1, limits="off") as sandbox:
        sandbox.add_fault(Fault(kind="status", status=429, times=1, match="GET /api/*"))
        async with client_for(sandbox, observer=noted) as client:
            await client.klantdossiers.get(5526)
            assert client.counters.throttled == 1
    assert len(noted.of("throttled")) == 1
    assert [each["status"] for each in noted.of("answered")] == [200, 429, 200]


async def test_every_attempt_that_left_ends_once_whatever_happens() -> None:
    for fault in ("reset", "html", "cut-json", "status", "truncate"):
        noted = Noted()
        async with Sandbox(dossiers=1, limits="off") as sandbox:
            sandbox.add_fault(Fault(kind=fault, status=500, match="* /api/*"))
            async with client_for(sandbox, observer=noted) as client:
                for call in (
                    client.klantdossiers.get(5526),
                    client.klantdossiers.add({"omschrijving": "a", "dossierstatus": 1}),
                ):
                    with pytest.raises(ElementsProcuraError):
                        await call
                with pytest.raises(ElementsProcuraError):
                    [each async for each in client.klantdossiers.iterate()]
        assert noted.names().count("sent") == noted.names().count("answered") >= 3


async def test_a_write_whose_outcome_is_unknown_ends_as_well() -> None:
    noted = Noted()

    async def drop(exchange: Exchange) -> None:
        exchange.drop()

    async with raw_server(drop) as server, client_at(server.url, observer=noted) as client:
        with pytest.raises(OutcomeUnknown):
            await client.request("POST", "/api/data/x", body=b"{}")
    assert noted.of("answered")[-1]["status"] is None
    assert noted.of("answered")[-1]["error"] == "the connection broke"


class Broken(Observer):
    """Raises wherever it is called."""


def _raising(name: str) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError(name)

    return fail


for _name in METHODS:
    setattr(Broken, _name, _raising(_name))


async def test_an_observer_that_fails_is_logged_once_per_method_and_harms_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    noted = Noted()
    async with (
        Sandbox(dossiers=1, limits="off") as sandbox,
        client_for(sandbox, observer=(Broken(), noted)) as client,
    ):
        await client.klantdossiers.get(5526)
        await client.klantdossiers.get(5526)
    assert noted.names().count("answered") == 3
    failures = [each for each in caplog.records if each.name == "elements_procura.observe"]
    assert {each.args[1] for each in failures if isinstance(each.args, tuple)} == {
        "attached", "queued", "sent", "answered", "renewed", "detached",
    }  # fmt: skip
    assert len(failures) == 6
    assert all(each.exc_info for each in failures)


@attrs.define
class Counting(Observer):
    """Equal to another one that has counted as many, and not hashable."""

    count: int = 0

    def sent(self, *_: Any, **__: Any) -> None:
        self.count += 1


@attrs.define
class Raising(Observer):
    """Not hashable either, and raises what is given."""

    error: BaseException

    def sent(self, *_: Any, **__: Any) -> None:
        raise self.error

    def answered(self, *_: Any, **__: Any) -> None:
        raise self.error


class Halt(BaseException):
    """Passes by ``except Exception``."""


@pytest.mark.parametrize("kind", [ZeroDivisionError, asyncio.CancelledError, GeneratorExit, Halt])
async def test_whatever_an_observer_raises_stays_away_from_the_call(
    kind: type[BaseException],
) -> None:
    noted = Noted()
    async with (
        Sandbox(dossiers=1, limits="off") as sandbox,
        client_for(sandbox, observer=(Raising(kind()), noted)) as client,
    ):
        await client.klantdossiers.get(5526)
        await client.klantdossiers.get(5526)
    assert noted.names().count("answered") == 3


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_passes(kind: type[BaseException]) -> None:
    guard = guarded(Raising(kind()))
    assert guard is not None
    with pytest.raises(kind):
        guard.sent(Call("GET", "/x", "a"), attempt=1, waited=0.0)


async def test_observers_that_are_equal_are_called_each() -> None:
    first, second, third, fourth = (Counting() for _ in range(4))
    async with (
        Sandbox(dossiers=1, limits="off") as sandbox,
        client_for(sandbox, observer=(first, second)) as client,
    ):
        with client.observed_by(third):
            with client.observed_by(fourth):
                await client.klantdossiers.get(5526)
            await client.klantdossiers.get(5526)
        await client.klantdossiers.get(5526)
    assert [each.count for each in (first, second, third, fourth)] == [4, 4, 3, 2]


async def test_a_harvest_takes_several_as_a_tuple(tmp_path: Path) -> None:
    first, second = Noted(), Noted()
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        with Store.create(tmp_path / "a.sqlite", tenant="a") as store:
            async for _ in harvest(client, store, observer=(first, second)):
                pass
    assert first.names() == second.names()
    assert first.names().count("sent") == first.names().count("answered") > 1


async def test_whoever_heard_an_attempt_leave_hears_of_its_end_and_nobody_else() -> None:
    early, late, may_answer = Noted(), Noted(), asyncio.Event()

    async def answer(exchange: Exchange) -> None:
        has_come.set()
        await may_answer.wait()
        exchange.answer(b"{}")

    has_come = asyncio.Event()
    async with raw_server(answer) as server, client_at(server.url) as client:
        with client.observed_by(early):
            call = asyncio.create_task(client.request("GET", "/api/data/x"))
            await has_come.wait()
        with client.observed_by(late):
            may_answer.set()
            await call
    assert early.names()[-3:] == ["sent", "detached", "answered"]
    assert early.names().count("sent") == early.names().count("answered") == 2
    assert late.names() == ["attached", "detached"]


async def test_a_write_that_is_answered_with_5xx_has_its_status() -> None:
    noted = Noted()

    async def fail(exchange: Exchange) -> None:
        exchange.answer(b'{"a": 1}', "500 Internal Server Error")

    async with raw_server(fail) as server, client_at(server.url, observer=noted) as client:
        with pytest.raises(OutcomeUnknown):
            await client.request("POST", "/api/data/x", body=b"{}")
    assert noted.names().count("sent") == noted.names().count("answered") == 2
    last = noted.of("answered")[-1]
    assert (last["status"], last["size"], last["error"]) == (500, 8, "")


def test_observers_are_put_together_once() -> None:
    one, two = Noted(), Noted()
    assert guarded(None) is None
    assert guarded() is None
    both = guarded(guarded(one, two), (one, one), two)
    assert both is not None
    both.renewed("a", is_granted=True)
    assert one.names() == two.names() == ["renewed"]


def test_a_base_does_nothing() -> None:
    call = Call("GET", "/x", "a")
    base = Observer()
    base.attached("a", quota=tuple)
    base.detached("a")
    base.queued(call, attempt=1)
    base.sent(call, attempt=1, waited=0.0)
    base.answered(call, attempt=1, status=200, seconds=0.1, size=2)
    base.repeated(call, attempt=1, why="x", after=1.0)
    base.throttled(call, limit=None, retry_after=None)
    base.renewed("a", is_granted=False)
    base.interrupted("a", reason="x")
    base.resumed("a", seconds=1.0)
    assert set(observe.__all__) == {"Call", "Observer"}


async def test_whoever_reads_a_body_hears_that_the_client_was_closed() -> None:
    """Waited for in vain, until a time limit that is minutes away, it would keep a service up."""
    noted, begun = Noted(), asyncio.Event()

    async def never_ends(exchange: Exchange) -> None:
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")
        begun.set()
        await asyncio.sleep(3600)

    async with raw_server(never_ends) as server, client_at(server.url, observer=noted) as client:
        reading = asyncio.create_task(client.klantdossiers.get(1))
        await begun.wait()
        while not client.counters.sent > 1:  # noqa: ASYNC110 - the head is on its way
            await asyncio.sleep(0)
        for _ in range(50):
            await asyncio.sleep(0)
        await client.aclose()
        with pytest.raises(ElementsProcuraError):
            await asyncio.wait_for(reading, 20)
    assert noted.names().count("sent") == noted.names().count("answered")


def test_methods_that_nobody_overrides_are_not_called() -> None:
    heard: list[str] = []

    class Overriding(Observer):
        def renewed(self, tenant: str, *, is_granted: bool) -> None:
            heard.append("class")

    single = Observer()
    single.__dict__["renewed"] = lambda *_, **__: heard.append("object")
    observers = guarded(Observer(), Overriding(), single)
    assert observers is not None
    observers.renewed("kantoor", is_granted=True)
    observers.resumed("kantoor", seconds=1.0)
    assert heard == ["class", "object"]
    assert observers.hearers["resumed"] == ()  # type: ignore[attr-defined] # of the private class
