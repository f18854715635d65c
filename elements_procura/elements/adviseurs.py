"""The adviseurs (financial advisers) of a dossier."""

from elements_procura.elements._api import Resource
from elements_procura.elements._contact import (
    AdressenReader,
    EmailadressenReader,
    RekeningnummersReader,
    TelefoonnummersReader,
)
from elements_procura.elements._endpoint import endpoint
from elements_procura.elements._profielfoto import ProfielfotoResource
from elements_procura.elements.models.adviseurs import Adviseur

__all__ = ["AdviseurHandle", "Adviseurs"]


class Adviseurs(Resource):
    """The adviseurs of a dossier."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/adviseurs")
    async def list(self) -> tuple[Adviseur, ...]:
        """All adviseurs."""
        return await self._api.fetch_all(self._at("adviseurs"), Adviseur, rel="adviseurs")

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}")
    async def get(self, adviseur_id: int) -> Adviseur:
        """One adviseur."""
        return await self._api.fetch(self._at("adviseurs", ADVISEUR_ID=adviseur_id), Adviseur)


class AdviseurHandle(Resource):
    """One adviseur: ``/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}``."""

    @property
    def adressen(self) -> AdressenReader:
        """``{adviseur}/adressen``."""
        return AdressenReader(self._api, self._path)

    @property
    def emailadressen(self) -> EmailadressenReader:
        """``{adviseur}/emailadressen``."""
        return EmailadressenReader(self._api, self._path)

    @property
    def rekeningnummers(self) -> RekeningnummersReader:
        """``{adviseur}/rekeningnummers``."""
        return RekeningnummersReader(self._api, self._path)

    @property
    def telefoonnummers(self) -> TelefoonnummersReader:
        """``{adviseur}/telefoonnummers``."""
        return TelefoonnummersReader(self._api, self._path)

    @property
    def profielfoto(self) -> ProfielfotoResource:
        """``{adviseur}/profielfoto``."""
        return ProfielfotoResource(self._api, self._path)
