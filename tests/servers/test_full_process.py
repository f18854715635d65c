"""Many tenants in one process, as far as a busy machine lets it be measured."""

from elements_procura.fleet._files import EACH
from tests.soak.full_process import measured, prepared

TENANTS, SECONDS = 30, 16.0


async def test_a_tenant_costs_little() -> None:
    prepared()
    found, paces = await measured(TENANTS, SECONDS)
    assert found["exits"] == {"130": TENANTS}, "all of them were at work until the stop"
    assert sum(paces)
    assert found["files"] <= EACH, "what `doctor` reckons with"
    assert found["memory"] <= 2 * 1.5e6, "few tenants also bear what all share"
    assert found["each"] <= 3 * 0.0012, (
        "seconds of the processor; the goal on a free one is a third"
    )
