"""Keeps a worker that a command has begun out of its terminal's Ctrl-C. Dask loads it there."""

import os


def dask_setup(_worker: object) -> None:
    """Leave the terminal's process group: the command itself asks its workers to stop."""
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)
