"""The profielfoto (picture), the same below each of its owners."""

import os
from collections.abc import AsyncGenerator
from http import HTTPStatus

from elements_procura.elements._api import Resource
from elements_procura.elements._endpoint import endpoint
from elements_procura.elements.models.profielfoto import Profielfoto
from elements_procura.errors import NotFound

__all__ = ["ProfielfotoResource"]


class ProfielfotoResource(Resource):
    """The picture of a klant, adviseur or kantoor."""

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/profielfoto",
        "/api/data/klantdossiers/{DOSSIER_ID}/kantoor/profielfoto",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/profielfoto",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/profielfoto",
    )
    async def get(self) -> Profielfoto | None:
        """Metadata of the picture; None without a picture."""
        try:
            return await self._api.fetch(self._at("profielfoto"), Profielfoto)
        except NotFound as error:
            if error.is_proven and error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/profielfoto/download",
        "/api/data/klantdossiers/{DOSSIER_ID}/kantoor/profielfoto/download",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/profielfoto/download",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/profielfoto/download",
    )
    async def download(
        self, to: str | os.PathLike[str], *, expected: Profielfoto | None = None
    ) -> int:
        """Download the picture into a file.

        The file gets its name once it is whole.

        Args:
            to: The file. One that is there already is replaced.
            expected: The answer of :meth:`get`; the file must have the length given there.

        Returns:
            The number of bytes.

        Raises:
            NotFound: This owner has no picture.
            ProtocolError: It is HTML, JSON or empty, or has the wrong length.
            StoreError: The file cannot be written.
        """
        size = None if expected is None else expected.bestandsgrootte
        path = self._at("profielfoto", "download")
        return await self._api.download(path, to, size=size, is_picture=True)

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/profielfoto/download",
        "/api/data/klantdossiers/{DOSSIER_ID}/kantoor/profielfoto/download",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/profielfoto/download",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/profielfoto/download",
    )
    def stream(self) -> AsyncGenerator[memoryview]:
        """Stream the picture in pieces.

        Raises:
            NotFound: This owner has no picture.
            ProtocolError: It is HTML, JSON or empty.
        """
        return self._api.pieces(self._at("profielfoto", "download"))
