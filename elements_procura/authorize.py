"""Deprecated: authorisation by a person is in :mod:`elements_procura.auth`."""

from typing import TYPE_CHECKING

from elements_procura._moved import Getter, moved

if TYPE_CHECKING:
    from elements_procura.auth import AuthorizationRequest, authorize_url, begin

__all__ = ["AuthorizationRequest", "authorize_url", "begin"]

__getattr__: Getter = moved(__name__, dict.fromkeys(__all__, "elements_procura.auth"))
