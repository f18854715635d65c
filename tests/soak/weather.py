"""Random nights of weather, many of them: nothing lost, and equal once it is over.

The same property as ``tests/harvest/test_weather_property.py``, with as many examples as asked for
(``--examples``, of each API; ``--seed`` chooses them), after thousands of small offices in memory,
as in ``tests/harvest/office_nights.py`` (``--offices``). Run it by hand (``.ci/soak weather``): an
example takes some four seconds, an office a tenth of one.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.harvest.office_nights import settled

TEST = Path(__file__).parent.parent / "harvest/test_weather_property.py"


def main() -> int:
    """The exit code: 0 when all examples held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--offices", type=int, default=2_000)
    given = parser.parse_args()
    examples, seed = given.examples, given.seed
    wrong = 0
    for each in range(seed, seed + given.offices):
        with tempfile.TemporaryDirectory() as folder:
            if faults := settled(Path(folder) / "store.sqlite", each):
                wrong += 1
                print(f"office {each}: {'; '.join(faults[:5])}", flush=True)
    print(f"{given.offices:,} offices in memory from seed {seed}: {wrong} not settled", flush=True)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", str(TEST)]
    command.append(f"--hypothesis-seed={seed}")
    env = os.environ | {"WEATHER_EXAMPLES": str(examples)}
    done = subprocess.run(command, env=env, check=False)
    said = "held" if not done.returncode else "FAILED"
    print(f"{examples} examples of each API from seed {seed}: {said}")
    return done.returncode or int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
