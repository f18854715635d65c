"""The values in a text by which somebody may be recognised, each in its one spelling. Pure.

Once somebody is erased, hashes alone are known of them. So a text is asked for everything in it
that may be such a value, wherever it begins and ends: a number glued to a word or behind another
number, an address in a link, a name in one word with another. Asking for too much costs time alone.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from urllib.parse import unquote

_NOT_A_NAME = frozenset(
    {"aan", "al", "da", "de", "den", "der", "di", "du", "el", "en", "het", "in", "la", "le", "of"}
    | {"op", "te", "ten", "ter", "van", "von"}
)
"""Words that names share with every text."""
_SIGNS = r"[\s()/.,+–-]{1,3}"  # noqa: RUF001 - a dash that people write between digits
_DIGITS = re.compile(rf"[0-9]+(?:{_SIGNS}[0-9]+)*")
_EMAIL = re.compile(r"([\w.+'-]+)@([\w-]+(?:\.[\w-]+)+)")
_WITHIN = re.compile(r"[_.+'-]")
_ACCOUNT = re.compile(r"(?=([A-Za-z]{2}[0-9]{2}(?:[ .-]?[A-Za-z0-9]){11,30}))")
_WORD = re.compile(r"[^\W\d_]{2,}")
_HUMP = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")
_TAG = re.compile(r"<[^<>]{0,200}>")
_LEAST, _MOST = 8, 15
"""Digits of a BSN or a telephone number, at least and at most."""
_IBANS = range(15, 35)
_GENITIVE = 3


def bsn(text: str) -> str:
    """A citizen service number as nine digits, or nothing."""
    digits = re.sub(r"[^0-9]", "", text)
    return digits.zfill(9) if len(digits) in (8, 9) and int(digits) else ""


def telephone(text: str) -> str:
    """A telephone number without signs, from within the country."""
    digits = re.sub(r"[^0-9]", "", text)
    return re.sub(r"^(?:0031|31(?=0?\d{9}$))0?", "0", digits)


def account(text: str) -> str:
    """An account number without spaces."""
    return re.sub(r"[\s.-]", "", text).upper()


def fold(text: str) -> str:
    """A text without accents and capitals."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    return "".join(each for each in apart if not unicodedata.combining(each)).casefold()


def words(text: str) -> set[str]:
    """The words of a name, without its small ones."""
    return {*_WORD.findall(fold(text))} - _NOT_A_NAME


def readings(text: str) -> Iterator[str]:
    """A text as it is, and without the escapes of the web or mark-up."""
    yield text
    if "%" in text:
        yield unquote(text, errors="replace")
    if "<" in text or "&" in text:
        yield html.unescape(_TAG.sub("", text))


def words_in(text: str) -> Iterator[str]:
    """The words of a text that may be somebody's name."""
    for reading in readings(text):
        whole = _WORD.findall(fold(reading))
        for word in (*whole, *_WORD.findall(fold(_HUMP.sub(" ", reading)))):
            yield word
            if word.endswith("s") and len(word) > _GENITIVE:
                yield word[:-1]


def emails_in(text: str) -> Iterator[str]:
    """What may be an email address in a text, in small letters."""
    for local, domain in _EMAIL.findall(text.casefold()):
        labels = domain.rstrip("_-").split(".")
        domains = [".".join(labels[:end]) for end in range(2, len(labels) + 1)]
        for start in (0, *(match.end() for match in _WITHIN.finditer(local))):
            for each in domains:
                yield f"{local[start:]}@{each}"


def numbers_in(text: str) -> Iterator[str]:
    """What may be a BSN or a telephone number in a text, as digits."""
    for chain in _DIGITS.findall(text):
        runs = re.findall("[0-9]+", chain)
        for start in range(len(runs)):
            digits = ""
            for run in runs[start:]:
                digits += run
                if len(digits) > _MOST:
                    break
                if len(digits) >= _LEAST:
                    yield digits


def accounts_in(text: str) -> Iterator[str]:
    """What may be an account number in a text."""
    for found in _ACCOUNT.findall(text):
        whole = account(found)
        yield from (whole[:length] for length in _IBANS if length <= len(whole))


def searchable(body: bytes) -> str:
    """A body as :func:`pattern_of` finds values in it: every reading, folded."""
    text = body.decode(errors="replace")
    if "\\u" in text:
        text = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    return fold("\n".join(readings(text)))


def pattern_of(values: Iterable[str]) -> "re.Pattern[str]":
    """Finds the texts that may hold one of these, among many.

    Args:
        values: In their one spelling; numbers are found with signs between the digits, too.
    """
    return re.compile("|".join(sorted({_loosely(fold(each)) for each in values})) or r"(?!)")


def _loosely(text: str) -> str:
    if text.isdigit() and len(text) > _SHORT:
        return r"[\s()/.,+–-]{0,3}".join(text.lstrip("0"))  # noqa: RUF001 - as above
    if len(text) > _LONG and text.isalnum() and text.isascii():
        return "[ .-]?".join(text)
    return re.escape(text)


_SHORT, _LONG = 7, 14
