"""Settings that cannot work are told, and show nothing of what they were."""

from typing import Any

import pytest

from elements_procura.errors import ConfigError
from elements_procura.procura import ProcuraClient
from tests.client_kit import told

SECRET = "canary-secret-77ab"


@pytest.mark.parametrize(
    "options",
    [
        {"base_url": "http://registry.example/dossiers"},
        {"base_url": "registry"},
        {"credentials": ("", SECRET)},
        {"credentials": ("a:b", SECRET)},
        {"user_agent": "a\r\nb"},
    ],
    ids=",".join,
)
def test_settings_that_are_refused_show_no_secret(options: dict[str, Any]) -> None:
    given = {"base_url": "https://registry.example/dossiers", "credentials": ("id", SECRET)}
    with pytest.raises(ConfigError) as caught:
        ProcuraClient(**(given | options))
    assert SECRET not in told(caught.value)
