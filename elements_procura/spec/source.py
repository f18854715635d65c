"""The harvester's interface to an API: a listing, answers, and the resources they lead to."""

import hashlib
from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import Any, Protocol, runtime_checkable

import attrs

from elements_procura import _json
from elements_procura.errors import InputError, ProtocolError
from elements_procura.secret import veiled

BY_COLLECTION = "a collection instead of its items"
BY_ABSENT_LINK = "a relation that is not linked"
BY_SHARING = "contact data shared between dossiers"
BY_RIGHT = "a kind that may not be read"
BY_MISSING = "what is often missing and was so lately"
BY_ROW = "a row of the listing instead of the dossier"

ALL = "all"
"""In the place of the groups that are fetched by default."""

DossierId = int | str


def id_repr(dossier: DossierId) -> str:
    """A dossier's id as a repr and a log may have it: a number, or that there is a text.

    An id of Procura is anybody's text and may name somebody.
    """
    return repr(veiled(dossier))


@attrs.frozen
class Want:
    """A resource that has to be fetched.

    Attributes:
        kind: Name of its kind.
        path: Its path.
        share: Its name independent of the dossier it is reached through; None if it belongs to one
            dossier alone.
    """

    kind: str
    path: str = attrs.field(repr=False)
    share: str | None = None


@attrs.frozen
class Work:
    """A resource in the queue.

    Attributes:
        id: Its number in the store.
        dossier: Its dossier.
        kind: Name of its kind.
        path: Its path.
        told: The stored body of the resource that describes this one, if there is one.
        is_shared: Whether other dossiers may wait for it.
        first: What its own path gave, where another dossier's is tried now: the status, or why
            the answer could not be read. The other dossier may be gone itself, so this counts.
    """

    id: int
    dossier: DossierId = attrs.field(repr=id_repr)
    kind: str
    path: str = attrs.field(repr=False)
    told: bytes | None = attrs.field(default=None, repr=False, eq=False)
    is_shared: bool = attrs.field(default=False, eq=False)
    first: int | str | None = attrs.field(default=None, eq=False)


@attrs.frozen
class NamedInAnswer:
    """Somebody whom an answer names, and whom a list of the same dossier leads to.

    Attributes:
        kind: The kind of that list.
        paths: Resources of theirs: whoever is known has one of them.
    """

    kind: str
    paths: tuple[str, ...] = attrs.field(repr=False)


@attrs.frozen
class Discovery:
    """The resources that an answer leads to.

    Attributes:
        wants: The resources to fetch next.
        saved: Requests that need not be made, by reason.
        deleted: Whether the dossier says that it is deleted; None where it says nothing.
        unsaid: Resources that it may lead to, if it does not name any.
        fault: The fault of one of its rows: the others are taken, and the resource is put
            aside with this.
        names: Those whom it names; a list that lacks one of them is older than the answer.
    """

    wants: tuple[Want, ...] = ()
    saved: Mapping[str, int] = attrs.field(factory=dict)
    deleted: bool | None = None
    unsaid: tuple[Want, ...] = ()
    fault: ProtocolError | None = None
    names: tuple[NamedInAnswer, ...] = ()


class Answer(Protocol):
    """The wrapping of a body, by rule 1 of :mod:`elements_procura.secret`."""

    @property
    def body(self) -> bytes:
        """The bytes as they came."""


@attrs.frozen(repr=False)
class Row:
    """A dossier's row in a listing, where that is kept as well: a body of its own."""

    body: bytes

    def __repr__(self) -> str:
        return f"<Row, {len(self.body):,} bytes>"


@attrs.frozen
class Root:
    """A dossier that a listing names.

    Attributes:
        dossier: Its id.
        found: What to fetch of it first.
        row: Its row with the kind and the path it is kept under, if it is kept.
        digest: A hash of its row: once it differs, the dossier has changed.
        signs: The parts of a dossier of which the row shows something, in the order of their hashes
            in ``digest``: see :func:`digest_of_parts`. Empty where a row is a sign of all of it.
        spare: Its row, to be shown until there is a body where it begins.
    """

    dossier: DossierId = attrs.field(repr=id_repr)
    found: Discovery
    row: tuple[Want, Row] | None = None
    digest: bytes | None = None
    spare: Row | None = None
    signs: tuple[str, ...] = ()


@attrs.frozen
class BadRow:
    """A row of a listing that names no dossier: it is put aside and reported.

    Attributes:
        reason: The fault, without its value.
    """

    reason: str


@attrs.frozen
class Gap:
    """A gap in a listing: it is reported, and no dossier counts as deleted because of it.

    Attributes:
        what: Where, without anything personal: ``2024-05-01, type birth``, or ``the listing``.
        at_least: How many dossiers it holds at least.
    """

    what: str
    at_least: int = 1


THE_LISTING = "the listing"
"""The place of a gap that may be anywhere in it."""


def digest(row: Any) -> bytes:
    """A hash of a listing's row, for :attr:`Root.digest`.

    Args:
        row: JSON.
    """
    return hashlib.sha256(_json.dumps(row, sort_keys=True)).digest()[:16]


_PART_BYTES = 16


def digest_of_parts(shown: Iterable[Any]) -> bytes:
    """As :func:`digest`, in pieces: one for each part of a dossier that the row shows.

    By its length it differs from a digest of a whole row, as stores of earlier releases hold them:
    two of different lengths say nothing about a change.

    Args:
        shown: What it shows of each, as JSON; the parts' names are :attr:`Root.signs`.
    """
    return b"\3" + b"".join(map(digest, shown))


def differing(signs: Iterable[str], before: bytes, after: bytes) -> tuple[str, ...]:
    """The parts whose pieces differ between two digests of :func:`digest_of_parts`."""
    places = enumerate(signs)
    return tuple(
        part
        for place, part in places
        if before[(at := 1 + place * _PART_BYTES) : at + _PART_BYTES]
        != after[at : at + _PART_BYTES]
    )


class Source(Protocol):
    """One tenant's API, as the harvester sees it.

    A source may also have ``client``, the :class:`~elements_procura.core.client.Client` that sends
    its requests: observers, the traffic of a harvest and the server's name come from there, and are
    missing without it. See :func:`api_of` and :func:`unrecognisable` for two more.
    """

    @property
    def groups(self) -> tuple[str, ...]:
        """What a harvest can be narrowed down to; all of them by default."""

    @property
    def extra_groups(self) -> tuple[str, ...]:
        """Groups that are fetched only when asked for."""

    @property
    def sent(self) -> int:
        """Requests that have left since the client was made."""

    @property
    def lists_all(self) -> bool:
        """Whether a dossier missing from :meth:`listing` is no longer part of the harvest."""

    def group_of(self, kind: str) -> str:
        """Which group a kind belongs to; one that is in no group is always fetched."""

    def listing(self) -> AsyncGenerator[Root | BadRow | Gap]:
        """Every dossier there is, and what keeps the listing from naming all of them.

        Raises:
            ElementsProcuraError: Also after some dossiers: the server fails, or refuses.
        """

    async def fetch(self, work: Work) -> Answer:
        """The answer for one resource, checked to be JSON and its own.

        Args:
            work: The resource.

        Raises:
            ElementsProcuraError: There is none.
        """

    def discover(self, work: Work, answer: Answer) -> Discovery | ProtocolError:
        """What an answer leads to, or why it cannot be the one asked for."""


@runtime_checkable
class ComparingSource(Protocol):
    """A source that checks some answers against another resource that describes them."""

    def told_at(self, work: Work) -> str | None:
        """The path of the resource that describes another one, or None."""


@runtime_checkable
class RecallingSource(Protocol):
    """A source that can ask by id for dossiers that its listing could not name."""

    def recall(self, known: Iterable[DossierId]) -> AsyncGenerator[Root | BadRow | Gap]:
        """Those of the dossiers known from earlier listings that the source still names.

        Called after a listing that had gaps.

        Args:
            known: The ids that are stored and that the listing did not name.

        Raises:
            ElementsProcuraError: Also after some rows: the server fails, or refuses.
        """


def api_of(source: Source) -> str | None:
    """The name of the API behind a source, for the store to record.

    A source gives it as ``api_name``, as :mod:`elements_procura.registry` lists it; one of your
    own may have none.
    """
    name: str | None = getattr(source, "api_name", None)
    return name


def unrecognisable(source: Source) -> frozenset[str]:
    """The kinds whose answers carry nothing to recognise them by, such as pictures.

    A source names them in ``unrecognisable``, if it has any: none of them can be a control.
    """
    return frozenset(getattr(source, "unrecognisable", ()))


def included(
    wanted: Iterable[str] | None,
    *,
    groups: Iterable[str],
    extra_groups: Iterable[str],
    begun_with: frozenset[str] | None = None,
) -> frozenset[str]:
    """The groups to fetch.

    Args:
        wanted: Their names; None, or ``all`` among them, for all that are fetched by default.
        groups: The groups that are fetched by default.
        extra_groups: Further groups that may be asked for.
        begun_with: The groups of an unfinished harvest. They must stay the same, or its dossiers
            would differ in content.

    Raises:
        InputError: ``wanted`` holds an unknown name, or differs from ``begun_with``.
    """
    if wanted is None:
        return begun_with or frozenset(groups)
    include = frozenset(wanted)
    if ALL in include:
        include = include - {ALL} | frozenset(groups)
    if unknown := include.difference(groups, extra_groups):
        raise InputError(
            f"nothing of a dossier is called {', '.join(sorted(unknown))}",
            hint=f"Choose among {', '.join((*groups, *extra_groups, ALL))}",
        )
    if begun_with is not None and include != begun_with:
        raise InputError(
            f"this harvest was begun with {', '.join(sorted(begun_with))}",
            hint="Leave out what to include, or begin another harvest",
        )
    return include
