"""Reading a listing into the store, whole or not at all."""

import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from functools import cache

import attrs

from elements_procura.errors import (
    AuthenticationError,
    ProtocolError,
    RateLimited,
    RequestError,
    StatusError,
)
from elements_procura.harvest._outage import Failure, Outage
from elements_procura.harvest._recorder import Recorder
from elements_procura.harvest._triage import is_unreachable
from elements_procura.harvest._weather import Weather
from elements_procura.harvest._writer import Writer
from elements_procura.harvest.events import DossiersListed, Event, ListingDoubted, ListingIncomplete
from elements_procura.harvest.patience import is_final
from elements_procura.harvest.storage import Storage
from elements_procura.spec.source import (
    THE_LISTING,
    BadRow,
    Discovery,
    Gap,
    RecallingSource,
    Root,
    Source,
    Want,
    Work,
    api_of,
)

log = logging.getLogger("elements_procura.harvest")

TRIES = 3
"""The number of attempts at a listing that fails while other requests succeed."""
_UNREADABLE = (
    "Nothing that is stored was changed by this listing. Run it again later; "
    "if it lasts, `elements-procura call` shows what the server sends"
)
_PAGE = 500
_SHOWN = 20
"""Gaps that are logged one by one."""


class Lister:
    """Reads one source's listing.

    Args:
        source: The source.
        store: The store to write to.
        write: Calls the store.
        recorder: Counts the requests.
        tell: Receives every event.
        host: The server's name, if it is known.
        wanted: Filters the resources that a row leads to.
        include: The groups that are wanted.
        accept_vanished: Whether a listing is believed however many dossiers it lacks.
    """

    def __init__(
        self,
        source: Source,
        store: Storage,
        write: Writer,
        recorder: Recorder,
        *,
        tell: Callable[[Event], Awaitable[None]],
        wanted: Callable[[Discovery], Discovery],
        host: str | None,
        include: Iterable[str],
        accept_vanished: bool,
    ) -> None:
        self._source = source
        self._store = store
        self._write = write
        self._recorder = recorder
        self._tell = tell
        self._wanted = wanted
        self._host = host
        self._include = include
        self._accept_vanished = accept_vanished

    async def read(self) -> None:
        """Read the listing.

        Raises:
            ElementsProcuraError: It broke off, and nothing counts as missing from it.
        """
        api = api_of(self._source)
        number = await self._write(lambda: self._store.begin_listing(api=api, host=self._host))
        aside, gaps = await self._read(self._source.listing(), number)
        if gaps and isinstance(self._source, RecallingSource):
            unnamed = await self._write(lambda: self._store.unnamed(number))
            more, still = await self._read(self._source.recall(unnamed), number)
            aside, gaps = aside + more, [*gaps, *still]
        await self._write(lambda: self._store.set_aside(aside, gaps))
        if aside or gaps:
            await self._tell(ListingIncomplete(aside, tuple(each.what for each in gaps)))
        for gap in gaps[:_SHOWN]:
            log.warning("the listing lacks at least %d: %s", gap.at_least, gap.what)
        if len(gaps) > _SHOWN:
            log.warning("the listing lacks more, at %d other places", len(gaps) - _SHOWN)
        await self._finish(number, lists_all=self._source.lists_all and not aside and not gaps)

    async def do_without(self, error: Failure) -> None:
        """Note that the listing cannot be had: known dossiers are refreshed, none counts as gone.

        Args:
            error: The last failure of the listing.
        """
        gap = Gap(THE_LISTING)
        await self._write(lambda: self._store.set_aside(0, [gap]))
        await self._tell(ListingIncomplete(0, (gap.what,)))
        log.warning("the listing cannot be read; the dossiers of earlier ones go on: %s", error)

    async def _finish(self, number: int, *, lists_all: bool) -> None:
        vanished, _ = await self._recorder.counting(
            lambda requests: self._store.finish_listing(
                include=self._include,
                requests=requests,
                listing=number,
                lists_all=lists_all,
                accept_vanished=self._accept_vanished,
            )
        )
        await self._recorder.read_progress()
        await self._tell(DossiersListed(self._recorder.standing.progress.dossiers))
        if vanished.doubted:
            log.warning(
                "the listing lacks %d of %d known dossiers: none of them counts as deleted",
                vanished.dossiers,
                vanished.known,
            )
            await self._tell(ListingDoubted(vanished.dossiers, vanished.known))

    async def _read(
        self, rows: AsyncGenerator[Root | BadRow | Gap], number: int
    ) -> tuple[int, list[Gap]]:
        """Store the dossiers that a listing names; return its bad rows and gaps."""
        batch: list[Root] = []
        aside = 0
        gaps: list[Gap] = []
        async with contextlib.aclosing(rows):
            async for root in rows:
                if isinstance(root, BadRow):
                    aside += 1
                    continue
                if isinstance(root, Gap):
                    gaps.append(root)
                    continue
                batch.append(attrs.evolve(root, found=self._wanted(root.found)))
                if len(batch) == _PAGE:
                    await self._add(batch, number)
                    batch = []
        await self._add(batch, number)
        return aside, gaps

    async def _add(self, roots: list[Root], number: int) -> None:
        await self._write(lambda: self._store.add_dossiers(roots, listing=number))


def narrowed(source: Source, include: frozenset[str]) -> Callable[[Discovery], Discovery]:
    """Make the filter that drops unwanted groups from the resources of an answer."""
    left_out = {*source.groups, *source.extra_groups} - include
    # There are a few dozen kinds, and every answer names some.
    is_wanted = cache(lambda kind: source.group_of(kind) not in left_out)

    def wanted(wants: tuple[Want, ...]) -> tuple[Want, ...]:
        return tuple([each for each in wants if is_wanted(each.kind)])

    def narrow(found: Discovery) -> Discovery:
        if not (found.wants or found.unsaid):  # as most
            return found
        wants, unsaid = wanted(found.wants), wanted(found.unsaid)
        if len(wants) == len(found.wants) and len(unsaid) == len(found.unsaid):
            return found
        return attrs.evolve(found, wants=wants, unsaid=unsaid)

    return narrow


async def read_patiently(
    lister: Lister,
    weather: Weather,
    outage: Outage,
    *,
    control: Callable[[], Awaitable[Work | None]],
    was_answered: bool,
    was_listed: bool,
) -> None:
    """Read a listing, and start again after an interruption of the server.

    Args:
        lister: Reads it.
        weather: Waits during interruptions.
        outage: Probes the server.
        control: Returns a resource that was readable before.
        was_answered: Whether this store has ever had an answer.
        was_listed: Whether an earlier listing was complete, so that the run can do without this
            one if it fails while other requests succeed.

    Raises:
        ServerAway: The server did not come back in time.
        ElementsProcuraError: The listing fails while other requests succeed and there was none
            before, or it fails at the very first.
    """
    failures = 0
    try:
        while (error := await _failure_of(lister)) is not None:
            failures += 1
            known = await control()
            is_last = known is not None and failures > TRIES
            passes = _may_pass(error, was_answered=was_answered)
            if is_last and passes and was_listed:
                await lister.do_without(error)
                break
            if is_last or not passes:
                error.hint = error.hint or _UNREADABLE
                raise error
            await weather.begin(error)
            # Where nothing was ever read, the listing itself is the probe.
            if not await (outage.wait if known else weather.wait)(error):
                return
        await weather.end()
    finally:
        weather.open()


async def _failure_of(lister: Lister) -> Failure | None:
    try:
        await lister.read()
    except RateLimited:
        raise
    except (RequestError, AuthenticationError) as error:
        return error.with_traceback(None)
    return None


def _may_pass(error: Failure, *, was_answered: bool) -> bool:
    """Whether a failed listing may succeed if it is read again."""
    if isinstance(error, AuthenticationError) or is_unreachable(error):
        return not is_final(error) and was_answered
    return was_answered or not isinstance(error, ProtocolError | StatusError)
