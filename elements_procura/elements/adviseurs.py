"""The adviseurs (financial advisers) of a dossier."""

from elements_procura._api import Resource
from elements_procura.elements._contact import PersoonHandle
from elements_procura.elements.models.adviseurs import Adviseur


class Adviseurs(Resource):
    """The adviseurs of a dossier."""

    async def list(self) -> tuple[Adviseur, ...]:
        """All adviseurs: ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs``."""
        return await self._api.fetch_all(self._at("adviseurs"), Adviseur, rel="adviseurs")

    async def get(self, adviseur_id: int) -> Adviseur:
        """One adviseur: ``GET /api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}``."""
        return await self._api.fetch(self._at("adviseurs", ADVISEUR_ID=adviseur_id), Adviseur)


class AdviseurHandle(PersoonHandle):
    """One adviseur: ``/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}``."""
