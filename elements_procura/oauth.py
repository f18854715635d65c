"""Deprecated: grants and credentials are in :mod:`elements_procura.auth`."""

from typing import TYPE_CHECKING

from elements_procura._moved import Getter, moved

if TYPE_CHECKING:
    from elements_procura.auth import (
        AuthorizationCodeGrant,
        ClientCredentialsGrant,
        Credentials,
        Grant,
        OrganisationGrant,
        Token,
    )

__all__ = [
    "AuthorizationCodeGrant",
    "ClientCredentialsGrant",
    "Credentials",
    "Grant",
    "OrganisationGrant",
    "Token",
]

__getattr__: Getter = moved(__name__, dict.fromkeys(__all__, "elements_procura.auth"))
