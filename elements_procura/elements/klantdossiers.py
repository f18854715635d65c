"""The klantdossiers (customer files), and everything below one."""

import datetime as dt
from collections.abc import AsyncGenerator, Coroutine
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from elements_procura._lazy import later, load
from elements_procura.elements import bodies
from elements_procura.elements._api import CreatedId, Resource
from elements_procura.elements._endpoint import TEMPLATES, endpoint
from elements_procura.elements._query import filters
from elements_procura.elements.models.klantdossiers import Klantdossier
from elements_procura.errors import InputError
from elements_procura.schema.hal import Row
from elements_procura.schema.sealed import Json, sealed

# Nobody needs all of them: each is loaded, with its records, when a dossier's property is used.
if TYPE_CHECKING:
    from elements_procura.elements import adviseurs as _adviseurs
    from elements_procura.elements import bezittingen as _bezittingen
    from elements_procura.elements import kantoor as _kantoor
    from elements_procura.elements import klanten as _klanten
    from elements_procura.elements import producten as _producten
    from elements_procura.elements import registraties as _registraties
    from elements_procura.elements.models import productdetail as _productdetail
    from elements_procura.elements.models import producten as _products
else:
    _adviseurs = later("elements_procura.elements.adviseurs")
    _bezittingen = later("elements_procura.elements.bezittingen")
    _kantoor = later("elements_procura.elements.kantoor")
    _klanten = later("elements_procura.elements.klanten")
    _producten = later("elements_procura.elements.producten")
    _registraties = later("elements_procura.elements.registraties")
    _productdetail = later("elements_procura.elements.models.productdetail")
    _products = later("elements_procura.elements.models.producten")
TEMPLATES.completed_by(
    lambda: load(_adviseurs, _bezittingen, _kantoor, _klanten, _producten, _registraties)
)

__all__ = ["Acties", "DossierHandle", "Dossierfilters", "Klantdossiers", "Panden", "Proposities"]


class Dossierfilters(TypedDict, total=False):
    """The filters of :meth:`Klantdossiers.search`, which explains them."""

    relatienummer: str | None
    omschrijving: str | None
    dossierstatus: int | str | None
    kantoor: int | str | None
    achternaam: str | None
    geboortedatum: dt.date | str | None
    organisatie: str | None
    kvknummer: str | None
    straat: str | None
    nummer: int | str | None
    postcode: str | None
    plaatsnaam: str | None
    telefoonnummer: str | None
    emailadres: str | None
    contractnummer: str | None
    kenteken: str | None
    zoekwaarde: str | None


class Klantdossiers(Resource):
    """The customer files."""

    @endpoint("GET", "/api/data/klantdossiers")
    def search(  # not async: rule 2 of elements_procura.secret
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
    ) -> Coroutine[Any, Any, tuple[Klantdossier, ...]]:
        """The dossiers that fit every filter given.

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
        query = filters(
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
        return self._api.fetch_all(self._path, Klantdossier, rel="klantdossiers", query=query)

    @endpoint("GET", "/api/data/klantdossiers", is_twin=True)
    def list(
        self, **given: Unpack[Dossierfilters]
    ) -> Coroutine[Any, Any, tuple[Klantdossier, ...]]:
        """The dossiers that fit every filter given: :meth:`search` by the name of other lists.

        Args:
            given: The filters of :meth:`search`.
        """
        return self.search(**given)

    @endpoint("GET", "/api/data/klantdossiers")
    def iterate(self, **given: Unpack[Dossierfilters]) -> AsyncGenerator[Klantdossier]:
        """Every dossier that fits every filter given, each as soon as it has arrived.

        Memory stays small however long the collection is. Close the iterator
        (``contextlib.aclosing``) when leaving early; the rest is then not read.

        Args:
            given: The filters of :meth:`search`.

        Raises:
            ProtocolError: Also after some dossiers, when the rest of the answer is broken.
        """
        query = filters(**given)
        return self._api.iterate(self._path, Klantdossier, rel="klantdossiers", query=query)

    @endpoint("GET", "/api/data/klantdossiers")
    def rows(self) -> AsyncGenerator[Row]:
        """As :meth:`iterate`, each row as it came.

        A row that cannot be read says why, and the others come all the same.

        Raises:
            IncompleteAnswer: After all rows, when the answer says that there are more.
            ProtocolError: As for :meth:`iterate`.
        """
        return self._api.rows(self._path, rel="klantdossiers")

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}")
    async def get(self, dossier_id: int) -> Klantdossier:
        """One dossier."""
        return await self._api.fetch(self._at(DOSSIER_ID=dossier_id), Klantdossier)

    @endpoint("POST", "/api/data/klantdossiers/")
    @sealed
    async def add(
        self, dossier: "bodies.KlantdossierBody | Json", *, validate: bool = True
    ) -> CreatedId:
        """Add a dossier. The documented path ends in a slash."""
        path = self._at("")
        return await self._api.add(path, dossier, bodies.KlantdossierBody, validate=validate)

    @endpoint("PATCH", "/api/data/klantdossiers/{DOSSIER_ID}")
    @sealed
    async def update(
        self,
        dossier_id: int,
        dossier: "bodies.CorrespondentieadresBody | Json",
        *,
        validate: bool = True,
    ) -> None:
        """Change a dossier.

        The correspondentieadres is all that can be changed.
        """
        path, kind = self._at(DOSSIER_ID=dossier_id), bodies.CorrespondentieadresBody
        await self._api.write("PATCH", path, dossier, kind, validate=validate)


class DossierHandle(Resource):
    """One dossier and everything that belongs to it. A handle: it sends no request itself."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}", is_twin=True)
    async def get(self) -> Klantdossier:
        """Get the dossier itself, as ``get`` of its collection does."""
        return await self._api.fetch(self._path, Klantdossier)

    @property
    def adviseurs(self) -> "_adviseurs.Adviseurs":
        """Adviseurs (financial advisers) of the dossier."""
        return _adviseurs.Adviseurs(self._api, self._path)

    def adviseur(self, adviseur_id: int) -> "_adviseurs.AdviseurHandle":
        """One adviseur of the dossier, by id. Sends nothing."""
        return _adviseurs.AdviseurHandle(self._api, self._at("adviseurs", ADVISEUR_ID=adviseur_id))

    @property
    def kantoor(self) -> "_kantoor.KantoorResource":
        """Kantoor (office) that the dossier belongs to."""
        return _kantoor.KantoorResource(self._api, self._path)

    @property
    def klanten(self) -> "_klanten.Klanten":
        """Klanten (customers) of the dossier."""
        return _klanten.Klanten(self._api, self._path)

    def particulier(self, persoon_id: int) -> "_klanten.ParticulierHandle":
        """One customer who is a natural person, by id. Sends nothing."""
        path = self._at("klanten", "particulier", PERSOON_ID=persoon_id)
        return _klanten.ParticulierHandle(self._api, path)

    def zakelijk(self, organisatie_id: int) -> "_klanten.ZakelijkHandle":
        """One customer that is an organisation, by id. Sends nothing."""
        path = self._at("klanten", "zakelijk", ORGANISATIE_ID=organisatie_id)
        return _klanten.ZakelijkHandle(self._api, path)

    @property
    def registraties(self) -> "_registraties.Registraties":
        """Registraties (notes) of the dossier."""
        return _registraties.Registraties(self._api, self._path)

    @property
    def bezittingen(self) -> "_bezittingen.Bezittingen":
        """Bezittingen (possessions) of the dossier."""
        return _bezittingen.Bezittingen(self._api, self._path)

    @property
    def acties(self) -> "Acties":
        """Acties (campaigns) of the dossier."""
        return Acties(self._api, self._path)

    @property
    def panden(self) -> "Panden":
        """Panden (real estate) of the dossier."""
        return Panden(self._api, self._path)

    @property
    def proposities(self) -> "Proposities":
        """Proposities (proposals) of the dossier."""
        return Proposities(self._api, self._path)

    @property
    def producten(self) -> "_producten.Producten":
        """Producten (products) of every kind."""
        return _producten.Producten(self._api, self._path)

    @property
    def bankgaranties(self) -> "_producten.Bankgaranties":
        """Bankgaranties (bank guarantees) of the dossier."""
        return _producten.Bankgaranties(self._api, self._path)

    async def product(self, row: "_products.Product") -> "_productdetail.ProductDetail":
        """A product in full, of whatever kind: from its row in ``producten.list()``.

        ``GET /api/data/klantdossiers/{DOSSIER_ID}/{soort}/{PRODUCT_ID}``

        Kinds whose answers are documented come as their own class, such as ``Hypotheek``; others
        as what all have in common, with the rest in ``extra``.

        Args:
            row: The row.

        Raises:
            InputError: The row has a kind that this version does not know. Nothing was sent.
            NotFound: The server has no such product, or does not give it in full.
        """
        soort = row.soort
        if not isinstance(soort, _productdetail.Productsoort):
            raise InputError(
                "this row of a product has a kind that this version does not know",
                hint="Pass its link to client.follow()",
            )
        path = self._at(soort.value, PRODUCT_ID=row.id)
        return await self._api.fetch(path, _producten.in_full(soort))

    def bankgarantie(self, product_id: int) -> "_producten.BankgarantieHandle":
        """One bankgarantie, by id. Sends nothing."""
        return _producten.BankgarantieHandle(
            self._api, self._at("bankgaranties", PRODUCT_ID=product_id)
        )

    @property
    def consumptiefkredieten(self) -> "_producten.Consumptiefkredieten":
        """Consumptiefkredieten (consumer loans) of the dossier."""
        return _producten.Consumptiefkredieten(self._api, self._path)

    def consumptiefkrediet(self, product_id: int) -> "_producten.ConsumptiefkredietHandle":
        """One consumptiefkrediet, by id. Sends nothing."""
        path = self._at("consumptiefkredieten", PRODUCT_ID=product_id)
        return _producten.ConsumptiefkredietHandle(self._api, path)

    @property
    def contracten(self) -> "_producten.Contracten":
        """Contracten (contracts) of the dossier."""
        return _producten.Contracten(self._api, self._path)

    def contract(self, product_id: int) -> "_producten.ContractHandle":
        """One contract, by id. Sends nothing."""
        return _producten.ContractHandle(self._api, self._at("contracten", PRODUCT_ID=product_id))

    @property
    def diensten(self) -> "_producten.Diensten":
        """Diensten (services of the firm itself) of the dossier."""
        return _producten.Diensten(self._api, self._path)

    def dienst(self, product_id: int) -> "_producten.DienstHandle":
        """One dienst, by id. Sends nothing."""
        return _producten.DienstHandle(self._api, self._at("diensten", PRODUCT_ID=product_id))

    @property
    def hypotheken(self) -> "_producten.Hypotheken":
        """Hypotheken (mortgages) of the dossier."""
        return _producten.Hypotheken(self._api, self._path)


class Acties(Resource):
    """The acties (campaigns) that a dossier takes part in, which can be added but not read."""

    @endpoint("POST", "/api/data/klantdossiers/{DOSSIER_ID}/acties")
    @sealed
    async def add(self, actie: "bodies.ActieBody | Json", *, validate: bool = True) -> CreatedId:
        """Add an actie."""
        path = self._at("acties")
        return await self._api.add(path, actie, bodies.ActieBody, validate=validate)


class Panden(Resource):
    """The panden (real estate) of a dossier, which can be added but not read."""

    @endpoint("POST", "/api/data/klantdossiers/{DOSSIER_ID}/panden")
    @sealed
    async def add(
        self, pand: "bodies.AdresBody | bodies.ExistingAdresBody | Json", *, validate: bool = True
    ) -> CreatedId:
        """Add a pand."""
        kinds = (bodies.AdresBody, bodies.ExistingAdresBody)
        return await self._api.add(self._at("panden"), pand, *kinds, validate=validate)


class Proposities(Resource):
    """The proposities (proposals) of a dossier, which can be added but not read."""

    @endpoint("POST", "/api/data/klantdossiers/{DOSSIER_ID}/proposities")
    @sealed
    async def add(
        self, propositie: "bodies.PropositieBody | Json", *, validate: bool = True
    ) -> CreatedId:
        """Add a propositie."""
        path = self._at("proposities")
        return await self._api.add(path, propositie, bodies.PropositieBody, validate=validate)
