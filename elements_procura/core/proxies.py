"""The proxy for requests: the setting, or the environment's variables, as curl reads them."""

import ipaddress
import re
import urllib.request
from urllib.parse import urlsplit

from elements_procura.errors import ConfigError
from elements_procura.paths import is_loopback

_HOST = re.compile(r"[0-9a-z](?:[0-9a-z._-]*[0-9a-z])?|[0-9a-f:.]+")
_PORTS = {"http": 80, "https": 443}


def proxy_for(base_url: str, given: str | None = None) -> str | None:
    """The address of the proxy between here and ``base_url``, or None.

    Args:
        base_url: Of the server.
        given: What was asked for; an empty string for none, None to look at ``HTTPS_PROXY`` (of
            plain http: ``http_proxy``), ``ALL_PROXY`` and ``NO_PROXY``.

    Raises:
        ConfigError: It is not the address of an http or https proxy.
    """
    if given is not None:
        return _checked(given, "proxy") if given else None
    parts = urlsplit(base_url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    # What is meant for this machine stays here: plain http would be readable to the proxy.
    if is_loopback(host) or _is_passed_by(host, port):
        return None
    known = urllib.request.getproxies()  # of the environment, or else of the system
    for name in (parts.scheme, "all"):
        if known.get(name):
            return _checked(known[name], f"{name.upper()}_PROXY")
    return None


def _is_passed_by(host: str, port: int) -> bool:
    """Whether ``NO_PROXY`` names the host: itself, a domain, with a port, or a network."""
    if urllib.request.proxy_bypass(host) or urllib.request.proxy_bypass(f"{host}:{port}"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    names = urllib.request.getproxies_environment().get("no", "").replace(",", " ").split()
    return any(address in network for network in map(_network, names) if network is not None)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.strip("[]"), strict=False)
    except ValueError:
        return None


def _checked(address: str, name: str) -> str:
    address = address.strip()
    whole = address if "://" in address else f"http://{address}"
    try:
        parts = urlsplit(whole)
        is_one = bool(_HOST.fullmatch(parts.hostname or "")) and parts.port != 0
    except ValueError:
        parts, is_one = urlsplit(""), False
    # Never the address itself: it may hold a password.
    if parts.scheme.lower().startswith("socks"):
        raise ConfigError(
            f"{name} is a SOCKS proxy, which is not spoken here",
            hint="Give an http or https proxy, or name the server in NO_PROXY",
        )
    if parts.scheme.lower() not in _PORTS or not is_one:
        raise ConfigError(
            f"{name} is not the address of a proxy", hint="Give http://HOST:PORT, or HOST:PORT"
        )
    return whole
