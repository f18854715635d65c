"""What the back office of a sandbox holds, and what a test may have happen to it."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import orjson

from elements_procura.sandbox.procura.api import PREFIX
from elements_procura.sandbox.procura.synthesis import Grower
from elements_procura.sandbox.procura.trouble import Field
from elements_procura.sandbox.procura.world import Case, World


class BackOffice:
    """The cases of a sandbox: their truth, and changes that no client makes."""

    _world: World
    _grower: Grower

    @property
    def dossier_ids(self) -> tuple[str, ...]:
        """The ids of all cases there are, the oldest first; hidden ones too."""
        return tuple(self._world.cases)

    @property
    def cases(self) -> tuple[Case, ...]:
        """All cases, as they are stored."""
        return tuple(self._world.cases.values())

    @property
    def imports(self) -> tuple[dict[str, Any], ...]:
        """All data imports, as they are stored."""
        return tuple(self._world.imports)

    def truth(self, dossier_id: str) -> dict[str, bytes]:
        """Everything served for a dossier by GET: path to bytes. ``row`` tells the searches' part.

        Its detail, if its kind has one, the list of its documents, and their bytes.

        Raises:
            KeyError: The dossier does not exist.
        """
        case = self._world.cases[dossier_id]
        name = quote(dossier_id, safe="")
        listed = f"{PREFIX}dossiers/{name}/documents"
        held = {}
        if case.kind.path:
            held[f"{PREFIX}{case.kind.path}/{name}"] = orjson.dumps(case.json())
        held[listed] = orjson.dumps([document.json() for document in case.documents])
        for document in case.documents:
            held[f"{listed}/{quote(document.id, safe='')}"] = document.content
        return held

    def row(self, dossier_id: str) -> bytes:
        """A dossier's row in searches, as JSON.

        Raises:
            KeyError: The dossier does not exist.
        """
        return orjson.dumps(self._world.cases[dossier_id].dossier())

    def add_dossier(self) -> str:
        """File one case more, the one that the seed grows next: its id."""
        return self._grower.grow().id

    def remove(self, dossier_id: str) -> None:
        """Let a case be gone: it and its documents are not found, and no search names it.

        ``dossier_ids`` and ``truth`` do not know it any more.

        Raises:
            KeyError: The dossier does not exist.
        """
        self._world.remove(dossier_id)

    def hide(self, dossier_ids: Iterable[str]) -> None:
        """Let searches lack these although they still answer.

        Every call says anew which they are; ``hide(())`` undoes it.
        """
        self._world.hide(dossier_ids)

    def change(self, dossier_id: str, *, deep: bool = False) -> None:
        """Let the back office change a case; ``truth`` follows.

        Args:
            dossier_id: Which one.
            deep: Change something of its detail and not its row in searches. Otherwise it gets
                another status, which both show.

        Raises:
            KeyError: The dossier does not exist.
            ValueError: Its detail holds nothing that could change.
        """
        self._world.change(dossier_id, deep=deep)

    def add_document(
        self, dossier_id: str, *, filename: str = "brief.pdf", content: bytes = b"%PDF-1.4"
    ) -> str:
        """Let the back office add a document to a case: its id.

        Raises:
            KeyError: The dossier does not exist.
        """
        case = self._world.cases[dossier_id]
        return self._world.add_document(case, {"filename": filename, "content": content}).id

    def remove_document(self, dossier_id: str, document_id: str) -> None:
        """Let a document be gone.

        Raises:
            KeyError: There is no such dossier or document.
        """
        self._world.remove_document(self._world.cases[dossier_id], document_id)

    def break_row(self, dossier_id: str, *, field: Field = "start_date") -> None:
        """Let every search that finds a case answer 500, for its row cannot be converted.

        Args:
            dossier_id: Which one.
            field: Why: its ``start_date``, ``entry_date`` or ``status_date`` lacks a day, or it
                is a relocation of unknown ``type``. By a date without a day no search of a single
                day finds it.

        Raises:
            KeyError: The dossier does not exist.
        """
        self._world.trouble.break_row(self._world.cases[dossier_id].id, field)

    def heal_row(self, dossier_id: str) -> None:
        """Let the row of a case be as it was."""
        self._world.trouble.heal_row(dossier_id)

    def slow_down(self, seconds_per_row: float) -> None:
        """Let a search take so long for every row; over ten seconds in all, it answers 500.

        The time is only counted, nobody waits for it. ``slow_down(0)`` undoes it.
        """
        self._world.trouble.seconds_per_row = seconds_per_row
