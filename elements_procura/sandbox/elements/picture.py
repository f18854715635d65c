"""Small PNG pictures for profielfoto's."""

import struct
import zlib
from functools import lru_cache
from typing import Final

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_FRAME: Final = 12  # length, name and checksum around a chunk's data
_SIDE: Final = 16


@lru_cache(maxsize=64)
def png(red: int, green: int, blue: int, *, size: int | None = None) -> bytes:
    """A square of one colour; with ``size``, padded to exactly that many bytes."""
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes((red, green, blue)) * _SIDE) * _SIDE
    parts = [_SIGNATURE, _chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(rows))]
    end = _chunk(b"IEND", b"")
    if size is not None:
        length = sum(map(len, parts)) + len(end)
        parts.append(_chunk(b"paDd", bytes(size - length - _FRAME)))
    return b"".join([*parts, end])


def _chunk(name: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checksum)
