"""What the model would say of a text that somebody types, why, and whether it would answer alone. Nothing is kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from cowise.core.errors import InputError
from cowise.core.explanation import Ask, Explanation
from cowise.core.types import content_id
from cowise.explain.methods import DEFAULT, explainer
from cowise.loop import automate, brain, explaining
from cowise.loop.workspace import Workspace
from cowise.store import items, projects

Why = Literal["covered", "unsure", "uncovered", "answered"]
"""A certificate covers texts this sure, or only surer ones, or none covers texts to come; or people answered this very text."""
MOST_TEXT, SHOWN = 20_000, 12


@dataclass(frozen=True, slots=True)
class Chance:
    """A label and its probability."""

    label: str
    p: float


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What `model` would answer, `said` with probability `p`; `labels` likeliest first; where the text would go, and why.

    `route`: `automated` under `certificate`, or `reviewed` by people, `why` in a word and `reason` in a sentence. The `explanation` is of the head alone, as the rest is.
    """

    said: str
    p: float
    labels: tuple[Chance, ...]
    route: Literal["automated", "reviewed"]
    why: Why
    reason: str
    certificate: str
    model: str
    explanation: Explanation | None = None

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return asdict(self) | {"explanation": None if self.explanation is None else self.explanation.to_json()}


def what_if(
    ws: Workspace, name: str, text: str, *, why: bool = True, method: str = DEFAULT, ask: Ask | None = None
) -> WhatIf:  # fmt: skip
    """The model's answer to a text; with `why` also which words moved it.

    Of a text that is an item of the project the same is told as `explain` tells, and refused as there: ForbiddenError while
    somebody may still be asked about it. InputError for an empty text, or one of more than 20,000 characters; MissingError
    without a model.
    """
    if not text.strip() or len(text) > MOST_TEXT:
        raise InputError(
            f"what if: got {len(text):,} characters; give a text of at most {MOST_TEXT:,}, with words in it"
        )
    one = content_id(text)
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        if items.ordinals(tx, project.id, [one]):
            explaining.told(tx, project, one)
        certificate = automate.stream_certificate(tx, project)
        version = certificate.version if certificate else explaining.version_of(tx, project)
    model = brain.thaw(ws, project, version)
    p_k = brain.scored(model, model.encoder.encode([text]), [text])
    voice = brain.said(p_k, model.book), replace(project.task, labels=model.labels)
    [made] = automate.routed(ws, project, certificate, voice, [text])
    order = np.argsort(-p_k[0], kind="stable")[:SHOWN].tolist()
    alone, bare = made.route == "automated", certificate is None
    because: Why = (
        "answered" if made.answer and not alone else "covered" if alone else "uncovered" if bare else "unsure"
    )
    return WhatIf(
        voice[1].answer(int(voice[0].label[0])).text, round(float(voice[0].p[0]), 4),
        tuple(Chance(model.labels[i], round(float(p_k[0, i]), 4)) for i in order),
        "automated" if alone else "reviewed", because, made.reason, made.certificate if alone else "", version,
        explainer(method).explain(model, text, ask) if why else None,
    )  # fmt: skip
