"""Contact data added to klanten, or to the medewerkers of one, which nobody can read back."""

from typing import Final

import orjson

from elements_procura.sandbox.elements.papers import links
from elements_procura.sandbox.elements.writes.write import Done, Fields, Write

# The documentation gives the number of 1 and 7, and of 1, 2 and 5; the others are made up.
ADDRESS_TYPES: Final = {
    "bezoekadres": 1,
    "afleveradres": 2,
    "algemeen": 3,
    "factuuradres": 4,
    "pand": 5,
    "priveadres": 6,
    "correspondentieadres": 7,
}
_PHONE_TYPES: Final = {
    "algemeen": 1,
    "storingsnummer": 3,
    "fax": 4,
    "mobiel": 5,
    "zakelijk": 6,
    "skype": 7,
}
_EMAIL_TYPES: Final = {"Zakelijk": 1, "Prive": 2, "Algemeen": 3}


def adres(write: Write) -> Done:
    """Add an address, or one that exists already."""
    body = write.body
    category = str(body.get("categorie", "Standaard")).lower()
    fields = {
        "straat": body.get("straat"),
        "nummer": body.get("nummer"),
        "toevoeging": body.get("toevoeging", ""),
        "postcode": body.get("postcode"),
        "plaatsnaam": body.get("plaatsnaam"),
        "postcodegebied": body["postcode"][:4] if "postcode" in body else None,
        "longitude": None,
        "latitude": None,
        "categorie": "default" if category == "standaard" else category,
    }
    if "id" in body:
        found = write.address(body["id"])
        fields = {name: found[name] for name in fields}
    naam = body["type"].lower()
    return _lay_down(write, fields, {"id": ADDRESS_TYPES[naam], "naam": naam})


def emailadres(write: Write) -> Done:
    """Add an e-mail address, or one that exists already."""
    fields = {"naam": write.body.get("naam"), "omschrijving": None}
    naam = write.body["type"]
    fields = _of_existing(write, fields, mark="omschrijving")
    return _lay_down(write, fields, {"id": _EMAIL_TYPES[naam], "naam": naam})


def telefoonnummer(write: Write) -> Done:
    """Add a telephone number, or one that exists already."""
    fields: Fields = {"naam": write.body.get("naam"), "omschrijving": None}
    fields = _of_existing(write, fields, mark="omschrijving")
    digits = "".join(sign for sign in fields["naam"] or "" if sign.isdigit())
    naam = write.body["type"].lower()
    return _lay_down(
        write, {**fields, "weergavenaam": digits}, {"id": _PHONE_TYPES[naam], "naam": naam}
    )


def rekeningnummer(write: Write) -> Done:
    """Add a bank account, or one that exists already; its type is shown nowhere."""
    body = write.body
    country = body.get("land")
    shown = "landIso" if "/zakelijk/" in write.path else "land_iso"
    fields = {
        "nummer": body.get("nummer", ""),
        "iban": body.get("iban", ""),
        "bic": body.get("bic", ""),
        shown: country,
        "naam": _owner_name(write),
    }
    fields = _of_existing(write, fields, mark="iban")
    if country is None and "id" in body:
        found = write.known(body["id"], "iban") or {}
        fields[shown] = found.get("land_iso", found.get("landIso"))
    return _lay_down(write, fields, None)


def kenmerk(write: Write) -> Done:
    """Add a characteristic; the words of kenmerken and vragen are documented nowhere."""
    row: Fields = {
        "naam": write.numbered("kenmerk", "Kenmerk"),
        "vraag": write.numbered("vraag", "Vraag") or "",
        "omschrijving": write.body.get("omschrijving", ""),
    }
    # No document links to these, so neither does the owner's from now on.
    return _lay_down(write, row, None, link=False)


def _of_existing(write: Write, fields: Fields, *, mark: str) -> Fields:
    """What is known of something that exists already, where the body says no more than its id."""
    if "id" not in write.body:
        return fields
    rel = write.path.rpartition("/")[2]
    found = write.known(write.body["id"], mark, within=f"/{rel}") or {}
    return {name: found.get(name, value) for name, value in fields.items()}


def _owner_name(write: Write) -> str | None:
    document = write.world.find(write.owner)
    found = orjson.loads(document) if document else {}
    name: str | None = found.get("weergavenaam", found.get("naam"))
    return name


def _lay_down(write: Write, fields: Fields, kind: Fields | None, *, link: bool = True) -> Done:
    """Add a row and its item; what stands there already gets one more type."""
    world, number = write.world, write.body.get("id", write.id)
    item = f"{write.path}/{number}"
    if "/medewerkers/" in write.path:
        return write.done(number)
    standing = world.find(write.path)
    for row in orjson.loads(standing)["_embedded"].popitem()[1] if standing else ():
        if row["id"] == number:
            _add_type(write, item, row, kind)
            return write.done(number)
    row = {"id": number, **fields, "_links": links(item)}
    if kind is not None:
        row["_embedded"] = {"types": [kind]}
    world.append(write.path, row)
    world.put(item, row)
    if link:
        world.link(write.owner, write.path.rpartition("/")[2])
    return write.done(number)


def _add_type(write: Write, item: str, row: Fields, kind: Fields | None) -> None:
    if kind is None:
        return

    def more(document: Fields) -> None:
        (rows,) = document["_embedded"].values()
        for each in rows:
            if each["id"] == row["id"]:
                each["_embedded"]["types"].append(kind)

    write.world.patch(write.path, more)
    row["_embedded"]["types"].append(kind)
    write.world.put(item, row)
