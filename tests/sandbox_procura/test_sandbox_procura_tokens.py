"""Tokens of the Procura sandbox: what is given, what is refused, and how long they hold."""

import base64

import orjson
import pytest

from elements_procura.sandbox.procura.tokens import JwtDesk
from tests.sandbox_procura.procura_caller import calling

GRANT = {"grant_type": "client_credentials", "scope": "api"}


class Ticking:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


async def test_a_token_looks_like_the_real_one() -> None:
    async with calling() as caller:
        reply = await caller.grant(**GRANT)
    assert reply.headers["Cache-Control"] == "no-store"
    assert set(reply.json) == {"access_token", "token_type", "expires_in"}
    assert reply.json["token_type"] == "bearer"
    assert reply.json["expires_in"] in (59, 60)
    head, claims, signature = reply.json["access_token"].split(".")
    told = orjson.loads(base64.urlsafe_b64decode(claims + "=="))
    assert set(told) == {"sub", "iss", "scope", "exp"}
    assert told["scope"] == "api"
    assert signature
    assert orjson.loads(base64.urlsafe_b64decode(head + "=="))["typ"] == "JWT"


@pytest.mark.parametrize(
    ("form", "basic", "status", "error"),
    [
        ({}, "", 400, "invalid_request"),
        ({"grant_type": "password"}, "", 400, "unsupported_grant_type"),
        (GRANT, None, 401, "invalid_client"),
        (GRANT, "who:what", 401, "invalid_client"),
        (GRANT | {"scope": "api root"}, "", 401, "invalid_scope"),
        (GRANT | {"client_id": "who", "client_secret": "what"}, "", 401, "invalid_client"),
    ],
)
async def test_refusals(form: dict[str, str], basic: str | None, status: int, error: str) -> None:
    async with calling() as caller:
        reply = await caller.grant(basic=basic, **form)
    assert (reply.status, reply.json["error"]) == (status, error)
    assert (reply.headers.get("WWW-Authenticate") == "Bearer") is (status == 401)


async def test_credentials_may_stand_in_the_form_or_the_query() -> None:
    async with calling() as caller:
        given = caller.sandbox.credentials
        assert (await caller.grant(basic=None, **GRANT, **given)).status == 200
        reply = await caller.raw("POST", "/oauth/token", query=GRANT | given)
        assert reply.status == 200
        undecodable = await caller.raw(
            "POST", "/oauth/token", data=GRANT, headers={"Authorization": "Basic ???"}
        )
        assert undecodable.json["error"] == "invalid_request"
        assert (await caller.raw("GET", "/oauth/token")).status == 405


async def test_without_a_scope_a_token_opens_nothing() -> None:
    async with calling() as caller:
        await caller.log_in(scope="")
        reply = await caller.get("dossiers/x/documents")
    assert (reply.status, reply.body) == (403, b"")
    assert "insufficient_scope" in reply.headers["WWW-Authenticate"]


async def test_a_token_lives_a_minute_and_another_of_grace() -> None:
    clock = Ticking()
    async with calling(clock=clock) as caller:
        identifier = caller.sandbox.dossier_ids[2]
        for later, status in ((59, 200), (60, 200), (0.9, 200), (0.2, 401)):
            clock.time += later
            reply = await caller.get(f"births/{identifier}")
            assert reply.status == status, later
        assert reply.body == b""
        assert "invalid_token" in reply.headers["WWW-Authenticate"]


async def test_no_token_and_a_wrong_one() -> None:
    async with calling() as caller:
        bare = await caller.raw("GET", "/api/v1/relatives/36")
        assert (bare.status, bare.body, bare.headers["WWW-Authenticate"]) == (401, b"", "Bearer")
        wrong = {"Authorization": "Bearer a.b.c"}
        assert (await caller.raw("GET", "/api/v1/relatives/36", headers=wrong)).status == 401
        # even where none is needed
        assert (await caller.raw("GET", "/api/v1/info", headers=wrong)).status == 401
        assert (await caller.raw("GET", "/api/v1/info")).status == 200
        reply = await caller.raw("POST", "/oauth/token", data=GRANT, headers=wrong)
        assert reply.status == 401


async def test_a_start_makes_another_key() -> None:
    async with calling() as caller:
        await caller.sandbox.close()
        await caller.sandbox.start()
        assert (await caller.get("relatives/36")).status == 401
        await caller.log_in()
        assert (await caller.get("relatives/36")).status == 200
        caller.sandbox.rekey()
        assert (await caller.get("relatives/36")).status == 401


def test_the_end_is_told_in_whole_seconds() -> None:
    clock = Ticking()
    desk = JwtDesk(seconds=60, now=clock)
    given = desk.credentials
    form = GRANT | given
    assert desk.grant(authorization=None, form=form).body["expires_in"] == 60
    clock.time = 1000.7
    assert desk.grant(authorization=None, form=form).body["expires_in"] == 59
