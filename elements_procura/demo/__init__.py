"""The demo: a sandbox, a harvest of it, and proof that nothing is missing or different."""

import re
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path as FilePath
from typing import Any

import attrs
import orjson

from elements_procura.elements.client import ElementsClient
from elements_procura.errors import StoreError
from elements_procura.harvest import Harvest, Progress, Store, StoreReader, harvest
from elements_procura.harvest.kinds import KINDS
from elements_procura.harvest.source import DossierId
from elements_procura.sandbox import Sandbox
from elements_procura.scheduler import Rate

STORE_NAME = "elements.sqlite"
_TENANT = "demo"
_DOSSIER = re.compile(r"(?<=/klantdossiers/)\d+(?=[/\"])")


@attrs.frozen
class Verdict:
    """What comparing a store with the sandbox's own data found.

    Attributes:
        compared: Bodies that were compared byte by byte.
        different: Bodies that differ, or that the sandbox does not hold at all.
        incomplete: Dossiers that lack something although nothing of them is in quarantine.
    """

    compared: int
    different: int
    incomplete: int

    @property
    def equal(self) -> bool:
        """Whether every stored body is the sandbox's, and none is missing."""
        return not self.different and not self.incomplete


@attrs.frozen
class DemoResult:
    """What the demo did.

    Attributes:
        progress: Where the harvest stands, earlier runs on the same store included.
        verdict: What the comparison found.
        sent: Requests of this run.
        rejected_429: How many of them the sandbox refused because of its limits.
        seconds: What this run's harvest took.
        store: The file.
    """

    progress: Progress
    verdict: Verdict
    sent: int
    rejected_429: int
    seconds: float
    store: FilePath

    @property
    def pace(self) -> float:
        """Requests per second of this run."""
        return self.sent / max(self.seconds, 0.001)

    @property
    def ok(self) -> bool:
        """Whether everything was harvested and is equal."""
        return self.verdict.equal and self.progress.harvested == self.progress.dossiers

    def to_json(self) -> dict[str, Any]:
        """Totals over the APIs, and the same for each. Its keys are fixed."""
        totals = {
            "dossiers": self.progress.dossiers,
            "harvested": self.progress.harvested,
            "quarantined": self.progress.quarantined,
            "lost": self.verdict.incomplete,
            "equal": self.verdict.equal,
            "requests": self.progress.requests,
            "requests_saved": self.progress.requests_saved,
            "rejected_429": self.rejected_429,
            "seconds": round(self.seconds, 3),
            "store": str(self.store),
        }
        return totals | {"apis": {"elements": totals, "procura": None}}


async def run_demo(
    sandbox: Sandbox,
    out: FilePath,
    *,
    name: str,
    watch: Callable[[Harvest], Awaitable[None]],
) -> DemoResult:
    """Harvest a running sandbox into ``out`` and compare.

    A demo that was interrupted is gone on with when its name is the same; a finished one, or
    another one, is begun anew.

    Args:
        sandbox: A sandbox that listens.
        out: Directory of the store.
        name: What the sandbox's data depends on.
        watch: Iterates over the harvest and shows it.

    Raises:
        StoreError: The directory holds a harvest that is not a demo's.
        ElementsProcuraError: See :func:`elements_procura.harvest.harvest`.
    """
    credentials = sandbox.credentials
    async with ElementsClient(
        sandbox.url,
        credentials=(credentials["client_id"], credentials["client_secret"]),
        organisation=credentials["organisation"],
        webservice=credentials["webservice"],
        scopes=credentials["scopes"],
        rates=tuple(Rate(limit, seconds) for limit, seconds in sandbox.limits.rates),
        read_only=True,
    ) as elements:
        await elements.authenticate()
        with _store(out / STORE_NAME, f"{_TENANT} {name}") as store:
            store.add_requests(elements.counters.sent)  # for the token
            started = time.perf_counter()
            run = harvest(elements, store)
            await watch(run)
            seconds = time.perf_counter() - started
            return DemoResult(
                progress=run.progress,
                verdict=verify(store, sandbox),
                sent=elements.counters.sent,
                rejected_429=sandbox.rejected_429,
                seconds=seconds,
                store=store.path,
            )


def verify(store: StoreReader, sandbox: Sandbox) -> Verdict:
    """Compare everything in ``store`` with what ``sandbox`` holds, and the other way round.

    A body must be the very bytes. A resource of the sandbox's that is not stored must either
    hold nothing, or be one that another dossier shares, the same but for the dossier's number, or
    one that no other document leads to: the documentation's examples hold a few such.
    """
    stored = dict(store.bodies())
    shared = _shared(store)
    states = store.states()
    compared = different = incomplete = 0
    for dossier in sandbox.dossier_ids:
        missing = False
        documents = sandbox.truth(dossier)
        for path, truth in documents.items():
            if not _HARVESTED.fullmatch(path):
                continue
            body = stored.pop(path, None)
            if body is None:
                twin = shared.get((_DOSSIER.sub("", path), dossier))
                body = twin and twin.replace(
                    b"/klantdossiers/%d/" % _dossier_of(twin), b"/klantdossiers/%d/" % dossier
                )
            if body is not None:
                compared += 1
                different += body != truth
            elif not _holds_nothing(truth) and _is_led_to(path, documents):
                missing = True
        if missing and states.get(dossier) != "quarantined":
            incomplete += 1
    return Verdict(compared, different + len(stored), incomplete)


def _shared(store: StoreReader) -> dict[tuple[str, DossierId], bytes]:
    """Body of a shared resource by its path without the dossier and the dossier that shares it."""
    found = {}
    for path, dossier in store.shared():
        body = store.body(path)
        if body is not None:
            found[_DOSSIER.sub("", path), dossier] = body
    return found


def _dossier_of(body: bytes) -> int:
    found = re.search(rb"/klantdossiers/(\d+)/", body)
    return int(found.group(1)) if found else 0


def _holds_nothing(body: bytes) -> bool:
    embedded = orjson.loads(body).get("_embedded")
    return isinstance(embedded, dict) and not any(embedded.values())


def _is_led_to(path: str, documents: Mapping[str, bytes]) -> bool:
    """Whether any document but its owner's own names the owner: the last thing with a number."""
    owner = re.sub(r"(?<=\d)/\D*$", "", path)
    href = b'"%s"' % owner.encode()
    return any(href in body for other, body in documents.items() if not other.startswith(owner))


def _store(path: FilePath, tenant: str) -> Store:
    if not path.exists():
        return Store.create(path, tenant=tenant)
    with Store.read(path) as store:
        found, complete = store.tenant, store.progress().complete
    if found == tenant and not complete:
        return Store.open(path, tenant=tenant)
    if not found.startswith(f"{_TENANT} "):
        raise StoreError(f"{path} holds a real harvest", hint="Choose another --out for the demo")
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return Store.create(path, tenant=tenant)


_HARVESTED = re.compile(
    "|".join(re.sub(r"\\{[A-Z_]+\\}", r"\\d+", re.escape(kind.template)) for kind in KINDS.values())
)
