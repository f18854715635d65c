"""Tokens in the system's keyring, by the extra ``keyring``: Keychain, Secret Service, Windows'."""

import asyncio
import importlib
import os
import secrets
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Protocol, cast

from elements_procura.auth.oauth import Token
from elements_procura.auth.stores.entry import decode, encode, locked, make_folder, name_of
from elements_procura.errors import ConfigError, StoreError

__all__ = ["KeyringTokenStore"]

_HINT = "Use a FileTokenStore (--token-store file) instead"


class Backend(Protocol):
    """The part of the ``keyring`` package that is used: its module, or one of its backends."""

    def get_password(self, service: str, username: str, /) -> str | None:
        """Return the stored entry."""

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Store an entry."""

    def delete_password(self, service: str, username: str, /) -> None:
        """Delete an entry."""


class KeyringTokenStore:
    """Keeps tokens in the system's keyring.

    Headless machines often have none, or one that swallows what it is given: before anything is
    asked of the server, a probe is written, read and deleted. A keyring has no locks, so files in
    ``folder`` stand in for them; every process that shares the keyring has to name the same one.

    Args:
        folder: Of the lock files; no token is in it.
        service: The name of the entries.
        backend: One of the ``keyring`` package's; by default the one that it chooses.
        patience: Seconds to wait for another process that renews the same token.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        service: str = "elements-procura",
        backend: Backend | None = None,
        patience: float = 120.0,
    ) -> None:
        self._folder = Path(folder)
        self._service = service
        self._backend = backend
        self._patience = patience
        self._proved = False

    def __repr__(self) -> str:
        return f"<KeyringTokenStore {self._service}>"

    async def probe(self) -> None:
        """Write, read and delete an entry, to see that the keyring keeps what it is given.

        Raises:
            ConfigError: The ``keyring`` package is missing, or its keyring is not reliable.
        """
        if not self._proved:
            fault = await asyncio.to_thread(self._probe)
            if fault:
                raise ConfigError(f"the keyring cannot be relied on: {fault}", hint=_HINT)
            self._proved = True

    def exclusive(self, account: str) -> AbstractAsyncContextManager[int]:
        """Nobody else, in any process, renews this account's token inside this context.

        Raises:
            StoreError: Another process held the lock for too long, or there can be none.
        """
        make_folder(self._folder)
        return locked(self._folder / f"{name_of(account)}.lock", patience=self._patience)

    async def load(self, account: str) -> Token | None:
        """The token saved last for this account. An entry with anything else counts as none.

        Args:
            account: Whose.

        Raises:
            ConfigError: The keyring cannot be relied on.
            StoreError: It cannot be read.
        """
        await self.probe()
        written, fault = await asyncio.to_thread(self._get, account)
        if fault:
            raise StoreError(f"the keyring cannot be read: {fault}", hint="Is it unlocked?")
        return None if written is None else decode(account, written)

    async def save(self, account: str, token: Token | None, fence: int = 0) -> None:
        """Keep ``token``; None forgets the account.

        Args:
            account: Whose.
            token: The token to keep.
            fence: Of no use here: the lock cannot be lost while its holder lives.

        Raises:
            ConfigError: The keyring cannot be relied on.
            StoreError: It cannot be written.
        """
        await self.probe()
        written = None if token is None else encode(account, token)
        fault = await asyncio.to_thread(self._put, account, written)
        if fault:
            raise StoreError(f"the keyring cannot be written: {fault}", hint="Is it unlocked?")

    # No exception of a backend leaves the methods below (rule 2 of elements_procura.secret): they
    # return the name of its class.

    def _found(self) -> Backend:
        if self._backend is None:
            self._backend = cast("Backend", importlib.import_module("keyring"))
        return self._backend

    def _probe(self) -> str:
        name, value = f"probe-{secrets.token_hex(8)}", secrets.token_hex(16)
        try:
            keyring = self._found()
            keyring.set_password(self._service, name, value)
            kept = keyring.get_password(self._service, name) == value
            keyring.delete_password(self._service, name)
        except ModuleNotFoundError:
            return "it needs pip install 'elements-procura[keyring]'"
        except Exception as error:  # noqa: BLE001 - backends raise what they like
            return type(error).__name__
        return "" if kept else "it does not give back what it was given"

    def _get(self, account: str) -> tuple[memoryview | None, str]:
        try:
            text = self._found().get_password(self._service, account)
        except Exception as error:  # noqa: BLE001 - backends raise what they like
            return None, type(error).__name__
        return None if text is None else memoryview(text.encode()), ""

    def _put(self, account: str, written: memoryview | None) -> str:
        try:
            keyring = self._found()
            if written is not None:
                keyring.set_password(self._service, account, bytes(written).decode())
            elif keyring.get_password(self._service, account) is not None:
                keyring.delete_password(self._service, account)
        except Exception as error:  # noqa: BLE001 - backends raise what they like
            return type(error).__name__
        return ""
