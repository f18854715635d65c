"""Grants: how a client comes by its first token. Elements and Procura have their own."""

from collections.abc import Mapping
from typing import Protocol

import attrs
import orjson

from elements_procura.auth.credentials import (
    Credentials,
    check_bare,
    optional_secret,
    scopes_of,
)
from elements_procura.secret import Secret

__all__ = [
    "AuthorizationCodeGrant",
    "ClientCredentialsGrant",
    "Grant",
    "OrganisationGrant",
]

Form = Mapping[str, str | Secret]
"""The fields of a token request."""


class Grant(Protocol):
    """How a client comes by its first token. Elements and Procura have one each."""

    @property
    def path(self) -> str:
        """Of the token endpoint, below the base URL."""

    @property
    def credentials(self) -> Credentials:
        """The client's credentials."""

    def form(self) -> Form | None:
        """The form that asks for a token anew; None when only a person can grant one."""

    def answered(self) -> None:
        """Note that the server has answered :meth:`form`, so a single-use code is now used."""

    @property
    def account(self) -> tuple[str, ...]:
        """The key that separates this grant's tokens from others' in a store; never a secret."""

    @property
    def remedy(self) -> str:
        """The next step when a token is missing and only a person can grant one."""


@attrs.frozen
class OrganisationGrant:
    """Elements' grant for a server-side application that reads one organisation's data.

    Attributes:
        credentials: The client's id and secret.
        organisation: The organisation's id.
        webservice: The vendor's name of the service, usually ``data``.
        scopes: The scopes to ask for, such as ``klantdossier.read``.
    """

    credentials: Credentials
    organisation: int | str
    webservice: str
    scopes: tuple[str, ...] = attrs.field(converter=scopes_of)
    path: str = "/oauth/access_token"

    def __attrs_post_init__(self) -> None:
        check_bare("the organisation", Secret(str(self.organisation)))
        check_bare("the webservice", Secret(self.webservice))

    def form(self) -> Form:
        """The form of ``POST /oauth/access_token`` with ``grant_type=organisation``."""
        return {
            "grant_type": "organisation",
            "organisation": str(self.organisation),
            "webservice": self.webservice,
            "scope": " ".join(self.scopes),
        }

    def answered(self) -> None:
        """Nothing is used up: the same form may be sent again."""

    @property
    def account(self) -> tuple[str, ...]:
        """Client, organisation, service and scopes."""
        client = self.credentials.client_id
        return ("organisation", client, str(self.organisation), self.webservice, *self.scopes)

    @property
    def remedy(self) -> str:
        """The next step when the server refuses."""
        return "Check client id and secret, organisation, webservice and scopes"


@attrs.frozen
class ClientCredentialsGrant:
    """Procura's grant: the client acts for itself, and every token is asked for anew.

    Attributes:
        credentials: The client's id and secret.
        scopes: The scopes to ask for; without any, a token opens nothing.
        path: Of the token endpoint, below the base URL.
    """

    credentials: Credentials
    scopes: tuple[str, ...] = attrs.field(default=("api",), converter=scopes_of)
    path: str = "/oauth/token"

    def form(self) -> Form:
        """The form of ``POST /oauth/token`` with ``grant_type=client_credentials``."""
        return {"grant_type": "client_credentials", "scope": " ".join(self.scopes)}

    def answered(self) -> None:
        """Nothing is used up: the same form may be sent again."""

    @property
    def account(self) -> tuple[str, ...]:
        """Client and scopes."""
        return ("client_credentials", self.credentials.client_id, *self.scopes)

    @property
    def remedy(self) -> str:
        """The next step when the server refuses."""
        return "Check client id and secret, and the scopes"


@attrs.define
class AuthorizationCodeGrant:
    """Elements' grant for one person's data: they consent in a browser, which hands out a code.

    :mod:`elements_procura.auth.authorize` makes the address that they open and reads what comes
    back. The code buys the first token; from then on there is only the refresh token, so give the
    client a store that outlives the process.

    Attributes:
        credentials: The client's id and secret.
        user: Your own name for the person. It keeps their token apart from others' in a store.
        webservice: The vendor's name of the service, usually ``data``.
        scopes: The scopes that were asked for in the address.
        code: The code from the browser; None when there is a token in the store.
    """

    credentials: Credentials
    user: str
    webservice: str = "data"
    scopes: tuple[str, ...] = attrs.field(default=(), converter=scopes_of)
    code: Secret | None = attrs.field(default=None, converter=optional_secret)
    path: str = "/oauth/access_token"

    def __attrs_post_init__(self) -> None:
        check_bare("the user's name", Secret(self.user))
        check_bare("the webservice", Secret(self.webservice))

    def form(self) -> Form | None:
        """The form that exchanges the code; None when there is none, or it was used."""
        return None if self.code is None else code_form(self.code)

    def answered(self) -> None:
        """A code works once."""
        self.code = None

    @property
    def account(self) -> tuple[str, ...]:
        """Client, person, service and scopes."""
        client = self.credentials.client_id
        return ("authorization_code", client, self.user, self.webservice, *self.scopes)

    @property
    def remedy(self) -> str:
        """The next step when the server refuses."""
        return (
            "Let the person grant access again, with `elements-procura login --flow code` or "
            "through authorize.begin()"
        )


def account_of(base_url: str, grant: Grant) -> str:
    """The name of a grant's entry in a store: no two grants of any two servers share one."""
    return orjson.dumps([base_url, *grant.account]).decode()


def code_form(code: Secret) -> Form:
    """The form that exchanges an authorization code; the code stays wrapped."""
    return {"grant_type": "authorization_code", "code": code}
