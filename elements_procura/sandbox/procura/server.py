"""The sandbox of Procura itself: one HTTP server, its tokens, faults and log."""

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from aiohttp import web

from elements_procura.sandbox.core import answers
from elements_procura.sandbox.core.answers import Answer
from elements_procura.sandbox.core.faults import Fault, FaultPlan
from elements_procura.sandbox.core.limits import Limiter, Limits
from elements_procura.sandbox.core.log import LogEntry
from elements_procura.sandbox.core.weather import Weather
from elements_procura.sandbox.core.weathered import WeatheredServer
from elements_procura.sandbox.procura.api import PREFIX, VERSION, ProcuraApi
from elements_procura.sandbox.procura.back_office import BackOffice
from elements_procura.sandbox.procura.lateness import LATE, Lateness, Later
from elements_procura.sandbox.procura.people import People
from elements_procura.sandbox.procura.problems import broken
from elements_procura.sandbox.procura.strays import other_body
from elements_procura.sandbox.procura.synthesis import Grower
from elements_procura.sandbox.procura.tokens import JwtDesk
from elements_procura.sandbox.procura.trouble import is_write, too_late
from elements_procura.sandbox.procura.world import Case, World

if TYPE_CHECKING:  # who only serves loads no client
    from typing import Unpack

    from elements_procura.sandbox.clients import ClientOptions, ProcuraClient, sync

_TOKEN_PATH: Final = "/oauth/token"
_INFO_PATH: Final = f"{PREFIX}info"
_LIMIT_TEXT: Final = "Too many requests"
_EXPIRED: Final = (
    'Bearer error="invalid_token", error_description="An error occurred while attempting to decode '
    'the Jwt", error_uri="https://tools.ietf.org/html/rfc6750#section-3.1"'
)


class ProcuraSandbox(BackOffice, WeatheredServer):
    """A local server of the Procura API, with the manners of the real one.

    Tokens live a minute and die with the server's start; a page is only a limit; what is missing
    comes as a 500, or as a 200; a reference can be used once.

    Args:
        dossiers: How many cases there are at the start, of all six kinds.
        seed: What they grow from; also decides which requests a fault hits.
        others: How many of them, the last ones, are of the nine kinds that can only be searched
            for, such as extracts.
        documented: Which part of them, from 0 to 1, has documents.
        busy_day: How many of them were filed on one and the same day, 15 March 2024.
        limits: ``off``, or as for the sandbox of Elements; the real server documents none.
        token_seconds: How long a token lives; it is taken for another minute after that.
        faults: What goes wrong, in order.
        weather: What the world does to its answers, see :meth:`set_weather`.
        context: The path that everything is below.
        not_found: The status of a dossier that does not exist: 500 as the real back office makes
            it, or the documented 404.
        min_latency: Seconds that every answer takes at least.
        secret: The client's; by default one by chance.
        clock: Monotonic seconds, for limits, tokens and weather; None for the machine's own.
        later: Calls a function so many seconds later, for what is stored late; None for the event
            loop itself. A test gives it together with ``clock``.
    """

    api = "procura"

    def __init__(
        self,
        *,
        dossiers: int = 60,
        seed: int = 1,
        others: int = 0,
        documented: float = 0.0,
        busy_day: int = 0,
        limits: str | Limits = "off",
        token_seconds: float = 60.0,
        faults: Sequence[Fault] = (),
        weather: str | Weather | Iterable[str | Weather] = (),
        context: str = "/dossiers",
        not_found: int = 500,
        min_latency: float = 0.0,
        secret: str = "",
        clock: Callable[[], float] | None = None,
        later: Later | None = None,
    ) -> None:
        super().__init__(weather=weather, seed=seed, clock=clock)
        self.limits: Limits = Limits.named(limits) if isinstance(limits, str) else limits
        self._limiter = Limiter(self.limits, now=clock)
        self._tokens = JwtDesk(seconds=token_seconds, now=clock or time.monotonic, secret=secret)
        self._faults = FaultPlan(tuple(faults), seed=seed)
        self._late_faults = FaultPlan((), seed=seed)
        self._unreadable = FaultPlan((), seed=seed)
        self._lateness = Lateness(seed=seed, later=later)
        self._world = World(seed=seed, now=dt.datetime.now)
        self._grower = Grower(self._world, busy_day=busy_day, documented=documented, seed=seed)
        for number in range(dossiers):
            self._grower.grow(other=number >= dossiers - others)
        self.people: People = People(seed=seed)
        self._api = ProcuraApi(self._world, self.people, not_found=not_found)
        self._context = context.rstrip("/")
        self._min_latency = min_latency
        self._rejected = 0

    def _begin(self, origin: str) -> str:
        """Below the context, and with another key at every start."""
        self._tokens.issuer = origin
        self._tokens.rekey()
        return f"{origin}{self._context}"

    @property
    def credentials(self) -> dict[str, str]:
        """``client_id`` and ``client_secret``."""
        return self._tokens.credentials

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which the command line finds it."""
        given = self.credentials
        return {
            "PROCURA_URL": self.url,
            "PROCURA_CLIENT_ID": given["client_id"],
            "PROCURA_CLIENT_SECRET": given["client_secret"],
        }

    def client(self, **options: "Unpack[ClientOptions]") -> "ProcuraClient":
        """Make a client of it, which keeps to this sandbox's limits.

        Args:
            options: The client's settings.
        """
        from elements_procura.sandbox import clients

        return clients.procura_client(self.url, self.credentials, self.limits.rates, options)

    def sync_client(self, **options: "Unpack[ClientOptions]") -> "sync.ProcuraClient":
        """Make a client of it without ``await``, which keeps to this sandbox's limits.

        Args:
            options: The client's settings.
        """
        from elements_procura.sandbox import clients

        return clients.sync_procura_client(self.url, self.credentials, self.limits.rates, options)

    @property
    def rejected_429(self) -> int:
        """How many answers had status 429."""
        return self._rejected

    def add_fault(self, fault: Fault, *, stored: bool = False) -> None:
        """Let one more thing go wrong from now on.

        Args:
            fault: What goes wrong.
            stored: Whether the request is carried out before it does: the case is stored, and
                then comes the 500, the reset or the stall.
        """
        (self._late_faults if stored else self._faults).add(fault)

    def commit_late(
        self,
        match: str = "POST /api/*",
        *,
        up_to: float = LATE,
        probability: float = 1.0,
        times: int | None = None,
    ) -> None:
        """Let the back office store late from now on what the server has given up on.

        The server answers 500 (timeout) at once. The back office looks right away whether an id or
        reference is taken, and refuses at once what it refuses; it stores later, without another
        look: of two that come in between, both are stored.

        Args:
            match: A pattern for ``METHOD /path``.
            up_to: How many seconds late at most; chance decides.
            probability: The chance that a matching request is hit.
            times: How many requests are hit at most.
        """
        self._lateness.order(match, up_to=up_to, probability=probability, times=times)

    def make_unreadable(self, match: str = "*", *, times: int | None = 1) -> None:
        """Let cases that are filed from now on be stored, but never be put into an answer.

        As the real server does when it misses a country: the create and every get are a 500, and
        only a search shows that the case exists.
        """
        self._unreadable.add(Fault(kind="status", match=match, times=times))

    def clear_faults(self) -> None:
        """Let nothing go wrong from now on."""
        for plan in (self._faults, self._late_faults, self._unreadable):
            plan.clear()
        self._lateness.clear()

    def rekey(self) -> None:
        """Refuse every token given so far, as after a restart."""
        self._tokens.rekey()

    async def _serve(
        self, request: web.BaseRequest, weather: tuple[str, ...]
    ) -> web.StreamResponse:
        now = asyncio.get_running_loop().time
        arrived = now()
        refusal = self._limiter.arrive()
        path = self._inside(request)
        entry = LogEntry(
            method=request.method,
            path=self._path_of(request),
            query=dict(request.query),
            at=arrived,
            counted=refusal is None or self.limits.refused_count,
            weather=weather,
        )
        self._log.append(entry)
        body = await request.content.read()
        fault = self._faults.strike(request.method, path) if refusal is None else None
        if refusal is not None:
            answer = Answer.error(429, refusal)
        else:
            if fault is not None:
                entry.fault = fault.kind
                if fault.kind == "reset":
                    return answers.reset(request)
                if fault.kind == "stall":
                    await asyncio.sleep(fault.seconds)
            answer = _instead(fault, path) or self._carry_out(request, path, body, entry)
        if fault is None:
            fault = self._late_faults.strike(request.method, path)
            if fault is not None:
                entry.fault = f"{fault.kind} (stored)"
                if fault.kind == "stall":
                    await asyncio.sleep(fault.seconds)
                answer = _instead(fault, path) or answer
        if self._min_latency:
            await asyncio.sleep(arrived + self._min_latency - now())
        if fault is not None and fault.kind in ("reset", "reset-after"):
            return answers.reset(request)
        entry.status = answer.status
        self._rejected += answer.status == 429
        return await _send(request, answer, fault)

    def _carry_out(
        self, request: web.BaseRequest, path: str, body: bytes, entry: LogEntry
    ) -> Answer:
        late = None
        if is_write(request.method, path):
            late = self._lateness.of(request.method, path)
            late = LATE if late is None and "late-commit" in entry.weather else late
        if late is None:
            with self._world.trouble.under(entry.weather, self._world.cases):
                return self._answer(request, path, body, entry)
        return self._refused(request, path) or self._given_up(request, path, body, late)

    def _given_up(self, request: web.BaseRequest, path: str, body: bytes, late: float) -> Answer:
        """The server gives up; the back office goes on, and stores what it had looked at."""
        case = self._api.look(request.method, path, body)
        if isinstance(case, Answer):
            return case
        if isinstance(case, Case):
            found = case
            self._lateness.commit(late, lambda: self._world.store(found))
        else:
            accept = request.headers.get("Accept", "*/*")
            written = (request.method, path, dict(request.query), body, accept)
            self._lateness.commit(late, lambda: self._api.answer(*written))
        return too_late().answer(path)

    def _inside(self, request: web.BaseRequest) -> str:
        """The path below the context; nothing for one that is outside."""
        raw = request.rel_url.raw_path
        return raw.removeprefix(self._context) if raw.startswith(f"{self._context}/") else ""

    def _path_of(self, request: web.BaseRequest) -> str:
        return self._inside(request) or request.rel_url.raw_path

    def _own_answer(self, status: int, path: str) -> Answer:
        if status == 404:
            return self._api.missing(path)
        error = 'Bearer error="insufficient_scope"'
        return Answer(status=status, body=b"", headers={"WWW-Authenticate": error})

    def _stray(self, path: str) -> bytes | None:
        return other_body(self, path)

    def _answer(self, request: web.BaseRequest, path: str, body: bytes, entry: LogEntry) -> Answer:
        refused = self._refused(request, path)
        if refused is not None:
            return refused
        if path == _TOKEN_PATH:
            return self._grant(request, body, entry)
        if path == _INFO_PATH and request.method == "GET":
            return Answer.of(200, {"version": VERSION, "buildTime": "24 sep. 2024 - 10:00"})
        if not path.startswith(PREFIX):
            return Answer(status=404, body=b"")
        before = len(self._world.cases)
        accept = request.headers.get("Accept", "*/*")
        answer = self._api.answer(request.method, path, request.query, body, accept)
        if len(self._world.cases) > before:
            answer = self._filed(request.method, path) or answer
        return Answer(
            status=answer.status,
            body=answer.body,
            content_type=answer.content_type,
            headers={"Set-Cookie": "JSESSIONID=sandbox; Path=/; HttpOnly", **answer.headers},
        )

    def _refused(self, request: web.BaseRequest, path: str) -> Answer | None:
        """401 and 403, without a body. A bad token is refused even where none is needed."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        is_bearer = scheme.lower() == "bearer"
        scopes = self._tokens.scopes(token.strip()) if is_bearer else ()
        if scopes is None:
            return Answer(status=401, body=b"", headers={"WWW-Authenticate": _EXPIRED})
        if path in (_TOKEN_PATH, _INFO_PATH):
            return None
        if not is_bearer:
            return Answer(status=401, body=b"", headers={"WWW-Authenticate": "Bearer"})
        if "api" not in scopes:
            error = 'Bearer error="insufficient_scope"'
            return Answer(status=403, body=b"", headers={"WWW-Authenticate": error})
        return None

    def _filed(self, method: str, path: str) -> Answer | None:
        if self._unreadable.strike(method, path) is None:
            return None
        next(reversed(self._world.cases.values())).readable = False
        return broken('Cannot invoke "String.trim()" because the value is null').answer(path)

    def _grant(self, request: web.BaseRequest, body: bytes, entry: LogEntry) -> Answer:
        if request.method != "POST":
            return Answer.error(405, "Method not allowed", headers={"Allow": "POST"})
        form = {**request.query, **_form(body)}
        entry.grant_type = form.get("grant_type")
        given = self._tokens.grant(authorization=request.headers.get("Authorization"), form=form)
        return Answer.of(given.status, given.body, headers=given.headers)


def _form(body: bytes) -> Mapping[str, str]:
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _instead(fault: Fault | None, path: str) -> Answer | None:
    if fault is None:
        return None
    if fault.kind == "status" and fault.status == 500:
        return broken("I/O error on POST request: Read timed out").answer(path)
    return answers.instead(fault, limit_text=_LIMIT_TEXT)


async def _send(
    request: web.BaseRequest, answer: Answer, fault: Fault | None
) -> web.StreamResponse:
    match fault.kind if fault is not None else None:
        case "truncate":
            return await answers.truncated(request, answer)
        case "drip" if fault is not None:
            return await answers.dripped(request, answer, seconds=fault.seconds)
        case "cut-json":
            half = answer.body[: len(answer.body) // 2]
            return Answer(status=answer.status, body=half, headers=answer.headers).response()
        case _:
            return answer.response()
