"""Random nights of weather, many of them: nothing lost, and equal once it is over.

The same property as ``tests/harvest/test_weather_property.py``, with as many examples as asked for
(``--examples``, of each API; ``--seed`` chooses them). Run it by hand (``.ci/soak weather``): it
takes some four seconds for each.
"""

import argparse
import os
import random
import subprocess
import sys
from pathlib import Path

TEST = Path(__file__).parent.parent / "harvest/test_weather_property.py"


def main() -> int:
    """The exit code: 0 when all examples held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    given = parser.parse_args()
    examples, seed = given.examples, given.seed
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", str(TEST)]
    command.append(f"--hypothesis-seed={seed}")
    env = os.environ | {"WEATHER_EXAMPLES": str(examples)}
    done = subprocess.run(command, env=env, check=False)
    said = "held" if not done.returncode else "FAILED"
    print(f"{examples} examples of each API from seed {seed}: {said}")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
