"""Tokens in a Redis or Valkey server, by the extra ``redis``: for processes on several hosts."""

import asyncio
import contextlib
import importlib
import logging
import os
import random
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs

from elements_procura._redis import EXTRA, connect, fault_of, refusal_of, step_after
from elements_procura.auth.oauth import Token
from elements_procura.auth.stores.entry import decode, encode, name_of
from elements_procura.errors import ConfigError, StoreError
from elements_procura.secret import Secret

__all__ = ["RedisTokenStore"]

log: logging.Logger = logging.getLogger("elements_procura.auth")

_SCRIPT = Path(__file__).with_name("token.lua")
_CALL_SECONDS = 5.0
_AGAIN = 0.25  # seconds between two tries to reach the server
_POLL = 0.01  # seconds between two tries to lock, at first
_SLOWEST_POLL = 0.1
_SEALED = b"sealed:"
_HINT = "Is the server up, and may this user run scripts and write there?"


class RedisTokenStore:
    """Keeps tokens in a Redis or Valkey server. Processes on any number of hosts may share it.

    Whoever renews a token holds its account's lock: a lease with a number that grows from one
    holder to the next. A holder that ends midway is followed when its lease is over; one that only
    stood still, and wakes up when another has followed it, can save nothing. What a holder that
    ended midway had presented may be used up: a grant that can do without is asked instead.

    With ``key`` the entries are encrypted (Fernet, of the ``cryptography`` package). An entry of
    another key is never given up: it is an error. The server should keep what it confirms
    (``appendonly yes``, ``maxmemory-policy noeviction``).

    Args:
        url: ``redis://``, ``rediss://`` (TLS) or ``unix://``, as redis-py takes it.
        key: A key as ``cryptography.fernet.Fernet.generate_key()`` makes it, or several: the first
            encrypts, all decrypt. None stores tokens as they are.
        password: Of the server, instead of one in the URL.
        patience: Seconds to wait for another process that renews the same token, and for a server
            that cannot be reached at most ten of them.
        lease: Seconds after which a holder that gives no sign is followed.

    Raises:
        ConfigError: The extra is not installed, the URL is none, or the key is none.
    """

    def __init__(
        self,
        url: str | Secret,
        *,
        key: str | bytes | Secret | Iterable[str | bytes | Secret] | None = None,
        password: str | Secret | None = None,
        patience: float = 120.0,
        lease: float = 10.0,
    ) -> None:
        # Rule 1 of elements_procura.secret, also for this frame.
        url, key = _wrapped(url), _keys(key)
        password = _wrapped(password) if password else None
        self._url = url
        self._password = password
        self._box = _box(key)
        self._patience = patience
        self._lease = lease
        # What is wrong with the address or the installation is said here.
        connect(url, seconds=_CALL_SECONDS, user=type(self).__name__, reads_files=True)

    def __repr__(self) -> str:
        return f"<RedisTokenStore {self.place}>"

    @property
    def place(self) -> str:
        """The address without user and password."""
        try:
            parts = urlsplit(self._url.reveal())
        except ValueError:  # it is shown before it was refused
            return "(no URL)"
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"

    @contextlib.asynccontextmanager
    async def exclusive(self, account: str) -> AsyncIterator[int]:
        """Nobody else, on any host, renews this account's token inside this context.

        Args:
            account: Whose.

        Raises:
            StoreError: Another process held the lock for too long, or the server cannot be used.
        """
        owner = f"process {os.getpid()} on {socket.gethostname()} {uuid.uuid4().hex}"
        entry = self._entry(account)
        try:
            fence = await self._take(entry, owner)
            keeping = asyncio.create_task(self._keep(entry, owner))
            try:
                yield fence
            finally:
                keeping.cancel()
                await asyncio.wait([keeping])
        finally:
            # Also when the taking was cancelled on its way. Whatever hinders it, the lock lapses.
            await asyncio.shield(_settled(entry.leave(owner)))

    async def load(self, account: str) -> Token | None:
        """The token saved last for this account. An entry with anything else counts as none.

        Args:
            account: Whose.

        Raises:
            ConfigError: It is encrypted with another key, or no key is given.
            StoreError: The server cannot be used.
        """
        found = await self._asked(account, "load", "")
        if found[0] is None:
            return None
        written = self._opened(memoryview(found[0]))
        if isinstance(written, ConfigError):
            raise written
        token = decode(account, written)
        if token is None:
            log.warning("token store: an entry of %s lacks a token; it counts as none", self.place)
            return None
        return attrs.evolve(token, is_doubtful=found[1] is not None)

    async def save(self, account: str, token: Token | None, fence: int = 0) -> None:
        """Keep ``token``; None forgets the account.

        Args:
            account: Whose.
            token: The token to keep.
            fence: The number of :meth:`exclusive`; 0 outside, while nobody renews.

        Raises:
            StoreError: Somebody else has followed this holder, or the server cannot be used; what
                was there before still is.
        """
        written = memoryview(b"") if token is None else self._sealed(encode(account, token))
        if not await self._asked(account, "save", "", fence, written):
            raise StoreError(
                "the token is not saved: another process has begun to renew it",
                hint="This one stood still for longer than the lease; the next call goes on",
            )

    async def _take(self, entry: "_Entry", owner: str) -> int:
        loop = asyncio.get_running_loop()
        give_up, wait = loop.time() + self._patience, _POLL
        while True:
            fence, left = _checked(await entry.ask("take", owner, self._lease_ms))
            if fence:
                return int(fence)
            if loop.time() >= give_up:
                raise StoreError(
                    f"the token is being renewed elsewhere for {self._patience:.0f} s already",
                    hint=f"Look at the processes that use {self.place}",
                )
            # Unevenly, or processes that began to wait together would try together for ever.
            pause = min(wait, left / 1000 + _POLL) * (0.5 + random.random())  # noqa: S311 - nothing to guess
            await asyncio.sleep(pause)
            wait = min(2 * wait, _SLOWEST_POLL)

    async def _keep(self, entry: "_Entry", owner: str) -> None:
        while True:
            await asyncio.sleep(self._lease / 3)
            # A server that is away may be back for the next one; whoever was followed is refused
            # when it saves.
            await entry.ask("keep", owner, self._lease_ms, is_patient=False)

    @property
    def _lease_ms(self) -> int:
        return round(1000 * self._lease)

    def _entry(self, account: str) -> "_Entry":
        """An account's entry, by a connection that is gone afterwards: a store has no end."""
        client = connect(
            self._url, seconds=_CALL_SECONDS, user=type(self).__name__, password=self._password
        )
        # What braces enclose decides on the part of a cluster that keeps it.
        key = f"elements-procura:token:{{{name_of(account)}}}"
        return _Entry(client, key, client.register_script(_SCRIPT.read_text()))

    async def _asked(self, account: str, verb: str, *words: Any) -> Any:
        entry = self._entry(account)
        try:
            return _checked(await entry.ask(verb, *words))
        finally:
            await asyncio.shield(_settled(entry.client.aclose()))

    # Neither bytes of a token nor exceptions of cryptography leave the two methods below (rules 1
    # and 2 of elements_procura.secret).

    def _sealed(self, written: memoryview) -> memoryview:
        if self._box is None:
            return written
        return memoryview(_SEALED + self._box.encrypt(bytes(written)))

    def _opened(self, written: memoryview) -> memoryview | ConfigError:
        if bytes(written[: len(_SEALED)]) != _SEALED:
            return written  # of a time without a key
        if self._box is None:
            return ConfigError(
                "the saved token is encrypted, and no key is given",
                hint="Give the key: the variable …_TOKEN_KEY, or RedisTokenStore(key=…)",
            )
        try:
            return memoryview(self._box.decrypt(bytes(written[len(_SEALED) :])))
        except Exception:  # noqa: BLE001 - InvalidToken, of a module that is loaded on need
            return ConfigError(
                "the saved token is encrypted with another key",
                hint="Give that key too, after the new one; or `logout` and log in again",
            )


@attrs.frozen
class _Away:
    """A server that did not answer, and why."""

    why: str


@attrs.frozen
class _Entry:
    """One account's hash, and the script that works on it."""

    client: Any
    key: str
    script: Any

    async def leave(self, owner: str) -> None:
        """Give the lock back, and end the connection."""
        await self.ask("free", owner, is_patient=False)
        await self.client.aclose()

    async def ask(self, verb: str, *words: Any, is_patient: bool = True) -> Any:
        """Run the script; it may be run again, as each verb does nothing twice.

        Args:
            verb: What to do.
            words: What the verb needs.
            is_patient: Whether a server that cannot be reached is tried for some seconds.

        Returns:
            The answer, or a StoreError: the frames of redis-py know password and token.
        """
        loop = asyncio.get_running_loop()
        give_up = loop.time() + (2 * _CALL_SECONDS if is_patient else 0.0)
        while isinstance(answer := await self._ask(verb, *words), _Away):
            if loop.time() >= give_up:
                return StoreError(f"the token's server is out of reach: {answer.why}", hint=_HINT)
            await asyncio.sleep(_AGAIN)
        return answer

    async def _ask(self, *words: Any) -> Any:
        try:
            async with asyncio.timeout(_CALL_SECONDS):
                return await self.script(keys=[self.key], args=list(words))
        except TimeoutError:
            return _Away(f"it takes longer than {_CALL_SECONDS:g} s")
        except OSError as error:
            return _Away(fault_of(error))
        except Exception as error:  # noqa: BLE001 - whatever redis-py raises ends here
            reason = refusal_of(error)
            if reason is None:
                return _Away(fault_of(error))
            step = step_after(error, _HINT)
        return StoreError(f"the token's server refuses: {reason}", hint=step)


def _checked(answer: Any) -> Any:
    if isinstance(answer, StoreError):
        raise answer
    return answer


async def _settled(doing: Awaitable[object]) -> None:
    """Do something that may fail: nothing depends on it."""
    with contextlib.suppress(Exception):
        await doing


def _wrapped(text: str | bytes | Secret) -> Secret:
    if isinstance(text, Secret):
        return text
    return Secret(text.decode("latin-1") if isinstance(text, bytes) else text)


def _keys(
    given: str | bytes | Secret | Iterable[str | bytes | Secret] | None,
) -> tuple[Secret, ...] | None:
    if given is None:
        return None
    if isinstance(given, str | bytes | Secret):
        return (_wrapped(given),)
    return tuple(map(_wrapped, given))


def _box(keys: tuple[Secret, ...] | None) -> Any:
    """What encrypts with the first key and decrypts with all; None where none was given.

    Raises:
        ConfigError: The extra is not installed, or a key is none.
    """
    if keys is None:
        return None
    try:
        fernet = importlib.import_module("cryptography.fernet")
    except ImportError:
        raise ConfigError("encrypting tokens needs an extra", hint=EXTRA) from None
    box = _made(fernet, keys)
    if box is None:
        raise ConfigError(
            "the key of the token store is none",
            hint="Make one: python -c 'from cryptography.fernet import Fernet; "
            "print(Fernet.generate_key().decode())'",
        )
    return box


def _made(fernet: Any, keys: tuple[Secret, ...]) -> Any:
    try:
        return fernet.MultiFernet([fernet.Fernet(each.reveal()) for each in keys])
    except ValueError:
        return None
