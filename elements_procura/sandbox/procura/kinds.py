"""The six kinds of case: their paths, their checks, and their answers."""

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

import attrs

from elements_procura.sandbox.procura.numbers import is_correct, padded
from elements_procura.sandbox.procura.problems import bad_request, broken
from elements_procura.sandbox.procura.reading import Object

INCOMPLETE: Final = ("incomplete", "Incomplete")
CREATED: Final = ("created", "Created")
_BLANK: Final = {"email": "", "telephoneNumber": ""}
_MAX_PREFERENCES: Final = 2


@attrs.frozen
class Kind:
    """One kind of case.

    Attributes:
        code: Of its dossiers.
        description: Of that code.
        path: Where it is filed, below ``/api/v1/``; empty if it cannot be.
        schema: The object that is read; empty if none is.
        title: The description of its dossiers.
        convert: Checks a body as the back office does, and gives what is answered.
        status: The first one.
    """

    code: str
    description: str
    path: str
    schema: str
    title: str
    convert: Callable[[Object], Object]
    status: tuple[str, str] = CREATED


def _person(person: Object, *, contact: str = "as given", checked: bool = False) -> Object:
    """Somebody as they come back.

    Args:
        person: As posted.
        contact: ``as given``, ``blank`` (not stored, comes back as two empty texts) or ``none``.
        checked: Whether the number has to be right.
    """
    bsn = padded(person["bsn"])
    if checked and not is_correct(bsn):
        raise broken(f"Bsn {bsn} is incorrect")
    answer: Object = {**person, "bsn": bsn}
    given = answer.pop("contactInformation", {})
    if contact == "blank":
        answer["contactInformation"] = dict(_BLANK)
    elif contact == "as given" and any(given.values()):
        answer["contactInformation"] = _BLANK | given
    return answer


def _relocation(body: Object) -> Object:
    address = dict(body["newAddress"])
    if address.get("addressFunction", "") is None:
        raise broken(None)
    live_in = address["liveIn"]
    if live_in["liveInApplicable"]:
        if "mainOccupant" not in address:
            raise bad_request("mainOccupant is mandatory if liveInApplicable is true")
        address["mainOccupant"] = _person(address["mainOccupant"], contact="blank")
        live_in = {"consent": "PENDING", **live_in}
        if "consenter" in live_in:
            live_in["consenter"] = _person(live_in["consenter"], contact="blank")
    else:
        address.pop("mainOccupant", None)
        live_in = {"liveInApplicable": False, "consent": "NOT_APPLICABLE"}
    if "municipality" in address:
        address["municipality"] = {"code": address["municipality"]["code"]}
    answer = {
        **body,
        "declarant": _person(body["declarant"]),
        "newAddress": {
            "street": "",
            "addressFunction": "LIVING_ADDRESS",
            **address,
            "postalCode": address["postalCode"].upper(),
            "liveIn": live_in,
        },
        "relocators": [_person(person, contact="blank") for person in body["relocators"]],
    }
    if "previousMunicipality" in body:
        answer["previousMunicipality"] = {"code": body["previousMunicipality"]["code"]}
    return answer


def _birth(body: Object) -> Object:
    for child in body["children"]:
        if "gender" not in child or "birthDateTime" not in child:
            raise broken(None)
        if dt.datetime.fromisoformat(child["birthDateTime"]) > dt.datetime.now():
            raise broken("De geboortedatum ligt in de toekomst")
    answer = {
        **body,
        "declarant": _person(body["declarant"], checked=True),
        "mother": _person(body["mother"], contact="none", checked=True),
    }
    if "fatherDuoMother" in body:
        answer["fatherDuoMother"] = _person(body["fatherDuoMother"], contact="none", checked=True)
    return answer


def _commitment(body: Object) -> Object:
    answer = {**body}
    for partner in ("partner1", "partner2"):
        answer[partner] = _partner(body[partner])
    answer.pop("officials", None)
    answer.pop("witnesses", None)
    if "location" in body:
        for option in body["location"].get("options", ()):
            _named(option)
            if "type" not in option:
                raise broken(None)
    officials = body.get("officials", {}).get("preferences", [])
    if len(officials) > _MAX_PREFERENCES:
        raise broken("Only 2 preferred officials are allowed")
    for official in officials:
        _named(official)
    if officials:
        answer["officials"] = {"preferences": officials}
    witnesses = _witnesses(body.get("witnesses", {"numberOfMunicipalWitnesses": 0}))
    if witnesses:
        answer["witnesses"] = witnesses
    return answer


def _partner(partner: Object) -> Object:
    answer = _person(partner, checked=True)
    name = answer.pop("nameAfterCommitment", None)
    if name is not None:
        if "nameUseType" not in name:
            raise broken(None)
        if name.get("lastname", "").strip():
            answer["nameAfterCommitment"] = name
    return answer


def _named(thing: Object) -> None:
    if not thing.get("name") and not thing.get("aliases"):
        raise broken("Name or alias is required")


def _witnesses(witnesses: Object) -> Object:
    chosen = []
    for witness in witnesses.get("chosen", ()):
        bsn = witness.get("bsn", "").strip()
        if not bsn and not all(witness.get(key) for key in ("firstname", "lastname", "birthdate")):
            raise broken(None)
        chosen.append({**witness, "bsn": padded(bsn)} if bsn else witness)
    number = max(0, witnesses["numberOfMunicipalWitnesses"])
    if not number and not chosen:
        return {}
    return {"numberOfMunicipalWitnesses": number, "chosen": chosen}


def _death(body: Object) -> Object:
    for clock in (body.get("timeOfDeath"), body.get("timeOfFinding")):
        _clock(clock)
    funeral = dict(body["funeralServices"])
    if "time" in funeral:
        funeral["time"] = _clock(funeral["time"])
    if body["correspondence"]["communicationType"] == "EMAIL" and any(
        extract["amount"] != 1 for extract in body["extracts"]
    ):
        raise broken("Bij e-mail is het aantal altijd 1")
    answer = {
        **body,
        "deceased": _person(body["deceased"], contact="none", checked=True),
        "funeralServices": funeral,
    }
    if "declarant" in body:
        answer["declarant"] = _person(body["declarant"], checked=True)
    return answer


def _clock(text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return dt.time.fromisoformat(text).strftime("%H:%M")
    except ValueError:
        raise broken(f"Text '{text}' could not be parsed at index 0") from None


KINDS: Final = (
    Kind(
        "intra_mun_relocation",
        "Intra-municipal relocation",
        "relocations/intra",
        "intra",
        "Verhuizing (Binnengemeentelijk)",
        _relocation,
    ),
    Kind(
        "inter_mun_relocation",
        "Inter-municipal relocation",
        "relocations/inter",
        "inter",
        "Verhuizing (Intergemeentelijk)",
        _relocation,
    ),
    Kind("birth", "Birth", "births", "birth", "Geboorte", _birth),
    Kind(
        "commitment",
        "Commitment",
        "commitments",
        "commitment",
        "Huwelijk / GPS in gemeente",
        _commitment,
        INCOMPLETE,
    ),
    Kind(
        "death_in_municipality",
        "Death in municipality",
        "deaths/in-municipality",
        "death",
        "Overlijden in gemeente",
        _death,
        INCOMPLETE,
    ),
    Kind(
        "discovered_body",
        "Discovered body",
        "deaths/discovered-body",
        "body",
        "Lijkvinding",
        _death,
        INCOMPLETE,
    ),
)
OTHERS: Final = tuple(
    Kind(code, description, "", "", description, dict)
    for code, description in (
        ("emigration", "Emigration"),
        ("resettlement", "Resettlement"),
        ("confidentiality", "Confidentiality"),
        ("extract", "Extract"),
        ("nameuse", "Name Use"),
        ("namechoice", "Name choice"),
        ("acknowledgement", "Acknowledgement"),
        ("withholding_missing_document", "Withholding or missing document"),
        ("travel_document", "Travel document"),
    )
)
"""What can be searched for and has documents, but can neither be filed nor got here."""
_ROLES: Final = {
    "intra_mun_relocation": ("declarant",),
    "inter_mun_relocation": ("declarant",),
    "birth": ("declarant", "mother", "fatherDuoMother"),
    "commitment": ("partner1", "partner2"),
    "death_in_municipality": ("declarant",),
    "discovered_body": (),
}


def concerns(code: str, body: Object, bsn: str) -> bool:
    """Whether a search for ``bsn`` shows a case of this kind."""
    people: list[Any] = [body.get(role, {}) for role in _ROLES.get(code, ())]
    return any(person.get("bsn") == bsn for person in people)
