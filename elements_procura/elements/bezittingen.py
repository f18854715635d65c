"""The bezittingen (possessions) of a dossier."""

from elements_procura.elements import bodies
from elements_procura.elements._api import CreatedId, Resource
from elements_procura.elements._endpoint import endpoint
from elements_procura.elements._query import flags
from elements_procura.elements.models.bezittingen import Bezitting
from elements_procura.schema.sealed import Json, sealed

__all__ = ["Bezittingen", "Overige", "Voertuig", "Voertuigen"]


class Bezittingen(Resource):
    """The possessions of a dossier, vehicles and others."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/bezittingen")
    async def list(self, *, gearchiveerd: bool | None = None) -> tuple[Bezitting, ...]:
        """All bezittingen.

        Args:
            gearchiveerd: Only those that are archived, or only those that are not.
        """
        path, query = self._at("bezittingen"), flags(gearchiveerd=gearchiveerd)
        return await self._api.fetch_all(path, Bezitting, rel="bezittingen", query=query)

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/bezittingen/{BEZITTING_ID}")
    async def get(self, bezitting_id: int) -> Bezitting:
        """One bezitting."""
        return await self._api.fetch(self._at("bezittingen", BEZITTING_ID=bezitting_id), Bezitting)

    @property
    def overige(self) -> "Overige":
        """Possessions other than vehicles."""
        return Overige(self._api, self._at("bezittingen"))

    @property
    def voertuigen(self) -> "Voertuigen":
        """Vehicles."""
        return Voertuigen(self._api, self._at("bezittingen"))

    @property
    def voertuig(self) -> "Voertuig":
        """Vehicles, at the older path, which the vendor calls deprecated."""
        return Voertuig(self._api, self._at("bezittingen"))


class Overige(Resource):
    """Possessions other than vehicles."""

    @endpoint("POST", "/api/data/klantdossiers/{DOSSIER_ID}/bezittingen/overige")
    @sealed
    async def add(
        self, bezitting: "bodies.OverigeBody | Json", *, validate: bool = True
    ) -> CreatedId:
        """Add a possession other than a vehicle."""
        path = self._at("overige")
        return await self._api.add(path, bezitting, bodies.OverigeBody, validate=validate)


class Voertuigen(Resource):
    """Vehicles."""

    @endpoint("POST", "/api/data/klantdossiers/{DOSSIER_ID}/bezittingen/voertuigen")
    @sealed
    async def add(
        self, voertuig: "bodies.VoertuigBody | Json", *, validate: bool = True
    ) -> CreatedId:
        """Add a vehicle."""
        path = self._at("voertuigen")
        return await self._api.add(path, voertuig, bodies.VoertuigBody, validate=validate)


class Voertuig(Resource):
    """The older name of :class:`Voertuigen`, which the vendor calls deprecated."""

    @endpoint("POST", "/api/data/klantdossiers/{DOSSIER_ID}/bezittingen/voertuig")
    @sealed
    async def add(
        self, voertuig: "bodies.VoertuigBody | Json", *, validate: bool = True
    ) -> CreatedId:
        """Add a vehicle, at the older path."""
        path = self._at("voertuig")
        self._api.warn_deprecated(f"POST {path.template} (use voertuigen)", stacklevel=3)
        return await self._api.add(path, voertuig, bodies.VoertuigBody, validate=validate)
