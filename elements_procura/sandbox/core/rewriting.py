"""What weather makes of an answer that was right."""

import gzip
import re
from collections.abc import Callable, Iterator, Mapping
from itertools import count, cycle
from typing import Any, Final

import orjson

BOM: Final = b"\xef\xbb\xbf"
UNUSABLE_IDS: Final = (None, "", orjson.Fragment(str(2**70)))  # the last one is too long for orjson
"""What stands in a row that names no dossier, in turns."""
RENAMED: Final = {"klanten/particulier": "klanten/particulieren", "producten": "products"}
"""The relations of a dossier that are missing, or called otherwise."""

_ID_KEYS: Final = ("id", "dossierId")
_EVERY: Final = 3  # of so many rows one is spoilt
_DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(T[\d:.]+(Z|[+-]\d\d:?\d\d)?)?")
_MONEY: Final = re.compile(r"(\d{1,9})\.(\d\d)")
_ODD_DAYS: Final = ("{2}-{1}-{0}", "0000-00-00", "{0}-{1}-{2} 10:00:00", "{0}-00-00")


def with_bom(body: bytes) -> bytes:
    """Put a byte order mark before a body that is JSON."""
    return body if _read(body) is _NO_JSON else BOM + body


def cut(body: bytes) -> bytes:
    """Leave half of a body that is JSON."""
    return body if _read(body) is _NO_JSON else body[: len(body) // 2]


def cut_gzip(body: bytes) -> bytes:
    """Compress a body, and leave half of that."""
    packed = gzip.compress(body, mtime=0)
    return packed[: max(1, len(packed) // 2)]


def php_lists(document: Any) -> Any:
    """Write every list as PHP does once an entry was removed from it: an object with a gap."""
    match document:
        case dict():
            return {key: php_lists(value) for key, value in document.items()}
        case [only]:
            return {"1": php_lists(only)}
        case list():
            return {str(nth and nth + 1): php_lists(each) for nth, each in enumerate(document)}
        case _:
            return document


def unlinked(document: Any) -> Any:
    """Take the links to persons and products out of a dossier."""
    return _relinked(document, dict.fromkeys(RENAMED))


def renamed(document: Any) -> Any:
    """Call the links to persons and products otherwise."""
    return _relinked(document, RENAMED)


def linkless(document: Any) -> Any:
    """Take all links out of a record; a collection keeps its own."""
    if not isinstance(document, dict) or "id" not in document:
        return document
    return {key: value for key, value in document.items() if key != "_links"}


def emptied(document: Any) -> Any:
    """Leave a collection without its rows."""
    for rows in _rows_of(document):
        rows.clear()
    return document


def with_next_page(document: Any) -> Any:
    """Keep the first half of a collection's rows, and link to the other."""
    if isinstance(document, dict) and isinstance(links := document.get("_links"), dict):
        for rows in _rows_of(document):
            del rows[len(rows) // 2 :]
            links["next"] = {"href": f"{links.get('self', {}).get('href', '')}?page=2"}
    return document


def with_total(document: Any) -> Any:
    """Keep the first half of a collection's rows, and say how many there are of them."""
    for rows in _rows_of(document):
        total = len(rows)
        del rows[total // 2 :]
        if "_embedded" in document:
            document["total"] = total
        elif "result" in document:
            document["result"] |= {"elements": len(rows), "totalElements": total}
    return document


def odd_scalars(document: Any) -> Any:
    """Write days, times and amounts as other programs do: 31-12-2016, 0000-00-00, 200.000,00."""
    turns = count()

    def oddly(value: Any) -> Any:
        match value:
            case dict():
                return {
                    key: each if key in ("_links", *_ID_KEYS) else oddly(each)
                    for key, each in value.items()
                }
            case list():
                return [oddly(each) for each in value]
            case str():
                return _odd(value, turns)
            case _:
                return value

    return oddly(document)


def bad_rows(document: Any) -> Any:
    """Spoil the id of the first row of a listing, and of every third one after it."""
    values = cycle(UNUSABLE_IDS)
    for rows in _rows_of(document):
        for row in rows[::_EVERY]:
            if isinstance(row, dict):
                key = next((key for key in _ID_KEYS if key in row), "id")
                row[key] = next(values)
    return document


REWRITINGS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "php-lists": php_lists,
    "unlinked": unlinked,
    "renamed": renamed,
    "linkless": linkless,
    "emptied": emptied,
    "next-page": with_next_page,
    "total": with_total,
    "odd-scalars": odd_scalars,
    "bad-rows": bad_rows,
}
"""What happens to a document, by the name of the weather."""

FRAMINGS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "bom": with_bom,
    "cut-json": cut,
    "cut-gzip": cut_gzip,
}
"""What happens to the bytes, by the name of the weather."""


def rewrite(name: str, body: bytes) -> bytes:
    """Apply a weather of :data:`REWRITINGS` to a body; one that is not JSON stays."""
    document = _read(body)
    if document is _NO_JSON:
        return body
    return orjson.dumps(REWRITINGS[name](document))


_NO_JSON: Final = object()


def _read(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except ValueError:
        return _NO_JSON


def _rows_of(document: Any) -> Iterator[list[Any]]:
    """The rows of a collection of Elements, a search of Procura, or a bare list."""
    match document:
        case list():
            yield document
        case {"result": {"content": list() as rows}}:
            yield rows
        case {"_links": {"self": _}, "_embedded": dict() as embedded} if "id" not in document:
            yield from (rows for rows in embedded.values() if isinstance(rows, list))


def _relinked(document: Any, names: Mapping[str, str | None]) -> Any:
    if not isinstance(document, dict) or not isinstance(links := document.get("_links"), dict):
        return document
    shown = {names.get(rel, rel): link for rel, link in links.items()}
    shown.pop(None, None)
    return {**document, "_links": shown}


def _odd(value: str, turns: "count[int]") -> str:
    if found := _DAY.fullmatch(value):
        return _ODD_DAYS[next(turns) % len(_ODD_DAYS)].format(*found.groups())
    if found := _MONEY.fullmatch(value):
        return f"{int(found[1]):,}".replace(",", ".") + f",{found[2]}"
    return value
