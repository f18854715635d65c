"""What a whole dossier costs, counted on the wire, and that nothing of it is left out for that.

A dossier with 2 persons, 1 adviseur and 4 products takes about 43 requests when its collections
are fetched one by one, and far more when every link and item is followed.
"""

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import attrs
import orjson
import pytest

from elements_procura.demo import verify
from elements_procura.elements.client import ElementsClient
from elements_procura.harvest import ElementsSource, Store, harvest
from elements_procura.sandbox import Sandbox
from elements_procura.spec.source import Root
from tests.contract import BY_KEY
from tests.harvest.harvesting import LISTING, TENANT, connect

MOST = 27
DOSSIERS = 240


@attrs.frozen
class Shape:
    """What is in a dossier, and whom it shares with others."""

    persons: int
    firms: int
    adviseurs: tuple[int, ...]
    products: int
    kantoor: int


def shape(truth: dict[str, bytes], dossier: int) -> Shape:
    root = f"{LISTING}/{dossier}"

    def rows(path: str, rel: str) -> list[Any]:
        found: list[Any] = orjson.loads(truth[f"{root}/{path}"])["_embedded"][rel]
        return found

    return Shape(
        persons=len(rows("klanten/particulier", "particulier")),
        firms=len(rows("klanten/zakelijk", "zakelijk")),
        adviseurs=tuple(row["id"] for row in rows("adviseurs", "adviseurs")),
        products=len(rows("producten", "producten")),
        kantoor=orjson.loads(truth[f"{root}/kantoor"])["id"],
    )


def families(sandbox: Sandbox, *, products: int) -> tuple[dict[int, Shape], list[int]]:
    """All shapes, and the dossiers with 2 persons, 1 adviseur and so many products."""
    shapes = {each: shape(sandbox.truth(each), each) for each in sandbox.dossier_ids[1:]}
    fitting = [
        dossier
        for dossier, each in shapes.items()
        if (each.persons, each.firms, len(each.adviseurs)) == (2, 0, 1)
        and each.products == products
    ]
    return shapes, fitting


def leave(sandbox: Sandbox, dossier: int, shapes: dict[int, Shape]) -> list[int]:
    """Leave a dossier and few others, which share its adviseur and its kantoor: these first."""
    own = shapes.pop(dossier)
    colleague = next(each for each, it in shapes.items() if own.adviseurs[0] in it.adviseurs)
    neighbour = next(each for each, it in shapes.items() if own.kantoor == it.kantoor)
    left = [*dict.fromkeys((colleague, neighbour)), dossier]
    for other in set(sandbox.dossier_ids) - set(left):
        sandbox.remove(other)
    return left


class InOrder(ElementsSource):
    """Gives out the dossiers in the order of their ids here, which else is random."""

    def __init__(self, client: ElementsClient, order: list[int]) -> None:
        super().__init__(client)
        self._order = order

    async def listing(self) -> AsyncGenerator[Root]:
        listed = super().listing()
        roots = {root.dossier: root async for root in listed if isinstance(root, Root)}
        for dossier in self._order:
            yield roots[dossier]


async def cost_of_the_last(sandbox: Sandbox, order: list[int], path: Path) -> list[str]:
    """What was asked for from the first request for the last dossier on, one at a time."""
    async with connect(sandbox) as elements:
        with Store.create(path, tenant=TENANT) as store:
            async for _ in harvest(InOrder(elements, order), store, workers=1):
                pass
            assert verify(store, sandbox).equal
            assert set(store.states().values()) == {"complete"}
    asked = [entry.path for entry in sandbox.log if entry.path.startswith(LISTING)]
    return asked[asked.index(f"{LISTING}/{order[-1]}") :]


def records(data: Any) -> Iterator[dict[str, Any]]:
    """Everything with an id, however deep."""
    if isinstance(data, dict):
        if "id" in data:
            yield data
        for value in data.values():
            yield from records(value)
    elif isinstance(data, list):
        for value in data:
            yield from records(value)


def facts(record: dict[str, Any]) -> dict[str, Any]:
    """What a record itself says; what it embeds is a record of its own."""
    return {name: value for name, value in record.items() if name not in ("_links", "_embedded")}


def untold(path: Path, truth: dict[str, bytes]) -> list[Any]:
    """Facts of the dossier's documents, items included, that no stored body tells."""
    told: dict[Any, list[dict[str, Any]]] = {}
    with Store.read(path) as store:
        for _, body in store.bodies():
            for record in records(orjson.loads(body)):
                told.setdefault(record["id"], []).append(facts(record))
    wanted = [
        facts(record)
        for where, body in truth.items()
        if "profielfoto" not in where.split("/")  # only there when asked for
        for record in records(orjson.loads(body))
    ]
    assert len(wanted) > 50
    return [
        each
        for each in wanted
        if not any(each.items() <= other.items() for other in told.get(each["id"], []))
    ]


@pytest.mark.parametrize("number", range(3))
async def test_a_family_costs_at_most_27_requests(tmp_path: Path, number: int) -> None:
    sandbox = Sandbox(dossiers=DOSSIERS, seed=3, limits="off")
    shapes, found = families(sandbox, products=4)
    order = leave(sandbox, found[number], shapes)
    async with sandbox:
        asked = await cost_of_the_last(sandbox, order, tmp_path / "store.sqlite")
    assert all(path.startswith(f"{LISTING}/{order[-1]}") for path in asked)
    assert 18 < len(asked) <= MOST
    assert len(asked) == len(set(asked))
    truth = sandbox.truth(order[-1])
    assert len(truth) > 43
    assert untold(tmp_path / "store.sqlite", truth) == []


async def test_the_dearest_family_costs_at_most_27_requests(tmp_path: Path) -> None:
    """All it can have is linked, and each product has a detail and registraties of its own."""
    sandbox = Sandbox(dossiers=DOSSIERS, seed=3, limits="off")
    shapes, found = families(sandbox, products=0)
    order = leave(sandbox, found[0], shapes)
    async with sandbox:
        async with connect(sandbox, read_only=False) as writer:
            await fill(writer, order[-1])
        before = len(sandbox.log)
        asked = await cost_of_the_last(sandbox, order, tmp_path / "store.sqlite")
    assert len(asked) == sum(
        entry.path.startswith(f"{LISTING}/{order[-1]}") for entry in sandbox.log[before:]
    )
    assert sum("/registraties" in path for path in asked) == 5
    assert 23 < len(asked) <= MOST
    assert untold(tmp_path / "store.sqlite", sandbox.truth(order[-1])) == []


async def fill(writer: ElementsClient, dossier: int) -> None:
    """Four products with registraties, a possession, and a registratie of the dossier."""
    handle = writer.dossier(dossier)

    def body(*names: str) -> Any:
        path = "/".join((LISTING, "{DOSSIER_ID}", *names))
        return BY_KEY["POST", path].bodies[0]

    for _ in range(2):
        krediet = await handle.consumptiefkredieten.add(body("consumptiefkredieten"))
        contract = await handle.contracten.add(body("contracten"))
        of_product = body("contracten", "{PRODUCT_ID}", "registraties")
        await handle.consumptiefkrediet(krediet).registraties.add(of_product)
        await handle.contract(contract).registraties.add(of_product)
    await handle.bezittingen.voertuigen.add(body("bezittingen", "voertuigen"))
    await handle.registraties.add(body("registraties"))
