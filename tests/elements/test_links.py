"""Links: followed to this server only; what is behind them keeps its shape."""

import warnings
from typing import Any

import pytest

from elements_procura.elements._wire import elements_wire
from elements_procura.elements.links import HalResource
from elements_procura.errors import ElementsProcuraError, InputError, NotFound, ProtocolError
from elements_procura.schema.model import Link
from tests.client_kit import client_at, told
from tests.contract import BY_KEY, recording

DOCUMENTEN = "/api/data/klantdossiers/5526/documenten"
BODY: dict[str, Any] = {
    "total": 2,
    "_links": {
        "self": {"href": DOCUMENTEN},
        "nieuw": {"href": f"{DOCUMENTEN}/x", "title": "Geheim"},
    },
    "_embedded": {
        "documenten": [
            {"id": 2, "naam": "Geheim.pdf", "_links": {"download": {"href": f"{DOCUMENTEN}/2/x"}}},
            {"id": 3, "naam": "Geheim.doc", "_links": {"self": {"href": f"{DOCUMENTEN}/3"}}},
        ],
        "eigenaar": {"id": 9, "_embedded": {"kantoor": [{"id": 10}]}},
    },
}
ANSWER = {"status": 200, "headers": {"Content-Type": "application/json"}, "body": BODY}
DOSSIER = BY_KEY["GET", "/api/data/klantdossiers/{DOSSIER_ID}"].answers[0]


async def test_what_a_record_links_can_be_followed() -> None:
    async with recording(DOSSIER) as server, client_at(server.url) as client:
        dossier = await client.klantdossiers.get(5526)
        server.answer = ANSWER
        found = await client.follow(dossier.links["documenten"])
        assert [each.path for each in server.seen][1:] == [DOCUMENTEN]
    assert found.fields == {"total": 2}
    assert found.links["nieuw"].title == "Geheim"
    first, second = found.embedded["documenten"]
    assert first.fields == {"id": 2, "naam": "Geheim.pdf"}
    assert (first.links["download"].href, second.links["self"].href) == (
        f"{DOCUMENTEN}/2/x",
        f"{DOCUMENTEN}/3",
    )
    [owner] = found.embedded["eigenaar"]
    assert owner.embedded["kantoor"][0].fields == {"id": 10}
    assert b'"Geheim.pdf"' in found.body
    assert first.body == b""
    assert "Geheim" not in repr(found)


async def test_an_address_of_this_server_can_be_followed() -> None:
    async with recording(ANSWER) as server, client_at(server.url) as client:
        await client.follow(f"{server.url}{DOCUMENTEN}?page=2&naam=J%C3%B6&access_token=old")
        await client.follow(Link(href=DOCUMENTEN))
    assert [each.path for each in server.seen] == [DOCUMENTEN] * 2
    first, second = (dict(each.query) for each in server.seen)
    assert (first["page"], first["naam"]) == ("2", "Jö")
    assert first["access_token"] == second["access_token"] != "old"
    assert set(second) == {"access_token"}


@pytest.mark.parametrize(
    "href",
    [
        "https://elsewhere.example/api/data/klantdossiers/1",
        "//elsewhere.example/api/data",
        "http://127.0.0.1:1/api/data",
        "/api/../oauth/access_token",
        "",
        "api/data",
    ],
)
async def test_a_link_that_leads_elsewhere_is_not_followed(href: str) -> None:
    async with recording(ANSWER) as server, client_at(server.url) as client:
        for link in (href, Link(href=href)):
            with pytest.raises(InputError):
                await client.follow(link)
        assert client.counters.sent == 0
    assert server.seen == []


async def test_a_template_is_not_followed() -> None:
    async with recording(ANSWER) as server, client_at(server.url) as client:
        with pytest.raises(InputError, match="templated"):
            await client.follow(Link(href=DOCUMENTEN, templated=True))
        await client.follow(Link(href=DOCUMENTEN, templated=False))
    assert len(server.seen) == 1


async def test_a_deprecated_link_warns_once() -> None:
    async with recording(DOSSIER) as server, client_at(server.url) as client:
        klanten = (await client.klantdossiers.get(5526)).links["klanten"]
        assert klanten.deprecation == "http://api.fasterforward.nl"
        server.answer = {"status": 404, "headers": {}, "body": b""}
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            for each in (client, client, client.with_options(timeout=9)):
                with pytest.raises(NotFound):
                    await each.follow(klanten)
    [warning] = warned
    assert warning.category is DeprecationWarning
    assert str(warning.message) == (
        "the link to /api/data/klantdossiers/{DOSSIER_ID}/klanten is deprecated by the vendor"
    )
    assert warning.filename == __file__
    assert len(server.seen) == 4


async def test_a_deprecated_endpoint_works_and_warns_once() -> None:
    endpoint = BY_KEY["POST", "/api/data/klantdossiers/{DOSSIER_ID}/bezittingen/voertuig"]
    async with recording(endpoint.answers[0]) as server, client_at(server.url) as client:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            for _ in range(2):
                made = await client.dossier(5526).bezittingen.voertuig.add(endpoint.examples[0])
    assert made == 182
    [warning] = warned
    assert str(warning.message).endswith("(use voertuigen) is deprecated by the vendor")
    assert warning.filename == __file__


async def test_what_is_no_resource_is_told_without_its_values() -> None:
    wrong = ANSWER | {
        "body": {"_links": {"self": {"href": "/api/data/klantdossiers/1"}}, "a": "Geheim"}
    }
    async with recording(wrong) as server, client_at(server.url) as client:
        with pytest.raises(ProtocolError, match="another resource's") as caught:
            await client.follow(DOCUMENTEN)
    assert "Geheim" not in told(caught.value)


def test_what_is_embedded_is_found_in_any_shape_and_nothing_is_lost() -> None:
    body = {
        "id": 1,
        "_embedded": {
            "gaten": {"0": {"a": 1}, "2": {"a": 2}},
            "een": {"a": 3},
            "niets": None,
            "leeg": [],
            "nee": False,
            "gemengd": [{"a": 4}, "x", None],
        },
    }
    found = HalResource.of(body, elements_wire())
    shown = {name: [each.fields for each in held] for name, held in found.embedded.items()}
    assert shown == {
        "gaten": [{"a": 1}, {"a": 2}],
        "een": [{"a": 3}],
        "niets": [],
        "leeg": [],
        "nee": [],
        "gemengd": [{"a": 4}],
    }
    assert found.fields["_embedded"] == {"nee": False, "gemengd": [{"a": 4}, "x", None]}


def test_what_is_embedded_very_deep_stays_a_field() -> None:
    body: dict[str, object] = {"a": 1}
    for _ in range(500):
        body = {"_embedded": {"a": body}}
    found = HalResource.of(body, elements_wire())
    levels = 0
    while found.embedded:
        [found] = found.embedded["a"]
        levels += 1
    assert levels == 100
    assert found.fields.keys() == {"_embedded"}


async def test_e2_the_query_of_a_read_travels_and_shows_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = "/api/data/klantdossiers"
    with caplog.at_level("DEBUG"):
        async with recording(ANSWER) as server, client_at(server.url) as client:
            server.answer = {"status": 404, "headers": {}, "body": b""}
            shown = ""
            for call in (
                client.read(f"{path}?achternaam=Jansen&access_token=old"),
                client.follow(f"{path}?achternaam=Jansen"),
                client.request("GE T", f"{path}?achternaam=Jansen"),
                client.read(f"{path}?achternaam=Jansen%ff"),
                client.read(f"https://elders.example{path}?achternaam=Jansen"),
            ):
                with pytest.raises(ElementsProcuraError) as caught:
                    await call
                shown += told(caught.value)
    assert [each.query["achternaam"] for each in server.seen] == ["Jansen"] * 2
    assert all(each.query["access_token"] == "token-of-a-test" for each in server.seen)
    # The server of the test keeps a log of its own.
    ours = [each.getMessage() for each in caplog.records if each.name[:8] == "elements"]
    assert ours
    assert "Jansen" not in shown + "".join(ours)
