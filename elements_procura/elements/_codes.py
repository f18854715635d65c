"""The codes of an organisation, the same below each of its owners."""

from elements_procura.elements._api import Resource
from elements_procura.elements._endpoint import endpoint
from elements_procura.elements.models.kantoor import Code

__all__ = ["Codes"]


class Codes(Resource):
    """Numbers under which a klant zakelijk or kantoor is known somewhere."""

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/kantoor/codes",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/codes",
    )
    async def list(self) -> tuple[Code, ...]:
        """All codes."""
        return await self._api.fetch_all(self._at("codes"), Code, rel="codes")
