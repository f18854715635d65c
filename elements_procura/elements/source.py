"""Elements, as the harvester sees it."""

import contextlib
import random
from collections.abc import AsyncGenerator, Iterable
from functools import cache

import attrs

from elements_procura import evidence
from elements_procura.core.answers import JsonResponse
from elements_procura.elements.client import ElementsClient
from elements_procura.elements.kinds import (
    CONTACT_PART,
    EXTRA_GROUPS,
    GROUPS,
    KINDS,
    PHOTO,
    UNDOCUMENTED,
    dossier_want,
    group_of,
    holds_bytes,
    path_of,
)
from elements_procura.errors import IncompleteAnswer, ProtocolError
from elements_procura.evidence import AnswerKind
from elements_procura.scheduler import Priority
from elements_procura.schema import hal
from elements_procura.spec.harvest import WHOLE
from elements_procura.spec.source import (
    THE_LISTING,
    Answer,
    BadRow,
    Discovery,
    Gap,
    Root,
    Row,
    Work,
    digest_of_parts,
)

_RECORDS = ("kantoor", PHOTO)
_HOLLOW = hal.HalError("the record holds nothing but its id")
_SIGNS = (WHOLE, CONTACT_PART)
"""What a row shows: the dossier's own fields, and an address embedded in both."""


class ElementsSource:
    """One organisation's klantdossiers.

    Args:
        client: Whose data. Its requests get bulk priority here.
        dossiers: Ids of the dossiers; None for all that the API lists.
    """

    api_name: str = ElementsClient.api_name
    groups = GROUPS
    extra_groups = EXTRA_GROUPS
    unrecognisable: frozenset[str] = frozenset(filter(holds_bytes, KINDS))

    def __init__(self, client: ElementsClient, *, dossiers: Iterable[int] | None = None) -> None:
        self.client: ElementsClient = client.with_options(priority=Priority.BULK)
        # The harvest itself asks again: it knows whether others succeed meanwhile.
        self._once = self.client.with_options(max_attempts=1)
        self._dossiers = None if dossiers is None else tuple(dossiers)

    @property
    def sent(self) -> int:
        """Requests that have left since the client was made."""
        return self.client.counters.sent

    @property
    def lists_all(self) -> bool:
        """Whether the listing names every dossier that there is."""
        return self._dossiers is None

    def group_of(self, kind: str) -> str:
        """Which group a kind belongs to."""
        return group_of(kind)

    async def listing(self) -> AsyncGenerator[Root | BadRow | Gap]:
        """List every dossier, in random order, then the gaps of the listing.

        The order makes the dossiers that are complete at any time a fair sample to estimate the
        rest from. Of a row, only its id and a digest are needed, and its bytes while its dossier
        cannot be read: its other fields are in the dossier itself.

        Raises:
            ElementsProcuraError: Also after some dossiers: the server fails, or refuses.
        """
        named: dict[int, tuple[bytes | None, bytes | None]] = dict.fromkeys(
            self._dossiers or (), (None, None)
        )
        others: list[BadRow | Gap] = []
        if self._dossiers is None:
            try:
                async with contextlib.aclosing(self.client.klantdossiers.rows()) as rows:
                    async for row in rows:
                        told = _named(row)
                        if isinstance(told, BadRow):
                            others.append(told)
                        else:
                            named.setdefault(told[0], told[1:])
            except IncompleteAnswer:
                others.append(Gap(THE_LISTING))
        shuffled = list(named.items())
        random.shuffle(shuffled)
        for dossier, (known_by, body) in shuffled:
            found = Discovery((dossier_want(dossier),))
            spare = None if body is None else Row(body)
            yield Root(dossier, found, digest=known_by, spare=spare, signs=_SIGNS)
        for other in others:
            yield other

    def told_at(self, work: Work) -> str | None:
        """The path whose answer holds the size of a picture."""
        return work.path.removesuffix("/download") if work.kind in self.unrecognisable else None

    async def fetch(self, work: Work) -> Answer:
        """The answer for one resource: checked to be its own, or a whole picture.

        Args:
            work: The resource.

        Raises:
            ElementsProcuraError: There is none, or none that proves to be its own.
        """
        path = path_of(work.kind, work.path)
        if work.kind in self.unrecognisable:
            return await self._once.picture(path, size=_size_told(work.told))
        return await self._once.read(path, expected=_expected(work.kind))

    def discover(self, work: Work, answer: Answer) -> Discovery | ProtocolError:
        """Find the next resources in an answer, or its fault if it is not the one asked for."""
        if work.kind in self.unrecognisable:
            return Discovery()
        kind = KINDS[work.kind]
        try:
            # What was read just now is decoded already.
            data = answer.data if isinstance(answer, JsonResponse) else hal.document(answer.body)
            found = kind.discover(data, work.path)
            if _expected(work.kind) is AnswerKind.COLLECTION:
                rel = work.path.rpartition("/")[2]
                fault = evidence.bad_row(hal.relation(data, rel), rel)
                if fault is not None:
                    return attrs.evolve(found, fault=_protocol_error(fault, kind.template))
            elif evidence.is_hollow(data):
                return _protocol_error(_HOLLOW, kind.template)
        except hal.HalError as error:
            return _protocol_error(error, kind.template)
        return found


def _protocol_error(fault: hal.HalError, template: str) -> ProtocolError:
    text, where = fault.text, fault.path
    return ProtocolError(text, method="GET", template=template, path=where)


def _named(row: hal.Row) -> tuple[int, bytes, bytes] | BadRow:
    """The dossier that a row of the listing names, the digest of the row, and its bytes."""
    identifier = evidence.row_id(row.value)
    if identifier is None:
        return BadRow(row.fault or "the row has no usable id")
    return identifier, digest_of_parts((row.value, row.value.get("_embedded"))), row.body


def _size_told(told: bytes | None) -> int | None:
    """The size of a picture, read from its stored description."""
    try:
        data = {} if told is None else hal.document(told)
    except hal.HalError:
        return None
    return evidence.usable_id(data.get("bestandsgrootte"))


@cache
def _expected(kind: str) -> AnswerKind:
    """The documented kind of answer at the paths of a kind."""
    if kind in UNDOCUMENTED:
        return AnswerKind.ANY
    is_record = KINDS[kind].template.endswith("}") or kind.rpartition("/")[2] in _RECORDS
    return AnswerKind.RECORD if is_record else AnswerKind.COLLECTION
