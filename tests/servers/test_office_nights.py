"""A store in PostgreSQL is settled by fair nights, too."""

import pytest

from tests.harvest.office_nights import settled
from tests.servers.postgres import fresh


@pytest.mark.parametrize("seed", range(20, 30))
def test_fair_nights_settle_every_doubt_in_postgres(seed: int) -> None:
    with fresh() as where:
        assert settled(where, seed) == []
