"""Readers of forms: whatever keys come, in whatever order, the record is that of the rules."""

import random
import threading
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from elements_procura.elements._wire import SPELLINGS, elements_wire
from elements_procura.elements.models import Adres, Hypotheek, Product
from elements_procura.elements.models.contact import Rekeningnummer, Telefoonnummer
from elements_procura.schema.model import Model
from elements_procura.schema.readers import FORMS, Forms
from elements_procura.schema.structure import Wire
from tests.elements.all_ways import AllWays
from tests.elements.documented import records

WIRE = AllWays(elements_wire)
RECORDS = [(model, body) for _, model, body in records()]
VALUES = st.sampled_from(
    [None, "", "x", 5, "5", "ja", "1.50", {}, [], {"id": 3}, [{"id": 3}], False, "2016-07-01"]
)

MORE = ("aanvrager", "aanvragers", "landIso", "computednaam", "nieuw", "productdelen")


def moved(body: dict[str, Any], chance: random.Random, value: Any) -> dict[str, Any]:
    """A body with its keys in another order, some gone, spelled otherwise, new or misplaced."""
    items = list(body.items())
    chance.shuffle(items)
    changed: dict[str, Any] = {}
    for key, held in items:
        fate = chance.random()
        if fate < 0.1:
            continue
        if fate < 0.2:
            changed[f"{key} "] = held
        if fate < 0.9:
            changed[key] = moved(held, chance, value) if key == "_embedded" else held
        elif key == "_embedded":
            changed |= held
    if chance.random() < 0.5:
        spelled = [
            *body,
            "aanvrager",
            "aanvragers",
            "landIso",
            "computednaam",
            "nieuw",
            "productdelen",
        ]
        changed[chance.choice(spelled)] = value
    return changed


@settings(max_examples=400, deadline=None)
@given(record=st.sampled_from(RECORDS), chance=st.randoms(use_true_random=False), value=VALUES)
def test_any_order_any_keys_in_all_ways(
    record: tuple[type[Model], dict[str, Any]], chance: random.Random, value: Any
) -> None:
    model, body = record
    body = moved(body, chance, value)
    for _ in range(2):  # the second time there is a reader
        try:
            WIRE.structure(body, model)
        except ValueError:
            return


def test_second_spellings_in_all_ways() -> None:
    cases: list[tuple[type[Model], dict[str, Any]]] = [
        (Rekeningnummer, {"landIso": "BE", "land_iso": None}),
        (Rekeningnummer, {"landIso": None, "land_iso": "NL", "landIso ": "DE"}),
        (Rekeningnummer, {"landIso": "", "landIso ": "DE"}),
        (Rekeningnummer, {"naam ": None, " naam": "x", "naam": ""}),
        (Hypotheek, {"productdelen": [{"id": 2}], "_embedded": {"productdelen": [{"id": 3}]}}),
        (Hypotheek, {"_embedded": {"omschrijving": "x"}, "omschrijving": "y"}),
        (Hypotheek, {"_embedded": {"aanvrager": [{"id": 3}], "aanvragers": []}}),
        (Hypotheek, {"id ": 2, "omschrijving": "x"}),
    ]
    for model, body in cases:
        for _ in range(2):
            WIRE.structure({"id": 1, **body}, model)
    both = WIRE.structure({"id": 1, "computednaam": "a", "weergavenaam": "b"}, Telefoonnummer)
    assert (both.weergavenaam, both.extra) == ("b", {"computednaam": "a"})


def test_a_form_has_a_reader_once_it_was_seen_three_times() -> None:
    wire = Wire(SPELLINGS)
    forms = Forms(Product, wire.fields(Product), lambda _: None)
    read = forms.reader()
    for seen in (0, 0, 1, 1):
        read({"id": 1, "omschrijving": "x", "gearchiveerd ": "ja"})
        assert len(forms.own) == seen
    assert read({"id": 1, "omschrijving": "x", "gearchiveerd ": "ja"}).gearchiveerd is True


def test_a_form_alone_of_its_size_is_read_in_any_order_and_another_of_that_size_is_noticed() -> (
    None
):
    wire = Wire(SPELLINGS)
    forms = Forms(Product, wire.fields(Product), lambda _: None)
    read = forms.reader()
    body = {"id": 1, "omschrijving": "x", "nieuw": 2}
    for _ in range(3):
        read(body)
    turned = read({"nieuw": 2, "omschrijving": "x", "id": 1})
    assert turned == read(body)
    assert (turned.id, turned.omschrijving, turned.extra) == (1, "x", {"nieuw": 2})
    assert len(forms.own) == 1
    for _ in range(4):  # by key, and then by a form of its own
        other = read({"id": 1, "omschrijving": "x", "gearchiveerd ": "ja"})
        assert (other.gearchiveerd, other.extra) == (True, {})
        assert read(body) == turned
    assert len(forms.own) == 2
    assert {values for values, _ in forms.sized} == {len}  # none is the only one of its size


def test_another_form_of_what_is_embedded_is_noticed() -> None:
    wire = Wire(SPELLINGS)
    forms = Forms(Adres, wire.fields(Adres), print)
    read = forms.reader()
    types = {"id": 1, "_embedded": {"types": [{"id": 7, "naam": "x"}]}}
    other = {"id": 1, "_embedded": {"nieuw": 2}}
    for _ in range(8):
        assert [each.id for each in read(types).types] == [7]
    assert forms.inside_sized[1][0] is not len
    for _ in range(8):
        assert read(other).extra == {"_embedded": {"nieuw": 2}}
        assert read(types) == wire.structure(types, Adres)
    assert forms.inside_sized[1][0] is len
    assert len(forms.inside) == 2


def test_two_spellings_hold_in_the_order_that_they_came_in() -> None:
    wire = Wire(SPELLINGS, sightings=1)
    body = {"id": 1, "computednaam": "a", "computednaam ": "b"}
    turned = {"id": 1, "computednaam ": "b", "computednaam": "a"}
    for _ in range(2):
        assert wire.structure(body, Telefoonnummer).weergavenaam == "a"
        assert wire.structure(turned, Telefoonnummer).weergavenaam == "b"


def test_a_server_that_never_writes_alike_fills_no_memory() -> None:
    wire = Wire(SPELLINGS)
    forms = Forms(Product, wire.fields(Product), lambda _: None)
    read = forms.reader()
    for number in range(4 * FORMS):
        for _ in range(1 + 2 * (number % 2)):
            assert read({"id": 1, f"nieuw{number}": 2}).extra == {f"nieuw{number}": 2}
        read({"id": 1, "_embedded": {f"nieuw{number}": 2}})
    assert len(forms.own) == FORMS
    assert len(forms.inside) <= FORMS
    assert len(forms._seen) <= FORMS


def test_an_object_of_many_keys_is_no_form() -> None:
    wire = Wire(SPELLINGS)
    forms = Forms(Product, wire.fields(Product), lambda _: None)
    read = forms.reader()
    names = {f"naam {number}": number for number in range(500)}
    for _ in range(5):
        assert read({"id": 1, **names}).extra == names
    assert not forms.own


def test_threads_that_meet_a_model_at_once() -> None:
    body = {"id": 1, "_embedded": {"productdelen": [{"id": 2}], "aanvrager": [{"id": 3}]}}
    for _ in range(20):
        wire = Wire(SPELLINGS)
        ready = threading.Barrier(4)
        found: list[Hypotheek] = []

        def read(wire: Wire = wire, ready: threading.Barrier = ready, to: Any = found) -> None:
            ready.wait()
            to += [wire.structure(body, Hypotheek) for _ in range(5)]

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 20
        assert all(each == found[0] for each in found)


def test_threads_that_meet_another_form_of_a_size_at_once() -> None:
    forms = Forms(Telefoonnummer, Wire(SPELLINGS).fields(Telefoonnummer), print, after=1)
    structure = forms.reader()
    structure({"id": 1, "nummer": "1"})
    getter, read = forms.sized[2]
    ready = threading.Barrier(2)
    faults: list[Exception] = []

    def both(data: dict[str, Any]) -> Any:
        try:
            return getter(data)
        except KeyError:
            ready.wait(60)
            raise

    forms.sized[2] = both, read

    def meet() -> None:
        try:
            assert structure({"id": 2, "nieuw": "x"}).extra == {"nieuw": "x"}
        except Exception as error:  # noqa: BLE001 - a thread shows its own to nobody
            faults.append(error)

    threads = [threading.Thread(target=meet) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
