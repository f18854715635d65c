"""What an answer leads to, as a table of cases."""

import re
from typing import Any

import pytest

from elements_procura.elements.kinds import (
    DOSSIERS,
    EXTRA_GROUPS,
    GROUPS,
    KINDS,
    UNDOCUMENTED,
    dossier_want,
    group_of,
    holds_bytes,
    path_of,
)
from elements_procura.schema.hal import HalError
from elements_procura.spec.source import BY_ABSENT_LINK, BY_COLLECTION, Want
from tests.contract_calls import CALLS

ROOT = "/api/data/klantdossiers/5"


def linked(*relations: str) -> dict[str, Any]:
    return {"_links": {relation: {"href": "/x"} for relation in relations}}


def test_a_dossier_leads_to_what_it_links_and_to_nothing_else() -> None:
    found = KINDS["dossier"].discover(linked("adviseurs", "producten", "portretten"), ROOT)
    assert found.wants == (
        Want("adviseurs", f"{ROOT}/adviseurs"),
        Want("producten", f"{ROOT}/producten"),
    )
    assert found.saved == {BY_ABSENT_LINK: 5}


def test_what_is_linked_but_not_documented_is_found_in_a_group_of_its_own() -> None:
    found = KINDS["dossier"].discover(linked("documenten", "kantoor"), ROOT)
    assert {group_of(want.kind) for want in found.wants} == {"documenten", "kantoor"}
    assert found.saved == {BY_ABSENT_LINK: 6}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_but_the_dossier_belongs_to_a_group(kind: str) -> None:
    assert group_of(kind) in {"dossier", *GROUPS, *EXTRA_GROUPS}


def test_persons_lead_to_their_contact_data_without_their_items() -> None:
    data = {"_embedded": {"particulier": [{"id": 7}, {"id": "8"}]}}
    found = KINDS["particulier"].discover(data, f"{ROOT}/klanten/particulier")
    assert [want.path for want in found.wants] == [
        f"{ROOT}/klanten/particulier/{person}/{relation}"
        for person in (7, 8)
        for relation in (
            "adressen", "emailadressen", "rekeningnummers", "telefoonnummers",
            "kenmerken", "socialmedia", "profielfoto",
        )
    ]  # fmt: skip
    assert found.saved == {BY_COLLECTION: 2}


def test_adviseurs_share_their_contact_data_under_one_name() -> None:
    data = {"_embedded": {"adviseurs": [{"id": 9}]}}
    first = KINDS["adviseurs"].discover(data, f"{ROOT}/adviseurs").wants
    second = KINDS["adviseurs"].discover(data, "/api/data/klantdossiers/6/adviseurs").wants
    assert [want.share for want in first] == [want.share for want in second]
    assert first[0].share == "adviseur/9/adressen"
    assert first[0].path != second[0].path


def test_only_products_with_a_detail_are_asked_for_in_full() -> None:
    rows = [{"id": 1, "soort": "hypotheken"}, {"id": 2, "soort": "pensioenen"}, {"id": 3}]
    found = KINDS["producten"].discover({"_embedded": {"producten": rows}}, f"{ROOT}/producten")
    assert found.wants == (Want("hypotheken", f"{ROOT}/hypotheken/1"),)


def test_three_kinds_of_product_are_asked_for_registraties_that_nothing_links() -> None:
    rows = [
        {"id": number, "soort": kind}
        for number, kind in enumerate(("bankgaranties", "consumptiefkredieten", "contracten"), 1)
    ]
    found = KINDS["producten"].discover({"_embedded": {"producten": rows}}, f"{ROOT}/producten")
    assert [want.path for want in found.wants if want.kind.endswith("/registraties")] == [
        f"{ROOT}/{row['soort']}/{row['id']}/registraties" for row in rows
    ]


def test_a_kantoor_is_asked_for_what_it_links_and_for_its_codes() -> None:
    found = KINDS["kantoor"].discover({"id": 3, **linked("emailadressen")}, f"{ROOT}/kantoor")
    assert [want.kind for want in found.wants] == ["kantoor/emailadressen", "kantoor/codes"]
    assert found.saved == {BY_ABSENT_LINK: 3}


def test_every_documented_reading_endpoint_of_a_dossier_is_a_kind_or_an_item_of_one() -> None:
    """Items carry what their collection does, so they are never fetched."""
    kinds = {kind.template for name, kind in KINDS.items() if name not in UNDOCUMENTED}
    documented = {
        template
        for method, template in CALLS
        if method == "GET" and template.startswith(f"{DOSSIERS}/")
    }
    assert kinds <= documented
    rest = {re.sub(r"/\{[A-Z_]+\}$", "", path) for path in documented - kinds}
    assert rest <= kinds
    assert len(documented) == 66


@pytest.mark.parametrize("owner", ["particulier", "zakelijk"])
def test_a_picture_is_asked_for_where_it_is_linked(owner: str) -> None:
    path = f"{ROOT}/klanten/{owner}/7/profielfoto"
    discover = KINDS[f"{owner}/profielfoto"].discover
    assert discover(linked("download"), path).wants == (
        Want(f"{owner}/profielfoto/download", f"{path}/download"),
    )
    assert discover(linked(), path).wants == ()


def test_a_shared_picture_is_known_to_all_who_share_it() -> None:
    """What is told about it is one answer for one of them, which the others do not get to see."""
    adviseurs = {"_embedded": {"adviseurs": [{"id": 9}]}}
    kantoor = {"id": 3, **linked("profielfoto")}
    for kind, data, owner in (
        ("adviseurs", adviseurs, "adviseur/9"),
        ("kantoor", kantoor, "kantoor/3"),
    ):
        wants = KINDS[kind].discover(data, f"{ROOT}/{kind}").wants
        (picture,) = [want for want in wants if holds_bytes(want.kind)]
        assert picture.share == f"{owner}/profielfoto/download"
        assert group_of(picture.kind) == "profielfotos"
        assert (
            KINDS[picture.kind.removesuffix("/download")].discover(linked("download"), ROOT).wants
            == ()
        )
    bare = KINDS["kantoor"].discover({"id": 3, **linked()}, f"{ROOT}/kantoor").wants
    assert not [want for want in bare if holds_bytes(want.kind)]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("particulier", {}),
        ("particulier", {"_embedded": {"adviseurs": []}}),
        ("particulier/adressen", {"_links": {}}),
        ("producten", {"_embedded": {"producten": "none"}}),
        ("kantoor", linked("adressen")),
    ],
)
def test_an_answer_without_its_list_or_id_is_never_taken_for_an_empty_one(
    kind: str, data: dict[str, Any]
) -> None:
    with pytest.raises(HalError):
        KINDS[kind].discover(data, ROOT)


def test_every_kind_shows_its_template_and_never_its_ids() -> None:
    path = path_of("particulier/adressen", f"{ROOT}/klanten/particulier/7/adressen")
    assert path.template.endswith("/klanten/particulier/{PERSOON_ID}/adressen")
    assert "7" not in repr(path)
    assert dossier_want(5).path == ROOT


@pytest.mark.parametrize("spelling", [7, "7", 7.0])
def test_what_hangs_on_a_record_is_found_however_its_id_is_written(spelling: object) -> None:
    """An id means one thing everywhere: PHP writes whole numbers as floats and texts, too."""
    row = {"id": spelling, "soort": "hypotheken"}
    for kind, of_row in (
        ("particulier", f"{ROOT}/klanten/particulier/7/adressen"),
        ("producten", f"{ROOT}/hypotheken/7"),
    ):
        path = f"{ROOT}/{kind}" if kind == "producten" else f"{ROOT}/klanten/{kind}"
        wants = KINDS[kind].discover({"_embedded": {kind: [row]}}, path).wants
        assert of_row in {want.path for want in wants}
    for useless in (True, 0, -7, "-7", 7.5):
        rows = [row | {"id": useless}, row]
        found = KINDS["producten"].discover({"_embedded": {"producten": rows}}, f"{ROOT}/producten")
        assert [want.path for want in found.wants] == [f"{ROOT}/hypotheken/7"]
