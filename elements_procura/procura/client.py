"""The client of Procura / vrijBRP Dossiers: settings in, resources out."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import ClassVar, Unpack

import attrs

from elements_procura import paths
from elements_procura.auth.credentials import Given, credentials_of, scopes_of, wrapped
from elements_procura.auth.grants import ClientCredentialsGrant
from elements_procura.core.answers import Response
from elements_procura.core.client import Client, ClientOptions, Manner, session_of
from elements_procura.core.http import Request
from elements_procura.errors import ElementsProcuraError, StatusError
from elements_procura.paths import Path, Templates
from elements_procura.procura._api import ProcuraApi, segment
from elements_procura.procura._bodies import ProcuraBodies
from elements_procura.procura._endpoint import TEMPLATES, endpoint
from elements_procura.procura._errors import is_own_failure, is_settled, refusal
from elements_procura.procura._proof import judge
from elements_procura.procura._steps import SETTLE, settle_of
from elements_procura.procura._wire import procura_wire
from elements_procura.procura.births import Births
from elements_procura.procura.commitments import Commitments
from elements_procura.procura.dataimport import DataImports
from elements_procura.procura.deaths import Deaths
from elements_procura.procura.dossiers import DossierHandle, Dossiers
from elements_procura.procura.models.info import Info
from elements_procura.procura.relatives import RelativesResource
from elements_procura.procura.relocations import Relocations
from elements_procura.procura.tasks import Tasks
from elements_procura.scheduler import Rate
from elements_procura.secret import veiled

__all__ = ["ProcuraClient"]

POLITE_RATES = (Rate(10, 1),)
"""No limit is documented. Every request makes the server ask a second one, and often many."""
MAX_BODY = 100 * 1024 * 1024
_ROOT = Path.literal("/api/v1", segment=segment)
_SEARCH = f"{_ROOT.template}/dossiers/search"


class ProcuraClient(Client[ProcuraApi]):
    """The client for the civil-registry cases of one municipality.

    Use it as ``async with ProcuraClient(...) as procura``, one per municipality and event loop.
    All dates with a time are the server's local time and carry no zone.

    Args:
        base_url: ``https://host[/context]``, such as ``https://api.procura.nl/dossiers``.
            Plain http is taken for this machine only.
        credentials: Client id and secret, as a pair or a mapping.
        scopes: The scopes to ask for; without ``api`` every call is refused. One text is one scope.
        settle: Seconds after which a case that was sent is surely stored, or never will be: before
            they have passed, none is sent again. The server gives its back office ten.
        options: The settings of both APIs: :class:`~elements_procura.core.client.ClientOptions`.
            By default ten requests a second leave, bodies may have 100 MiB, and ``relatives``
            gets minutes to answer, for it takes the server long.

    Raises:
        ConfigError: A setting is missing or wrong. Nothing was sent.
    """

    api_name = "procura"
    templates: ClassVar[Templates] = TEMPLATES

    def __init__(
        self,
        base_url: str,
        *,
        credentials: Given,
        scopes: str | Iterable[str] = ("api",),
        settle: float = SETTLE,
        **options: Unpack[ClientOptions],
    ) -> None:
        credentials = wrapped(credentials)
        settle = settle_of(settle)
        self._base_url = address_of(base_url)
        grant = ClientCredentialsGrant(credentials_of(credentials), scopes=scopes_of(scopes))
        self._session, calls = session_of(_MANNER, self._base_url, grant, **options)
        wire = procura_wire()
        self._api = ProcuraApi(self._session, wire, ProcuraBodies(wire), calls, settle)

    @staticmethod
    def error_of(response: Response) -> ElementsProcuraError:
        """The error for an answer of status 400 or above, derived from its text as well.

        Args:
            response: As :meth:`request` returned it.
        """
        return refusal(response)

    @property
    def relocations(self) -> Relocations:
        """Relocations within the municipality and from other ones."""
        return Relocations(self._api, _ROOT.at("relocations"))

    @property
    def births(self) -> Births:
        """Births."""
        return Births(self._api, _ROOT.at("births"))

    @property
    def commitments(self) -> Commitments:
        """Marriages and registered partnerships."""
        return Commitments(self._api, _ROOT.at("commitments"))

    @property
    def deaths(self) -> Deaths:
        """Deaths in the municipality, and discovered bodies."""
        return Deaths(self._api, _ROOT.at("deaths"))

    @property
    def dossiers(self) -> Dossiers:
        """Dossiers of every kind."""
        return Dossiers(self._api, _ROOT.at("dossiers"))

    def dossier(self, dossier_id: str) -> DossierHandle:
        """One dossier, by its id or a reference. Sends nothing."""
        dossier_id = veiled(dossier_id)
        path = self.dossiers._at(dossierId=dossier_id)  # noqa: SLF001 - the same package's
        return DossierHandle(self._api, path)

    @property
    def tasks(self) -> Tasks:
        """Tasks that wait for a citizen."""
        return Tasks(self._api, _ROOT.at("tasks"))

    @property
    def dataimport(self) -> DataImports:
        """Bulk import of records."""
        return DataImports(self._api, _ROOT.at("dataimport"))

    @property
    def relatives(self) -> RelativesResource:
        """Relatives of a person."""
        return RelativesResource(self._api, _ROOT.at("relatives"))

    @endpoint("GET", "/api/v1/info")
    async def info(self) -> Info:
        """The server's version.

        Since 1.0.22 the server needs no token for it. An older one is asked once more with a token.
        """
        request = self._api.request("GET", _ROOT.at("info"))
        try:
            return await self._api.ask(attrs.evolve(request, anonymous=True), Info)
        except StatusError as error:
            if error.status != HTTPStatus.UNAUTHORIZED:
                raise
        return await self._api.ask(request, Info)


def _settled(request: Request, status: int, body: bytes) -> bool:
    if status == HTTPStatus.INTERNAL_SERVER_ERROR and request.path.shown == _SEARCH:
        return is_own_failure(body)
    return is_settled(status, body, is_write=not request.repeatable)


_MANNER = Manner(
    rates=POLITE_RATES,
    max_body=MAX_BODY,
    keep_alive=False,  # nothing in an answer shows whose it is
    settled=_settled,
    judge=judge,
)


def address_of(base_url: str) -> str:
    """The address that requests go to, without a slash at its end.

    Args:
        base_url: As a client takes it.

    Raises:
        ConfigError: It is not an address, or not one that tokens may be sent to.
    """
    return paths.base_url(base_url, root=_ROOT.template)
