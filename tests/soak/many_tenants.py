"""10,000 interleaved calls of 50 tenants in one process: nothing crosses.

Run it by hand (``.ci/soak tenants``): it takes a minute. Exits 1 when anything crosses.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from elements_procura.auth import FileTokenStore
from elements_procura.core.tenants import Tenants
from tests.tokens.tenants_kit import interleave, opener, servers


async def main(given: argparse.Namespace) -> int:
    """The exit code."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        async with (
            servers(given.tenants, token_seconds=2.0) as sandboxes,
            Tenants(opener(sandboxes, FileTokenStore(folder))) as tenants,
        ):
            crossed = await interleave(tenants, sandboxes, calls=given.calls, seed=7)
    print(
        f"{crossed.calls} calls of {given.tenants} tenants in {time.monotonic() - started:.0f} s, "
        f"{crossed.renewals} token requests: {crossed.answers} answers of another tenant, "
        f"{crossed.strangers} requests with another's token or a cookie"
    )
    return 1 if crossed.answers or crossed.strangers else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tenants", type=int, default=50)
    parser.add_argument("--calls", type=int, default=10_000)
    sys.exit(asyncio.run(main(parser.parse_args())))
