"""The file of `harvest tenants`: what it may hold, and that it is checked whole."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import pytest

from elements_procura.elements.settings import ElementsSettings
from tests.cli.cli_running import tenants_in

A = {"api": "elements", "host": "a", "client_id": "id", "organisation": 1}
M = {"api": "procura", "url": "https://m.example/dossiers", "client_id": "id"}
CANARY = "canarys3cret"


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        (
            {"a": {**A, "hots": "x"}},
            "a: hots is not a setting; they are name, api, out, store",
        ),
        ({"a": {**A, "first": "2024-01-01"}}, "a: first is not a setting"),
        ({"m": {**M, "budget": "80%"}}, "m: budget is not a setting"),
        ({"a": {"api": "elements", "host": "a"}}, "a: client_id is missing"),
        ({"m": {"api": "procura", "client_id": "a"}}, "m: url is missing"),
        (
            {"n": {"api": "elements"}},
            (
                "n: host is missing; client_id is missing; organisation is missing; "
                "the client secret is missing: ELEMENTS_CLIENT_SECRET_N is not set"
            ),
        ),
        ({"a": {**A, "organisation": ""}}, "a: organisation is missing"),
        ({"a": {"host": "a"}}, "a: api must be elements or procura"),
        ({"a": {**A, "api": "other"}}, "a: api must be elements or procura"),
        ({"a": {**A, "per_second": "quick"}}, "a: per_second must be a number"),
        ({"a": {**A, "per_day": True}}, "a: per_day must be a whole number"),
        ({"a": {**A, "out": 1}}, "a: out must be the name of a directory"),
        ({"a": {**A, "host": "http://example.org"}}, "a: host is refused: plain http"),
        (
            {"a": {**A, "include": "ducks"}},
            "include is refused: nothing of a dossier is called ducks",
        ),
        ({"a": {**A, "search": ["naam=x"]}}, "a: search wants"),
        ({"a": {**A, "until": "25:00"}}, "a: until must be a time"),
        ({"m": {**M, "first": "2024-13-01"}}, "m: first must be a day"),
        ({"m": {**M, "page_size": 0}}, "m: page_size must be at least 1"),
        ({"a": {**A, "page_size": 10}}, "a: page_size is not a setting"),
        (
            {"a": {**A, "client_secret": CANARY}},
            "a: it holds client_secret: secrets must not",
        ),
        ({"a": {**A, "secret_env": "NOT_SET"}}, "a: the client secret is missing"),
        ({"a": {**A, "secret_env": CANARY}}, "a: the client secret is missing: the named variable"),
        ({"n": A}, "n: the client secret is missing: ELEMENTS_CLIENT_SECRET_N is not set"),
        ({"a": A, "b": {**A, "host": "b", "out": "a"}}, "a and b: they have the same out"),
        ({"a": A, "b": {**A, "out": "../b"}}, "a and b: they have the same account"),
        ({"m": M, "b": {**M, "first": "2024-01-01"}}, "m and b: they have the same account"),
        ({"a": A, "A": {**A, "host": "b"}}, "a and A: they have the same name but for its spell"),
        ({"a/b": A}, "a/b: name must be up to 64 letters"),
        ({"a": 1}, "a: it must be a table"),
        ({}, "lacks a table [tenants.NAME]"),
    ],
)
def test_the_whole_file_is_checked_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tables: dict[str, Any], says: str
) -> None:
    path = tmp_path / "tenants.toml"
    path.write_text("[tenants]\n" + "\n".join(_lines(tables)))
    for name in ("ELEMENTS_CLIENT_SECRET_A", "ELEMENTS_CLIENT_SECRET_B"):
        monkeypatch.setenv(name, "s")
    monkeypatch.setenv("PROCURA_CLIENT_SECRET_M", "s")
    monkeypatch.setenv("PROCURA_CLIENT_SECRET_B", "s")
    with pytest.raises(click.UsageError) as told:
        read(path)
    assert says in told.value.message
    assert CANARY not in told.value.message


def _lines(tables: dict[str, Any]) -> Iterable[str]:
    for name, table in tables.items():
        if isinstance(table, dict):
            inside = ", ".join(f"{key} = {json.dumps(value)}" for key, value in table.items())
            yield f'"{name}" = {{ {inside} }}'
        else:
            yield f'"{name}" = {json.dumps(table)}'


def read(path: Path, *only: str) -> Any:
    return tenants_in(path, path.parent / "out", *only)


def test_every_fault_is_told_at_once_also_of_those_that_are_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ELEMENTS_CLIENT_SECRET_A", "s")
    path = tmp_path / "tenants.toml"
    path.write_text("[tenants]\n" + "\n".join(_lines({"a": A, "b": {**A, "x": 1}, "m": {}})))
    with pytest.raises(click.UsageError) as told:
        read(path, "a")
    first, second = told.value.message.splitlines()[1:]
    assert first.startswith("  b: x is not a setting; they are name, api, out, store, secret, ")
    assert first.endswith(", retry_quarantined, workers, patience")
    assert second == "  m: api must be elements or procura"


def test_only_those_that_are_asked_for_need_their_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FIRM", "s3cret")
    path = tmp_path / "tenants.toml"
    path.write_text(
        f"[tenants]\na = {{ {_inline(A)}, secret_env = 'FIRM', out = 'x', scopes = 'a b',"
        f" until = 06:00:00, search = ['kantoor=3888'], per_second = 2.5 }}\n"
        f"m = {{ {_inline(M)}, first = 2024-01-01 }}\n[elements]\nhost = 'another'\n"
    )
    (tenant,) = read(path, "a")
    assert (tenant.name, tenant.out) == ("a", tmp_path / "out" / "x")
    assert isinstance(tenant.settings, ElementsSettings)
    assert tenant.settings.selection == {"kantoor": "3888"}
    assert tenant.settings.scopes == ("a", "b")
    assert tenant.settings.base_url == "https://a.fasterforwardelements.nl"
    assert tenant.job.until is not None
    assert "s3cret" not in repr(tenant)
    with pytest.raises(click.UsageError, match="has no tenant x; it has a, m"):
        read(path, "x")
    path.write_text(path.read_text() + "[tenant.b]\n")
    with pytest.raises(click.UsageError, match="tenant is none of tenants, elements, procura"):
        read(path, "a")


def _inline(table: dict[str, Any]) -> str:
    return ", ".join(f"{key} = {json.dumps(value)}" for key, value in table.items())


def test_a_tenant_of_procura_has_a_page_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROCURA_CLIENT_SECRET_M", "s3cret")
    path = tmp_path / "tenants.toml"
    for given, size in (("", 250), (", page_size = 40", 40)):
        path.write_text(f"[tenants]\nm = {{ {_inline(M)}{given} }}\n")
        (tenant,) = read(path)
        assert tenant.settings.page_size == size
