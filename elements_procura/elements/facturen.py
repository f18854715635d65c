"""The facturen (invoices) of a product, whatever its kind.

The documentation refers to pages on their bodies that it does not hold, so plain mappings are
sent as they are given.
"""

from elements_procura.elements._api import CreatedId, Resource
from elements_procura.elements._endpoint import endpoint
from elements_procura.schema.sealed import Json, sealed

__all__ = ["Facturen", "FactuurHandle", "Factuurregels"]


class Facturen(Resource):
    """Invoices, which can be added but not read."""

    @endpoint(
        "POST",
        "/api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/facturen",
        "/api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/facturen",
        "/api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}/facturen",
        "/api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}/facturen",
    )
    @sealed
    async def add(self, factuur: Json) -> CreatedId:
        """Add a factuur.

        Args:
            factuur: The invoice as JSON. Its schema is not documented, so nothing is checked.
        """
        return await self._api.add(self._at("facturen"), factuur)


class FactuurHandle(Resource):
    """One factuur of a product. Sends nothing itself."""

    @property
    def regels(self) -> "Factuurregels":
        """Lines of the factuur."""
        return Factuurregels(self._api, self._path)


class Factuurregels(Resource):
    """The lines of an invoice."""

    @endpoint(
        "POST",
        "/api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/facturen/{FACTUUR_ID}/regels",
        "/api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/facturen/{FACTUUR_ID}/regels",
        "/api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}/facturen/{FACTUUR_ID}/regels",
        "/api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}/facturen/{FACTUUR_ID}/regels",
    )
    @sealed
    async def add(self, regel: Json) -> CreatedId:
        """Add a regel.

        Args:
            regel: The line as JSON. Its schema is not documented, so nothing is checked.

        Returns:
            The id of the factuur: the server does not return that of the regel.
        """
        return await self._api.add(self._at("regels"), regel)
