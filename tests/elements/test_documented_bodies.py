"""The documented bodies are typed whole, and nothing that a server may do to them raises."""

import copy
import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from elements_procura import evidence
from elements_procura.elements._wire import SPELLINGS, elements_wire
from elements_procura.elements.models import Hypotheek, Product, Productsoort
from elements_procura.elements.models.contact import (
    Adres,
    Emailadres,
    Rekeningnummer,
    Telefoonnummer,
)
from elements_procura.elements.models.klantdossiers import Klantdossier
from elements_procura.elements.models.klanten import Dossierrol, Particulier, PersoonGeslacht
from elements_procura.schema.model import Link, Model
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.structure import Wire
from tests.contract import within
from tests.elements.all_ways import AllWays
from tests.elements.documented import bodies, records, typed

RECORDS = list(records())
IDS = [path.removeprefix("/api/data/") for path, _, _ in RECORDS]
WIRE = AllWays(elements_wire)
DOSSIER = "/api/data/klantdossiers/5526"
EACH = pytest.mark.parametrize(("path", "model", "body"), RECORDS, ids=IDS)


def places(value: Any, *way: str | int) -> Iterator[tuple[str | int, ...]]:
    """The way to every field and item of a JSON value."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in steps:
        yield (*way, step)
        if isinstance(inner, dict | list):
            yield from places(inner, *way, step)


def put(body: Any, way: tuple[str | int, ...], value: Any) -> Any:
    changed = copy.deepcopy(body)
    owner = changed
    for step in way[:-1]:
        owner = owner[step]
    owner[way[-1]] = value
    return changed


def test_the_slice_is_there() -> None:
    """Or the tests below would say yes to nothing."""
    assert len(list(typed())) >= 25
    assert len(RECORDS) >= 40
    assert {model for _, model, _ in RECORDS} >= {
        *(Klantdossier, Particulier, Adres, Emailadres),
        *(Rekeningnummer, Telefoonnummer, Product, Hypotheek),
    }


@EACH
def test_nothing_is_left_over(path: str, model: type[Model], body: dict[str, Any]) -> None:
    for record in within(WIRE.structure(body, model)):
        assert record.extra == {}, (path, record)


@EACH
def test_every_value_of_a_body_is_in_its_record(
    path: str, model: type[Model], body: dict[str, Any]
) -> None:
    """Nothing documented is null in a record that is not null, or empty, in the body."""
    record = WIRE.structure(body, model)
    there = [key for key, value in body.items() if value not in (None, "", []) and key[0] != "_"]
    filled = [
        attribute.name
        for attribute in attrs.fields(model)
        if attribute.name not in ("links", "extra")
        and not isinstance(getattr(record, attribute.name), tuple | Model)
        and getattr(record, attribute.name) not in (None, "")
    ]
    assert len(filled) == len(there), path
    assert set(getattr(record, "links", {})) == set(body.get("_links", {})) - {"_embedded"}


@EACH
def test_what_is_written_gives_an_equal_record(
    path: str, model: type[Model], body: dict[str, Any]
) -> None:
    record = WIRE.structure(body, model)
    written = orjson.loads(orjson.dumps(WIRE.to_wire(record)))
    assert WIRE.structure(written, model) == record, path
    assert None not in written.values()


@EACH
def test_any_field_may_be_null(path: str, model: type[Model], body: dict[str, Any]) -> None:
    ways = [way for way in places(body) if way[-1] != "id"]
    assert ways
    for way in ways:
        record = WIRE.structure(put(body, way, None), model)
        assert record.extra in ({}, {"_links": {way[-1]: None}}) or way[0] == "_links", way
        if len(way) == 1 and way[0] not in ("_links", "_embedded"):
            spelled = {
                key: field.name
                for field in WIRE.fields(model)
                for key in (field.key, *field.aliases)
            }
            assert getattr(record, spelled[str(way[0]).strip()]) is None, (path, way)


@pytest.mark.parametrize(("path", "model", "rel"), [each for each in typed() if each[2]])
def test_any_field_of_a_collection_may_be_null(path: str, model: type[Model], rel: str) -> None:
    body = bodies()[path]
    for way in (way for way in places(body) if way[-1] != "id"):
        changed = put(body, way, None)
        named = evidence.check_self(changed, path)
        rows = evidence.relation(changed, rel, is_named=named)
        found = [WIRE.structure(item, model) for item in rows if item]
        whole = way not in (("_embedded",), ("_embedded", rel)) and len(way) != 3
        assert len(found) == len(body["_embedded"][rel]) or not whole, way


@EACH
def test_any_field_may_be_absent(path: str, model: type[Model], body: dict[str, Any]) -> None:
    for key in body.keys() - {"id"}:
        rest = {name: value for name, value in body.items() if name != key}
        WIRE.structure(rest, model)
    empty = WIRE.structure({"id": 1}, model)
    names = [attribute.name for attribute in attrs.fields(model) if attribute.name != "id"]
    values = [getattr(empty, name) for name in names]
    assert all(value in (None, (), {}) for value in values), path


@given(data=st.data())
def test_changed_bodies_are_typed_or_refused_and_written_back(data: st.DataObject) -> None:
    """Whatever one field turns into: an equal record from what is written, or a fault."""
    _, model, body = data.draw(st.sampled_from(RECORDS))
    way = data.draw(st.sampled_from(list(places(body))))
    leaf = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=9)
    leaf |= st.sampled_from(["ja", "12.50", "", "2016-07-11T00:00:00+0200", "man", "Kind"])
    value = data.draw(
        st.recursive(
            leaf,
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(
                    st.sampled_from(["id", "naam", "href", "title", "_embedded", "_links", "types"])
                    | st.text(max_size=5),
                    inner,
                    max_size=3,
                )
            ),
            max_leaves=5,
        )
    )
    changed = put(body, way, value)
    if data.draw(st.booleans()):
        changed |= {data.draw(st.sampled_from(["types", "nieuw", "id ", "naam "])): value}
    try:
        record = WIRE.structure(changed, model)
    except WireFault:
        return
    assert WIRE.structure(orjson.loads(orjson.dumps(WIRE.to_wire(record))), model) == record
    assert repr(record).startswith(f"<{model.__name__}")


# ---------------------------------------------------------------- the documented quirks


def record(path: str, model: type[Any], change: Any = None) -> Any:
    found = bodies()[path]
    return WIRE.structure(found if change is None else change(found), model)


def products() -> list[Any]:
    rows = bodies()[f"{DOSSIER}/producten"]["_embedded"]["producten"]
    return [WIRE.structure(row, Product) for row in rows]


def test_a_dossier() -> None:
    dossier = record(DOSSIER, Klantdossier)
    assert dossier.id == 5526
    assert dossier.aanmaakdatum.utcoffset() in (dt.timedelta(hours=1), dt.timedelta(hours=2))
    assert dossier.standaardcorrespondentieadres.id
    assert dossier.links["self"].href == DOSSIER


def test_dates_of_birth_are_calendar_dates() -> None:
    person = record(f"{DOSSIER}/klanten/particulier/120954", Particulier)
    assert person.geboortedatum == dt.date(1960, 1, 1)
    assert person.pensioendatum == dt.date(2027, 1, 1)
    assert person.geslacht is PersoonGeslacht.MAN
    assert person.dossierrol is Dossierrol.EERSTE_PERSOON
    assert person.nationaliteit_id == 1
    assert person.overleden is False


def test_the_key_with_a_trailing_space() -> None:
    rows = bodies()[f"{DOSSIER}/producten"]["_embedded"]["producten"]
    assert any("gearchiveerd " in row for row in rows)
    assert [product.gearchiveerd for product in products()] == [
        {"ja": True, "nee": False}[row.get("gearchiveerd ", row.get("gearchiveerd"))]
        for row in rows
    ]


def test_embedded_inside_links() -> None:
    path = next(path for path, body in bodies().items() if "_embedded" in body.get("_links", {}))
    email = record(path, Emailadres)
    assert [each.naam for each in email.types]
    assert "_embedded" not in email.links
    assert set(email.links) >= {"self"}


@pytest.mark.parametrize("key", ["land_iso", "landIso"])
def test_both_spellings_of_the_country(key: str) -> None:
    assert WIRE.structure({"id": 1, key: "NL"}, Rekeningnummer).land_iso == "NL"


@pytest.mark.parametrize("key", ["weergavenaam", "computednaam"])
def test_both_spellings_of_a_displayed_number(key: str) -> None:
    assert WIRE.structure({"id": 1, key: "06"}, Telefoonnummer).weergavenaam == "06"


@pytest.mark.parametrize("key", ["aanvragers", "aanvrager"])
@pytest.mark.parametrize("many", [True, False])
def test_applicants_under_either_name_as_list_or_object(key: str, many: bool) -> None:
    person = {"id": 120954}
    body = {"id": 1, "_embedded": {key: [person] if many else person}}
    assert [each.id for each in WIRE.structure(body, Hypotheek).aanvragers] == [120954]


@pytest.mark.parametrize("adres", [{"id": 7}, [{"id": 7}]])
def test_a_property_as_list_or_object(adres: Any) -> None:
    found = WIRE.structure({"id": 1, "_embedded": {"onderpandadres": adres}}, Hypotheek)
    assert [each.id for each in found.onderpandadres] == [7]
    body = {"id": 1, "_embedded": {"standaardcorrespondentieadres": adres}}
    dossier = WIRE.structure(body, Klantdossier)
    assert dossier.standaardcorrespondentieadres is not None
    assert dossier.standaardcorrespondentieadres.id == 7


@pytest.mark.parametrize(("publiek", "meaning"), [(True, True), ("ja", True), ("nee", False)])
def test_public_as_bool_and_as_word(publiek: Any, meaning: bool) -> None:
    assert WIRE.structure({"id": 1, "publiek": publiek}, Product).publiek is meaning


@pytest.mark.parametrize("written", ["2016-07-11T00:00:00+0200", "2016-07-11T00:00:00+02:00"])
def test_both_spellings_of_offsets(written: str) -> None:
    found = WIRE.structure({"id": 1, "invoerAanvraag": written}, Product).invoer_aanvraag
    assert found == dt.datetime(2016, 7, 11, tzinfo=dt.timezone(dt.timedelta(hours=2)))


def test_swapped_coordinates_are_kept_as_they_came() -> None:
    adres = record(f"{DOSSIER}/klanten/zakelijk/14835/adressen/9", Adres)
    assert (adres.longitude, adres.latitude) == (Decimal("52.02824000"), Decimal("5.06721000"))


def test_money_is_exact_and_a_mortgage_has_its_parts() -> None:
    path = next(path for path, model, _ in typed() if model is Hypotheek)
    hypotheek = record(path, Hypotheek)
    assert isinstance(hypotheek.hoofdsom, Decimal)
    assert len(hypotheek.productdelen) == 2
    assert all(isinstance(deel.deel_hoofdsom, Decimal) for deel in hypotheek.productdelen)
    assert isinstance(hypotheek.passeerdatum, dt.date)
    assert len(hypotheek.onderpandadres) == 1


def test_every_documented_kind_of_product_is_known() -> None:
    assert all(isinstance(product.soort, Productsoort) for product in products())


# ---------------------------------------------------------------- what the models don't know


def test_an_unknown_field_is_kept() -> None:
    found = WIRE.structure({"id": 1, "nieuw": {"a": [1]}, "_nieuw": 2}, Adres)
    assert found.extra == {"nieuw": {"a": [1]}, "_nieuw": 2}


def test_an_unknown_relation_is_kept() -> None:
    found = WIRE.structure({"id": 1, "_embedded": {"types": [], "nieuw": [{"a": 1}]}}, Adres)
    assert found.extra == {"_embedded": {"nieuw": [{"a": 1}]}}


def test_two_spellings_at_once_keep_both() -> None:
    found = WIRE.structure(
        {"id": 1, "land_iso": "NL", "landIso": "BE", "naam ": "x"}, Rekeningnummer
    )
    assert (found.land_iso, found.naam, found.extra) == ("NL", "x", {"landIso": "BE"})


def test_a_link_with_more_than_is_known_keeps_its_title() -> None:
    links = {"self": {"href": "/a", "title": "T", "profile": "x"}, "x": [], "y": 5}
    found = WIRE.structure({"id": 1, "_links": links}, Adres)
    assert found.links == {"self": Link(href="/a", title="T")}
    assert found.extra == {"_links": {"self": links["self"], "x": [], "y": 5}}


@pytest.mark.parametrize("embedded", ["x", 5, ["x"]])
@pytest.mark.parametrize("model", [Adres, Hypotheek, Product])
def test_an_embedded_that_is_no_object_is_kept(embedded: Any, model: type[Model]) -> None:
    assert WIRE.structure({"id": 1, "_embedded": embedded}, model).extra == {"_embedded": embedded}


def test_an_unknown_enum_value_is_kept_and_told_once_without_the_value(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wire = Wire(SPELLINGS)
    for value in ("canary-value", "another", "canary-value"):
        assert wire.structure({"id": 1, "geslacht": value}, Particulier).geslacht == value
    assert len(caplog.records) == 1
    assert "Particulier.geslacht" in caplog.text
    assert "canary" not in caplog.text
    wire.structure({"id": 1, "dossierrol": "canary-value"}, Particulier)
    assert len(caplog.records) == 2


def test_an_unknown_enum_value_is_written_back() -> None:
    found = WIRE.structure({"id": 1, "soort": "ruimtereizen"}, Product)
    assert WIRE.to_wire(found) == {"id": 1, "soort": "ruimtereizen"}


# ---------------------------------------------------------------- errors with a path


@pytest.mark.parametrize(
    ("model", "body", "where", "text"),
    [
        (
            Hypotheek,
            {"id": 1, "_embedded": {"productdelen": [{"id": 1}, {"deelHoofdsom": "1.00"}]}},
            "$.productdelen[1].id",
            "expected a whole number, got null",
        ),
        (
            Hypotheek,
            {"id": 1, "_embedded": {"productdelen": 5}},
            "$.productdelen",
            "an object, got a number",
        ),
        (
            Hypotheek,
            {"id": 1, "_embedded": {"productdelen": [None, 5]}},
            "$.productdelen[1]",
            "an object, got a number",
        ),
        (
            Hypotheek,
            {"id": 1, "_embedded": {"aanvrager": [{"id": "559795178x"}]}},
            "$.aanvragers[0].id",
            "expected a whole number, got a text",
        ),
        (Adres, {"id": {}}, "$.id", "expected a whole number, got an object"),
        (Adres, {"id": 2**63}, "$.id", "expected a positive whole number of 64 bits, got a number"),
        (Adres, {}, "$.id", "expected a whole number, got null"),
        (Adres, [{"id": 1}, {"id": 2}], "$", "expected an object, got a list"),
        (Adres, [], "$", "expected an object, got a list"),
        (Adres, "x", "$", "expected an object, got a text"),
        (Adres, None, "$", "expected an object, got null"),
    ],
)
def test_faults_tell_where_and_never_what(
    model: type[Model], body: Any, where: str, text: str
) -> None:
    with pytest.raises(WireFault) as caught:
        WIRE.structure(body, model)
    assert caught.value.where == where
    assert text in str(caught.value)
    assert "559795178" not in f"{caught.value} {caught.value!r} {vars(caught.value)}"


def test_relations_that_hold_nothing_hold_no_none() -> None:
    found = WIRE.structure(
        {"id": 1, "_embedded": {"productdelen": [[], None, {"id": 1}]}}, Hypotheek
    )
    assert [deel.id for deel in found.productdelen] == [1]
    nothing = WIRE.structure({"id": 1, "_embedded": {"productdelen": []}}, Hypotheek)
    assert nothing.productdelen == ()


def test_reprs_show_the_class_and_the_id() -> None:
    person = record(f"{DOSSIER}/klanten/particulier/120954", Particulier)
    assert repr(person) == "<Particulier id=120954>"
    assert repr(WIRE.structure({"id": "Jansen"}, Model)) == "<Model>"
    assert "href" not in repr(person.links)
