"""A server under weather: what comes before and after its own answer to a request."""

import asyncio
import time
from abc import abstractmethod
from collections.abc import Callable, Iterable, MutableMapping
from typing import ClassVar, Final
from weakref import WeakKeyDictionary

from aiohttp import web

from elements_procura.sandbox.core import answers
from elements_procura.sandbox.core.answers import Answer
from elements_procura.sandbox.core.fronts import FRONTS
from elements_procura.sandbox.core.listening import Listener
from elements_procura.sandbox.core.log import LogEntry, RequestLog
from elements_procura.sandbox.core.rewriting import FRAMINGS, REWRITINGS, rewrite
from elements_procura.sandbox.core.weather import Forecast, Weather, read

_OWN: Final = {"not-found": 404, "forbidden": 403}
_STRAYS: Final = ("stray", "stray-unlinked")
_FRAMING_ORDER: Final = ("cut-json", "bom", "cut-gzip")


class WeatheredServer(Listener):
    """A sandbox that weather can be set on. What it holds, and ``truth``, are not touched by it.

    Args:
        weather: What comes, see :meth:`set_weather`.
        seed: What chance depends on.
        clock: Monotonic seconds; None for the machine's own.
    """

    api: ClassVar[str]

    def __init__(
        self,
        *,
        weather: str | Weather | Iterable[str | Weather],
        seed: int,
        clock: Callable[[], float] | None,
    ) -> None:
        super().__init__()
        self._seed = seed
        self._weather_clock = clock or time.monotonic
        self._forecast = self._forecast_of(weather)
        self._log = RequestLog()
        self._said: MutableMapping[asyncio.Transport, bytes] = WeakKeyDictionary()
        self._returning: asyncio.Task[None] | None = None

    @property
    def log(self) -> list[LogEntry]:
        """The requests in order of arrival; paths are without the context, if there is one."""
        return self._log.entries

    @property
    def weather(self) -> tuple[Weather, ...]:
        """What was set last."""
        return self._forecast.weather

    def set_weather(self, weather: str | Weather | Iterable[str | Weather]) -> None:
        """Let this weather come, in place of what was set before.

        Args:
            weather: One, several, or names. A text is read as the command line reads it
                (:meth:`Weather.parse`); in a list a name stands for that kind, without end.

        Raises:
            ValueError: The kind is unknown.
        """
        self._forecast = self._forecast_of(weather)

    def clear_weather(self) -> None:
        """Let the weather be over."""
        self.set_weather(())

    async def close(self) -> None:
        """Stop listening and drop all connections; what it holds and logged stays."""
        if self._returning is not None:
            self._returning.cancel()
            self._returning = None
        await super().close()

    def _forecast_of(self, weather: str | Weather | Iterable[str | Weather]) -> Forecast:
        return Forecast(read(weather), seed=self._seed, api=self.api, now=self._weather_clock)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        path = self._path_of(request)
        struck = self._forecast.strike(request.method, path)
        kinds = tuple(each.kind for each in struck)
        for each in struck:
            if each.kind in ("reset", "refused"):
                self._log_unheard(request, kinds, status=0)
                if each.kind == "refused":
                    await self._go_away(self._forecast.left(each) or 0.0)
                return answers.reset(request)
            answer = FRONTS.get(each.kind)
            if answer is None and each.kind in _OWN:
                answer = self._own_answer(_OWN[each.kind], path)
            if answer is not None:
                self._log_unheard(request, kinds, status=answer.status)
                await request.read()
                return answer.response()
        response = await self._serve(request, kinds)
        if isinstance(response, web.Response) and response.status == 200:
            before = self._exchange(request.transport, response)
            for kind in sorted(kinds, key=_stage):
                stray = before if kind == "stray-pooled" else None
                self._rewrite(response, kind, path, stray=stray)
        return response

    def _exchange(
        self, transport: asyncio.Transport | None, response: web.Response
    ) -> bytes | None:
        """What the connection carried before, now that it carries this."""
        if transport is None or not isinstance(response.body, bytes) or not self.weather:
            return None
        before = self._said.get(transport)
        self._said[transport] = response.body
        return before

    def _log_unheard(
        self, request: web.BaseRequest, weather: tuple[str, ...], *, status: int
    ) -> None:
        """Remember a request that never came as far as the API; nothing of its body is read."""
        query = {key: value for key, value in request.query.items() if key != "access_token"}
        self._log.append(
            LogEntry(
                method=request.method,
                path=self._path_of(request),
                query=query,
                at=asyncio.get_running_loop().time(),
                counted=False,
                status=status,
                weather=weather,
            )
        )

    def _rewrite(
        self, response: web.Response, kind: str, path: str, *, stray: bytes | None
    ) -> None:
        body = response.body
        if not isinstance(body, bytes):
            return
        if kind == "stray-pooled":
            body = stray or body
        elif kind in _STRAYS:
            body = self._stray(path) or body
            if kind == "stray-unlinked":
                body = rewrite("linkless", body)
        elif kind in REWRITINGS:
            body = rewrite(kind, body)
        elif kind in FRAMINGS:
            body = FRAMINGS[kind](body)
            if kind == "cut-gzip":
                response.headers["Content-Encoding"] = "gzip"
        response.body = body

    async def _go_away(self, seconds: float) -> None:
        """Refuse connections for so long."""
        if self._returning is None:
            await self.leave()
            self._returning = asyncio.create_task(self._return_after(seconds))

    async def _return_after(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        self._returning = None
        await self.come_back()

    @abstractmethod
    async def _serve(
        self, request: web.BaseRequest, weather: tuple[str, ...]
    ) -> web.StreamResponse:
        """Answer one request as in fair weather; ``weather`` is for the log."""

    @abstractmethod
    def _path_of(self, request: web.BaseRequest) -> str:
        """The path on the wire, without the context."""

    @abstractmethod
    def _own_answer(self, status: int, path: str) -> Answer:
        """How the API itself says that something is not there (404), or not allowed (403)."""

    @abstractmethod
    def _stray(self, path: str) -> bytes | None:
        """The body of a resource like the one at ``path``."""


def _stage(kind: str) -> int:
    """When a kind is at work: whatever came before it, the next one can read what it is to alter.

    Lists are no lists any more after ``php-lists``, and nothing is JSON after a framing.
    """
    if kind in REWRITINGS:
        return 2 if kind == "php-lists" else 1
    return 3 + _FRAMING_ORDER.index(kind) if kind in FRAMINGS else 0
