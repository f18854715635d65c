"""The documented endpoints of an API, each with the call of its client that makes the request.

Read from the client class: a resource knows its own path, and each method the endpoints that it is
registered for (:mod:`elements_procura.core.endpoints`), so nothing here depends on docstrings.
"""

import inspect
import typing
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

from elements_procura.core.client import Client
from elements_procura.core.endpoints import Endpoint, endpoints_of

_ROOT = Path(__file__).parents[2]  # what the package lies in
_ANY_ID = "1"


@attrs.frozen
class CatalogueEntry:
    """One documented endpoint and the coroutine that calls it.

    Attributes:
        api: Name of the API.
        method: ``GET``, ``POST``, …
        path: The path with placeholders, as it is documented.
        call: The coroutine, spelled from the client on: ``elements.dossier(id).kantoor.get``.
        also: Methods that give the same answer out while it arrives, spelled likewise.
        summary: First line of the coroutine's docstring; empty under ``python -OO``.
        file: Source file of the coroutine; relative where it belongs to this package.
        line: Line of its decorator.
    """

    api: str
    method: str
    path: str
    call: str
    also: tuple[str, ...]
    summary: str
    file: str
    line: int

    def fits(self, words: tuple[str, ...]) -> bool:
        """Whether every word occurs in it, regardless of case."""
        text = f"{self.method} {self.path} {self.call} {self.summary}".lower()
        return all(word.lower() in text for word in words)


@attrs.frozen
class _Method:
    """A public method and the endpoint it calls."""

    endpoint: Endpoint
    call: str
    function: Callable[..., Any]


def catalogue(api: str, client: type[Client[Any]]) -> list[CatalogueEntry]:
    """List every endpoint of an API, by path.

    Args:
        api: Its name, which every call starts with.
        client: Its client class; no client is set up, and nothing is sent.
    """
    found: dict[Endpoint, list[_Method]] = {}
    for method in _methods(client.detached(), client, call=api):
        found.setdefault(method.endpoint, []).append(method)
    by_path = sorted(found.items(), key=lambda item: (item[0].path, item[0].method))
    return [_entry(api, endpoint, methods) for endpoint, methods in by_path]


def _methods(owner: object, kind: type, *, call: str) -> Iterator[_Method]:
    """The registered methods of a client or resource, and of all resources that it leads to."""
    for name, member in inspect.getmembers_static(kind):
        function = member.fget if isinstance(member, property) else member
        if name.startswith("_") or not inspect.isfunction(function):
            continue
        step = f"{call}.{name}"
        if registered := endpoints_of(function):
            yield _Method(_own(owner, registered), step, function)
        elif (target := _resource(function)) is not None:
            is_handle = not isinstance(member, property)
            found = getattr(owner, name)
            resource = found(_ANY_ID) if is_handle else found
            yield from _methods(resource, target, call=f"{step}(id)" if is_handle else step)


def _own(owner: object, registered: tuple[Endpoint, ...]) -> Endpoint:
    """The endpoint that a shared method calls for this owner: the nearest below its path."""
    path = getattr(owner, "_path", None)
    above = "" if path is None else str(path.template)
    below = [each for each in registered if each.path.startswith(above)]
    return min(below, key=lambda each: each.path.count("/"))


def _resource(function: Callable[..., Any]) -> type | None:
    """The resource class that a function returns, if it returns one: a class with a path."""
    kind = typing.get_type_hints(function).get("return")
    return kind if isinstance(kind, type) and hasattr(kind, "_path") else None


def _entry(api: str, endpoint: Endpoint, methods: list[_Method]) -> CatalogueEntry:
    methods = sorted(methods, key=lambda each: _streams(each.function))
    first = inspect.unwrap(methods[0].function)
    file = Path(first.__code__.co_filename)
    return CatalogueEntry(
        api,
        endpoint.method,
        endpoint.path,
        methods[0].call,
        tuple(each.call for each in methods[1:]),
        _summary(methods[0].function),
        str(file.relative_to(_ROOT) if file.is_relative_to(_ROOT) else file),
        first.__code__.co_firstlineno,
    )


def _streams(function: Callable[..., Any]) -> bool:
    if inspect.iscoroutinefunction(function):
        return False
    return typing.get_origin(typing.get_type_hints(function)["return"]) is AsyncGenerator


def _summary(function: Callable[..., Any]) -> str:
    first = (function.__doc__ or "").partition("\n")[0]
    return first.removesuffix(".").replace("``", "")
