"""Whether bytes are a picture, and a whole one."""

from elements_procura import _json

_PNG_END = b"IEND\xaeB`\x82"
_JPEG, _PNG, _GIFS = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", (b"GIF87a", b"GIF89a")
_PAGE = (b"<", b"{", b"[")
_PACKED = b"\x1f\x8b"
_SVG = "image/svg+xml"
_WEBP_HEAD = 8


def is_picture(head: bytes) -> bool:
    """Whether bytes begin as a picture of a known format does."""
    return head.startswith((_JPEG, _PNG, *_GIFS)) or _is_webp(head)


def is_page(head: bytes) -> bool:
    """Whether bytes begin as HTML, XML or JSON does."""
    return head.removeprefix(_json.BOM).lstrip()[:1] in _PAGE


def no_picture(kind: str, head: bytes) -> str:
    """Describe bytes that cannot be a picture, whatever they call themselves; empty if they may be.

    Args:
        kind: Their media type.
        head: The first of them.
    """
    if is_page(head) and kind != _SVG:
        return "HTML, XML or JSON"
    if head.startswith(_PACKED):
        return "compressed"
    is_text = kind.startswith("text/") or kind == "application/xml"
    return kind if is_text and not is_picture(head) else ""


def is_whole_picture(head: bytes, tail: bytes, size: int = 0) -> bool:
    """Whether bytes begin and end as a picture of their own format does.

    Args:
        head: The first bytes, 16 or more of them.
        tail: The last ones, 16 or more.
        size: How many they are, where that is known.
    """
    end = tail.rstrip(b"\0\r\n ")
    if _is_webp(head):  # it says how long it is
        return size >= int.from_bytes(head[4:_WEBP_HEAD], "little") + _WEBP_HEAD
    return (
        (head.startswith(_JPEG) and end.endswith(b"\xff\xd9"))
        or (head.startswith(_PNG) and end[-8:] == _PNG_END)
        or (head[:6] in _GIFS and end.endswith(b";"))
    )


def _is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[_WEBP_HEAD:12] == b"WEBP"
