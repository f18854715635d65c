"""Results of several requests that lack something or come with remarks."""

from typing import NamedTuple

from elements_procura.errors._base import ElementsProcuraError


class SearchGap(NamedTuple):
    """A part of a search whose dossiers could not be returned.

    Attributes:
        day: The day, as ``2024-05-01``, by the date that was searched by.
        last_day: The last day, where it could not be narrowed to one; else the same.
        type: The code of the type, or several with ``/`` where the server does not separate
            them; empty for any.
        status: The code of the status; empty for any.
        at_least: How many dossiers it holds at least.
    """

    day: str
    last_day: str
    type: str = ""
    status: str = ""
    at_least: int = 1

    def __str__(self) -> str:
        days = self.day if self.day == self.last_day else f"{self.day} to {self.last_day}"
        kind = f"type {self.type}" if self.type else "any type"
        return f"{days}, {kind}{f', status {self.status}' if self.status else ''}"


class SearchIncomplete(ElementsProcuraError):
    """A search could not be made complete. Everything else that it finds was handed out before.

    Attributes:
        gaps: The parts that could not be read, by day and type.
        day: The day of the first of them, as ``2024-05-01``.
        page_size: How many records were asked for at most.
    """

    code = "search.incomplete"

    def __init__(
        self,
        message: str,
        *,
        day: str,
        page_size: int,
        gaps: tuple[SearchGap, ...] = (),
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.day = day
        self.page_size = page_size
        self.gaps = gaps


class ImportFindings(ElementsProcuraError):
    """Records were imported, and the server remarks on some. They are stored nevertheless.

    Attributes:
        records: Numbers of the records with remarks, from 0.
    """

    code = "import.findings"

    def __init__(self, message: str, *, records: tuple[int, ...], hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.records = records
