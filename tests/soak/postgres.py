"""Stops of a writer at random moments: ``.ci/soak postgres``, or with ``--times``.

Needs the extra fleet-demo, or a server in ``TEST_POSTGRES_URL``.
"""

import argparse
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.servers.fence import LEASE, stop_once

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--times", type=int, default=200)
parser.add_argument("--seed", type=int, default=0)
options = parser.parse_args()

chance = random.Random(options.seed)
stops = [stop_once(chance) for _ in range(options.times)]
late, refused = sum(each.late for each in stops), sum(each.is_refused for each in stops)
longest = max(each.waited for each in stops)
print(
    f"{len(stops)} stops: {late} rows after the takeover, {refused} writers refused,"
    f" longest takeover {longest:.2f} s with a lease of {LEASE:g} s"
)
sys.exit(0 if late == 0 and refused == len(stops) and longest <= LEASE + 1 else 1)
