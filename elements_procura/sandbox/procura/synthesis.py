"""Synthetic cases of all six kinds, grown from a seed."""

import datetime as dt
import random
from typing import Any, Final

from elements_procura.sandbox.procura.kinds import KINDS, OTHERS, Kind
from elements_procura.sandbox.procura.numbers import made
from elements_procura.sandbox.procura.reading import Object, read
from elements_procura.sandbox.procura.world import Case, World

FIRST_DAY: Final = dt.date(2023, 1, 2)
LAST_DAY: Final = dt.date(2024, 12, 30)
BUSY_DAY: Final = dt.date(2024, 3, 15)
_STREETS: Final = ("Dorpstraat", "Kerklaan", "Parelweg", "Lindenhof")
_TOWNS: Final = (("Alkmaar", "0361"), ("Heerhugowaard", "0398"), ("Zoetermeer", "0637"))
_FILES: Final = ("akte.pdf", "brief.pdf", "kopie paspoort.pdf")
_NAMES: Final = ("Jansen", "Vries", "Bakker", "Smit", "Meijer")


class Grower:
    """Files one case after the other.

    Args:
        world: Where they go.
        busy_day: How many, the first ones, are filed on one and the same day.
        documented: Which part of them, from 0 to 1, gets documents; these are small.
        seed: What they grow from.
    """

    def __init__(self, world: World, *, busy_day: int, documented: float, seed: int) -> None:
        self._world = world
        self._busy_day = busy_day
        self._documented = documented
        self._chance = random.Random(f"{seed}/cases")
        # Of its own, so that what a case is does not depend on what is filed with it.
        self._document_chance = random.Random(f"{seed}/documents of cases")
        self._number = 0

    def grow(self, *, other: bool = False) -> Case:
        """File the next one.

        Args:
            other: Of a kind that can only be searched for.
        """
        chance, number = self._chance, self._number
        self._number += 1
        kinds = OTHERS if other else KINDS
        kind = kinds[number % len(kinds)]
        busy, days = number < self._busy_day, (LAST_DAY - FIRST_DAY).days
        day = BUSY_DAY if busy else FIRST_DAY + dt.timedelta(days=chance.randrange(days))
        entered = dt.datetime.combine(day, dt.time(chance.randrange(8, 17), chance.randrange(60)))
        body = {} if other else _BODIES[kind.schema](chance, day)
        body["dossier"] = {
            "startDate": day.isoformat(),
            "referenceIds": [{"id": f"sandbox-{number + 1}", "description": "Sandbox"}],
        }
        read_body = body if other else _read(kind, body)
        case = self._world.file(kind, read_body, entered=entered)
        if self._document_chance.random() < self._documented:
            self._add_documents(case)
        return case

    def _add_documents(self, case: Case) -> None:
        chance = self._document_chance
        for _ in range(chance.randint(1, 3)):
            content = b"%PDF-1.4\n" + chance.randbytes(chance.randrange(20, 400))
            body = {"filename": chance.choice(_FILES), "content": content}
            self._world.add_document(case, body, entered=case.entered)


def _read(kind: Kind, body: Object) -> Object:
    return read(body, kind.schema)


def _person(chance: random.Random, *, contact: bool = False) -> Object:
    person: Object = {"bsn": made(chance)}
    if contact:
        number = f"06{chance.randrange(10**8):08}"
        person["contactInformation"] = {
            "email": f"burger{chance.randrange(10**6)}@example.nl",
            "telephoneNumber": number,
        }
    return person


def _relocation(chance: random.Random, _: dt.date) -> Object:
    town, code = chance.choice(_TOWNS)
    declarant = _person(chance, contact=True)
    moves_in = chance.random() < 0.3
    address: Object = {
        "street": chance.choice(_STREETS),
        "houseNumber": chance.randrange(1, 200),
        "postalCode": f"{chance.randrange(1000, 9999)}AB",
        "residence": town,
        "municipality": {"code": code},
        "numberOfResidents": chance.randrange(1, 6),
        "liveIn": {"liveInApplicable": moves_in},
    }
    if moves_in:
        address["mainOccupant"] = _person(chance)
    return {
        "declarant": declarant,
        "newAddress": address,
        "relocators": [
            {"bsn": declarant["bsn"], "declarationType": "REGISTERED"},
            *(
                {**_person(chance), "declarationType": "AUTHORITY_HOLDER"}
                for _ in range(chance.randrange(3))
            ),
        ],
    }


def _inter(chance: random.Random, day: dt.date) -> Object:
    return {**_relocation(chance, day), "previousMunicipality": {"code": "0363"}}


def _birth(chance: random.Random, day: dt.date) -> Object:
    born = dt.datetime.combine(day, dt.time(chance.randrange(24), chance.randrange(60)))
    return {
        "qualificationForDeclaringType": "FATHER",
        "declarant": _person(chance, contact=True),
        "mother": _person(chance),
        "fatherDuoMother": _person(chance),
        "children": [
            {
                "firstname": chance.choice(("Anna", "Bram", "Chris", "Dewi")),
                "gender": chance.choice(("MAN", "WOMAN", "UNKNOWN")),
                "birthDateTime": born.isoformat(),
            }
        ],
        "nameSelection": {"lastname": chance.choice(_NAMES)},
    }


def _commitment(chance: random.Random, day: dt.date) -> Object:
    return {
        "partner1": _person(chance, contact=True),
        "partner2": _person(chance, contact=True),
        "planning": {
            "commitmentType": chance.choice(("MARRIAGE", "GPS")),
            "commitmentDateTime": dt.datetime.combine(day, dt.time(14)).isoformat(),
        },
        "location": {"name": "Stadhuis"},
        "witnesses": {
            "numberOfMunicipalWitnesses": 1,
            "chosen": [{"firstname": "Truus", "lastname": "Smit", "birthdate": 19900100}],
        },
    }


def _dead(chance: random.Random, day: dt.date) -> Object:
    town, code = chance.choice(_TOWNS)
    return {
        "deceased": {
            **_person(chance),
            "lastname": chance.choice(_NAMES),
            "birthdate": chance.choice((19400000, 19520700, 19610315)),
            "birthplace": town,
        },
        "deathByNaturalCauses": True,
        "municipality": {"code": code, "description": town},
        "funeralServices": {
            "serviceType": "BURIAL_CREMATION",
            "date": (day + dt.timedelta(days=5)).isoformat(),
            "time": "13:20",
            "outsideBenelux": False,
        },
        "correspondence": {"communicationType": "POST", "name": "Uitvaartzorg De Linde"},
        "extracts": [{"code": "akt1", "amount": 2}] if chance.random() < 0.5 else [],
    }


def _death(chance: random.Random, day: dt.date) -> Object:
    return {
        **_dead(chance, day),
        "declarant": _person(chance, contact=True),
        "dateOfDeath": day.isoformat(),
        "timeOfDeath": "09:10",
    }


def _found(chance: random.Random, day: dt.date) -> Object:
    return {
        **_dead(chance, day),
        "writtenDeclarantType": "PROSECUTOR",
        "dateOfFinding": day.isoformat(),
        "timeOfFinding": "07:05",
    }


_BODIES: Final[dict[str, Any]] = {
    "intra": _relocation,
    "inter": _inter,
    "birth": _birth,
    "commitment": _commitment,
    "death": _death,
    "body": _found,
}
