"""Whether bytes are a whole picture."""

_PNG_END = b"IEND\xaeB`\x82"


def is_picture(head: bytes) -> bool:
    """Whether bytes begin as a picture of a known format does."""
    return head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a"))


def is_whole_picture(head: bytes, tail: bytes) -> bool:
    """Whether bytes begin and end as a picture of their own format does.

    Args:
        head: The first bytes, 16 or more of them.
        tail: The last ones, 16 or more.
    """
    end = tail.rstrip(b"\0\r\n ")
    return (
        (head.startswith(b"\xff\xd8\xff") and end.endswith(b"\xff\xd9"))
        or (head.startswith(b"\x89PNG\r\n\x1a\n") and tail.rstrip(b"\0\r\n ")[-8:] == _PNG_END)
        or (head[:6] in (b"GIF87a", b"GIF89a") and end.endswith(b";"))
    )
