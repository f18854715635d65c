"""Proxies out of the environment, as curl reads them."""

import pytest

from elements_procura.core.proxies import proxy_for
from elements_procura.elements.client import ElementsClient
from elements_procura.errors import ConfigError

HOST = "https://kantoor.fasterforwardelements.nl"
PROXY = "http://proxy.example:3128"
NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "request_method")


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({}, None),
        ({"HTTPS_PROXY": PROXY}, PROXY),
        ({"https_proxy": PROXY}, PROXY),
        ({"HTTPS_PROXY": "127.0.0.1:3128"}, "http://127.0.0.1:3128"),
        ({"HTTPS_PROXY": "proxy.example:3128"}, PROXY),
        ({"HTTPS_PROXY": "proxy.example"}, "http://proxy.example"),
        ({"HTTPS_PROXY": "https://proxy.example:3128"}, "https://proxy.example:3128"),
        ({"HTTPS_PROXY": "http://u:p%40ss@proxy.example:1"}, "http://u:p%40ss@proxy.example:1"),
        ({"ALL_PROXY": PROXY}, PROXY),
        ({"all_proxy": "proxy.example:3128"}, PROXY),
        ({"ALL_PROXY": "http://another:1", "HTTPS_PROXY": PROXY}, PROXY),
        ({"HTTPS_PROXY": "", "ALL_PROXY": PROXY}, PROXY),
        ({"HTTP_PROXY": PROXY}, None),
    ],
)
def test_the_variables(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], found: str | None
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert proxy_for(HOST) == found


@pytest.mark.parametrize(
    ("host", "no_proxy", "is_direct"),
    [
        (HOST, "*", True),
        (HOST, "kantoor.fasterforwardelements.nl", True),
        (HOST, "fasterforwardelements.nl", True),
        (HOST, ".fasterforwardelements.nl", True),
        (HOST, "x.example, fasterforwardelements.nl", True),
        (HOST, "kantoor.fasterforwardelements.nl:443", True),
        (HOST, "fasterforwardelements.nl:443", True),
        (HOST, "kantoor.fasterforwardelements.nl:8443", False),
        (f"{HOST}:8443", "kantoor.fasterforwardelements.nl:8443", True),
        (f"{HOST}:8443", "kantoor.fasterforwardelements.nl:443", False),
        (HOST, "elements.nl", False),
        (HOST, "", False),
        ("https://10.1.2.3", "10.0.0.0/8", True),
        ("https://10.1.2.3", "10.1.2.3", True),
        ("https://10.1.2.3", "192.168.0.0/16 10.1.2.0/24", True),
        ("https://11.1.2.3", "10.0.0.0/8", False),
        ("https://[2001:db8::7]", "2001:db8::/32", True),
        ("https://127.0.0.1:8000", "", True),
        ("https://localhost", "", True),
    ],
)
def test_what_goes_without(
    monkeypatch: pytest.MonkeyPatch, host: str, no_proxy: str, *, is_direct: bool
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", no_proxy)
    assert (proxy_for(host) is None) is is_direct


@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4", "SOCKS5"])
def test_socks_is_told(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY"):
        with monkeypatch.context() as patch:
            patch.setenv(name, f"{scheme}://u:s3cret@proxy.example:1080")
            with pytest.raises(ConfigError, match=f"{name} is a SOCKS proxy") as caught:
                ElementsClient("kantoor", credentials=("a", "b"), organisation=1, scopes=["x"])
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["ftp://proxy:1", "http://", "http://proxy:99999", "http://[::1", "a b", "http://:1"]
)
def test_what_is_no_address_is_told(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", address)
    with pytest.raises(ConfigError, match="HTTPS_PROXY is not the address"):
        proxy_for(HOST)
    with pytest.raises(ConfigError, match="proxy is not the address"):
        proxy_for(HOST, address)


def test_what_was_asked_for_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://another:1")
    assert proxy_for(HOST, "") is None
    assert proxy_for(HOST, "proxy.example:3128") == PROXY
    assert proxy_for("https://127.0.0.1", PROXY) == PROXY
