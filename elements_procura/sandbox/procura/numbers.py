"""Citizen service numbers of the sandbox."""

import random
from typing import Final

_WEIGHTS: Final = (9, 8, 7, 6, 5, 4, 3, 2, -1)
_TEST_RANGE: Final = 9999


def padded(bsn: str) -> str:
    """Nine digits."""
    return bsn.strip().zfill(9)


def is_correct(bsn: str) -> bool:
    """Whether it passes the 11-test."""
    if len(bsn) != len(_WEIGHTS) or not bsn.isdecimal():
        return False
    total = sum(w * int(d) for w, d in zip(_WEIGHTS, bsn, strict=True))
    return total % 11 == 0 and int(bsn) > 0


def made(chance: random.Random) -> str:
    """One of the range that is reserved for tests."""
    while True:
        bsn = f"{_TEST_RANGE}{chance.randrange(100_000):05}"
        if is_correct(bsn):
            return bsn
