"""The short ways of values and paths, held against the long ones that define them."""

import datetime as dt
import importlib
import itertools
from decimal import Decimal
from typing import Any

import pytest

from elements_procura import ElementsClient
from elements_procura._tree import fitting, only
from elements_procura.elements._wire import SPELLINGS
from elements_procura.elements.models import Adres, Hypotheek
from elements_procura.paths import Path, Template, Templates
from elements_procura.schema import scalars
from elements_procura.schema.scalars import (
    AMOUNTS,
    DAYS,
    MOST_AMOUNTS,
    new_day,
    to_date,
    to_decimal,
)
from elements_procura.schema.sources import _NAMES, _USUAL
from elements_procura.schema.structure import Wire

TEMPLATES = ElementsClient.templates
SHORT = (ValueError, LookupError, ArithmeticError, TypeError)
HEADS = ("0", "24000", "-1", "+5", "1_000", " 1", "٣", "", "NaN", "9" * 97)
TAILS = (".", ".00", ".5e3", ".5E-0003", ".0e9999", ".5 ", "._5", ".٣", ",5", ".1" + "0" * 97)
TEXTS = [head + tail for head, tail in itertools.product(HEADS, TAILS)]
TEXTS += ["NaN.", "Infinity.", "sNaN.1", "1.5.5", "--1.0", "0." + "0" * 950 + "1e1000", "1.e5"]


def long_way(hook: Any, value: Any) -> Any:
    try:
        return hook(value)
    except ValueError:  # a WireFault is one, and either makes the rules begin anew
        return "refused"


def test_an_amount_is_read_in_the_short_way_as_in_the_long_one_or_not_at_all() -> None:
    code = compile(f"{_USUAL[to_decimal]} else 'not usual'", "usual", "eval")
    taken = 0
    for text in TEXTS:
        try:
            found = eval(code, _NAMES | {"v": text})
        except SHORT:
            continue  # the rules begin anew
        if found != "not usual":
            taken += 1
            expected = long_way(to_decimal, text)
            assert (repr(found), type(found)) == (repr(expected), Decimal), text
    assert taken > len(HEADS) // 2


DATES = [
    day + time
    for day in ("2019-12-31", "2020-02-30", "0000-00-00", "0001-01-01", "2020-W53-1", "20200101")
    for time in ("", "T00:00:00+01:00", "T00:00:00+0200", "T22:00:00Z", "T24:00:00+01:00", " 00:00")
] + ["", " ", "31-12-2016", "١٢٣٤-01-01T00:00:00+01:00", "1960-01-01T00:00:00+01:00 "]


def test_a_day_is_remembered_as_it_is_read() -> None:
    for text in DATES:
        for _ in range(2):
            assert long_way(new_day, text) == long_way(to_date, text), text
            assert DAYS.get(text) in (None, long_way(to_date, text)), text
    assert "2019-12-31T00:00:00+01:00" in DAYS
    assert "31-12-2016" not in DAYS


def test_days_are_forgotten_when_there_are_many_and_shown_never(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scalars, "MOST_DAYS", 3)
    texts = [f"{dt.date(1960, 1, 1) + dt.timedelta(days=each)}T00:00:00+01:00" for each in range(9)]
    assert [new_day(text) for text in texts] == [to_date(text) for text in texts]
    assert 0 < len(DAYS) <= 3
    assert "196" not in repr(DAYS)
    endless = f"1960-01-01T00:00:00.{'0' * 99}+01:00"
    assert new_day(endless) == dt.date(1960, 1, 1)
    assert endless not in DAYS


def test_amounts_are_forgotten_when_there_are_many_and_shown_never() -> None:
    wire = Wire(SPELLINGS, sightings=1)
    for number in range(2 * MOST_AMOUNTS):
        text = f"{number % (MOST_AMOUNTS + 9)}.50"
        assert wire.structure({"id": 1, "hoofdsom": text}, Hypotheek).hoofdsom == Decimal(text)
        assert len(AMOUNTS) <= MOST_AMOUNTS
    assert text in AMOUNTS
    assert ".50" not in repr(AMOUNTS)
    place = {"id": 1, "longitude": "5.12", "latitude": "52.34"}  # such hardly come again
    for _ in range(2):
        assert str(wire.structure(place, Adres).latitude) == "52.34"
    assert not {"5.12", "52.34"} & AMOUNTS.keys()


def test_the_only_way_to_a_template_is_the_best_one() -> None:
    TEMPLATES.of("/")  # all are there now
    own = Templates(("/a/{X}", "/a/b", "/a/b/c", "/a/{X}/d", "/e/{Y}/{Z}"))
    shown = 0
    for templates, known in ((TEMPLATES, TEMPLATES.known), (own, own.known)):
        for each in known:
            for id_ in ("5526", "b", "particulier", ""):
                parts = ["" if p == "" else id_ if p[0] == "{" else p for p in each.split("/")]
                for path in (parts, parts[:-1], [*parts, "x"]):
                    found = only(templates._root, path)
                    length, _, best = fitting(templates._root, path, 0, 0)
                    assert not found or (length, best) == (len(path), found), path
                    shown += bool(found)
    assert shown > len(TEMPLATES.known)


def test_a_path_knows_its_ids_when_an_error_asks() -> None:
    path = Path.literal("/api").at("dossiers", DOSSIER_ID=5526).at("delen", DEEL_ID=7)
    assert isinstance(path.template, Template)
    assert path.template == path.shown == "/api/dossiers/{DOSSIER_ID}/delen/{DEEL_ID}"
    assert path.template.ids == {"DOSSIER_ID": "5526", "DEEL_ID": "7"}
    assert path == Path(path.value, path.template)
    assert "5526" not in repr(path)


def test_records_that_an_earlier_version_pickled_are_found() -> None:
    home = importlib.import_module("elements_procura.elements.models.producten")
    assert home.Hypotheek is Hypotheek
    assert not hasattr(home, "Nowhere")
    assert not hasattr(home, "__path__")
