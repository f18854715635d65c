"""Client credentials for the token endpoint, and scopes."""

import base64
from collections.abc import Iterable, Mapping
from typing import Any

import attrs

from elements_procura.errors import ConfigError
from elements_procura.secret import Secret

__all__ = ["Credentials"]

_QUOTES = "\"'\u2018\u2019\u201c\u201d\u00ab\u00bb`"


def as_secret(text: str | Secret | None) -> Secret:
    return text if isinstance(text, Secret) else Secret(text or "")


def optional_secret(text: str | Secret | None) -> Secret | None:
    return as_secret(text) if text else None


@attrs.frozen(init=False)
class Credentials:
    """Client credentials for the token endpoint, sent by HTTP Basic.

    Attributes:
        client_id: The client's name.
        client_secret: The client's secret; plain text is wrapped.

    Raises:
        ConfigError: One of them is empty or None, cannot be sent, or shows that it was copied with
            something around it: a line feed, a byte order mark, quotes.
    """

    client_id: str
    client_secret: Secret

    def __init__(self, client_id: str, client_secret: str | Secret) -> None:
        client_secret = as_secret(client_secret)  # as in wrapped()
        self.__attrs_init__(client_id, client_secret)
        if not client_id or not client_secret:
            raise ConfigError(
                "the client's id or secret is empty",
                hint="Set both, as the vendor handed them out for your application",
            )
        check_bare("the client's id", as_secret(client_id))
        check_bare("the client's secret", client_secret)
        if ":" in client_id:
            raise ConfigError(
                "the client's id holds a colon, which HTTP Basic cannot carry",
                hint="Give the id and the secret apart from each other",
            )

    def basic(self) -> str:
        """The value of the ``Authorization`` header."""
        pair = f"{self.client_id}:{self.client_secret.reveal()}"
        return "Basic " + base64.b64encode(pair.encode()).decode()


def check_bare(name: str, value: Secret) -> None:
    if reason := _wrapping(value):
        raise ConfigError(
            f"{name} {reason}", hint="Set it again, with nothing around it; nothing was sent"
        )


def _wrapping(value: Secret) -> str:
    """The fault of a setting that was copied with something around it, or an empty string."""
    if not value.is_text:
        return "is not a text"
    first, last = value.reveal()[:1], value.reveal()[-1:]
    if first == "\ufeff":
        return "begins with a byte order mark"
    if first.isspace() or last.isspace():
        return f"{'begins' if first.isspace() else 'ends'} with a space or a line feed"
    if not value.reveal().isprintable():
        return "holds a character that does not print"
    if first in _QUOTES and last in _QUOTES and len(value.reveal()) > 1:
        return "stands in quotes"
    return ""


Given = Credentials | Mapping[str, Any] | tuple[str, str | Secret]
"""Credentials as a client accepts them: a pair, or a mapping of id and secret."""


_NEITHER = ("", Secret(""))


def wrapped(given: Given) -> Credentials | tuple[str, Secret]:
    """``given`` with its secret wrapped. It never raises: :func:`credentials_of` does.

    Call it before anything can raise: rule 1 of :mod:`elements_procura.secret`.
    """
    if isinstance(given, Credentials):
        return given
    pair: Any = given  # whatever it was annotated as
    if isinstance(given, Mapping):
        pair = (given.get("client_id", ""), given.get("client_secret", ""))
    if not isinstance(pair, tuple | list) or len(pair) != 2:  # noqa: PLR2004 - id and secret
        return _NEITHER
    return (pair[0], as_secret(pair[1]))


def credentials_of(given: Credentials | tuple[str, Secret]) -> Credentials:
    """The credentials that :func:`wrapped` has wrapped.

    Raises:
        ConfigError: They are something else.
    """
    if given is _NEITHER:
        raise ConfigError(
            "credentials are neither a pair nor a mapping of client_id and client_secret",
            hint="Pass (client_id, client_secret)",
        )
    return given if isinstance(given, Credentials) else Credentials(*given)


def scopes_of(given: str | Iterable[str] | None) -> tuple[str, ...]:
    """Scopes; one text is one scope.

    Raises:
        ConfigError: One is not a text, or was copied with something around it.
    """
    try:
        scopes = (given,) if isinstance(given, str) else tuple(given or ())
    except TypeError:
        raise ConfigError("scopes are texts", hint="Pass them as a list of texts") from None
    for scope in scopes:
        check_bare("a scope", Secret(scope))
    return scopes
