"""The token endpoint and the checking of tokens, over HTTP."""

import pytest

from tests.clock import FakeClock
from tests.sandbox.sandbox_caller import ROOT, Caller, calling, open_sandbox

DOSSIER = f"{ROOT}/5526"


async def status(caller: Caller, token: str) -> int:
    return (await caller.send("GET", DOSSIER, {"access_token": token})).status


async def test_the_organisation_grant_answers_as_documented() -> None:
    async with calling(open_sandbox()) as caller:
        reply = await caller.organisation()
        assert reply.status == 200
        assert list(reply.json) == [
            "access_token",
            "expires_in",
            "token_type",
            "scope",
            "refresh_token",
        ]
        assert reply.json["expires_in"] == 3600
        assert reply.json["token_type"] == "Bearer"
        assert reply.json["scope"] == "klantdossier.read klantdossier.write"
        for name in ("access_token", "refresh_token"):
            assert len(reply.json[name]) == 37
            int(reply.json[name], 16)


@pytest.mark.parametrize("basic", ["", "elements-sandbox:wrong", "someone:else", "no-colon"])
async def test_wrong_credentials_are_an_invalid_client(basic: str) -> None:
    async with calling(open_sandbox()) as caller:
        reply = await caller.grant(basic=basic, grant_type="organisation")
        assert (reply.status, reply.json["error"]) == (401, "invalid_client")
        assert reply.json["error_description"]
        assert reply.headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize("header", [None, "Basic", "Basic %%%", "Bearer abc"])
async def test_credentials_come_as_basic_only(header: str | None) -> None:
    """The names PHP gives to Basic are no headers of their own."""
    async with calling(open_sandbox()) as caller:
        credentials = caller.sandbox.credentials
        headers = {
            "PHP_AUTH_USER": credentials["client_id"],
            "PHP_AUTH_PW": credentials["client_secret"],
        }
        if header is not None:
            headers["Authorization"] = header
        reply = await caller.send("POST", "/oauth/access_token", headers=headers)
        assert reply.status == 401


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": ""}, "invalid_request"),
        ({"organisation": "1"}, "invalid_grant"),
        ({"organisation": ""}, "invalid_request"),
        ({"webservice": "nothing"}, "invalid_request"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"scope": ""}, "invalid_request"),
    ],
)
async def test_a_wrong_form_is_refused(changed: dict[str, str], error: str) -> None:
    async with calling(open_sandbox()) as caller:
        reply = await caller.organisation(**changed)
        assert (reply.status, reply.json["error"]) == (400, error)
        assert set(reply.json) == {"error", "error_description"}


async def test_a_refresh_token_works_once() -> None:
    async with calling(open_sandbox()) as caller:
        first = (await caller.organisation(scope="klantdossier.read")).json
        form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
        second = await caller.grant(**form)
        assert second.status == 200
        assert second.json["scope"] == "klantdossier.read"
        assert second.json["refresh_token"] != first["refresh_token"]
        again = await caller.grant(**form)
        assert (again.status, again.json["error"]) == (400, "invalid_grant")
        third = await caller.grant(
            grant_type="refresh_token", refresh_token=second.json["refresh_token"]
        )
        assert third.status == 200


async def test_a_fresh_access_token_leaves_the_others_alive() -> None:
    async with calling(open_sandbox()) as caller:
        first = (await caller.organisation()).json
        second = await caller.grant(
            grant_type="refresh_token", refresh_token=first["refresh_token"]
        )
        assert await status(caller, first["access_token"]) == 200
        assert await status(caller, second.json["access_token"]) == 200


async def test_each_access_token_dies_by_its_own_age() -> None:
    clock = FakeClock()
    async with calling(open_sandbox(token_seconds=2.0, clock=clock.now)) as caller:
        first = (await caller.organisation()).json
        assert first["expires_in"] == 2
        clock.monotonic += 1.5
        second = (await caller.organisation()).json
        clock.monotonic += 1.0
        assert await status(caller, first["access_token"]) == 401
        assert await status(caller, second["access_token"]) == 200
        clock.monotonic += 1.0
        assert await status(caller, second["access_token"]) == 401


async def test_expiring_all_tokens_spares_refresh_tokens() -> None:
    async with calling(open_sandbox()) as caller:
        first = (await caller.organisation()).json
        caller.sandbox.expire_tokens()
        assert await status(caller, first["access_token"]) == 401
        second = await caller.grant(
            grant_type="refresh_token", refresh_token=first["refresh_token"]
        )
        assert await status(caller, second.json["access_token"]) == 200


async def test_the_token_may_come_in_the_header() -> None:
    async with calling(open_sandbox()) as caller:
        headers = {"Authorization": f"Bearer {caller.access_token}"}
        assert (await caller.send("GET", DOSSIER, headers=headers)).status == 200


@pytest.mark.parametrize("header", [None, "Bearer wrong", "Basic abc"])
async def test_without_a_good_token_it_is_401_with_json(header: str | None) -> None:
    async with calling(open_sandbox()) as caller:
        headers = {"Authorization": header} if header else None
        reply = await caller.send("GET", DOSSIER, headers=headers)
        assert reply.status == 401
        assert reply.headers["Content-Type"] == "application/json"
        assert reply.json["error"] == "invalid_token"
        # Even a path that is not there says nothing to a stranger.
        assert (await caller.send("GET", f"{ROOT}/1", headers=headers)).status == 401


async def test_tokens_are_not_grown_from_the_seed() -> None:
    async with calling(open_sandbox(seed=1)) as one, calling(open_sandbox(seed=1)) as other:
        assert one.access_token != other.access_token
        secrets = [caller.sandbox.credentials["client_secret"] for caller in (one, other)]
        assert secrets[0] != secrets[1]


async def test_the_log_holds_no_secret() -> None:
    async with calling(open_sandbox()) as caller:
        first = (await caller.organisation()).json
        second = (
            await caller.grant(grant_type="refresh_token", refresh_token=first["refresh_token"])
        ).json
        await caller.get(f"{DOSSIER}/producten", publiek="1")
        log = caller.sandbox.log
        secrets = {
            caller.access_token,
            caller.sandbox.credentials["client_secret"],
            *(answer[name] for answer in (first, second) for name in answer if "token" in name),
        } - {"Bearer"}
        assert len(secrets) == 6
        text = repr(log)
        assert not [secret for secret in secrets if secret in text]
        assert [entry.grant_type for entry in log] == [
            "organisation",
            "organisation",
            "refresh_token",
            None,
        ]
        last = log[-1]
        assert (last.method, last.path, last.query, last.status, last.counted) == (
            "GET",
            f"{DOSSIER}/producten",
            {"publiek": "1"},
            200,
            True,
        )
        assert [entry.at for entry in log] == sorted(entry.at for entry in log)
