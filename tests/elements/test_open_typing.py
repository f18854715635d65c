"""One odd field costs itself: strict are ids, lists and records, and nothing else."""

import datetime as dt
import json
import logging
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from elements_procura.elements._wire import SPELLINGS, elements_wire
from elements_procura.elements.models import (
    Bankgarantie,
    Consumptiefkrediet,
    Contract,
    Dienst,
    Hypotheek,
    Hypotheekdeel,
    Product,
)
from elements_procura.elements.models.adviseurs import Adviseur
from elements_procura.elements.models.bezittingen import Bezitting
from elements_procura.elements.models.contact import Adres, Emailadres, Rekeningnummer
from elements_procura.elements.models.kantoor import Kantoor
from elements_procura.elements.models.klantdossiers import Klantdossier
from elements_procura.elements.models.klanten import Particulier, Persoon
from elements_procura.elements.models.profielfoto import Profielfoto
from elements_procura.elements.models.registraties import Registratie
from elements_procura.schema.model import Model
from elements_procura.schema.scalars import WireFault
from elements_procura.schema.structure import Wire
from tests.elements.all_ways import AllWays
from tests.elements.documented import records

WIRE = AllWays(elements_wire)
RECORDS = list(records())
PHP_DATE = {"date": "2016-07-01 00:00:00.000000", "timezone": "Europe/Amsterdam"}
ODD_DATES = [
    *("31-12-2016", "2016-12-31 10:00:00", "1960-00-00", "0000-00-00", "-0001-11-30T00:00:00Z"),
    *("2016-12-31T24:00:00+01:00", "2016-12-31T23:59:60+01:00", "2016-07-01garbage"),
    *(PHP_DATE, [], [1], 20160701, True, False),
]
ODD_AMOUNTS = ["200.000,00", "€ 5", True, {"bedrag": 5}, [5]]
ODD_FLAGS = ["J", "N", "misschien", 2, 1.5, {}, []]


def assert_back(record: Model) -> None:
    """What is written gives an equal record."""
    written = json.loads(json.dumps(WIRE.to_wire(record)))
    assert WIRE.structure(written, type(record)) == record


@pytest.mark.parametrize(
    ("model", "key", "attribute", "value"),
    [
        *((Particulier, "geboortedatum", "geboortedatum", odd) for odd in ODD_DATES),
        *((Product, "passeerdatum", "passeerdatum", odd) for odd in ODD_DATES),
        *(
            (Klantdossier, "aanmaakdatum", "aanmaakdatum", odd)
            for odd in ODD_DATES
            if odd != "2016-12-31 10:00:00"
        ),
        *((Product, "hoofdsom", "hoofdsom", odd) for odd in ODD_AMOUNTS),
        *((Product, "gearchiveerd", "gearchiveerd", odd) for odd in ODD_FLAGS),
        *((Product, "gearchiveerd ", "gearchiveerd", odd) for odd in ODD_FLAGS),
        *((Rekeningnummer, "landIso", "land_iso", odd) for odd in ({"iso": "NL"}, ["NL"])),
        (Klantdossier, "status", "status", {"naam": "actief"}),
        (Klantdossier, "omschrijving", "omschrijving", ["x"]),
        (Particulier, "geslacht", "geslacht", {"naam": "man"}),
        (Profielfoto, "bestandsgrootte", "bestandsgrootte", "60 kB"),
        (Profielfoto, "bestandsgrootte", "bestandsgrootte", True),
    ],
)
def test_e3_an_odd_value_leaves_none_and_stays_in_extra(
    model: type[Model], key: str, attribute: str, value: Any
) -> None:
    record = WIRE.structure({"id": 1, key: value, "_links": {"self": {"href": "/x"}}}, model)
    assert getattr(record, attribute) is None
    assert record.extra == {key: value}
    assert WIRE.misfits(record) == [attribute]
    assert_back(record)


@pytest.mark.parametrize("value", [False, "", True, 5, "Dorpsstraat 1"])
def test_e3_a_relation_that_is_no_record(value: Any) -> None:
    body = {"id": 1, "omschrijving": "x", "_embedded": {"standaardcorrespondentieadres": value}}
    record = WIRE.structure(body, Klantdossier)
    assert record.standaardcorrespondentieadres is None
    assert record.omschrijving == "x"
    assert record.extra == {"_embedded": {"standaardcorrespondentieadres": value}}
    assert WIRE.misfits(record) == ["standaardcorrespondentieadres"]
    assert_back(record)


@pytest.mark.parametrize("value", [False, ""])
@pytest.mark.parametrize("key", ["aanvragers", "aanvrager"])
def test_e3_a_relation_that_is_no_list(key: str, value: Any) -> None:
    body = {"id": 1, "_embedded": {key: value, "productdelen": [{"id": 2}], "nieuw": 5}}
    record = WIRE.structure(body, Hypotheek)
    assert record.aanvragers == ()
    assert [part.id for part in record.productdelen] == [2]
    assert record.extra == {"_embedded": {key: value, "nieuw": 5}}
    assert_back(record)


@pytest.mark.parametrize("value", [None, [], {}])
@pytest.mark.parametrize("key", ["standaardcorrespondentieadres"])
def test_a_relation_that_holds_nothing_is_absent(key: str, value: Any) -> None:
    record = WIRE.structure({"id": 1, "_embedded": {key: value}}, Klantdossier)
    assert (record.standaardcorrespondentieadres, record.extra) == (None, {})


@pytest.mark.parametrize(
    "value", [{"0": {"id": 5}, "2": {"id": 6}}, {"7": {"id": 5}, "8": None, "9": {"id": 6}}]
)
def test_e2_a_list_with_a_gap_inside_a_record(value: Any) -> None:
    hypotheek = WIRE.structure({"id": 1, "_embedded": {"productdelen": value}}, Hypotheek)
    assert [part.id for part in hypotheek.productdelen] == [5, 6]
    email = WIRE.structure({"id": 1, "_links": {"_embedded": {"types": value}}}, Emailadres)
    assert [each.id for each in email.types] == [5, 6]
    body = {"id": 1, "_embedded": {"standaardcorrespondentieadres": value}}
    with pytest.raises(WireFault, match="expected an object, got a list"):
        WIRE.structure(body, Klantdossier)


def test_e2_one_record_of_a_list_with_a_gap() -> None:
    body = {"id": 1, "_embedded": {"standaardcorrespondentieadres": {"3": {"id": 7}}}}
    adres = WIRE.structure(body, Klantdossier).standaardcorrespondentieadres
    assert adres is not None
    assert adres.id == 7
    empty = WIRE.structure({"id": 1, "_embedded": {"persoon": {}}}, Registratie)
    assert (empty.persoon, empty.extra) == ((), {})


@pytest.mark.parametrize(
    "embedded",
    [
        {"productdelen": 5},
        {"productdelen": "geen"},
        {"productdelen": True},
        {"productdelen": ["x"]},
        {"productdelen": [False]},
        {"productdelen": [{"id": 1}, {"looptijd": 5}]},
        {"productdelen": {"0": {"id": 1}, "1": {"id": ""}}},
        {"productdelen": {"looptijd": 5}},
        {"productdelen": [{}]},
        {"aanvrager": [{"id": "x"}]},
        {"correspondentieadres": {"straat": "x"}},
        {"correspondentieadres": [{"id": 1}, {"id": 2}]},
        {"correspondentieadres": ["x"]},
    ],
)
def test_lists_and_records_within_are_strict(embedded: dict[str, Any]) -> None:
    with pytest.raises(WireFault):
        WIRE.structure({"id": 1, "_embedded": embedded}, Hypotheek)


@pytest.mark.parametrize("identifier", [None, "", " ", True, 2**70, 2**63, "x", {}, 1.5])
def test_ids_are_strict(identifier: Any) -> None:
    for model in (Klantdossier, Profielfoto, Product):
        with pytest.raises(WireFault) as caught:
            WIRE.structure({"id": identifier}, model)
        assert caught.value.where == "$.id"
    with pytest.raises(WireFault):
        WIRE.structure({}, Profielfoto)


@pytest.mark.parametrize("body", [{"id": "120954"}, {"id ": 120954}, {"id": " 120954"}])
def test_an_id_in_quotes_is_one(body: Any) -> None:
    assert WIRE.structure(body, Klantdossier).id == 120954


def test_the_first_spelling_that_fits_holds_and_all_come_back() -> None:
    bodies: list[dict[str, Any]] = [
        {"land_iso": {}, "landIso": "BE"},
        {"land_iso": "NL", "landIso": {}},
        {"land_iso": {}, "landIso": []},
        {"land_iso": {}, "landIso": [], "landIso ": "BE"},
        {"naam": {}, "naam ": "x"},
        {"naam ": {}, " naam": "x"},
    ]
    found = [WIRE.structure({"id": 1, **body}, Rekeningnummer) for body in bodies]
    assert [each.land_iso for each in found[:4]] == ["BE", "NL", None, "BE"]
    assert [each.naam for each in found[4:]] == ["x", "x"]
    assert [len(each.extra) for each in found] == [1, 1, 2, 2, 1, 1]
    for each in found:
        assert_back(each)


def test_a_misfit_is_told_once_per_attribute_and_never_its_value(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wire = Wire(SPELLINGS)
    with caplog.at_level(logging.WARNING, "elements_procura.schema.scalars"):
        for value in ("canary-1960", {"canary": 1}, "canary-1961"):
            wire.structure({"id": 1, "geboortedatum": value}, Particulier)
            wire.structure({"id": 1, "naam ": [value], "land_iso": [value]}, Rekeningnummer)
    assert len(caplog.records) == 3
    assert "Particulier.geboortedatum" in caplog.text
    assert "Rekeningnummer.naam" in caplog.text
    assert "Rekeningnummer.land_iso" in caplog.text
    assert "canary" not in caplog.text


def test_e3_long_integers_in_texts_are_the_digits_that_came() -> None:
    number = 12345678901234567890123
    found = WIRE.structure({"id": 1, "nummer": number, "straat": 5.5}, Adres)
    assert (found.nummer, found.straat) == (str(number), "5.5")
    assert found.extra == {}


def test_a_calendar_day_and_an_instant_in_a_record() -> None:
    person = WIRE.structure({"id": 1, "geboortedatum": "2016-06-30T22:00:00Z"}, Particulier)
    assert person.geboortedatum == dt.date(2016, 7, 1)
    rows = [
        WIRE.structure({"id": 1, "aanmaakdatum": each}, Klantdossier).aanmaakdatum
        for each in ("2016-07-01T12:00:00", "2016-07-01T11:00:00+02:00", "2016-07-01T08:30:00Z")
    ]
    assert sorted(each for each in rows if each) == [rows[2], rows[1], rows[0]]


def shown(record: Model) -> Iterator[tuple[type[Model], str, bool]]:
    """Model, attribute and whether there is a value, of a record and of those in it."""
    for field in WIRE.fields(type(record)):
        value = getattr(record, field.name)
        yield type(record), field.name, value not in (None, ())
        for each in value if isinstance(value, tuple) else (value,):
            if isinstance(each, Model):
                yield from shown(each)


def only_null() -> list[tuple[type[Model], str]]:
    """What the documentation shows, and nowhere with a value."""
    seen: dict[tuple[type[Model], str], bool] = {}
    for _, model, body in RECORDS:
        for kind, name, is_there in shown(WIRE.structure(body, model)):
            seen[kind, name] = seen.get((kind, name), False) or is_there
    keys = {key for _, _, body in RECORDS for key in keys_of(body)}
    return [
        (model, name)
        for (model, name), is_there in seen.items()
        for field in WIRE.fields(model)
        if field.name == name and not is_there and not field.is_many and field.key in keys
    ]


def keys_of(value: Any) -> Iterator[str]:
    for key, inner in value.items() if isinstance(value, dict) else ():
        yield key.strip()
        for each in inner if isinstance(inner, list) else (inner,):
            yield from keys_of(each)


NULL_ONLY = [
    *((Particulier, "datum_overlijden"), (Adviseur, "datum_overlijden")),
    *((Persoon, "burgerlijkestaat_id"), (Persoon, "geboortedatum"), (Persoon, "pensioendatum")),
    *((Klantdossier, "deleted"), (Klantdossier, "relatienummer"), (Kantoor, "type")),
    *((Product, "datum_ontbindende_voorwaarden"), (Product, "verpand_aan")),
    *((Product, "pakketkorting_percentage"), (Bezitting, "soort")),
    *((Bankgarantie, "acceptant_workflowgroep"), (Bankgarantie, "behandelaar_workflowgroep")),
    *((Consumptiefkrediet, "acceptant_workflowgroep"), (Contract, "acceptant_workflowgroep")),
    *((Dienst, "acceptant_workflowgroep"), (Hypotheek, "acceptant_workflowgroep")),
    (Hypotheekdeel, "rentebedenktijd"),
]


def test_e3_the_fields_that_the_documentation_shows_only_as_null_are_these() -> None:
    assert len(NULL_ONLY) == 19
    assert set(NULL_ONLY) <= set(only_null())


@pytest.mark.parametrize(("model", "attribute"), NULL_ONLY)
@pytest.mark.parametrize("value", ["31-12-2016", 5, False, {"id": 45}, ["x"], "", [], {}])
def test_e3_what_is_shown_only_as_null_is_kept_as_it_came(
    model: type[Model], attribute: str, value: Any
) -> None:
    [key] = [field.key for field in WIRE.fields(model) if field.name == attribute]
    record = WIRE.structure({"id": 1, key: value}, model)
    assert getattr(record, attribute) == value
    assert record.extra == {}
    assert_back(record)


def test_an_attribute_that_is_typed_otherwise_stays_where_it_stood() -> None:
    base = [field.name for field in WIRE.fields(Persoon)]
    assert [field.name for field in WIRE.fields(Adviseur)] == base
    assert [field.name for field in WIRE.fields(Particulier)] == [*base, "dossierrol"]


# ---------------------------------------------------------------------- any leaf, anything

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9)
)
ODD = st.sampled_from(
    [
        *("", "0", "1", "J", "N", "ja", "12,50", "200.000,00", "1e5", "31-12-2016", "0000-00-00"),
        *("2016-07-01", "2016-07-01garbage", "2016-06-30T22:00:00Z", "2016-12-31T24:00:00+01:00"),
        *(10**25, -1, 2**63, PHP_DATE, {}, [], [None], ["x"], {"id": 1}, [{"id": 1}], {"0": "x"}),
    ]
)


def leaves(value: Any, *way: str | int) -> Iterator[tuple[str | int, ...]]:
    """The way to every scalar but ids, and but what links are made of."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in steps:
        if isinstance(inner, dict | list):
            yield from leaves(inner, *way, step)
        elif step != "id" and "_links" not in way[:1]:
            yield (*way, step)


def put(body: Any, way: tuple[str | int, ...], value: Any) -> Any:
    if not way:
        return value
    changed: Any = dict(body) if isinstance(body, dict) else list(body)
    changed[way[0]] = put(body[way[0]], way[1:], value)
    return changed


def differing(one: Any, other: Any) -> list[str]:
    """Attributes that differ, of two records of a model and of those in them."""
    found: list[str] = []
    for attribute in attrs.fields(type(one)):
        mine, theirs = getattr(one, attribute.name), getattr(other, attribute.name)
        if attribute.name == "extra" or mine == theirs:
            continue
        if isinstance(mine, Model):
            found += differing(mine, theirs)
        elif isinstance(mine, tuple):
            for each, counterpart in zip(mine, theirs, strict=True):
                found += differing(each, counterpart)
        else:
            found.append(attribute.name)
    return found


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_any_leaf_may_be_anything_and_costs_no_other(data: st.DataObject) -> None:
    path, model, body = data.draw(st.sampled_from(RECORDS))
    ways = list(leaves(body))
    way = data.draw(st.sampled_from(ways))
    value = data.draw(SCALARS | ODD)
    whole = WIRE.structure(body, model)
    record = WIRE.structure(put(body, way, value), model)
    changed = differing(whole, record)
    misfits = WIRE.misfits(record)
    assert len({*changed, *misfits}) <= 1, (path, way)
    assert_back(record)
    assert repr(record) == repr(whole)
