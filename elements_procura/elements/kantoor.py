"""The kantoor (office) of a dossier."""

from elements_procura._api import Resource
from elements_procura.elements._contact import Adressen, Emailadressen, Telefoonnummers
from elements_procura.elements.models.kantoor import Kantoor


class KantoorResource(Resource):
    """The office that a dossier belongs to, and its contact data."""

    async def get(self) -> Kantoor:
        """The kantoor: ``GET /api/data/klantdossiers/{DOSSIER_ID}/kantoor``."""
        return await self._api.fetch(self._at("kantoor"), Kantoor)

    @property
    def adressen(self) -> Adressen:
        """``/api/data/klantdossiers/{DOSSIER_ID}/kantoor/adressen``."""
        return Adressen(self._api, self._at("kantoor"))

    @property
    def emailadressen(self) -> Emailadressen:
        """``/api/data/klantdossiers/{DOSSIER_ID}/kantoor/emailadressen``."""
        return Emailadressen(self._api, self._at("kantoor"))

    @property
    def telefoonnummers(self) -> Telefoonnummers:
        """``/api/data/klantdossiers/{DOSSIER_ID}/kantoor/telefoonnummers``."""
        return Telefoonnummers(self._api, self._at("kantoor"))
