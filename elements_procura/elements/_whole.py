"""Files and pictures: whole, or asked for once more. Pure but for a warning.

They carry nothing to identify them, and a proxy may cut a body short and adjust its headers. So the
received size is compared with the expected one; if none is known, the end of the body is compared
with its format.
"""

import hashlib
import logging
import re
from collections.abc import Mapping
from http import HTTPStatus

import attrs

from elements_procura import evidence
from elements_procura.errors import ProtocolError
from elements_procura.paths import Path

log = logging.getLogger("elements_procura.http")
_EDGE = 64
_OF_ALL = re.compile(r"bytes\s.*/\s*(\d{1,18})\s*\Z", re.ASCII | re.IGNORECASE)


@attrs.frozen
class ExpectedSize:
    """The expected size of a body.

    Attributes:
        size: The size that another answer of the API gives, or None.
        announced: The size in its own header, unless something has changed it on the way.
    """

    size: int | None
    announced: int | None

    @classmethod
    def of(cls, size: int | None, headers: Mapping[str, str]) -> "ExpectedSize":
        """Combine a known size with the headers of an answer."""
        length = headers.get("content-length", "")
        is_plain = headers.get("content-encoding", "identity").strip().lower() == "identity"
        found = _OF_ALL.search(headers.get("content-range", ""))
        if size is None and found is not None:  # it is a part, whatever its status says
            size = int(found[1])
        return cls(size, int(length) if is_plain and length.isdecimal() else None)


@attrs.define(repr=False)
class Measurement:
    """The measured part of a body: its size, its ends and its hash.

    Attributes:
        size: Bytes.
        head: The first of them.
        tail: The last.
    """

    size: int = 0
    head: bytes = b""
    tail: bytes = b""
    _digest: "hashlib._Hash" = attrs.field(factory=hashlib.sha256)

    def add(self, piece: memoryview | bytes) -> None:
        """Look at the next piece."""
        self.size += len(piece)
        if len(self.head) < _EDGE:
            self.head += bytes(piece[: _EDGE - len(self.head)])
        self.tail = (self.tail + bytes(piece[-_EDGE:]))[-_EDGE:]
        self._digest.update(piece)

    @property
    def digest(self) -> bytes:
        """SHA-256 of all that has come."""
        return self._digest.digest()

    def is_whole(self, known: ExpectedSize) -> bool:
        """Whether its size agrees with everything known about it."""
        if known.size is not None:
            return self.size == known.size
        return self.ends_well or not evidence.is_picture(self.head)

    @property
    def ends_well(self) -> bool:
        """Whether it begins and ends as a picture of its own format does."""
        return evidence.is_whole_picture(self.head, self.tail, self.size)


def no_picture(headers: Mapping[str, str], head: bytes | None = None) -> str:
    """Why a body cannot be a picture; empty when it may be one.

    Args:
        headers: Of the answer.
        head: The body, or its first bytes, once they are there.
    """
    kind = evidence.media_type(headers)
    found = kind if kind == "text/html" or evidence.is_json(headers) else ""
    if head is not None:
        found = "empty" if not head else found or evidence.no_picture(kind, head[:_EDGE])
    return found and f"the answer is not a picture but {found}"


def verdict(
    now: Measurement, known: ExpectedSize, before: Measurement | None, name: str
) -> str | None:
    """Decide whether a body is kept, refused or asked for once more.

    Args:
        now: The measured body.
        known: Its expected size.
        before: The measured body of the earlier answer, if this one is a repetition.
        name: How the request is called in messages.

    Returns:
        Its fault; empty if it has to be asked for once more, None if it is kept.
    """
    if now.is_whole(known):
        return None
    if before is None:
        return ""
    is_same = now.digest == before.digest
    if is_same and now.ends_well:
        log.warning(
            "%s: twice the same, whole by its own format, but not of the announced length", name
        )
        return None
    if is_same and known.size is None and now.size == known.announced:
        log.warning("%s: twice the same, as long as announced, but it does not end well", name)
        return None
    if known.size is None:
        return "the picture breaks off"
    return f"{now.size:,} bytes came, {known.size:,} were announced"


def check_picture(path: Path, headers: Mapping[str, str], head: memoryview | None = None) -> None:
    """Refuse what cannot be a picture.

    Args:
        path: Where it comes from.
        headers: Of the answer.
        head: The first bytes of the body, once they are there; rule 1 of
            :mod:`elements_procura.secret` holds.

    Raises:
        ProtocolError: It is HTML, JSON or empty.
    """
    if text := no_picture(headers, None if head is None else bytes(head[:_EDGE])):
        raise ProtocolError(text, method="GET", template=path.template, status=HTTPStatus.OK)
