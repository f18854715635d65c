"""The clients without ``await``: one code path, threads, forks, Ctrl-C, and nothing shown."""

import asyncio
import gc
import inspect
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from elements_procura import ElementsClient as AsyncElements
from elements_procura import ProcuraClient as AsyncProcura
from elements_procura import Rate, Scheduler
from elements_procura.core.catalogue import catalogue
from elements_procura.errors import ClosedError, ConfigError, InputError, NotFound, WrongLoopError
from elements_procura.sandbox import Fault, ProcuraSandbox, Sandbox
from elements_procura.sync import ElementsClient, ProcuraClient
from elements_procura.sync.elements import Klantdossiers
from tests.guests import stubs

if TYPE_CHECKING:
    from elements_procura.core.answers import Response

NAME = "Canary-Surname"
# Since 3.12 a fork beside threads warns; this test is about what follows when it is done.
_FORKING = ("-W", "ignore:This process:DeprecationWarning")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(dossiers=30, limits="off") as serving:
        yield serving


def client_of(sandbox: Sandbox, **options: Any) -> ElementsClient:
    """A client without ``await``."""
    given = sandbox.credentials
    account = {name: given[name] for name in ("organisation", "webservice", "scopes")}
    options = {"rates": (Rate(1000, 1),), **account, **options}
    pair = (given["client_id"], given["client_secret"])
    return ElementsClient(sandbox.url, credentials=pair, **options)


def test_the_answer_beside_its_record(sandbox: Sandbox) -> None:
    seen: list[Response] = []
    with client_of(sandbox) as client:
        client.with_options(on_response=seen.append).klantdossiers.get(sandbox.dossier_ids[0])
    assert [each.status for each in seen] == [200]


@pytest.mark.parametrize("api", stubs.CLIENTS)
def test_the_stubs_are_those_of_the_sources(api: str) -> None:
    """``python -m tests.guests.stubs`` writes them anew."""
    assert stubs.path_of(api).read_text("utf-8") == stubs.stub(api)


@pytest.mark.parametrize(
    ("ours", "theirs"), [(ElementsClient, AsyncElements), (ProcuraClient, AsyncProcura)]
)
def test_every_documented_call_is_there(ours: Any, theirs: Any) -> None:
    module = sys.modules[ours.__module__]
    for entry in catalogue("api", theirs):
        kind: Any = theirs
        mirrored: Any = ours
        for step in entry.call.split(".")[1:]:
            name = step.removesuffix("(id)")
            member = inspect.getattr_static(mirrored, name)
            function = member.fget if isinstance(member, property) else member
            assert not inspect.iscoroutinefunction(function), entry.call
            original: Any = inspect.getattr_static(kind, name)
            target = stubs.resource_of(getattr(original, "fget", original))
            if target is not None:
                kind, mirrored = target, getattr(module, target.__name__)


def test_calls_of_both(sandbox: Sandbox) -> None:
    with client_of(sandbox, tenant="mine") as elements:
        assert elements.klantdossiers.get(5526).id == 5526
        assert elements.dossier(5526).adviseurs.list()
        assert isinstance(elements.klantdossiers, Klantdossiers)
        assert [each.id for each in elements.klantdossiers.iterate()] == list(sandbox.dossier_ids)
        quick = elements.with_options(timeout=5)
        assert type(quick) is ElementsClient
        assert quick.klantdossiers.get(5526).id == 5526
        assert (elements.tenant, elements.api_name) == ("mine", "elements")
        assert elements.counters.sent == quick.counters.sent > 3
        with pytest.raises(NotFound):
            elements.klantdossiers.get(3)
        with pytest.raises(InputError):
            elements.dossier("../x")  # type: ignore[arg-type] # on purpose
    with (
        ProcuraSandbox(dossiers=9) as other,
        ProcuraClient(base_url=other.url, credentials=other.credentials) as procura,
    ):
        assert len(procura.dossiers.search(page_size=5).content) == 5


def test_an_iteration_that_is_left_early(sandbox: Sandbox) -> None:
    with client_of(sandbox) as elements:
        with elements.klantdossiers.iterate() as dossiers:
            assert next(dossiers).id == 5526
        with pytest.raises(StopIteration):
            next(dossiers)
        for each in elements.klantdossiers.iterate():
            assert each.id == 5526
            break
        gc.collect()
        assert elements.klantdossiers.get(5526).id == 5526


def test_threads_share_a_client(sandbox: Sandbox) -> None:
    with client_of(sandbox) as elements, ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda _: elements.klantdossiers.get(5526).id, range(60))
        assert set(found) == {5526}
        assert elements.counters.renewals == 1


async def test_where_a_loop_runs_already(sandbox: Sandbox) -> None:
    """As in a notebook: the caller's loop waits, and nothing breaks."""
    with client_of(sandbox) as elements:
        assert elements.klantdossiers.get(5526).id == 5526


def test_a_closed_client(sandbox: Sandbox) -> None:
    before = threading.active_count()
    elements = client_of(sandbox)
    dossiers = elements.klantdossiers
    dossiers.get(5526)
    assert threading.active_count() > before
    elements.close()
    elements.close()
    assert threading.active_count() == before
    with pytest.raises(ClosedError, match="client is closed"):
        dossiers.get(5526)


def test_a_client_that_is_forgotten_closes_itself(sandbox: Sandbox) -> None:
    before = threading.active_count()
    elements = client_of(sandbox)
    elements.klantdossiers.get(5526)
    del elements
    gc.collect()
    assert threading.active_count() == before


def test_a_wrong_setting_comes_out_at_once() -> None:
    with pytest.raises(ConfigError):
        ElementsClient("kantoor", credentials=("id", ""), organisation=1, scopes=["x"])


class Calling:
    """An observer that calls the client it watches."""

    def __init__(self) -> None:
        self.client: ElementsClient | None = None
        self.found: list[BaseException] = []

    def __getattr__(self, name: str) -> Any:
        def seen(*_: Any, **__: Any) -> None:
            if self.client is not None and not self.found:
                try:
                    self.client.klantdossiers.get(5526)
                except WrongLoopError as error:
                    self.found.append(error)

        return seen


def test_a_call_out_of_its_own_loop_is_refused(sandbox: Sandbox) -> None:
    observer: Any = Calling()
    with client_of(sandbox, observer=observer) as elements:
        observer.client = elements
        elements.klantdossiers.get(5526)
    assert len(observer.found) == 1


def test_ctrl_c_ends_the_call_and_the_client_goes_on() -> None:
    with Sandbox(dossiers=1, limits="off") as slow, client_of(slow) as elements:
        elements.klantdossiers.get(5526)
        slow.add_fault(Fault(kind="stall", match="GET *", seconds=30, times=1))
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            elements.klantdossiers.get(5526)
        assert time.monotonic() - began < 25  # and not the stall's thirty
        assert elements.klantdossiers.get(5526).id == 5526


FORK = """
import gc, os, sys
from elements_procura.sandbox import Sandbox
from elements_procura.sync import ElementsClient

url, client_id, secret, organisation = sys.argv[1:]
elements = ElementsClient(url, credentials=(client_id, secret), organisation=int(organisation),
                          scopes=["klantdossier.read"])
dossiers = elements.klantdossiers
if "used" in os.environ["MODE"]:
    dossiers.get(5526)
for _ in range(3):
    child = os.fork()
    if child == 0:
        gc.collect()
        assert elements.klantdossiers.get(5526).id == 5526
        if "used" in os.environ["MODE"]:
            try:
                dossiers.get(5526)
            except Exception as error:
                assert type(error).__name__ == "ClosedError", error
            else:
                os._exit(3)
        elements.close()
        gc.collect()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert elements.klantdossiers.get(5526).id == 5526
elements.close()
print("fine")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is nothing to fork with")
@pytest.mark.parametrize("mode", ["used", "fresh"])
def test_a_forked_process_begins_anew(sandbox: Sandbox, mode: str) -> None:
    given = sandbox.credentials
    account = (given["client_id"], given["client_secret"], str(given["organisation"]))
    done = subprocess.run(
        [
            sys.executable,
            "-W",
            "error::ResourceWarning",
            *_FORKING,
            "-c",
            FORK,
            sandbox.url,
            *account,
        ],
        check=False,
        capture_output=True,
        env={**os.environ, "MODE": mode},
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("fine\n", ""), done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is nothing to fork with")
def test_what_cannot_be_shared_is_refused_in_a_forked_process(sandbox: Sandbox) -> None:
    with client_of(sandbox, rates=(), scheduler=Scheduler(rates=(Rate(9, 1),))) as elements:
        elements.klantdossiers.get(5526)
        child = os.fork()
        if child == 0:
            try:
                elements.klantdossiers.get(5526)
            except ConfigError:
                os._exit(7)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert elements.klantdossiers.get(5526).id == 5526


def test_no_frame_shows_what_was_asked_for(sandbox: Sandbox) -> None:
    with client_of(sandbox) as elements:
        sandbox.add_fault(Fault(kind="status", match="GET *", status=403, times=1))
        shown = []
        for call in (
            lambda: elements.klantdossiers.search(achternaam=NAME),
            lambda: elements.klantdossiers.add({"omschrijving": NAME}),
        ):
            with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever it is
                call()
            found = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
            frames = [
                frame for frame in found.stack if "elements_procura" in Path(frame.filename).parts
            ]
            assert frames
            shown += [str(frame.locals) for frame in frames] + [str(caught.value)]
    assert not [each for each in shown if NAME in each]


def test_a_script_that_forgets_to_close_ends_quietly(sandbox: Sandbox) -> None:
    given = sandbox.credentials
    code = (
        "import sys\nfrom elements_procura.sync import ElementsClient\n"
        "url, client_id, secret, organisation = sys.argv[1:]\n"
        "elements = ElementsClient(url, credentials=(client_id, secret),\n"
        "    scopes=['klantdossier.read'], organisation=int(organisation))\n"
        "print(elements.klantdossiers.get(5526).id)\n"
    )
    account = (given["client_id"], given["client_secret"], str(given["organisation"]))
    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", code, sandbox.url, *account],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("5526\n", "")


def test_importing_it_loads_no_client() -> None:
    code = "import sys, elements_procura.sync\nassert 'aiohttp' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_same_by_asyncio(sandbox: Sandbox) -> None:
    """One code path: both get the same record."""

    async def get() -> Any:
        async with sandbox.client() as client:
            return await client.klantdossiers.get(5526)

    with client_of(sandbox) as elements:
        assert elements.klantdossiers.get(5526) == asyncio.run(get())
