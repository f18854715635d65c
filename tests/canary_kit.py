"""A Procura in which ids, references and texts steer terminals and name somebody."""

import itertools
from typing import Any

from elements_procura.sandbox import ProcuraSandbox

NAME = "Kanariepiet"
STEERS = f"\x1b[2J\x1b]0;{NAME}\x07"
REFERENCE = f"{NAME}{STEERS}\n\u202eref"
NAMED = f"dossier van {NAME}"
"""An id that can be printed, and so is one."""
STEERING = f"A-1{STEERS}\nerror[x]: {NAME}"
"""What is no id."""


def world(**options: Any) -> ProcuraSandbox:
    """Six dossiers: one is named, one has an id that steers, all have such references."""
    sandbox = ProcuraSandbox(dossiers=6, seed=4, **options)
    ids = itertools.chain([NAMED, STEERING], itertools.repeat(None))
    for case, own in zip(sandbox.cases, ids, strict=False):
        sandbox._world.remove(case.id)
        case.id = own or case.id
        case.references = [{"id": f"{REFERENCE}{case.id}", "description": REFERENCE}]
        sandbox._world.store(case)
        document = {"filename": "a.pdf", "content": b"%PDF", "title": STEERING}
        sandbox._world.add_document(case, document).id = f"{NAMED} {case.start}"
    return sandbox
