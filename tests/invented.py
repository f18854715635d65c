"""Answers that nobody documents, and what a typed read has to make of each.

A case is an answer and its outcome: the ids of the records, or the name of an exception, with a
``?`` where nothing shows that the API itself has refused.
"""

import json
from collections.abc import Iterator
from typing import Any

import attrs

BOM = b"\xef\xbb\xbf"
JSON = "application/json"
PROTOCOL = "ProtocolError"
INCOMPLETE = "IncompleteAnswer"


@attrs.frozen
class Invented:
    """One answer.

    Attributes:
        name: What it is.
        outcome: What a typed read makes of it.
        body: As it comes.
        status: HTTP status.
        kind: Its Content-Type; empty for none.
    """

    name: str
    outcome: Any
    body: bytes
    status: int = 200
    kind: str = JSON


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


NO_RECORD: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \r\n",
    "a mark alone": BOM,
    "html": b"<!DOCTYPE html><p>Onderhoud</p>",
    "html behind a mark": BOM + b"<html>",
    "text": b"default backend - 404",
    "cut": b'{"id": 102, "omschrijving": "x',
    "null": b"null",
    "true": b"true",
    "a number": b"102",
    "a text": b'"102"',
    "an empty list": b"[]",
    "a list": b'[{"id": 102}]',
    "a list of lists": b"[[]]",
    "an empty object": b"{}",
    "an OAuth error": b'{"error": "invalid_token"}',
    "a message": b'{"message": "Interne fout"}',
    "maintenance": b'{"status": "maintenance", "retry": 60}',
    "objections": b'{"total": 1, "message": "x", "_embedded": {"errors": [{"message": "x"}]}}',
    "objections, emptied": b'{"total": 1, "message": "Validatie fouten", "_embedded": []}',
    "no number": b'{"id": 102, "x": NaN}',
    "no end": b'{"id": 102, "x": 1e999}',
    "no UTF-8": b'{"id": 102, "x": "\xff"}',
    "two": b'{"id": 102}{"id": 102}',
    "a comma too many": b'{"id": 102,}',
    "5,000 brackets": b"[" * 5000,
    "5,000 objects": b'{"a":' * 5000,
    "5,000 levels": b'{"id": 102, "x": ' + b"[" * 5000 + b"]" * 5000 + b"}",
}
"""Bodies that are neither a record nor a list, whatever was asked for."""

BAD_IDS: dict[str, str] = {
    "null": "null",
    "empty": '""',
    "true": "true",
    "false": "false",
    "zero": "0",
    "negative": "-102",
    "a fraction": "102.5",
    "words": '"honderd"',
    "a list": "[102]",
    "an object": '{"id": 102}',
    "2^63": str(2**63),
    "2^70": str(2**70),
    "5,000 digits": "1" * 5000,
    "5,000 digits in quotes": f'"{"1" * 5000}"',
    "another": "999",
    "another in quotes": '"999"',
}

REFUSALS: tuple[tuple[int, str], ...] = (
    (403, "Forbidden"),
    (404, "NotFound"),
    (410, "NotFound"),
    (400, "BadRequest"),
    (422, "BadRequest"),
    (409, "StatusError"),
    (500, "ServerError"),
    (502, "ServerError"),
    (503, "ServerError"),
)
WORDS: dict[str, tuple[bytes, str, bool]] = {
    "in its own way": (b"", JSON, True),
    "with an object": (b'{"message": "x"}', "application/problem+json", True),
    "as html": (b"<html>Forbidden</html>", "text/html", False),
    "as text": (b"default backend - 404", "text/plain", False),
    "as a list": (b"[]", JSON, False),
    "as html that calls itself JSON": (b"<html>", JSON, False),
    "in silence": (b"", "", False),
}


def refusals() -> Iterator[Invented]:
    """Every refusal, in every way to say it."""
    for status, error in REFUSALS:
        for way, (body, kind, is_own) in WORDS.items():
            yield Invented(f"{status} {way}", error + "?" * (not is_own), body, status, kind)
    for status in (201, 202, 204, 206):
        yield Invented(f"{status} for a read", PROTOCOL, b"" if status == 204 else b"{}", status)


def no_record() -> Iterator[Invented]:
    for name, body in NO_RECORD.items():
        yield Invented(name, PROTOCOL, body)


def records(path: str, *, is_named: bool) -> Iterator[Invented]:
    """What comes in the place of one record.

    Args:
        path: Where; the id is 102.
        is_named: Whether the path ends in the id.
    """
    yield from no_record()
    for name, literal in BAD_IDS.items():
        right = not is_named and literal.strip('"') == "999"
        outcome = (999,) if right else PROTOCOL
        yield Invented(f"id {name}", outcome, b'{"id": %s}' % literal.encode())
        body = b'{"id": %s, "_links": {"self": {"href": "%s"}}}' % (literal.encode(), path.encode())
        yield Invented(f"id {name}, right link", outcome, body)
    yield Invented("no id, right link", PROTOCOL, dumped(linked(path, naam="x")))
    mine = {"id": 102, "iets": {"a": [1]}}
    yield Invented("no link", (102,), dumped(mine))
    yield Invented("behind a mark", (102,), BOM + dumped(mine))
    yield Invented("id in quotes", (102,), dumped(mine | {"id": "102"}))
    yield Invented("id as 102.0", (102,), dumped(mine | {"id": 102.0}))
    yield Invented("a total of its own", (102,), dumped(mine | {"total": 7, "count": 9}))
    shapes: dict[str, Any] = {
        "links null": None,
        "links a list": [],
        "links a text": "x",
        "self null": {"self": None},
        "self a list": {"self": [1]},
        "self without href": {"self": {}},
        "href a number": {"self": {"href": 5}},
        "href absolute": {"self": {"href": f"https://elders.example{path}/"}},
        "next": {"next": {"href": "/x"}},
        "another link": {"self": {"href": "/api/data/klantdossiers/9/x"}},
        "a proxy's link": {"self": {"href": f"/proxy{path}"}},
    }
    for name, links in shapes.items():
        yield Invented(name, (102,), dumped(mine | {"_links": links}))
    another = mine | {"id": 999, "_links": {"self": {"href": "/api/data/klantdossiers/999"}}}
    yield Invented("another record", PROTOCOL if is_named else (999,), dumped(another))
    yield from refusals()


def linked(path: str, **others: Any) -> dict[str, Any]:
    return {"_links": {"self": {"href": path}}} | others


def collections(path: str, rel: str) -> Iterator[Invented]:
    """What comes in the place of a collection."""
    yield from no_record()

    def held(value: Any, **others: Any) -> bytes:
        return dumped(linked(path, _embedded={rel: value}) | others)

    one, two = {"id": 1}, {"id": 2}
    for name, value, outcome in (
        ("a list", [one, two], (1, 2)),
        ("PHP's gap", {"0": one, "2": two}, (1, 2)),
        ("PHP's gap at the front", {"1": two}, (2,)),
        ("PHP's gap with a null", {"0": one, "3": None}, (1,)),
        ("one", one, (1,)),
        ("null", None, ()),
        ("an empty map", {}, ()),
        ("an empty list", [], ()),
        ("a null among them", [None, one], (1,)),
        ("a list of one in a list", [[one]], PROTOCOL),
        ("a text", "x", PROTOCOL),
        ("an empty text", "", PROTOCOL),
        ("a number", 2, PROTOCOL),
        ("false", False, PROTOCOL),
        ("an error", {"error": "x"}, PROTOCOL),
        ("an error among numbers", {"0": one, "error": "x"}, PROTOCOL),
        ("texts", ["1", "2"], PROTOCOL),
        ("numbers", [1, 2], PROTOCOL),
        ("lists", [[], []], PROTOCOL),
        ("errors", [{"error": "x"}], PROTOCOL),
    ):
        yield Invented(f"rows: {name}", outcome, held(value))
        yield Invented(f"rows: {name}, behind a mark", outcome, BOM + held(value))
        bare = PROTOCOL if value == {} else outcome
        yield Invented(f"rows: {name}, no link", bare, dumped({"_embedded": {rel: value}}))
    for name, literal in BAD_IDS.items():
        if "another" not in name:
            body = held([one, "ODD"]).replace(b'"ODD"', b'{"id": %s}' % literal.encode())
            yield Invented(f"a row's id {name}", PROTOCOL, body)
    for name, embedded in (("absent", ...), ("empty", {}), ("PHP's", []), ("null", None)):
        data = linked(path) if embedded is ... else linked(path, _embedded=embedded)
        yield Invented(f"embedded {name}", (), dumped(data))
        if embedded is not ...:
            yield Invented(f"embedded {name}, no link", PROTOCOL, dumped({"_embedded": embedded}))
    yield Invented("another relation", PROTOCOL, dumped(linked(path, _embedded={"x": [one]})))
    yield Invented("rows at the top", PROTOCOL, dumped({rel: [one]}))
    for name in ("total", "total_items", "count"):
        more: dict[Any, Any] = {2: INCOMPLETE, "2": INCOMPLETE, 1: (1,), 0: (1,), None: (1,)}
        for total, outcome in more.items():
            yield Invented(f"{name} {total!r}", outcome, held([one], **{name: total}))
    for name, following, outcome in (
        ("next", {"href": f"{path}?page=2"}, INCOMPLETE),
        ("next, a list", [{"href": f"{path}?page=2"}], INCOMPLETE),
        ("next null", None, (1,)),
        ("next false", False, (1,)),
    ):
        links = linked(path)["_links"] | {"next": following}
        body = dumped({"_links": links, "_embedded": {rel: [one]}})
        yield Invented(name, outcome, body)
    proxied = dumped(linked(f"/proxy{path}", _embedded={rel: [one]}))
    yield Invented("a proxy's link", (1,), proxied)
    yield Invented("another's", PROTOCOL, dumped(linked("/x/9", _embedded={rel: []})))
    yield from refusals()
