"""The klantdossiers (customer files), and what leads on from one."""

import datetime as dt
from collections.abc import AsyncGenerator

from elements_procura._api import Query, Resource
from elements_procura.elements.adviseurs import AdviseurHandle, Adviseurs
from elements_procura.elements.kantoor import KantoorResource
from elements_procura.elements.klanten import Klanten, ParticulierHandle
from elements_procura.elements.models.klantdossiers import Klantdossier
from elements_procura.elements.producten import Hypotheken, Producten


class Klantdossiers(Resource):
    """The customer files."""

    async def search(
        self,
        *,
        relatienummer: str | None = None,
        omschrijving: str | None = None,
        dossierstatus: int | str | None = None,
        kantoor: int | str | None = None,
        achternaam: str | None = None,
        geboortedatum: dt.date | str | None = None,
        organisatie: str | None = None,
        kvknummer: str | None = None,
        straat: str | None = None,
        nummer: int | str | None = None,
        postcode: str | None = None,
        plaatsnaam: str | None = None,
        telefoonnummer: str | None = None,
        emailadres: str | None = None,
        contractnummer: str | None = None,
        kenteken: str | None = None,
        zoekwaarde: str | None = None,
    ) -> tuple[Klantdossier, ...]:
        """The dossiers that fit every filter given: ``GET /api/data/klantdossiers``.

        The API has no paging: without filters this is every dossier there is, in one answer.
        :meth:`iterate` gives them out while they arrive.

        Args:
            relatienummer: The firm's own number of the relation.
            omschrijving: Description of the dossier.
            dossierstatus: Id of the status.
            kantoor: Id of the office.
            achternaam: Surname of a customer.
            geboortedatum: Date of birth of a customer.
            organisatie: Name of a business customer.
            kvknummer: Trade-register number of a business customer.
            straat: Street of an address.
            nummer: House number of an address.
            postcode: Postal code of an address.
            plaatsnaam: Town of an address.
            telefoonnummer: Telephone number of a customer.
            emailadres: Email address of a customer.
            contractnummer: Number of a contract.
            kenteken: Registration plate of a vehicle.
            zoekwaarde: Free text over all of these.
        """
        query = _filters(
            relatienummer=relatienummer,
            omschrijving=omschrijving,
            dossierstatus=dossierstatus,
            kantoor=kantoor,
            achternaam=achternaam,
            geboortedatum=geboortedatum,
            organisatie=organisatie,
            kvknummer=kvknummer,
            straat=straat,
            nummer=nummer,
            postcode=postcode,
            plaatsnaam=plaatsnaam,
            telefoonnummer=telefoonnummer,
            emailadres=emailadres,
            contractnummer=contractnummer,
            kenteken=kenteken,
            zoekwaarde=zoekwaarde,
        )
        return await self._api.fetch_all(self._path, Klantdossier, rel="klantdossiers", query=query)

    def iterate(self) -> AsyncGenerator[Klantdossier]:
        """Every dossier, each as soon as it has arrived: ``GET /api/data/klantdossiers``.

        Memory stays small however long the collection is. Close the iterator
        (``contextlib.aclosing``) when leaving early: what is left is not read then.

        Raises:
            ProtocolError: Also after some dossiers, when the rest of the answer is broken.
        """
        return self._api.iterate(self._path, Klantdossier, rel="klantdossiers")

    async def get(self, dossier_id: int) -> Klantdossier:
        """One dossier: ``GET /api/data/klantdossiers/{DOSSIER_ID}``."""
        return await self._api.fetch(self._at(DOSSIER_ID=dossier_id), Klantdossier)


class DossierHandle(Resource):
    """What hangs on one dossier, ``/api/data/klantdossiers/{DOSSIER_ID}``. Sends nothing itself."""

    @property
    def adviseurs(self) -> Adviseurs:
        """``/api/data/klantdossiers/{DOSSIER_ID}/adviseurs``."""
        return Adviseurs(self._api, self._path)

    def adviseur(self, adviseur_id: int) -> AdviseurHandle:
        """``/api/data/klantdossiers/{DOSSIER_ID}/adviseurs/{ADVISEUR_ID}``."""
        return AdviseurHandle(self._api, self._at("adviseurs", ADVISEUR_ID=adviseur_id))

    @property
    def kantoor(self) -> KantoorResource:
        """``/api/data/klantdossiers/{DOSSIER_ID}/kantoor``."""
        return KantoorResource(self._api, self._path)

    @property
    def klanten(self) -> Klanten:
        """``/api/data/klantdossiers/{DOSSIER_ID}/klanten``."""
        return Klanten(self._api, self._path)

    def particulier(self, persoon_id: int) -> ParticulierHandle:
        """``/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}``."""
        path = self._at("klanten", "particulier", PERSOON_ID=persoon_id)
        return ParticulierHandle(self._api, path)

    @property
    def producten(self) -> Producten:
        """``/api/data/klantdossiers/{DOSSIER_ID}/producten``."""
        return Producten(self._api, self._path)

    @property
    def hypotheken(self) -> Hypotheken:
        """``/api/data/klantdossiers/{DOSSIER_ID}/hypotheken``."""
        return Hypotheken(self._api, self._path)


def _filters(**given: dt.date | int | str | None) -> Query:
    return tuple(
        (name, value.isoformat() if isinstance(value, dt.date) else str(value))
        for name, value in given.items()
        if value is not None
    )
