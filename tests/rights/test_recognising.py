"""Who was erased is recognised however a text spells it, and others are left as they are."""

import json
from typing import Any

import pytest

from elements_procura.harvest.erasure.spellings import pattern_of, searchable, words
from elements_procura.harvest.erasure.subject import StoredCopy, found_person
from elements_procura.harvest.erasure.suppression import Mention, Suppression, name_in, shared_name
from elements_procura.registry import harvest_spec_of
from elements_procura.schema.descriptions import Sort

ELEMENTS, PROCURA = harvest_spec_of("elements"), harvest_spec_of("procura")
BASE = "/api/data/klantdossiers/1"
NAMES = ("Zoë", "Weißmüller")
ERASED = [
    Mention(Sort.BSN, "123456782"),
    Mention(Sort.BSN, "012345672"),
    Mention(Sort.EMAIL, "zoe.w@merk.nl"),
    Mention(Sort.TELEPHONE, "0698765432"),
    Mention(Sort.IBAN, "NL20INGB0001234567"),
    *(name_in(1, word) for name in NAMES for word in words(name)),
    *(shared_name(word) for name in NAMES for word in words(name)),
]


def filter_of(*mentions: Mention, api: Any = ELEMENTS) -> Suppression:
    hashing = Suppression(api, b"k" * 32, ())
    return Suppression(api, b"k" * 32, [hashing.hashed(each) for each in mentions or ERASED])


def told(text: str, kind: str = "registraties", path: str = f"{BASE}/registraties") -> Any:
    """What becomes of a free text."""
    body = json.dumps({"id": 7, "omschrijving": text}).encode()
    return json.loads(filter_of().body(1, kind, path, body))["omschrijving"]


@pytest.mark.parametrize(
    "text",
    [
        "BSN 123456782",
        "bsn123456782",
        "nr.123456782",
        "kantoor 14 123456782",
        "1234 56 782",
        "1234.56.782 en verder",
        "01-02-1960 123456782",
        "12345672",
        "zie (123456782)",
        "123456782/0698765432",
        "tel.0698765432",
        "+31 (0)6-98765432",
        "0031698765432",
        "06 98 76 54 32",
        "ZOE.W@MERK.NL",
        "'zoe.w@merk.nl'",
        "mailto:zoe.w@merk.nl.",
        "via zoe.w@merk.nl.Daarna",
        "https://x.nl/?e=zoe.w%40merk.nl",
        "NL20 INGB 0001 2345 67 van hem",
        "iban:nl20ingb0001234567,",
        "<b>123456</b>782",
        "Zoë",
        "Zoe",
        "ZOË",
        "zoe\u0308",
        "Weissmüllers auto",
        "hyp_WEISSMULLER_1.pdf",
        "ZoëWeißmüller",
        "Wei<i>ß</i>müller",
        "Wei&szlig;m&uuml;ller",
    ],
)
def test_a_text_that_names_them_is_taken_out(text: str) -> None:
    assert told(text) is None
    body = json.dumps({"omschrijving": text}).encode()
    # Whatever the filter finds, the search before it does not pass over.
    assert pattern_of(each.value for each in ERASED).search(searchable(body))


@pytest.mark.parametrize(
    "text",
    ["", "9123456782", "1234567820", "06-98765433", "zo.w@merk.nl", "NL20INGB0001234568", "Zo"],
)
def test_a_text_like_it_stays(text: str) -> None:
    assert told(text) == text


def person(**more: Any) -> dict[str, Any]:
    return {"id": 9, "bsn": "004864645", "achternaam": "Weißmüller", "voornaam": "Kim", **more}


@pytest.mark.parametrize(
    ("field", "text", "stays"),
    [
        ("weergavenaam", "Weißmüller, Kim", True),
        ("titel", "drs.", True),
        ("onbekend", "Kim Weißmüller", True),  # the name of both
        ("onbekend", "weduwe van Zoë", False),
        ("titel", "mail zoe.w@merk.nl", False),
        ("initialen", "123456782", False),
        ("onbekend", {"diep": ["zoe.w@merk.nl"]}, False),
    ],
)
def test_of_another_person_stays_what_says_who_that_is(field: str, text: Any, stays: bool) -> None:
    rows = [person(**{field: text})]
    body = json.dumps({"_embedded": {"particulier": rows}}, ensure_ascii=False).encode()
    left = filter_of().body(1, "particulier", f"{BASE}/klanten/particulier", body)
    assert (left == body) is stays
    row = json.loads(left)["_embedded"]["particulier"][0]
    assert {**row, field: None} == {**rows[0], field: None}


@pytest.mark.parametrize(
    ("kind", "path", "is_shared", "text", "stays"),
    [
        ("kantoor", f"{BASE}/kantoor", True, "Weißmüller Advies", True),
        ("kantoor", f"{BASE}/kantoor", True, "Zoë Weißmüller", False),
        ("particulier/emailadressen", f"{BASE}/klanten/particulier/9/x", False, "Zoë", True),
        (
            *("particulier/emailadressen", f"{BASE}/klanten/particulier/9/x"),
            *(False, "van Zoë Weißmüller", False),
        ),
        ("hypotheken", "/api/data/klantdossiers/2/hypotheken/3", False, "Zoë Weißmüller", True),
    ],
)
def test_names_count_where_they_can_be_theirs(
    kind: str, path: str, is_shared: bool, text: str, stays: bool
) -> None:
    body = json.dumps({"id": 3, "omschrijving": text}).encode()
    dossier = int(path.split("/")[4])
    left = filter_of().body(dossier, kind, path, body, is_shared=is_shared)
    assert (left == body) is stays


def copy_of(kind: str, path: str, body: Any, *, dossier: int | str = 1) -> StoredCopy:
    return StoredCopy("bodies", 1, dossier, kind, path, False, 0.0, json.dumps(body).encode())


def test_contacts_are_found_in_what_is_about_them() -> None:
    body = {
        "dossier": {"dossierId": "A"},
        "declarant": {
            "bsn": "123456782",
            "contactInformation": {"email": "Zoe.W@merk.nl", "telephoneNumber": "+31 6 98765432"},
        },
        "relocators": [{"bsn": "999981080", "contactInformation": {"email": "other@merk.nl"}}],
    }
    path = "/api/v1/relocations/intra/A"
    copies = [copy_of("intra_mun_relocation", path, body, dossier="A")]
    for who in ("123456782", "1234.56.782", " 123456782 "):
        found = found_person(PROCURA, lambda: iter(copies), who)
        assert found is not None
        assert found.mentions == {
            Mention(Sort.BSN, "123456782"),
            Mention(Sort.EMAIL, "zoe.w@merk.nl"),
            Mention(Sort.TELEPHONE, "0698765432"),
        }
        filter_ = filter_of(*found.listed(), api=PROCURA)
        left = json.loads(filter_.body("A", copies[0].kind, path, copies[0].body))
        assert left == {**body, "declarant": {"erased": True}}


def test_others_are_left_out_of_a_record() -> None:
    text = json.dumps(
        {
            "hoofdsom": 1,
            "aanvragers": [person(), person(id=8, bsn="123456782", kind=person())],
            "diep": {"persoon": person(kind=person(id=8, bsn="123456782"))},
        }
    )
    left = json.loads(filter_of().without_others(text))
    mine = {"id": 8, "bsn": "123456782"}
    assert left["aanvragers"] == [{"another_person": True}, person(**mine, kind=person())]
    # One who is part of the person's stays with them, and one around them as well.
    assert left["diep"] == {"persoon": person(kind=person(**mine))}
