"""The journal of writes: what was sent, and how it ended."""

from elements_procura.core.journal import FileJournal, Journal, Outcome, Write

__all__ = ["FileJournal", "Journal", "Outcome", "Write"]
