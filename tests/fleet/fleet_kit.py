"""Specs of tenants whose servers are sandboxes."""

from pathlib import Path
from typing import Any

import pytest

from elements_procura.fleet import TenantSpec
from elements_procura.sandbox import ProcuraSandbox, Sandbox


def spec_of(
    sandbox: Sandbox | ProcuraSandbox,
    out: Path,
    patch: pytest.MonkeyPatch,
    *,
    name: str = "a",
    **more: Any,
) -> TenantSpec:
    """A spec of a sandbox, whose secret is put into a variable."""
    given = dict(sandbox.credentials)
    patch.setenv(f"SECRET_{name.upper()}", given.pop("client_secret"))
    own: dict[str, Any] = {"api": "procura", "url": sandbox.url, "per_second": 1000}
    if isinstance(sandbox, Sandbox):
        own = {"api": "elements", "host": sandbox.url, "per_second": 300, "token_store": "memory"}
    secret = {"env": f"SECRET_{name.upper()}"}
    return TenantSpec.from_dict(
        {"name": name, "out": out / name, "secret": secret, **own, **given, **more}
    )
