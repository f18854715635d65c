"""Answers that belong to another request."""

from collections.abc import Mapping
from typing import Protocol


class Truth(Protocol):
    """What a sandbox holds."""

    @property
    def dossier_ids(self) -> tuple[str, ...]:
        """The ids of all cases."""

    def truth(self, dossier_id: str) -> Mapping[str, bytes]:
        """Everything served for a case."""


def other_body(held: Truth, path: str) -> bytes | None:
    """The body of the same sort of thing in another case: a detail, a list, a document."""
    own = next((each for each in held.dossier_ids if path in held.truth(each)), None)
    if own is None:
        return None
    nth = list(held.truth(own)).index(path)
    for other in held.dossier_ids:
        bodies = list(held.truth(other).items())
        if other != own and nth < len(bodies) and _is_list(bodies[nth][0]) == _is_list(path):
            return bodies[nth][1]
    return None


def _is_list(path: str) -> bool:
    return path.endswith("/documents")
