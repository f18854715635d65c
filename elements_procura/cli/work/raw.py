"""One raw request: its address, sending it, and the error of its answer."""

import re
import time
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import attrs

from elements_procura import paths
from elements_procura.cli.given.settings import settings_of
from elements_procura.cli.given.tables import BY_NAME
from elements_procura.core.answers import Response, SendRecord, outcome_unknown
from elements_procura.core.client import Client
from elements_procura.core.timeouts import Timeouts
from elements_procura.errors import (
    ConfigError,
    ElementsProcuraError,
    InputError,
    NotFound,
    ServerError,
)
from elements_procura.paths import Path
from elements_procura.registry import spec_of
from elements_procura.scheduler import Priority
from elements_procura.secret import Secret

_ACCEPT = "application/json, */*;q=0.9"
_LONGEST = 1 << 30
_LONGEST_SEGMENT = 255
_UNSAFE = re.compile(r"\s*|\.{1,2}")
_NO_SUCH_PATH = "`elements-procura endpoints` lists the documented paths"
_NO_SUCH_ID = "Check the ids in it: lists show those that are there"
_FIRST_ERROR = 400
_PLACEHOLDER = re.compile(r"\{\w+\}")
_MADE = re.compile(r"/(\d{1,18})/?\Z", re.ASCII)
_JSON = re.compile(r'"(?:[^"\\]|\\.)*"|[][{},:]|[^][{},:"\s]+')


@attrs.frozen(repr=False)
class Raw:
    """A request as given on the command line.

    Attributes:
        api: Its API.
        base_url: Of the server.
        method: ``GET``, ``POST``, …
        path: Below the base URL.
        query: Its pairs, without a token.
        body: The body, or None.
    """

    api: str
    base_url: str
    method: str
    path: Path
    query: tuple[tuple[str, str], ...]
    body: bytes | None

    @property
    def address(self) -> str:
        """Its address, without a token."""
        query = urlencode(self.query, quote_via=quote)
        return f"{self.base_url}{self.path.value}{'?' if query else ''}{query}"


def raw_request(
    api: str, method: str, path: str, *, fields: tuple[str, ...], body: bytes | None, **given: Any
) -> Raw:
    """A request out of a command's options.

    Args:
        api: Its name, as the registry lists it.
        method: ``GET``, ``POST``, …
        path: From the first segment of the API's root on (``/api/…``), or only what follows that
            root, or a whole address; also with a query.
        fields: More pairs of the query, as ``name=value``.
        body: JSON.
        given: The settings of the account.

    Raises:
        ConfigError: An option cannot be read, or the path leads elsewhere.
    """
    base_url = spec_of(api).settings.address(given)
    path, _, text = path.partition("?")
    query = (*parse_qsl(text, keep_blank_values=True), *map(_pair, fields))
    if any(name == "access_token" for name, _ in query):
        raise ConfigError("a token cannot be a field", hint="Leave it out: the client adds its own")
    return Raw(api, base_url, method, _path(path, api, base_url), query, body)


def _pair(field: str) -> tuple[str, str]:
    name, sign, value = field.partition("=")
    if not name or not sign:
        raise ConfigError("--field wants NAME=VALUE", hint="As in -f kantoor=3888")
    return name, value


def _path(given: str, api: str, base_url: str) -> Path:
    if missing := _PLACEHOLDER.findall(given):
        raise ConfigError(
            f"PATH still holds {', '.join(missing)}", hint="Put an id in the place of each"
        )
    try:
        value = _below(given, spec_of(api).root.removeprefix("/"), base_url)
    except InputError:
        raise ConfigError(
            "PATH leads outside this API",
            hint="Give it as `elements-procura endpoints` lists it, with ids in it",
        ) from None
    return spec_of(api).client.templates.path(value)


def _below(given: str, root: str, base_url: str) -> str:
    """The path below the base URL, every segment encoded anew: some ids hold signs."""
    address, sign, rest = given.partition("://")
    host, _, bare = rest.partition("/") if sign else ("", "", given.removeprefix("/"))
    if sign:
        paths.from_href(f"{address}://{host}/api", base_url)
    context, top = urlsplit(base_url).path[1:], root.partition("/")[0]
    if bare.startswith(f"{context}/{top}/"):
        bare = bare.removeprefix(f"{context}/")
    if not sign and not bare.startswith(f"{top}/"):
        bare = f"{root}/{bare}"
    parts = bare.split("/")
    if parts[0] != top:
        raise InputError(
            f"an address that is not below /{top}", hint="`endpoints` lists the documented paths"
        )
    last = [""] if parts[-1] == "" else []  # one documented path ends with a slash
    names = parts[: len(parts) - len(last)]
    return "/" + "/".join([*(_encoded(unquote(name)) for name in names), *last])


def _encoded(name: str) -> str:
    if len(name) > _LONGEST_SEGMENT or not name.isprintable() or _UNSAFE.fullmatch(name):
        raise InputError(
            "a segment of the path is empty, too long, or leads elsewhere",
            hint="`endpoints` lists the documented paths; each placeholder takes one id",
        )
    return quote(name, safe="")


async def send(
    raw: Raw, *, secret: str, writes: bool, patience: float, given: Mapping[str, Any]
) -> Response:
    """Send it, in front of everything else, and return the answer whatever its status.

    Args:
        raw: The request.
        secret: The client's.
        writes: Whether it may be one that writes.
        patience: Seconds that the answer may take.
        given: The settings of the account.

    Raises:
        ConfigError: A setting of the account is missing.
        ElementsProcuraError: No whole answer came; see :meth:`Session.send`.
    """
    async with _client(raw, secret=secret, writes=writes, given=given) as client:
        patient = client.with_options(
            priority=Priority.INTERACTIVE,
            timeout=Timeouts(total=patience, read=patience),
            max_response_bytes=_LONGEST,
        )
        return await patient.request(
            raw.method, raw.path, query=raw.query, body=raw.body, accept=_ACCEPT
        )


def _client(raw: Raw, *, secret: str, writes: bool, given: Mapping[str, Any]) -> Client[Any]:
    settings = settings_of(BY_NAME[raw.api], given, secret=secret)
    return settings.client(Secret(secret), read_only=not writes)


def error_of(raw: Raw, response: Response) -> ElementsProcuraError | None:
    """The error of the status, if it has one."""
    if response.status < _FIRST_ERROR:
        return None
    client = spec_of(raw.api).client
    error = client.error_of(response)
    if isinstance(error, NotFound) and not error.hint:
        is_documented = error.template in client.templates.known
        error.hint = _NO_SUCH_ID if is_documented else _NO_SUCH_PATH
    if isinstance(error, ServerError) and not response.request.repeatable:
        sent = SendRecord(response.attempts, time.time())
        return outcome_unknown(response.request, f"the server answered {response.status}", sent)
    return error


def made(response: Response) -> str | None:
    """The id of the added record, out of the answer's ``Location``."""
    found = _MADE.search(response.headers.get("location", "").partition("?")[0])
    return found and found[1]


def indented(text: str) -> str:
    """JSON with line breaks, everything in it spelled as it came: no number is read."""
    return "".join(_indented(_JSON.findall(text)))


def _indented(pieces: list[str]) -> Iterator[str]:
    depth, previous = 0, ""
    for piece in pieces:
        closes = piece in "}]"
        depth -= closes
        if previous not in "{[" if closes else previous in ("{", "[", ","):
            yield "\n" + "  " * depth
        yield ": " if piece == ":" else piece
        depth += piece in "{["
        previous = piece
