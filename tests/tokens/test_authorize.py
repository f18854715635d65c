"""Addresses that ask a person for access, and what comes back, as tables."""

import pickle
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from elements_procura.auth import authorize
from elements_procura.auth.authorize import OUT_OF_BAND, AuthorizationRequest, State, begin
from elements_procura.auth.credentials import Credentials
from elements_procura.auth.grants import AuthorizationCodeGrant, account_of, code_form
from elements_procura.auth.oauth import Token
from elements_procura.errors import AuthenticationError, ConfigError, InputError
from elements_procura.secret import Secret
from tests.client_kit import told

HOST = "https://kantoor.fasterforwardelements.nl"
BACK = "http://127.0.0.1:8123/"
CODE = "5db1cf97f8fd66f295c33eae616227e69de4d"


def asked(**options: Any) -> AuthorizationRequest:
    return begin(HOST, client_id="Faster Forward", scopes=["klantdossier.read"], **options)


def state_of(request: AuthorizationRequest) -> str:
    return dict(parse_qsl(urlsplit(request.url).query))["state"]


def answer(request: AuthorizationRequest, fields: str = f"code={CODE}") -> str:
    return f"{BACK}?{fields}&state={quote(state_of(request))}"


def test_the_address_is_the_documented_one() -> None:
    request = asked()
    parts = urlsplit(request.url)
    assert parts.scheme + "://" + parts.netloc + parts.path == f"{HOST}/oauth/authorize"
    assert parse_qsl(parts.query) == [
        ("response_type", "code"),
        ("client_id", "Faster Forward"),
        ("webservice", "data"),
        ("scope", "klantdossier.read"),
        ("state", state_of(request)),
        ("redirect_uri", "urn:ietf:wg:oauth:2.0:oob"),
    ]
    assert "+" not in parts.query


def test_implicit_asks_for_a_token() -> None:
    query = dict(parse_qsl(urlsplit(asked(implicit=True, redirect_uri=BACK).url).query))
    assert (query["response_type"], query["redirect_uri"]) == ("token", BACK)
    assert "discouraged" in (authorize.__doc__ or "")


def test_every_state_is_another_256_bits() -> None:
    states = {state_of(asked()) for _ in range(100)}
    assert len(states) == 100
    assert {len(state) for state in states} == {43}  # 32 bytes in base64


@pytest.mark.parametrize("address", [answer, lambda r: answer(r).partition("?")[2]])
def test_a_code_comes_back(address: Callable[[AuthorizationRequest], str]) -> None:
    request = asked(redirect_uri=BACK)
    assert request.code_from(address(request)) == Secret(CODE)


def test_a_state_works_once_also_when_it_was_wrong() -> None:
    request = asked(redirect_uri=BACK)
    good = answer(request)
    with pytest.raises(AuthenticationError, match="its state differs"):
        request.code_from(f"{BACK}?code={CODE}&state=guessed")
    with pytest.raises(AuthenticationError, match="answered before"):
        request.code_from(good)
    other = asked(redirect_uri=BACK)
    good = answer(other)
    other.code_from(good)
    with pytest.raises(AuthenticationError, match="answered before"):
        other.code_from(good)


def test_states_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []

    def compare(one: bytes, other: bytes) -> bool:
        compared.append((one, other))
        return one == other

    monkeypatch.setattr("hmac.compare_digest", compare)
    state = State()
    value = state.reveal()
    state.check(Secret(value))
    assert compared == [(value.encode(), value.encode())]


@pytest.mark.parametrize(
    "fields",
    ["", f"code={CODE}", f"code={CODE}&state=", f"code={CODE}&state=x&state=y", "%", "=&="],
)
def test_without_the_state_nothing_is_taken(fields: str) -> None:
    with pytest.raises(AuthenticationError):
        asked(redirect_uri=BACK).code_from(f"{BACK}?{fields}")


def test_two_codes_are_none() -> None:
    request = asked(redirect_uri=BACK)
    with pytest.raises(AuthenticationError):
        request.code_from(answer(request, f"code=other&code={CODE}"))


def test_a_person_may_say_no() -> None:
    request = asked(redirect_uri=BACK)
    with pytest.raises(AuthenticationError, match="not granted") as caught:
        request.code_from(answer(request, "error=access_denied&error_description=<b>x"))
    assert caught.value.error == "access_denied"
    assert "<b>" not in str(caught.value)
    request = asked(redirect_uri=BACK)
    with pytest.raises(AuthenticationError) as caught:
        request.code_from(answer(request, "error=Jan 559795178"))
    assert caught.value.error == ""


def test_an_answer_without_a_code() -> None:
    request = asked(redirect_uri=BACK)
    with pytest.raises(InputError, match="lacks a code"):
        request.code_from(answer(request, "x=1"))


def test_a_code_is_copied_out_of_the_title() -> None:
    assert asked().code_shown(f"  {CODE}\n") == Secret(CODE)
    assert asked().code_shown(f"{CODE}==") == Secret(f"{CODE}==")
    request = asked()
    assert request.code_shown(answer(request)) == Secret(CODE)
    with pytest.raises(AuthenticationError, match="state differs"):
        asked().code_shown(f"code={CODE}&state=x")
    for nothing in ("", "  ", "two words"):
        with pytest.raises(InputError):
            asked().code_shown(nothing)
    with pytest.raises(InputError, match="whole address"):
        asked(redirect_uri=BACK).code_shown(CODE)


@pytest.mark.parametrize("mark", ["?", "#"])
def test_a_token_of_the_implicit_flow(mark: str) -> None:
    """The documentation puts it into the query, the standard into the fragment."""
    request = asked(implicit=True, redirect_uri=BACK)
    state = state_of(request)
    address = f"{BACK}{mark}access_token=t0&expires_in=60&scope=a%20b&state={state}"
    assert request.token_from(address, wall=1000.0) == Token(
        Secret("t0"), 60.0, 1060.0, None, "a b"
    )
    with pytest.raises(AuthenticationError, match="answered before"):
        request.token_from(address, wall=1000.0)


def test_a_token_without_a_lifetime_lives_five_minutes() -> None:
    request = asked(implicit=True, redirect_uri=BACK)
    found = request.token_from(f"?access_token=t&state={state_of(request)}", wall=0.0)
    assert (found.lifetime, found.refresh) == (300.0, None)


@pytest.mark.parametrize("fields", ["", "access_token=", "access_token=a%0d%0ab", "token=x"])
def test_what_is_no_token(fields: str) -> None:
    request = asked(implicit=True, redirect_uri=BACK)
    with pytest.raises(InputError, match="lacks a token"):
        request.token_from(f"{BACK}?{fields}&state={state_of(request)}", wall=0.0)


def test_the_two_flows_are_not_mixed_up() -> None:
    request = asked(redirect_uri=BACK)
    with pytest.raises(InputError):
        request.token_from(answer(request, "access_token=t"), wall=0.0)
    with pytest.raises(InputError):
        asked(implicit=True).code_shown(CODE + "&code=x")


@pytest.mark.parametrize(
    "back",
    [
        "http://example.org/",
        "http://127.0.0.1.evil.example/",
        "http://localhost@evil.example/",
        "https://you@evil.example/",
        "https://example.org/#fragment",
        "https://",
        "http://[::1",
        "javascript:alert(1)",
        "file:///tmp/x",
        "",
        "urn:other",
    ],
)
def test_addresses_to_come_back_to_that_others_could_read(back: str) -> None:
    with pytest.raises(ConfigError, match="redirect_uri"):
        asked(redirect_uri=back)


@pytest.mark.parametrize(
    "back", ["https://app.example/back", "http://localhost:1/", "http://[::1]:1/", OUT_OF_BAND]
)
def test_addresses_that_are_safe(back: str) -> None:
    assert asked(redirect_uri=back).redirect_uri == back


@pytest.mark.parametrize(
    "missing", [{"client_id": ""}, {"scopes": []}, {"scopes": [""]}, {"webservice": ""}]
)
def test_what_an_address_needs(missing: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        begin(HOST, **({"client_id": "a", "scopes": "b"} | missing))


def test_nothing_of_it_shows_itself() -> None:
    request = asked(redirect_uri=BACK)
    state = state_of(request)
    shown = [repr(request), str(request), f"{request}", repr(request._state)]
    with pytest.raises(AuthenticationError) as caught:
        request.code_from(f"{BACK}?code={CODE}&state=guessed-state")
    shown.append(told(caught.value))
    other = asked()
    with pytest.raises(InputError) as found:
        other.code_shown(f"{CODE} {CODE}")
    shown.append(told(found.value))
    text = "\n".join(shown)
    assert [each for each in (state, CODE, "guessed-state") if each in text] == []
    with pytest.raises(TypeError):
        pickle.dumps(asked()._state._expected)


@pytest.mark.parametrize("host", ["http://kantoor.example", "kantoor", "https://a@b", ""])
def test_a_person_is_not_sent_just_anywhere(host: str) -> None:
    with pytest.raises(ConfigError):
        begin(host, client_id="a", scopes="b")


# ---------------------------------------------------------------- the grant


def grant(**options: Any) -> AuthorizationCodeGrant:
    settings = {"user": "jansen", "scopes": ("a",)} | options
    return AuthorizationCodeGrant(Credentials("id", "secret"), **settings)


def test_a_code_is_exchanged_as_documented_and_once() -> None:
    given = grant(code=CODE)
    assert given.form() == {"grant_type": "authorization_code", "code": Secret(CODE)}
    assert CODE not in repr(given) + repr(code_form(Secret(CODE)))
    given.answered()
    assert given.form() is None
    assert grant().form() is None
    assert grant(code="").form() is None


def test_entries_of_persons_servers_and_flows_are_apart() -> None:
    entries = [
        account_of("https://a", grant()),
        account_of("https://b", grant()),
        account_of("https://a", grant(user="pietersen")),
        account_of("https://a", grant(scopes=("a", "b"))),
        account_of("https://a", grant(scopes=("a b",))),
        account_of("https://a", grant(webservice="other")),
        account_of("https://a", grant(user="jansen|data", webservice="x")),
        account_of("https://a", grant(user="jansen", webservice="data|x")),
    ]
    assert len(set(entries)) == len(entries)
    assert account_of("https://a", grant(code=CODE)) == entries[0]
