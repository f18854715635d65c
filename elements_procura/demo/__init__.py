"""The demo: sandboxes of both APIs, a harvest of each, and proof that nothing is missing."""

import time
from collections.abc import Awaitable, Callable
from pathlib import Path as FilePath

from elements_procura.demo._acts import Act, Night, Play, Stage, programme, result_of, sides_of
from elements_procura.demo._result import ApiResult, DemoResult
from elements_procura.demo._sides import (
    ElementsSide,
    ProcuraSide,
    Quota,
    Side,
    Watch,
    clear,
    opened,
    tenants_in,
)
from elements_procura.demo._verify import Verdict, verify, verify_procura
from elements_procura.harvest import Store, harvest
from elements_procura.sandbox import ProcuraSandbox, Sandbox

__all__ = [
    "Act",
    "ApiResult",
    "DemoResult",
    "Night",
    "Play",
    "Quota",
    "Stage",
    "Verdict",
    "programme",
    "result_of",
    "run_demo",
    "sides_of",
    "verify",
    "verify_procura",
]


async def run_demo(
    elements: Sandbox, procura: ProcuraSandbox, out: FilePath, *, name: str, watch: Watch
) -> DemoResult:
    """Harvest two running sandboxes into ``out``, one after the other, and compare.

    An interrupted demo of the same name is continued, and its finished parts are only compared; a
    finished demo, or one of another name, is begun anew.

    Args:
        elements: A sandbox of Elements that listens.
        procura: A sandbox of Procura that listens.
        out: Directory of the stores, ``elements.sqlite`` and ``procura.sqlite``.
        name: The name of the sandboxes' data.
        watch: Iterates over a harvest and shows it; it receives the API's name and the use of the
            client's windows. When it stops that of Elements, Procura is not begun.

    Raises:
        StoreError: The directory holds a harvest that is not a demo's.
        ElementsProcuraError: See :func:`elements_procura.harvest.harvest`.
    """
    tenants = tenants_in(out, name)
    clear(tenants)
    paths = iter(tenants)
    first = await _run(ElementsSide(elements), next(paths), tenants=tenants, watch=watch)
    second = None
    if first.progress.complete:
        second = await _run(ProcuraSide(procura), next(paths), tenants=tenants, watch=watch)
    return DemoResult(first, second, out)


async def _run(
    side: Side, path: FilePath, *, tenants: dict[FilePath, str], watch: Watch
) -> ApiResult:
    async with side.connected() as connection:
        with opened(path, tenants[path]) as store:
            run = harvest(connection.source, store)
            seconds = await _timed(store, lambda: watch(side.name, run, connection.quota))
            return ApiResult(
                progress=store.progress(),
                verdict=side.verify(store),
                sent=connection.sent,
                rejected_429=side.sandbox.rejected_429,
                seconds=seconds,
                store=path,
            )


async def _timed(store: Store, watch: Callable[[], Awaitable[None]]) -> float:
    """The seconds that the harvest took; none for one that an earlier run has finished."""
    started = time.perf_counter()
    if not store.progress().complete:
        await watch()
    return time.perf_counter() - started
