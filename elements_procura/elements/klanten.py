"""The klanten (customers) of a dossier."""

from elements_procura._api import Resource
from elements_procura.elements._contact import PersoonHandle
from elements_procura.elements.models.klanten import Particulier


class Klanten(Resource):
    """The customers of a dossier, by sort. Leads on without a request."""

    @property
    def particulier(self) -> "Particulieren":
        """``/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier``."""
        return Particulieren(self._api, self._at("klanten"))


class Particulieren(Resource):
    """The customers of a dossier that are natural persons."""

    async def list(self) -> tuple[Particulier, ...]:
        """All particulieren: ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier``."""
        return await self._api.fetch_all(self._at("particulier"), Particulier, rel="particulier")

    async def get(self, persoon_id: int) -> Particulier:
        """One particulier.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}``.
        """
        return await self._api.fetch(self._at("particulier", PERSOON_ID=persoon_id), Particulier)


class ParticulierHandle(PersoonHandle):
    """``/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}``."""
