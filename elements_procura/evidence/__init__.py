"""Proof of answers: whose they are, who sent them, whether they are whole or a write took effect.

Pure, and the one place that decides any of it. Nothing is believed that lacks proof: between the
APIs and us stand gateways, proxies and pools of connections, and they answer with anything.

A check either returns what it has found or raises :class:`EvidenceError`, which holds words and
attribute paths and never a value.
"""

from elements_procura.evidence._cases import (
    check_case,
    check_member,
    check_page,
    counts_more,
    is_hollow_case,
    is_text_id,
    page_rows,
)
from elements_procura.evidence._completeness import check_complete, is_above, may_say_more
from elements_procura.evidence._identity import (
    AnswerKind,
    check_id,
    check_self,
    document,
    is_hollow,
    is_same_owner,
    known_by,
    recognise,
    rewriting,
    same_path,
    self_link,
    what_else,
)
from elements_procura.evidence._lists import (
    BARE,
    bad_row,
    check_row,
    check_rows,
    lacks_rows,
    named_rows,
    relation,
    row_id,
    rows,
    says_error,
)
from elements_procura.evidence._pictures import (
    is_page,
    is_picture,
    is_whole_picture,
    no_picture,
)
from elements_procura.evidence._proof import (
    LARGEST_ID,
    SELF,
    EvidenceError,
    Incomplete,
    Stray,
    usable_id,
)
from elements_procura.evidence._speaker import (
    is_json,
    is_possibly_own,
    manner,
    media_type,
)
from elements_procura.evidence._writes import (
    ACCEPTED,
    ADDED,
    CHANGED,
    GIVEN_UP,
    RAW,
    Success,
    Verdict,
    added_id,
    judge_write,
    objections,
)

__all__ = [
    "ACCEPTED",
    "ADDED",
    "BARE",
    "CHANGED",
    "GIVEN_UP",
    "LARGEST_ID",
    "RAW",
    "SELF",
    "AnswerKind",
    "EvidenceError",
    "Incomplete",
    "Stray",
    "Success",
    "Verdict",
    "added_id",
    "bad_row",
    "check_case",
    "check_complete",
    "check_id",
    "check_member",
    "check_page",
    "check_row",
    "check_rows",
    "check_self",
    "counts_more",
    "document",
    "is_above",
    "is_hollow",
    "is_hollow_case",
    "is_json",
    "is_page",
    "is_picture",
    "is_possibly_own",
    "is_same_owner",
    "is_text_id",
    "is_whole_picture",
    "judge_write",
    "known_by",
    "lacks_rows",
    "manner",
    "may_say_more",
    "media_type",
    "named_rows",
    "no_picture",
    "objections",
    "page_rows",
    "recognise",
    "relation",
    "rewriting",
    "row_id",
    "rows",
    "same_path",
    "says_error",
    "self_link",
    "usable_id",
    "what_else",
]
