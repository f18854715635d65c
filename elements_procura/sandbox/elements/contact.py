"""Contact data of an owner: a klant, an adviseur or a kantoor, whose path says who it is.

Each owner has its own spellings in the documentation; now and then one uses another's.
"""

import random
from typing import Any, Final

import attrs

from elements_procura.sandbox.elements import values
from elements_procura.sandbox.elements.papers import Ids, Papers, links
from elements_procura.sandbox.elements.picture import png

_RARELY: Final = 0.1
_EMAIL_TYPES: Final = ((1, "Zakelijk"), (2, "Prive"), (3, "Algemeen"))
_PHONE_TYPES: Final = ((1, "algemeen"), (2, "prive"), (5, "mobiel"))
_ADDRESS_TYPES: Final = ((1, "bezoekadres"), (7, "correspondentieadres"))
_KENMERKEN: Final = ("Ondernemer", "Starter", "Doorstromer", "Expat", "Mailing ja", "VIP")


def address(rng: random.Random, new_id: Ids) -> dict[str, Any]:
    """An address; one in ten has its coordinates the wrong way round, another none."""
    town, lowest, longitude, latitude = rng.choice(values.TOWNS)
    code = values.postcode(rng, lowest)
    east = f"{longitude + rng.uniform(-0.02, 0.02):.8f}"
    north = f"{latitude + rng.uniform(-0.02, 0.02):.8f}"
    place: tuple[str | None, str | None] = values.pick(
        rng, (((east, north), 8), ((north, east), 1), ((None, None), 1))
    )
    return {
        "id": new_id(),
        "straat": rng.choice(values.STREETS),
        "nummer": str(rng.randint(1, 240)),
        "toevoeging": values.pick(rng, (("", 8), ("A", 1), ("bis", 1), (None, 1))),
        "postcode": code,
        "plaatsnaam": town,
        "postcodegebied": code[:4],
        "longitude": place[0],
        "latitude": place[1],
        "categorie": "default",
    }


def with_types(rng: random.Random, place: dict[str, Any]) -> dict[str, Any]:
    """The address as klanten and products show it: with what it is used for."""
    chosen = rng.sample(_ADDRESS_TYPES, rng.randint(1, 2))
    return {**place, "_embedded": {"types": [{"id": key, "naam": naam} for key, naam in chosen]}}


@attrs.frozen(kw_only=True)
class Contact:
    """Writes the contact documents of the owner at ``path``.

    Args:
        papers: Where they go.
        rng: The owner's random numbers.
        new_id: The owner's ids.
        path: The owner's path.
        kind: The relation it came from: ``particulier``, ``zakelijk``, ``adviseurs``, ``kantoor``.
    """

    papers: Papers
    rng: random.Random
    new_id: Ids
    path: str
    kind: str

    def adressen(self, places: list[dict[str, Any]]) -> bool:
        """Write addresses; those of adviseurs and kantoren have no types."""
        typed = self.kind in ("particulier", "zakelijk")
        rows = [with_types(self.rng, place) if typed else {**place} for place in places]
        return self.papers.add_collection(f"{self.path}/adressen", rows)

    def emailadressen(self, name: str, *, at_most: int = 2) -> bool:
        """Write e-mail addresses; some items of adviseurs hold ``_embedded`` inside ``_links``."""
        local = "".join(sign for sign in name.lower() if sign.isascii() and sign.isalnum())
        rows: list[dict[str, Any]] = []
        for _ in range(self.rng.randint(0, at_most)):
            key, naam = self.rng.choice(_EMAIL_TYPES)
            new_id = self.new_id()
            rows.append(
                {
                    "id": new_id,
                    "naam": f"{local}{new_id}@voorbeeld.example",
                    "omschrijving": self.rng.choice((None, "")),
                    "_embedded": {"types": [{"id": key, "naam": naam}]},
                }
            )
        path = f"{self.path}/emailadressen"
        filled = self.papers.add_collection(path, rows)
        if self.kind == "adviseurs":
            for row in rows:
                if self.rng.random() < 0.5:
                    item = {**row, "_links": {**row["_links"], "_embedded": row["_embedded"]}}
                    del item["_embedded"]
                    self.papers.add(f"{path}/{row['id']}", item)
        return filled

    def telefoonnummers(self, *, at_most: int = 2) -> bool:
        """Write telephone numbers, shown as ``weergavenaam`` or ``computednaam``."""
        usual, other = "weergavenaam", "computednaam"
        if self.kind == "adviseurs":
            usual, other = other, usual
        rows: list[dict[str, Any]] = []
        for _ in range(self.rng.randint(0, at_most)):
            digits = f"06{self.rng.randrange(10_000_000, 100_000_000)}"
            key, naam = self.rng.choice(_PHONE_TYPES)
            rows.append(
                {
                    "id": self.new_id(),
                    "naam": self.rng.choice((digits, f"{digits[:2]}-{digits[2:]}")),
                    "omschrijving": self.rng.choice((None, "", " ")),
                    (other if self.rng.random() < _RARELY else usual): digits,
                    "_embedded": {"types": [{"id": key, "naam": naam}]},
                }
            )
        return self.papers.add_collection(f"{self.path}/telefoonnummers", rows)

    def rekeningnummers(self, name: str | None, *, at_most: int = 2) -> bool:
        """Write bank accounts, their country as ``land_iso`` or ``landIso``."""
        usual, other = "land_iso", "landIso"
        if self.kind == "zakelijk":
            usual, other = other, usual
        rows: list[dict[str, Any]] = []
        for _ in range(self.rng.randint(0, at_most)):
            number, iban, bic = values.iban(self.rng)
            rows.append(
                {
                    "id": self.new_id(),
                    "nummer": number,
                    "iban": iban,
                    "bic": bic,
                    (other if self.rng.random() < _RARELY else usual): "NL",
                    "naam": name,
                }
            )
        return self.papers.add_collection(f"{self.path}/rekeningnummers", rows)

    def kenmerken(self) -> bool:
        """Write characteristics."""
        rows: list[dict[str, Any]] = [
            {"id": self.new_id(), "naam": naam, "vraag": "", "omschrijving": ""}
            for naam in self.rng.sample(_KENMERKEN, self.rng.choice((0, 0, 1, 2)))
        ]
        return self.papers.add_collection(f"{self.path}/kenmerken", rows)

    def socialmedia(self) -> bool:
        """Write accounts on social media; ``publiek`` is a text here, now and then a boolean."""
        rows: list[dict[str, Any]] = []
        for site in self.rng.sample(
            ("twitter", "facebook", "linkedin"), self.rng.choice((0, 0, 1))
        ):
            new_id = self.new_id()
            rows.append(
                {
                    "id": new_id,
                    "type": site,
                    "url": f"https://{site}.example/{new_id}",
                    "publiek": True if self.rng.random() < _RARELY else "ja",
                }
            )
        return self.papers.add_collection(f"{self.path}/socialmedia", rows)

    def codes(self) -> None:
        """Write registration codes; they have no links of their own."""
        rows: list[dict[str, Any]] = [
            {
                "id": self.new_id(),
                "code": str(self.rng.randrange(100, 100_000)),
                "omschrijving": "",
                "afgiftedatum": values.stamp(values.some_date(self.rng, 2006, 2020)),
                "type": self.rng.choice(("Vestigingsnummer", "AFM-nummer")),
            }
            for _ in range(self.rng.choice((0, 1, 1)))
        ]
        path = f"{self.path}/codes"
        self.papers.add(path, {"_links": links(path), "_embedded": {"codes": rows}})

    def profielfoto(self, *, chance: float) -> bool:
        """Write a picture and its description, or neither."""
        if self.rng.random() >= chance:
            return False
        # Few different ones, so that a big world does not hold thousands.
        picture = png(*(self.rng.randrange(0, 256, 64) for _ in range(3)))
        path = f"{self.path}/profielfoto"
        self.papers.documents[f"{path}/download"] = picture
        self.papers.add(
            path,
            {
                "id": self.new_id(),
                "naam": "profielfoto.png",
                "extensie": "png",
                "bestandsgrootte": len(picture),
                "mimetype": "image/png",
                "omschrijving": "",
                "aanmaakdatum": values.stamp(values.some_date(self.rng, 2014, 2022)),
                "_links": links(path, ("download",)),
            },
        )
        return True
