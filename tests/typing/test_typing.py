"""mypy --strict finds what is wrong in ``wrong_calls.py``, and nothing in ``right_calls.py``."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def complaints(path: Path) -> list[str]:
    """What mypy says of a file."""
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", str(path)]
    found = subprocess.run(
        command, cwd=HERE.parents[1], capture_output=True, text=True, check=False
    )
    assert not found.stderr, found.stderr
    return found.stdout.splitlines()


def test_every_marked_line_is_wrong() -> None:
    assert (HERE / "wrong_calls.py").read_text().count("# type: ignore[") == 23
    assert complaints(HERE / "wrong_calls.py") == []


def test_a_marked_line_that_is_right_would_be_found(tmp_path: Path) -> None:
    """Or the test above would say yes to anything."""
    wrong = (HERE / "wrong_calls.py").read_text()
    mended = wrong.replace("adresen", "adressen").replace("omschrijvng", "omschrijving")
    (tmp_path / "mended.py").write_text(mended)
    assert sum("unused-ignore" in line for line in complaints(tmp_path / "mended.py")) == 2


def test_what_is_right_is_accepted() -> None:
    assert complaints(HERE / "right_calls.py") == []
