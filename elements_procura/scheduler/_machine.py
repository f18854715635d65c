"""Which machine this is, since it was started last."""

import uuid
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def this_machine() -> str:
    """A name of this machine's life: processes with the same name have one monotonic clock."""
    try:
        return _BOOT.read_text().strip()  # containers of one host have it in common
    except OSError:
        return f"{uuid.getnode():x}"
