"""The producten (products) of a dossier: the row of every kind, and the kinds in full."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from elements_procura._lazy import later
from elements_procura.elements import bodies
from elements_procura.elements._api import CreatedId, Resource
from elements_procura.elements._endpoint import endpoint
from elements_procura.elements._query import flags
from elements_procura.elements.facturen import Facturen, FactuurHandle
from elements_procura.elements.models.productdetail import ProductDetail, Productsoort
from elements_procura.elements.registraties import ProductRegistraties, RegistratiesWriter
from elements_procura.elements.taken import Taken, Workflows
from elements_procura.schema.sealed import Json, sealed

# Whoever asks for one kind needs the records of no other.
if TYPE_CHECKING:
    from elements_procura.elements.models import bankgaranties as _bankgaranties
    from elements_procura.elements.models import consumptiefkredieten as _consumptiefkredieten
    from elements_procura.elements.models import contracten as _contracten
    from elements_procura.elements.models import diensten as _diensten
    from elements_procura.elements.models import hypotheken as _hypotheken
    from elements_procura.elements.models import producten as _producten
else:
    _bankgaranties = later("elements_procura.elements.models.bankgaranties")
    _consumptiefkredieten = later("elements_procura.elements.models.consumptiefkredieten")
    _contracten = later("elements_procura.elements.models.contracten")
    _diensten = later("elements_procura.elements.models.diensten")
    _hypotheken = later("elements_procura.elements.models.hypotheken")
    _producten = later("elements_procura.elements.models.producten")

__all__ = [
    "BankgarantieHandle",
    "Bankgaranties",
    "ConsumptiefkredietHandle",
    "Consumptiefkredieten",
    "ContractHandle",
    "Contracten",
    "Delen",
    "DienstHandle",
    "Diensten",
    "Hypotheken",
    "Onderdelen",
    "ProductHandle",
    "Producten",
]

_IN_FULL: dict[Productsoort, Callable[[], type[ProductDetail]]] = {
    Productsoort.BANKGARANTIES: lambda: _bankgaranties.Bankgarantie,
    Productsoort.CONSUMPTIEFKREDIETEN: lambda: _consumptiefkredieten.Consumptiefkrediet,
    Productsoort.CONTRACTEN: lambda: _contracten.Contract,
    Productsoort.DIENSTEN: lambda: _diensten.Dienst,
    Productsoort.HYPOTHEKEN: lambda: _hypotheken.Hypotheek,
}


def in_full(soort: Productsoort) -> type[ProductDetail]:
    """The record of a kind: its own where its answers are documented."""
    load = _IN_FULL.get(soort)
    return ProductDetail if load is None else load()


class Producten(Resource):
    """The products of a dossier, whatever their kind."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/producten")
    async def list(
        self, *, publiek: bool | None = None, gearchiveerd: bool | None = None
    ) -> "tuple[_producten.Product, ...]":
        """All producten.

        Args:
            publiek: Only those that the customer may see, or only those that he may not.
            gearchiveerd: Only those that are archived, or only those that are not.
        """
        path, query = self._at("producten"), flags(publiek=publiek, gearchiveerd=gearchiveerd)
        return await self._api.fetch_all(path, _producten.Product, rel="producten", query=query)


class Bankgaranties(Resource):
    """The bankgaranties (bank guarantees) of a dossier."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}")
    async def get(self, product_id: int) -> "_bankgaranties.Bankgarantie":
        """One bankgarantie."""
        return await self._api.fetch(
            self._at("bankgaranties", PRODUCT_ID=product_id), _bankgaranties.Bankgarantie
        )


class Consumptiefkredieten(Resource):
    """The consumptiefkredieten (consumer loans) of a dossier."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}")
    async def get(self, product_id: int) -> "_consumptiefkredieten.Consumptiefkrediet":
        """One consumptiefkrediet."""
        path = self._at("consumptiefkredieten", PRODUCT_ID=product_id)
        return await self._api.fetch(path, _consumptiefkredieten.Consumptiefkrediet)

    @endpoint("POST", "/api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten")
    @sealed
    async def add(
        self, krediet: "bodies.ConsumptiefkredietBody | Json", *, validate: bool = True
    ) -> CreatedId:
        """Add a consumptiefkrediet."""
        path, kind = self._at("consumptiefkredieten"), bodies.ConsumptiefkredietBody
        return await self._api.add(path, krediet, kind, validate=validate)


class Contracten(Resource):
    """The contracten (contracts) of a dossier."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}")
    async def get(self, product_id: int) -> "_contracten.Contract":
        """One contract."""
        return await self._api.fetch(
            self._at("contracten", PRODUCT_ID=product_id), _contracten.Contract
        )

    @endpoint("POST", "/api/data/klantdossiers/{DOSSIER_ID}/contracten")
    @sealed
    async def add(
        self, contract: "bodies.ContractBody | Json", *, validate: bool = True
    ) -> CreatedId:
        """Add a contract."""
        path = self._at("contracten")
        return await self._api.add(path, contract, bodies.ContractBody, validate=validate)


class Diensten(Resource):
    """The diensten (services of the firm itself) of a dossier."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}")
    async def get(self, product_id: int) -> "_diensten.Dienst":
        """One dienst."""
        return await self._api.fetch(self._at("diensten", PRODUCT_ID=product_id), _diensten.Dienst)

    @endpoint("POST", "/api/data/klantdossiers/{DOSSIER_ID}/diensten")
    @sealed
    async def add(self, dienst: "bodies.DienstBody | Json", *, validate: bool = True) -> CreatedId:
        """Add a dienst."""
        path = self._at("diensten")
        return await self._api.add(path, dienst, bodies.DienstBody, validate=validate)


class Hypotheken(Resource):
    """The hypotheken (mortgages) of a dossier."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/hypotheken/{PRODUCT_ID}")
    async def get(self, product_id: int) -> "_hypotheken.Hypotheek":
        """One hypotheek."""
        return await self._api.fetch(
            self._at("hypotheken", PRODUCT_ID=product_id), _hypotheken.Hypotheek
        )

    @endpoint("POST", "/api/data/klantdossiers/{DOSSIER_ID}/hypotheken")
    @sealed
    async def add(
        self, hypotheek: "bodies.HypotheekBody | Json", *, validate: bool = True
    ) -> CreatedId:
        """Add a hypotheek."""
        path = self._at("hypotheken")
        return await self._api.add(path, hypotheek, bodies.HypotheekBody, validate=validate)


class ProductHandle(Resource):
    """The parts of one product, of any kind. Sends nothing itself."""

    @property
    def taken(self) -> Taken:
        """Taken (tasks) of the product."""
        return Taken(self._api, self._path)

    @property
    def workflows(self) -> Workflows:
        """Workflows of the product."""
        return Workflows(self._api, self._path)

    @property
    def facturen(self) -> Facturen:
        """Facturen (invoices) of the product."""
        return Facturen(self._api, self._path)

    def factuur(self, factuur_id: int) -> FactuurHandle:
        """One factuur, by id. Sends nothing."""
        return FactuurHandle(self._api, self._at("facturen", FACTUUR_ID=factuur_id))


class BankgarantieHandle(ProductHandle):
    """One bankgarantie of a dossier. A handle: it sends no request itself."""

    @endpoint(
        "GET", "/api/data/klantdossiers/{DOSSIER_ID}/bankgaranties/{PRODUCT_ID}", is_twin=True
    )
    async def get(self) -> "_bankgaranties.Bankgarantie":
        """Get the bankgarantie itself, as ``get`` of its collection does."""
        return await self._api.fetch(self._path, _bankgaranties.Bankgarantie)

    @property
    def registraties(self) -> ProductRegistraties:
        """Registraties (notes) of the bankgarantie."""
        return ProductRegistraties(self._api, self._path)


class ConsumptiefkredietHandle(ProductHandle):
    """One consumptiefkrediet of a dossier. A handle: it sends no request itself."""

    @endpoint(
        "GET",
        "/api/data/klantdossiers/{DOSSIER_ID}/consumptiefkredieten/{PRODUCT_ID}",
        is_twin=True,
    )
    async def get(self) -> "_consumptiefkredieten.Consumptiefkrediet":
        """Get the consumptiefkrediet itself, as ``get`` of its collection does."""
        return await self._api.fetch(self._path, _consumptiefkredieten.Consumptiefkrediet)

    @property
    def registraties(self) -> ProductRegistraties:
        """Registraties (notes) of the consumptiefkrediet."""
        return ProductRegistraties(self._api, self._path)


class ContractHandle(ProductHandle):
    """One contract of a dossier. A handle: it sends no request itself."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}", is_twin=True)
    async def get(self) -> "_contracten.Contract":
        """Get the contract itself, as ``get`` of its collection does."""
        return await self._api.fetch(self._path, _contracten.Contract)

    @property
    def registraties(self) -> ProductRegistraties:
        """Registraties (notes) of the contract."""
        return ProductRegistraties(self._api, self._path)

    @property
    def onderdelen(self) -> "Onderdelen":
        """Parts of the contract."""
        return Onderdelen(self._api, self._path)


class DienstHandle(ProductHandle):
    """One dienst of a dossier. A handle: it sends no request itself."""

    @endpoint("GET", "/api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}", is_twin=True)
    async def get(self) -> "_diensten.Dienst":
        """Get the dienst itself, as ``get`` of its collection does."""
        return await self._api.fetch(self._path, _diensten.Dienst)

    @property
    def registraties(self) -> RegistratiesWriter:
        """Registraties (notes) of the dienst."""
        return RegistratiesWriter(self._api, self._path)

    @property
    def delen(self) -> "Delen":
        """Parts of the dienst."""
        return Delen(self._api, self._path)


class Onderdelen(Resource):
    """The parts of a contract, which can be added; they are read with the contract."""

    @endpoint("POST", "/api/data/klantdossiers/{DOSSIER_ID}/contracten/{PRODUCT_ID}/onderdelen")
    @sealed
    async def add(
        self, onderdeel: "bodies.OnderdeelBody | Json", *, validate: bool = True
    ) -> CreatedId:
        """Add a part to a contract."""
        path = self._at("onderdelen")
        return await self._api.add(path, onderdeel, bodies.OnderdeelBody, validate=validate)


class Delen(Resource):
    """The parts of a dienst, which can be added; they are read with the dienst."""

    @endpoint("POST", "/api/data/klantdossiers/{DOSSIER_ID}/diensten/{PRODUCT_ID}/delen")
    @sealed
    async def add(self, deel: "bodies.DeelBody | Json", *, validate: bool = True) -> CreatedId:
        """Add a part to a dienst."""
        return await self._api.add(self._at("delen"), deel, bodies.DeelBody, validate=validate)
