"""Synchronous classes made from the asynchronous ones: one code path, no second list of methods.

The stubs beside this module, ``elements.pyi`` and ``procura.pyi``, have the types.
"""

import functools
import inspect
import threading
import weakref
from collections.abc import Callable
from types import AsyncGeneratorType, CoroutineType, TracebackType
from typing import Any, Self

from elements_procura.auth.credentials import wrapped
from elements_procura.core.api import Resource
from elements_procura.core.client import Client
from elements_procura.errors import ConfigError
from elements_procura.schema.sealed import sealed_arguments
from elements_procura.sync.portal import Iteration, Portal

_LEFT_OUT = ("aclose", "api_name", "detached", "error_of", "templates")
_OF_ONE_LOOP = ("scheduler", "http_session")
_KEPT: list[Any] = []
"""Clients of the process that this one was forked from: see :mod:`elements_procura.sync.portal`."""


class Mirror:
    """A resource whose calls wait for their results."""

    __slots__ = ("_inner", "_portal")

    def __init__(self, portal: Portal, inner: Any) -> None:
        self._portal = portal
        self._inner = inner

    def _now(self) -> tuple[Portal, Any]:
        return self._portal, self._inner

    def __repr__(self) -> str:
        return repr(self._inner)


class _Life:
    """The asynchronous client below synchronous ones, and its portal: made anew after a fork.

    Attributes:
        client: The asynchronous client.
    """

    def __init__(self, make: Callable[[], Client[Any]], given: frozenset[str]) -> None:
        self._make = make
        self._given = given
        self._lock = threading.Lock()
        self.client = make()
        self._portal: Portal | None = None
        self._end: weakref.finalize[..., Any] | None = None

    def now(self) -> tuple[Portal, Client[Any]]:
        """The portal and the client of this process."""
        portal = self._portal
        if portal is None or portal.is_orphan:
            if portal is not None:
                self._lock = threading.Lock()  # somebody may have held it when it was copied
            with self._lock:
                if self._portal is portal:
                    self._begin()
        return self._portal, self.client  # type: ignore[return-value] # it has begun

    def _begin(self) -> None:
        if self._portal is not None:
            if stuck := self._given.intersection(_OF_ONE_LOOP):
                raise ConfigError(
                    f"this process was forked after the client was used, and its "
                    f"{' and '.join(sorted(stuck))} cannot be shared",
                    hint="Make the client in the process that uses it",
                )
            _KEPT.append(self.client)
            if self._end is not None:
                self._end.detach()
            self.client = self._make()
        self._portal = Portal()
        self._end = weakref.finalize(self, _close, self._portal, self.client)

    def close(self) -> None:
        """Close the client and its portal."""
        portal, client = self.now()
        if self._end is not None:
            self._end.detach()
        _close(portal, client)


def _close(portal: Portal, client: Client[Any]) -> None:
    if not portal.is_orphan:
        portal.close(client.aclose())


class MirroredClient:
    """A client whose calls wait for their results.

    It takes the arguments of the asynchronous one. In a process that was forked off, it begins
    anew by itself: with connections, a token and a count of its own.
    """

    _kind: type[Client[Any]]
    _life: _Life
    _changes: tuple[dict[str, Any], ...]

    def __init__(self, *where: str, **options: Any) -> None:
        if "credentials" in options:  # rule 1 of elements_procura.secret
            options["credentials"] = wrapped(options["credentials"])
        self._changes = ()
        make: Callable[..., Client[Any]] = self._kind
        self._life = _Life(functools.partial(make, *where, **options), frozenset(options))

    def _now(self) -> tuple[Portal, Client[Any]]:
        portal, client = self._life.now()
        for change in self._changes:
            client = client.with_options(**change)
        return portal, client

    def with_options(self, **options: Any) -> Self:
        """The same client, with other options for the calls made on it."""
        twin = object.__new__(type(self))
        twin._life = self._life
        twin._changes = (*self._changes, options)
        twin._life.client.with_options(**options)  # what is wrong is raised here
        return twin

    def close(self) -> None:
        """Close connections, scheduler and thread. A token renewal under way is waited for."""
        self._life.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        life = getattr(self, "_life", None)
        return f"<{type(self).__name__}>" if life is None else f"<sync {life.client!r}>"


@functools.cache
def mirror(kind: Any) -> type[Mirror]:
    """The synchronous class of a resource class.

    Args:
        kind: The asynchronous one.
    """
    bases = tuple(mirror(base) for base in kind.__bases__ if _is_resource(base)) or (Mirror,)
    return type(kind.__name__, bases, _members(kind, vars(kind)))


def mirror_client(kind: type[Client[Any]], module: str) -> type[MirroredClient]:
    """The synchronous class of a client class.

    Args:
        kind: The asynchronous one.
        module: The name of the module that hands it out.
    """
    members = dict(inspect.getmembers_static(kind))
    made = {
        name: each
        for name, each in _members(kind, members).items()
        if not hasattr(MirroredClient, name) or name.startswith("__")
    }
    kept = {"_kind": kind, "api_name": kind.api_name, "error_of": members["error_of"]}
    made |= kept | {"__module__": module}
    return type(kind.__name__, (MirroredClient,), made)


def _is_resource(kind: type) -> bool:
    return issubclass(kind, Resource) and kind is not Resource


def _members(kind: type, found: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"__doc__": kind.__doc__, "__module__": kind.__module__}
    if "__slots__" in vars(kind) or _is_resource(kind):
        made["__slots__"] = ()
    for name, member in found.items():
        if name.startswith("_") or name in _LEFT_OUT:
            continue
        if isinstance(member, property):
            made[name] = _property(name, member)
        elif inspect.isfunction(member):
            made[name] = _method(name, member)
    return made


def _property(name: str, member: property) -> property:
    def get(self: Any) -> Any:
        portal, inner = self._now()
        return _outcome(portal, getattr(inner, name))

    return property(get, doc=member.__doc__)


def _method(name: str, member: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(member)
    def call(self: Any, *given: Any, **named: Any) -> Any:
        given, named = sealed_arguments(given, named)
        portal, inner = self._now()
        found = getattr(inner, name)(*given, **named)
        del given, named
        return _outcome(portal, found)

    return call


def _outcome(portal: Portal, found: Any) -> Any:
    if isinstance(found, CoroutineType):
        return portal.run(found)
    if isinstance(found, Resource):
        kind: Any = type(found)
        return mirror(kind)(portal, found)
    if isinstance(found, AsyncGeneratorType):
        return Iteration(portal, found)
    return found
