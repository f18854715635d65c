"""Writes docs/tables.md: every table and column of an export.

python docs/_tools/tables.py
"""

from pathlib import Path

from elements_procura.export.dictionary import as_markdown, tables_of
from elements_procura.registry import specs

_HEAD = """# Tables

Every table and column of an export, made from the models' own descriptions by
`python docs/_tools/tables.py`; a test keeps this page in step. `elements-procura export STORE
--dictionary` prints the same, `--json` as JSON, and an export to PostgreSQL carries it as comments.

*Source* is where a value stands in an answer. *Personal* is `identifier` (says who somebody is),
`contact` (where they can be reached), `financial`, `trait` (about somebody, and fits many), `text`
(free text, which may hold anything) or empty.

"""


def page() -> str:
    """The whole page."""
    parts = [f"## {spec.title}\n\n{as_markdown(tables_of(spec.harvest))}" for spec in specs()]
    return _HEAD + "\n".join(parts)


if __name__ == "__main__":
    Path(__file__).parent.parent.joinpath("tables.md").write_text(page(), encoding="utf-8")
