"""The blocks of code in the pages, and how each is run.

- ``python``: run as it stands, with ``await`` allowed at the top; the blocks of a page share their
  names. What a page may take for granted is in :func:`names`. Fixed texts stand for the sandboxes
  (:func:`replaced`), so a page shows ``"kantoor"`` and its block talks to a server.
- ``python`` with tests or fixtures in it: written into a file, all of a page into one, for pytest.
- ``sh``: run by bash in a folder that holds a finished harvest, with the sandboxes' settings in the
  environment. Lines that install something are left out: what they install is installed.
- ``json``, ``toml``, ``yaml``, ``ini``: read by a parser.
- ``text`` and blocks without a language are no code.

``<!-- not run: REASON -->`` on the line above keeps a block from being run.
"""

import ast
import configparser
import inspect
import json
import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[2]
FENCE = re.compile(
    r"(?ms)^(?:<!-- not run: (?P<reason>[^\n]+?) -->\n)?^```(?P<kind>\w+)\n(?P<code>.*?)^```$"
)
INSTALLS = re.compile(r"(?m)^.*\bpip install\b.*$")
DATA = {
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": lambda text: list(yaml.safe_load_all(text)),
    "ini": lambda text: configparser.ConfigParser(strict=False).read_string(text),
}
CODE = ("python", "sh", "dockerfile")


class Block(NamedTuple):
    """A block of code on a page."""

    page: Path
    line: int
    kind: str
    code: str
    reason: str

    @property
    def name(self) -> str:
        """For messages."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def is_test(self) -> bool:
        """Whether pytest has to run it."""
        return bool(re.search(r"(?m)^\s*(?:async )?def test_|^@pytest", self.code))


def pages() -> list[Path]:
    """All pages of the site, and README where it says which of its blocks cannot be run.

    What README shows of Python is run by ``tests/test_readme.py`` in any case, and its two
    commands by ``.ci/run``.
    """
    found = [path for path in (ROOT / "docs").rglob("*.md") if "_build" not in path.parts]
    readme = ROOT / "README.md"
    marked = [readme] if "<!-- not run" in readme.read_text("utf-8") else []
    return [*sorted(found), *marked]


def blocks(page: Path) -> list[Block]:
    """The blocks of a page."""
    text = page.read_text("utf-8")
    return [
        Block(
            page,
            text.count("\n", 0, found.start("code")),
            found["kind"],
            found["code"],
            found["reason"] or "",
        )
        for found in FENCE.finditer(text)
    ]


def replaced(code: str, texts: dict[str, str]) -> str:
    """A block with the sandboxes in the place of what stands for a server."""
    for shown, given in texts.items():
        code = code.replace(shown, given)
    return code


async def run(block: Block, code: str, names: dict[str, Any]) -> None:
    """Run a block of Python that may await at its top."""
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    made = compile(code, block.name, "exec", flags=flags, dont_inherit=True)
    # Its functions belong to a module, so that pickles and type hints find it.
    found = eval(made, names)  # noqa: S307 - the pages are ours
    if inspect.iscoroutine(found):
        await found
