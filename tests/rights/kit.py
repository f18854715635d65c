"""A household in a sandbox, one of whom bears marks that nobody else has."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from elements_procura.harvest import Store, harvest
from elements_procura.sandbox import Sandbox
from tests.harvest.inside import words_of

DOSSIER, OTHER, TENANT = 5526, 300001, "kantoor"
BASE = f"/api/data/klantdossiers/{DOSSIER}"
PERSONS = f"{BASE}/klanten/particulier"
PERSON, BSN = 120954, "123456782"
NAMES = {
    "achternaam": "Zqxachter",
    "voornaam": "Zqxvoor",
    "weergavenaam": "Zqxachter, Zqxvoor",
    "bsn": BSN,
    "geboortedatum": "1961-02-03T00:00:00+01:00",
}
CONTACTS = {
    "emailadressen": {"naam": "zqx.mail@zqxdomein.nl"},
    "telefoonnummers": {"naam": "0698765432", "computednaam": "0698765432"},
    "rekeningnummers": {"iban": "NL20INGB0001234567", "naam": "Zqxachter"},
    "adressen": {"straat": "Zqxstraat"},
}
MARKS = ["Zqx", "zqx", BSN, "0698765432", "NL20INGB0001234567", "1961-02-03"]


def sandbox_of_one(**options: Any) -> Sandbox:
    """A sandbox with the person, in whose dossier texts speak of them, and in another's."""
    sandbox = Sandbox(**{"dossiers": 3, "seed": 4, "limits": "off", **options})
    for dossier in sandbox.dossier_ids:
        for path, body in [*sandbox.truth(dossier).items()]:
            if body[:1] == b"{" and b'"bsn"' in body:
                sandbox.patch(path, _named)
    for contact, values in CONTACTS.items():

        def write(document: Any, contact: str = contact, values: Any = values) -> None:
            for row in document["_embedded"][contact]:
                row.update(values)

        sandbox.patch(f"{PERSONS}/{PERSON}/{contact}", write)
    texts = {BASE: "Dossier Zqxachter", f"/api/data/klantdossiers/{OTHER}": f"borg: bsn{BSN}"}
    for path, text in texts.items():
        sandbox.patch(path, partial(_described, text))
    return sandbox


def _described(text: str, document: Any) -> None:
    document["omschrijving"] = text


def _named(document: Any) -> None:
    for each in _objects(document):
        if each.get("id") == PERSON and "bsn" in each:
            each.update(NAMES)


def _objects(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
    for each in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _objects(each)


async def run(client: Any, store: Store, **how: Any) -> None:
    """Harvest to the end."""
    async for _ in harvest(client, store, **how):
        pass


async def harvested(path: Path, *, history: bool = False) -> None:
    """A store of it."""
    async with sandbox_of_one() as sandbox, sandbox.client() as client:
        with Store.create(path, tenant=TENANT, history=history) as store:
            await run(client, store)
            if history:
                sandbox.change(DOSSIER)


def marks_in(path: Path, marks: list[str] = MARKS) -> list[str]:
    """Marks that are left in a store's files, with bodies unpacked."""
    text = words_of(path).decode(errors="replace")
    return [mark for mark in marks if mark in text]


def marks_below(folder: Path) -> list[tuple[str, str]]:
    """Marks in any file below a folder, as it stands there."""
    return [
        (str(file.relative_to(folder)), mark)
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        for mark in MARKS
        if mark.encode() in file.read_bytes()
    ]
