"""Deprecated: token stores are in :mod:`elements_procura.auth`."""

from typing import TYPE_CHECKING

from elements_procura._moved import Getter, moved

if TYPE_CHECKING:
    from elements_procura.auth import FileTokenStore, KeyringTokenStore

__all__ = ["FileTokenStore", "KeyringTokenStore"]

__getattr__: Getter = moved(__name__, dict.fromkeys(__all__, "elements_procura.auth"))
