"""The client of Faster Forward Elements: settings in, resources out."""

import os
import ssl
from collections.abc import Iterable

import aiohttp
import attrs

from elements_procura import paths
from elements_procura.auth.oauth import (
    Credentials,
    Given,
    Grant,
    OrganisationGrant,
    credentials_of,
    scopes_of,
    wrapped,
)
from elements_procura.auth.tokens import MemoryTokenStore, TokenStore
from elements_procura.clock import Clock, SystemClock
from elements_procura.core.answers import Response
from elements_procura.core.api import Api, CallOptions, Query, shielded
from elements_procura.core.client import Client, called, max_body_of
from elements_procura.core.http import Http, Timeouts, default_user_agent
from elements_procura.core.journal import Journal
from elements_procura.core.reading import Document
from elements_procura.core.session import MAX_BODY, Session
from elements_procura.elements._endpoint import TEMPLATES
from elements_procura.elements._wire import elements_bodies, elements_wire
from elements_procura.elements.klantdossiers import DossierHandle, Klantdossiers
from elements_procura.elements.links import HalResource
from elements_procura.errors import ConfigError, InputError
from elements_procura.evidence import Expected
from elements_procura.paths import Path, Shielded
from elements_procura.scheduler import Rate, Scheduler
from elements_procura.schema.model import Link
from elements_procura.secret import Secret

DOMAIN = "fasterforwardelements.nl"
DOCUMENTED_RATES = (Rate(5, 1), Rate(100_000, 86_400))
_DOSSIERS = Path.literal("/api/data/klantdossiers")


class ElementsClient(Client[Api]):
    """Awaits calls on one organisation's data in Elements.

    Use it as ``async with ElementsClient(...) as elements``. One client holds one token and one
    quota, so make one per organisation and share it among tasks of one event loop.

    Args:
        host: The firm's part of ``https://HOST.fasterforwardelements.nl``, or a whole address.
            Plain http is taken for this machine only.
        credentials: Client id and secret, from the vendor: a pair, or a mapping with
            ``client_id`` and ``client_secret``.
        organisation: Id of the organisation whose data is read.
        webservice: The vendor's name of the service.
        scopes: What is asked for, such as ``klantdossier.read``.
        grant: Another way to a token instead of the four above, such as an
            :class:`~elements_procura.auth.oauth.AuthorizationCodeGrant`.
        token_in_query: Whether the token travels in the query, as 1.9.6 documents, or in the
            ``Authorization`` header, as newer releases do.
        rates: The limits that hold for this account.
        scheduler: One made elsewhere, instead of ``rates``. It is closed with the client.
        token_store: Where tokens are kept; by default in memory.
        timeouts: In seconds, for every call; :meth:`with_options` sets them for one.
        read_only: Refuse every writing call before it is sent.
        ssl_context: For a private certificate authority or a client certificate.
        proxy: Address of a proxy; ``""`` for none. By default the environment's variables hold,
            but never a netrc file.
        http_session: A session to send with. It stays the caller's: it is not closed here,
            and its own settings (cookies, connection reuse, silent repeats) hold.
        max_response_bytes: The longest answer that is read whole.
        max_body: The longest body that is sent, in bytes. 1.9.6 takes 25 MiB; newer releases take
            45, with the token in the header.
        user_agent: What the client calls itself.
        journal: Called with every write before it is sent and when its outcome is known, such as
            a :class:`~elements_procura.core.journal.FileJournal`.
        clock: What tells the time.

    Raises:
        ConfigError: A setting is missing or wrong. Nothing was sent.
    """

    api_name = "elements"

    def __init__(
        self,
        host: str,
        *,
        credentials: Given | None = None,
        organisation: int | str | None = None,
        webservice: str = "data",
        scopes: Iterable[str] = (),
        grant: Grant | None = None,
        token_in_query: bool = True,
        rates: tuple[Rate, ...] = DOCUMENTED_RATES,
        scheduler: Scheduler | None = None,
        token_store: TokenStore | None = None,
        timeouts: Timeouts | None = None,
        read_only: bool = False,
        ssl_context: ssl.SSLContext | None = None,
        proxy: str | None = None,
        http_session: aiohttp.ClientSession | None = None,
        max_response_bytes: int = 64 * 1024 * 1024,
        max_body: int = MAX_BODY,
        user_agent: str | None = None,
        journal: Journal | None = None,
        clock: Clock | None = None,
    ) -> None:
        credentials = None if credentials is None else wrapped(credentials)
        scopes = scopes_of(scopes)
        if grant is None:
            grant = _organisation_grant(credentials, organisation, webservice, scopes)
        elif credentials or organisation or scopes:
            raise ConfigError(
                "a grant was given together with credentials, organisation or scopes",
                hint="They are part of the grant: give them there",
            )
        base = paths.base_url(host, domain=DOMAIN)
        clock = clock or SystemClock()
        self._base_url = base
        self._session = Session(
            Http(
                base,
                token_in_query=token_in_query,
                ssl_context=ssl_context,
                proxy=proxy,
                http_session=http_session,
                user_agent=user_agent or default_user_agent(),
            ),
            grant=grant,
            store=token_store or MemoryTokenStore(),
            scheduler=scheduler or Scheduler(rates=rates, clock=clock),
            clock=clock,
            read_only=read_only,
            max_body=max_body_of(max_body),
            token_timeouts=timeouts,
            journal=journal,
        )
        options = CallOptions(
            timeouts=timeouts or Timeouts(), max_response_bytes=max_response_bytes
        )
        self._api = Api(self._session, elements_wire(), options, elements_bodies())

    @property
    def klantdossiers(self) -> Klantdossiers:
        """The customer files: ``/api/data/klantdossiers``."""
        return Klantdossiers(self._api, _DOSSIERS)

    def dossier(self, dossier_id: int) -> DossierHandle:
        """What hangs on one dossier, ``/api/data/klantdossiers/{DOSSIER_ID}``; sends nothing."""
        return DossierHandle(self._api, _DOSSIERS.at(DOSSIER_ID=dossier_id))

    async def read(self, path: Path | str, *, expected: Expected = Expected.ANY) -> Document:
        """``GET`` any path of this API, checked to be the JSON object asked for but not typed.

        Args:
            path: As in a link's ``href``; it must lead to this server.
            expected: What is documented there, where that is known.

        Raises:
            InputError: It leads elsewhere. Nothing was sent.
            ProtocolError: The answer is no JSON object, or another resource's.
            StatusError: The server refused.
        """
        where = self._where(path)
        del path  # its query may hold a name
        if isinstance(where, InputError):
            raise where
        return await self._api.read(*where, expected=expected)

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
            path: As in a link's ``href``; it must lead to this server.
            query: Pairs of the query.
            body: JSON, sent as it is; nothing checks it.
            accept: The media types that are asked for; ``*/*`` for pictures.

        Raises:
            InputError: The path leads elsewhere, or ``method`` or ``accept`` is none. Nothing
                was sent.
            ElementsProcuraError: No whole answer came; see :meth:`Session.send`.
        """
        query, body = Shielded(query), shielded(body)
        where = called(method, accept) or self._where(path)
        del path  # its query may hold a name
        if isinstance(where, InputError):
            raise where
        request = self._api.request(method.upper(), where[0], Shielded((*where[1], *query)))
        # What nobody judges has to be this request's own.
        is_alone = accept != request.accept or bool(request.query)
        return await self._session.send(
            attrs.evolve(
                request, accept=accept, alone=is_alone, body=None if body is None else bytes(body)
            ),
            priority=self._api.options.priority,
        )

    async def follow(self, link: Link | str) -> HalResource:
        """What is behind a link: ``GET`` of it. For what the documentation links and leaves at it.

        Args:
            link: Out of a record's ``links``, or its ``href``; it must lead to this server.

        Raises:
            InputError: It leads elsewhere, or is a template. Nothing was sent.
            ProtocolError: The answer is no JSON object, or another resource's.
            StatusError: The server refused.
        """
        where = self._linked(link)
        del link  # its query may hold a name
        if isinstance(where, InputError):
            raise where
        document = await self._api.read(*where)
        return HalResource.of(document.data, self._api.wire, document.response.body)

    async def download(self, link: Link | str, to: str | os.PathLike[str]) -> int:
        """What is behind a link into a file, whatever it is: ``GET`` of it.

        The file gets its name once it is whole; one that is there already is replaced.

        Returns:
            The number of bytes.

        Raises:
            InputError: The link leads elsewhere, or is a template. Nothing was sent.
            StoreError: The file cannot be written.
            StatusError: The server refused.
        """
        where = self._linked(link)
        del link  # its query may hold a name
        if isinstance(where, InputError):
            raise where
        path, query = where
        return await self._api.download(path, to, query=query)

    async def picture(self, path: Path | str, *, size: int | None = None) -> Response:
        """A picture with its headers, whole: ``GET`` of it.

        What is not as long as it has to be is asked for once more. Twice the same bytes that are
        a whole picture by their own format are kept, and a warning tells so.

        Args:
            path: As in a link's ``href``; it must lead to this server.
            size: Its ``bestandsgrootte``, where that is known.

        Raises:
            InputError: The path leads elsewhere. Nothing was sent.
            ProtocolError: It is no picture, or not whole.
            StatusError: The server refused.
        """
        where = self._where(path)
        if isinstance(where, InputError):
            raise where
        return await self._api.picture(where[0], size=size)

    def _linked(self, link: Link | str) -> tuple[Path, Shielded] | InputError:
        if isinstance(link, str):
            return self._where(link)
        if link.templated:
            text = "a templated link cannot be followed"
            return InputError(text, hint="Fill in its href first")
        where = self._where(link.href)
        if link.deprecation is not None and isinstance(where, tuple):
            self._api.warn_deprecated(f"the link to {where[0].template}", stacklevel=3)
        return where

    def _where(self, path: Path | str) -> tuple[Path, Shielded] | InputError:
        """Where a link leads to, or why it is not followed."""
        if isinstance(path, Path):
            return paths.sendable(path)
        return paths.parse_link(path, self._base_url, TEMPLATES)


def _organisation_grant(
    credentials: Credentials | tuple[str, Secret] | None,
    organisation: int | str | None,
    webservice: str,
    scopes: tuple[str, ...],
) -> OrganisationGrant:
    if (
        credentials is None
        or organisation in ("", None)
        or not webservice
        or not all(scopes)
        or not scopes
    ):
        raise ConfigError(
            "credentials, organisation, webservice or scopes are empty",
            hint="The vendor hands them out together",
        )
    return OrganisationGrant(
        credentials_of(credentials),
        organisation=organisation or 0,
        webservice=webservice,
        scopes=scopes,
    )
