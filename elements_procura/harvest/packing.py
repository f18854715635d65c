"""Packs the bodies of a store: deflate, with a dictionary that is shipped with the package.

A packed body begins with four bytes that no text begins with, and the size of the body. What would
not become smaller (a picture, a few bytes) stays as it came; so do the bodies of an earlier version
until they are written again. The dictionary was made of synthetic bodies alone, and of these it
holds structure only (``benchmarks/dictionary.py``): it says nothing of anybody. A dictionary that
was released stays for ever, since stores hold what only it unpacks.
"""

import zlib
from functools import cache
from pathlib import Path

_MARK = b"\xffEP"
_PLAIN, _NEWEST = b"0", b"1"
"""After the mark: bytes that begin with it themselves, or the number of the dictionary."""
_HEAD = len(_MARK) + 1
_SIZE = 4
_LEVEL, _WINDOW, _MEMORY = 2, -14, 5
"""Measured: 10 microseconds a body, and 26 % of the size; level 6 takes 15 for 23 %."""
_WORTH = 64
"""Bytes below which a body is left as it is."""


def pack(body: bytes) -> bytes:
    """The bytes to be stored for a body; the same bytes for the same body.

    Args:
        body: As it came.
    """
    if len(body) >= _WORTH:
        compressor = _compressor().copy()
        packed = compressor.compress(body) + compressor.flush()
        if len(packed) + _HEAD + _SIZE < len(body):
            return b"".join((_MARK, _NEWEST, len(body).to_bytes(_SIZE, "big"), packed))
    return _MARK + _PLAIN + body if body.startswith(_MARK) else body


def unpack(stored: bytes) -> bytes:
    """The body that was stored as these bytes.

    Bytes that a failing disk has altered are returned as well: they differ from their digest, and
    whoever looks is the one to say so.
    """
    stored = bytes(stored)
    if not stored.startswith(_MARK):
        return stored
    number = stored[len(_MARK) : _HEAD]
    if number == _PLAIN:
        return stored[_HEAD:]
    try:
        decompressor = _decompressor(number).copy()
        body = decompressor.decompress(stored[_HEAD + _SIZE :])
    except (zlib.error, OSError, ValueError):
        return stored
    return body if decompressor.eof and not decompressor.unused_data else stored


def packed_size(head: bytes, length: int) -> int:
    """The size of a body.

    Args:
        head: The first eight of the bytes that are stored for it, at least.
        length: How many are stored.
    """
    if not head.startswith(_MARK):
        return length
    if head[len(_MARK) : _HEAD] == _PLAIN:
        return length - _HEAD
    return int.from_bytes(head[_HEAD : _HEAD + _SIZE], "big")


@cache
def _dictionary(number: bytes) -> bytes:
    return Path(__file__).with_name(f"bodies-{number.decode('ascii')}.dict").read_bytes()


@cache
def _compressor() -> "zlib._Compress":
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zdict=_dictionary(_NEWEST))


@cache
def _decompressor(number: bytes) -> "zlib._Decompress":
    return zlib.decompressobj(-zlib.MAX_WBITS, zdict=_dictionary(number))
