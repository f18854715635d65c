"""The address of a store in a server, the ids in it, and its statements: without a server."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elements_procura.errors import ConfigError
from elements_procura.harvest.address import ServerAddress, identity_of
from elements_procura.harvest.postgres.dialect import numbered, translated
from elements_procura.harvest.postgres.ids import decode, encode, marked

NUMBERS = st.integers(min_value=-(10**40), max_value=10**40)
IDS = NUMBERS | st.text()


@given(IDS)
def test_an_id_comes_back_as_it_went(dossier: int | str) -> None:
    back = decode(encode(marked(dossier)))
    assert back == dossier
    assert isinstance(back, type(dossier))
    assert "\0" not in encode(dossier)
    assert marked(back) is back


@given(NUMBERS, NUMBERS, st.text(), st.text())
def test_ids_sort_as_in_a_file(one: int, two: int, text: str, other: str) -> None:
    assert (encode(one) < encode(two)) == (one < two)
    assert encode(one) < encode(text)
    if not {*"\0\\"} & {*text, *other}:
        assert (encode(text) < encode(other)) == (text < other)


@pytest.mark.parametrize(
    ("where", "url"),
    [
        ("postgresql://db/a?store=s", "postgresql://db/a?store=s"),
        ("postgres://ada@DB.example:5432/a?store=s", "postgresql://ada@db.example/a?store=s"),
        (
            "POSTGRESQL://db:6432/a?sslmode=verify-full&lease=9&store=s.1",
            "postgresql://db:6432/a?store=s.1",
        ),
        (
            "postgresql:///a?host=/run/postgresql&store=s",
            "postgresql:///a?host=/run/postgresql&store=s",
        ),
        ("postgresql://a%40b@db/x%20y?store=s", "postgresql://a%40b@db/x%20y?store=s"),
    ],
)
def test_a_store_has_one_url_however_it_is_reached(where: str, url: str) -> None:
    assert identity_of(where) == url
    assert identity_of(url) == url


@pytest.mark.parametrize(
    "where",
    [
        "postgresql://ada:geheim@db/a?store=s",
        "postgresql://db/a?store=s&password=geheim",
        "postgresql://db/a?store=s&options=geheim",
        "postgresql://db/a?store=s&sslpassword=geheim",
        "postgresql://db/a?store=s&oauth_client_secret=geheim",
        "postgresql://db/a?store=s&scram_client_key=geheim",
        "postgresql://db/geheim",
        "postgresql://db/a?store=gehe'im",
        'postgresql://db/a?store=a"geheim',
        f"postgresql://db/a?store={'s' * 51}",
        "postgresql://db:geheim/a?store=s",
        "postgresql://db/?store=s",
        "postgresql://db/a?store=s&lease=geheim",
        "postgresql://db/a?store=s&lease=0",
    ],
)
def test_a_bad_url_is_refused_without_being_shown(where: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ServerAddress.of(where)
    assert "geheim" not in f"{caught.value} {caught.value.hint}"


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ("SELECT a FROM t WHERE b = ? AND c = :c", "SELECT a FROM t WHERE b = %s AND c = %(c)s"),
        ("+share IS NULL", "share IS NULL"),
        ("FROM r INDEXED BY i WHERE", "FROM r WHERE"),
        (
            "IN (SELECT value FROM json_each(?))",
            "IN (SELECT jsonb_array_elements_text(CAST(%s AS jsonb)))",
        ),
        ("instr(a, b) LIKE 'x%'", "strpos(a, b) LIKE 'x%%'"),
        ("ORDER BY rowid", "ORDER BY listed_as"),
        ("max(value + 0.0)", "max(CAST(value AS double precision))"),
        ("'saved: ' || kind", "'saved: ' || kind"),
    ],
)
def test_statements_are_translated(here: str, there: str) -> None:
    assert translated(here) == there


def test_parameters_have_numbers_for_libpq() -> None:
    assert numbered("a = ? OR b = ?") == ("a = $1 OR b = $2", ())
    named = "a = :one OR b = :two AND c = :one AND CAST(d AS text)::text LIKE '%'"
    assert numbered(named) == (
        "a = $1 OR b = $2 AND c = $1 AND CAST(d AS text)::text LIKE '%'",
        ("one", "two"),
    )
