"""Files that grow by whole lines: journals and event files."""

import os
import stat


def append_line(descriptor: int, line: bytes) -> None:
    """Append ``line`` whole and on a line of its own, or leave the file as it was.

    Args:
        descriptor: Of a file that was opened to append, and to be read if it can be.
        line: With the line feed at its end.

    Raises:
        OSError: It cannot be written.
    """
    before = os.fstat(descriptor)
    is_file = stat.S_ISREG(before.st_mode)
    if is_file and before.st_size and _last_byte(descriptor) != b"\n":
        line = b"\n" + line  # after what a full disk or a power cut has torn
    written = 0
    try:
        while written < len(line):
            written += os.write(descriptor, line[written:])
    except OSError:
        # Not if somebody else has appended meanwhile: theirs would be lost.
        if is_file and written and os.fstat(descriptor).st_size == before.st_size + written:
            os.ftruncate(descriptor, before.st_size)
        raise


def _last_byte(descriptor: int) -> bytes:
    try:
        os.lseek(descriptor, -1, os.SEEK_END)
        return os.read(descriptor, 1)
    except OSError:
        return b"\n"  # it may only be written
