"""The wire rules of Elements: where a name does not follow snake_case → camelCase."""

from elements_procura.elements.models.contact import Rekeningnummer, Telefoonnummer
from elements_procura.elements.models.producten import ProductDetail
from elements_procura.schema.body import Bodies
from elements_procura.schema.model import Model
from elements_procura.schema.structure import Wire

SPELLINGS: dict[tuple[type[Model], str], tuple[str, ...]] = {
    (ProductDetail, "aanvragers"): ("aanvragers", "aanvrager"),
    (Rekeningnummer, "land_iso"): ("land_iso", "landIso"),
    (Telefoonnummer, "weergavenaam"): ("weergavenaam", "computednaam"),
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


def elements_wire() -> Wire:
    """A converter for the bodies of Elements."""
    return Wire(SPELLINGS)


def elements_bodies() -> Bodies:
    """The checks of request bodies for Elements."""
    return Bodies(BODY_SPELLINGS)
