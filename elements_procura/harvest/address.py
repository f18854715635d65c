"""Addresses of stores: a path, or a URL that names the kind of storage.

A store in a server is ``postgresql://user@host:5432/database?store=NAME``; what else libpq knows
may follow (``sslmode=verify-full``, ``host=/run/postgresql``), and ``lease``, the seconds after
which a suspended process may be taken over. The password comes from ``PGPASSWORD`` or a password
file, never from the URL.

A file is ``sqlite:///relative.sqlite`` or ``sqlite:////home/me/absolute.sqlite``, with percent
escapes for what a URL cannot hold; a plain path means the same file. The URL that a store gives as
its own is absolute, follows links, and never holds a password: so two stores are the same one if,
and only if, their URLs are equal.
"""

import os
import re
from pathlib import Path as FilePath
from typing import Any, Self
from urllib.parse import parse_qsl, quote, unquote, unquote_to_bytes, urlencode, urlsplit

import attrs

from elements_procura.disk.sqlite import real
from elements_procura.errors import ConfigError

Where = FilePath | str
"""A path or a URL."""

FILE = "sqlite"
"""The scheme of a store that is one file."""
SERVER = ("postgresql", "postgres")
"""The schemes of a store in a PostgreSQL server, of which the first is the usual one."""
_SERVER_HINT = "Write postgresql://user@host/database?store=NAME"
# What opens something, in words of libpq, and what takes the place of the options set here.
_CLOSED = {
    "oauth_client_secret",
    "options",
    "passfile",
    "password",
    "scram_client_key",
    "scram_server_key",
    "sslpassword",
}
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,49}")
_LEASE, _PORT = 30.0, 5432
_HINT = "Write a path, or sqlite:///path; a path from the root then has four slashes"


def scheme_of(where: Where) -> str:
    """Return the scheme of a URL; of a path, the one of files."""
    scheme, is_url, _ = where.partition("://") if isinstance(where, str) else ("", "", "")
    return scheme.lower() if is_url else FILE


def path_of(where: Where) -> FilePath:
    """Return the file that a path or a ``sqlite:`` URL names.

    Raises:
        ConfigError: It names something else, or no file can have that name. The message holds
            nothing of it but the scheme: an address may hold a password.
    """
    scheme = scheme_of(where)
    if scheme != FILE:
        raise ConfigError(f"a store at {scheme}: has no file", hint=_HINT)
    path = str(where)
    if isinstance(where, str) and "://" in where:
        _, there, path = where.partition(":///")
        if not there or {"?", "#"} & {*path}:
            path = ""
        path = os.fsdecode(unquote_to_bytes(path))  # the name of a file need not be UTF-8
    if "\0" in path or not FilePath(path).name:
        raise ConfigError("a store's address must name a file and nothing else", hint=_HINT)
    return FilePath(path)


def identity_of(where: Where) -> str:
    """Return the identity of a store's address: its URL; another kind's address is as given.

    Raises:
        ConfigError: It is the URL of a file or of a server, and names something else.
    """
    scheme = scheme_of(where)
    if scheme in SERVER:
        return ServerAddress.of(where).url
    return url_of(path_of(where)) if scheme == FILE else str(where)


def url_of(path: FilePath) -> str:
    """Return the URL of a file: the same, whatever links lead there."""
    return f"{FILE}:///{quote(os.fsencode(real(path).as_posix()), safe='/:')}"


@attrs.frozen
class ServerAddress:
    """The address of a store in a server.

    Attributes:
        store: Its name in the database.
        libpq: How to connect, in libpq's words.
        lease: Seconds after which a process that has stopped may be taken over.
    """

    store: str
    libpq: dict[str, Any] = attrs.field(repr=False)
    lease: float = _LEASE

    @classmethod
    def of(cls, where: Where) -> Self:
        """Read a URL.

        Raises:
            ConfigError: It names no store, or holds a password. The message holds nothing of it.
        """
        try:
            problem, address = cls._read(str(where))
        except ValueError:  # of urlsplit: an open bracket
            problem, address = "has a host that is not an address", None
        if address is None:
            raise ConfigError(f"a store's URL {problem}", hint=_SERVER_HINT)
        return address

    @classmethod
    def _read(cls, url: str) -> tuple[str, Self | None]:
        parts = urlsplit(url)
        more = dict(parse_qsl(parts.query, keep_blank_values=True))
        store, lease = more.pop("store", ""), more.pop("lease", str(_LEASE))
        if parts.password is not None or _CLOSED & {*more}:
            return "holds a password or options: use PGPASSWORD or ~/.pgpass", None
        if not _NAME.fullmatch(store):
            return "names no store: up to 50 letters, digits, _ . and -", None
        if not re.fullmatch(r"\d{1,4}(\.\d{1,3})?", lease) or float(lease) < 1:
            return "has a lease that is not 1 to 9999 seconds", None
        try:
            port = parts.port
        except ValueError:
            return "has a port that is not a number", None
        given = {
            "user": unquote(parts.username or ""),
            "host": unquote(parts.hostname or ""),
            "port": "" if port is None else str(port),
            "dbname": unquote(parts.path[1:]),
        }
        libpq = {**{name: value for name, value in given.items() if value}, **more}
        if "dbname" not in libpq:
            return "names no database", None
        return "", cls(store, libpq, float(lease))

    @property
    def schema(self) -> str:
        """The schema that holds its tables."""
        return f"harvest_{self.store}"

    @property
    def url(self) -> str:
        """The URL that is its identity: where it is and as whom, and nothing of how to connect."""
        host, port = self.libpq.get("host", ""), self.libpq.get("port", str(_PORT))
        user = quote(self.libpq["user"], safe="") + "@" if "user" in self.libpq else ""
        is_folder = host.startswith("/")
        place = "" if is_folder else quote(host.lower(), safe="[]:")
        query = {"host": host} if is_folder else {}
        query |= {"port": port} if is_folder and port != str(_PORT) else {}
        end = "" if is_folder or port == str(_PORT) else f":{port}"
        database = quote(self.libpq["dbname"], safe="")
        ending = urlencode({**query, "store": self.store}, safe="/")
        return f"{SERVER[0]}://{user}{place}{end}/{database}?{ending}"
