"""The klanten (customers) of a dossier: persons (particulier) and organisations (zakelijk)."""

from typing import Literal

from elements_procura.core.api import Created, Resource
from elements_procura.elements import bodies, choices
from elements_procura.elements._codes import Codes
from elements_procura.elements._contact import (
    EmailadressenWriter,
    KlantHandle,
    OrganisatieAdressen,
    PersoonAdressen,
    RekeningnummersWriter,
    TelefoonnummersWriter,
)
from elements_procura.elements._query import chosen
from elements_procura.elements.models.klanten import (
    Kenmerk,
    Particulier,
    Socialmedia,
    Zakelijk,
)
from elements_procura.schema.body import Json, sealed


class Klanten(Resource):
    """The customers of a dossier, by sort. Leads on without a request."""

    @property
    def particulier(self) -> "Particulieren":
        """``/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier``."""
        return Particulieren(self._api, self._at("klanten"))

    @property
    def zakelijk(self) -> "Zakelijken":
        """``/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk``."""
        return Zakelijken(self._api, self._at("klanten"))


class Particulieren(Resource):
    """The customers of a dossier that are natural persons."""

    async def list(self) -> tuple[Particulier, ...]:
        """All particulieren: ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier``."""
        return await self._api.fetch_all(self._at("particulier"), Particulier, rel="particulier")

    async def get(self, persoon_id: int) -> Particulier:
        """One particulier.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}``.
        """
        return await self._api.fetch(self._at("particulier", PERSOON_ID=persoon_id), Particulier)

    @sealed
    async def add(
        self,
        particulier: "bodies.ParticulierBody | Json",
        *,
        rol: "choices.Rol | Literal['eerste-persoon', 'partner', 'kind']",
        validate: bool = True,
    ) -> Created:
        """Add a particulier: ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier``.

        Args:
            particulier: The person.
            rol: What the person is in the dossier.
            validate: Whether the body is checked before it is sent.
        """
        query = chosen("rol", rol, choices.Rol)
        kind = bodies.ParticulierBody
        path = self._at("particulier")
        return await self._api.add(path, particulier, kind, query=query, validate=validate)

    @sealed
    async def update(
        self,
        persoon_id: int,
        particulier: "bodies.CorrespondentieadresBody | Json",
        *,
        validate: bool = True,
    ) -> None:
        """Change a particulier.

        ``PATCH /api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}``. The
        correspondentieadres is all that the documentation shows.
        """
        path = self._at("particulier", PERSOON_ID=persoon_id)
        kind = bodies.CorrespondentieadresBody
        await self._api.write("PATCH", path, particulier, kind, validate=validate)


class Zakelijken(Resource):
    """The customers of a dossier that are organisations."""

    async def list(self) -> tuple[Zakelijk, ...]:
        """All of them: ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk``."""
        return await self._api.fetch_all(self._at("zakelijk"), Zakelijk, rel="zakelijk")

    async def get(self, klant_id: int) -> Zakelijk:
        """One of them: ``GET /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{KLANT_ID}``."""
        return await self._api.fetch(self._at("zakelijk", KLANT_ID=klant_id), Zakelijk)

    @sealed
    async def add(
        self, organisatie: "bodies.ZakelijkBody | Json", *, validate: bool = True
    ) -> Created:
        """Add one: ``POST /api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk``."""
        path = self._at("zakelijk")
        return await self._api.add(path, organisatie, bodies.ZakelijkBody, validate=validate)


class ParticulierHandle(KlantHandle):
    """``/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}``."""

    @property
    def adressen(self) -> PersoonAdressen:
        """``{particulier}/adressen``."""
        return PersoonAdressen(self._api, self._path)

    @property
    def kenmerken(self) -> "PersoonKenmerken":
        """``{particulier}/kenmerken``."""
        return PersoonKenmerken(self._api, self._path)

    @property
    def socialmedia(self) -> "SocialmediaResource":
        """``{particulier}/socialmedia``."""
        return SocialmediaResource(self._api, self._path)


class ZakelijkHandle(KlantHandle):
    """``/api/data/klantdossiers/{DOSSIER_ID}/klanten/zakelijk/{ORGANISATIE_ID}``."""

    @property
    def adressen(self) -> OrganisatieAdressen:
        """``{zakelijk}/adressen``."""
        return OrganisatieAdressen(self._api, self._path)

    @property
    def kenmerken(self) -> "OrganisatieKenmerken":
        """``{zakelijk}/kenmerken``."""
        return OrganisatieKenmerken(self._api, self._path)

    @property
    def codes(self) -> Codes:
        """``{zakelijk}/codes``."""
        return Codes(self._api, self._path)

    @property
    def medewerkers(self) -> "Medewerkers":
        """``{zakelijk}/medewerkers``."""
        return Medewerkers(self._api, self._path)

    def medewerker(self, persoon_id: int) -> "MedewerkerHandle":
        """``{zakelijk}/medewerkers/{PERSOON_ID}``."""
        return MedewerkerHandle(self._api, self._at("medewerkers", PERSOON_ID=persoon_id))


class PersoonKenmerken(Resource):
    """Characteristics of a particulier."""

    async def list(self) -> tuple[Kenmerk, ...]:
        """All kenmerken: ``GET {particulier}/kenmerken``."""
        return await self._api.fetch_all(self._at("kenmerken"), Kenmerk, rel="kenmerken")

    async def get(self, kenmerk_id: int) -> Kenmerk:
        """One kenmerk: ``GET {particulier}/kenmerken/{KENMERK_ID}``."""
        return await self._api.fetch(self._at("kenmerken", KENMERK_ID=kenmerk_id), Kenmerk)

    @sealed
    async def add(self, kenmerk: "bodies.KenmerkBody | Json", *, validate: bool = True) -> Created:
        """Add a kenmerk: ``POST {particulier}/kenmerken``."""
        path = self._at("kenmerken")
        return await self._api.add(path, kenmerk, bodies.KenmerkBody, validate=validate)


class OrganisatieKenmerken(Resource):
    """Characteristics of a klant zakelijk, which can be read but not added to."""

    async def list(self) -> tuple[Kenmerk, ...]:
        """All kenmerken: ``GET {zakelijk}/kenmerken``."""
        return await self._api.fetch_all(self._at("kenmerken"), Kenmerk, rel="kenmerken")

    async def get(self, kenmerk_id: int) -> Kenmerk:
        """One kenmerk: ``GET {zakelijk}/kenmerken/{ORGANISATIEKENMERK_ID}``."""
        path = self._at("kenmerken", ORGANISATIEKENMERK_ID=kenmerk_id)
        return await self._api.fetch(path, Kenmerk)


class SocialmediaResource(Resource):
    """Accounts of a particulier on social networks."""

    async def list(self) -> tuple[Socialmedia, ...]:
        """All of them: ``GET {particulier}/socialmedia``."""
        return await self._api.fetch_all(self._at("socialmedia"), Socialmedia, rel="socialmedia")

    async def get(self, socialmedia_id: int) -> Socialmedia:
        """One of them: ``GET {particulier}/socialmedia/{SOCIALMEDIA_ID}``."""
        path = self._at("socialmedia", SOCIALMEDIA_ID=socialmedia_id)
        return await self._api.fetch(path, Socialmedia)


class Medewerkers(Resource):
    """Persons who work for a klant zakelijk, which can be added but not read."""

    @sealed
    async def add(
        self,
        medewerker: "bodies.MedewerkerBody | bodies.ExistingMedewerkerBody | Json",
        *,
        validate: bool = True,
    ) -> Created:
        """Add a medewerker: ``POST {zakelijk}/medewerkers``."""
        kinds = (bodies.MedewerkerBody, bodies.ExistingMedewerkerBody)
        return await self._api.add(self._at("medewerkers"), medewerker, *kinds, validate=validate)


class MedewerkerHandle(Resource):
    """``{zakelijk}/medewerkers/{PERSOON_ID}``. Leads on without a request."""

    @property
    def emailadressen(self) -> EmailadressenWriter:
        """``{medewerker}/emailadressen``."""
        return EmailadressenWriter(self._api, self._path)

    @property
    def rekeningnummers(self) -> RekeningnummersWriter:
        """``{medewerker}/rekeningnummers``."""
        return RekeningnummersWriter(self._api, self._path)

    @property
    def telefoonnummers(self) -> TelefoonnummersWriter:
        """``{medewerker}/telefoonnummers``."""
        return TelefoonnummersWriter(self._api, self._path)
