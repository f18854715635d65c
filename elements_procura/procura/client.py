"""The client of Procura / vrijBRP Dossiers: settings in, resources out."""

import ssl
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp
import attrs

from elements_procura import paths
from elements_procura.auth.oauth import (
    ClientCredentialsGrant,
    Given,
    credentials_of,
    scopes_of,
    wrapped,
)
from elements_procura.auth.tokens import MemoryTokenStore, TokenStore
from elements_procura.clock import Clock, SystemClock
from elements_procura.core.answers import Response
from elements_procura.core.api import CallOptions, Query, shielded
from elements_procura.core.client import Client, called, max_body_of
from elements_procura.core.http import Http, Request, Timeouts, default_user_agent
from elements_procura.core.journal import Journal
from elements_procura.core.session import Session
from elements_procura.errors import InputError, StatusError
from elements_procura.paths import Path, Shielded
from elements_procura.procura._api import ProcuraApi, decoded, protocol_error
from elements_procura.procura._endpoint import TEMPLATES, endpoint
from elements_procura.procura._errors import is_own_failure, is_settled
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
from elements_procura.scheduler import Rate, Scheduler
from elements_procura.secret import veiled

POLITE_RATES = (Rate(10, 1),)
"""No limit is documented. Every request makes the server ask a second one, and often many."""
MAX_BODY = 100 * 1024 * 1024
_ROOT = Path.literal("/api/v1")
_SEARCH = f"{_ROOT.template}/dossiers/search"


class ProcuraClient(Client[ProcuraApi]):
    """Awaits calls on the civil-registry cases of one municipality.

    Use it as ``async with ProcuraClient(...) as procura``, one per municipality and event loop.
    All dates with a time are the server's local time and carry no zone.

    Args:
        base_url: ``https://host[/context]``, such as ``https://api.procura.nl/dossiers``.
            Plain http is taken for this machine only.
        credentials: Client id and secret, as a pair or a mapping.
        scopes: What is asked for; without ``api`` every call is refused. One text is one scope.
        rates: The limits to keep to.
        scheduler: One made elsewhere, instead of ``rates``. It is closed with the client.
        token_store: Where tokens are kept; by default in memory.
        timeouts: In seconds, for every call; :meth:`with_options` sets them for one. By default
            ``relatives`` gets minutes, for it takes the server long.
        read_only: Refuse every writing call before it is sent. Searches are no writing calls.
        journal: Told about every write before and after, to reconcile with after a crash.
        ssl_context: For a private certificate authority or a client certificate.
        proxy: Address of a proxy; ``""`` for none. By default the environment's variables hold,
            but never a netrc file.
        http_session: A session to send with. It stays the caller's: it is not closed here,
            and its own settings (cookies, connection reuse, silent repeats) hold.
        max_response_bytes: The longest answer that is read whole.
        max_body: The longest body that is sent, in bytes.
        user_agent: What the client calls itself.
        settle: Seconds after which a case that was sent is surely stored, or never will be: before
            they have passed, none is sent again. The server gives its back office ten.
        clock: What tells the time.

    Raises:
        ConfigError: A setting is missing or wrong. Nothing was sent.
    """

    api_name = "procura"

    def __init__(
        self,
        base_url: str,
        *,
        credentials: Given,
        scopes: str | Iterable[str] = ("api",),
        rates: tuple[Rate, ...] = POLITE_RATES,
        scheduler: Scheduler | None = None,
        token_store: TokenStore | None = None,
        timeouts: Timeouts | None = None,
        read_only: bool = False,
        journal: Journal | None = None,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | None = None,
        http_session: aiohttp.ClientSession | None = None,
        max_response_bytes: int = 64 * 1024 * 1024,
        max_body: int = MAX_BODY,
        user_agent: str | None = None,
        settle: float = SETTLE,
        clock: Clock | None = None,
    ) -> None:
        credentials = wrapped(credentials)
        settle = settle_of(settle)
        base = paths.base_url(base_url)
        clock = clock or SystemClock()
        self._base_url = base
        self._session = Session(
            Http(
                base,
                token_in_query=False,
                ssl_context=ssl_context,
                proxy=proxy,
                http_session=http_session,
                user_agent=user_agent or default_user_agent(),
                keep_alive=False,  # nothing in an answer tells whose it is
            ),
            grant=ClientCredentialsGrant(credentials_of(credentials), scopes=scopes_of(scopes)),
            store=token_store or MemoryTokenStore(),
            scheduler=scheduler or Scheduler(rates=rates, clock=clock),
            clock=clock,
            read_only=read_only,
            max_body=max_body_of(max_body),
            token_timeouts=timeouts,
            journal=journal,
            settled=_settled,
            judge=judge,
        )
        options = CallOptions(
            timeouts=timeouts or Timeouts(), max_response_bytes=max_response_bytes
        )
        self._api = ProcuraApi(self._session, procura_wire(), options, clock, settle)

    @property
    def relocations(self) -> Relocations:
        """Relocations: ``/api/v1/relocations``."""
        return Relocations(self._api, _ROOT.at("relocations"))

    @property
    def births(self) -> Births:
        """Births: ``/api/v1/births``."""
        return Births(self._api, _ROOT.at("births"))

    @property
    def commitments(self) -> Commitments:
        """Marriages and registered partnerships: ``/api/v1/commitments``."""
        return Commitments(self._api, _ROOT.at("commitments"))

    @property
    def deaths(self) -> Deaths:
        """Deaths: ``/api/v1/deaths``."""
        return Deaths(self._api, _ROOT.at("deaths"))

    @property
    def dossiers(self) -> Dossiers:
        """Dossiers of every kind: ``/api/v1/dossiers``."""
        return Dossiers(self._api, _ROOT.at("dossiers"))

    def dossier(self, dossier_id: str) -> DossierHandle:
        """What hangs on one dossier, by its id or a reference; sends nothing."""
        dossier_id = veiled(dossier_id)
        path = self.dossiers._at(dossierId=dossier_id)  # noqa: SLF001 - the same package's
        return DossierHandle(self._api, path)

    @property
    def tasks(self) -> Tasks:
        """Tasks that wait for a citizen: ``/api/v1/tasks``."""
        return Tasks(self._api, _ROOT.at("tasks"))

    @property
    def dataimport(self) -> DataImports:
        """Bulk import of records: ``/api/v1/dataimport``."""
        return DataImports(self._api, _ROOT.at("dataimport"))

    @property
    def relatives(self) -> RelativesResource:
        """Relatives of somebody: ``/api/v1/relatives``."""
        return RelativesResource(self._api, _ROOT.at("relatives"))

    @endpoint("GET", "/api/v1/info")
    async def info(self) -> Info:
        """The server's version.

        Since 1.0.22 the server tells it everybody. An older one is asked once more with a token.
        """
        request = self._api.request("GET", _ROOT.at("info"))
        try:
            return await self._api.ask(attrs.evolve(request, anonymous=True), Info)
        except StatusError as error:
            if error.status != HTTPStatus.UNAUTHORIZED:
                raise
        return await self._api.ask(request, Info)

    async def read(self, path: Path | str) -> Response:
        """``GET`` any path of this API, checked to be JSON but not typed.

        Args:
            path: Below the base URL, such as ``/api/v1/births/ABC-123``.

        Raises:
            InputError: The path leads elsewhere. Nothing was sent.
            ProtocolError: The answer is no JSON.
            StatusError: The server refused.
        """
        where = self._where(path)
        del path  # it may hold a citizen number
        if isinstance(where, InputError):
            raise where
        response = await self._api.send(self._api.request("GET", *where))
        # Null is JSON: a list that the server leaves unset.
        if decoded(response.body) is None and response.body.strip() != b"null":
            raise protocol_error(response, "the answer is no JSON")
        return response

    async def request(
        self,
        method: str,
        path: Path | str,
        *,
        query: Query = (),
        body: bytes | memoryview | None = None,
        accept: str = "application/json",
    ) -> Response:
        """Send a request and return the answer as it came: status, headers, bytes.

        Args:
            method: ``GET``, ``POST``, …
            path: Below the base URL, such as ``/api/v1/info``, or a whole address below it.
            query: Pairs of the query.
            body: JSON, sent as it is; nothing checks it.
            accept: The media types that are asked for; ``*/*`` for documents.

        Raises:
            InputError: The path leads elsewhere, or ``method`` or ``accept`` is none. Nothing
                was sent.
            ElementsProcuraError: No whole answer came; see :meth:`Session.send`.
        """
        query, body = Shielded(query), shielded(body)
        where = called(method, accept) or self._where(path)
        del path  # it may hold a citizen number
        if isinstance(where, InputError):
            raise where
        request = self._api.request(method.upper(), where[0], Shielded((*where[1], *query)))
        return await self._session.send(
            attrs.evolve(request, accept=accept, body=None if body is None else bytes(body)),
            priority=self._api.options.priority,
        )

    def _where(self, path: Path | str) -> tuple[Path, Shielded] | InputError:
        """What a path below the base URL leads to, or why it is not asked for."""
        if isinstance(path, Path):
            return paths.sendable(path)
        found = paths.parse_link(path, self._base_url, TEMPLATES)
        context = urlsplit(self._base_url).path
        if isinstance(found, InputError) or not found[0].value.startswith(f"{context}/"):
            return found
        below = found[0].value.removeprefix(context)
        return TEMPLATES.path(below), found[1]


def _settled(request: Request, status: int, body: bytes) -> bool:
    if status == HTTPStatus.INTERNAL_SERVER_ERROR and request.path.template == _SEARCH:
        return is_own_failure(body)
    return is_settled(status, body, is_write=not request.repeatable)
