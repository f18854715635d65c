"""HAL without I/O: whose answer is this, and what does it hold?"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import ijson
import orjson

SELF = "$.links.self"
"""Where the fault is of a body that is another resource's."""


class HalError(ValueError):
    """A body is not what HAL says it should be. Holds words and attribute paths, never values."""

    def __init__(self, text: str, path: str = "") -> None:
        super().__init__(text)
        self.text = text
        self.path = path


def document(body: bytes) -> dict[str, Any]:
    """The JSON object in ``body``.

    Raises:
        HalError: It is no JSON, or no object.
    """
    try:
        data = orjson.loads(body)
    except ValueError:
        pass
    else:
        if isinstance(data, dict):
            return data
        raise HalError("the answer is JSON but no object")
    raise HalError(
        "the answer is HTML"
        if body.lstrip()[:1] == b"<"
        else "the answer is empty"
        if not body.strip()
        else "the answer is no JSON"
    )


def check_self(data: dict[str, Any], path: str) -> None:
    """Make sure that ``data`` calls itself ``path``, if it calls itself anything.

    A kept-alive connection can serve one request's answer to the next: the status is 200, the
    JSON is whole, and it is somebody else's record.

    Raises:
        HalError: It calls itself something else.
    """
    links = data.get("_links")
    link = links.get("self") if isinstance(links, dict) else None
    href = link.get("href") if isinstance(link, dict) else None
    if isinstance(href, str) and not same_path(href, path):
        raise HalError("the answer is another resource's: its self link differs", SELF)


def same_path(href: str, path: str) -> bool:
    """Whether ``href`` leads to ``path``, its host, query and closing slash aside."""
    if href == path:  # as good as always, and the rest costs more than finding the link
        return True
    try:
        found = urlsplit(href).path
    except ValueError:  # such as "http://[": it leads nowhere
        return False
    return unquote(found).rstrip("/") == unquote(path).rstrip("/")


def relation(data: dict[str, Any], rel: str) -> list[Any]:
    """The items of a collection; null, or PHP's empty map, in their place are none.

    Args:
        data: The collection's document.
        rel: Name of the relation in ``_embedded``.

    Raises:
        HalError: There is no such relation in it: an answer without the list is no empty list.
    """
    embedded = data.get("_embedded", _ABSENT)
    if embedded is None or embedded == []:
        return []
    items = embedded.get(rel, _ABSENT) if isinstance(embedded, dict) else _ABSENT
    if items is None:
        return []
    if isinstance(items, list):
        return items
    if isinstance(items, dict):
        return [items]
    raise HalError(f"the answer holds no list of {rel}", f"$.{rel}")


class Items:
    """The items of a collection that arrives in pieces, each given out as soon as it is whole.

    Args:
        rel: Name of the relation in ``_embedded``.
        path: Of the collection; the self link is compared with it, wherever it stands.

    Attributes:
        head: How the body begins: all of it, unless it is a long one.
    """

    def __init__(self, rel: str, path: str) -> None:
        self.head = b""
        self._rel = rel
        self._path = path
        self._size = 0
        self._count = 0
        self._found, self._parser = _parser(f"_embedded.{rel}.item")
        self._href, self._href_parser = _parser("_links.self.href")

    @property
    def where(self) -> str:
        """Path of the item that was given out last."""
        return f"$.{self._rel}[{self._count - 1}]"

    def feed(self, piece: bytes) -> Iterator[Any]:
        """The items that ``piece`` completes; those that are null are left out.

        Raises:
            HalError: It is no JSON, or another resource's.
        """
        if not piece:  # to ijson it would be the end
            return
        self._size += len(piece)
        if len(self.head) < _HEAD:
            self.head += piece[: _HEAD - len(self.head)]
        if self.head.lstrip()[:1] not in (b"", b"{"):
            document(self.head)
            raise HalError("the answer is no JSON")
        if not self._href:
            self._push(self._href_parser, piece)
            check_self({"_links": {"self": {"href": next(iter(self._href), None)}}}, self._path)
        self._push(self._parser, piece)
        found = list(self._found)
        del self._found[:]
        for item in found:
            self._count += 1
            if item is not None:
                yield item

    def close(self) -> list[Any]:
        """Say that the body has ended.

        Returns:
            What is there instead of a list: the only item, on its own.

        Raises:
            HalError: It broke off, or held no such list at all.
        """
        if not self.head.strip():
            raise HalError("the answer is empty")
        self._count += 1
        self._push(self._parser, None)
        if self._count > 1:
            return []
        # Either an empty list or none at all. A body that long was no empty list.
        data = document(self.head) if self._size <= _HEAD else {}
        return relation(data, self._rel)

    def _push(self, parser: Any, piece: bytes | None) -> None:
        try:
            if piece is None:
                parser.close()
            else:
                parser.send(piece)
        except (ijson.JSONError, ValueError):
            broken = True
        else:
            broken = False
        if broken and piece is None:
            raise HalError("the answer breaks off", self.where)
        if broken:
            raise HalError("the answer is no JSON", f"$.{self._rel}[{self._count}]")


_ABSENT = object()
_HEAD = 64 * 1024


def _parser(prefix: str) -> tuple[list[Any], Any]:
    """A list, and what fills it with the values at ``prefix``."""
    found: list[Any] = ijson.sendable_list()
    # Without use_float, ijson's C parser crashes Python on an integer of 5,000 digits.
    return found, ijson.items_coro(found, prefix, use_float=True)
