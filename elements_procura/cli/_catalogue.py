"""What can be called, read out of the clients themselves: their types and their docstrings.

A docstring names the request that a method makes, as ``GET {owner}/adressen``, and the path of
what a property or handle leads to. ``{owner}``, or any other word in front, is the path of whatever
that hangs on.
"""

import inspect
import re
import typing
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any

import attrs

from elements_procura.core.api import Resource
from elements_procura.core.client import Client
from elements_procura.elements.client import ElementsClient
from elements_procura.procura._api import ProcuraResource
from elements_procura.procura.client import ProcuraClient

_REQUEST = re.compile(r"(?::\s+)?``(GET|POST|PATCH|PUT|DELETE) (\S+?)``")
_PATH = re.compile(r"``([/{]\S*?)``")
_OWNER = re.compile(r"\{[a-z]+\}(?=/)")
_CLIENTS: dict[str, type[Client[Any]]] = {"elements": ElementsClient, "procura": ProcuraClient}


@attrs.frozen
class Endpoint:
    """One documented endpoint.

    Attributes:
        api: ``elements`` or ``procura``.
        method: ``GET``, ``POST``, …
        path: With placeholders, as it is documented.
        call: The coroutine that makes the request, from the client on.
        also: What gives the answer out while it arrives, likewise.
        summary: What it is about.
    """

    api: str
    method: str
    path: str
    call: str
    also: tuple[str, ...]
    summary: str

    def fits(self, words: tuple[str, ...]) -> bool:
        """Whether every word occurs in it, in any case of letters."""
        text = f"{self.method} {self.path} {self.call} {self.summary}".lower()
        return all(word.lower() in text for word in words)


@attrs.frozen
class _Named:
    """A public method that names a request."""

    method: str
    path: str
    call: str
    summary: str
    streams: bool


def endpoints(*apis: str) -> list[Endpoint]:
    """Every endpoint of the APIs named, by path."""
    found: dict[tuple[str, str, str], list[_Named]] = {}
    for api in apis:
        for each in _walk(_CLIENTS[api], call=api, path=""):
            found.setdefault((api, each.path, each.method), []).append(each)
    rows = []
    for (api, path, method), named in sorted(found.items()):
        named.sort(key=lambda each: each.streams)
        first, rest = named[0], tuple(each.call for each in named[1:])
        rows.append(Endpoint(api, method, path, first.call, rest, first.summary))
    return rows


def _walk(kind: type, *, call: str, path: str, above: str = "") -> Iterator[_Named]:
    """What hangs on a class.

    Args:
        kind: A client or resource.
        call: How one comes by it.
        path: What it leads to.
        above: The path of what it hangs on.
    """
    for name, member in inspect.getmembers_static(kind):
        function = member.fget if isinstance(member, property) else member
        if name.startswith("_") or not inspect.isfunction(function):
            continue
        doc = inspect.getdoc(function) or ""
        step, named = f"{call}.{name}", _REQUEST.search(doc)
        if named is not None:
            yield _Named(
                named[1],
                _OWNER.sub(lambda _: above, named[2], count=1),
                step,
                _summary(doc),
                _streams(function),
            )
        elif (target := _resource(function)) is not None:
            ids = "" if isinstance(member, property) else "(id)"
            leads_to = _PATH.search(doc)
            below = _OWNER.sub(lambda _: path, leads_to[1], count=1) if leads_to else ""
            yield from _walk(target, call=step + ids, path=below, above=path)


def _resource(function: Callable[..., Any]) -> type | None:
    """The resource that is returned, if one is."""
    kind = typing.get_type_hints(function).get("return")
    is_one = isinstance(kind, type) and issubclass(kind, Resource | ProcuraResource)
    return kind if is_one else None


def _streams(function: Callable[..., Any]) -> bool:
    if inspect.iscoroutinefunction(function):
        return False
    return typing.get_origin(typing.get_type_hints(function)["return"]) is AsyncGenerator


def _summary(doc: str) -> str:
    """A docstring's first line without the request, as the path stands beside it."""
    return _REQUEST.sub("", doc.splitlines()[0]).removesuffix(".").replace("``", "")
