"""Which column holds what: as asked, or guessed where only one reading is possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cowise.core.errors import DataError, InputError
from cowise.data.rows import Source

TEXT = frozenset(
    [
        "text",
        "texts",
        "body",
        "content",
        "sentence",
        "review",
        "message",
        "comment",
        "query",
        "question",
        "utterance",
        "document",
        "tweet",
        "description",
        "abstract",
        "文本",
        "内容",
        "正文",
        "评论",
        "句子",
        "消息",
        "问题",
        "留言",
        "反馈",
        "原文",
    ]
)
LABEL = frozenset(
    [
        "label",
        "labels",
        "category",
        "class",
        "target",
        "intent",
        "sentiment",
        "topic",
        "标签",
        "类别",
        "分类",
        "类型",
        "意图",
        "情感",
    ]
)
_NUMBER = frozenset(("id", "uid", "uuid", "item", "index", "key", "no", "nr", "number", "编号", "序号"))


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns to read; None where there is none."""

    text: str | None = None
    label: str | None = None
    opinion: str | None = None
    confidence: str | None = None

    def __post_init__(self) -> None:
        """A confidence belongs to an opinion, and no column serves twice."""
        if self.confidence and not self.opinion:
            raise InputError("confidence: asked for without an opinion; name the column of answers with --opinion")
        named = [c for c in (self.text, self.label, self.opinion, self.confidence) if c]
        if len(set(named)) != len(named):
            raise InputError(f"columns: {', '.join(named)} name one column twice; name a different one for each")


def choose(asked: Columns, there: Sequence[str], source: Source) -> Columns:
    """The columns to read, text included; raises DataError, listing the columns there are, for one that is missing."""
    for role in ("text", "label", "opinion", "confidence"):
        name = getattr(asked, role)
        if name is not None and name not in there:
            raise DataError(f"{source.name} has no column {name!r} for --{role}; it has {listed(there)}")
        if (
            name is not None
            and f"{name}.2" in there
            and any(f"{name!r} as one before" in note for note in source.notes)
        ):
            raise DataError(f"{source.name} names column {name!r} twice; give each column its own name")
    text = asked.text
    if text is None:
        text = _guess(asked, there, source)
        source.guessed += ("text",)
    source.text, source.label = text, asked.label or ""
    if asked.label is None and asked.opinion is None:
        for name in there:
            if name != text and name.strip().casefold() in LABEL:
                source.notes.append(f"column {name!r} looks like labels; add --label {name!r} to use them")
    return Columns(text, asked.label, asked.opinion, asked.confidence)


def _guess(asked: Columns, there: Sequence[str], source: Source) -> str:
    open_ = [name for name in there if name not in (asked.label, asked.opinion, asked.confidence)]
    likely = [name for name in open_ if name.strip().casefold() in TEXT]
    if "text" in likely:
        return "text"
    if len(likely) == 1:
        return likely[0]
    rest = [name for name in open_ if name.strip().casefold() not in LABEL | _NUMBER]
    if not likely and len(rest) == 1:
        return rest[0]
    plain = "; if it is a text per line, add --format text" if "format" in source.guessed else ""
    raise DataError(
        f"{source.name}: which column holds the texts? Name it with --text; there are {listed(there)}{plain}"
    )


def listed(names: Sequence[str]) -> str:
    """Column names for a message, the first dozen."""
    more = f" and {len(names) - 12:,} more" if len(names) > 12 else ""
    return ", ".join(repr(name[:40]) for name in names[:12]) + more
