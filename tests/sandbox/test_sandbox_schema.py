"""The sandbox's own checker of JSON Schemas."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from elements_procura.sandbox.elements import schema

KEYWORDS = {
    "type",
    "enum",
    "required",
    "properties",
    "additionalProperties",
    "oneOf",
    "items",
    "minItems",
    "uniqueItems",
    "minLength",
    "maxLength",
    "pattern",
    "minimum",
    "maximum",
    "multipleOf",
    "format",
}


def found(name_or_schema: str | Mapping[str, Any], text: str) -> list[tuple[str, str]]:
    """The faults of a body as it is written."""
    against = (
        schema.schemas()[name_or_schema] if isinstance(name_or_schema, str) else name_or_schema
    )
    body = schema.parse(text.encode())
    return [(fault.path, fault.message) for fault in schema.faults(against, body)]


def parts(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A schema and every schema in it."""
    yield value
    for each in value.get("properties", {}).values():
        yield from parts(each)
    for each in (*value.get("oneOf", ()), *([value["items"]] if "items" in value else ())):
        yield from parts(each)


def test_every_documented_keyword_is_known_and_every_known_one_is_documented() -> None:
    schemas = schema.schemas()
    assert len(schemas) == 24
    used = {keyword for each in schemas.values() for part in parts(each) for keyword in part}
    assert used - {"title"} == KEYWORDS


def test_an_unknown_keyword_is_no_silent_pass() -> None:
    with pytest.raises(KeyError):
        found({"not": {}}, "1")


def test_a_definition_that_nothing_refers_to_is_what_is_meant() -> None:
    for name in ("klantdossier", "particulier"):
        assert "required" in schema.schemas()[name]
        assert found(name, "{}") != []


@pytest.mark.parametrize(
    ("name", "body", "path", "says"),
    [
        ("klantdossier", "{}", "", 'Required properties missing: ["omschrijving", "dossierst'),
        ("propositie", '{"naam": 1}', "/naam", "type string"),
        ("propositie", '{"naam": null}', "/naam", "type string"),
        ("propositie", '{"naam": ""}', "/naam", "shorter than 1"),
        ("propositie", json.dumps({"naam": "é" * 256}), "/naam", "longer than 255"),
        ("propositie", '{"naam": "x", "nam": "y"}', "", 'Properties not allowed: ["nam"]'),
        ("workflow", '{"workflow": 3}', "/workflow", "type object"),
        ("workflow", '{"workflow": {"id": 0}}', "/workflow/id", "less than 1"),
        ("workflow", '{"workflow": {"id": 1.0}}', "/workflow/id", "type integer"),
        ("workflow", '{"workflow": {"id": true}}', "/workflow/id", "type integer"),
        ("workflow", '{"workflow": {"id": 9223372036854775808}}', "/workflow/id", "datatype-int"),
        ("workflow", '{"workflow": {}}', "/workflow", 'missing: ["id"]'),
        ("adres", '{"plaatsnaam": "x", "type": "pand"}', "/type", "choices"),
        ("emailadres", '{"type": "Prive"}', "", "2 alternatives must fit, not 0"),
        ("emailadres", '{"type": "Prive", "id": 1, "naam": "x"}', "", "must fit, not 2"),
        ("telefoonnummer", '{"naam": "06x", "type": "Fax"}', "/naam", "does not match"),
        ("telefoonnummer", '{"naam": "06\\n", "type": "Fax"}', "/naam", "does not match"),
        ("rekeningnummer", '{"land": "NL"}', "", "must fit, not 0"),
        ("overige", '{"bezittingtype": "Auto"}', "/bezittingtype", "choices"),
        ("particulier", '{"achternaam": "x", "overleden": "ja"}', "/overleden", "type boolean"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(name: str, body: str, path: str, says: str) -> None:
    ((where, message),) = found(name, body)
    assert where == path
    assert says in message


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ("19.99", True),
        ("-99999999.99", True),
        ("99999999.99", True),
        ("100000000", False),
        ("-99999999.991", False),
        ("0.1e1", True),
        ("1e-3", False),
        ("0.07", True),  # in floats, no multiple of 0.01
        ("1.1", True),
        ("1.001", False),
        ("1e300", False),
        ('"1"', False),
        ("true", False),
    ],
)
def test_amounts_are_exact(value: str, *, right: bool) -> None:
    body = f'{{"bezittingtype": "Overige", "huidigeWaarde": {value}}}'
    assert (found("overige", body) == []) is right


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("nominaleMaandrente", "0.000001", True),
        ("nominaleMaandrente", "0.0000011", False),  # its schema has the number in quotes
        ("nominaleMaandrente", "9999999.999999", True),
        ("nominaleMaandrente", "10000000", False),
        ("effectieveJaarrente", "4.3", True),
        ("effectieveJaarrente", "4.35", False),
        ("aantalKinderen", "0", True),
        ("aantalKinderen", "-1", False),
    ],
)
def test_rates_are_exact(name: str, value: str, *, right: bool) -> None:
    wrong = found("consumptiefkrediet", f'{{"{name}": {value}}}')
    assert (f"/{name}" not in [path for path, _ in wrong]) is right


@pytest.mark.parametrize(
    ("format_", "text", "right"),
    [
        ("datatype-date", "2016-02-29", True),
        ("datatype-date", "2015-02-29", False),
        ("datatype-date", "1980-01-25T00:00:00+01:00", True),  # documented
        ("datatype-date", "1980-01-25T00:00:00", True),
        ("datatype-date", "2016-1-1", False),
        ("datatype-date", "20160101", False),
        ("datatype-date", "2016-01-01 ", False),
        ("datatype-date", "", False),
        ("datatype-datetime", "2017-01-01 10:00:00", True),
        ("datatype-datetime", "2017-01-01T10:00:00+0100", True),
        ("datatype-datetime", "2017-01-01", False),
        ("datatype-datetime", "2017-01-01 24:01:00", False),
        ("datatype-datetime", "٢017-01-01 10:00:00", False),
    ],
)
def test_dates_are_of_the_calendar(format_: str, text: str, *, right: bool) -> None:
    assert (found({"format": format_}, json.dumps(text)) == []) is right


def test_lists_hold_each_only_once() -> None:
    taak = schema.schemas()["taak"]["properties"]["genodigden"]
    assert found(taak, '[{"id": 1}, {"id": 2}]') == []
    assert [path for path, _ in found(taak, '[{"id": 1}, {"id": 2}, {"id": 1}]')] == ["/2"]
    assert [path for path, _ in found(taak, '[{"id": 1}, {"id": "2"}]')] == ["/1/id"]
    assert found(taak, "[]") == [("", "List is shorter than 1")]


def test_true_is_not_one() -> None:
    """One alternative of a registratie is that `systeemregistratie` is true."""
    body = {"omschrijving": "x", "activiteit": {"id": 1}, "registratietype": {"id": 1}}
    assert found("registratie", json.dumps({**body, "systeemregistratie": True})) == []
    assert len(found("registratie", json.dumps({**body, "systeemregistratie": False}))) == 1
    assert len(found("registratie", json.dumps({**body, "systeemregistratie": 1}))) == 2


def test_keywords_say_nothing_of_other_types() -> None:
    for keyword, says in (
        ("minLength", 3),
        ("maxLength", 0),
        ("pattern", "x"),
        ("format", "datatype-date"),
        ("minItems", 1),
        ("uniqueItems", True),
        ("required", ["x"]),
        ("maximum", -1),
        ("multipleOf", "7"),
    ):
        assert found({keyword: says}, "true") == [], keyword


@pytest.mark.parametrize(
    "text", ["", "{", "{'a': 1}", "[NaN]", '["\\ud800"]', "1e9999999999999999999", "[" * 5000]
)
def test_what_is_no_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of whichever parser
        schema.parse(text.encode())


def test_bytes_that_are_no_utf_8_are_no_json() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - its text is the library's
        schema.parse(b'"\xff"')
