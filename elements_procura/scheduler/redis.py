"""The gate of several processes and hosts: Redis or Valkey, by the extra ``redis``."""

import asyncio
import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from elements_procura._redis import connect, fault_of, refusal_of, step_after
from elements_procura.errors import StoreError
from elements_procura.scheduler._machine import this_machine
from elements_procura.scheduler._shared import SharedGate
from elements_procura.scheduler._turns import TURN_SECONDS, TurnLost
from elements_procura.secret import Secret

if TYPE_CHECKING:
    from elements_procura.clock import Clock

__all__ = ["RedisGate"]

_SCRIPT = Path(__file__).with_name("turn.lua")


class RedisGate(SharedGate):
    """Shares an account's limits among processes and hosts, by a Redis or Valkey server.

    All that share an account give the same server, the same ``account`` and the same rates. One
    driver per process takes turns, one at a time: each is one script on the server, which measures
    by its own clock, so the clocks of the hosts do not matter. While the server cannot be reached
    nothing leaves; the event loop goes on.

    Args:
        url: ``redis://``, ``rediss://`` (TLS) or ``unix://``, as redis-py takes it.
        account: Which account of the API this is; the same word in all processes.
        site: Where this process is. Processes that give the same word must have the same way to
            the API's server. By default those of one machine.
        password: Of the server, instead of one in the URL.

    Raises:
        ConfigError: ``account`` is empty, the extra is not installed, or the URL is none.
    """

    def __init__(
        self,
        url: str | Secret,
        *,
        account: str,
        site: str | None = None,
        password: str | Secret | None = None,
    ) -> None:
        # Also in this frame nothing shows a password (rule 1 of elements_procura.secret).
        url = url if isinstance(url, Secret) else Secret(url)
        password = Secret(password) if isinstance(password, str) else password
        super().__init__(account=account, site=this_machine() if site is None else site)
        self._client = connect(
            url,
            seconds=TURN_SECONDS,
            user=type(self).__name__,
            password=password,
            reads_files=True,
        )

    def _open_turns(self, _clock: "Clock") -> "RedisTurns":
        return RedisTurns(self._client, self._account)


class RedisTurns:
    """One account on a server; its script takes the turns.

    Args:
        client: redis-py's.
        account: The account's name on it.
    """

    def __init__(self, client: Any, account: str) -> None:
        self._client = client
        # What braces enclose decides on the part of a cluster that keeps it.
        self._key = f"elements-procura:gate:{{{account}}}"
        self._script = client.register_script(_SCRIPT.read_text())

    async def turn(self, ask: dict[str, Any]) -> dict[str, Any]:
        """Take one turn."""
        answer = await self._answer(json.dumps(ask, separators=(",", ":")))
        if isinstance(answer, Exception):
            raise answer
        found: dict[str, Any] = json.loads(answer)
        return found

    async def _answer(self, ask: str) -> bytes | Exception:
        """The script's answer, or what to raise: the frames of redis-py know the password."""
        try:
            async with asyncio.timeout(TURN_SECONDS):
                answer: bytes = await self._script(keys=[self._key], args=[ask])
                return answer
        except TimeoutError:
            return TurnLost()  # our own: the gate knows how long that is
        except OSError as error:
            return TurnLost(fault_of(error))
        except Exception as error:  # noqa: BLE001 - whatever redis-py raises ends here
            return _judge(error)

    async def aclose(self) -> None:
        """Close the connection."""
        with contextlib.suppress(
            Exception
        ):  # TLS that nobody ends; and its frames know the password
            await self._client.aclose()


def _judge(error: Exception) -> Exception:
    reason = refusal_of(error)
    if reason is None:
        return TurnLost(fault_of(error))
    rights = "May this user run scripts there, and is there room (maxmemory-policy noeviction)?"
    return StoreError(f"The gate's server refuses: {reason}", hint=step_after(error, rights))
