"""Where the objects and scalars of a JSON text stand, so that a part of it can be replaced. Pure.

The rest stays byte for byte: a number keeps its digits, a text its escapes, an object its order.
"""

import json
import re
from collections.abc import Iterable

import attrs

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


@attrs.define
class JsonObject:
    """An object of a text.

    Attributes:
        start: Where it begins.
        end: Where it ends.
        key: The key that it stands under; of one in a list, that of the list.
        within: The object that it stands in.
        values: Its texts and numbers, by key.
    """

    start: int
    key: str
    within: "JsonObject | None"
    end: int = 0
    values: dict[str, str] = attrs.field(factory=dict)

    def chain(self) -> "Iterable[JsonObject]":
        """It and the objects around it."""
        found: JsonObject | None = self
        while found is not None:
            yield found
            found = found.within


@attrs.frozen
class Scalar:
    """A text or a number of a text: where it stands, the key, its value, and the object around."""

    start: int
    end: int
    key: str
    value: str
    within: JsonObject | None


def scan(text: str) -> tuple[list[JsonObject], list[Scalar]]:
    """Find the objects and scalars of a JSON text, however deep.

    Raises:
        ValueError: It is not JSON.
    """
    scanner = _Scanner(text)
    for match in _TOKEN.finditer(text):
        scanner.take(match[0], match.start(), match.end())
    if scanner.open:
        raise _NOT_JSON
    return scanner.objects, scanner.scalars


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self.objects: list[JsonObject] = []
        self.scalars: list[Scalar] = []
        # None for a list; the key that each stands under.
        self.open: list[tuple[JsonObject | None, str]] = []
        self._owner: JsonObject | None = None
        self._key = ""

    def take(self, piece: str, start: int, end: int) -> None:
        if piece in "{[":
            self._enter(piece, start)
        elif piece in "}]":
            self._leave(piece, end)
        elif piece not in ":,":
            self._value(piece, start, end)

    def _enter(self, piece: str, start: int) -> None:
        made = JsonObject(start, self._key, self._owner) if piece == "{" else None
        self.open.append((made, self._key))
        if made is not None:
            self.objects.append(made)
            self._owner = made

    def _leave(self, piece: str, end: int) -> None:
        if not self.open or (self.open[-1][0] is None) != (piece == "]"):
            raise _NOT_JSON
        made, self._key = self.open.pop()
        if made is not None:
            made.end = end
            self._owner = made.within

    def _value(self, piece: str, start: int, end: int) -> None:
        is_text = piece[0] == '"'
        value = json.loads(piece) if is_text else piece
        inside = self.open[-1][0] if self.open else None
        if is_text and inside is not None and _is_key(self._text, end):
            self._key = value
            return
        self.scalars.append(Scalar(start, end, self._key, value, self._owner))
        if inside is not None:
            inside.values[self._key] = value


_NOT_JSON = ValueError("not JSON")


def _is_key(text: str, at: int) -> bool:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return text[at : at + 1] == ":"


def replaced(text: str, pieces: Iterable[tuple[int, int, str]]) -> str:
    """The text with other words in some places, which do not overlap.

    Args:
        text: The whole.
        pieces: Start, end and the words to stand there.
    """
    done: list[str] = []
    last = 0
    for start, end, words in sorted(pieces):
        done += (text[last:start], words)
        last = end
    return "".join((*done, text[last:]))
