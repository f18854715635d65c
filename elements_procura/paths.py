"""Paths of requests, each with the template that replaces it wherever it is shown.

A path may hold a citizen number (Procura has them), so only the template is ever printed.
"""

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Self
from urllib.parse import SplitResult, parse_qsl, urlsplit

import attrs

from elements_procura._tree import ANYTHING, Node, fitting, only
from elements_procura.errors import ConfigError, Ids, InputError
from elements_procura.secret import veiled

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_SEGMENTS = re.compile(r"(?:/(?!\.\.?(?:/|\Z))[0-9A-Za-z_.~+-]+)+/?")
_NEVER = re.compile(r"[\x00-\x20\\]")  # urlsplit drops some of these, browsers turn others round
_HOST = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._-]*[0-9A-Za-z])?|\[[0-9A-Fa-f:.]+\]")
_TOKENS = ("access_token", "client_secret", "refresh_token")
_PORTS = {"http": 80, "https": 443}
_LONGEST = 64
_new = object.__new__


class Template(str):
    """A path's template with the ids in its places, which it never shows.

    Errors receive only the template of a request, so they take their ids from here.
    """

    __slots__ = ("_value",)

    _value: str

    @classmethod
    def of(cls, template: str, value: str) -> "Template":
        """``template`` as that of a path with this value."""
        made = cls(template)
        made._value = value
        return made

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str(self),)  # what is written somewhere is a text

    @property
    def ids(self) -> Ids:
        """Each id by its placeholder; one that stands in several places is numbered."""
        found = Ids()
        for name, value in zip(self.split("/"), self._value.split("/"), strict=False):
            if name.startswith("{") and name.endswith("}"):
                key, number = name[1:-1], 2
                while key in found:
                    key, number = f"{name[1:-1]}_{number}", number + 1
                found[key] = value
        return found


class HiddenQuery(tuple[tuple[str, str], ...]):
    """A query, which may hold names and citizen numbers: rule 1 of :mod:`elements_procura.secret`.

    Wrap a query from outside before anything can raise. Its texts are veiled one by one, too: some
    tools walk through a tuple rather than ask for its repr.
    """

    __slots__ = ()

    def __new__(cls, pairs: Iterable[tuple[str, str]] = ()) -> Self:
        """Veil the texts of ``pairs``."""
        return super().__new__(cls, ((veiled(name), veiled(value)) for name, value in pairs))

    def __repr__(self) -> str:
        return f"<query of {len(self)}>"


NO_QUERY = HiddenQuery()


def segment(identifier: int | str, placeholder: str) -> str:
    """One path segment out of an identifier.

    Raises:
        InputError: It is not made of 1 to 64 letters, digits, ``_`` and ``-``. Anything else
            (a dot, a slash, a percent sign, nothing at all) could lead to another resource.
    """
    if type(identifier) is int and len(text := str(identifier)) <= _LONGEST:
        return text  # as nearly all are
    # None out of a row without an id would else become the segment "None".
    known = not isinstance(identifier, bool | None)
    text = str(identifier) if known else ""
    if not _ID.fullmatch(text):
        raise InputError(
            f"{placeholder} is not a valid identifier",
            hint="Pass the id as an int, or as text of letters, digits, '_' and '-'",
        )
    return text


@attrs.define(repr=False, eq=False, weakref_slot=False)
class _Parts:
    """A path in the making: a frozen one takes three times as long."""

    value: str
    shown: str
    segment: Callable[[Any, str], str]


@attrs.frozen(repr=False, weakref_slot=False)
class Path(_Parts):
    """A path below the origin and its template, built one segment at a time.

    Attributes:
        value: The path that is sent, as ``/api/data/klantdossiers/5526``.
        shown: The template, as ``/api/data/klantdossiers/{DOSSIER_ID}``.
        segment: Makes a segment of an id and its placeholder, or raises InputError.
    """

    value: str
    shown: str = attrs.field(alias="template", converter=str)
    segment: Callable[[Any, str], str] = attrs.field(default=segment, eq=False)

    @property
    def template(self) -> Template:
        """The template, which knows the ids for an error: made when one is asked for."""
        return Template.of(self.shown, self.value)

    @classmethod
    def literal(cls, text: str, *, segment: Callable[[Any, str], str] | None = None) -> "Path":
        """A path without ids, which is its own template.

        Args:
            text: The path.
            segment: Makes a segment of an id below it; by default ids are plain.
        """
        return cls(text, text) if segment is None else cls(text, text, segment)

    def at(self, *names: str, **identifier: int | str) -> "Path":
        """This path with literal ``names`` appended and then, at most, one identifier.

        The keyword is the placeholder of the template: ``path.at("adressen", ADRES_ID=7790)``.

        Raises:
            InputError: The identifier is not one of this API: see ``segment``.
        """
        value = ""
        for name in names:
            value = f"{value}/{name}"
        shown = value
        for name, given in identifier.items():
            if given.__class__ is not int:
                # References are anybody's text. Until the id is a segment, which may raise, this
                # frame holds it veiled.
                given = veiled(given)  # noqa: PLW2901 - and nowhere else
                identifier = {name: given}
            value, shown = f"{value}/{self.segment(given, name)}", f"{shown}/{{{name}}}"
        return _path(self.value + value, self.shown + shown, self.segment)

    def __repr__(self) -> str:
        return f"Path({self.shown})"


def _path(value: str, shown: str, segment: Callable[[Any, str], str] = segment) -> Path:
    """What ``Path`` makes, in a third of the time: every call makes two."""
    made = _new(_Parts)
    made.value, made.shown, made.segment = value, shown, segment
    made.__class__ = Path  # which has the same slots
    return made  # type: ignore[return-value] # it is one now


class Templates:
    """The printable form of paths: documented segments as they are, placeholders for the rest.

    Ids of Procura are anybody's text, so a segment is masked unless it is known, whether there is
    a digit in it or not.

    Args:
        templates: The documented paths, with placeholders.
        words: More segments that may be shown.
    """

    def __init__(self, templates: Iterable[str] = (), *, words: Iterable[str] = ()) -> None:
        self._known: set[str] = set()
        self._words = {"", *words}
        self._root = Node()
        for template in templates:
            self.add(template)

    @property
    def known(self) -> frozenset[str]:
        """The documented paths."""
        return frozenset(self._known)

    def add(self, template: str) -> None:
        """Add a documented path."""
        self._known.add(template)
        node = self._root
        for part in template.split("/"):
            self._words.add(part)
            node = node.after.setdefault(ANYTHING if part.startswith("{") else part, Node())
        # Where two differ in the names of placeholders only, the order of adding plays no part.
        node.template = min(node.template or template, template)

    def of(self, path: str) -> str:
        """The template of ``path``: the documented one, or the longest that it begins with."""
        parts = path.split("/")
        if template := only(self._root, parts):
            return template
        length, _, template = fitting(self._root, parts, 0, 0)
        if length == len(parts):
            return template
        return "/".join((*([template] if length else []), *map(self._masked, parts[length:])))

    def path(self, value: str) -> Path:
        """A path, with what may be shown of it."""
        return _path(value, self.of(value))

    def _masked(self, part: str) -> str:
        return part if part in self._words else ANONYMOUS

    def __repr__(self) -> str:
        return f"<Templates, {len(self._known)}>"


ANONYMOUS = "{ID}"
"""The placeholder for a segment that is not documented."""
_NOTHING = Templates()


def from_href(href: str, origin: str, templates: Templates = _NOTHING) -> Path:
    """The path of a link, provided that it leads to ``origin`` itself.

    Args:
        href: An absolute path, or an address below ``origin``; see :func:`query_of` for its query.
        origin: ``https://host[:port]``.
        templates: What may be shown of it; by default nothing.

    Raises:
        InputError: The link leads elsewhere, climbs, or holds what no documented path holds.
    """
    try:
        parts = urlsplit(href)
        here = not (parts.scheme or href.startswith("//")) or (
            "@" not in parts.netloc and _origin(parts) == _origin(urlsplit(origin))
        )
    except ValueError:
        parts, here = urlsplit(""), False
    if not here or _NEVER.search(href) or not _SEGMENTS.fullmatch(parts.path):
        raise InputError(
            "a link that does not lead to a path of this server is not followed",
            hint="Only links of the same scheme, host and port are",
        )
    return templates.path(parts.path)


def sendable(path: Path) -> tuple[Path, HiddenQuery] | InputError:
    """A path that was made elsewhere, if it leads where it says; with a query it has none."""
    if _SEGMENTS.fullmatch(path.value) and not _NEVER.search(path.shown):
        return path, NO_QUERY  # as nearly all are
    is_safe = path.value[:1] == "/" and not _NEVER.search(path.value + path.shown)
    climbs = {".", "..", "%2e", "%2e%2e"} & set(path.value.lower().split("/"))
    if climbs or not (is_safe and path.value.isascii()):
        return InputError("that is not a path of this server", hint="Build it with Path.at()")
    return path, NO_QUERY


def query_of(href: str) -> HiddenQuery | InputError:
    """The query of a link, without a token: the session adds its own.

    An error is returned, by rule 2 of :mod:`elements_procura.secret`.
    """
    try:
        text = urlsplit(href).query
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict")
    except ValueError:
        return InputError(
            "a link with a query that cannot be read is not followed",
            hint="A query is made of NAME=VALUE, joined by &, in UTF-8",
        )
    return HiddenQuery(pair for pair in pairs if pair[0].lower() not in _TOKENS)


def query_given(given: object) -> HiddenQuery | InputError:
    """Wrap a caller's query: a mapping or pairs, whose values are texts or whole numbers.

    An error is returned, by rule 2 of :mod:`elements_procura.secret`.
    """
    if type(given) is tuple and not given:
        return NO_QUERY
    pairs = given.items() if isinstance(given, Mapping) else given
    if isinstance(pairs, Iterable) and not isinstance(pairs, str | bytes):
        found = [_pair(each) for each in pairs]
        query = HiddenQuery(each for each in found if each is not None)
        if len(query) == len(found):
            return query
    return InputError(
        "a query that is not made of pairs cannot be sent",
        hint='Pass {"NAME": "VALUE"} or [("NAME", "VALUE")], with texts or whole numbers',
    )


def _pair(given: object) -> tuple[str, str] | None:
    if not isinstance(given, Sequence) or isinstance(given, str | bytes) or len(given) != 2:  # noqa: PLR2004 - a name and its value
        return None
    name, value = given
    is_number = isinstance(value, int) and not isinstance(value, bool)
    is_pair = isinstance(name, str) and (is_number or isinstance(value, str))
    return (name, str(value)) if is_pair else None


def parse_link(
    href: str, origin: str, templates: Templates
) -> tuple[Path, HiddenQuery] | InputError:
    """The path and the query of a link; returned, not raised, is why it cannot be followed."""
    if _SEGMENTS.fullmatch(href):  # a path and nothing else, as most are
        return templates.path(href), NO_QUERY
    query = query_of(href)
    if isinstance(query, InputError):
        return query
    try:
        return from_href(href, origin, templates), query
    except InputError as error:
        return error.with_traceback(None)


def base_url(address: str, *, domain: str | None = None, root: str = "") -> str:
    """The origin (and context path) that requests go to, without a slash at its end.

    Args:
        address: ``https://host[:port][/context]``, or with ``domain`` a bare host label.
        domain: The vendor's domain, which a bare label is put in front of.
        root: The beginning of all paths of the API, such as ``/api/data``: requests add it.

    Raises:
        ConfigError: It is not such an address, holds a user name, a query or a fragment, has the
            API's root in its path, or is plain http to another machine.
    """
    if not isinstance(address, str):
        raise ConfigError(
            "the server's address is not a text",
            hint="Give https://HOST; is a variable of the environment missing?",
        )
    if domain and re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", address):
        return f"https://{address}.{domain}"
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    shown = f"[{host}]" if ":" in host else host
    if (
        parts.scheme not in _PORTS
        or not _HOST.fullmatch(shown)
        or not (parts.path in ("", "/") or _SEGMENTS.fullmatch(parts.path))
        or _NEVER.search(address)
    ):
        raise ConfigError(
            "the server's address is not valid",
            hint="Give https://HOST"
            + (f", or the HOST of https://HOST.{domain}" if domain else ""),
        )
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        raise ConfigError(
            "the server's address holds a user name, a query or a fragment",
            hint="Give https://HOST only; credentials have their own settings",
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigError(
            "plain http would send tokens in the clear",
            hint="Use https; http is for a sandbox on this machine (127.0.0.1, localhost)",
        )
    if root and f"{root}/" in f"{parts.path}/":
        raise ConfigError(
            f"the server's address holds {root}, which every request adds",
            hint=f"Leave off {root} and what follows it",
        )
    where = shown if port is None else f"{shown}:{port}"
    return f"{parts.scheme}://{where}{parts.path.rstrip('/')}"


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine, by its very spelling: no name but localhost is asked."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
