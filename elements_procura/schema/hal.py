"""A HAL collection that arrives in pieces, taken apart into its rows without holding it."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import attrs

from elements_procura import _json, evidence
from elements_procura._json import DEEPEST
from elements_procura.evidence import EvidenceError

HalError = EvidenceError
Matcher = Callable[[bytes, int], re.Match[bytes] | None]
document: Callable[[bytes], dict[str, Any]] = evidence.document
MAX_ROW = 4 * 1024 * 1024
"""Bytes that one row of a stream may have."""


def relation(data: Mapping[str, Any], rel: str) -> list[Any]:
    """The rows of a collection that was recognised before; see :func:`evidence.relation`."""
    embedded = data.get("_embedded", data)
    held = embedded.get(rel) if embedded.__class__ is dict else None
    if held.__class__ is list and (held or data.keys() == evidence.BARE):
        return held  # as nearly always
    is_known = embedded in (None, []) or evidence.self_link(data) is not None
    return evidence.relation(data, rel, is_named=is_known)


@attrs.frozen(repr=False)
class Row:
    """A row of a collection, as it came. The repr shows nothing of it.

    Attributes:
        value: The decoded row; None where it cannot be read.
        where: Its path.
        fault: Why it cannot be read, without its value; empty for one that can.
        body: Its bytes as they came; empty where they were no record or list.
    """

    value: Any
    where: str
    fault: str = ""
    body: bytes = b""

    def __repr__(self) -> str:
        return f"<Row {self.where}>"


@attrs.frozen
class UnreadableRow:
    """A row that cannot be read; the others can.

    Attributes:
        reason: Why, without its value.
    """

    reason: str


class Items:
    """The rows of a collection that arrives in pieces, each given out as soon as it is whole.

    Only brackets are looked for, and one row at a time is parsed: memory stays as small as the
    longest row, and a row that cannot be read does not keep the others from being read.

    Args:
        rel: Name of the relation in ``_embedded``.
        path: Of the collection; the self link must equal it.
        accepts: Whether a self link that differs may be this source's manner; asked once.
        holder: The member that holds the relation, where it is none of HAL's.

    Attributes:
        head: How the body begins: all of it, unless it is a long one.
        count: Rows so far, those that cannot be read included.
        lists: Lists of rows so far: more than one where a key is written twice.
        body: The bytes of the row that was given out last; empty where it is no record or list.
    """

    def __init__(
        self,
        rel: str,
        path: str,
        *,
        accepts: Callable[[str], bool] | None = None,
        holder: str = "_embedded",
    ) -> None:
        self.head: bytes = b""
        self.count: int = 0
        self.lists: int = 0
        self.body: bytes = b""
        self._holder, self._rel = holder, rel
        self._path = path
        self._accepts = accepts
        self._accepted: str | None = None
        self._buffer = b""
        self._begun = False
        self._at = 0  # in the buffer: behind the last bracket
        self._row = 0  # in the buffer: where the row under way begins
        self._depth = 0
        self._deepest = 0  # in the row under way
        self._list = ""  # the bracket of the list under way; ONLY for a row in its place
        self._base = _LIST  # depth between two rows
        self._is_first = True  # whether no row of the list has begun
        self._is_long = False  # whether the row under way is too long to keep
        self._in_text = False  # whether the buffer begins inside of a text of such a row
        self._outside = bytearray()  # the document without its rows
        self._key = ""  # of the top member under way
        self._links = 0  # where its value begins in what is outside

    @property
    def where(self) -> str:
        """Path of the row that was given out last."""
        return f"$.{self._rel}[{self.count - 1}]"

    def feed(self, piece: bytes) -> Iterator[Any]:
        """The rows that ``piece`` completes, as they came: JSON values, or :class:`UnreadableRow`.

        Raises:
            EvidenceError: It is not a collection's, or another resource's.
        """
        if len(self.head) < _HEAD:
            self.head += piece[: _HEAD - len(self.head)]
        self._buffer += piece
        if self._begun or self._begin():
            if self._in_text:
                self._skip_text()
            yield from self._take_apart()
            self._forget()

    def close(self, headers: Mapping[str, str] | None = None) -> None:
        """Say that the body has ended.

        Args:
            headers: Of the answer, by lower-case name.

        Raises:
            Incomplete: It says that there are more rows than it held.
            EvidenceError: It broke off, or held no such list at all.
        """
        if not self.head.removeprefix(_json.BOM).strip():
            raise EvidenceError("the answer is empty")
        data = self.rest()
        is_named = self._check_self(data)
        if not self.count:
            evidence.relation(data, self._rel, is_named=is_named)
        evidence.check_complete(data, self.count, headers)

    def rest(self) -> dict[str, Any]:
        """The document without its rows, once the body has ended.

        Raises:
            EvidenceError: It broke off, or is not JSON.
        """
        if self._depth or not self._begun:
            raise EvidenceError("the answer breaks off", f"$.{self._rel}[{self.count}]")
        try:
            return evidence.document(bytes(self._outside + self._buffer[self._at :]))
        except EvidenceError:
            pass
        raise self._no_json()

    # -- taking apart ------------------------------------------------------------------------

    def _begin(self) -> bool:
        """Whether the first bracket is there; other content cannot be a collection."""
        start = self._buffer.removeprefix(_json.BOM).lstrip()
        if not start or _json.BOM.startswith(self._buffer):
            return False
        if start[:1] != b"{":
            evidence.document(self.head)
            raise EvidenceError("the answer is not JSON")
        self._buffer, self._begun = start, True
        return True

    def _whole_rows(self) -> Iterator[Any]:
        """Nearly all rows: whole, and not deep."""
        first_row, next_row = _rows()
        while whole := (first_row if self._is_first else next_row)(self._buffer, self._at):
            self._is_first, self._deepest, self._at = False, 0, whole.end()
            yield self._read(whole[1])

    def _take_apart(self) -> Iterator[Any]:
        buffer, step = self._buffer, _STEP.match
        while True:
            if self._depth == _LIST and self._list == _ARRAY:
                yield from self._whole_rows()
            if (found := step(buffer, self._at)) is None:
                return
            at, self._at = self._at, found.end()
            bracket = buffer[self._at - 1 : self._at]
            if not self._list:
                self._step_outside(buffer[at : self._at - 1], bracket)
                continue
            if self._is_first and self._list == _OBJECT and _is_record(buffer[at : self._at]):
                self._list, self._base = _ONLY, _LIST - 1
            is_between = self._depth == self._base
            if bracket in _OPENING:
                if is_between:
                    yield from self._between(buffer[at : self._at - 1], is_end=False)
                    self._row, self._deepest = self._at - 1, 0
                self._depth += 1
                self._deepest = max(self._deepest, self._depth)
            elif is_between:
                yield from self._between(buffer[at : self._at - 1], is_end=True)
                self._end_list(bracket)
            else:
                self._depth -= 1
                if self._depth == self._base:
                    yield self._read(buffer[self._row : self._at])

    def _step_outside(self, before: bytes, bracket: bytes) -> None:
        self._outside += before
        if bracket in _OPENING:
            key = _key_before(before) if 0 < self._depth < _LIST else ""
            if self._depth == 1:
                self._key, self._links = key, len(self._outside)
            elif not self._depth and self._outside.strip():
                raise self._no_json()
            self._depth += 1
            if self._depth == _LIST and self._key == self._holder and key == self._rel:
                self.lists += 1
                self._list, self._base, self._is_first = bracket.decode(), _LIST, True
                self._row, self._deepest = self._at - 1, 0
            self._outside += bracket
        else:
            self._depth -= 1
            self._outside += bracket
            if self._depth == 1 and self._key == "_links":
                self._check_links(bytes(self._outside[self._links :]))
        if len(self._outside) > MAX_ROW or not 0 <= self._depth <= DEEPEST:
            raise self._no_json()

    def _check_links(self, links: bytes) -> None:
        try:
            found = _json.loads(links)
        except _json.JsonError:
            return  # told when all of it is there
        self._check_self({"_links": found})

    def _check_self(self, data: Mapping[str, Any]) -> bool:
        try:
            return evidence.check_self(data, self._path, accepted=self._accepted)
        except evidence.Stray as stray:
            if self._accepts is None or not self._accepts(stray.link):
                raise
            self._accepted = stray.link
        return True

    def _between(self, text: bytes, *, is_end: bool) -> Iterator[Any]:
        """Yield the one-word values in the text before a row or the end of its list."""
        is_first, self._is_first = self._is_first, False
        is_array = self._list == _ARRAY
        usual = b"" if is_first or is_end else b","
        if text.strip() == usual and (is_array or is_end):
            return
        # Between placeholders it is JSON, if it is any.
        begun = b"" if is_first else b"0" if is_array else b'"":0'
        opening, closing = (b"[", b"]") if is_array else (b"{", b"}")
        try:
            held = _json.loads(opening + begun + text + (b"" if is_end else b"0") + closing)
        except _json.JsonError:
            held = None
        if held is None:
            raise self._no_json()
        own = slice(not is_first, None if is_end else -1)
        if isinstance(held, dict):
            if not all(key.isascii() and key.isdigit() for key in [*held][not is_first :]):
                raise self._no_list()
            held = list(held.values())
        for value in held[own]:
            self.count += 1
            self.body = b""
            yield value

    def _read(self, body: bytes) -> Any:
        """The row that has just ended."""
        self.count += 1
        self.body = body
        is_long, self._is_long = self._is_long, False
        row: Any
        if is_long or len(body) > MAX_ROW:
            row = UnreadableRow(f"the row is over {MAX_ROW:,} bytes")
        elif self._deepest - self._base > DEEPEST:
            row = UnreadableRow(f"the row is over {DEEPEST} levels deep")
        else:
            row = _row(body)
        if self._list == _ONLY:
            if isinstance(row, dict) and "id" not in row:
                raise self._no_list()
            self._outside[-1:] = b"["
            self._end_list(b"]")
        return row

    def _end_list(self, bracket: bytes) -> None:
        self._outside += bracket
        self._depth = _LIST - 1
        self._list = ""

    def _no_json(self) -> EvidenceError:
        return EvidenceError("the answer is not JSON", f"$.{self._rel}[{self.count}]")

    def _no_list(self) -> EvidenceError:
        return EvidenceError(f"the answer holds no list of {self._rel}", f"$.{self._rel}")

    # -- forgetting --------------------------------------------------------------------------

    def _forget(self) -> None:
        """Drop what has been given out, and of a row that is too long all but its brackets."""
        is_undecided = self._list == _OBJECT and self._is_first  # a list, or a row in its place
        is_row = is_undecided or (bool(self._list) and self._depth > self._base)
        if is_row and not self._is_long:
            self._is_long = len(self._buffer) - self._row > MAX_ROW
        kept = self._row if is_row and not self._is_long else self._at
        if self._is_long:
            if not self._in_text:
                self._leave_text()
            kept = self._at
        elif not is_row and len(self._buffer) - kept > MAX_ROW:
            raise EvidenceError("the answer holds a value that is too long", f"$.{self._rel}")
        self._buffer = self._buffer[kept:]
        self._at -= kept
        self._row = 0

    def _leave_text(self) -> None:
        """Pass over what stands behind the last bracket, to its end or into a text."""
        rest = _NO_BRACKET.match(self._buffer, self._at)
        self._in_text = rest is not None and rest.end() < len(self._buffer)
        self._at = len(self._buffer) - (_is_escaping(self._buffer) if self._in_text else 0)

    def _skip_text(self) -> None:
        """Pass over the rest of a text that the buffer begins in."""
        rest = _TEXT_REST.match(self._buffer)
        self._in_text = rest is None
        self._at = len(self._buffer) - _is_escaping(self._buffer) if rest is None else rest.end()


_HEAD = 64 * 1024
_LIST = 3
"""Levels down to the rows: the document, ``_embedded``, the list."""
_OPENING, _OBJECT, _ARRAY, _ONLY = b"[{", "{", "[", "only"
_NO_BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_STEP = re.compile(_NO_BRACKET.pattern + rb"[\[\]{}]", re.DOTALL)
_INSIDE = rb'[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+"'
_TEXT_REST = re.compile(rb'(?:[^"\\]++|\\.)*+"', re.DOTALL)
_KEY = re.compile(rb'("(?:[^"\\]++|\\.)*+")\s*:\s*\Z', re.DOTALL)
_RECORD = re.compile(rb'\s*"(?!\d*"\s*:)')


@cache
def _rows() -> tuple[Matcher, Matcher]:
    """Match the first row of a list, and each after it. It takes some milliseconds to compile."""
    nested = rb"[{\[](?:" + _INSIDE + rb")*+[}\]]"
    for _ in range(6):
        nested = rb"[{\[](?:" + _INSIDE + rb"|" + nested + rb")*+[}\]]"
    return (
        re.compile(rb"\s*(" + nested + rb")", re.DOTALL).match,
        re.compile(rb"\s*,\s*(" + nested + rb")", re.DOTALL).match,
    )


def _row(body: bytes) -> Any:
    try:
        return _json.loads(body)
    except _json.JsonError:
        return UnreadableRow("the row is not JSON")


def _key_before(text: bytes) -> str:
    """The member whose value begins behind ``text``."""
    found = _KEY.search(text)
    try:
        return "" if found is None else str(_json.loads(found[1]))
    except _json.JsonError:
        return ""


def _is_record(text: bytes) -> bool:
    """Whether an object that goes on with ``text`` is a row rather than PHP's list of them."""
    return _RECORD.match(text) is not None


def _is_escaping(text: bytes) -> int:
    """Whether a text ends in an open escape, a single backslash."""
    return (len(text) - len(text.rstrip(b"\\"))) % 2
