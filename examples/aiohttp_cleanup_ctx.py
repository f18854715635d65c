"""An aiohttp service: one client for as long as the application lives, by ``cleanup_ctx``.

With ELEMENTS_HOST, ELEMENTS_CLIENT_ID, ELEMENTS_CLIENT_SECRET and ELEMENTS_ORGANISATION set::

    python examples/aiohttp_cleanup_ctx.py
"""

# ruff: noqa: INP001 - a script

import os
from collections.abc import AsyncIterator

from aiohttp import web

from elements_procura import ElementsClient, FileTokenStore, Priority
from elements_procura.errors import DailyQuotaExceeded, NotFound

ELEMENTS = web.AppKey("elements", ElementsClient)


def open_client() -> ElementsClient:
    """A client by the environment's settings."""
    return ElementsClient(
        os.environ["ELEMENTS_HOST"],
        credentials=(os.environ["ELEMENTS_CLIENT_ID"], os.environ["ELEMENTS_CLIENT_SECRET"]),
        organisation=os.environ["ELEMENTS_ORGANISATION"],
        scopes=["klantdossier.read"],
        token_store=FileTokenStore(os.environ.get("ELEMENTS_TOKEN_FOLDER", "tokens")),
        read_only=True,
    )


async def elements_context(app: web.Application) -> AsyncIterator[None]:
    """Open the client when the service starts, and close it when it ends."""
    async with open_client() as elements:
        await elements.authenticate()  # wrong settings end the start, not the first request
        app[ELEMENTS] = elements
        yield


async def dossier(request: web.Request) -> web.Response:
    """One dossier, as JSON."""
    elements = request.app[ELEMENTS].with_options(priority=Priority.INTERACTIVE, timeout=10)
    try:
        found = await elements.klantdossiers.get(int(request.match_info["dossier_id"]))
    except NotFound:
        raise web.HTTPNotFound(text="there is no such dossier") from None
    except DailyQuotaExceeded:
        raise web.HTTPServiceUnavailable(text="today's requests are used up") from None
    return web.json_response(found.to_dict())


def make_app() -> web.Application:
    """The service."""
    app = web.Application()
    app.cleanup_ctx.append(elements_context)
    app.router.add_get(r"/dossiers/{dossier_id:\d+}", dossier)
    return app


if __name__ == "__main__":
    web.run_app(make_app())
