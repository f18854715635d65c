"""Addresses of stores: a path, or a URL that names the kind of storage.

A file is ``sqlite:///relative.sqlite`` or ``sqlite:////home/me/absolute.sqlite``, with percent
escapes for what a URL cannot hold; a plain path means the same file. The URL that a store gives as
its own is absolute, follows links, and never holds a password: so two stores are the same one if,
and only if, their URLs are equal.
"""

from pathlib import Path as FilePath
from urllib.parse import quote, unquote, urlsplit

from elements_procura.disk.sqlite import real
from elements_procura.errors import ConfigError

Where = FilePath | str
"""A path or a URL."""

FILE = "sqlite"
"""The scheme of a store that is one file."""
_HINT = "Write a path, or sqlite:///path; a path from the root then has four slashes"


def scheme_of(where: Where) -> str:
    """Return the scheme of a URL; of a path, the one of files."""
    scheme, is_url, _ = where.partition("://") if isinstance(where, str) else ("", "", "")
    return scheme.lower() if is_url else FILE


def path_of(where: Where) -> FilePath:
    """Return the file that a path or a ``sqlite:`` URL names.

    Raises:
        ConfigError: It names something else. The message holds nothing of it but the scheme: an
            address may hold a password.
    """
    scheme = scheme_of(where)
    if scheme != FILE:
        raise ConfigError(f"a store at {scheme}: has no file", hint=_HINT)
    if isinstance(where, FilePath) or "://" not in where:
        return FilePath(where)
    parts = urlsplit(where)
    path = unquote(parts.path[1:])
    if parts.netloc or parts.query or parts.fragment or not path:
        raise ConfigError("a store's URL must name a file and nothing else", hint=_HINT)
    return FilePath(path)


def identity_of(where: Where) -> str:
    """Return the identity of a store's address: the URL of a file, any other as given.

    Raises:
        ConfigError: It is the URL of a file and names something else.
    """
    return url_of(path_of(where)) if scheme_of(where) == FILE else str(where)


def url_of(path: FilePath) -> str:
    """Return the URL of a file: the same, whatever links lead there."""
    return f"{FILE}:///{quote(real(path).as_posix(), safe='/:')}"
