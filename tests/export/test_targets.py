"""Targets that are databases: what their addresses may hold."""

import pytest

from elements_procura.errors import ConfigError
from elements_procura.export.warehouse.targets import target_of


@pytest.mark.parametrize(
    "url",
    [
        "mssql://u:VERYSECRET@host/db",
        "mssql://host/db?driver=x&Password=VERYSECRET",
        "snowflake://host/db?private_key_passphrase=VERYSECRET",
        "motherduck:///db?motherduck_token=VERYSECRET",
        "clickhouse://host/db?apikey=",
        "postgresql://[VERYSECRET",
    ],
)
def test_a_url_of_dlt_that_opens_something_is_refused_and_not_repeated(url: str) -> None:
    """A store remembers where its exports are, so nothing there may be a secret."""
    with pytest.raises(ConfigError, match="holds a password or a key") as caught:
        target_of("dlt:some", out=None, url=url, schema=None)
    assert "VERYSECRET" not in f"{caught.value!s}{caught.value!r}"
