"""Arguments of writing calls that do not show themselves in a traceback's frames. Pure."""

import functools
import typing
from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any, ParamSpec, TypeVar

from elements_procura.secret import veiled

P = ParamSpec("P")
R = TypeVar("R")
Json = Mapping[str, Any]
"""A body in the API's own spelling."""
Data = dict[str, Any]
"""The same, checked and ready to be written."""


class SealedMapping(Mapping[str, Any]):
    """A mapping whose repr shows nothing of it."""

    def __init__(self, held: Json) -> None:
        self._held = held

    def __getitem__(self, key: str) -> Any:
        return self._held[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __repr__(self) -> str:
        return f"<mapping of {len(self)} fields>"


def sealed(
    method: Callable[P, Coroutine[Any, Any, R]],
) -> Callable[P, Coroutine[Any, Any, R]]:
    """Keep plain mappings and texts out of a method's frame (:mod:`elements_procura.secret`)."""

    @functools.wraps(method)
    async def call(*given: Any, **named: Any) -> R:
        given, named = sealed_arguments(given, named)
        return await method(*given, **named)

    return typing.cast("Callable[P, Coroutine[Any, Any, R]]", call)


def sealed_arguments(
    given: tuple[Any, ...], named: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a call with plain mappings and texts wrapped."""
    return (
        tuple(_sealed(value) for value in given),
        {name: _sealed(value) for name, value in named.items()},
    )


def _sealed(value: Any) -> Any:
    return SealedMapping(value) if isinstance(value, Mapping) else veiled(value)
