"""The source: what a harvest asks of the toy, and what it knows of its kinds."""

from collections.abc import AsyncGenerator

from elements_procura.errors import ProtocolError
from elements_procura.evidence import AnswerKind
from elements_procura.scheduler import Priority
from elements_procura.schema import hal
from elements_procura.spec.harvest import HarvestSpec, KindSpec
from elements_procura.spec.shapes import Shape
from elements_procura.spec.source import Answer, BadRow, Discovery, Gap, Root, Want, Work
from tests.toy_api.client import ROOT, Book, ToyClient, toy_wire

TEMPLATE = f"{ROOT}/books/{{BOOK_ID}}"


class ToySource:
    """One library's books: each is a dossier of one resource."""

    api_name = ToyClient.api_name
    groups: tuple[str, ...] = ()
    extra_groups: tuple[str, ...] = ()
    lists_all = True

    def __init__(self, client: ToyClient) -> None:
        self.client = client.with_options(priority=Priority.BULK)
        self._once = self.client.with_options(max_attempts=1)

    @property
    def sent(self) -> int:
        """Requests that have left since the client was made."""
        return self.client.counters.sent

    def group_of(self, kind: str) -> str:
        """Every kind is fetched: none is in a group."""
        return kind

    async def listing(self) -> AsyncGenerator[Root | BadRow | Gap]:
        """Every book, as the library lists them."""
        for book in await self.client.books.list():
            yield Root(book.id, Discovery((Want("book", f"{ROOT}/books/{book.id}"),)))

    async def fetch(self, work: Work) -> Answer:
        """The record of a book."""
        return await self._once.read(work.path, expected=AnswerKind.RECORD)

    def discover(self, work: Work, answer: Answer) -> Discovery | ProtocolError:
        """A book leads to nothing else; it has to be the one asked for."""
        if hal.document(answer.body).get("id") == work.dossier:
            return Discovery()
        return ProtocolError("the answer is another book's", method="GET", template=TEMPLATE)


HARVEST = HarvestSpec(
    source=ToySource,
    wire=toy_wire(),
    groups=(),
    kinds={"book": KindSpec(template=TEMPLATE, shape=Shape(Book), usual=(1, 1, 1))},
    dossier_id=int,
)
