"""Files that somebody else made, read whole: up to a limit, as a device or a pipe may never end."""

from pathlib import Path

LARGEST = 64 * 1024 * 1024
"""Bytes that a list, a key, a body or settings may have."""
_PIECE = 1024 * 1024


def read_small(path: Path) -> bytes:
    """Read a file that people or programs have handed over; a pipe or a device will do.

    Args:
        path: The file.

    Raises:
        OSError: It cannot be read, or is larger than :data:`LARGEST`.
    """
    pieces: list[bytes] = []
    left = LARGEST
    with path.open("rb") as file:
        while piece := file.read(min(_PIECE, left + 1)):
            left -= len(piece)
            if left < 0:
                raise OSError(f"it holds over {LARGEST // 1024**2} MB, or never ends")
            pieces.append(piece)
    return b"".join(pieces)
