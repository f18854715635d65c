"""The wire rules of Elements: where a name does not follow snake_case → camelCase."""

from functools import cache
from typing import TYPE_CHECKING

from elements_procura.schema.readers import FORMS, SIGHTINGS
from elements_procura.schema.structure import Wire

if TYPE_CHECKING:
    from elements_procura.schema.body import Bodies

# By the names of the models, so that none of them is loaded before it is used.
SPELLINGS: dict[tuple[str, str], tuple[str, ...]] = {
    ("ProductDetail", "aanvragers"): ("aanvragers", "aanvrager"),
    ("Rekeningnummer", "land_iso"): ("land_iso", "landIso"),
    ("Telefoonnummer", "weergavenaam"): ("weergavenaam", "computednaam"),
}
# Requests spell some names otherwise than answers do; attributes follow the answers.
BODY_SPELLINGS: dict[tuple[str, str], str] = {
    ("", "borgtochtprovisie_nhg"): "borgtochtprovisieNHG",
    ("", "cataloguswaarde"): "catalogusWaarde",
    ("", "gewenst_bedrag"): "gewenstbedrag",
    ("", "huidige_waardedatum"): "huidigeWaardeDatum",
    ("", "koopsom_woon_aov"): "koopsomWoonAOV",
    ("", "standaardcorrespondentieadres"): "standaardCorrespondentieadres",
    ("OnderdeelBody", "looptijd_verplichting"): "looptijdverplichting",
}


@cache
def elements_wire(*, sightings: int = SIGHTINGS, forms: int = FORMS) -> Wire:
    """The converter for the bodies of Elements: all clients of a process share what it compiles.

    Args:
        sightings: As of :class:`Wire`.
        forms: As well.
    """
    return Wire(SPELLINGS, sightings=sightings, forms=forms)


@cache
def elements_bodies() -> "Bodies":
    """The checks of request bodies for Elements, shared likewise."""
    from elements_procura.schema.body import Bodies  # noqa: PLC0415 - who only reads needs none

    return Bodies(BODY_SPELLINGS)
