"""The filters of the listing and of collections.

The documentation names the parameters and no more. Here texts match when they contain the value,
whatever the case; numbers and dates when they equal it; postcodes, telephone numbers and
licence plates whatever the spaces and dashes.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from elements_procura.sandbox.elements.dossier import STATUSES
from elements_procura.sandbox.elements.papers import ROOT

Facts = dict[str, list[str]]

_EXACT: Final = {"dossierstatus", "kantoor", "geboortedatum", "kvknummer", "nummer"}
_SQUEEZED: Final = {"postcode", "telefoonnummer", "kenteken"}
# These stand in the listing's own row; for the others the dossier's documents are needed.
SHALLOW: Final = ("relatienummer", "omschrijving", "dossierstatus")
DEEP: Final = (
    "kantoor",
    "achternaam",
    "geboortedatum",
    "organisatie",
    "kvknummer",
    "straat",
    "nummer",
    "postcode",
    "plaatsnaam",
    "telefoonnummer",
    "emailadres",
    "contractnummer",
    "kenteken",
)
ANYTHING: Final = "zoekwaarde"
FILTERS: Final = (*SHALLOW, *DEEP, ANYTHING)
_STATUS_IDS: Final = {name: str(number) for number, name in STATUSES.items()}
_NUMBERS_OF_CONTRACTS: Final = (
    "contractnummer",
    "hypotheeknummer",
    "garantienummer",
    "referentie",
)
_YES: Final = {"1", "true", "ja"}
_NO: Final = {"0", "false", "nee"}


def asked(query: Mapping[str, str]) -> dict[str, str]:
    """The filters a query asks for; an empty one asks for nothing."""
    return {name: query[name] for name in FILTERS if query.get(name)}


def row_facts(row: dict[str, Any]) -> Facts:
    """What a row of the listing says about its dossier."""
    facts: Facts = {}
    for name in ("relatienummer", "omschrijving"):
        _note(facts, name, row.get(name))
    status = row.get("status")
    _note(facts, "dossierstatus", status)
    _note(facts, "dossierstatus", _STATUS_IDS.get(str(status)))
    _note_address(facts, row.get("_embedded", {}).get("standaardcorrespondentieadres"))
    return facts


def dossier_facts(dossier_id: int, documents: Mapping[str, bytes]) -> Facts:
    """What a dossier's documents say about it; its adviseurs are not what one searches by."""
    facts: Facts = {}
    start = len(f"{ROOT}/{dossier_id}")
    for path, body in documents.items():
        relation = "/".join(part for part in path[start:].split("/") if not part.isdigit())
        if (note := _DOCUMENTS.get(relation)) and not path.rpartition("/")[2].isdigit():
            note(facts, orjson.loads(body))
        elif path.count("/") == ROOT.count("/") + 3 and b'"productdelen"' in body:
            _note_parts(facts, orjson.loads(body))
    return facts


def matches(filters: Mapping[str, str], *sources: Facts) -> bool:
    """Whether every filter finds its value in one of the sources."""
    return all(
        any(_has(facts, name, value) for facts in sources) for name, value in filters.items()
    )


def narrowed(body: bytes, query: Mapping[str, str]) -> bytes | None:
    """A collection with only the rows that ``publiek`` and ``gearchiveerd`` ask for.

    None when the query asks for neither.
    """
    wanted = {
        name: query[name].lower() in _YES
        for name in ("publiek", "gearchiveerd")
        if query.get(name, "").lower() in _YES | _NO
    }
    if not wanted:
        return None
    document = orjson.loads(body)
    for rel, rows in document["_embedded"].items():
        document["_embedded"][rel] = [
            row for row in rows if all(_flag(row, name) is yes for name, yes in wanted.items())
        ]
    return orjson.dumps(document)


def _flag(row: dict[str, Any], name: str) -> bool:
    """A flag of a row, however it is spelled; what is not there is not set."""
    value = row.get(name, row.get(f"{name} "))
    return value is True or (isinstance(value, str) and value.lower() in _YES)


def _has(facts: Facts, name: str, value: str) -> bool:
    if name == ANYTHING:
        return any(_has(facts, each, value) for each in facts)
    held = facts.get(name, ())
    wanted = value.casefold()
    if name in _EXACT:
        return any(each.casefold() == wanted for each in held)
    if name in _SQUEEZED:
        wanted = _squeezed(wanted)
        return any(wanted in _squeezed(each.casefold()) for each in held)
    return any(wanted in each.casefold() for each in held)


def _squeezed(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())


def _note(facts: Facts, name: str, value: object) -> None:
    if value not in (None, ""):
        facts.setdefault(name, []).append(str(value))


def _note_address(facts: Facts, address: dict[str, Any] | None) -> None:
    for name in ("straat", "nummer", "postcode", "plaatsnaam"):
        _note(facts, name, (address or {}).get(name))


def _rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for rows in document["_embedded"].values() for row in rows]


def _note_persons(facts: Facts, document: dict[str, Any]) -> None:
    for row in _rows(document):
        _note(facts, "achternaam", row.get("achternaam"))
        whole = f"{row.get('tussenvoegsel') or ''} {row.get('achternaam') or ''}".strip()
        _note(facts, "achternaam", whole)
        _note(facts, "geboortedatum", (row.get("geboortedatum") or "")[:10])


def _note_organisations(facts: Facts, document: dict[str, Any]) -> None:
    for row in _rows(document):
        for name in ("naam", "statutairenaam", "handelsnaam"):
            _note(facts, "organisatie", row.get(name))
        _note(facts, "kvknummer", row.get("kvknummer"))


def _note_addresses(facts: Facts, document: dict[str, Any]) -> None:
    for row in _rows(document):
        _note_address(facts, row)


def _note_products(facts: Facts, document: dict[str, Any]) -> None:
    for row in _rows(document):
        _note(facts, "contractnummer", (row.get("offertenummer") or "").strip())


def _note_parts(facts: Facts, document: dict[str, Any]) -> None:
    for part in document["_embedded"]["productdelen"]:
        for name in _NUMBERS_OF_CONTRACTS:
            _note(facts, "contractnummer", part.get(name))


def _noting(name: str, field: str) -> Callable[[Facts, dict[str, Any]], None]:
    def note(facts: Facts, document: dict[str, Any]) -> None:
        for row in _rows(document):
            _note(facts, name, row.get(field))

    return note


# By path below the dossier, without ids.
_DOCUMENTS: Final[dict[str, Callable[[Facts, dict[str, Any]], None]]] = {
    "/kantoor": lambda facts, document: _note(facts, "kantoor", document.get("id")),
    "/klanten/particulier": _note_persons,
    "/klanten/zakelijk": _note_organisations,
    "/producten": _note_products,
    "/bezittingen": _noting("kenteken", "kenteken"),
    **{
        f"/klanten/{kind}/{rel}": note
        for kind in ("particulier", "zakelijk")
        for rel, note in (
            ("adressen", _note_addresses),
            ("telefoonnummers", _noting("telefoonnummer", "naam")),
            ("emailadressen", _noting("emailadres", "naam")),
        )
    },
}
