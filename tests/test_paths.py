import re
from typing import Any

import pytest

from elements_procura import ElementsClient, ProcuraClient
from elements_procura.cli.work.catalogue import endpoints
from elements_procura.elements.kinds import KINDS, path_of
from elements_procura.elements.models import Productsoort
from elements_procura.errors import ConfigError, InputError
from elements_procura.paths import Path, base_url, from_href, segment
from elements_procura.procura import source as procura_kinds
from elements_procura.procura.source import CONTENT, DETAILS

ORIGIN = "https://kantoor.example"
TEMPLATES = {"elements": ElementsClient.templates, "procura": ProcuraClient.templates}
DOSSIERS = Path.literal("/api/data/klantdossiers")


def test_a_path_grows_one_segment_at_a_time_with_its_template() -> None:
    path = DOSSIERS.at(DOSSIER_ID=5526).at("klanten", "particulier", PERSOON_ID="120954")
    assert path.value == "/api/data/klantdossiers/5526/klanten/particulier/120954"
    assert path.template == (
        "/api/data/klantdossiers/{DOSSIER_ID}/klanten/particulier/{PERSOON_ID}"
    )
    assert "5526" not in repr(path)
    assert DOSSIERS.at() == DOSSIERS


@pytest.mark.parametrize(
    ("identifier", "text"),
    [
        (1, "1"),
        ("a-B_9", "a-B_9"),
        ("x" * 64, "x" * 64),
        (Productsoort.HYPOTHEKEN, "hypotheken"),
    ],
)
def test_identifiers(identifier: int | str, text: str) -> None:
    assert segment(identifier, "ID") == text


@pytest.mark.parametrize(
    "identifier",
    [
        *("", ".", "..", "../oauth", "a/b", "/", "%2e%2e", "a%2fb", "a\\b", "a b", "a?b", "a#b"),
        *(
            "a;b",
            "a@b",
            "a:b",
            "5526\r\nX: y",
            "5526\n",
            "\n",
            "\0",
            "a\0",
            "é",
            "\uff15",
            "x" * 65,
        ),
        *(True, None, 5.0, b"5", ["5"]),
    ],
)
def test_what_could_lead_elsewhere_is_no_identifier(identifier: Any) -> None:
    with pytest.raises(InputError) as caught:
        DOSSIERS.at("adressen", ADRES_ID=identifier)
    assert str(caught.value).startswith("ADRES_ID is not a valid identifier. Pass")


@pytest.mark.parametrize(
    ("href", "value"),
    [
        ("/api/data/klantdossiers/5526", "/api/data/klantdossiers/5526"),
        ("/api/data/klantdossiers/", "/api/data/klantdossiers/"),
        ("https://kantoor.example/api/data/x1", "/api/data/x1"),
        ("https://KANTOOR.example:443/api/data/x1", "/api/data/x1"),
        ("/api/x?publiek=0&access_token=t#f", "/api/x"),
        ("/api/...", "/api/..."),
    ],
)
def test_links_of_the_same_origin_are_followed(href: str, value: str) -> None:
    assert from_href(href, ORIGIN).value == value


@pytest.mark.parametrize(
    "href",
    [
        *("//evil/api/x", "//kantoor.example/api/x", "///api/x", "https:///api/x", "https:api"),
        *("http://kantoor.example/api/x", "https://kantoor.example:8443/api/x"),
        *("https://evil/api/x", "https://kantoor.example.evil/api/x"),
        *("https://kantoor.example@evil/api/x", "https://u@kantoor.example/api/x"),
        *("https://u:p@kantoor.example/api/x", "https://@kantoor.example/api/x"),
        *("/api/../oauth", "/api/x/..", "/../x", "/api/./x", "/api//x", "/api/%2e%2e/x"),
        *("/api\\x", "\\\\evil\\x", "/api/x\r\nHost: evil", "/api/\tx", "/api/x\0", "/api/ x"),
        *("", "/", "api/x", "?x=1", "#x", "javascript:alert(1)", "file:///etc/passwd"),
        *("http://[", "https://kantoor.example:99999/x", "https://kantoor.example:x/y"),
        *("/api/x;y", "/api/{id}", "/api/@x", "/api/é"),
    ],
)
def test_links_that_lead_elsewhere_are_refused(href: str) -> None:
    with pytest.raises(InputError, match="not followed"):
        from_href(href, ORIGIN)


def test_of_a_link_without_a_documentation_nothing_is_shown() -> None:
    path = from_href("/api/data/klantdossiers/5526/relatives/Jansen", ORIGIN)
    assert path.template == "/{ID}/{ID}/{ID}/{ID}/{ID}/{ID}"


DOSSIER = "/api/data/klantdossiers/5526"
TEMPLATE = "/api/data/klantdossiers/{DOSSIER_ID}"
SHOWN = [
    ("elements", f"{DOSSIER}/bezittingen/overige", f"{TEMPLATE}/bezittingen/overige"),
    ("elements", f"{DOSSIER}/bezittingen/7", f"{TEMPLATE}/bezittingen/{{BEZITTING_ID}}"),
    ("elements", "/api/data/klantdossiers/", "/api/data/klantdossiers/"),
    ("elements", f"{DOSSIER}/emails/7", f"{TEMPLATE}/emails/{{ID}}"),
    ("elements", f"{DOSSIER}/Jansen", f"{TEMPLATE}/{{ID}}"),
    ("elements", f"{DOSSIER}/taken/Jansen/x9/taken", f"{TEMPLATE}/taken/{{ID}}/{{ID}}/taken"),
    ("elements", "/Jansen", "/{ID}"),
    ("procura", "/api/v1/relocations/intra/consent", "/api/v1/relocations/intra/consent"),
    ("procura", "/api/v1/relocations/intra/Jansen", "/api/v1/relocations/intra/{dossierId}"),
    ("procura", "/api/v1/births/Jansen/documents", "/api/v1/births/{dossierId}/documents"),
    ("procura", "/api/v1/dossiers/Jansen", "/api/v1/dossiers/{ID}"),
    ("procura", "/api/v1/relatives/999993653", "/api/v1/relatives/{bsn}"),
    ("procura", "/api/v1/Jansen%0a/search", "/api/v1/{ID}/search"),
]


@pytest.mark.parametrize(("api", "path", "shown"), SHOWN)
def test_a_path_is_shown_as_it_is_documented_and_the_rest_is_masked(
    api: str, path: str, shown: str
) -> None:
    found = TEMPLATES[api].path(path)
    assert found.template == shown
    assert found.value == path


@pytest.mark.parametrize("api", TEMPLATES)
def test_the_documented_paths_are_those_of_the_clients(api: str) -> None:
    documented = {each.path for each in endpoints(api)}
    assert TEMPLATES[api].known == documented
    for each in documented:
        assert TEMPLATES[api].of(each.replace("{", "").replace("}", "9")) == each


def test_a_harvests_kinds_have_the_documented_templates() -> None:
    for kind, found in KINDS.items():
        value = re.sub(r"{\w+}", "12", found.template)
        assert path_of(kind, value).template == found.template
    for kind in (*DETAILS, "documents", CONTENT):
        template = procura_kinds.template_of(kind)
        assert TEMPLATES["procura"].of(re.sub(r"{\w+}", "Jansen", template)) == template


@pytest.mark.parametrize("api", TEMPLATES)
@pytest.mark.parametrize(
    "name", ["Jansen", "de-Vries", "A.B", "999993653", "J%C3%B6", "~", "x" * 90]
)
def test_a_name_in_any_place_of_any_path_is_masked(api: str, name: str) -> None:
    for each in TEMPLATES[api].known:
        parts = each.split("/")
        for place in range(1, len(parts)):
            path = "/".join([*parts[:place], name, *parts[place + 1 :]])
            shown = TEMPLATES[api].of(path)
            assert name not in shown.split("/")


@pytest.mark.parametrize(
    ("address", "base"),
    [
        ("kantoor", "https://kantoor.vendor.nl"),
        ("kan-toor1", "https://kan-toor1.vendor.nl"),
        ("https://h.example", "https://h.example"),
        ("HTTPS://H.Example:8443/", "https://h.example:8443"),
        ("https://h.example/context/", "https://h.example/context"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://localhost:1/", "http://localhost:1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]"),
    ],
)
def test_addresses(address: str, base: str) -> None:
    assert base_url(address, domain="vendor.nl") == base


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("http://kantoor.example", "in the clear"),
        ("http://127.0.0.1.evil", "in the clear"),
        ("http://localhost.evil", "in the clear"),
        ("http://0.0.0.0", "in the clear"),
        ("http://127.1", "in the clear"),
        ("http://[::2]", "in the clear"),
        ("https://user:secret@h.example", "user name"),
        ("https://user@h.example", "user name"),
        ("https://@h.example", "user name"),
        ("https://h.example?x=1", "query"),
        ("https://h.example#x", "query"),
        ("", "not valid"),
        ("-x", "not valid"),
        ("h.example", "not valid"),
        ("ftp://h.example", "not valid"),
        ("https://", "not valid"),
        ("https:///x", "not valid"),
        ("https://h example", "not valid"),
        ("https://h.example\r\n", "not valid"),
        ("https://h\\evil", "not valid"),
        ("https://h%65.example", "not valid"),
        ("https://h.example:99999", "not valid"),
        ("https://h.example:x", "not valid"),
        ("https://[::1", "not valid"),
        ("https://h.example/a/../b", "not valid"),
        ("https://h.example/a//b", "not valid"),
        ("https://h.example/a%2fb", "not valid"),
        ("https://é.example", "not valid"),
    ],
)
def test_addresses_that_are_refused_say_what_to_give(address: str, text: str) -> None:
    with pytest.raises(ConfigError, match=text) as caught:
        base_url(address, domain="vendor.nl")
    assert caught.value.hint
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("path", ["/api/data", "/api/data/", "/gateway/api/data/klantdossiers"])
def test_an_address_that_holds_the_root_of_all_paths_is_refused(path: str) -> None:
    with pytest.raises(ConfigError, match="holds /api/data, which every request adds") as caught:
        base_url(f"https://h.example{path}", root="/api/data")
    assert "Leave off /api/data" in caught.value.hint
    like_it = "https://h.example/api/database"
    assert base_url(like_it, root="/api/data") == like_it


@pytest.mark.parametrize("address", [None, 5, b"https://h.example"])
def test_an_address_is_a_text(address: Any) -> None:
    with pytest.raises(ConfigError, match="is not a text"):
        base_url(address, domain="vendor.nl")


def test_without_a_domain_a_bare_name_is_no_address() -> None:
    with pytest.raises(ConfigError, match="Give https://HOST"):
        base_url("kantoor")
