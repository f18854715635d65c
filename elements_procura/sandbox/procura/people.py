"""Who is related to whom: synthetic families, and the two that are documented."""

import random
from typing import Any, Final

import attrs

from elements_procura.sandbox.procura.numbers import made, padded
from elements_procura.sandbox.procura.problems import bad_request
from elements_procura.sandbox.procura.reading import Object

_ALL: Final = [
    "GENERAL_USE_CASE",
    "NEW_RELOCATION_CASE",
    "NEW_BRP_EXTRACT_CASE",
    "NEW_CONFIDENTIALITY_CASE",
]
_OLD_WORDS: Final = {"EXISTING_RELOCATION_CASE": "EXISTING_RELOCATION"}
_UNTOLD: Final = ("EXISTING_CONFIDENTIALITY_CASE", "PERSON_HAS_CONFIDENTIALITY")
ACKNOWLEDGED: Final = "999990639"
MOTHER: Final = "000000036"
FATHER: Final = "000000048"


_FAMILIES = 40  # besides the documented one


@attrs.frozen
class Family:
    """A couple and a child."""

    mother: str
    father: str
    child: str
    lastname: str


class People:
    """Families, by everybody in them."""

    def __init__(self, *, seed: int) -> None:
        chance = random.Random(f"{seed}/people")
        names = ("Jansen", "Vries", "Bakker", "Smit", "Meijer")
        made_up = [
            Family(made(chance), made(chance), made(chance), chance.choice(names))
            for _ in range(_FAMILIES)
        ]
        self.families: tuple[Family, ...] = (Family(MOTHER, FATHER, "000000103", "Vries"), *made_up)
        self._of = {
            bsn: family
            for family in reversed(self.families)
            for bsn in (family.mother, family.father, family.child)
        }

    def relatives(self, bsn: str) -> Object:
        """Answer ``GET relatives/{bsn}``."""
        bsn = padded(bsn)
        family = self._family(bsn)
        partner = family.father if bsn == family.mother else family.mother
        rows = [_relative(bsn, 40, "REGISTERED", "REGISTERED", ["EXISTING_RELOCATION_CASE"])]
        if bsn == family.child:
            declared = "ADULT_CHILD_LIVING_WITH_PARENTS"
            rows[0] = _relative(bsn, 19, "REGISTERED", "REGISTERED", [])
            rows += [
                _relative(parent, 50, "PARENT", declared, ["DIFFERENT_ADDRESS"])
                for parent in (family.mother, family.father)
            ]
        else:
            rows.append(
                _relative(partner, 39, "PARTNER", "PARTNER", ["PERSON_HAS_CONFIDENTIALITY"])
            )
            rows.append(_relative(family.child, 1, "CHILD", "AUTHORITY_HOLDER", []))
        return {"relatives": rows}

    def relocation_relatives(self, bsn: str) -> Object:
        """Answer the deprecated ``GET relocations/info/relatives/{bsn}``."""
        rows = []
        for row in self.relatives(bsn)["relatives"]:
            old = {key: value for key, value in row.items() if key != "suitableFor"}
            old["person"] = {"bsn": row["person"]["bsn"]}
            old["obstructions"] = [
                _OLD_WORDS.get(word, word) for word in row["obstructions"] if word not in _UNTOLD
            ]
            rows.append(old)
        return {"relatives": rows}

    def family_situation(self, mother: str) -> Object:
        """Answer ``GET births/info/family-situation``."""
        family = self._family(padded(mother), " with the BSN of the mother")
        return {
            "bornInPartnership": True,
            "legalDeceasedPeriodRuleApplicable": False,
            "partner": {"bsn": family.father},
        }

    def name_selection(self, mother: str, father: str) -> Object:
        """Answer ``GET births/info/name-selection``."""
        family = self._family(padded(mother), " with the BSN of the mother")
        self._family(padded(father), " with the BSN of the father / duomother")
        if padded(father) != family.father:
            return {"jointChildren": False}
        return {"jointChildren": True, "nameSelection": {"lastname": family.lastname}}

    def acknowledgement(self, mother: str) -> Object | None:
        """Answer ``GET births/info/acknowledgement``; None when there is none."""
        if padded(mother) != ACKNOWLEDGED:
            return None
        return {
            "dossierId": "ABC-203",
            "acknowledgerBsn": "999993872",
            "nameSelection": {"lastname": "Meijden", "prefix": "van der"},
        }

    def _family(self, bsn: str, role: str = "") -> Family:
        family = self._of.get(bsn)
        if family is None:
            raise bad_request(f"No person found{role}" if role else "No persons found")
        return family


def _relative(bsn: str, age: int, kind: str, declared: str, obstructions: list[str]) -> Any:
    # Confidentiality does not keep anybody from moving.
    free = all(word in _UNTOLD for word in obstructions)
    return {
        "person": {"bsn": bsn, "age": age},
        "relationshipType": kind,
        "declarationType": declared,
        "suitableForRelocation": free,
        "suitableFor": list(_ALL) if free else _ALL[:1],
        "obstructions": obstructions,
    }
