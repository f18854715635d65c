"""Registraties (notes of events), the same below a dossier and a product."""

from elements_procura.elements import bodies
from elements_procura.elements._api import CreatedId, Resource
from elements_procura.elements._endpoint import endpoint
from elements_procura.elements._query import flags
from elements_procura.elements.models.registraties import Registratie
from elements_procura.schema.sealed import Json, sealed

__all__ = ["ProductRegistraties", "Registraties", "RegistratiesWriter"]


class RegistratiesWriter(Resource):
    """Registraties of a dienst, which can be added but not read."""

    @endpoint(
        "POST",
        "/api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/registraties",
        "/api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/registraties",
        "/api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}/registraties",
        "/api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}/registraties",
        "/api/data/klantdossiers/{DOSSIER_ID}/registraties",
    )
    @sealed
    async def add(
        self, registratie: "bodies.RegistratieBody | Json", *, validate: bool = True
    ) -> CreatedId:
        """Add a registratie."""
        path = self._at("registraties")
        return await self._api.add(path, registratie, bodies.RegistratieBody, validate=validate)


class ProductRegistraties(RegistratiesWriter):
    """Registraties of a product."""

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}/registraties",
        "/api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}/registraties",
        "/api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}/registraties",
    )
    async def list(self, *, publiek: bool | None = None) -> tuple[Registratie, ...]:
        """All registraties.

        Args:
            publiek: Only those that the customer may see, or only those that he may not.
        """
        path, query = self._at("registraties"), flags(publiek=publiek)
        return await self._api.fetch_all(path, Registratie, rel="registraties", query=query)


class Registraties(RegistratiesWriter):
    """Registraties of a dossier."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/registraties")
    async def list(
        self, *, publiek: bool | None = None, gearchiveerd: bool | None = None
    ) -> tuple[Registratie, ...]:
        """All registraties.

        Args:
            publiek: Only those that the customer may see, or only those that he may not.
            gearchiveerd: Only those that are archived, or only those that are not.
        """
        path, query = self._at("registraties"), flags(publiek=publiek, gearchiveerd=gearchiveerd)
        return await self._api.fetch_all(path, Registratie, rel="registraties", query=query)
