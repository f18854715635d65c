"""HAL without I/O: whose answer is this, and what does it hold?"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import ijson
import orjson


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
        raise HalError("the answer is another resource's: its self link differs", "$.links.self")


def same_path(href: str, path: str) -> bool:
    """Whether ``href`` leads to ``path``, its host, query and closing slash aside."""
    return unquote(urlsplit(href).path).rstrip("/") == unquote(path).rstrip("/")


def relation(data: dict[str, Any], rel: str) -> list[Any]:
    """The items of a collection.

    Args:
        data: The collection's document.
        rel: Name of the relation in ``_embedded``.

    Raises:
        HalError: There is no such relation in it: an answer without the list is no empty list.
    """
    embedded = data.get("_embedded")
    if isinstance(embedded, list) and not embedded:
        return []  # an empty PHP map
    items = embedded.get(rel) if isinstance(embedded, dict) else None
    if isinstance(items, list):
        return items
    if isinstance(items, dict):
        return [items]
    raise HalError(f"the answer holds no list of {rel}", f"$.{rel}")


class Items:
    """The items of a collection that arrives in pieces, each given out as soon as it is whole.

    Args:
        rel: Name of the relation in ``_embedded``.
        path: Of the collection; the self link is compared with it.
    """

    def __init__(self, rel: str, path: str) -> None:
        self._rel = rel
        self._path = path
        self._found: list[dict[str, Any]] = ijson.sendable_list()
        self._parser = ijson.items_coro(self._found, f"_embedded.{rel}.item", use_float=True)
        self._count = 0
        self._head = b""

    def feed(self, piece: bytes) -> Iterator[dict[str, Any]]:
        """The items that ``piece`` completes.

        Raises:
            HalError: It is no JSON, or another resource's.
        """
        if not self._head:
            self._head = piece
            if piece.lstrip()[:1] != b"{":
                document(piece)
            self._check_head(piece)
        self._push(self._parser, piece)
        found = list(self._found)
        del self._found[:]
        for item in found:
            if not isinstance(item, dict):
                raise HalError("an item is no object", f"$.{self._rel}[{self._count}]")
            self._count += 1
            yield item

    def close(self) -> None:
        """Say that the body has ended.

        Raises:
            HalError: It broke off, or held no such list at all.
        """
        if not self._head:
            raise HalError("the answer is empty")
        try:
            self._parser.close()
        except ijson.JSONError:
            broken = True
        else:
            broken = False
        if broken:
            raise HalError("the answer breaks off", f"$.{self._rel}[{self._count}]")
        if not self._count:
            # Nothing in it: either an empty list, or no list. A body that long was no empty list.
            data = document(self._head)
            check_self(data, self._path)
            relation(data, self._rel)

    def _push(self, parser: Any, piece: bytes) -> None:
        try:
            parser.send(piece)
        except ijson.JSONError:
            broken = True
        else:
            broken = False
        if broken:
            raise HalError("the answer is no JSON", f"$.{self._rel}[{self._count}]")

    def _check_head(self, piece: bytes) -> None:
        found: list[str] = ijson.sendable_list()
        parser = ijson.items_coro(found, "_links.self.href")
        self._push(parser, piece)
        if found and not same_path(str(found[0]), self._path):
            raise HalError(
                "the answer is another resource's: its self link differs", "$.links.self"
            )
