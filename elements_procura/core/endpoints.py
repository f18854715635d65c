"""Endpoints as data: the request that a method makes, written once, above the method.

An API makes one :class:`Endpoints` and uses it as a decorator::

    endpoint = Endpoints()

    @endpoint("GET", "/api/v1/orders/{orderId}")
    async def get(self, order_id: str) -> Order: ...

The whole path stands in one string, so that ``grep -rn "orders/{orderId}"`` finds the method.
The method itself stays as it is: nothing is added to a call. Its docstring is completed with the
request, ids, bodies and errors that are the same for all (:mod:`elements_procura.core.docstrings`).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, TypeVar

from elements_procura.core.docstrings import READ, WRITTEN, documented
from elements_procura.paths import Templates

F = TypeVar("F", bound=Callable[..., Any])
_ATTRIBUTE = "documented_endpoints"


class Endpoint(NamedTuple):
    """One documented endpoint.

    Attributes:
        method: ``GET``, ``POST``, …
        path: The path with placeholders, as it is documented.
    """

    method: str
    path: str


class EndpointTemplates(Templates):
    """The templates of an API whose resources may not all be loaded yet."""

    _load_rest: Callable[[], object] | None = None

    def completed_by(self, load: Callable[[], object]) -> None:
        """Call ``load``, which registers the rest, before the first path is looked for."""
        self._load_rest = load

    @property
    def known(self) -> frozenset[str]:
        """The documented paths."""
        self._complete()
        return super().known

    def of(self, path: str) -> str:
        """The template of ``path``: the documented one, or the longest that it begins with."""
        self._complete()
        return super().of(path)

    def _complete(self) -> None:
        load = self._load_rest
        if load is not None:
            load()  # other threads wait for it here, too
            self._load_rest = None


class Endpoints:
    """The endpoints of one API, and the decorator that registers them.

    Args:
        words: Segments besides those of the documented paths that may be shown of any path.

    Attributes:
        templates: Templates of all documented paths.
    """

    def __init__(self, *, words: Iterable[str] = ()) -> None:
        self.templates: EndpointTemplates = EndpointTemplates(words=words)

    def __call__(
        self,
        method: str,
        *paths: str,
        errors: Mapping[str, str] | None = None,
        is_twin: bool = False,
    ) -> Callable[[F], F]:
        """Register the endpoints that a method calls, and complete its docstring.

        Args:
            method: ``GET``, ``POST``, …
            paths: Paths with placeholders, as they are documented. A method that several owners
                share has one of each.
            errors: The exceptions that it shares with others and their reasons; by default those
                of reading for GET, and of writing for anything else.
            is_twin: Whether another method does the same and stands in the catalogue for both.
        """
        shared = (READ if method == "GET" else WRITTEN) if errors is None else errors
        found = tuple(Endpoint(method, path) for path in paths)

        def register(function: F) -> F:
            for path in paths:
                self.templates.add(path)
            if not is_twin:
                setattr(function, _ATTRIBUTE, found)
            if function.__doc__:  # python -OO keeps none
                requests = [f"{method} {path}" for path in paths]
                function.__doc__ = documented(function.__doc__, requests, function, shared)
            return function

        return register

    def __repr__(self) -> str:
        return f"<Endpoints, {len(self.templates.known)} paths>"


def endpoints_of(function: Callable[..., Any]) -> tuple[Endpoint, ...]:
    """The endpoints that a method was registered for; none for any other function."""
    found: tuple[Endpoint, ...] = getattr(function, _ATTRIBUTE, ())
    return found
