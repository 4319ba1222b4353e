"""What travels: shapes that several routes share. The page's typed client is made from them.

A `Shape` is sent, an `Asked` is received; the latter refuses fields that nobody knows, so that a misspelt one is
noticed.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Kind = Literal[
    "input", "data", "task", "missing", "conflict", "guarantee", "limit", "storage", "trust", "unauthenticated",
    "forbidden", "rate", "fault",
]  # fmt: skip
Role = Literal["owner", "lead", "reviewer", "inspector"]
Language = Literal["en", "zh", ""]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]


class Shape(BaseModel):
    """Something sent."""

    model_config = ConfigDict(from_attributes=True)


class Asked(BaseModel):
    """Something received."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class Health(Shape):
    """That the server answers."""

    ok: bool
    version: str


class Trouble(Shape):
    """What went wrong: `message` is one sentence for a person."""

    kind: Kind
    message: str
    details: dict[str, Any] | None = None


class Refusal(Shape):
    """The answer to every request that failed."""

    error: Trouble
