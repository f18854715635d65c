"""The producten (products) of a dossier: the row of every kind, and some kinds in full."""

from elements_procura._api import Resource
from elements_procura.elements.models.producten import Hypotheek, Product


class Producten(Resource):
    """The products of a dossier, whatever their kind."""

    async def list(
        self, *, publiek: bool | None = None, gearchiveerd: bool | None = None
    ) -> tuple[Product, ...]:
        """All producten: ``GET /api/data/klantdossiers/{DOSSIER_ID}/producten``.

        Args:
            publiek: Only those that the customer may see, or only those that he may not.
            gearchiveerd: Only those that are archived, or only those that are not.
        """
        flags = {"publiek": publiek, "gearchiveerd": gearchiveerd}
        query = tuple((name, str(int(flag))) for name, flag in flags.items() if flag is not None)
        return await self._api.fetch_all(
            self._at("producten"), Product, rel="producten", query=query
        )


class Hypotheken(Resource):
    """The hypotheken (mortgages) of a dossier."""

    async def get(self, product_id: int) -> Hypotheek:
        """One hypotheek: ``GET /api/data/klantdossiers/{DOSSIER_ID}/hypotheken/{PRODUCT_ID}``."""
        return await self._api.fetch(self._at("hypotheken", PRODUCT_ID=product_id), Hypotheek)
