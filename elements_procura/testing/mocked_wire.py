"""``aioresponses`` as these clients need it."""

import functools
import inspect
import io
from typing import Any, Self
from unittest.mock import Mock

import aiohttp
from aioresponses import aioresponses
from multidict import CIMultiDict
from yarl import URL

__all__ = ["MockedWire"]


class _Answer(aiohttp.ClientResponse):
    """An answer made without the argument that aiohttp 3.14 asks for and aioresponses lacks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "stream_writer" in inspect.signature(aiohttp.ClientResponse).parameters:
            kwargs.setdefault("stream_writer", Mock(output_size=0))
        super().__init__(*args, **kwargs)


class MockedWire(aioresponses):
    """An ``aioresponses`` that matches the addresses that are really asked for.

    The clients hand aiohttp the template of a path and put the address in last of all, so that
    whoever watches aiohttp sees no token. Here mocks match the real address, without the token in
    its query, and so ``requests`` lists them; ``data`` there is what was sent, as bytes.
    """

    def __enter__(self) -> Self:
        super().__enter__()
        return self

    def add(self, url: Any, method: str = "GET", **kwargs: Any) -> None:  # type: ignore[override] # passed on
        """Answer a request of this address; the arguments are those of ``aioresponses``.

        Args:
            url: The whole address, or a compiled pattern.
            method: ``GET``, ``POST``, …
            kwargs: ``payload``, ``status``, ``headers``, ``callback`` and so on.
        """
        kwargs["response_class"] = kwargs.get("response_class") or _Answer
        super().add(url, method=method, **kwargs)
        if (callback := kwargs.get("callback")) is not None:
            # The result of a callback has a class of its own.
            [*_, match] = self._matches.values()
            match.callback = _answering(callback)

    async def _request_mock(
        self, orig_self: aiohttp.ClientSession, method: str, url: Any, *args: Any, **kwargs: Any
    ) -> Any:
        middlewares = kwargs.pop("middlewares", None)
        if middlewares:
            url = await _address(URL(url), middlewares[-1], kwargs)
        data: Any = kwargs.get("data")
        if isinstance(data, io.IOBase):
            kwargs["data"] = data.read()
        return await super()._request_mock(orig_self, method, url, *args, **kwargs)


async def _address(shown: URL, addressing: Any, kwargs: dict[str, Any]) -> URL:
    """The address that a request goes to; its headers get what is added last of all."""
    headers = CIMultiDict(kwargs.get("headers") or {})
    request = Mock(url=shown, headers=headers, proxy=None, is_ssl=lambda: True)

    async def found(request: Any) -> Any:
        return Mock(status=200, target=request.url.raw_path_qs, headers=CIMultiDict(headers))

    answer = await addressing(request, found)
    kwargs["headers"] = answer.headers
    address = shown.origin().join(URL(answer.target, encoded=True))
    return address.without_query_params("access_token")


def _answering(callback: Any) -> Any:
    @functools.wraps(callback)
    async def answer(url: Any, **options: Any) -> Any:
        result = callback(url, **options)
        if inspect.isawaitable(result):
            result = await result
        if result is not None and result.response_class is None:
            result.response_class = _Answer
        return result

    return answer
