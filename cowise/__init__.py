"""cowise: language models and people as one team, under a promise that is kept.

import cowise as cw

project = cw.open("tickets", task=cw.classify("billing", "bug", "praise"), promise=cw.Promise(max_error=0.02))
project.add("tickets.csv", text="body")
project.review()
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cowise.core.registry import load
from cowise.core.version import VERSION

if TYPE_CHECKING:
    from cowise.api.project import Project, open  # noqa: A004
    from cowise.core.errors import CowiseError
    from cowise.core.types import Answer, Certificate, Decision, Promise, Question, Task, classify, multilabel
    from cowise.learn.classifier import TextClassifier
    from cowise.measure.comparison import Comparison, compare
    from cowise.measure.evaluation import Evaluation, evaluate
    from cowise.measure.score import Terms
    from cowise.team.label_errors import LabelErrors, label_errors

__version__ = VERSION

_HOME = {
    "Answer": "core.types",
    "Certificate": "core.types",
    "Comparison": "measure.comparison",
    "CowiseError": "core.errors",
    "Decision": "core.types",
    "Evaluation": "measure.evaluation",
    "LabelErrors": "team.label_errors",
    "Project": "api.project",
    "Promise": "core.types",
    "Question": "core.types",
    "Task": "core.types",
    "Terms": "measure.score",
    "TextClassifier": "learn.classifier",
    "classify": "core.types",
    "compare": "measure.comparison",
    "evaluate": "measure.evaluation",
    "label_errors": "team.label_errors",
    "multilabel": "core.types",
    "open": "api.project",
}

__all__ = [
    "Answer",
    "Certificate",
    "Comparison",
    "CowiseError",
    "Decision",
    "Evaluation",
    "LabelErrors",
    "Project",
    "Promise",
    "Question",
    "Task",
    "Terms",
    "TextClassifier",
    "__version__",
    "classify",
    "compare",
    "evaluate",
    "label_errors",
    "multilabel",
    "open",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return load(f"{_HOME[name]}:{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
