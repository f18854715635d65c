"""Which token a request carries: grants, credentials, and where tokens live.

Names are imported on first use.
"""

from typing import TYPE_CHECKING

from elements_procura._lazy import lazy

if TYPE_CHECKING:
    from elements_procura.auth.authorize import AuthorizationRequest, authorize_url, begin
    from elements_procura.auth.oauth import (
        AuthorizationCodeGrant,
        ClientCredentialsGrant,
        Credentials,
        Grant,
        OrganisationGrant,
        Token,
    )
    from elements_procura.auth.stores.file import FileTokenStore
    from elements_procura.auth.stores.keyring import KeyringTokenStore
    from elements_procura.auth.tokens import MemoryTokenStore, TokenStore

__all__ = [
    "AuthorizationCodeGrant",
    "AuthorizationRequest",
    "ClientCredentialsGrant",
    "Credentials",
    "FileTokenStore",
    "Grant",
    "KeyringTokenStore",
    "MemoryTokenStore",
    "OrganisationGrant",
    "Token",
    "TokenStore",
    "authorize_url",
    "begin",
]

__getattr__, __dir__ = lazy(
    __name__,
    {
        "authorize": ("AuthorizationRequest", "authorize_url", "begin"),
        "oauth": (
            "AuthorizationCodeGrant",
            "ClientCredentialsGrant",
            "Credentials",
            "Grant",
            "OrganisationGrant",
            "Token",
        ),
        "stores.file": ("FileTokenStore",),
        "stores.keyring": ("KeyringTokenStore",),
        "tokens": ("MemoryTokenStore", "TokenStore"),
    },
)
