"""A local server of the toy; every book has a field that the model does not know."""

import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

BOOKS = {
    number: {"id": number, "title": f"Book {number}", "pages": 100 + number, "shelf": "A"}
    for number in (1, 2, 3)
}


async def _token(_: web.Request) -> web.Response:
    return web.json_response({"access_token": "t0ken", "expires_in": 3600, "token_type": "bearer"})


async def _books(_: web.Request) -> web.Response:
    return web.json_response(
        [{"id": each["id"], "title": each["title"]} for each in BOOKS.values()]
    )


async def _book(request: web.Request) -> web.Response:
    book = BOOKS.get(int(request.match_info["book"]))
    return web.json_response(book) if book else web.json_response({}, status=404)


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[str]:
    """The address of a server that runs."""
    app = web.Application()
    app.router.add_post("/oauth/token", _token)
    app.router.add_get("/api/toy/books", _books)
    app.router.add_get("/api/toy/books/{book}", _book)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
