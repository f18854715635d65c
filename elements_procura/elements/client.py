"""The client of Faster Forward Elements: settings in, resources out."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, Unpack

import attrs

from elements_procura import paths
from elements_procura._lazy import later
from elements_procura.auth.credentials import Credentials, Given, credentials_of, scopes_of, wrapped
from elements_procura.auth.grants import Grant, OrganisationGrant
from elements_procura.core.answers import Response
from elements_procura.core.client import Client, ClientOptions, Manner, session_of
from elements_procura.elements._api import ElementsApi
from elements_procura.elements._endpoint import TEMPLATES
from elements_procura.elements._wire import elements_bodies, elements_wire
from elements_procura.elements.klantdossiers import DossierHandle, Klantdossiers
from elements_procura.errors import ConfigError, InputError
from elements_procura.paths import HiddenQuery, Path, Templates
from elements_procura.scheduler import Rate
from elements_procura.schema.model import Link
from elements_procura.secret import Secret

if TYPE_CHECKING:
    from elements_procura.elements import links
else:
    links = later("elements_procura.elements.links")

__all__ = ["ElementsClient"]

DOMAIN = "fasterforwardelements.nl"
DOCUMENTED_RATES = (Rate(5, 1), Rate(100_000, 86_400))
MAX_BODY = 26_214_400
"""Bytes of the longest request body that Elements 1.9.6 takes."""
_MANNER = Manner(rates=DOCUMENTED_RATES, max_body=MAX_BODY)
_ROOT = "/api/data"
_DOSSIERS = Path.literal(f"{_ROOT}/klantdossiers")


class ElementsClient(Client[ElementsApi]):
    """The client for one organisation's data in Elements.

    Use it as ``async with ElementsClient(...) as elements``. One client holds one token and one
    quota, so make one per organisation and share it among tasks of one event loop.

    Args:
        host: The firm's part of ``https://HOST.fasterforwardelements.nl``, or a whole address.
            Plain http is taken for this machine only.
        credentials: Client id and secret, from the vendor: a pair, or a mapping with
            ``client_id`` and ``client_secret``.
        organisation: Id of the organisation whose data is read.
        webservice: The vendor's name of the service.
        scopes: The scopes to ask for, such as ``klantdossier.read``. One text is one scope.
        grant: Another way to a token instead of the four above, such as an
            :class:`~elements_procura.auth.AuthorizationCodeGrant`.
        token_in_query: Whether the token travels in the query, as 1.9.6 documents, or in the
            ``Authorization`` header, as newer releases do.
        options: The settings of both APIs: :class:`~elements_procura.core.client.ClientOptions`.
            By default the documented rates hold and bodies may have 25 MiB, as 1.9.6 takes them;
            newer releases take 45, with the token in the header.

    Raises:
        ConfigError: A setting is missing or wrong. Nothing was sent.
    """

    api_name = "elements"
    templates: ClassVar[Templates] = TEMPLATES

    def __init__(
        self,
        host: str,
        *,
        credentials: Given | None = None,
        organisation: int | str | None = None,
        webservice: str = "data",
        scopes: str | Iterable[str] = (),
        grant: Grant | None = None,
        token_in_query: bool = True,
        **options: Unpack[ClientOptions],
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
        self._base_url = address_of(host)
        manner = attrs.evolve(_MANNER, token_in_query=token_in_query)
        self._session, calls = session_of(manner, self._base_url, grant, **options)
        self._api = ElementsApi(self._session, elements_wire(), elements_bodies, calls)

    @property
    def klantdossiers(self) -> Klantdossiers:
        """Klantdossiers (customer files)."""
        return Klantdossiers(self._api, _DOSSIERS)

    def dossier(self, dossier_id: int) -> DossierHandle:
        """One dossier, by id. Sends nothing."""
        return DossierHandle(self._api, _DOSSIERS.at(DOSSIER_ID=dossier_id))

    async def follow(self, link: Link | str) -> "links.HalResource":
        """Get the resource behind a link, such as one that is linked but not documented.

        The whole body is parsed at once, on the event loop: some 12 ms for each MB.

        Args:
            link: Out of a record's ``links``, or its ``href``; it must lead to this server.

        Raises:
            InputError: It leads elsewhere, or is a template. Nothing was sent.
            ProtocolError: The answer is not a JSON object, or another resource's.
            StatusError: The server refused.
        """
        where = self._linked(link)
        del link  # its query may hold a name
        if isinstance(where, InputError):
            raise where
        answer = await self._api.read(*where)
        return links.HalResource.of(answer.data, self._api.wire, answer.body)

    async def download(self, link: Link | str, to: str | os.PathLike[str]) -> int:
        """Download the resource behind a link into a file, of whatever type: ``GET`` of it.

        The file gets its name once it is whole; one that is there already is replaced.

        Args:
            link: Out of a record's ``links``, or its ``href``; it must lead to this server.
            to: The file.

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
        """Get a whole picture with its headers.

        An answer of the wrong length is asked for once more. Identical bytes that form a whole
        picture by their own format are then kept, with a warning.

        Args:
            path: As in a link's ``href``; it must lead to this server.
            size: Its ``bestandsgrootte``, where that is known.

        Raises:
            InputError: The path leads elsewhere. Nothing was sent.
            ProtocolError: It is not a picture, or not whole.
            StatusError: The server refused.
        """
        where = self._where(path)
        if isinstance(where, InputError):
            raise where
        return await self._api.picture(where[0], size=size)

    def _linked(self, link: Link | str) -> tuple[Path, HiddenQuery] | InputError:
        if isinstance(link, str):
            return self._where(link)
        if link.templated:
            text = "a templated link cannot be followed"
            return InputError(text, hint="Fill in its href first")
        where = self._where(link.href)
        if link.deprecation is not None and isinstance(where, tuple):
            self._api.warn_deprecated(f"the link to {where[0].template}", stacklevel=3)
        return where


def address_of(host: str) -> str:
    """The address that requests go to, without a slash at its end.

    Args:
        host: As a client takes it.

    Raises:
        ConfigError: It is not an address, or not one that tokens may be sent to.
    """
    return paths.base_url(host, domain=DOMAIN, root=_ROOT)


def _organisation_grant(
    credentials: Credentials | tuple[str, Secret] | None,
    organisation: int | str | None,
    webservice: str,
    scopes: tuple[str, ...],
) -> OrganisationGrant:
    lacking = [
        name
        for name, is_given in (
            ("credentials", credentials is not None),
            ("organisation", organisation not in ("", None)),
            ("webservice", bool(webservice)),
            ("scopes", bool(scopes) and all(scopes)),
        )
        if not is_given
    ]
    if credentials is None or lacking:
        raise ConfigError(
            f"missing or empty: {', '.join(lacking)}",
            hint="The vendor hands out credentials, organisation, webservice and scopes together",
        )
    if isinstance(organisation, bool) or not isinstance(organisation, int | str):
        raise ConfigError(
            "organisation is neither a whole number nor a text",
            hint="Pass the id as the vendor handed it out",
        )
    return OrganisationGrant(
        credentials_of(credentials),
        organisation=organisation,
        webservice=webservice,
        scopes=scopes,
    )
