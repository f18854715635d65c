"""Text files that people made by hand or with a spreadsheet: their encodings, and lists of ids."""

import codecs
from pathlib import Path

from elements_procura.disk.errors import disk_errors, is_there
from elements_procura.disk.small_file import read_small
from elements_procura.errors import ConfigError

_LONGEST_ID = 18  # digits; SQLite keeps no more in a number
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # The longer ones first: that of UTF-16 is how that of UTF-32 begins.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def text_of(path: Path) -> str:
    """Read a text file in UTF-8, or in the encoding of its byte order mark.

    Raises:
        FileNotFoundError: It does not exist.
        ConfigError: It cannot be read, or is not text.
    """
    with disk_errors(f"{path} cannot be read", path, kind=ConfigError):
        written = read_small(path) if is_there(path) else None
    if written is None:
        raise FileNotFoundError(path)
    encoding = next((name for mark, name in _BOMS if written.startswith(mark)), "utf-8")
    try:
        return written.decode(encoding)
    except UnicodeDecodeError as error:
        line = written[: error.start].count(b"\n") + 1
    raise ConfigError(
        f"{path} cannot be read: line {line} is not {encoding.removesuffix('-sig').upper()}",
        hint="Save it as UTF-8",
    )


def ids_of(path: Path) -> list[str]:
    """The dossier ids of a file, one a line, each once.

    Raises:
        ConfigError: A line holds something else, or there is none. The message never shows it.
    """
    found: dict[str, None] = {}
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        text = line.strip()
        if reason := _no_id(text):
            raise ConfigError(
                f"line {number} of {path} is not a dossier id: it {reason}",
                hint="One id a line, and no header",
            )
        if text:
            found[str(int(text))] = None
    if not found:
        raise ConfigError(f"{path} lacks dossier ids", hint="One id a line")
    return list(found)


def _no_id(text: str) -> str:
    if not text:
        return ""
    if text.isascii() and text.isdecimal():
        return _no_number(text)
    if text[0] in "\"'":
        return "stands in quotes"
    if not any(map(str.isdecimal, text)):
        return "holds no number; is it a header?"
    if any(mark in text for mark in ",;\t"):
        return "holds several columns"
    return "holds more than digits"


def _no_number(text: str) -> str:
    if not text.strip("0"):
        return "is zero"
    return "" if len(text) <= _LONGEST_ID else f"has {len(text)} digits"
