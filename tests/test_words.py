"""Docstrings and messages say what things are, in positive clauses and plain verbs.

"What is no …" and "tell" stood everywhere once, for everything: see :data:`BOUND`.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import elements_procura

PACKAGE = Path(elements_procura.__file__).parent
WORDS = re.compile(r"\b(is no|what is|told|tell)\b", re.IGNORECASE)
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
SPEAKING = ("debug", "info", "warning", "error", "exception", "critical", "log")  # of a logger
SHOWN = ("hint", "help", "epilog", "short_help", "message", "reason")  # keyword arguments


def docstrings(tree: ast.AST) -> Iterator[str]:
    """All docstrings in ``tree``."""
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED):
            found = ast.get_docstring(node)
            if found is not None:
                yield found


def messages(tree: ast.AST) -> Iterator[str]:
    """All literal texts in ``tree`` that are raised, logged, printed or given as hint or help."""
    nodes: list[ast.AST] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and node.exc is not None:
            nodes.append(node.exc)
        elif isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name in SPEAKING or name in ("echo", "print", "say", "note") or name[:1].isupper():
                nodes += node.args
            nodes += [each.value for each in node.keywords if each.arg in SHOWN]
    met: set[int] = set()
    for node in nodes:
        for each in ast.walk(node):
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                if id(each) not in met:
                    yield each.value
                met.add(id(each))


def counted(package: Path) -> Counter[str]:
    """How often which word stands in the docstrings and messages below ``package``."""
    found: Counter[str] = Counter()
    for path in sorted(package.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for kind, texts in (("docstrings", docstrings(tree)), ("messages", messages(tree))):
            for text in texts:
                for word in WORDS.findall(" ".join(text.split())):
                    found[f"{kind}: {word.lower()}"] += 1
    return found


BOUND = 80
"""480 at commit 11dc7a7. It only ever goes down, to a fifth of that."""


def test_words_that_stand_for_everything_grow_fewer() -> None:
    found = counted(PACKAGE)
    assert found.total() <= BOUND, dict(found)


SAMPLE = '''
"""What is here."""
told = "what is no message"
def tell(word):
    """Tell it; there is no more."""
    log.warning("told %s", word)
    raise ValueError(f"{word} is no number", hint="tell us")
'''


def test_the_count_sees_docstrings_and_messages_and_nothing_else() -> None:
    tree = ast.parse(SAMPLE)
    assert sum(len(WORDS.findall(text)) for text in docstrings(tree)) == 3
    assert sum(len(WORDS.findall(text)) for text in messages(tree)) == 3


# Words of the domain and of HTTP that look like participles, and Dutch plurals.
NOUNS = re.compile(
    r"Deceased|Forbidden|Filing|Finding|Meaning|Ending|Planning|Reading|Speed|Feed|Bezitting|Emailadressen|Token|.*[a-z](ten|ken|gen|den|len|ren|jven|even|ven)$"
)
PARTICIPLE = re.compile(
    r"_?[A-Z][a-z]*(ed|ing|en)$|_?(Found|Seen|Made|Sent|Gone|Held|Kept|Met|Lost|Known|Told)$"
)


def test_no_bare_participle_is_a_class() -> None:
    found = {
        node.name
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and PARTICIPLE.fullmatch(node.name)
    }
    assert {name for name in found if not NOUNS.fullmatch(name)} == set()
