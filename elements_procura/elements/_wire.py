"""The wire rules of Elements: where a name does not follow snake_case → camelCase."""

from elements_procura._model import Model
from elements_procura.elements.models.contact import Rekeningnummer, Telefoonnummer
from elements_procura.elements.models.producten import ProductDetail
from elements_procura.structure import Wire

SPELLINGS: dict[tuple[type[Model], str], tuple[str, ...]] = {
    (ProductDetail, "aanvragers"): ("aanvragers", "aanvrager"),
    (Rekeningnummer, "land_iso"): ("land_iso", "landIso"),
    (Telefoonnummer, "weergavenaam"): ("weergavenaam", "computednaam"),
}


def elements_wire() -> Wire:
    """A converter for the bodies of Elements."""
    return Wire(SPELLINGS)
