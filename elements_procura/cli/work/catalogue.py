"""The catalogue of the APIs that the command line knows."""

from elements_procura import registry
from elements_procura.core.catalogue import CatalogueEntry, catalogue


def endpoints(*apis: str) -> list[CatalogueEntry]:
    """List every endpoint of the APIs named, by path."""
    return [entry for api in apis for entry in catalogue(api, registry.spec_of(api).client)]
