"""The klanten (customers) of a dossier: persons (particulier) and organisations (zakelijk)."""

from typing import Literal

from elements_procura.elements import bodies, choices
from elements_procura.elements._api import CreatedId, Resource
from elements_procura.elements._codes import Codes
from elements_procura.elements._contact import (
    EmailadressenWriter,
    KlantHandle,
    OrganisatieAdressen,
    PersoonAdressen,
    RekeningnummersWriter,
    TelefoonnummersWriter,
)
from elements_procura.elements._endpoint import endpoint
from elements_procura.elements._query import chosen
from elements_procura.elements.models.klanten import (
    Kenmerk,
    Particulier,
    Socialmedia,
    Zakelijk,
)
from elements_procura.schema.sealed import Json, sealed

__all__ = [
    "Klanten",
    "MedewerkerHandle",
    "Medewerkers",
    "OrganisatieKenmerken",
    "ParticulierHandle",
    "Particulieren",
    "PersoonKenmerken",
    "SocialmediaResource",
    "ZakelijkHandle",
    "Zakelijken",
]


class Klanten(Resource):
    """The customers of a dossier, by sort. A handle: it sends no request itself."""

    @property
    def particulier(self) -> "Particulieren":
        """Customers that are natural persons."""
        return Particulieren(self._api, self._at("klanten"))

    @property
    def zakelijk(self) -> "Zakelijken":
        """Customers that are organisations."""
        return Zakelijken(self._api, self._at("klanten"))


class Particulieren(Resource):
    """The customers of a dossier that are natural persons."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier")
    async def list(self) -> tuple[Particulier, ...]:
        """All particulieren."""
        return await self._api.fetch_all(self._at("particulier"), Particulier, rel="particulier")

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}")
    async def get(self, persoon_id: int) -> Particulier:
        """One particulier."""
        return await self._api.fetch(self._at("particulier", PERSOON_ID=persoon_id), Particulier)

    @endpoint("POST", "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier")
    @sealed
    async def add(
        self,
        particulier: "bodies.ParticulierBody | Json",
        *,
        rol: "choices.Rol | Literal['eerste-persoon', 'partner', 'kind']",
        validate: bool = True,
    ) -> CreatedId:
        """Add a particulier.

        Args:
            particulier: The person.
            rol: The person's role in the dossier.
            validate: Whether the body is checked before it is sent.
        """
        query = chosen("rol", rol, choices.Rol)
        kind = bodies.ParticulierBody
        path = self._at("particulier")
        return await self._api.add(path, particulier, kind, query=query, validate=validate)

    @endpoint("PATCH", "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}")
    @sealed
    async def update(
        self,
        persoon_id: int,
        particulier: "bodies.CorrespondentieadresBody | Json",
        *,
        validate: bool = True,
    ) -> None:
        """Change a particulier.

        The correspondentieadres is all that the documentation shows.
        """
        path = self._at("particulier", PERSOON_ID=persoon_id)
        kind = bodies.CorrespondentieadresBody
        await self._api.write("PATCH", path, particulier, kind, validate=validate)


class Zakelijken(Resource):
    """The customers of a dossier that are organisations."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk")
    async def list(self) -> tuple[Zakelijk, ...]:
        """All organisations."""
        return await self._api.fetch_all(self._at("zakelijk"), Zakelijk, rel="zakelijk")

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{KLANT_ID}")
    async def get(self, klant_id: int) -> Zakelijk:
        """One organisation."""
        return await self._api.fetch(self._at("zakelijk", KLANT_ID=klant_id), Zakelijk)

    @endpoint("POST", "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk")
    @sealed
    async def add(
        self, organisatie: "bodies.ZakelijkBody | Json", *, validate: bool = True
    ) -> CreatedId:
        """Add an organisation."""
        path = self._at("zakelijk")
        return await self._api.add(path, organisatie, bodies.ZakelijkBody, validate=validate)


class ParticulierHandle(KlantHandle):
    """One particulier of a dossier. A handle: it sends no request itself."""

    @endpoint(
        "GET", "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}", is_twin=True
    )
    async def get(self) -> Particulier:
        """Get the particulier itself, as ``get`` of its collection does."""
        return await self._api.fetch(self._path, Particulier)

    @property
    def adressen(self) -> PersoonAdressen:
        """Postal addresses of the particulier."""
        return PersoonAdressen(self._api, self._path)

    @property
    def kenmerken(self) -> "PersoonKenmerken":
        """Kenmerken (characteristics) of the particulier."""
        return PersoonKenmerken(self._api, self._path)

    @property
    def socialmedia(self) -> "SocialmediaResource":
        """Accounts of the particulier on social networks."""
        return SocialmediaResource(self._api, self._path)


class ZakelijkHandle(KlantHandle):
    """One klant zakelijk of a dossier. Sends nothing itself."""

    @property
    def adressen(self) -> OrganisatieAdressen:
        """Postal addresses of the organisation."""
        return OrganisatieAdressen(self._api, self._path)

    @property
    def kenmerken(self) -> "OrganisatieKenmerken":
        """Kenmerken (characteristics) of the organisation."""
        return OrganisatieKenmerken(self._api, self._path)

    @property
    def codes(self) -> Codes:
        """Codes under which the organisation is known elsewhere."""
        return Codes(self._api, self._path)

    @property
    def medewerkers(self) -> "Medewerkers":
        """Medewerkers (employees) of the organisation."""
        return Medewerkers(self._api, self._path)

    def medewerker(self, persoon_id: int) -> "MedewerkerHandle":
        """One medewerker, by id. Sends nothing."""
        return MedewerkerHandle(self._api, self._at("medewerkers", PERSOON_ID=persoon_id))


class PersoonKenmerken(Resource):
    """Characteristics of a particulier."""

    @endpoint(
        "GET", "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/kenmerken"
    )
    async def list(self) -> tuple[Kenmerk, ...]:
        """All kenmerken."""
        return await self._api.fetch_all(self._at("kenmerken"), Kenmerk, rel="kenmerken")

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/kenmerken/{KENMERK_ID}",
    )
    async def get(self, kenmerk_id: int) -> Kenmerk:
        """One kenmerk."""
        return await self._api.fetch(self._at("kenmerken", KENMERK_ID=kenmerk_id), Kenmerk)

    @endpoint(
        "POST", "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/kenmerken"
    )
    @sealed
    async def add(
        self, kenmerk: "bodies.KenmerkBody | Json", *, validate: bool = True
    ) -> CreatedId:
        """Add a kenmerk."""
        path = self._at("kenmerken")
        return await self._api.add(path, kenmerk, bodies.KenmerkBody, validate=validate)


class OrganisatieKenmerken(Resource):
    """Characteristics of a klant zakelijk, which can be read but not added to."""

    @endpoint(
        "GET", "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/kenmerken"
    )
    async def list(self) -> tuple[Kenmerk, ...]:
        """All kenmerken."""
        return await self._api.fetch_all(self._at("kenmerken"), Kenmerk, rel="kenmerken")

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/kenmerken/{ORGANISATIEKENMERK_ID}",
    )
    async def get(self, kenmerk_id: int) -> Kenmerk:
        """One kenmerk."""
        path = self._at("kenmerken", ORGANISATIEKENMERK_ID=kenmerk_id)
        return await self._api.fetch(path, Kenmerk)


class SocialmediaResource(Resource):
    """Accounts of a particulier on social networks."""

    @endpoint(
        "GET", "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/socialmedia"
    )
    async def list(self) -> tuple[Socialmedia, ...]:
        """All accounts on social networks."""
        return await self._api.fetch_all(self._at("socialmedia"), Socialmedia, rel="socialmedia")

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}/socialmedia/{SOCIALMEDIA_ID}",
    )
    async def get(self, socialmedia_id: int) -> Socialmedia:
        """One account on a social network."""
        path = self._at("socialmedia", SOCIALMEDIA_ID=socialmedia_id)
        return await self._api.fetch(path, Socialmedia)


class Medewerkers(Resource):
    """Persons who work for a klant zakelijk, which can be added but not read."""

    @endpoint(
        "POST", "/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}/medewerkers"
    )
    @sealed
    async def add(
        self,
        medewerker: "bodies.MedewerkerBody | bodies.ExistingMedewerkerBody | Json",
        *,
        validate: bool = True,
    ) -> CreatedId:
        """Add a medewerker."""
        kinds = (bodies.MedewerkerBody, bodies.ExistingMedewerkerBody)
        return await self._api.add(self._at("medewerkers"), medewerker, *kinds, validate=validate)


class MedewerkerHandle(Resource):
    """One medewerker of a klant zakelijk. Sends nothing itself."""

    @property
    def emailadressen(self) -> EmailadressenWriter:
        """Email addresses of the medewerker."""
        return EmailadressenWriter(self._api, self._path)

    @property
    def rekeningnummers(self) -> RekeningnummersWriter:
        """Bank accounts of the medewerker."""
        return RekeningnummersWriter(self._api, self._path)

    @property
    def telefoonnummers(self) -> TelefoonnummersWriter:
        """Telephone numbers of the medewerker."""
        return TelefoonnummersWriter(self._api, self._path)
