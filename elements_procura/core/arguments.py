"""Arguments of calls made by hand, checked before anything is made of them."""

import re
from collections.abc import Collection, Iterable

from elements_procura.errors import ConfigError, InputError

_METHOD = re.compile(r"[A-Za-z]{1,20}")


def checked_call(method: object, accept: object) -> InputError | None:
    """Return the error if the method or media type of a request made by hand is invalid.

    Both come from outside, and a line feed in them would end up in logs as two lines.
    """
    if not isinstance(method, str) or not _METHOD.fullmatch(method):
        return InputError("that is not an HTTP method", hint="Pass GET, POST, PATCH or PUT")
    if not isinstance(accept, str) or not (accept.isascii() and accept.isprintable()):
        return InputError("accept holds what a header cannot carry", hint="Pass media types")
    return None


def unknown_option(name: str, *, of_client: Iterable[str], of_calls: Collection[str]) -> TypeError:
    """Return the error for a keyword argument that no client takes.

    Args:
        name: The argument's.
        of_client: Those that clients take.
        of_calls: Those that :meth:`~elements_procura.core.client.Client.with_options` takes.
    """
    if name in of_calls:
        return TypeError(f"{name} is an option of calls: use client.with_options({name}=…)")
    import difflib  # noqa: PLC0415 - for a mistake only: it takes its time to load

    near = difflib.get_close_matches(name, of_client, n=1)
    meant = f"; is {near[0]!r} meant?" if near else f". It takes {', '.join(of_client)}"
    return TypeError(f"a client takes no option {name!r}{meant}")


def whole(name: str, value: object) -> int:
    """Return ``value`` if it is a whole number of 1 or more.

    Args:
        name: The argument's, for the message.
        value: As it was given.

    Raises:
        ConfigError: It is another one, or none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(f"{name} must be a whole number of 1 or more")
    return value


def shielded(body: bytes | memoryview | None) -> memoryview | None:
    """A body whose repr does not show it, as :class:`~elements_procura.paths.HiddenQuery`."""
    return None if body is None else memoryview(body)
