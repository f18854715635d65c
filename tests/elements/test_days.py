"""Days and times beyond what is documented: what can mean one thing is taken, and sent as it is."""

import datetime as dt
from typing import Any

import orjson
import pytest

from elements_procura.elements._wire import elements_bodies
from elements_procura.elements.bodies.producten import ConsumptiefkredietBody
from elements_procura.errors import BodyError
from elements_procura.procura._bodies import ProcuraBodies
from elements_procura.procura._wire import procura_wire
from elements_procura.procura.models.births import BirthBody

WINTER, SUMMER = dt.timezone(dt.timedelta(hours=1)), dt.timezone(dt.timedelta(hours=2))
UTC = dt.UTC
DAYS: list[tuple[Any, str | None]] = [
    (dt.date(2016, 1, 1), "2016-01-01"),
    (dt.datetime(2016, 1, 1, 10), "2016-01-01"),
    (dt.datetime(2016, 1, 1, tzinfo=WINTER), "2016-01-01"),
    (dt.datetime(2016, 7, 1, tzinfo=SUMMER), "2016-07-01"),
    (dt.datetime(2016, 1, 1, 10, tzinfo=UTC), "2016-01-01"),
    (dt.datetime(2016, 1, 1, 22, 30, tzinfo=UTC), "2016-01-01"),
    (dt.datetime(2016, 1, 1, 23, 0, tzinfo=UTC), "2016-01-02"),  # midnight
    (dt.datetime(2016, 1, 1, 23, 30, tzinfo=UTC), None),
    (dt.datetime(2016, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=9))), None),
    ("2016-01-01", "2016-01-01"),
    ("2016-01-01 10:00:00", "2016-01-01"),
    ("2016-01-01 10:00", "2016-01-01"),
    ("2016-02-31 10:00:00", None),
    ("01-01-2016", None),
]
BIRTH: dict[str, Any] = {
    "dossier": {"startDate": "2016-01-01"},
    "declarant": {"bsn": "000000048"},
    "mother": {"bsn": "000000036"},
    "children": [{"firstname": "A", "gender": "WOMAN", "birthDateTime": "2015-12-31T07:05:00"}],
    "nameSelection": {"lastname": "Vries"},
}


def elements_day(given: Any, *, validate: bool = True) -> Any:
    """What is sent for a day of Elements, or None if it is refused."""
    body = {"uitbetalingsdatum": given}
    found = elements_bodies().encode(body, [ConsumptiefkredietBody], validate=validate)
    if isinstance(found, tuple):
        if any(fault.path == "$.uitbetalingsdatum" for fault in found):
            return None
        sent = elements_bodies().tidied(body, ConsumptiefkredietBody)
        return orjson.loads(orjson.dumps(sent))["uitbetalingsdatum"]
    return orjson.loads(found)["uitbetalingsdatum"]


def procura(body: dict[str, Any]) -> Any:
    """A body of Procura as it is sent, or None if it is refused."""
    found = ProcuraBodies(procura_wire()).data(body, (BirthBody,), validate=True)
    return None if isinstance(found, tuple) else orjson.loads(orjson.dumps(found))


@pytest.mark.parametrize(("given", "sent"), DAYS)
def test_a_day_of_elements(given: Any, sent: str | None) -> None:
    assert elements_day(given) == sent


@pytest.mark.parametrize(("given", "sent"), DAYS)
def test_a_day_of_procura(given: Any, sent: str | None) -> None:
    found = procura(BIRTH | {"dossier": {"startDate": given}})
    assert (found and found["dossier"]["startDate"]) == sent


def test_unchecked_it_is_sent_as_it_was_given() -> None:
    assert elements_day("2016-01-01 10:00:00", validate=False) == "2016-01-01 10:00:00"


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (dt.datetime(2024, 2, 29, 7, 5), "2024-02-29T07:05:00"),
        (dt.datetime(2024, 2, 29, 7, 5, tzinfo=WINTER), "2024-02-29T07:05:00"),
        (dt.datetime(2024, 2, 29, 7, 5, tzinfo=UTC), "2024-02-29T08:05:00"),
        (dt.datetime(2024, 7, 1, 7, 5, tzinfo=UTC), "2024-07-01T09:05:00"),
        ("2024-02-29 07:05:00", "2024-02-29T07:05:00"),
        ("2024-02-29T07:05:00Z", "2024-02-29T08:05:00"),
    ],
)
def test_a_time_of_procura_is_the_servers_own(given: Any, sent: str | None) -> None:
    child = BIRTH["children"][0] | {"birthDateTime": given}
    found = procura(BIRTH | {"children": [child]})
    assert (found and found["children"][0]["birthDateTime"]) == sent


def test_every_body_error_tells_of_the_way_past_the_checks() -> None:
    assert "validate=False" in str(BodyError("x", faults=()))
