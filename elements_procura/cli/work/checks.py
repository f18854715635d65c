"""The checks of doctor. Each returns its finding; none raises."""

import asyncio
import socket
import ssl
import time
import urllib.request
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit

import attrs

from elements_procura.auth.tokens import TokenStore
from elements_procura.cli._exit import EXIT_DOWN, EXIT_FAILED, EXIT_USAGE
from elements_procura.cli.given.stores import LEDGER_NAME, STORE_NAMES
from elements_procura.cli.work.login import store_text
from elements_procura.core.client import Client
from elements_procura.disk.errors import is_there
from elements_procura.errors import ElementsProcuraError
from elements_procura.fleet._files import EACH, OWN, files_allowed, files_needed
from elements_procura.fleet.exits import exit_code
from elements_procura.harvest import StoreReader
from elements_procura.paths import is_loopback
from elements_procura.scheduler import SqliteLedger
from elements_procura.secret import Secret
from elements_procura.spec.settings import ApiSettings, LoginAccount

_PATIENCE = 10.0
_MOST_CONCERNS = 20
_MOST_SKEW = 30.0
_DAY = 86_400
_SOON = 14 * _DAY
_PORTS = {"http": 80, "https": 443}


@attrs.frozen
class Finding:
    """The result of one check.

    Attributes:
        check: Its name.
        state: ``skip`` when it does not apply, or something before it failed.
        text: The result in words.
        hint: The next step.
        exit_code: The exit code of a command with this fault.
    """

    check: str
    state: Literal["ok", "warn", "fail", "skip"]
    text: str
    hint: str = ""
    exit_code: int = 0


async def examine_account(
    account: LoginAccount, *, out: Path | None, per_day: int
) -> list[Finding]:
    """All checks of an account that people log in to, in the order in which things go wrong.

    Args:
        account: The account.
        out: The directory of its harvest; None for no harvest.
        per_day: Requests that it may make a day.
    """
    store = account.store()
    settings = account.settings
    found = [await _store(account, store)]
    found += await _reached(settings.base_url)
    if any(each.state == "fail" for each in found):
        found += _not_tried("token", "scopes", "clock")
    else:
        async with account.client(store=store) as client:
            scopes = " ".join(settings.scopes)
            found += await _server(client, settings.probe, where=settings.token_in, scopes=scopes)
    found.append(await asyncio.to_thread(_quota, out, per_day))
    return [*found, *await asyncio.to_thread(_stored, out)]


def count_files(tenants: int) -> Finding:
    """Check the limit of open files against a number of tenants in one process.

    Args:
        tenants: How many.
    """
    allowed, needed = files_allowed(), files_needed(tenants)
    if allowed is None:
        return Finding("files", "skip", "this system has no such limit")
    soft, hard = allowed
    text = f"{soft:,} may be open: {max((soft - OWN) // EACH, 0):,} tenants in one process"
    if soft >= needed:
        return Finding("files", "ok", text)
    text += f"; {tenants:,} need {needed:,}"
    if hard >= needed:  # `harvest tenants` allows itself so many
        return Finding("files", "warn", text, f"ulimit -n {needed}")
    hint = f"Raise the hard limit ({hard:,}; LimitNOFILE= of systemd), or --dask local:N"
    return Finding("files", "fail", text, hint, EXIT_USAGE)


async def examine(settings: ApiSettings, secret: Secret, *, out: Path | None) -> list[Finding]:
    """The checks of an account whose token every client asks for anew.

    Args:
        settings: Of the account.
        secret: The client's.
        out: The directory of its harvest; None for no harvest.
    """
    found = await _reached(settings.base_url)
    if any(each.state == "fail" for each in found):
        found += _not_tried("token", "clock")
    else:
        async with settings.client(secret) as client:
            found += await _server(client, settings.probe, where="header", scopes="")
    return [*found, *await asyncio.to_thread(_stored, out)]


async def _reached(base_url: str) -> list[Finding]:
    """Check the way to the server: its name, its certificate."""
    parts = urlsplit(base_url)
    through = _proxy(parts)
    name = await _name(parts, through)
    return [name, await _tls(parts, through, name)]


def _not_tried(*checks: str) -> list[Finding]:
    return [Finding(check, "skip", "not tried") for check in checks]


def _stored(out: Path | None) -> list[Finding]:
    """The concerns of the harvests in a directory; empty without a harvest."""
    found: list[Finding] = []
    for name in STORE_NAMES.values() if out is not None else ():
        path = out / name if out is not None else Path(name)
        if not is_there(path):
            continue
        try:
            with StoreReader.read(path, brief=True) as reader:
                concerns = reader.progress().unacknowledged
        except ElementsProcuraError as error:
            found.append(_failed("harvest", error))
            continue
        for each in concerns[:_MOST_CONCERNS]:
            text = f"{name}: {each.count:,} of {each.shown} {each.state}"
            hint = f"`status` tells more; to acknowledge it: harvest … --accept {each.shown}"
            found.append(Finding("harvest", "warn", text, hint))
        if not concerns:
            found.append(Finding("harvest", "ok", f"{name}: nothing is doubted or forbidden"))
    return found


async def _store(account: LoginAccount, store: TokenStore) -> Finding:
    where = store_text(store, account)
    try:
        async with store.exclusive(account.entry):
            token = await store.load(account.entry)
    except ElementsProcuraError as error:
        return _failed("store", error)
    if token is None:
        return Finding("store", "ok", f"{where}: no token is saved")
    left = token.expires_at - time.time()
    good = f"good for {left:,.0f} s" if left > 0 else "over"
    renewal = "with" if token.refresh else "without"
    return Finding("store", "ok", f"{where}: a token, {good}, {renewal} a refresh token")


def _proxy(parts: SplitResult) -> str | None:
    host = parts.hostname or ""
    if is_loopback(host) or urllib.request.proxy_bypass(host):
        return None
    return urllib.request.getproxies().get(parts.scheme)


async def _name(parts: SplitResult, through: str | None) -> Finding:
    if through:
        return Finding("dns", "skip", "a proxy of the environment resolves it")
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(_PATIENCE):
            found = await loop.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # TimeoutError is an OSError
        hint = "Check the host, and this machine's name server"
        return Finding("dns", "fail", f"{parts.hostname} does not resolve", hint, EXIT_USAGE)
    addresses = sorted({str(each[4][0]) for each in found})
    return Finding("dns", "ok", f"{parts.hostname} is {', '.join(addresses)}")


async def _tls(parts: SplitResult, through: str | None, name: Finding) -> Finding:
    if parts.scheme != "https":
        return Finding("tls", "skip", "plain http, to this machine")
    if through or name.state == "fail":
        return Finding("tls", "skip", "not tried")
    try:
        async with asyncio.timeout(_PATIENCE):
            _, writer = await asyncio.open_connection(
                parts.hostname, _port(parts), ssl=ssl.create_default_context()
            )
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason or "no TLS is spoken"
        hint = "Is something in between, or a private authority missing here?"
        return Finding("tls", "fail", f"not trusted: {reason}", hint, EXIT_DOWN)
    except OSError as error:
        text = f"no connection: {error.strerror or 'no answer in time'}"
        return Finding("tls", "fail", text, "Is a firewall or proxy in between?", EXIT_DOWN)
    session = writer.get_extra_info("ssl_object")
    writer.close()
    ends = ssl.cert_time_to_seconds(session.getpeercert()["notAfter"]) - time.time()
    text = f"{session.version()}, the certificate is good for {ends / _DAY:.0f} days"
    return Finding("tls", "ok" if ends > _SOON else "warn", text)


async def _server(client: Client[Any], probe: str, *, where: str, scopes: str) -> list[Finding]:
    """Check token, scopes and clock, with one request.

    Args:
        client: One that nothing was asked of yet.
        probe: The path that is read.
        where: Where the token travels.
        scopes: The rights that were asked for; empty where there are none.
    """
    try:
        await client.authenticate()
        asked = time.time()
        response = await client.request("GET", probe)
        answered = time.time()
    except ElementsProcuraError as error:
        return [_failed("token", error), *_not_tried(*(("scopes",) if scopes else ()), "clock")]
    found = [Finding("token", "ok", f"taken, {where} · status {response.status}")]
    if not scopes:
        if response.status != HTTPStatus.OK:
            hint = "Is the address right, with its context?"
            text = f"{probe} answers {response.status}"
            found.append(Finding("server", "fail", text, hint, EXIT_FAILED))
    elif response.status == HTTPStatus.FORBIDDEN:
        hint = "Ask the vendor for the scope; then log in again"
        found.append(Finding("scopes", "fail", f"{scopes}: refused", hint, EXIT_FAILED))
    elif response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        found.append(Finding("scopes", "warn", f"{scopes}: the server fails just now"))
    else:
        found.append(Finding("scopes", "ok", scopes))
    return [*found, _clock(response.headers, asked, answered)]


def _clock(headers: Mapping[str, str], asked: float, answered: float) -> Finding:
    try:
        date = parsedate_to_datetime(headers["date"]).timestamp()
    except (LookupError, ValueError, TypeError):
        return Finding("clock", "skip", "the server sends no time")
    # The header has whole seconds, and it was written somewhere between question and answer.
    ahead = max(asked - (date + 1), 0.0) - max(date - answered, 0.0)
    text = f"{abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} the server's"
    if abs(ahead) < 1:
        return Finding("clock", "ok", "as the server's, to the second")
    if abs(ahead) <= _MOST_SKEW:
        return Finding("clock", "ok", text)
    hint = "Set this machine's clock (NTP): a token's end is told by it"
    return Finding("clock", "warn", text, hint)


def _quota(out: Path | None, per_day: int) -> Finding:
    path = None if out is None else out / LEDGER_NAME
    if path is None or not is_there(path):
        text = "the server does not tell; a harvest's own count is read with --out DIR"
        return Finding("quota", "skip", text)
    try:
        count = SqliteLedger.used(path, now=time.time()).get(_DAY)
    except ElementsProcuraError as error:
        return _failed("quota", error)
    spent = 0 if count is None else count.total
    text = f"{max(0, per_day - spent):,} of {per_day:,} left, as counted in {path}"
    return Finding("quota", "ok" if spent < per_day else "warn", text)


def _failed(check: str, error: ElementsProcuraError) -> Finding:
    return Finding(check, "fail", str(error.args[0]), error.hint, exit_code(error))


def _port(parts: SplitResult) -> int:
    return parts.port or _PORTS[parts.scheme]
