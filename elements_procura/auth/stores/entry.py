"""The stored form of a token, and the lock of its account."""

import asyncio
import contextlib
import hashlib
import math
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson

from elements_procura.auth.oauth import Token
from elements_procura.disk.errors import disk_errors
from elements_procura.disk.lock import FileLock
from elements_procura.errors import StoreError
from elements_procura.secret import Secret

_VERSION = 1
_LATEST = 250_000_000_000.0
_POLL = 0.01  # seconds between two tries to lock, at first
_SLOWEST_POLL = 0.1


def name_of(account: str) -> str:
    """A file's name for an account, which may hold any text."""
    return hashlib.sha256(account.encode()).hexdigest()[:32]


def encode(account: str, token: Token) -> memoryview:
    """The entry, wrapped by rule 1 of :mod:`elements_procura.secret`."""
    return memoryview(
        orjson.dumps(
            {
                "version": _VERSION,
                "account": account,
                "access": token.access.reveal(),
                "refresh": None if token.refresh is None else token.refresh.reveal(),
                "lifetime": token.lifetime,
                "expires_at": token.expires_at,
                "scope": token.scope,
            }
        )
    )


def decode(account: str, written: memoryview) -> Token | None:
    """The token of an entry; None when it is none of ours, or another account's."""
    try:
        data = orjson.loads(written)
    except ValueError:
        return None
    if not isinstance(data, dict) or data.get("version") != _VERSION:
        return None
    if data.get("account") != account:
        return None
    return _token(data)


def _token(data: dict[str, Any]) -> Token | None:
    access, refresh, scope = data.get("access"), data.get("refresh"), data.get("scope")
    lifetime, expires_at = data.get("lifetime"), data.get("expires_at")
    if not isinstance(access, str) or not access or not isinstance(scope, str):
        return None
    if not isinstance(refresh, str | None) or refresh == "":
        return None
    if not isinstance(lifetime, int | float) or not isinstance(expires_at, int | float):
        return None
    if not (math.isfinite(lifetime) and math.isfinite(expires_at) and lifetime > 0):
        return None
    return Token(
        access=Secret(access),
        lifetime=float(lifetime),
        expires_at=min(max(float(expires_at), 0.0), _LATEST),  # a calendar has an end
        refresh=None if refresh is None else Secret(refresh),
        scope=scope,
    )


def make_folder(folder: Path) -> None:
    """The folder, for its owner alone.

    Raises:
        StoreError: It cannot be made.
    """
    hint = f"Is {folder} writable?"
    with disk_errors("the token store's folder cannot be made", folder, hint=hint):
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(OSError):  # some file systems have modes of their own
                folder.chmod(0o700)  # whatever the umask


@contextlib.asynccontextmanager
async def locked(path: Path, *, patience: float) -> AsyncIterator[int]:
    """Hold the lock file at ``path``, among all processes and tasks. The loop is never blocked.

    Raises:
        StoreError: It cannot be opened, or somebody else held it all of ``patience`` seconds.
    """
    lock = FileLock(path)
    loop = asyncio.get_running_loop()
    give_up, wait = loop.time() + patience, _POLL
    while not _acquired(lock):
        if loop.time() >= give_up:
            raise StoreError(
                f"the token store is locked by {lock.holder()} for {patience:.0f} s already",
                hint="Look what that process is doing; ending it frees the lock",
            )
        # Unevenly, or processes that began to wait together would try together for ever.
        await asyncio.sleep(wait * (0.5 + random.random()))  # noqa: S311 - nothing to guess here
        wait = min(2 * wait, _SLOWEST_POLL)
    try:
        yield 0
    finally:
        lock.release()


def _acquired(lock: FileLock) -> bool:
    folder = lock.path.parent
    hint = f"Is {folder} a folder that you may write to?"
    with disk_errors("the token store cannot be locked", folder, hint=hint):
        return lock.acquire()
