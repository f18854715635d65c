"""The memory of a process that runs for hours."""

import contextlib
import ctypes
import gc
import sys

_THRESHOLDS = (-1, -3)  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD
_BYTES = 128 * 1024
_YOUNG = 10_000
"""Objects more than before, after which Python looks for garbage."""


def limit_malloc_growth() -> None:
    """Keep glibc's default thresholds for returning freed memory to the system.

    Else it raises them as it goes, and of a harvest's heap some 10 MB more stay unused. With
    another C library this does nothing.
    """
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            for threshold in _THRESHOLDS:
                ctypes.CDLL(None).mallopt(threshold, _BYTES)


def look_for_garbage_rarely() -> None:
    """Have Python look for cycles of objects after ten thousand new ones instead of 700.

    The requests under way of a harvest are more than 700, and hold none: each look goes through
    them, a fifteenth of all processor time. That is a program's to set, and this is one.
    """
    young, *older = gc.get_threshold()
    if 0 < young < _YOUNG:
        gc.set_threshold(_YOUNG, *older)
