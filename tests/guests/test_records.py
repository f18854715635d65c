"""Records as JSON values and as something to look at, and what leads on from a row."""

import inspect
import json
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

import elements_procura
from elements_procura.elements import (
    Dossierfilters,
    Klantdossier,
    Klantdossiers,
    Product,
    ProductDetail,
    Productsoort,
)
from elements_procura.elements.producten import in_full
from elements_procura.errors import InputError, NotFound
from elements_procura.procura.models.brp_date import BrpDate
from elements_procura.sandbox import ProcuraSandbox, Sandbox
from elements_procura.schema.model import Model
from tests.client_kit import client_for

NAME = "Jansen & <Zonen>"


@pytest.fixture(autouse=True)
def _hidden_again() -> Iterator[None]:
    yield
    elements_procura.show_personal_data(False)


def classes(kind: Any = Model) -> Iterator[Any]:
    """All record classes."""
    yield kind
    each: Any
    for each in kind.__subclasses__():
        yield from classes(each)


async def test_every_record_of_a_world_becomes_json() -> None:
    async with Sandbox(dossiers=12, limits="off") as sandbox, client_for(sandbox) as client:
        found: list[Model] = [*await client.klantdossiers.search()]
        for dossier_id in sandbox.dossier_ids:
            here = client.dossier(dossier_id)
            found += [await here.kantoor.get(), *await here.adviseurs.list()]
            found += [*await here.klanten.particulier.list(), *await here.klanten.zakelijk.list()]
            found += [*await here.producten.list()]
    async with ProcuraSandbox(dossiers=30) as other, client_for(other) as procura:
        found += (await procura.dossiers.search(page_size=30)).content
    assert len({type(each) for each in found}) >= 7
    for record in found:
        data = record.to_dict()
        assert json.loads(record.to_json()) == data == json.loads(json.dumps(data))
        names = {field.name for field in attrs.fields(type(record))}
        assert data.keys() | {"links", "extra"} == names | {"links", "extra"}
        assert "links" not in data
        assert type(record).__name__ in repr(record)


def test_values_of_all_kinds() -> None:
    dossier = Klantdossier(id=7, omschrijving="x", extra={"nieuw": 1})
    assert dossier.to_dict() == {
        **dict.fromkeys(("aanmaakdatum", "deleted", "relatienummer", "dossiertype", "status")),
        "standaardcorrespondentieadres": None,
        "id": 7,
        "omschrijving": "x",
        "extra": {"nieuw": 1},
    }
    assert dossier.to_dict(links=True)["links"] == {}
    data = Product(id=1, soort=Productsoort.HYPOTHEKEN, verpand_aan=[BrpDate(19750300)]).to_dict()
    assert (data["soort"], data["verpand_aan"]) == ("hypotheken", [19750300])


def test_a_record_shows_itself_only_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    dossier = Klantdossier(id=7, omschrijving=NAME, extra={"rijen": [{"naam": NAME}]})
    assert NAME not in repr(dossier)
    assert dossier._repr_html_() is None
    dossier.show()
    shown = capsys.readouterr().out
    lines = ("id: 7", f"omschrijving: {NAME}", "extra", "  rijen[0]", f"    naam: {NAME}")
    assert shown == "\n  ".join(("Klantdossier", *lines)) + "\n"
    elements_procura.show_personal_data()
    html = dossier._repr_html_()
    assert html is not None
    assert "Jansen &amp; &lt;Zonen&gt;" in html
    assert NAME not in html
    assert NAME not in repr(dossier)  # logs never show it
    elements_procura.show_personal_data(False)
    assert dossier._repr_html_() is None


def test_no_field_hides_a_method() -> None:
    methods = {"to_dict", "to_json", "show"}
    for kind in classes():
        assert not methods & {field.name for field in attrs.fields(kind)}


_DOCUMENTED = 5


async def test_from_a_row_to_the_product_in_full() -> None:
    async with Sandbox(dossiers=60, limits="off") as sandbox, client_for(sandbox) as client:
        met: dict[Productsoort, type] = {}
        for dossier_id in sandbox.dossier_ids:
            here = client.dossier(dossier_id)
            for row in await here.producten.list():
                assert isinstance(row.soort, Productsoort)
                if row.soort in met:
                    continue
                try:
                    product = await here.product(row)
                except NotFound:  # this server gives the documented kinds only
                    assert in_full(row.soort) is ProductDetail
                    continue
                met[row.soort] = type(product)
                assert (product.id, product.status) == (row.id, row.status)
        assert met == {soort: in_full(soort) for soort in met}
        assert len(set(met.values()) - {ProductDetail}) == _DOCUMENTED
        asked = len(sandbox.log)
        for soort in (None, "onbekend", "../x"):
            with pytest.raises(InputError, match="does not know"):
                await client.dossier(1).product(Product(id=1, soort=soort))
        assert len(sandbox.log) == asked


async def test_a_kind_that_is_not_documented_comes_as_what_all_have() -> None:
    async with Sandbox(dossiers=1, limits="off") as sandbox, client_for(sandbox) as client:
        path = "/api/data/klantdossiers/5526"
        [row, *_] = [each for each in await client.dossier(5526).producten.list() if each.soort]
        own = f"{path}/{row.soort}/{row.id}"
        assert own in sandbox.truth(5526)
        sandbox.patch(own, lambda document: document | {"eigenaardig": 1})
        product = await client.dossier(5526).product(row)
        assert product.extra["eigenaardig"] == 1


async def test_iterate_takes_the_filters_of_search() -> None:
    parameters = inspect.signature(Klantdossiers.search).parameters.keys() - {"self"}
    assert Dossierfilters.__annotations__.keys() == parameters
    async with Sandbox(dossiers=40, limits="off") as sandbox, client_for(sandbox) as client:
        [first, *_] = await client.klantdossiers.search()
        filters: Any = {"omschrijving": first.omschrijving}
        expected = await client.klantdossiers.search(**filters)
        found = [each async for each in client.klantdossiers.iterate(**filters)]
        assert tuple(found) == expected
        assert 0 < len(found) < 40
        assert dict(sandbox.log[-1].query) == filters


async def test_regular_names_beside_irregular_ones() -> None:
    async with Sandbox(dossiers=40, limits="off") as sandbox, client_for(sandbox) as client:
        assert await client.klantdossiers.list() == await client.klantdossiers.search()
        here = client.dossier(5526)
        assert await here.get() == await client.klantdossiers.get(5526)
        [adviseur, *_] = await here.adviseurs.list()
        assert await here.adviseur(adviseur.id).get() == await here.adviseurs.get(adviseur.id)
        [persoon, *_] = await here.klanten.particulier.list()
        again = await here.klanten.particulier.get(persoon.id)
        assert await here.particulier(persoon.id).get() == again
        handles: dict[str, Any] = {
            "bankgaranties": lambda owner: owner.bankgarantie,
            "consumptiefkredieten": lambda owner: owner.consumptiefkrediet,
            "contracten": lambda owner: owner.contract,
            "diensten": lambda owner: owner.dienst,
        }
        met: set[str] = set()
        for dossier_id in sandbox.dossier_ids:
            owner = client.dossier(dossier_id)
            for row in await owner.producten.list():
                if row.soort in handles.keys() - met:
                    product = await handles[str(row.soort)](owner)(row.id).get()
                    assert product == await owner.product(row)
                    met.add(str(row.soort))
        assert met == handles.keys()
