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
    """One adviseur of a dossier. A handle: it sends no request itself."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}", is_twin=True)
    async def get(self) -> Adviseur:
        """Get the adviseur itself, as ``get`` of its collection does."""
        return await self._api.fetch(self._path, Adviseur)

    @property
    def adressen(self) -> AdressenReader:
        """Postal addresses of the adviseur."""
        return AdressenReader(self._api, self._path)

    @property
    def emailadressen(self) -> EmailadressenReader:
        """Email addresses of the adviseur."""
        return EmailadressenReader(self._api, self._path)

    @property
    def rekeningnummers(self) -> RekeningnummersReader:
        """Bank accounts of the adviseur."""
        return RekeningnummersReader(self._api, self._path)

    @property
    def telefoonnummers(self) -> TelefoonnummersReader:
        """Telephone numbers of the adviseur."""
        return TelefoonnummersReader(self._api, self._path)

    @property
    def profielfoto(self) -> ProfielfotoResource:
        """Picture of the adviseur."""
        return ProfielfotoResource(self._api, self._path)
