"""One system of request bodies: what holds for the bodies of both APIs."""

import datetime as dt
import importlib
import itertools
import pkgutil
import random
import sys
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson
import pytest

import elements_procura.elements.bodies
import elements_procura.procura.models
from elements_procura.elements import bodies
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import BodyFault
from elements_procura.procura._bodies import ProcuraBodies
from elements_procura.procura._wire import procura_wire
from elements_procura.procura.client import ProcuraClient
from elements_procura.procura.models.brp_date import BrpDate
from elements_procura.procura.models.deaths import DeathInMunicipalityBody
from elements_procura.schema.body import Bodies
from elements_procura.schema.model import Body
from tests.procura.procura_kit import KINDS, death

ELEMENTS = ElementsClient(
    "demo", credentials=("id", "secret"), organisation=1, scopes="klantdossier.read"
)
PROCURA = ProcuraClient("https://example.com/x", credentials=("id", "secret"), scopes="api")
ADRES = bodies.AdresBody(straat="Dorpsstraat", nummer="1", plaatsnaam="Ede", type="Algemeen")


def bodies_of(client: Any) -> Bodies:
    found: Bodies = client._api.bodies
    return found


def test_both_clients_check_bodies_by_one_system() -> None:
    assert {type(bodies_of(client)).__mro__[-2] for client in (ELEMENTS, PROCURA)} == {Bodies}
    assert isinstance(bodies_of(PROCURA), ProcuraBodies)


@pytest.mark.parametrize(
    ("client", "body"),
    [(ELEMENTS, ADRES), *((PROCURA, made()) for _, made in KINDS.values())],
    ids=lambda each: type(each).__name__,
)
def test_to_wire_is_what_is_sent(client: Any, body: Body) -> None:
    data = bodies_of(client).data(body, (type(body),), validate=False)
    assert isinstance(data, dict)
    dumped = bodies_of(client).dumped(data)
    assert isinstance(dumped, bytes)
    assert client.to_wire(body) == orjson.loads(dumped)


@pytest.mark.parametrize(
    ("client", "body"),
    [(ELEMENTS, ADRES), *((PROCURA, made()) for _, made in KINDS.values())],
    ids=lambda each: type(each).__name__,
)
def test_a_body_and_its_json_are_checked_and_sent_alike(client: Any, body: Body) -> None:
    kinds = (type(body),)
    of_class = bodies_of(client).encode(body, kinds)
    of_json = bodies_of(client).encode(client.to_wire(body), kinds)
    assert isinstance(of_class, bytes)
    assert isinstance(of_json, bytes)
    assert orjson.loads(of_class) == orjson.loads(of_json)


def test_every_fault_of_a_mapping_is_found_at_once() -> None:
    wrong = PROCURA.to_wire(death()) | {
        "deceased": {"bsn": "1", "naam": "x"},
        "timeOfDeath": "half tien",
        "dateOfDeath": None,
    }
    found = ProcuraBodies(procura_wire()).data(wrong, (DeathInMunicipalityBody,))
    assert isinstance(found, tuple)
    assert {fault.path for fault in found} == {
        "$.deceased.bsn",
        "$.deceased.naam",
        "$.timeOfDeath",
        "$.dateOfDeath",
    }


def test_null_in_a_mapping_is_left_out_and_times_are_read() -> None:
    given = PROCURA.to_wire(death()) | {"timeOfDeath": "9:05", "extracts": None}
    given["deceased"]["bsn"] = "36"
    found = ProcuraBodies(procura_wire()).encode(given, (DeathInMunicipalityBody,))
    assert isinstance(found, bytes)
    sent = orjson.loads(found)
    assert sent["timeOfDeath"] == "09:05"
    assert sent["extracts"] == []
    assert sent["deceased"]["bsn"] == "000000036"


@pytest.mark.parametrize("client", [ELEMENTS, PROCURA], ids=["elements", "procura"])
def test_a_body_of_another_class_is_refused(client: Any) -> None:
    body = ADRES if client is PROCURA else death()
    found = bodies_of(client).data(body, (bodies.ActieBody,))
    assert found == (BodyFault("$", f"must be ActieBody, got {type(body).__name__}"),)


LAST = dt.datetime.combine(dt.date.max, dt.time.max)
ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 36, 3.5, float("nan"), Decimal("NaN"), 10**30, b"x", object(), {1: 2}),
    *("", "36", "x", "9:10", "24:00", "\ud800", "0001-01-01T00:00:00+02:00", "2024-01-01 10:00"),
    *([], {}, (), [None], [{}], [[]], {"a": 1}, {"id": None}, {"": ""}, set()),
    *(dt.date.min, dt.datetime.combine(dt.date.min, dt.time()), LAST),
    *(dt.datetime.min.replace(tzinfo=dt.UTC), dt.date.max),
    *(LAST.replace(tzinfo=dt.UTC), dt.time(1), dt.time(1, tzinfo=dt.UTC)),
    *(BrpDate(1), BrpDate(10**30), BrpDate("x"), BrpDate(None)),  # type: ignore[arg-type] # on purpose
)


def kinds_below(kind: type[Body]) -> Iterator[type[Body]]:
    for each in kind.__subclasses__():
        yield each
        yield from kinds_below(each)


@pytest.mark.parametrize("client", [ELEMENTS, PROCURA], ids=["elements", "procura"])
def test_whatever_a_body_holds_is_sent_or_named_as_a_fault(client: Any) -> None:
    chosen = random.Random(1)
    package = f"elements_procura.{client.api_name}."
    for home in (elements_procura.elements.bodies, elements_procura.procura.models):
        for module in pkgutil.iter_modules(home.__path__):
            importlib.import_module(f"{home.__name__}.{module.name}")
    kinds = [kind for kind in kinds_below(Body) if kind.__module__.startswith(package)]
    # attrs makes a class with slots out of another one, which is still there for a while.
    kinds = [kind for kind in kinds if vars(sys.modules[kind.__module__])[kind.__name__] is kind]
    kinds = [kind for kind in kinds if not kind.__subclasses__()]
    assert len(kinds) > 15
    found = {True: 0, False: 0}
    for kind in kinds:
        fields = bodies_of(client).fields(kind)
        for _ in range(30):
            given = {name: chosen.choice(ODD) for name in fields}
            spelled = {fields[name].key: value for name, value in given.items()}
            for body, validate in itertools.product((kind(**given), spelled), (True, False)):
                encoded = bodies_of(client).encode(body, (kind,), validate=validate)
                found[isinstance(encoded, bytes)] += 1
    assert min(found.values()) > 100
