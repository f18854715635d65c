"""Contact data, the same below each of its owners: a class here takes the owner's path."""

from elements_procura._api import Resource
from elements_procura.elements.models.contact import (
    Adres,
    Emailadres,
    Rekeningnummer,
    Telefoonnummer,
)


class Adressen(Resource):
    """Postal addresses of a particulier, adviseur or kantoor."""

    async def list(self) -> tuple[Adres, ...]:
        """All adressen: ``GET {owner}/adressen``."""
        return await self._api.fetch_all(self._at("adressen"), Adres, rel="adressen")

    async def get(self, adres_id: int) -> Adres:
        """One adres: ``GET {owner}/adressen/{ADRES_ID}``."""
        return await self._api.fetch(self._at("adressen", ADRES_ID=adres_id), Adres)


class Emailadressen(Resource):
    """Email addresses of a particulier, adviseur or kantoor."""

    async def list(self) -> tuple[Emailadres, ...]:
        """All emailadressen: ``GET {owner}/emailadressen``."""
        return await self._api.fetch_all(self._at("emailadressen"), Emailadres, rel="emailadressen")

    async def get(self, emailadres_id: int) -> Emailadres:
        """One emailadres: ``GET {owner}/emailadressen/{EMAILADRES_ID}``."""
        path = self._at("emailadressen", EMAILADRES_ID=emailadres_id)
        return await self._api.fetch(path, Emailadres)


class Rekeningnummers(Resource):
    """Bank accounts of a particulier or adviseur."""

    async def list(self) -> tuple[Rekeningnummer, ...]:
        """All rekeningnummers: ``GET {owner}/rekeningnummers``."""
        path = self._at("rekeningnummers")
        return await self._api.fetch_all(path, Rekeningnummer, rel="rekeningnummers")

    async def get(self, rekeningnummer_id: int) -> Rekeningnummer:
        """One rekeningnummer: ``GET {owner}/rekeningnummers/{REKENINGNUMMER_ID}``."""
        path = self._at("rekeningnummers", REKENINGNUMMER_ID=rekeningnummer_id)
        return await self._api.fetch(path, Rekeningnummer)


class Telefoonnummers(Resource):
    """Telephone numbers of a particulier, adviseur or kantoor."""

    async def list(self) -> tuple[Telefoonnummer, ...]:
        """All telefoonnummers: ``GET {owner}/telefoonnummers``."""
        path = self._at("telefoonnummers")
        return await self._api.fetch_all(path, Telefoonnummer, rel="telefoonnummers")

    async def get(self, telefoonnummer_id: int) -> Telefoonnummer:
        """One telefoonnummer: ``GET {owner}/telefoonnummers/{TELEFOONNUMMER_ID}``."""
        path = self._at("telefoonnummers", TELEFOONNUMMER_ID=telefoonnummer_id)
        return await self._api.fetch(path, Telefoonnummer)


class PersoonHandle(Resource):
    """What hangs on one person, whose path this is. Leads on without a request."""

    @property
    def adressen(self) -> Adressen:
        """``{persoon}/adressen``."""
        return Adressen(self._api, self._path)

    @property
    def emailadressen(self) -> Emailadressen:
        """``{persoon}/emailadressen``."""
        return Emailadressen(self._api, self._path)

    @property
    def rekeningnummers(self) -> Rekeningnummers:
        """``{persoon}/rekeningnummers``."""
        return Rekeningnummers(self._api, self._path)

    @property
    def telefoonnummers(self) -> Telefoonnummers:
        """``{persoon}/telefoonnummers``."""
        return Telefoonnummers(self._api, self._path)
