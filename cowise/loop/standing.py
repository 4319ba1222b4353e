"""Where a project stands and what to do next: asked most often, so it loads least."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from cowise.core.language import reading
from cowise.core.types import Certificate, Promise
from cowise.loop import pace
from cowise.loop.workspace import Workspace
from cowise.store import Tx, certificates, counters, members, projects, queue
from cowise.store.projects import Project

if TYPE_CHECKING:
    from cowise.loop.kinds import AdviceKind


@dataclass(frozen=True, slots=True)
class HumanShare:
    """Answers that people gave for this project, by what they were for; `share` is their sum ÷ items delivered.

    `pending` were given in a look that is still open: what each was for is told once it ends, so that nobody who
    answers can see which were audits. Second opinions are among the `deferred`. Labels that came with the data are not
    counted.
    """

    training: int = 0
    audit: int = 0
    deferred: int = 0
    items: int = 0
    pending: int = 0

    @property
    def answers(self) -> int:
        """All answers."""
        return self.training + self.audit + self.deferred + self.pending

    @property
    def share(self) -> float:
        """Answers ÷ items."""
        return self.answers / self.items if self.items else 0.0

    def to_json(self) -> dict[str, Any]:
        """A JSON object with the sum and the share."""
        return {**asdict(self), "answers": self.answers, "share": self.share}


@dataclass(frozen=True, slots=True)
class Status:
    """Where a project stands. Shares are of all items; `error_bound` is what the certificate bounds, None without one.

    `needed` is a forecast of the answers still to give; `next` says in one sentence what to do, `command` exactly how.
    `second` opinions were asked for and wait; they are in no other figure here until they are given. `watch` tells of the
    audits of the stream so far (certificate, audits, wrong, accepted rate), `alarm` of the last one that withdrew a
    certificate: between how many of the automated texts were wrong; `warning` that new texts look different; `unread` how
    many open texts wait in a language that nobody on the roster reads; `shadow` which version is judged on `texts` to come, of
    which so many are `drawn`; {} where there is none.
    """

    name: str
    items: int
    rows: int
    labelled: int
    automated: int
    reviewed: int
    open: int
    automated_share: float
    promise: Promise
    error_bound: float | None
    confidence: float
    certificate: str
    stream_certificate: str
    version: str
    human: HumanShare
    needed: int
    queued: int
    flags: int
    phase: AdviceKind
    next: str
    command: str
    second: int = 0
    watch: Mapping[str, Any] = field(default_factory=dict)
    alarm: Mapping[str, Any] = field(default_factory=dict)
    warning: Mapping[str, Any] = field(default_factory=dict)
    unread: Mapping[str, int] = field(default_factory=dict)
    shadow: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {**asdict(self), "human": self.human.to_json()}


def status(ws: Workspace, name: str) -> Status:
    """Where a project stands and what to do next. Reads counters, a few rows and the answers' tallies only."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        counts = counters.counts(tx, project.id)
        human = share_of(tx, project, counts)
        standing = _standing(tx, project)
        state, lost = queue.state(tx, project.id), _unread(tx, project)
    batch = next((c for c in standing if c.window == "batch"), None)
    stream = next((c for c in standing if c.window == "stream"), None)
    automated = counts.get("route:automated", 0) if standing else 0
    reviewed = counts.get("route:reviewed", 0) + counts.get("route:consensus", 0)
    n, labelled = counts.get("items", 0) - counts.get("erased", 0), counts.get("labelled", 0)
    left = pace.still_open(counts, standing=bool(standing))
    advice = project.settings.get("advice") or {}
    queued = state.num_open
    phase, sentence, command = _next(project, n, left, queued, advice)
    return Status(
        name=project.name, items=n, rows=counts.get("rows", 0), labelled=labelled, automated=automated,
        reviewed=reviewed, open=left, automated_share=automated / n if n else 0.0, promise=project.promise,
        error_bound=_bound(batch), confidence=project.promise.confidence, certificate=batch.id if batch else "",
        stream_certificate=stream.id if stream else "", version=project.released, human=human,
        needed=int(advice.get("needed", left)) if left else 0, queued=queued, flags=counts.get("flags", 0),
        phase=phase, next=sentence, command=command, second=state.num_second,
        watch=project.settings.get("watch") or {}, alarm=project.settings.get("alarm") or {},
        warning=_warning(project, stream), unread=lost, shadow=_shadow(project),
    )  # fmt: skip


def _warning(project: Project, stream: Certificate | None) -> Mapping[str, Any]:
    """The last warning about the texts under the certificate that stands."""
    told: Mapping[str, Any] = project.settings.get("warning") or {}
    return told if stream is not None and told.get("certificate") == stream.id else {}


def _shadow(project: Project) -> Mapping[str, Any]:
    kept: Mapping[str, Any] = project.settings.get("shadow") or {}
    return {name: kept[name] for name in ("version", "texts", "drawn", "at") if name in kept}


def _unread(tx: Tx, project: Project) -> dict[str, int]:
    """Counts of open texts as the economy kept them, but for languages that somebody reads by now."""
    kept: Mapping[str, int] = project.settings.get("unread") or {}
    people = [one for one in members.roster(tx, project.id) if one.kind == "person" and one.active] if kept else []
    reads = [reading(said) if (said := one.settings.get("languages")) else frozenset(kept) for one in people]
    return {name: n for name, n in kept.items() if not any(name in each for each in reads)}


def _standing(tx: Tx, project: Project) -> list[Certificate]:
    if not project.released:
        return []
    return [row.certificate for row in certificates.valid(tx, project.id)]


def _bound(certificate: Certificate | None) -> float | None:
    if certificate is None:
        return None
    return float(certificate.details.get("bound", certificate.promise.max_error))


def share_of(tx: Tx, project: Project, counts: dict[str, int]) -> HumanShare:
    """What people answered so far, by what it was for."""
    given = pace.parts(tx, project)
    n = counts.get("items", 0) - counts.get("erased", 0)
    return HumanShare(given["train"], given["audit"], given["none"], n, given["open"])


def _next(project: Project, n: int, left: int, queued: int, advice: dict[str, Any]) -> tuple[AdviceKind, str, str]:
    """(phase, what to do in one sentence, the exact command)."""
    name = project.name
    if not n:
        return "add", "Add texts.", f"cowise add {name} FILE --text COLUMN"
    if not left:
        return "stop", "Every text is decided: take the result.", f"cowise export {name} --out decided.csv"
    if not advice:
        return "train", f"Answer questions: {left:,} texts are open.", f"cowise review {name}"
    kind: AdviceKind = advice["kind"]
    words: dict[str, str] = {
        "train": "Answer questions, from which the model learns",
        "audit": "Answer questions, on some of which the certificate will stand",
        "decide": "Answer what the machine may not",
        "stop": "Ask somebody else to look at what nobody could answer",
        "add": "Add texts",
    }
    about = f"; about {advice['needed']:,} answers are still needed, by forecast" if advice.get("needed") else ""
    waiting = f" ({queued:,} wait now)" if queued else ""
    return kind, f"{words[kind]}{about}{waiting}.", f"cowise review {name}"
