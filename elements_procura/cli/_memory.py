"""The memory of a process that runs for hours."""

import contextlib
import ctypes
import sys

_M_TRIM_THRESHOLD = -1
_BYTES = 128 * 1024


def give_back_what_is_free() -> None:
    """Keep glibc to its own default of when freed memory goes back to the system.

    Else it raises that as it goes, and of a harvest's heap some 10 MB more stay unused. With
    another C library this does nothing.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).mallopt(_M_TRIM_THRESHOLD, _BYTES)
