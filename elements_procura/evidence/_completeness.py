"""Whether a collection is whole: servers say in many ways that there is more.

They say it by a link to the next page or to a last one that is not the first; by a total, a number
of pages or a flag, at the top, beside the rows, in an object about pages, or in a header. A
member's name is read as words, so that ``total_items``, ``totalItems``, ``hydra:totalItems`` and
``X-Total-Items`` are one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from elements_procura import _json
from elements_procura.evidence._lists import is_number
from elements_procura.evidence._proof import Incomplete


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_NAME = re.compile(r"[A-Za-z_@$:.' -]{1,60}")  # another one may hold a value, and is never shown
_NAMESPACES = _words("hydra odata hal wp x pagination")
_LINKS = _words("links link")
_ABOUT = _LINKS | _words(
    "page paging pagination paginator paginering meta metadata info view cursor result results"
    " resultset set response collection"
)
_NEXT = _words("next volgende")
_LEADS = _words(
    "page pagina link href url uri token cursor marker offset start records results items rows"
    " batch set index key id position continuation has is heeft"
)
_MORE = _words("more meer")
_IS_MORE = _words(
    "has is are there heeft items item results result records rows entries pages page"
    " available in collection data exist"
)
_CUT = _words("truncated partial incomplete overflow onvolledig afgekapt")
_IS_CUT = _words("is result results list lijst data answer response")
_REST = _words("remaining resterend")
_LEFT = _words("items rows records results count total pages")
_ENDS = _words("end reached last laatste complete compleet volledig done exhausted final")
_IN_AN_END = _words("is has page pagina list lijst all results")
_LAST = _words("last laatste")
_PAGES = _words("pages paginas")
_PAGE = _words("page pagina")
_NUMBERS = _words("number num nb nr")
_OF_PAGES = _NUMBERS | _LAST | _words("total totaal count aantal of max")
_BEFORE_PAGE = _NUMBERS | _LAST | _words("total totaal max")
_COUNTS = _words("total totals totaal totale count aantal cnt found hits matches gevonden filtered")
_COUNTED = _words(
    "items item rows row records record results result entries entry objects documents"
    " hits matches found resultaten rijen dossiers gevonden lijst list collection"
    " size full grand overall all of van n set"
)
_PLURALS = re.compile(r"(?:total|totaal|aantal)[a-z]*(?:s|en)")
_NO = _words("0 false no nee null none") | {""}
_DENIED = _words("false no nee")
_PAGE_NUMBER = re.compile(
    r"[?&](?:page|p|pagina)(?:_?(?:number|nr|no))?(?:%5Bnumber%5D|\[number\])?=(\d{1,9})(?!\d)",
    re.ASCII | re.IGNORECASE,
)
_OFFSET = re.compile(r"[?&](?:offset|start|skip)=(\d{1,9})(?!\d)", re.ASCII | re.IGNORECASE)
_NEXT_IN_HEADER = re.compile(r";\s*rel\s*=\s*(?:\"[^\"]*\bnext\b[^\"]*\"|next\b)", re.IGNORECASE)
_RANGE = re.compile(r"/\s*(\d{1,19})\s*\Z", re.ASCII)
_OF_RANGES = ("link", "content-range")
_HEADERS = ("x-", "tota", "next", "pagi", "has-", "coun", "resu")
"""How headers begin that may say it."""
_ELSEWHERE = re.compile(r"remaining|hits|matches|found")
"""In headers these words are about caches and quotas."""
_TOTAL, _NUMBER_OF_PAGES, _FLAG, _END, _LAST_PAGE, _LAST_NUMBER = range(1, 7)
_ABOUT_PAGES, _ABOUT_LINKS = 7, 8
_ABOUT_ANY = (_ABOUT_PAGES, _ABOUT_LINKS)


def check_complete(
    data: Mapping[str, Any], count: int, headers: Mapping[str, str] | None = None
) -> None:
    """Make sure that a collection of ``count`` rows does not say that there are more.

    Args:
        data: Its document, with its rows or without.
        count: How many rows it has.
        headers: Of the answer, by lower-case name.

    Raises:
        Incomplete: It says so.
    """
    links = data.get("_links")
    if isinstance(links, dict) and _links_more(links.items()):
        raise Incomplete("the answer is only a part: it links the next page", "$.links.next")
    _check_members(data, count, "$", depth=2)
    embedded = data.get("_embedded")
    if isinstance(embedded, dict) and len(embedded) > 1:
        _check_members(embedded, count, "$.embedded", depth=0)
    if headers is not None and (name := _header_that_says_more(headers, count)):
        raise Incomplete(f"the answer is only a part: its header {name} says that there is more")


def href_of(link: Any) -> str | None:
    """The address of a link: an object, a list of one, or, against the rules, a bare text."""
    if link.__class__ is dict and (href := link.get("href")).__class__ is str:
        return href
    if isinstance(link, list) and len(link) == 1:
        link = link[0]
    if isinstance(link, dict):
        link = link.get("href")
    return link if isinstance(link, str) else None


def is_above(total: Any, count: int) -> bool:
    """Whether ``total`` is a number, or the digits of one, above ``count``."""
    if isinstance(total, str):
        digits = total.strip()
        total = digits.lstrip("0") if is_number(digits) else ""
        return (len(total), total) > (len(str(count)), str(count))
    return isinstance(total, int | float) and total is not True and total > count


def _check_members(data: Mapping[str, Any], count: int, where: str, *, depth: int) -> None:
    for name, value in data.items():
        if value is None or name == "_links" or name == "_embedded":  # noqa: PLR1714 - it is quicker
            continue
        meaning = _meaning(name)
        if not meaning:
            continue
        at = f"{where}.{name}"
        if isinstance(value, dict | list):
            is_link = meaning == _FLAG and isinstance(value, dict) and "href" in value
            links = _links_in(value) if meaning == _ABOUT_LINKS else [(name, value)] * is_link
            if _links_more(links):
                raise Incomplete("the answer is only a part: it links the next page", at)
            if meaning in _ABOUT_ANY and isinstance(value, dict) and depth:
                _check_members(value, count, at, depth=depth - 1)
        elif meaning == _TOTAL and is_above(value, count):
            raise Incomplete(f"the answer is only a part: its {name} is above its rows", at)
        elif _says_more(meaning, value):
            raise Incomplete(f"the answer is only a part: its {name} says that there is more", at)


def _header_that_says_more(headers: Mapping[str, str], count: int) -> str:
    for name in _telling(tuple(headers)):
        value, meaning = headers[name], _meaning(name)
        if name == "link":
            is_more = _NEXT_IN_HEADER.search(value) is not None
        elif name == "content-range":
            found = _RANGE.search(value)
            is_more = found is not None and int(found[1]) > count
        elif meaning == _TOTAL:
            is_more = is_above(value, count)
        elif meaning == _ABOUT_PAGES:
            is_more = _says_more_in_json(value, count)
        else:
            is_more = _says_more(meaning, value)
        if is_more:
            return name
    return ""


@lru_cache(maxsize=64)
def may_say_more(names: tuple[str, ...]) -> bool:
    """Whether :func:`check_complete` has to be given an answer's headers.

    Args:
        names: Those of all its headers, in any case.
    """
    return bool(_telling(tuple(name.lower() for name in names)))


@lru_cache(maxsize=64)  # all answers of a server have the same
def _telling(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of an answer's headers that may say that there is more."""
    return tuple(
        name
        for name in names
        if name in _OF_RANGES
        or (name.startswith(_HEADERS) and not _ELSEWHERE.search(name) and _meaning(name))
    )


def _says_more_in_json(text: str, count: int) -> bool:
    try:
        data = _json.loads(text.encode())
        if isinstance(data, dict):
            _check_members(data, count, "$", depth=1)
    except _json.JsonError:
        pass
    except Incomplete:
        return True
    return False


def _says_more(meaning: int, value: Any) -> bool:
    if meaning == _NUMBER_OF_PAGES:
        return is_above(value, 1)
    if meaning == _FLAG:
        return value.strip().lower() not in _NO if isinstance(value, str) else bool(value)
    if meaning == _END:
        return _is_denied(value)
    if meaning == _LAST_NUMBER and is_above(value, 1):
        return True
    if meaning in (_LAST_PAGE, _LAST_NUMBER):
        return _is_denied(value) or (isinstance(value, str) and _is_further_page(value))
    return False


def _is_denied(value: Any) -> bool:
    return value is False or (isinstance(value, str) and value.strip().lower() in _DENIED)


def _links_more(links: Iterable[tuple[Any, Any]]) -> bool:
    """Whether links lead to further pages: by ``next``, or by a last page that is not the first."""
    for name, link in links:
        if name == "self":
            continue
        meaning = _meaning(name)
        if meaning == _FLAG and (not isinstance(link, dict) or link.get("href", link)) and link:
            return True
        if meaning in (_LAST_PAGE, _LAST_NUMBER) and _is_further_page(href_of(link) or ""):
            return True
    return False


def _links_in(links: dict[str, Any] | list[Any]) -> Iterator[tuple[Any, Any]]:
    """Links by name, be they written as an object or as a list of objects with a ``rel``."""
    if isinstance(links, dict):
        yield from links.items()
        return
    for link in links:
        if isinstance(link, dict) and isinstance(link.get("rel"), str):
            yield link["rel"], link


def _is_further_page(href: str) -> bool:
    number, offset = _PAGE_NUMBER.search(href), _OFFSET.search(href)
    return (number is not None and int(number[1]) > 1) or (
        offset is not None and int(offset[1]) > 0
    )


@lru_cache(maxsize=512)  # a server's collections all have the same members
def _meaning(name: str) -> int:
    """What a member of this name says about the pages of a collection; 0 for nothing."""
    plain = [word.lower() for word in _WORD.findall(name.replace("'", ""))]
    if not plain or not _NAME.fullmatch(name):
        return 0
    words = {word for word in plain if word not in _NAMESPACES} or {plain[-1]}
    joined = "".join(word for word in plain if word in words)
    if joined in _JOINED:
        return _JOINED[joined]
    for meaning, needed, allowed in _RULES:
        if words & needed and words <= allowed:
            return meaning
    if words & _PAGE and words & _OF_PAGES and words <= _PAGE | _OF_PAGES:
        is_number_of = words & _words("count aantal") or plain[0] in _BEFORE_PAGE
        return _NUMBER_OF_PAGES if is_number_of else 0
    if plain[0] in _NUMBERS and words & _COUNTED and words <= _COUNTED | _COUNTS | _NUMBERS:
        return _TOTAL
    return _TOTAL if _PLURALS.fullmatch(joined) else 0


_RULES: tuple[tuple[int, frozenset[str], frozenset[str]], ...] = (
    (_FLAG, _NEXT, _NEXT | _LEADS),
    (_FLAG, _MORE, _MORE | _IS_MORE),
    (_FLAG, _CUT, _CUT | _IS_CUT),
    (_FLAG, _REST, _REST | _LEFT),
    (_END, _words("reached"), _ENDS | _IN_AN_END),
    (_LAST_PAGE, _LAST, _ENDS | _IN_AN_END),
    (_END, _ENDS, _ENDS | _IN_AN_END),
    (_NUMBER_OF_PAGES, _PAGES, _PAGES | _OF_PAGES),
    (_TOTAL, _COUNTS, _COUNTS | _COUNTED | _NUMBERS),
    (_ABOUT_LINKS, _LINKS, _LINKS),
    (_ABOUT_PAGES, _ABOUT, _ABOUT),
)
"""The first that fits holds: what a name means that has one of these words, and no others."""
_JOINED = {
    **dict.fromkeys(("lastpage", "laatstepagina"), _LAST_NUMBER),
    **dict.fromkeys(("totalpages", "pagecount", "numpages", "aantalpaginas"), _NUMBER_OF_PAGES),
    **dict.fromkeys(("totalcount", "itemcount", "recordcount", "resultcount"), _TOTAL),
    **dict.fromkeys(("rowcount", "recordstotal", "totaalaantal"), _TOTAL),
    **dict.fromkeys(("limitreached", "limitexceeded", "resumptiontoken"), _FLAG),
    **dict.fromkeys(("continuation", "continuationtoken"), _FLAG),
}
"""The same of names written as one word, and of pairs of words that mean more than each."""
