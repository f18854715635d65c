import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elements_procura import evidence
from elements_procura.schema import hal

PATH = "/api/data/klantdossiers"
SELF = {"self": {"href": PATH}}
# Everything that could fool what looks for the ends of items.
NASTY = [
    {"id": 1, "tekst": '}]}"{[ \\ \\" \\\\" ,]}}'},
    {"id": 2, "_embedded": {"klantdossiers": [{"id": 99}]}, "é": "€ \U0001f600 \u0000"},
    {"id": 3, "leeg": {}, "lijst": [[], {}, [{}]], "n": None, "getal": -1.5e-7},
]
BODY = json.dumps(
    {"_links": SELF, "_embedded": {"klantdossiers": NASTY}}, ensure_ascii=False
).encode()


def streamed(*pieces: bytes, rel: str = "klantdossiers") -> list[Any]:
    items = hal.Items(rel, PATH)
    found = [item for piece in pieces for item in items.feed(piece)]
    items.close()
    for item in found:
        if isinstance(item, hal.UnreadableRow):
            raise hal.HalError(item.reason)
    return [item for item in found if item is not None]


def refused(*pieces: bytes) -> hal.HalError:
    with pytest.raises(hal.HalError) as caught:
        streamed(*pieces)
    return caught.value


# ---------------------------------------------------------------- documents


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"<html>", "HTML"),
        (b"\n <!DOCTYPE html>", "HTML"),
        (b"Onderhoud", "not JSON"),
        (b'{"a": 1', "not JSON"),
        (b'{"a": NaN}', "not JSON"),
        (b'{"a": "\xff"}', "not JSON"),
        (b"[" * 5000, "not JSON"),
        (b"[]", "not an object"),
        (b"null", "not an object"),
        (b'"x"', "not an object"),
        (b"5", "not an object"),
    ],
)
def test_what_is_no_document(body: bytes, text: str) -> None:
    with pytest.raises(hal.HalError, match=text):
        hal.document(body)


def test_a_document() -> None:
    assert hal.document(b' {"a": [1]} ') == {"a": [1]}


# ---------------------------------------------------------------- whose is it


@pytest.mark.parametrize(
    "href",
    [
        *(PATH, PATH + "/", PATH + "?publiek=0", "https://h.example" + PATH, "//h" + PATH),
        *("/api/data/klant%64ossiers", None, 5, [], {}),
    ],
)
def test_a_self_link_to_the_path_asked_for(href: Any) -> None:
    evidence.check_self({"_links": {"self": {"href": href}}}, PATH)


RELATIVE = [{"self": {"href": href}} for href in ("?x", "klantdossiers")]


@pytest.mark.parametrize(
    "links", [None, [], {}, "x", {"self": None}, {"self": []}, {"self": {}}, *RELATIVE]
)
def test_an_answer_may_call_itself_nothing(links: Any) -> None:
    evidence.check_self({"_links": links}, PATH)


@pytest.mark.parametrize("href", [PATH + "/5526", "/api/data", "", "/", "klanten", "http://["])
def test_a_self_link_to_another_path(href: str) -> None:
    """A kept-alive connection can give one request's answer to the next."""
    with pytest.raises(hal.HalError, match="another resource") as caught:
        evidence.check_self({"_links": {"self": {"href": href}}}, PATH)
    assert caught.value.path == evidence.SELF


# ---------------------------------------------------------------- collections


@pytest.mark.parametrize(
    ("data", "items"),
    [
        ({"_embedded": {"r": [{"id": 1}, None]}}, [{"id": 1}, None]),
        ({"_embedded": {"r": {"id": 1}}}, [{"id": 1}]),
        ({"_embedded": {"r": []}}, []),
        ({"_embedded": {"r": None}}, []),
        ({"_embedded": {"r": {"0": {"id": 1}, "2": None}}}, [{"id": 1}, None]),
        ({"_links": SELF, "_embedded": []}, []),
        ({"_links": SELF, "_embedded": None}, []),
        ({"_links": SELF, "_embedded": {}}, []),
        ({"_links": SELF, "_embedded": {"r": {}}}, []),
        ({"_links": SELF}, []),
    ],
)
def test_items_of_a_relation(data: dict[str, Any], items: list[Any]) -> None:
    assert hal.relation(data, "r") == items


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"r": []},
        {"_embedded": {}},
        {"_embedded": {"r": {}}},
        {"_embedded": {"r": {"naam": "x"}}},
        {"_embedded": {"x": []}},
        {"_links": SELF, "_embedded": {"x": []}},
        {"_links": SELF, "_embedded": {"r": {"naam": "x"}}},
        {"_embedded": {"r": "x"}},
        {"_embedded": {"r": 1}},
        {"_embedded": [[]]},
        {"_embedded": "x"},
    ],
)
def test_an_answer_without_the_list_is_no_empty_list(data: dict[str, Any]) -> None:
    with pytest.raises(hal.HalError) as caught:
        hal.relation(data, "r")
    assert caught.value.path == "$.r"


# ---------------------------------------------------------------- in pieces


def test_whole_items_come_out_wherever_the_body_is_cut() -> None:
    for cut in range(len(BODY) + 1):
        assert streamed(BODY[:cut], BODY[cut:]) == NASTY, cut


def test_byte_by_byte() -> None:
    assert streamed(*(BODY[at : at + 1] for at in range(len(BODY)))) == NASTY


@given(st.lists(st.integers(0, len(BODY)), max_size=8))
def test_any_cuts(cuts: list[int]) -> None:
    at = [0, *sorted(cuts), len(BODY)]
    assert streamed(*(BODY[i:j] for i, j in pairwise(at))) == NASTY


def test_an_item_comes_out_as_soon_as_it_is_whole() -> None:
    items = hal.Items("klantdossiers", PATH)
    end = BODY.index(b', {"id": 2')
    assert list(items.feed(BODY[: end - 1])) == []
    assert list(items.feed(BODY[end - 1 : end])) == NASTY[:1]


def test_a_body_that_breaks_off_anywhere_is_no_whole_collection() -> None:
    """What came before the break is given out, and then the break is told."""
    for cut in range(len(BODY)):
        items = hal.Items("klantdossiers", PATH)
        found = list(items.feed(BODY[:cut]))
        assert found == NASTY[: len(found)]
        with pytest.raises(hal.HalError) as caught:
            items.close()
        assert caught.value.text in ("the answer breaks off", "the answer is empty"), cut


@pytest.mark.parametrize(
    "embedded", ['{"klantdossiers": []}', '{"klantdossiers": null}', "[]", "null"]
)
def test_an_empty_collection_wherever_it_is_cut(embedded: str) -> None:
    body = f'{{"_links": {json.dumps(SELF)}, "_embedded": {embedded}}}'.encode()
    for cut in range(len(body)):
        assert streamed(body[:cut], body[cut:]) == []


def test_an_only_item_that_is_no_list() -> None:
    assert streamed(b'{"_embedded": {"klantdossiers": {"id"', b": 1}}}") == [{"id": 1}]


def test_null_items_are_left_out() -> None:
    assert streamed(b'{"_embedded": {"klantdossiers": [null, {"id": 1}, null]}}') == [{"id": 1}]


@pytest.mark.parametrize("links_first", [True, False])
def test_another_collections_answer_is_refused_wherever_it_is_cut(links_first: bool) -> None:
    parts = {"_links": {"self": {"href": "/api/data/other"}}, "_embedded": {"klantdossiers": NASTY}}
    body = json.dumps(parts if links_first else dict(reversed(parts.items()))).encode()
    for cut in range(0, len(body), 7):
        error = refused(body[:cut], body[cut:])
        assert error.path == evidence.SELF, cut


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ((), "empty"),
        ((b"",), "empty"),
        ((b" ", b"\n"), "empty"),
        ((b"<ht", b"ml>"), "HTML"),
        ((b"\n", b"<html>"), "HTML"),
        ((b"[1,", b"2]"), "not JSON"),
        ((b"[]",), "not an object"),
        ((b"{}",), "holds no list"),
        ((b'{"_embedded"', b": {}}"), "holds no list"),
        ((b'{"_embedded": {"klantdossiers": "x"}}',), "holds no list"),
        ((b'{"x": "' + b"x" * 70_000 + b'"}',), "holds no list"),
        ((BODY, b"x"), "not JSON"),
        ((BODY, BODY), "not JSON"),
        ((b'{"_embedded": {"klantdossiers": [{"a": NaN}]}}',), "not JSON"),
        ((b'{"_embedded": {"klantdossiers": [{"a": "\xff"}]}}',), "not JSON"),
        ((b'{"_embedded": {"klantdossiers": [{"a": 1e999}]}}',), "not JSON"),
    ],
)
def test_streams_that_are_no_collection(pieces: tuple[bytes, ...], text: str) -> None:
    assert text in refused(*pieces).text


def test_a_number_of_thousands_of_digits_keeps_them() -> None:
    """It crashed the interpreter."""
    number = b"1" * 5000
    body = b'{"_embedded": {"klantdossiers": [{"a": %s, "b": %s}]}}' % (number, number[:20])
    assert streamed(body) == [{"a": number.decode(), "b": int(number[:20])}]


def test_where_a_broken_item_stands() -> None:
    assert refused(BODY[: BODY.index(b'"getal"')]).path == "$.klantdossiers[2]"


def test_errors_hold_no_values() -> None:
    error = refused(b'{"_embedded": {"klantdossiers": [{"bsn": 559795178 x')
    assert "559795178" not in f"{error} {error!r} {error.args} {error.__context__} {error.path}"
