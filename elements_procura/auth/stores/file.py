"""Tokens in files: one per account, whole or not at all, for their owner's eyes alone."""

import asyncio
import contextlib
import errno
import logging
import os
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from functools import partial
from pathlib import Path

from elements_procura.auth.oauth import Token
from elements_procura.auth.stores.entry import decode, encode, locked, make_folder, name_of
from elements_procura.disk.errors import disk_errors, writing_hint
from elements_procura.disk.part_file import Draft, replace_file

__all__ = ["FileTokenStore"]

log: logging.Logger = logging.getLogger("elements_procura.auth")

_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
_LONGEST = 1024 * 1024
_OTHERS = 0o077
_ROOM = 16 * 1024  # bytes that an entry may come to: some servers' tokens are long


class FileTokenStore:
    """Keeps each account's token in a file of its own in ``folder``. Processes may share it.

    A file is replaced at once or not at all, whenever the process is killed; its mode is 0600
    whatever the umask, and no symbolic link is followed. One that cannot be read as a token is
    moved aside with a warning, and authentication starts again. Locks are the operating system's:
    none outlives its process. On Windows, folders' own permissions have to do.

    Args:
        folder: Made when it is first needed, for its owner alone.
        patience: Seconds to wait for another process that renews the same token.
    """

    def __init__(self, folder: str | os.PathLike[str], *, patience: float = 120.0) -> None:
        self._folder = Path(folder)
        self._patience = patience

    def __repr__(self) -> str:
        return f"<FileTokenStore {self._folder}>"

    def path_of(self, account: str) -> Path:
        """Where this account's token is, or would be."""
        return self._folder / f"{name_of(account)}.json"

    def exclusive(self, account: str) -> AbstractAsyncContextManager[int]:
        """Nobody else, in any process, renews this account's token inside this context.

        Room for a token is taken meanwhile: a server that rotates refresh tokens must not be asked
        for one that a full disk then loses.

        Raises:
            StoreError: Another process held the lock for too long, or there can be none, or room
                for a token is missing.
        """
        make_folder(self._folder)
        return self._held(account)

    @contextlib.asynccontextmanager
    async def _held(self, account: str) -> AsyncIterator[int]:
        path = self._folder / f"{name_of(account)}.lock"
        async with locked(path, patience=self._patience) as fence:
            room = Draft(self.path_of(account), part=self._part_of(account))
            try:
                with self._saving():
                    await asyncio.to_thread(_take, room)
                yield fence
            finally:
                room.discard()

    async def load(self, account: str) -> Token | None:
        """The token saved last for this account.

        Ask inside :meth:`exclusive`: a file with anything else is moved aside.

        Args:
            account: Whose.

        Raises:
            StoreError: It cannot be read.
        """
        return await asyncio.to_thread(self._load, account)

    async def save(self, account: str, token: Token | None, fence: int = 0) -> None:
        """Keep ``token``; None forgets the account.

        Args:
            account: Whose.
            token: The token to keep.
            fence: Of no use here: the lock cannot be lost while its holder lives.

        Raises:
            StoreError: It cannot be written; what was there before still is.
        """
        path = self.path_of(account)
        with self._saving():
            if token is None:
                await asyncio.to_thread(path.unlink, missing_ok=True)
                return
            make_folder(self._folder)
            part = self._part_of(account)
            await asyncio.to_thread(replace_file, path, encode(account, token), part=part)

    def _part_of(self, account: str) -> Path:
        """Where an entry is written; whoever holds the account's lock may use the name."""
        return self.path_of(account).with_suffix(".part")

    def _saving(self) -> AbstractContextManager[None]:
        return disk_errors(
            "the token cannot be saved", self._folder, hint=partial(writing_hint, self._folder)
        )

    def _load(self, account: str) -> Token | None:
        path = self.path_of(account)
        hint = f"May you read in {self._folder}?"
        with disk_errors("the token cannot be read", path, hint=hint):
            try:
                written = _read(path)
            except FileNotFoundError:
                return None
        token = None if written is None else decode(account, written)
        if token is None:
            _move_aside(path)
        return token


def _take(room: Draft) -> None:
    """Fill ``room`` with zeros; the entry is written in its place."""
    room.open()
    room.file.write(bytes(_ROOM))
    room.file.close()


def _read(path: Path) -> memoryview | None:
    """Read the file's bytes; None for a file that this package cannot have written."""
    try:
        descriptor = os.open(path, os.O_RDONLY | _NOFOLLOW | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR):
            return None  # a symbolic link, or no file at all
        raise
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LONGEST:
            return None
        if sys.platform != "win32" and status.st_mode & _OTHERS:
            _shut(descriptor, path.name)
        with os.fdopen(os.dup(descriptor), "rb") as file:
            return memoryview(file.read())
    finally:
        os.close(descriptor)


def _shut(descriptor: int, name: str) -> None:
    """Take the file's permissions from others; where it has none of its own, that is all."""
    if sys.platform == "win32":
        return
    try:
        os.fchmod(descriptor, 0o600)
    except OSError:
        log.debug("token store: %s lies where files have no permissions of their own", name)
    else:
        log.warning("token store: others could read %s; they cannot any longer", name)


def _move_aside(path: Path) -> None:
    aside = path.with_suffix(".corrupt")
    try:
        path.replace(aside)
        if sys.platform != "win32" and not aside.is_symlink() and aside.is_file():
            with contextlib.suppress(OSError):  # some file systems have modes of their own
                aside.chmod(0o600)
    except OSError:
        log.warning("token store: %s is not a token and cannot be moved aside", path)
        return
    log.warning("token store: %s was no token; it is now %s", path.name, aside)
