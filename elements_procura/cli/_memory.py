"""The memory of a process that runs for hours."""

import contextlib
import ctypes
import sys

_THRESHOLDS = (-1, -3)  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD
_BYTES = 128 * 1024


def limit_malloc_growth() -> None:
    """Keep glibc's default thresholds for returning freed memory to the system.

    Else it raises them as it goes, and of a harvest's heap some 10 MB more stay unused. With
    another C library this does nothing.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            for threshold in _THRESHOLDS:
                ctypes.CDLL(None).mallopt(threshold, _BYTES)
