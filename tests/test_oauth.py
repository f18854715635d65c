"""What answers of a token endpoint mean, as a table."""

import base64
import json
import traceback
from typing import Any

import pytest

from elements_procura.auth.credentials import Credentials, wrapped
from elements_procura.auth.grants import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    OrganisationGrant,
    account_of,
)
from elements_procura.auth.oauth import (
    DEFAULT_LIFETIME,
    Refusal,
    Token,
    UnexpectedAnswer,
    parse_answer,
    refresh_form,
)
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import ConfigError
from elements_procura.procura.client import ProcuraClient
from elements_procura.secret import Secret

WALL = 1_000_000.0
OLD = Token(Secret("old"), 3600.0, WALL, refresh=Secret("old-refresh"))


def answer(
    status: int, body: Any, previous: Token | None = None
) -> Token | Refusal | UnexpectedAnswer:
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


def test_e3_a_byte_order_mark_before_a_token_is_ignored() -> None:
    found = parse_answer(200, b'\xef\xbb\xbf{"access_token":"x"}', wall=WALL, previous=OLD)
    assert isinstance(found, Token)
    assert (found.access, found.refresh) == (Secret("x"), Secret("old-refresh"))


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
        (True, DEFAULT_LIFETIME),
        ("nobody knows", DEFAULT_LIFETIME),
        (1e300, 315_360_000.0),
        ("1" * 400, DEFAULT_LIFETIME),
        ("9" * 30, 315_360_000.0),
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
        (400, b'\xef\xbb\xbf{"error": "invalid_grant"}', Refusal(400, "invalid_grant")),
        (401, b"", Refusal(401, "")),
        (401, b"<html>login</html>", Refusal(401, "", is_page=True)),
        (400, b"<html>blocked</html>", UnexpectedAnswer(400)),
        (403, b"<html>firewall</html>", UnexpectedAnswer(403)),
        (403, ["error"], UnexpectedAnswer(403)),
        (200, b"<html>Onderhoud</html>", UnexpectedAnswer(200)),
        (200, b"", UnexpectedAnswer(200)),
        (200, b'{"access_token": "x', UnexpectedAnswer(200)),
        (200, [], UnexpectedAnswer(200)),
        (200, {}, UnexpectedAnswer(200)),
        (200, {"access_token": ""}, UnexpectedAnswer(200)),
        (200, {"access_token": 5}, UnexpectedAnswer(200)),
        (200, {"access_token": "x\r\nX-Evil: 1"}, UnexpectedAnswer(200)),
        (200, {"access_token": "two words"}, UnexpectedAnswer(200)),
        (200, {"error": "invalid_grant"}, UnexpectedAnswer(200)),
        (204, b"", UnexpectedAnswer(204)),
        (404, {"error": "x"}, UnexpectedAnswer(404)),
        (500, {"access_token": "x"}, UnexpectedAnswer(500)),
        (503, b"<html>", UnexpectedAnswer(503)),
    ],
)
def test_what_is_no_token(status: int, body: Any, meaning: Refusal | UnexpectedAnswer) -> None:
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
    frames = [frame for frame in shown.stack if frame.filename.endswith("auth/credentials.py")]
    assert frames
    assert "s3cr3t-word" not in str([frame.locals for frame in frames])


COPIED = [
    ("s3cr3t-word\n", "ends with a space or a line feed"),
    ("s3cr3t-word\r\n", "ends with"),
    (" s3cr3t-word", "begins with a space"),
    ("\u00a0s3cr3t-word", "begins with a space"),
    ("\ufeffs3cr3t-word", "byte order mark"),
    ('"s3cr3t-word"', "quotes"),
    ("'s3cr3t-word'", "quotes"),
    ("\u201cs3cr3t-word\u201d", "quotes"),
    ("s3cr3t-\u200bword", "does not print"),
    ("s3cr3t-\0word", "does not print"),
    (b"s3cr3t-word", "not a text"),
    (17, "not a text"),
]


@pytest.mark.parametrize("as_id", [True, False])
@pytest.mark.parametrize(("text", "reason"), COPIED)
def test_a_setting_that_was_copied_with_something_around_it_is_refused(
    text: Any, reason: str, *, as_id: bool
) -> None:
    with pytest.raises(ConfigError, match=reason) as caught:
        Credentials(*((text, "x") if as_id else ("x", text)))
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize("text", ["a b", '"half', "half'", "it's", "gehéim", '"'])
def test_unusual_secrets_are_secrets(text: str) -> None:
    assert Credentials("id", text).client_secret == Secret(text)


@pytest.mark.parametrize(
    "given",
    [
        ("only-s3cr3t-word",),
        ("a", "b", "only-s3cr3t-word"),
        "id:only-s3cr3t-word",
        b"id:only-s3cr3t-word",
        {"client_id": "a", "secret": "only-s3cr3t-word"},
        {},
        (),
        17,
    ],
)
@pytest.mark.parametrize("client", [ElementsClient, ProcuraClient])
def test_what_is_no_pair_is_no_credentials(client: Any, given: Any) -> None:
    more = {"organisation": 1, "scopes": ["a"]} if client is ElementsClient else {}
    with pytest.raises(ConfigError) as caught:
        client("https://a.example", credentials=given, **more)
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [each.locals for each in shown.stack if "/tests/" not in each.filename]
    assert "s3cr3t-word" not in str(caught.value) + str(ours)


@pytest.mark.parametrize("client", [ElementsClient, ProcuraClient])
def test_a_mapping_is_taken(client: Any) -> None:
    more = {"organisation": 1, "scopes": ["a"]} if client is ElementsClient else {}
    given = {"client_id": "a", "client_secret": "b", "organisation": 1}
    made = client("https://a.example", credentials=given, **more)
    assert made._session._grant.credentials == Credentials("a", "b")


@pytest.mark.parametrize("client", [ElementsClient, ProcuraClient])
@pytest.mark.parametrize("scopes", ["api", ("api",), ["api"]])
def test_one_text_is_one_scope(client: Any, scopes: Any) -> None:
    more = {"organisation": 1} if client is ElementsClient else {}
    made = client("https://a.example", credentials=("a", "b"), scopes=scopes, **more)
    assert made._session._grant.form()["scope"] == "api"


@pytest.mark.parametrize(
    "changes",
    [
        {"organisation": "14830\n"},
        {"organisation": "\ufeff14830"},
        {"webservice": "data "},
        {"webservice": '"data"'},
        {"scopes": ["klantdossier.read\n"]},
        {"scopes": "'klantdossier.read'"},
        {"scopes": [1]},
        {"scopes": 17},
    ],
)
def test_other_settings_of_a_grant_are_looked_at_too(changes: dict[str, Any]) -> None:
    settings: dict[str, Any] = {"organisation": 1, "webservice": "data", "scopes": ["a"]}
    with pytest.raises(ConfigError):
        ElementsClient("kantoor", credentials=("a", "b"), **(settings | changes))


@pytest.mark.parametrize("scopes", [None, (), []])
def test_no_scopes_at_all_are_refused_by_elements(scopes: Any) -> None:
    with pytest.raises(ConfigError, match="empty"):
        ElementsClient("kantoor", credentials=("a", "b"), organisation=1, scopes=scopes)


def test_one_text_is_one_scope_of_every_grant() -> None:
    credentials = Credentials("a", "b")
    assert ClientCredentialsGrant(credentials, "api").scopes == ("api",)
    assert OrganisationGrant(credentials, 1, "data", "api").scopes == ("api",)
    assert AuthorizationCodeGrant(credentials, "me", "data", "api").scopes == ("api",)


def test_wrapping_takes_pairs_and_credentials() -> None:
    credentials = Credentials("a", "b")
    assert wrapped(credentials) is credentials
    assert wrapped(("a", "b")) == wrapped(("a", Secret("b"))) == ("a", Secret("b"))


@pytest.mark.parametrize(
    ("status", "more"),
    [(201, b""), (203, b""), (200, b',"expires_in":' + b"9" * 400)],
)
def test_an_odd_answer_loses_no_rotated_refresh_token(status: int, more: bytes) -> None:
    body = b'{"access_token":"x","refresh_token":"new"' + more + b"}"
    found = parse_answer(status, body, wall=WALL, previous=OLD)
    assert isinstance(found, Token)
    assert found.refresh == Secret("new")
