"""Tables of cases: what each answer proves."""

import json
from typing import Any

import pytest

from elements_procura import evidence
from elements_procura.evidence import (
    ACCEPTED,
    ADDED,
    CHANGED,
    AnswerKind,
    EvidenceError,
    Incomplete,
    Stray,
    Success,
    Verdict,
)
from elements_procura.paths import Path
from elements_procura.schema import hal

ROOT = "/api/data/klantdossiers"
DOSSIER = Path.literal(ROOT).at(DOSSIER_ID=102)
OFFICE = DOSSIER.at("kantoor")
ADVISERS = DOSSIER.at("adviseurs")
JSON = {"content-type": "application/json"}


def named(path: str, **others: Any) -> dict[str, Any]:
    return {"_links": {"self": {"href": path}}} | others


# ---------------------------------------------------------------- whose answer is it?


@pytest.mark.parametrize(
    ("path", "expected", "data"),
    [
        (DOSSIER, AnswerKind.RECORD, {"id": 102}),
        (DOSSIER, AnswerKind.RECORD, {"id": "102"}),
        (DOSSIER, AnswerKind.RECORD, {"id": 102.0}),
        (DOSSIER, AnswerKind.RECORD, named(f"{ROOT}/102", id=102)),
        (DOSSIER, AnswerKind.RECORD, named(f"https://elders.example{ROOT}/102/", id=102)),
        (DOSSIER, AnswerKind.ANY, {"id": 102}),
        (OFFICE, AnswerKind.RECORD, {"id": 7}),
        (OFFICE, AnswerKind.ANY, {"id": 7}),
        (OFFICE, AnswerKind.ANY, named(f"{ROOT}/102/kantoor")),
        (ADVISERS, AnswerKind.COLLECTION, {"_embedded": {"adviseurs": []}}),
        (ADVISERS, AnswerKind.COLLECTION, {"_embedded": {"adviseurs": None}}),
        (ADVISERS, AnswerKind.COLLECTION, {"_embedded": {"adviseurs": [{"id": 1}]}}),
        (ADVISERS, AnswerKind.COLLECTION, {"_embedded": {"adviseurs": {"0": {"id": 1}}}}),
        (ADVISERS, AnswerKind.COLLECTION, {"_embedded": {"adviseurs": {"id": 1}}}),
        (ADVISERS, AnswerKind.COLLECTION, named(f"{ROOT}/102/adviseurs")),
        (ADVISERS, AnswerKind.COLLECTION, named(f"{ROOT}/102/adviseurs", _embedded={})),
        (ADVISERS, AnswerKind.COLLECTION, named(f"{ROOT}/102/adviseurs", _embedded=[])),
        (ADVISERS, AnswerKind.COLLECTION, named(f"{ROOT}/102/adviseurs", _embedded=None)),
        (
            ADVISERS,
            AnswerKind.COLLECTION,
            named(f"{ROOT}/102/adviseurs", _embedded={"adviseurs": {}}),
        ),
        (ADVISERS, AnswerKind.COLLECTION, named(f"{ROOT}/102/adviseurs", total=0, count="0")),
        (ADVISERS, AnswerKind.ANY, {"_embedded": {"adviseurs": []}}),
    ],
)
def test_what_was_asked_for(path: Path, expected: AnswerKind, data: dict[str, Any]) -> None:
    is_told = evidence.recognise(data, path, expected)
    assert is_told is ("_links" in data or path is DOSSIER)


ERRORS: list[dict[str, Any]] = [
    {},
    {"error": "invalid_token"},
    {"message": "Interne fout"},
    {"status": "error", "code": 17},
    {"_links": {}},
    {"_links": {"self": {}}},
    {"_embedded": {}},
    {"_embedded": []},
    {"total": 1, "message": "Validatie fouten", "_embedded": []},
    {"total": 1, "_embedded": {"errors": [{"path": "", "message": ""}]}},
]


@pytest.mark.parametrize("data", ERRORS)
@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (DOSSIER, AnswerKind.RECORD),
        (DOSSIER, AnswerKind.ANY),
        (OFFICE, AnswerKind.RECORD),
        (OFFICE, AnswerKind.ANY),
        (ADVISERS, AnswerKind.COLLECTION),
        (ADVISERS, AnswerKind.ANY),
    ],
)
def test_what_proves_nothing(path: Path, expected: AnswerKind, data: dict[str, Any]) -> None:
    with pytest.raises(EvidenceError):
        evidence.recognise(data, path, expected)


BAD_IDS = [
    *(None, "", " ", True, False, 0, -1, "-1", "0", 1.5, float("inf"), [], [1], {}, {"id": 1}),
    *("zeven", "7a", "\uff11", "1" * 5000, 2**63, 2**70, -(2**70), 1e300),
]


@pytest.mark.parametrize("identifier", BAD_IDS, ids=lambda value: repr(value)[:12])
def test_ids_that_nothing_can_be_known_by(identifier: Any) -> None:
    assert evidence.usable_id(identifier) is None
    for path in (DOSSIER, OFFICE):
        with pytest.raises(EvidenceError) as caught:
            evidence.recognise({"id": identifier}, path, AnswerKind.RECORD)
        assert caught.value.path == "$.id"
    with pytest.raises(EvidenceError) as caught:
        evidence.check_rows([{"id": 1}, None, {"id": identifier}], "r")
    assert caught.value.path == "$.r[2].id"


def test_ids_that_can() -> None:
    given = [1, "1", 1.0, " 1 ", "0001", 2**63 - 1]
    assert [evidence.usable_id(each) for each in given] == [1, 1, 1, 1, 1, 2**63 - 1]


@pytest.mark.parametrize("link", [f"{ROOT}/999", "/x", "http://[", "", "klantdossiers/102"])
def test_another_resources_answer(link: str) -> None:
    with pytest.raises(Stray) as caught:
        evidence.recognise(named(link, id=102), DOSSIER, AnswerKind.RECORD)
    assert caught.value.link == link
    evidence.recognise(named(link, id=102), DOSSIER, AnswerKind.RECORD, accepted=link)
    with pytest.raises(EvidenceError):
        evidence.recognise(named(link, id=999), DOSSIER, AnswerKind.RECORD, accepted=link)


@pytest.mark.parametrize(
    ("path", "link", "rule"),
    [
        (f"{ROOT}/1", f"/proxy{ROOT}/1", ("", "/proxy")),
        (f"{ROOT}/1", "/klantdossiers/1", ("/api/data", "")),
        (f"{ROOT}/1/x", "https://x/api/v2/klantdossiers/1/x", ("/api/data", "/api/v2")),
        (f"{ROOT}/1/adviseurs", f"{ROOT}/2/adviseurs", None),
        (f"{ROOT}/1", f"{ROOT}/2", None),
        (ROOT, "/iets/anders", None),
    ],
)
def test_a_rule_for_self_links(path: str, link: str, rule: Any) -> None:
    assert evidence.rewriting(path, link) == rule


@pytest.mark.parametrize(
    ("data", "ids"),
    [
        ({"id": 5, "_embedded": {"r": [{"id": 6}]}}, (5,)),
        ({"_embedded": {"r": [{"id": 6}, {"id": "7"}]}}, (6, 7)),
        ({"_embedded": {"r": {"0": {"id": 6}}}}, (6,)),
        ({"_embedded": {"r": [{"id": None}]}}, ()),
        ({"_embedded": {"r": 5}}, ()),
        ({}, ()),
    ],
)
def test_what_an_answer_is_known_by(data: dict[str, Any], ids: tuple[int, ...]) -> None:
    assert evidence.known_by(data) == ids


# ---------------------------------------------------------------- lists


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        ([], []),
        ([1, None], [1, None]),
        (None, []),
        ({}, []),
        ({"id": 1}, [{"id": 1}]),
        ({"id": None, "0": 1}, [{"id": None, "0": 1}]),
        ({"0": 1, "2": None, "10": 3}, [1, None, 3]),
    ],
)
def test_rows(value: Any, rows: list[Any]) -> None:
    assert evidence.rows(value) == rows


@pytest.mark.parametrize(
    "value", ["", "x", 0, 1, True, False, {"a": 1}, {"0": 1, "a": 2}, {"-1": 2}]
)
def test_what_is_no_list(value: Any) -> None:
    with pytest.raises(EvidenceError):
        evidence.rows(value)


@pytest.mark.parametrize(
    "others",
    [
        *({"total": 2}, {"total_items": 2}, {"count": "2"}, {"total": 10**12}, {"total": 2.0}),
        *({"total": 2**70}, {"count": " 10 "}, {"count": "9" * 5_000}, {"total": 1e300}),
        {"_links": {"next": {"href": "/x?page=2"}}},
        {"_links": {"next": [{"href": "/x?page=2"}]}},
        {"_links": {"Next": "/x?page=2"}},
        {"_links": {"last": {"href": "/x?page=3"}}},
        *({"totalItems": 2}, {"total_count": 2}, {"TotalCount": "2"}, {"totaal": 2}, {"aantal": 2}),
        *({"page_count": 2}, {"pages": "3"}, {"totalPages": 2}, {"has_more": True}),
        *({"hasMore": "1"}, {"next_page": 2}, {"next": "/x?page=2"}, {"nextCursor": "abc"}),
        *({"page": {"totalElements": 2}}, {"page": {"totalPages": 2, "number": 0}}),
        *({"meta": {"total": 2}}, {"pagination": {"next_page_url": "/x?page=2"}}),
        *({"meta": {"pagination": {"total": 2}}}, {"pageInfo": {"hasNextPage": True}}),
        *({"links": {"next": "/x"}}, {"links": [{"rel": "next", "href": "/x"}]}),
        *({"links": {"last": "/x?page=3"}}, {"hydra:view": {"hydra:next": "/x"}}),
        *({"hydra:totalItems": 2}, {"@odata.count": 2}, {"@odata.nextLink": "/x"}),
        *({"items_count": 2}, {"rowCount": 2}, {"numFound": 2}, {"number_of_results": 2}),
        *({"aantalResultaten": 2}, {"aantal_gevonden": 2}, {"recordsFiltered": 2}, {"hits": 2}),
        *({"totalSize": 2}, {"fullCount": 2}, {"numberOfPages": 2}, {"totalPageCount": 2}),
        *({"isLast": False}, {"last": False}, {"lastPage": 2}, {"last_page": False}),
        *({"complete": False}, {"done": False}, {"endReached": "nee"}, {"lastPageReached": False}),
        *({"partial": True}, {"incomplete_results": True}, {"heeftMeer": 1}, {"moreItems": True}),
        *({"nextPageToken": "abc"}, {"nextOffset": 2}, {"volgendePagina": 2}, {"remaining": 5}),
        *({"continuationToken": "abc"}, {"limitReached": True}, {"next": {"href": "/x"}}),
        *({"_links": {"volgende": {"href": "/x"}}}, {"_links": {"nextPage": {"href": "/x"}}}),
        *({"_links": {"last": {"href": "/x?offset=50"}}}, {"_links": {"last": {"href": "/x?p=2"}}}),
    ],
)
def test_a_list_that_says_there_is_more(others: dict[str, Any]) -> None:
    with pytest.raises(Incomplete):
        evidence.check_complete(others, 1)
    data = {"_embedded": {"adviseurs": [{"id": 1}]}} | others
    with pytest.raises(Incomplete):
        evidence.recognise(data, ADVISERS, AnswerKind.COLLECTION)


@pytest.mark.parametrize(
    "others",
    [
        *({"total": 1}, {"total": 0}, {"total": None}, {"total": "veel"}, {"total": True}),
        *({"total": "0001"}, {"total": ""}, {"total": "-5"}, {"total": "\u0665"}, {"total": -2.5}),
        *({"total": [5]}, {"_links": {"next": None}}, {"_links": {"next": False}}, {"_links": 1}),
        *({"_links": {"next": {}}}, {"_links": {"next": {"href": None}}}, {"page": 1}, {"page": 2}),
        *({"_links": {"last": {"href": "/x?page=1"}}}, {"_links": {"last": {"href": "/x"}}}),
        *({"page_count": 1}, {"pages": "1"}, {"has_more": False}, {"hasMore": "0"}, {"next": None}),
        *({"next": ""}, {"page": {"size": 20, "totalElements": 1, "totalPages": 1, "number": 0}}),
        *({"meta": {"total": 1, "perPage": 50}}, {"amount": 90}, {"limit": 50}, {"per_page": 25}),
        *({"meta": [2]}, {"pagination": "total 2"}, {"meta": {"a": {"meta": {"total": 2}}}}),
        *({"isLast": True}, {"last": 2}, {"complete": True}, {"done": None}, {"remaining": 0}),
        *({"page_number": 2}, {"pageTotal": 2}, {"size": 50}, {"number": 3}, {"item_number": 9}),
        *(
            {"nextPageToken": ""},
            {"next_update": "2030"},
            {"moreInfo": "https://x"},
            {"found": True},
        ),
        *({"rateLimitRemaining": 9}, {"cursor": "abc"}, {"links": {"next": None}}, {"links": [1]}),
        *({"total 559795178": 2}, {"total\x1b[2J": 2}, {"t" * 99: 2}, {"\u0442otal": 2}, {"": 2}),
        *({"links": {"last": "/x?page=1"}}, {"_links": {"last": {"href": "/x?offset=0"}}}),
    ],
)
def test_a_list_that_does_not(others: dict[str, Any]) -> None:
    evidence.check_complete(others, 1)


@pytest.mark.parametrize(
    ("total", "count", "is_above"),
    [("10", 9, True), ("9", 10, False), ("100", 20, True), ("20", 3, True), ("020", 20, False)],
)
def test_digits_are_compared_as_numbers(total: str, count: int, *, is_above: bool) -> None:
    assert evidence.is_above(total, count) is is_above


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("link", '</x?page=2>; rel="next"'), ("link", "</x>; rel=prev, </y>; rel=next")),
        *(("link", '</x>; title="a"; rel="start next"'), ("content-range", "items 0-0/57")),
        *(("x-total-count", "57"), ("x-total", "2"), ("x-wp-total", "2"), ("x-wp-totalpages", "2")),
        *(("x-next-page", "2"), ("x-has-more", "true"), ("pagination-count", "2")),
        *(("x-pagination", '{"TotalCount": 57}'), ("total-count", " 2 "), ("x-is-last", "false")),
    ],
)
def test_a_header_that_says_there_is_more(name: str, value: str) -> None:
    with pytest.raises(Incomplete):
        evidence.check_complete({}, 1, {"content-type": "application/json", name: value})
    data = named(ADVISERS.value, _embedded={"adviseurs": [{"id": 1}]})
    with pytest.raises(Incomplete):
        evidence.recognise(data, ADVISERS, AnswerKind.COLLECTION, headers={name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("link", '</x?page=1>; rel="first"'), ("link", "</next>; rel=self"), ("link", "")),
        *(
            ("content-range", "items 0-0/1"),
            ("content-range", "items 0-0/*"),
            ("x-total-count", "1"),
        ),
        *(("x-total-count", "veel"), ("x-next-page", ""), ("x-cache-hits", "7"), ("x-hits", "7")),
        *(
            ("x-ratelimit-remaining", "99"),
            ("x-remaining", "99"),
            ("x-page", "3"),
            ("x-total-ms", ""),
        ),
        *(
            ("x-pagination", "{"),
            ("x-pagination", "[2]"),
            ("content-length", "900"),
            ("count", "1"),
        ),
        ("x-more-info", "https://x"),
    ],
)
def test_a_header_that_does_not(name: str, value: str) -> None:
    evidence.check_complete({}, 1, {name: value})


@pytest.mark.parametrize(
    "beside",
    [
        *({"error": "timeout"}, {"errors": [{"code": 1}]}, {"fout": "x"}, {"Exception": {"a": 1}}),
        *({"error_code": 17}, {"foutmelding": "x"}),
    ],
)
def test_an_error_is_no_empty_list_and_no_record_that_nothing_names(beside: dict[str, Any]) -> None:
    empty: list[Any] = [{"adviseurs": []}, {"adviseurs": {}}, {}, []]
    for embedded in empty:
        data = named(ADVISERS.value, _embedded=embedded) | beside
        with pytest.raises(EvidenceError):
            evidence.recognise(data, ADVISERS, AnswerKind.COLLECTION)
    for expected in (AnswerKind.RECORD, AnswerKind.ANY):
        with pytest.raises(EvidenceError):
            evidence.recognise({"id": 1} | beside, OFFICE, expected)
        evidence.recognise(named(OFFICE.value, id=1) | beside, OFFICE, expected)
        with pytest.raises(EvidenceError):
            evidence.recognise({"id": 102} | beside, DOSSIER, expected)
        evidence.recognise(named(DOSSIER.value, id=102) | beside, DOSSIER, expected)


@pytest.mark.parametrize(
    "beside",
    [
        {"message": "Interne fout"},
        {"status": 500},
        {"detail": "x"},
        {"title": "x"},
    ],
)
def test_what_is_said_in_the_place_of_a_list_is_no_list(beside: dict[str, Any]) -> None:
    with pytest.raises(EvidenceError):
        evidence.recognise(named(ADVISERS.value) | beside, ADVISERS, AnswerKind.COLLECTION)
    data = named(ADVISERS.value, _embedded={"adviseurs": []}) | beside
    evidence.recognise(data, ADVISERS, AnswerKind.COLLECTION)
    # Nor is it a record that neither its path nor a self link names: its id may be a log's.
    with pytest.raises(EvidenceError):
        evidence.recognise({"id": 4711} | beside, OFFICE, AnswerKind.RECORD)
    evidence.recognise({"id": 102} | beside, DOSSIER, AnswerKind.RECORD)


def test_rows_under_another_name_make_no_empty_list() -> None:
    with pytest.raises(EvidenceError):
        evidence.recognise(named(ADVISERS.value, data=[{"id": 1}]), ADVISERS, AnswerKind.COLLECTION)
    links = [{"rel": "self", "href": ADVISERS.value}]
    data = named(ADVISERS.value, links=links, data=[], tags=["x"])
    evidence.recognise(data, ADVISERS, AnswerKind.COLLECTION)


@pytest.mark.parametrize(
    "value",
    [
        {},
        "",
        {"a": 1},
        {"id": "x", "code": "internalError", "cause": {"message": "x"}},
        {"id": "x", "error": 1},
    ],
)
def test_what_is_no_list_as_a_whole_answer(value: Any) -> None:
    with pytest.raises(EvidenceError):
        evidence.named_rows(value)
    assert evidence.named_rows({"id": "x", "title": "t"}) == [{"id": "x", "title": "t"}]
    assert evidence.named_rows({"1": {"id": "x"}}) == [{"id": "x"}]


@pytest.mark.parametrize(
    ("data", "is_hollow"),
    [
        *(
            ({"dossier": {"dossierId": "A"}}, True),
            ({"dossier": {"dossierId": "A", "x": 1}}, False),
        ),
        *(({"dossier": {"dossierId": "A", "x": None}, "error": "x", "y": []}, True),),
        *(({"dossier": {"dossierId": "A"}, "declarant": {"bsn": "1"}}, False),),
    ],
)
def test_a_case_that_holds_nothing(data: dict[str, Any], is_hollow: bool) -> None:
    assert evidence.is_hollow_case(data) is is_hollow


@pytest.mark.parametrize(
    "beside",
    [
        *({"error": None}, {"error": False}, {"errors": []}, {"error": ""}, {"error": "0"}),
        *({"status": 200}, {"status": "ok"}, {"message": ""}, {"message": None}),
    ],
)
def test_what_says_nothing_leaves_a_list_empty(beside: dict[str, Any]) -> None:
    evidence.recognise(named(ADVISERS.value) | beside, ADVISERS, AnswerKind.COLLECTION)


def test_a_total_beside_the_rows_counts_as_well() -> None:
    data = {"_embedded": {"adviseurs": [{"id": 1}], "total": 2}}
    with pytest.raises(Incomplete):
        evidence.check_complete(data, 1)


@pytest.mark.parametrize(
    "link",
    [{"href": "/api/data/other"}, [{"href": "/api/data/other"}], "/api/data/other"],
)
def test_a_stray_answer_is_one_however_its_self_link_is_written(link: Any) -> None:
    with pytest.raises(evidence.Stray):
        evidence.check_self({"_links": {"self": link}}, "/api/data/klantdossiers")


def test_what_a_collection_has_lost() -> None:
    def held(*ids: Any) -> dict[str, Any]:
        return {"_embedded": {"adressen": [{"id": each} for each in ids]}}

    assert evidence.lacks_rows(held(1, 2), held(1, None))
    assert not evidence.lacks_rows(held(1, 2), held("1", 2.0, None))
    assert not evidence.lacks_rows(held(None), held())
    assert evidence.lacks_rows([{"id": "a"}], [None])
    assert not evidence.lacks_rows([{"id": "a"}], [{"id": "a"}, {"id": ""}])


@pytest.mark.parametrize(
    ("data", "is_hollow"),
    [
        *(({"id": 1}, True), ({"id": 1, "_links": {}}, True), ({"id": 1, "naam": None}, True)),
        *(({"id": 1, "message": "x", "status": 500}, True), ({"id": 1, "status": "open"}, False)),
        *(({"id": 1, "errors": [1]}, True), ({"id": 1, "_links": [], "naam": ""}, True)),
        *(({"id": 1, "naam": "x"}, False), ({"id": 1, "actief": False}, False)),
        *((named("/x", id=1), False), ({"id": 1, "_embedded": {"adressen": [{"id": 2}]}}, False)),
    ],
)
def test_a_record_that_holds_nothing(data: dict[str, Any], is_hollow: bool) -> None:
    assert evidence.is_hollow(data) is is_hollow


# ---------------------------------------------------------------- who speaks?


@pytest.mark.parametrize(
    ("kind", "body", "is_own"),
    [
        ("application/json", b"", True),
        ("application/json; charset=utf-8", b" \r\n", True),
        ("APPLICATION/JSON", b"{}", True),
        ("application/hal+json", b'{"message": "x"}', True),
        ("application/problem+json", b"\xef\xbb\xbf{}", True),
        ("application/json", b"[]", False),
        ("application/json", b'"Forbidden"', False),
        ("application/json", b"null", False),
        ("application/json", b"<html>", False),
        ("application/json", b"Not found", False),
        ("text/html", b"", False),
        ("text/html", b"<html>Forbidden</html>", False),
        ("text/html", b'{"error": "x"}', False),
        ("text/plain", b"default backend - 404", False),
        ("text/json-ish", b"{}", False),
        ("application/xml", b"", False),
        ("", b"", False),
        ("", b"{}", False),
    ],
)
def test_who_speaks(kind: str, body: bytes, is_own: bool) -> None:
    headers = {"content-type": kind} if kind else {}
    assert evidence.is_possibly_own(headers, body) is is_own
    is_shown = not kind and not body
    found = evidence.is_possibly_own(headers, body, is_empty_documented=True)
    assert found is (is_own or is_shown)


@pytest.mark.parametrize(
    ("headers", "body", "manner"),
    [
        (JSON, b"", "application/json {empty}"),
        (JSON, b'{"b": "geheim", "a": 1}', "application/json {a,b}"),
        (JSON, b"[1]", "application/json {other}"),
        ({}, b"Jansen", "- {other}"),
        ({"content-type": "text/html; x=1"}, b"<html>", "text/html {other}"),
        (JSON, b'{"559795178": 1, "Jan Jansen": 2}', "application/json {?,?}"),
    ],
)
def test_a_manner_holds_no_value(headers: dict[str, str], body: bytes, manner: str) -> None:
    assert evidence.manner(headers, body) == manner


# ---------------------------------------------------------------- writes

GENERATED = {"location": f"{ROOT}/102"}
OBJECTIONS = json.dumps(
    {"total": 1, "_embedded": {"errors": [{"path": "naam", "message": "verplicht"}]}}
).encode()
FILED = Success(frozenset({201}), "object", "dossier")


@pytest.mark.parametrize(
    ("success", "status", "headers", "body", "verdict"),
    [
        (CHANGED, 200, {}, b"", "done"),
        (CHANGED, 204, {}, b"", "done"),
        (CHANGED, 200, JSON, b" \n", "done"),
        (CHANGED, 200, JSON, b"\xef\xbb\xbf\r\n", "done"),  # a byte order mark, and nothing
        (CHANGED, 200, {}, b"<html>ok</html>", "unknown"),
        (CHANGED, 200, JSON, b'{"error": "geen rechten"}', "unknown"),
        (CHANGED, 200, JSON, b'{"id": 102}', "unknown"),
        (CHANGED, 201, GENERATED, b"", "unknown"),
        (CHANGED, 202, {}, b"", "unknown"),
        (CHANGED, 302, {}, b"", "unknown"),
        (CHANGED, 200, JSON, OBJECTIONS, "refused"),
        (CHANGED, 400, JSON, OBJECTIONS, "refused"),
        (CHANGED, 404, JSON, b"", "refused"),
        # A gateway that has waited for too long does not know what became of it.
        (CHANGED, 408, {}, b"<html>", "unknown"),
        (ADDED, 460, {}, b"", "unknown"),
        (ADDED, 499, {}, b"", "unknown"),
        (CHANGED, 500, JSON, OBJECTIONS, "unknown"),
        (CHANGED, 502, {}, b"<html>", "unknown"),
        (ADDED, 201, GENERATED, b"", "done"),
        (ADDED, 201, GENERATED, b"Notice: undefined index", "done"),
        (ADDED, 201, {}, b'{"id": 5}', "done"),
        (ADDED, 201, {"location": "120961"}, b"", "done"),
        (ADDED, 201, {}, b"", "done"),
        (ADDED, 201, {}, b"<html>", "unknown"),
        (ADDED, 201, {}, b'{"error": "nee"}', "unknown"),
        (ADDED, 201, JSON, OBJECTIONS, "refused"),
        (ADDED, 200, GENERATED, b"", "unknown"),
        (ADDED, 200, {}, b"", "unknown"),
        (ADDED, 200, {}, b"<html>", "unknown"),
        (ADDED, 202, {}, b"", "unknown"),
        (ADDED, 204, {}, b"", "unknown"),
        (ADDED, 303, GENERATED, b"", "unknown"),
        (ACCEPTED, 204, {}, b"", "done"),
        (ACCEPTED, 200, {}, b"", "unknown"),
        (FILED, 201, JSON, b'{"dossier": {"dossierId": "1"}}', "done"),
        (FILED, 201, JSON, b"{}", "unknown"),
        (FILED, 201, JSON, b'{"dossier": null}', "unknown"),
        (FILED, 200, JSON, b'{"dossier": {"dossierId": "1"}}', "unknown"),
        (None, 200, JSON, b"{}", "done"),
        (None, 201, {}, b"", "done"),
        (None, 201, GENERATED, b"Notice: undefined index", "done"),
        (None, 200, GENERATED, b"Notice: undefined index", "unknown"),
        (None, 204, {}, b"", "done"),
        (None, 200, {}, b"<html>", "unknown"),
        (None, 202, {}, b"", "unknown"),
        (None, 403, {}, b"<html>", "refused"),
    ],
)
def test_what_a_write_came_to(
    success: Success | None, status: int, headers: dict[str, str], body: bytes, verdict: str
) -> None:
    found = evidence.judge_write(success, status, headers, body)
    assert found is Verdict[verdict.upper()]


@pytest.mark.parametrize(
    ("location", "body", "identifier"),
    [
        (f"{ROOT}/102", b"", 102),
        (f"https://x{ROOT}/102/?y=7", b"", 102),
        ("120961", b"", 120961),
        ("", b'{"id": "8"}', 8),
        (f"{ROOT}/102", b'{"id": 8}', 8),
        ("/login", b"", None),
        ("http://[", b"", None),
        (f"{ROOT}/{2**70}", b"", None),
        ("", b"[8]", None),
    ],
)
def test_the_id_of_what_was_added(location: str, body: bytes, identifier: int | None) -> None:
    assert evidence.added_id({"location": location}, body) == identifier


@pytest.mark.parametrize(
    ("errors", "count"),
    [
        ([{"path": "a", "message": "b"}], 1),
        ({"0": {"path": "a", "message": "b"}, "4": {"message": "c"}}, 2),
        ({"path": "a", "message": "b"}, 1),
        (None, 0),
        ("x", 0),
        ([1, "x"], 0),
    ],
)
def test_the_vendors_objections(errors: Any, count: int) -> None:
    body = json.dumps({"_embedded": {"errors": errors}}).encode()
    assert len(evidence.objections(body)) == count


# ---------------------------------------------------------------- Procura


@pytest.mark.parametrize(
    ("dossier", "asked", "is_it"),
    [
        ({"dossierId": "A-1"}, "A-1", True),
        ({"dossierId": "A-1"}, None, True),
        ({"dossierId": "A-1", "referenceIds": [{"id": "ref"}]}, "ref", True),
        ({"dossierId": "A-1", "referenceIds": {"1": {"id": "ref"}}}, "ref", True),
        ({"dossierId": "A-1", "referenceIds": [{"id": "ref"}]}, "other", False),
        ({"dossierId": "A-1", "referenceIds": "ref"}, "ref", False),
        ({"dossierId": "A-2"}, "A-1", False),
        ({"dossierId": 1}, "1", False),
        ({"dossierId": ""}, "A-1", False),
        ({}, "A-1", False),
        (None, "A-1", False),
        ([], None, False),
    ],
)
def test_whose_case_it_is(dossier: Any, asked: str | None, is_it: bool) -> None:
    def check() -> None:
        evidence.check_case({"dossier": dossier}, asked)

    if is_it:
        check()
    else:
        with pytest.raises(EvidenceError):
            check()


@pytest.mark.parametrize(
    "others",
    [
        *({"elements": 2}, {"totalElements": "2"}, {"totalPages": 2}, {"last": False}),
        *({"hasNext": True}, {"page": {"totalElements": 2}}, {"elements": 1, "totalElements": 2}),
    ],
)
def test_a_page_that_says_there_is_more(others: dict[str, Any]) -> None:
    assert evidence.counts_more(others, 1)


@pytest.mark.parametrize(
    "others",
    [
        {"elements": 1, "totalElements": 1, "totalPages": 1, "pageNumber": 0, "pageSize": 1},
        *({"elements": 0, "totalPages": 1, "pageSize": 50}, {"last": True}, {}),
    ],
)
def test_a_page_that_does_not(others: dict[str, Any]) -> None:
    assert not evidence.counts_more(others, 1)


# ---------------------------------------------------------------- pictures

PNG = b"\x89PNG\r\n\x1a\n" + bytes(50) + b"IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0" + bytes(50) + b"\xff\xd9"
GIF = b"GIF89a" + bytes(50) + b";"


PAGE = "HTML, XML or JSON"
WEBP = b"RIFF" + (66).to_bytes(4, "little") + b"WEBPVP8 " + bytes(58)


@pytest.mark.parametrize("picture", [PNG, JPEG, GIF, JPEG + b"\0\0", PNG + b"\n", WEBP])
def test_a_picture_ends_as_its_format_does(picture: bytes) -> None:
    assert evidence.is_picture(picture)
    assert evidence.is_whole_picture(picture[:16], picture[-16:], len(picture))
    cut = picture[:-12]
    assert not evidence.is_whole_picture(cut[:16], cut[-16:], len(cut))


@pytest.mark.parametrize(
    ("kind", "head", "found"),
    [
        *(("image/jpeg", b"<html>", PAGE), ("", b" {", PAGE), ("", b"[1]", PAGE)),
        *(("text/plain", b"Not found", "text/plain"), ("image/png", b"\x1f\x8b", "compressed")),
        *(("text/plain", JPEG, ""), ("image/svg+xml", b"<svg>", ""), ("", b"BM", "")),
        ("application/octet-stream", b"%PDF-1.4", ""),
    ],
)
def test_what_cannot_be_a_picture(kind: str, head: bytes, found: str) -> None:
    assert evidence.no_picture(kind, head) == found


@pytest.mark.parametrize("link", ["adressen", "./adressen", "?page=1", "../12/adressen"])
def test_a_relative_self_link_is_as_good_as_none(link: str) -> None:
    path = "/api/data/klantdossiers/1/adviseurs/12/adressen"
    data = {"_links": {"self": {"href": link}}}
    assert not evidence.check_self(data, path)
    with pytest.raises(evidence.Stray):
        evidence.check_self({"_links": {"self": {"href": "../13/adressen"}}}, path)
    with pytest.raises(evidence.Stray):
        evidence.check_self({"_links": {"self": {"href": "mailto:adressen"}}}, path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Total-Count", "9"),
        ("x-total-count", "9"),
        ("LINK", '</a?page=2>; rel="next"'),
        ("Content-Range", "items 0-0/9"),
        ("Has-More", "true"),
    ],
)
def test_a_header_that_says_more_is_known_by_its_name_in_any_case(name: str, value: str) -> None:
    usual = ("Date", "Server", "Content-Type", "Content-Length")
    assert not evidence.may_say_more(usual)
    assert evidence.may_say_more((*usual, name))
    with pytest.raises(evidence.Incomplete):
        evidence.check_complete({}, 1, {name.lower(): value})


def test_an_empty_list_beside_an_error_is_none() -> None:
    bare = {"_links": {"self": {"href": "/a/b"}}, "_embedded": {"b": []}}
    assert evidence.relation(bare, "b", is_named=True) == hal.relation(bare, "b") == []
    refused = {**bare, "error": "no right"}
    with pytest.raises(evidence.EvidenceError):
        evidence.relation(refused, "b", is_named=True)
    with pytest.raises(evidence.EvidenceError):
        hal.relation(refused, "b")
