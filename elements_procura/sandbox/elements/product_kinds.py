"""The kinds of products: what each shows in its row, and the parts of its document."""

import random
from collections.abc import Callable
from typing import Any, Final, Literal

import attrs

from elements_procura.sandbox.elements import values
from elements_procura.sandbox.elements.papers import Ids

Fields = dict[str, Any]

_RARELY: Final = 0.1
_MORTGAGES: Final = ("Aflossingsvrije hypotheek", "Annuïteitenhypotheek", "Lineaire hypotheek")
_SUBSCRIPTIONS: Final = ("Abonnement Comfort", "Advies - Starter", "Advies - Doorstromer")
_PREMIUMS: Final = (
    "brutoPremie",
    "toeslag",
    "korting",
    "nettoPremie",
    "kosten",
    "tussenpersoonkosten",
    "assurantiebelasting",
    "totaal",
)


@attrs.frozen(kw_only=True)
class Kind:
    """A kind of product.

    Attributes:
        type: Its number.
        omschrijving: Its name.
        weight: How often it is drawn.
        row: Draws what it adds to a row.
        parts: Draws the productdelen of its document; None when it has no document.
        registraties: Whether the documentation knows registraties of it.
        onderpand: How it shows the address it is secured on.
        aanvragers: The name its applicants go by.
    """

    type: int
    omschrijving: str
    weight: int
    row: Callable[[random.Random], Fields]
    parts: Callable[[random.Random, Ids], list[Fields]] | None = None
    registraties: bool = False
    onderpand: Literal["list", "object"] | None = None
    aanvragers: str | None = "aanvragers"


def _day(rng: random.Random) -> str:
    return values.stamp(values.some_date(rng, 2008, 2022))


def _amount(rng: random.Random, step: int) -> str:
    return values.money(step * rng.randint(1, 40))


def _start(rng: random.Random, name: str) -> Fields:
    """A date that may be missing, and whether it is certain."""
    known = rng.random() > _RARELY
    return {
        name: _day(rng) if known else None,
        f"{name}Definitief": values.ja_nee(known and rng.random() < 0.5),
    }


def _hypotheek(rng: random.Random) -> Fields:
    hoofdsom = 10_000 * rng.randint(8, 60)
    return {
        "maatschappij": rng.choice(values.LENDERS),
        **_start(rng, "passeerdatum"),
        "hoofdsom": values.money(hoofdsom),
        "inschrijving": values.money(hoofdsom * 1.125),
        "renteaanbodAangevraagd": _day(rng),
        "ontbindendeVoorwaarden": _day(rng),
    }


def _hypotheekdelen(rng: random.Random, new_id: Ids) -> list[Fields]:
    parts: list[Fields] = []
    for _ in range(rng.randint(1, 3)):
        form = rng.choice(_MORTGAGES)
        start = values.some_date(rng, 2008, 2022)
        years: int = rng.choice((10, 20, 30))
        fixed: int = rng.choice((5, 10))
        parts.append(
            {
                "id": new_id(),
                "product": form,
                "looptijd": 12 * years,
                "hypotheeknummer": f"H-{rng.randrange(10**6):06}",
                "hypotheekvorm": form,
                "deelHoofdsom": _amount(rng, 10_000),
                "maandelijksBedrag": _amount(rng, 35),
                "einddatum": values.stamp(values.years_after(start, years)),
                "rentepercentage": f"{rng.uniform(0.9, 6):.2f}",
                "rentetype": "Rentevast",
                "rentevastperiode": 12 * fixed,
                "rentevastEinddatum": values.stamp(values.years_after(start, fixed)),
                "rentekorting": rng.choice(("0.10", None)),
                "rentebedenktijd": None,
            }
        )
    return parts


def _bankgarantie(rng: random.Random) -> Fields:
    return {
        "maatschappij": rng.choice(values.LENDERS),
        **_start(rng, "passeerdatum"),
        "hoofdsom": rng.choice((_amount(rng, 10_000), None)),
        "inschrijving": rng.choice((_amount(rng, 10_000), None)),
    }


def _bankgarantiedelen(rng: random.Random, new_id: Ids) -> list[Fields]:
    return [
        {
            "id": new_id(),
            "product": "Bankgarantie",
            "garantienummer": f"BG{rng.randrange(10**6):06}",
            "garantiebedrag": _amount(rng, 5_000),
            "orv": rng.choice(("ja", "nee")),
        }
    ]


def _contract(rng: random.Random) -> Fields:
    return {"maatschappij": rng.choice(values.LENDERS), **_start(rng, "startdatum")}


def _contractdelen(rng: random.Random, new_id: Ids) -> list[Fields]:
    start = values.some_date(rng, 2010, 2022)
    return [
        {
            "id": new_id(),
            "product": "Contract",
            "referentie": f"cntr{rng.randrange(1000)}",
            "verkoopprijs": _amount(rng, 25),
            "premietermijn": rng.choice(("eenmalig", "maand", None)),
            "contractduur": 12,
            "hoofdvervaldatum": values.stamp(values.years_after(start, 1)),
            "looptijdVerplichting": rng.choice((6, 12)),
            "vervaldatum": values.stamp(start),
        }
    ]


def _dienst(rng: random.Random) -> Fields:
    return {"maatschappij": rng.choice(values.LENDERS), **_start(rng, "ingangsdatum")}


def _dienstdelen(rng: random.Random, new_id: Ids) -> list[Fields]:
    return [
        {
            "id": new_id(),
            "product": product,
            "omschrijving": product.split(" ")[0],
            "betalingstermijn": rng.choice(("maand", "eenmalig")),
            "verkoopprijs": values.money(rng.randint(100, 150_000) / 100),
            "btw": rng.choice(("BTW 21% exclusief", None)),
        }
        for product in rng.sample(_SUBSCRIPTIONS, rng.randint(1, 2))
    ]


def _krediet(rng: random.Random) -> Fields:
    return {**_dienst(rng), "gewenstBedrag": _amount(rng, 1_000)}


def _kredietdelen(rng: random.Random, new_id: Ids) -> list[Fields]:
    group = rng.choice(("Persoonlijke lening", "Doorlopend krediet"))
    months: int = rng.choice((12, 48, 60))
    start = values.some_date(rng, 2010, 2020)
    return [
        {
            "id": new_id(),
            "product": group,
            "productgroep": group,
            "leenbedrag": _amount(rng, 1_000),
            "contractnummer": str(rng.randrange(100, 10**7)),
            "termijnbedrag": _amount(rng, 20),
            "theoretischeLooptijd": months,
            "theoretischeEinddatum": values.stamp(values.years_after(start, months // 12)),
        }
    ]


def _schade(rng: random.Random) -> Fields:
    return {
        **_dienst(rng),
        **_start(rng, "offerteAanvraagdatum"),
        "isPakket": rng.choice(("nee", "ja")),
        **{name: _amount(rng, 3) for name in _PREMIUMS},
        "pakketkorting": "0.00",
        "pakketkortingPercentage": None,
        "premietermijn": rng.choice(("maand", None)),
        "incassowijze": "Tussenpersoon",
        "beloningpercentageDeelnemer": "0.00",
        "beloningpercentageAdviseur": "0.00",
    }


def _advies(rng: random.Random) -> Fields:
    return {
        **_contract(rng),
        "passeerdatum": None,
        "datumOntbindendeVoorwaarden": None,
        "koopprijs": _amount(rng, 10_000),
    }


def _profileprint(rng: random.Random) -> Fields:
    return {"leverancier": "Profileprints BV", **_start(rng, "verwachtteLeverdatum")}


KINDS: Final[dict[str, Kind]] = {
    "hypotheken": Kind(
        type=1,
        omschrijving="Hypotheek",
        weight=10,
        row=_hypotheek,
        parts=_hypotheekdelen,
        onderpand="object",
        aanvragers="aanvrager",
    ),
    "bankgaranties": Kind(
        type=19,
        omschrijving="Bankgarantie",
        weight=2,
        row=_bankgarantie,
        parts=_bankgarantiedelen,
        registraties=True,
        onderpand="list",
        aanvragers=None,
    ),
    "consumptiefkredieten": Kind(
        type=48,
        omschrijving="Consumptief krediet",
        weight=2,
        row=_krediet,
        parts=_kredietdelen,
        registraties=True,
    ),
    "contracten": Kind(
        type=9,
        omschrijving="Contract",
        weight=2,
        row=_contract,
        parts=_contractdelen,
        registraties=True,
    ),
    "diensten": Kind(type=43, omschrijving="Dienst", weight=2, row=_dienst, parts=_dienstdelen),
    "schadeverzekeringen": Kind(type=4, omschrijving="Schadeverzekering", weight=3, row=_schade),
    "levensverzekeringen": Kind(
        type=2,
        omschrijving="ORV annuïtair dalend",
        weight=2,
        row=lambda rng: {"garantiekapitaal": _amount(rng, 1_000)},
    ),
    "inkomensverzekeringen": Kind(
        type=5,
        omschrijving="Inkomensverzekering",
        weight=1,
        row=lambda rng: {**_dienst(rng), "incassowijze": "Tussenpersoon"},
    ),
    "uitvaartverzekeringen": Kind(
        type=21,
        omschrijving="Uitvaartverzekering",
        weight=1,
        row=lambda rng: {
            "maatschappij": "Dela Verzekeringen",
            "ingangsdatum": _day(rng),
            "kinderenMeeverzekeren": rng.choice(("nee", "ja")),
        },
    ),
    "pensioenen": Kind(
        type=8,
        omschrijving="Pensioen",
        weight=1,
        row=lambda rng: {"maatschappij": rng.choice(values.LENDERS)},
    ),
    "vermogenenbancair": Kind(
        type=3,
        omschrijving="Vermogen en bancair",
        weight=1,
        row=lambda rng: {"leverancier": "ING", "startdatum": _day(rng), "verpandAan": None},
    ),
    "hypotheekadviezen": Kind(type=15, omschrijving="Hypotheekadvies", weight=1, row=_advies),
    "profileprints": Kind(type=11, omschrijving="Profile print", weight=1, row=_profileprint),
}
