"""Tokens in memory."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from elements_procura.auth.oauth import Token

__all__ = ["MemoryTokenStore"]


class MemoryTokenStore:
    """Tokens kept in memory: gone with the process."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    @contextlib.asynccontextmanager
    async def exclusive(self, account: str) -> AsyncIterator[int]:
        """Nobody else of this process renews this account's token inside this context.

        Args:
            account: Whose.
        """
        async with self._locks.setdefault(account, asyncio.Lock()):
            yield 0

    async def load(self, account: str) -> Token | None:
        """The token saved last for this account.

        Args:
            account: Whose.
        """
        return self._tokens.get(account)

    async def save(self, account: str, token: Token | None, fence: int) -> None:
        """Keep ``token``; None forgets the account.

        Args:
            account: Whose.
            token: The token to keep.
            fence: Of no use here: a lock of this process cannot be lost.
        """
        if token is None:
            self._tokens.pop(account, None)
        else:
            self._tokens[account] = token
