"""Names of the package that belong to calls and their answers, besides the clients."""

from elements_procura.core.answers import JsonResponse, Response
from elements_procura.core.http import Timeouts
from elements_procura.core.journal import FileJournal
from elements_procura.elements._api import Created

__all__ = ["Created", "FileJournal", "JsonResponse", "Response", "Timeouts"]
