"""The sandbox itself: one HTTP server, its limits, tokens, faults and log."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from elements_procura.sandbox.core import answers
from elements_procura.sandbox.core.answers import Answer
from elements_procura.sandbox.core.faults import Fault, FaultPlan
from elements_procura.sandbox.core.limits import Limiter, Limits
from elements_procura.sandbox.core.log import LogEntry, Record
from elements_procura.sandbox.core.weather import Weather
from elements_procura.sandbox.core.weathered import WeatheredServer
from elements_procura.sandbox.elements.api import PREFIX, ElementsApi
from elements_procura.sandbox.elements.authorize import PATH as AUTHORIZE_PATH
from elements_procura.sandbox.elements.authorize import authorize
from elements_procura.sandbox.elements.changes import Changes
from elements_procura.sandbox.elements.tokens import TokenDesk, TokenEvent
from elements_procura.sandbox.elements.world import World

if TYPE_CHECKING:  # who only serves loads no client
    from typing import Unpack

    from elements_procura.sandbox.clients import ClientOptions, ElementsClient, sync

_TOKEN_PATH: Final = "/oauth/access_token"
_LIMIT_TEXT: Final = "Limit exceeded of 5 request(s) in 1 second(s)"


class Sandbox(WeatheredServer):
    """A local server of the Elements API, for tests and for trying things out.

    Dossier 5526 is the documented one; the others grow from the seed.

    Args:
        dossiers: How many dossiers there are, the documented one included.
        seed: What the others grow from; also decides which requests a fault hits.
        limits: ``documented`` (5 per second, 100,000 per day), ``scaled`` (60 times as much),
            ``off``, or :class:`Limits` of your own.
        token_seconds: How long an access token lives.
        faults: What goes wrong, in order.
        weather: What the world does to its answers, see :meth:`set_weather`.
        min_latency: Seconds that every answer takes at least.
        body_limit: How many bytes a body may have; newer releases than the documented one allow
            47,185,920.
        tag: What this server's tokens begin with and its cookie says, to see that nothing of it
            comes to another: ``strangers`` counts what came here from elsewhere.
        secret: The client's; by default one by chance.
        clock: Monotonic seconds, for limits, tokens and weather; None for the machine's own.
    """

    api = "elements"

    def __init__(
        self,
        *,
        dossiers: int = 200,
        seed: int = 1,
        limits: str | Limits = "documented",
        token_seconds: float = 3600.0,
        faults: Sequence[Fault] = (),
        weather: str | Weather | Iterable[str | Weather] = (),
        min_latency: float = 0.0,
        body_limit: int = 26_214_400,
        tag: str = "",
        secret: str = "",
        clock: Callable[[], float] | None = None,
    ) -> None:
        super().__init__(weather=weather, seed=seed, clock=clock)
        self.limits: Limits = Limits.named(limits) if isinstance(limits, str) else limits
        self._limiter = Limiter(self.limits, now=clock)
        self._tokens = TokenDesk(
            seconds=token_seconds, now=clock or time.monotonic, tag=tag, secret=secret
        )
        self._tag = tag
        self.strangers: int = 0
        self._faults = FaultPlan(tuple(faults), seed=seed)
        self._world = World(dossiers=dossiers, seed=seed)
        self._api = ElementsApi(self._world)
        self._changes = Changes(self._world)
        self._min_latency = min_latency
        self._body_limit = body_limit
        self._rejected = 0

    @property
    def credentials(self) -> dict[str, Any]:
        """``client_id``, ``client_secret``, ``organisation``, ``webservice`` and ``scopes``."""
        return self._tokens.credentials

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which the command line finds it."""
        given = self.credentials
        return {
            "ELEMENTS_HOST": self.url,
            "ELEMENTS_CLIENT_ID": given["client_id"],
            "ELEMENTS_CLIENT_SECRET": given["client_secret"],
            "ELEMENTS_ORGANISATION": str(given["organisation"]),
            "ELEMENTS_WEBSERVICE": given["webservice"],
            "ELEMENTS_SCOPES": " ".join(given["scopes"]),
        }

    def client(self, **options: "Unpack[ClientOptions]") -> "ElementsClient":
        """Make a client of it, which keeps to this sandbox's limits.

        Args:
            options: The client's settings.
        """
        from elements_procura.sandbox import clients

        return clients.elements_client(self.url, self.credentials, self.limits.rates, options)

    def sync_client(self, **options: "Unpack[ClientOptions]") -> "sync.ElementsClient":
        """Make a client of it without ``await``, which keeps to this sandbox's limits.

        Args:
            options: The client's settings.
        """
        from elements_procura.sandbox import clients

        return clients.sync_elements_client(self.url, self.credentials, self.limits.rates, options)

    @property
    def records(self) -> list[Record]:
        """The writes that were carried out, in order, whatever their callers were told."""
        return self._api.records

    @property
    def rejected_429(self) -> int:
        """How many answers had status 429."""
        return self._rejected

    @property
    def dossier_ids(self) -> tuple[int, ...]:
        """The ids of all dossiers there are, 5526 first; hidden ones too."""
        return self._world.dossier_ids

    def truth(self, dossier_id: int) -> dict[str, bytes]:
        """Every document of a dossier: path to the bytes served for it without a query.

        Raises:
            KeyError: The dossier does not exist.
        """
        return self._world.documents(dossier_id)

    def listing(self) -> bytes:
        """The bytes served for the listing without filters."""
        return self._world.listing()

    def add_fault(self, fault: Fault) -> None:
        """Let one more thing go wrong from now on."""
        self._faults.add(fault)

    def clear_faults(self) -> None:
        """Let nothing go wrong from now on."""
        self._faults.clear()

    def expire_tokens(self) -> None:
        """Let every access token die now; refresh tokens stay good."""
        self._tokens.expire()

    def revoke_tokens(self) -> None:
        """Let every access token, refresh token and code die now."""
        self._tokens.revoke()

    def refuse_consent(self, refuse: bool = True) -> None:
        """Let the person who is asked at ``/oauth/authorize`` say no from now on, or yes again."""
        self._tokens.consents = not refuse

    @property
    def token_events(self) -> list[TokenEvent]:
        """What the token endpoint was asked for and answered, without codes and tokens."""
        return self._tokens.events

    def patch(self, path: str, change: Callable[[Any], Any]) -> None:
        """Replace the JSON document at ``path`` by ``change(document)``; ``truth`` follows.

        ``change`` may also alter the document in place and return None.

        Raises:
            KeyError: The document does not exist.
        """
        self._world.patch(path, change)
        self._api.forget(path)

    def add_dossier(self) -> int:
        """Let there be one dossier more, as if there had been from the start: its id.

        It is the one that a sandbox of the same seed with a dossier more would hold.
        """
        return self._world.grow_another()

    def remove(self, dossier_id: int) -> None:
        """Let a dossier be gone: it and all below it answer 404, and no listing names it.

        ``dossier_ids`` and ``truth`` do not know it any more, and its id is never used again.

        Raises:
            KeyError: The dossier does not exist.
        """
        self._world.remove(dossier_id)
        self._api.forget(f"{PREFIX}klantdossiers/{dossier_id}")

    def hide(self, dossier_ids: Iterable[int]) -> None:
        """Let the listing, filtered or not, lack these dossiers although they still answer.

        So a broken listing looks. Every call says anew which they are; ``hide(())`` mends it.
        """
        self._world.hide(dossier_ids)

    def change(self, dossier_id: int, *, deep: bool = False) -> tuple[str, ...]:
        """Let somebody change a dossier; ``truth`` follows.

        Args:
            dossier_id: Which one.
            deep: Change a product, or if there is none give a person one more e-mail address; the
                dossier's own document and its row in the listing stay as they are. Otherwise
                its ``omschrijving`` changes, in its document and its row.

        Returns:
            The paths of the documents that differ now; the listing is not among them.

        Raises:
            KeyError: The dossier does not exist.
            ValueError: It holds neither products nor persons, so nothing deep can change.
        """
        changed = self._changes.change(dossier_id, deep=deep)
        self._api.forget(changed[0])
        return changed

    async def _serve(
        self, request: web.BaseRequest, weather: tuple[str, ...]
    ) -> web.StreamResponse:
        now = asyncio.get_running_loop().time
        arrived = now()
        refusal = self._limiter.arrive()
        path, query = request.rel_url.raw_path, request.query
        entry = LogEntry(
            method=request.method,
            path=path,
            query={name: value for name, value in query.items() if name != "access_token"},
            at=arrived,
            counted=refusal is None or self.limits.refused_count,
            weather=weather,
        )
        self._log.append(entry)
        fault = None
        if refusal is not None:
            answer = Answer.error(429, refusal)
        else:
            fault = self._faults.strike(request.method, path)
            if fault is None:
                answer = await self._answer(request, path, query, entry)
            else:
                entry.fault = fault.kind
                if fault.kind == "reset":
                    return answers.reset(request)
                if fault.kind == "stall":
                    await asyncio.sleep(fault.seconds)
                    if request.transport is None:
                        return answers.reset(request)  # the caller left
                answer = answers.instead(fault, limit_text=_LIMIT_TEXT) or await self._answer(
                    request, path, query, entry
                )
        if self._min_latency:
            await asyncio.sleep(arrived + self._min_latency - now())
        match fault.kind if fault is not None else None:
            case "reset-after":
                return answers.reset(request)
            case "stall-after" if fault is not None:
                await asyncio.sleep(fault.seconds)
            case "status-after" if fault is not None:
                answer = answers.of_status(fault, limit_text=_LIMIT_TEXT)
        entry.status = answer.status
        self._rejected += answer.status == 429
        return await self._send(request, answer, fault, path)

    def _path_of(self, request: web.BaseRequest) -> str:
        return request.rel_url.raw_path

    def _own_answer(self, status: int, path: str) -> Answer:
        return Answer.error(status, "Not found" if status == 404 else "Access denied")

    def _stray(self, path: str) -> bytes | None:
        return self._api.other_body(path)

    async def _answer(
        self, request: web.BaseRequest, path: str, query: Mapping[str, str], entry: LogEntry
    ) -> Answer:
        if path == _TOKEN_PATH:
            return await self._grant(request, entry)
        if path == AUTHORIZE_PATH and request.method == "GET":
            return authorize(self._tokens, query)
        if not path.startswith(PREFIX):
            return Answer.error(404, "Not found")
        token = _token_of(request, query)
        if self._tag:
            cookies = request.headers.getall("Cookie", [])
            own = token is None or token.startswith(self._tag)
            self.strangers += not own or any(f"sandbox={self._tag}" != each for each in cookies)
        if not self._tokens.accepts(token):
            return Answer.of(
                401,
                {"error": "invalid_token", "error_description": "No valid access token"},
                headers={"WWW-Authenticate": 'Bearer realm="Elements sandbox"'},
            )
        body, size = await _body_of(request, self._body_limit)
        if size > self._body_limit:
            return Answer.of(
                400,
                {
                    "error": "Request body is groter dan toegestaan",
                    "toegestaan": f"{self._body_limit} bytes",
                    "ontvangen": f"{size} bytes",
                },
            )
        return await self._api.answer(request.method, path, query, body)

    async def _grant(self, request: web.BaseRequest, entry: LogEntry) -> Answer:
        if request.method != "POST":
            return Answer.error(405, "Method not allowed", headers={"Allow": "POST"})
        form = {name: str(value) for name, value in (await request.post()).items()}
        entry.grant_type = form.get("grant_type")
        given = self._tokens.grant(authorization=request.headers.get("Authorization"), form=form)
        return Answer.of(given.status, given.body, headers=given.headers)

    async def _send(
        self, request: web.BaseRequest, answer: Answer, fault: Fault | None, path: str
    ) -> web.StreamResponse:
        match fault.kind if fault is not None else None:
            case "truncate":
                return await answers.truncated(request, answer)
            case "drip" if fault is not None:
                return await answers.dripped(request, answer, seconds=fault.seconds)
            case "cut-json":
                return Answer(
                    status=answer.status,
                    body=answer.body[: len(answer.body) // 2],
                    content_type=answer.content_type,
                    headers=answer.headers,
                ).response()
            case "other-body" if answer.status == 200:
                other = self._api.other_body(path)
                return Answer(body=other, content_type=answer.content_type).response()
            case _:
                response = answer.response()
                if self._tag:
                    response.set_cookie("sandbox", self._tag)
                return response


async def _body_of(request: web.BaseRequest, limit: int) -> tuple[bytes, int]:
    """The body, and its size; of one that is too big only the size is true.

    It is read to its end all the same, for a caller that still sends may not see an answer.
    """
    body, size = bytearray(), 0
    async for chunk in request.content.iter_any():
        size += len(chunk)
        if size <= limit:
            body += chunk
    return bytes(body), size


def _token_of(request: web.BaseRequest, query: Mapping[str, str]) -> str | None:
    """The token in the query, or else in the header."""
    if "access_token" in query:
        return query["access_token"]
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
