"""What answers of a token endpoint mean, as a table."""

import base64
import json
import traceback
from typing import Any

import pytest

from elements_procura.errors import ConfigError
from elements_procura.oauth import (
    DEFAULT_LIFETIME,
    Credentials,
    Gibberish,
    OrganisationGrant,
    Refusal,
    Token,
    account_of,
    parse_answer,
    refresh_form,
    wrapped,
)
from elements_procura.secret import Secret

WALL = 1_000_000.0
OLD = Token(Secret("old"), 3600.0, WALL, refresh=Secret("old-refresh"))


def answer(status: int, body: Any, previous: Token | None = None) -> Token | Refusal | Gibberish:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parse_answer(status, raw, wall=WALL, previous=previous)


def token(body: Any, previous: Token | None = None) -> Token:
    found = answer(200, body, previous)
    assert isinstance(found, Token)
    return found


def test_a_whole_answer() -> None:
    assert token(
        {
            "access_token": "5db1cf97",
            "expires_in": 3600,
            "token_type": "Bearer",
            "scope": "klantdossier.read",
            "refresh_token": "6ebffce3",
        }
    ) == Token(Secret("5db1cf97"), 3600.0, WALL + 3600, Secret("6ebffce3"), "klantdossier.read")


@pytest.mark.parametrize(
    ("given", "lifetime"),
    [
        (3600, 3600.0),
        ("60", 60.0),
        (2.5, 2.5),
        (None, DEFAULT_LIFETIME),
        ("soon", DEFAULT_LIFETIME),
        (0, DEFAULT_LIFETIME),
        (-5, DEFAULT_LIFETIME),
        ("nan", DEFAULT_LIFETIME),
        ("inf", DEFAULT_LIFETIME),
        ([], DEFAULT_LIFETIME),
        ({}, DEFAULT_LIFETIME),
    ],
)
def test_lifetimes(given: Any, lifetime: float) -> None:
    found = token({"access_token": "x", "expires_in": given})
    assert (found.lifetime, found.expires_at) == (lifetime, WALL + lifetime)


def test_a_missing_lifetime_is_five_minutes() -> None:
    assert token({"access_token": "x"}).lifetime == 300.0


def test_a_rotated_refresh_token_replaces_the_old_one() -> None:
    assert token({"access_token": "x", "refresh_token": "new"}, OLD).refresh == Secret("new")


@pytest.mark.parametrize("more", [{}, {"refresh_token": None}, {"refresh_token": ""}])
def test_without_a_new_refresh_token_the_old_one_stays(more: dict[str, Any]) -> None:
    assert token({"access_token": "x", **more}, OLD).refresh == Secret("old-refresh")
    assert token({"access_token": "x", **more}).refresh is None


@pytest.mark.parametrize(
    ("status", "body", "meaning"),
    [
        (400, {"error": "invalid_grant"}, Refusal(400, "invalid_grant")),
        (401, {"error": "invalid_client"}, Refusal(401, "invalid_client")),
        (403, {"error": "access_denied"}, Refusal(403, "access_denied")),
        (400, {"error": "Unknown user 559795178"}, Refusal(400, "")),
        (400, {"error": 17, "error_description": "x"}, Refusal(400, "")),
        (401, b"", Refusal(401, "")),
        (401, b"<html>login</html>", Refusal(401, "")),
        (400, b"<html>blocked</html>", Gibberish(400)),
        (403, b"<html>firewall</html>", Gibberish(403)),
        (403, ["error"], Gibberish(403)),
        (200, b"<html>Onderhoud</html>", Gibberish(200)),
        (200, b"", Gibberish(200)),
        (200, b'{"access_token": "x', Gibberish(200)),
        (200, [], Gibberish(200)),
        (200, {}, Gibberish(200)),
        (200, {"access_token": ""}, Gibberish(200)),
        (200, {"access_token": 5}, Gibberish(200)),
        (200, {"access_token": "x\r\nX-Evil: 1"}, Gibberish(200)),
        (200, {"access_token": "two words"}, Gibberish(200)),
        (200, {"error": "invalid_grant"}, Gibberish(200)),
        (204, b"", Gibberish(204)),
        (404, {"error": "x"}, Gibberish(404)),
        (500, {"access_token": "x"}, Gibberish(500)),
        (503, b"<html>", Gibberish(503)),
    ],
)
def test_what_is_no_token(status: int, body: Any, meaning: Refusal | Gibberish) -> None:
    """A page that something in between sent says nothing about the grant, whatever its status."""
    assert answer(status, body) == meaning


@pytest.mark.parametrize(("lifetime", "margin"), [(3600, 10), (60, 10), (50, 10), (2, 0.4)])
def test_renewal_is_due_a_fifth_before_the_end_and_at_most_ten_seconds(
    lifetime: float, margin: float
) -> None:
    assert Token(Secret("x"), lifetime, WALL).margin == pytest.approx(margin)


def test_the_organisation_grant_asks_as_documented() -> None:
    grant = OrganisationGrant(
        Credentials("Faster Forward", "geheim"),
        organisation=14830,
        webservice="data",
        scopes=("klantdossier.read", "klantdossier.write"),
    )
    assert grant.path == "/oauth/access_token"
    assert grant.form() == {
        "grant_type": "organisation",
        "organisation": "14830",
        "webservice": "data",
        "scope": "klantdossier.read klantdossier.write",
    }
    assert "geheim" not in account_of("https://a.example", grant) + repr(grant)


def test_accounts_differ_when_anything_but_the_secret_does() -> None:
    def account(client: str = "a", organisation: int = 1, scope: str = "r") -> str:
        credentials = Credentials(client, "secret")
        grant = OrganisationGrant(credentials, organisation, "data", (scope,))
        return account_of("https://a.example", grant)

    assert len({account(), account(client="b"), account(organisation=2), account(scope="w")}) == 4


def test_a_refresh_keeps_its_token_wrapped() -> None:
    assert refresh_form(Secret("r")) == {
        "grant_type": "refresh_token",
        "refresh_token": Secret("r"),
    }
    assert "'r'" not in repr(refresh_form(Secret("r")))


def test_basic_credentials_are_utf_8() -> None:
    header = Credentials("Faster Forward", "gehéim:x").basic()
    scheme, _, encoded = header.partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(encoded).decode() == "Faster Forward:gehéim:x"


@pytest.mark.parametrize(
    ("client_id", "secret"), [("", "s3cr3t-word"), ("a:b", "s3cr3t-word"), ("a", ""), ("a", None)]
)
def test_credentials_that_cannot_work_are_refused_without_showing_the_secret(
    client_id: str, secret: Any
) -> None:
    with pytest.raises(ConfigError) as caught:
        Credentials(client_id, secret)
    assert caught.value.hint
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    frames = [
        frame for frame in shown.stack if frame.filename.endswith("elements_procura/oauth.py")
    ]
    assert frames
    assert "s3cr3t-word" not in str([frame.locals for frame in frames])


def test_wrapping_takes_pairs_and_credentials() -> None:
    credentials = Credentials("a", "b")
    assert wrapped(credentials) is credentials
    assert wrapped(("a", "b")) == wrapped(("a", Secret("b"))) == ("a", Secret("b"))
