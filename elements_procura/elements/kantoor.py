"""The kantoor (office) of a dossier."""

from elements_procura.elements._api import Resource
from elements_procura.elements._codes import Codes
from elements_procura.elements._contact import (
    AdressenReader,
    EmailadressenReader,
    TelefoonnummersReader,
)
from elements_procura.elements._endpoint import endpoint
from elements_procura.elements._profielfoto import ProfielfotoResource
from elements_procura.elements.models.kantoor import Kantoor

__all__ = ["KantoorResource"]


class KantoorResource(Resource):
    """The office that a dossier belongs to, and its contact data."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/kantoor")
    async def get(self) -> Kantoor:
        """The kantoor."""
        return await self._api.fetch(self._at("kantoor"), Kantoor)

    @property
    def adressen(self) -> AdressenReader:
        """Postal addresses of the kantoor."""
        return AdressenReader(self._api, self._at("kantoor"))

    @property
    def emailadressen(self) -> EmailadressenReader:
        """Email addresses of the kantoor."""
        return EmailadressenReader(self._api, self._at("kantoor"))

    @property
    def telefoonnummers(self) -> TelefoonnummersReader:
        """Telephone numbers of the kantoor."""
        return TelefoonnummersReader(self._api, self._at("kantoor"))

    @property
    def profielfoto(self) -> ProfielfotoResource:
        """Picture of the kantoor."""
        return ProfielfotoResource(self._api, self._at("kantoor"))

    @property
    def codes(self) -> Codes:
        """Codes under which the kantoor is known elsewhere."""
        return Codes(self._api, self._at("kantoor"))
