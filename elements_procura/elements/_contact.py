"""Contact data, the same below each of its owners: a class here takes the owner's path."""

from elements_procura.elements import bodies
from elements_procura.elements._api import CreatedId, Resource
from elements_procura.elements._endpoint import endpoint
from elements_procura.elements._profielfoto import ProfielfotoResource
from elements_procura.elements.models.contact import (
    Adres,
    Emailadres,
    Rekeningnummer,
    Telefoonnummer,
)
from elements_procura.schema.sealed import Json, sealed

__all__ = [
    "AdressenReader",
    "Emailadressen",
    "EmailadressenReader",
    "EmailadressenWriter",
    "KlantHandle",
    "OrganisatieAdressen",
    "PersoonAdressen",
    "Rekeningnummers",
    "RekeningnummersReader",
    "RekeningnummersWriter",
    "Telefoonnummers",
    "TelefoonnummersReader",
    "TelefoonnummersWriter",
]


class AdressenReader(Resource):
    """Postal addresses of an owner who cannot be added to: adviseur, kantoor."""

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/adressen",
        "/api/data/klantdossiers/{DOSSIER_ID}/kantoor/adressen",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/adressen",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/adressen",
    )
    async def list(self) -> tuple[Adres, ...]:
        """All adressen."""
        path = self._at("adressen")
        return await self._api.fetch_all(path, Adres, rel="adressen")

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/adressen/{ADRES_ID}",
        "/api/data/klantdossiers/{DOSSIER_ID}/kantoor/adressen/{ADRES_ID}",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/adressen/{ADRES_ID}",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/adressen/{ADRES_ID}",
    )
    async def get(self, adres_id: int) -> Adres:
        """One adres."""
        path = self._at("adressen", ADRES_ID=adres_id)
        return await self._api.fetch(path, Adres)


class OrganisatieAdressen(AdressenReader):
    """Postal addresses of a klant zakelijk."""

    @endpoint(
        "POST", "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/adressen"
    )
    @sealed
    async def add(self, adres: "bodies.AdresBody | Json", *, validate: bool = True) -> CreatedId:
        """Add an adres."""
        path = self._at("adressen")
        return await self._api.add(path, adres, bodies.AdresBody, validate=validate)


class PersoonAdressen(AdressenReader):
    """Postal addresses of a particulier; one that is there already can be added by its id."""

    @endpoint(
        "POST", "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/adressen"
    )
    @sealed
    async def add(
        self,
        adres: "bodies.AdresBody | bodies.ExistingAdresBody | Json",
        *,
        validate: bool = True,
    ) -> CreatedId:
        """Add an adres."""
        path = self._at("adressen")
        return await self._api.add(
            path, adres, bodies.AdresBody, bodies.ExistingAdresBody, validate=validate
        )


class EmailadressenReader(Resource):
    """Email addresses of an adviseur or kantoor."""

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/emailadressen",
        "/api/data/klantdossiers/{DOSSIER_ID}/kantoor/emailadressen",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/emailadressen",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/emailadressen",
    )
    async def list(self) -> tuple[Emailadres, ...]:
        """All emailadressen."""
        path = self._at("emailadressen")
        return await self._api.fetch_all(path, Emailadres, rel="emailadressen")

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/emailadressen/{EMAILADRES_ID}",
        "/api/data/klantdossiers/{DOSSIER_ID}/kantoor/emailadressen/{EMAILADRES_ID}",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/emailadressen/{EMAILADRES_ID}",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/emailadressen/{EMAILADRES_ID}",
    )
    async def get(self, emailadres_id: int) -> Emailadres:
        """One emailadres."""
        path = self._at("emailadressen", EMAILADRES_ID=emailadres_id)
        return await self._api.fetch(path, Emailadres)


class EmailadressenWriter(Resource):
    """Email addresses of a medewerker, which can be added but not read."""

    @endpoint(
        "POST",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/emailadressen",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/emailadressen",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/medewerkers/{PERSOON_ID}/emailadressen",
    )
    @sealed
    async def add(
        self,
        emailadres: "bodies.EmailadresBody | Json",
        *,
        validate: bool = True,
    ) -> CreatedId:
        """Add an emailadres."""
        path = self._at("emailadressen")
        return await self._api.add(path, emailadres, bodies.EmailadresBody, validate=validate)


class Emailadressen(EmailadressenReader, EmailadressenWriter):
    """Email addresses of a klant."""


class RekeningnummersReader(Resource):
    """Bank accounts of an adviseur."""

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/rekeningnummers",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/rekeningnummers",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/rekeningnummers",
    )
    async def list(self) -> tuple[Rekeningnummer, ...]:
        """All rekeningnummers."""
        path = self._at("rekeningnummers")
        return await self._api.fetch_all(path, Rekeningnummer, rel="rekeningnummers")

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/rekeningnummers/{REKENINGNUMMER_ID}",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/rekeningnummers/{REKENINGNUMMER_ID}",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/rekeningnummers/{REKENINGNUMMER_ID}",
    )
    async def get(self, rekeningnummer_id: int) -> Rekeningnummer:
        """One rekeningnummer."""
        path = self._at("rekeningnummers", REKENINGNUMMER_ID=rekeningnummer_id)
        return await self._api.fetch(path, Rekeningnummer)


class RekeningnummersWriter(Resource):
    """Bank accounts of a medewerker, which can be added but not read."""

    @endpoint(
        "POST",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/rekeningnummers",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/medewerkers/{PERSOON_ID}/rekeningnummers",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/rekeningnummers",
    )
    @sealed
    async def add(
        self,
        rekeningnummer: "bodies.RekeningnummerBody | bodies.ExistingRekeningnummerBody | Json",
        *,
        validate: bool = True,
    ) -> CreatedId:
        """Add a rekeningnummer."""
        path = self._at("rekeningnummers")
        return await self._api.add(
            path,
            rekeningnummer,
            bodies.RekeningnummerBody,
            bodies.ExistingRekeningnummerBody,
            validate=validate,
        )


class Rekeningnummers(RekeningnummersReader, RekeningnummersWriter):
    """Bank accounts of a klant."""


class TelefoonnummersReader(Resource):
    """Telephone numbers of an adviseur or kantoor."""

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/telefoonnummers",
        "/api/data/klantdossiers/{DOSSIER_ID}/kantoor/telefoonnummers",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/telefoonnummers",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/telefoonnummers",
    )
    async def list(self) -> tuple[Telefoonnummer, ...]:
        """All telefoonnummers."""
        path = self._at("telefoonnummers")
        return await self._api.fetch_all(path, Telefoonnummer, rel="telefoonnummers")

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}/telefoonnummers/{TELEFOONNUMMER_ID}",
        "/api/data/klantdossiers/{DOSSIER_ID}/kantoor/telefoonnummers/{TELEFOONNUMMER_ID}",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/telefoonnummers/{TELEFOONNUMMER_ID}",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/telefoonnummers/{TELEFOONNUMMER_ID}",
    )
    async def get(self, telefoonnummer_id: int) -> Telefoonnummer:
        """One telefoonnummer."""
        path = self._at("telefoonnummers", TELEFOONNUMMER_ID=telefoonnummer_id)
        return await self._api.fetch(path, Telefoonnummer)


class TelefoonnummersWriter(Resource):
    """Telephone numbers of a medewerker, which can be added but not read."""

    @endpoint(
        "POST",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/telefoonnummers",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/medewerkers/{PERSOON_ID}/telefoonnummers",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/telefoonnummers",
    )
    @sealed
    async def add(
        self,
        telefoonnummer: "bodies.TelefoonnummerBody | Json",
        *,
        validate: bool = True,
    ) -> CreatedId:
        """Add a telefoonnummer."""
        path = self._at("telefoonnummers")
        return await self._api.add(
            path, telefoonnummer, bodies.TelefoonnummerBody, validate=validate
        )


class Telefoonnummers(TelefoonnummersReader, TelefoonnummersWriter):
    """Telephone numbers of a klant."""


class KlantHandle(Resource):
    """The parts of one klant, person or organisation. Sends nothing itself."""

    @property
    def emailadressen(self) -> Emailadressen:
        """Email addresses of the klant."""
        return Emailadressen(self._api, self._path)

    @property
    def rekeningnummers(self) -> Rekeningnummers:
        """Bank accounts of the klant."""
        return Rekeningnummers(self._api, self._path)

    @property
    def telefoonnummers(self) -> Telefoonnummers:
        """Telephone numbers of the klant."""
        return Telefoonnummers(self._api, self._path)

    @property
    def profielfoto(self) -> ProfielfotoResource:
        """Picture of the klant."""
        return ProfielfotoResource(self._api, self._path)
