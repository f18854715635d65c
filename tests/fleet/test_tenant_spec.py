"""A tenant as JSON: read with all faults at once, written, pickled, and without a secret."""

import datetime as dt
import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from elements_procura import Secret
from elements_procura.elements.settings import ElementsSettings
from elements_procura.errors import ConfigError, ElementsProcuraError, InputError, SettingsError
from elements_procura.fleet import EnvSecret, FileSecret, Job, TenantSpec
from elements_procura.fleet.spec import greatest_ages, shared
from elements_procura.procura.settings import ProcuraSettings
from elements_procura.schema.settings import structured

CANARY = "canary-s3cret"
A = {
    "name": "a",
    "api": "elements",
    "out": "x/a",
    "host": "a",
    "client_id": "id",
    "organisation": 1,
}
M = {"name": "m", "api": "procura", "out": "x/m", "url": "https://m.example/d", "client_id": "id"}


def faults(given: Any) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        TenantSpec.from_dict(given)
    assert caught.value.code == "config"
    assert CANARY not in f"{caught.value}{caught.value.faults!r}"
    return [f"{fault.setting} {fault.message}" for fault in caught.value.faults]


def test_every_setting_survives_json_and_pickle() -> None:
    spec = TenantSpec.from_dict(
        {
            **A, "secret": {"env": "KANTOOR_A"}, "store": "sqlite:///x/other.sqlite",
            "flow": "code", "user": "jan", "webservice": "w", "scopes": "a b", "token_in": "header",
            "token_store": "file", "token_folder": "tokens", "per_second": "2.5", "per_day": "900",
            "budget": "50%", "gate": "rediss://me@x/1#k", "search": {"kantoor": 3888},
            "include": "klanten,adviseurs", "max_requests": 10, "pilot": 3, "until": "06:00",
            "wait": True, "refresh": True,
            "within": "1h30m", "history": True, "purge": True, "accept_vanished": True,
            "accept": ["rows", "dossier:1"], "retry_quarantined": True, "workers": 4,
            "patience": 90, "suppression": "lists/erased",
            "max_age": "klanten=14d,producten=2d",
        }
    )  # fmt: skip
    assert isinstance(spec.settings, ElementsSettings)
    assert (spec.settings.organisation, spec.settings.scopes) == ("1", ("a", "b"))
    assert (spec.settings.budget, spec.settings.per_second, spec.settings.per_day) == (
        0.5,
        2.5,
        900,
    )
    assert spec.settings.selection == {"kantoor": "3888"}
    assert (spec.job.within, spec.job.patience, spec.job.until) == (5400, 90, dt.time(6))
    assert spec.job.max_age == (("klanten", 1_209_600.0), ("producten", 172_800.0))
    assert spec.job.include == frozenset({"klanten", "adviseurs"})
    assert spec.where == "sqlite:///x/other.sqlite"
    written = json.loads(json.dumps(spec.to_dict()))
    assert TenantSpec.from_dict(written) == spec
    assert set(written) >= {*ElementsSettings.names(), *Job.names()} - {"ids"}
    assert pickle.loads(pickle.dumps(spec)) == spec


@pytest.mark.parametrize("age", ["²d", "9" * 400 + "d", "0.000001d", ".d", "1d2d", "14", "36501d"])
def test_an_age_that_cannot_be_one_is_refused_with_an_example(age: str) -> None:
    with pytest.raises(SettingsError, match=r"max_age must be .* Give .*2?d"):
        TenantSpec.from_dict({**A, "refresh": True, "max_age": f"klanten={age}"})


def test_a_part_has_one_greatest_age() -> None:
    with pytest.raises(SettingsError, match=r"max_age has klanten twice"):
        TenantSpec.from_dict({**A, "refresh": True, "max_age": "klanten=14d,klanten=2d"})


@pytest.mark.parametrize("age", ["0.5d", ".25d", "1.00001d", "1d12h", "1s", "36500d"])
def test_an_age_is_written_as_it_is_read(age: str) -> None:
    spec = TenantSpec.from_dict({**A, "refresh": True, "max_age": f"klanten={age}"})
    assert TenantSpec.from_dict(spec.to_dict()).job.max_age == spec.job.max_age


def test_a_greatest_age_is_of_parts_that_the_harvest_fetches() -> None:
    """A group's name stands for parts that hold it: adviseurs hold pictures where there are any."""
    spec = TenantSpec.from_dict({**A, "refresh": True, "max_age": "profielfotos=3d,klanten=2d"})
    with_pictures = frozenset({"klanten", "adviseurs", "profielfotos"})
    assert set(greatest_ages(spec, begun_with=with_pictures)) == {
        "klanten", "contact", "adviseurs", "kantoor", "profielfotos"
    }  # fmt: skip
    with pytest.raises(InputError, match="this harvest does not fetch profielfotos"):
        greatest_ages(spec, begun_with=None)
    of_dossiers = TenantSpec.from_dict({**A, "refresh": True, "max_age": "dossier=3d"})
    assert greatest_ages(of_dossiers, begun_with=frozenset({"klanten"})) == {"dossier": 259_200.0}


def test_what_has_its_default_is_not_written() -> None:
    spec = TenantSpec.from_dict(M)
    assert spec.to_dict() == M
    assert spec.where == Path("x/m/procura.sqlite")
    made = TenantSpec(
        name="m",
        api="procura",
        out=Path("x/m"),
        settings=ProcuraSettings(url="https://m.example/d", client_id="id"),
    )
    assert made == spec


@given(
    job=st.fixed_dictionaries(
        {},
        optional={
            "include": st.none() | st.lists(st.sampled_from(["details", "documents", "all"])),
            "max_requests": st.none() | st.integers(1),
            "until": st.times().map(dt.time.isoformat),
            "within": st.floats(1, 1e9) | st.integers(1, 99).map("{}h".format),
            "accept": st.lists(st.text(), max_size=3),
            "workers": st.integers(1, 1000),
            "wait": st.booleans(),
            "first": st.dates(max_value=dt.date(2020, 1, 1)).map(dt.date.isoformat),
        },
    )
)
def test_any_spec_survives_json(job: dict[str, Any]) -> None:
    spec = TenantSpec.from_dict({**M, **job})
    assert TenantSpec.from_dict(json.loads(json.dumps(spec.to_dict()))) == spec


def test_all_faults_are_listed_at_once_and_no_value_is_shown() -> None:
    found = faults(
        {
            "name": "a/b", "api": "elements", "hots": CANARY, "flow": CANARY, "per_second": CANARY,
            "per_day": 0, "budget": 2, "search": ["naam=" + CANARY], "include": "ducks",
            "within": CANARY, "workers": 1001, "purge": True, "secret": CANARY, "wait": "yes",
            "until": 6, "client_id": [CANARY], "ids": [CANARY],
        }
    )  # fmt: skip
    assert found[0].startswith("name must be up to 64 letters")
    assert found[1:] == [
        "out is missing",
        found[2],
        "client_id must be a text",
        "per_second must be a number",
        "budget must be a part of the whole",
        "ids must be a list of dossier ids",
        "host is missing",
        "flow must be organisation or code",
        "per_day must be at least 1",
        "search wants FILTER=VALUE",
        "until must be a time of the day",
        "wait must be true or false",
        "within must be a length of time",
        "workers must be at most 1000",
        "purge needs refresh as well",
        "include is refused: nothing of a dossier is called ducks",
        'secret must be {"env": NAME} or {"file": PATH}',
    ]
    assert found[2].startswith("hots is not a setting; they are name, api, out, store, secret, ")


def test_of_an_unknown_api_all_faults_that_can_be_known_are_listed() -> None:
    given = {"name": "a/b", "api": "other", "out": 1, "workers": 0, "wait": "yes", "secret": CANARY}
    assert [each.partition(" ")[0] for each in faults({**given, "store": ""})] == [
        "name", "store", "out", "api", "wait", "workers", "secret",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ([], "spec must be an object"),
        ({**A, "api": "other"}, "api must be elements or procura"),
        ({**A, "api": ["x"]}, "api must be elements or procura"),
        ({**A, "out": 1}, "out must be the name of a directory"),
        ({**A, "store": 1}, "store must be a path or a URL"),
        ({**A, "store": ""}, "store is refused: a store's address must name a file"),
        ({**A, "store": "sqlite:///a%00b"}, "store is refused: a store's address must name"),
        ({**A, "store": "sqlite://[a/b"}, "store is refused: a store's address must name"),
        ({**A, "store": "postgresql://[a/b?store=c"}, "store is refused: a store's URL has a"),
        ({**A, "store": f"mongo://u:{CANARY}@h/x"}, "store is refused: mongo: names no kind of"),
        ({**A, "host": f"http://{CANARY}.example"}, "host is refused: plain http"),
        ({**A, "search": ["kantoor=1"], "ids": [1]}, "search and ids both say which dossiers"),
        ({**A, "secret": {"env": ""}}, "secret must be"),
        ({**A, "secret": {"env": "A", "file": "b"}}, "secret must be"),
        ({**M, "first": "2024-02-01", "last": "2024-01-01"}, "first is after last"),
        ({**M, "first": "3000-01-01"}, "first is after last"),
        ({**M, "url": "ftp://x"}, "url is refused: the server's address is not valid"),
    ],
)
def test_faults_one_by_one(given: Any, says: str) -> None:
    assert any(each.startswith(says) for each in faults(given)), faults(given)


def test_settings_made_by_hand_are_checked_as_well() -> None:
    with pytest.raises(SettingsError, match=r"per_second must be at least 0\.1; organisation is"):
        ElementsSettings(host="a", client_id="b", per_second=0)
    settings = ProcuraSettings(url="https://m.example", client_id="b")
    with pytest.raises(SettingsError, match="settings must be those of elements"):
        TenantSpec(name="a", api="elements", out=Path("x"), settings=settings)
    with pytest.raises(SettingsError, match="api must be elements or procura"):
        TenantSpec(name="a", api="other", out=Path("x"), settings=settings)
    with pytest.raises(SettingsError, match="x is not a setting"):
        structured(Job, {"x": 1})


# -- secrets -----------------------------------------------------------------------------------


def test_a_secret_comes_out_of_a_variable_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", CANARY)
    monkeypatch.setenv("PROCURA_CLIENT_SECRET_M", "other")
    (tmp_path / "secret").write_text(f"{CANARY}\n")
    for source in ({"env": "MINE"}, {"file": str(tmp_path / "secret")}):
        spec = TenantSpec.from_dict({**M, "secret": source})
        assert spec.client_secret() == Secret(CANARY)
        assert spec.to_dict()["secret"] == source
        assert CANARY not in repr(spec)
    assert TenantSpec.from_dict(M).client_secret() == Secret("other")


@pytest.mark.parametrize(
    "source",
    [EnvSecret("NOT_SET"), EnvSecret(CANARY), FileSecret(Path("/nonexistent/x")), Secret(""), None],
)
def test_a_missing_secret_is_told_without_it(source: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PROCURA_CLIENT_SECRET_M", raising=False)
    spec = TenantSpec(
        name="m",
        api="procura",
        out=Path("x"),
        settings=ProcuraSettings(url="https://m.example", client_id="b"),
        secret=source,
    )
    with pytest.raises(ConfigError, match="the client secret is missing") as caught:
        spec.client_secret()
    assert CANARY not in f"{caught.value}{spec!r}"


@pytest.mark.parametrize("written", [b"", b"\n", b"\xff"])
def test_a_secrets_file_must_hold_one(tmp_path: Path, written: bytes) -> None:
    (tmp_path / "s").write_bytes(written)
    with pytest.raises(ConfigError, match="the client secret is missing"):
        FileSecret(tmp_path / "s").reveal()


def test_a_secret_itself_stays_in_its_process() -> None:
    spec = TenantSpec.from_dict({**M, "secret": Secret(CANARY)})
    assert spec.client_secret() == Secret(CANARY)
    with pytest.raises(TypeError, match="hand over where it comes from"):
        spec.to_dict()
    with pytest.raises(TypeError, match="hand over where it comes from"):
        pickle.dumps(spec)


# -- many --------------------------------------------------------------------------------------


def test_what_two_tenants_share_is_found_whatever_leads_to_it(tmp_path: Path) -> None:
    b = {**A, "name": "b", "host": "b", "out": str(tmp_path / "b")}
    specs = [
        TenantSpec.from_dict({**A, "out": str(tmp_path), "store": str(tmp_path / "s.sqlite")}),
        TenantSpec.from_dict({**b, "store": f"sqlite:///{tmp_path}/./s.sqlite"}),
    ]
    assert list(shared(specs)) == ["a and b: they have the same store"]


def test_the_settings_error_survives_pickle() -> None:
    with pytest.raises(SettingsError) as caught:
        TenantSpec.from_dict({**A, "budget": 3})
    again: ElementsProcuraError = pickle.loads(pickle.dumps(caught.value))
    assert isinstance(again, SettingsError)
    assert (str(again), again.faults) == (str(caught.value), caught.value.faults)
    assert again.hint == "Give 80% or 0.8"


def test_a_token_store_may_be_a_server_without_its_password() -> None:
    for url in ("redis://h:1/0", "rediss://user@h", "unix:///run/valkey.sock"):
        assert TenantSpec.from_dict(A | {"token_store": url}).to_dict()["token_store"] == url
    for wrong in (f"redis://:{CANARY}@h", f"redis://h?password={CANARY}", "cloud", "http://h", 5):
        (fault,) = faults(A | {"token_store": wrong})
        assert fault.startswith("token_store must ")
    with pytest.raises(SettingsError, match="token_store must"):
        ElementsSettings(host="a", client_id="a", organisation="1", token_store="redis://:p@h")


@pytest.mark.parametrize(
    "gate",
    [
        *("", "#", "gate.db", "gate.db#", "#a", 1, "http://x#a", "redis://#a", "redis://x"),
        *(f"redis://me:{CANARY}@x#a", f"redis://x?password={CANARY}#a"),
    ],
)
def test_a_gate_is_a_place_and_an_account_without_a_password(gate: Any) -> None:
    (found,) = faults({**A, "gate": gate})
    assert found.startswith("gate must be FILE#ACCOUNT or redis://HOST:PORT/DB#ACCOUNT")
    assert len(faults({**M, "gate": gate})) == 1
