"""Connections to a Redis or Valkey server, by the extra ``redis``. Nothing of redis-py gets out."""

import importlib
from typing import Any

from elements_procura.errors import ConfigError
from elements_procura.secret import Secret

EXTRA = "pip install 'elements-procura[redis]'"
# Answers of a server that will serve again: it loads its file, or another one takes its place.
_PASSING = ("LOADING", "READONLY", "MASTERDOWN", "TRYAGAIN", "CLUSTERDOWN", "NOREPLICAS", "BUSY")
PASSWORD = "REDISCLI_AUTH"  # noqa: S105 - a variable's name
"""The variable with a server's password; the tools of the server read it as well."""
_CERTIFICATE = "CERTIFICATE_VERIFY_FAILED"
_CERTIFICATES = {
    "expired": "Renew it on the server, or is this machine's clock wrong?",
    "mismatch": "The URL has to name the server as its certificate does",
    "not valid for": "The URL has to name the server as its certificate does",
}
"""The next step, by what its certificate lacks."""
_STEPS = {
    "AuthenticationError": "Are user and password right? Commands take the password from"
    f" {PASSWORD}",
    "NoPermissionError": "The user needs GET, SET, the commands of hashes, TIME, INFO, EVALSHA and"
    " SCRIPT LOAD on elements-procura:*",
    "OutOfMemoryError": "Give it more memory (maxmemory), and keep maxmemory-policy noeviction",
    "MovedError": "It is one of a cluster: name a server that keeps all keys, with a replica",
    "AskError": "It is one of a cluster: name a server that keeps all keys, with a replica",
}
"""The next step, by redis-py's kind of error."""
_LONGEST = 200
_FILES = {"ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile"}
_UNREADABLE = object()
_SCHEMES = ("redis", "rediss", "unix")


def is_address(url: str) -> bool:
    """Whether settings may hold it: the URL of a server, without a password.

    Args:
        url: As it was given.
    """
    scheme, _, rest = url.partition("://")
    is_open = ":" in rest.rpartition("@")[0] or "password=" in rest
    return scheme in _SCHEMES and bool(rest) and not is_open


def connect(
    url: Secret,
    *,
    seconds: float,
    user: str,
    password: Secret | None = None,
    reads_files: bool = False,
) -> Any:
    """Make redis-py's client of a URL. It connects when it is first used, and repeats nothing.

    Args:
        url: ``redis://``, ``rediss://`` (TLS) or ``unix://``; it may hold a password.
        seconds: How long a connection or a call may take.
        user: The class that needs it, for messages.
        password: Instead of the URL's.
        reads_files: Whether to look at once for the certificates that the URL names: a connection
            would miss them as if nobody answered.

    Raises:
        ConfigError: The extra is not installed, the URL is none, or certificates that it names
            cannot be read.
    """
    try:
        redis = importlib.import_module("redis.asyncio")
        backoff = importlib.import_module("redis.backoff")
        retry = importlib.import_module("redis.asyncio.retry")
    except ImportError:
        raise ConfigError(f"A {user} needs an extra", hint=EXTRA) from None
    # Trying again is the caller's business: a call that timed out may still be carried out.
    once = retry.Retry(backoff.NoBackoff(), 0)
    client = _made(redis, url, password, seconds=seconds, retry=once, reads_files=reads_files)
    if client is _UNREADABLE:
        raise ConfigError(
            f"A certificate that the address given to {user} names cannot be read",
            hint="ssl_ca_certs, ssl_certfile and ssl_keyfile name files in PEM form, on this host",
        )
    if client is None:
        raise ConfigError(
            f"The address given to {user} is not a URL of a Redis or Valkey server",
            hint="Such as redis://localhost:6379/0",
        )
    return client


def _made(
    redis: Any,
    url: Secret,
    password: Secret | None,
    *,
    seconds: float,
    retry: Any,
    reads_files: bool,
) -> Any:
    """The client, None or :data:`_UNREADABLE`: the frames of redis-py know the password."""
    try:
        client = redis.Redis.from_url(
            url.reveal(),
            protocol=2,
            socket_timeout=seconds,
            socket_connect_timeout=seconds,
            retry=retry,
            **({} if password is None else {"password": password.reveal()}),
        )
        pool = client.connection_pool
        made = pool.connection_class(**pool.connection_kwargs)  # it knows the words of a query
        if reads_files and _FILES & pool.connection_kwargs.keys():
            made.ssl_context.get()
    except OSError:  # ssl.SSLError as well
        return _UNREADABLE
    except (ValueError, TypeError):
        return None
    return client


def refusal_of(error: Exception) -> str | None:
    """The server's refusal in words; None for a fault that passes by itself.

    Args:
        error: Of redis-py.
    """
    kinds = {kind.__name__ for kind in type(error).__mro__}
    is_refused = _CERTIFICATE in str(error) or kinds & {
        "AuthenticationError",
        "AuthorizationError",
        "NoPermissionError",
    }
    is_away = kinds & {"TimeoutError", "ConnectionError", "ReadOnlyError", "ClusterDownError"}
    if not is_refused and (is_away or str(error).startswith(_PASSING)):
        return None
    return fault_of(error)


def step_after(error: Exception, otherwise: str) -> str:
    """The next step after a refusal.

    Args:
        error: Of redis-py.
        otherwise: The step where neither certificate, rights, memory nor a cluster is the reason.
    """
    if _CERTIFICATE in (text := str(error)):
        steps = [step for lack, step in _CERTIFICATES.items() if lack in text]
        return steps[0] if steps else "ssl_ca_certs=FILE in the URL names who may have signed it"
    kinds = [kind.__name__ for kind in type(error).__mro__]
    return next((_STEPS[kind] for kind in kinds if kind in _STEPS), otherwise)


def fault_of(error: Exception) -> str:
    """What went wrong in a line, without a stop at its end."""
    lines = str(error).splitlines()
    if not lines:
        return type(error).__name__
    # redis-py leaves away the first word, which is all that these two say.
    code = {"MovedError": "MOVED ", "AskError": "ASK "}.get(type(error).__name__, "")
    return f"{code}{lines[0]}"[:_LONGEST].rstrip(". ")
