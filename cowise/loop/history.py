"""A project over time: answers by what they were for, what was automated, what is open; its certificates in words."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from statistics import median
from typing import Any

from cowise.core.types import Certificate
from cowise.loop.standing import status
from cowise.loop.workspace import Workspace
from cowise.store import certificates, projects, timeline, versions
from cowise.store.certificates import CertificateRow
from cowise.store.timeline import Event
from cowise.store.versions import Version

MOST = 2000
ENDS = ("certified", "ended without certificate", "withdrawn", "changed", "labels renamed", "labels reshaped")
KINDS = ("imported", "decided", "taken back", "designed", *ENDS)
LEAST_PACE = 3


@dataclass(frozen=True, slots=True)
class Point:
    """How things stood at one time: answers given until then, by use; items automated and items open at it."""

    at: float
    answers: int
    training: int
    audit: int
    deferred: int
    automated: int
    open: int


@dataclass(frozen=True, slots=True)
class CertView:
    """A certificate as people see it; `bound` is the share of errors that it bounds, `sentence` says it in words."""

    id: str
    at: float
    state: str
    reason: str
    method: str
    window: str
    max_error: float
    confidence: float
    of: str
    bound: float
    n_items: int
    n_automated: int
    n_audited: int
    n_errors: int
    coverage: float
    version: str
    sentence: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class History:
    """`points` in order of time, the last of them now."""

    points: tuple[Point, ...]
    certificates: tuple[CertView, ...]
    versions: tuple[Version, ...]

    def to_json(self) -> dict[str, Any]:
        """A JSON object."""
        return {
            "points": [asdict(one) for one in self.points],
            "certificates": [asdict(one) for one in self.certificates],
            "versions": [shown_version(one) for one in self.versions],
        }


def shown_version(one: Version) -> dict[str, Any]:
    """A model version without where its files lie."""
    return {"id": one.id, "state": one.state, "at": one.at, "metrics": dict(one.metrics)}


def history(ws: Workspace, name: str, *, points: int = 200) -> History:
    """The story of a project in at most `points` points, closer together where more was answered."""
    now = status(ws, name)
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        given = timeline.given(tx, project.id)
        events = timeline.events(tx, project.id, KINDS)
        made = certificates.history(tx, project.id)
        known = versions.history(tx, project.id)
        end = tx.now()
    last = Point(
        max(end, max((at for at, _ in given), default=0.0)), len(given), now.human.training, now.human.audit,
        now.human.deferred, now.automated, now.open,
    )  # fmt: skip
    series = _series(given, events, now.labelled, max(2, min(points, MOST)) - 1)
    return History((*series, last), tuple(map(shown, made)), tuple(known))


def _series(given: Sequence[tuple[float, str]], events: Sequence[Event], labelled: int, most: int) -> list[Point]:
    """Points at the times of answers and events, thinned evenly by their number."""
    times = sorted(at for at, _ in given)
    moments = sorted({*times, *(event.at for event in events)})
    if len(moments) > most:
        moments = [moments[i * (len(moments) - 1) // max(1, most - 1)] for i in range(most)]
    uses = _uses(sorted(given), events)
    items = _running((e.at, int(e.record.get("added", 0))) for e in events if e.kind == "imported")
    machine = _running((e.at, _automated(e)) for e in events)
    found = []
    for at in moments:
        answers, automated = bisect_right(times, at), max(0, _until(machine, at))
        left = max(0, _until(items, at) - labelled - answers - automated)
        found.append(Point(at, answers, *uses[answers], automated, left))
    return found


def _uses(given: Sequence[tuple[float, str]], events: Sequence[Event]) -> list[tuple[int, int, int]]:
    """After i answers: how many were for training, audit and nothing of the two, i from 0 on.

    Within a walk the line is straight, and while one is open it does not move: no step may tell that an answer was an
    audit.
    """
    sums = list(accumulate(given, lambda s, one: _added(s, one[1]), initial=(0, 0, 0)))
    times = [at for at, _ in given]
    for begun, ended in _walks(events):
        low = bisect_right(times, begun)
        high = len(given) if ended is None else bisect_right(times, ended)
        first, last = sums[low], sums[low] if ended is None else sums[high]
        for i in range(low, high + (ended is None)):
            share = (i - low) / (high - low) if high > low else 0.0
            a, b, c = (round(x + (y - x) * share) for x, y in zip(first, last, strict=True))
            sums[i] = (a, b, c)
    return sums


def _added(sums: tuple[int, int, int], use: str) -> tuple[int, int, int]:
    train, audit, none = sums
    return train + (use == "train"), audit + (use == "audit"), none + (use == "none")


def _walks(events: Sequence[Event]) -> list[tuple[float, float | None]]:
    """When each walk began and ended, None while it is open."""
    found: list[tuple[float, float | None]] = []
    for event in events:
        if event.kind == "designed":
            found.append((event.at, None))
        elif event.kind in ENDS and found and found[-1][1] is None:
            found[-1] = (found[-1][0], event.at)
    return found


def _automated(event: Event) -> int:
    if event.kind == "taken back":
        return -int(event.record.get("n", 0))
    return int(event.record.get("n", 0)) if event.record.get("route") == "automated" else 0


def _running(steps: Iterable[tuple[float, int]]) -> tuple[list[float], list[int]]:
    pairs = list(steps)
    return [at for at, _ in pairs], list(accumulate(n for _, n in pairs))


def _until(running: tuple[list[float], list[int]], at: float) -> int:
    times, sums = running
    place = bisect_right(times, at)
    return sums[place - 1] if place else 0


def pace_s(ws: Workspace, name: str) -> float | None:
    """Seconds that an answer takes these days, the median; None while too few were measured."""
    with ws.store.read() as tx:
        found = timeline.seconds(tx, projects.get(tx, name).id)
    return median(found) if len(found) >= LEAST_PACE else None


def models(ws: Workspace, name: str) -> dict[str, Any]:
    """Versions and certificates, newest first, and the newest candidate's figures."""
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        known, made = versions.history(tx, project.id), certificates.history(tx, project.id)
    labels = project.task.labels
    return {
        "versions": [{**shown_version(one), "outdated": outdated(ws, one.folder, labels)} for one in reversed(known)],
        "certificates": [asdict(shown(one)) for one in reversed(made)],
        "candidate": next((_figures(one) for one in reversed(known) if one.state == "candidate"), None),
    }


def outdated(ws: Workspace, folder: str, labels: tuple[str, ...]) -> bool:
    """Whether a version learned other labels than there are; of another program's answers nobody knows."""
    if not folder:
        return False
    files = json.loads(ws.store.blobs.get(folder))
    return tuple(json.loads(ws.store.blobs.get(files["labels.json"]))["labels"]) != labels


def _figures(one: Version) -> dict[str, Any]:
    return {"answers": int(one.metrics.get("answers", 0)), "log_loss": one.metrics.get("log_loss")}


def shown(row: CertificateRow) -> CertView:
    """A certificate as people see it."""
    c = row.certificate
    bound = float(c.details.get("bound", c.promise.max_error))
    return CertView(
        c.id, row.at, row.state, row.reason, c.method, c.window, c.promise.max_error, c.promise.confidence, c.promise.of,
        bound, c.n_items, c.n_automated, c.n_audited, c.n_errors, c.coverage, c.version, sentence(row),
    )  # fmt: skip


def sentence(row: CertificateRow) -> dict[str, str]:
    """What a certificate promises and what it does not, in English and Chinese."""
    c = row.certificate
    if row.state != "valid":
        return {
            "en": "This certificate was withdrawn and promises nothing any more; what it covered went back to people.",
            "zh": "该证书已撤回，不再作任何承诺；它曾覆盖的条目已交还给人处理。",
        }
    found, (en, zh) = _stream(c) if c.window == "stream" else _batch(c), _assumed(c)
    return {"en": found["en"] + en, "zh": found["zh"] + zh}


def _batch(c: Certificate) -> dict[str, str]:
    bound = float(c.details.get("bound", c.promise.max_error))
    share, sure, n, all_ = _percent(bound), _sure(c.promise.confidence), f"{c.n_automated:,}", f"{c.n_items:,}"
    each = _labels(c)
    if c.promise.of == "delivered" and c.promise.per_label and c.details.get("sets"):
        labels = c.details["sets"]
        return {
            "en": f"With {sure} confidence each of the {labels} labels is wrong, by a machine answer that nobody checked, in at "
            f"most {share} of all {all_} texts; the machine answered {n} of them alone. Not promised: that all labels of a text "
            "are right together, anything about texts added later, or that people's own answers are right.",
            "zh": f"有 {sure} 的把握：{labels} 个标签中的每一个，因未经人核对的机器回答而出错的文本，不超过全部 {all_} 条的 {share}；"
            f"其中 {n} 条由机器独自回答。不包括：一条文本的全部标签同时正确、之后新增的文本，以及人自己的回答是否正确。",
        }
    if c.promise.of == "selective":
        return {
            "en": f"With {sure} confidence at most {share} of the {n} texts that the machine answered alone are wrong"
            f"{each[0]}. Not promised: anything about texts added later, or that people's own answers are right.",
            "zh": f"有 {sure} 的把握：机器独自回答的 {n} 条文本中，错误不超过 {share}{each[1]}。"
            "不包括：之后新增的文本，以及人自己的回答是否正确。",
        }
    return {
        "en": f"With {sure} confidence wrong machine answers that nobody checked are at most {share} of all {all_} texts; "
        f"the machine answered {n} of them alone{each[0]}. Not promised: anything about texts added later, or that "
        "people's own answers are right.",
        "zh": f"有 {sure} 的把握：在全部 {all_} 条文本中，未经人核对的机器错误不超过 {share}；其中 {n} 条由机器独自回答"
        f"{each[1]}。不包括：之后新增的文本，以及人自己的回答是否正确。",
    }


def _stream(c: Certificate) -> dict[str, str]:
    share, sure = _percent(c.promise.max_error), _sure(c.promise.confidence)
    of_en = "of those that the machine answers alone" if c.promise.of == "selective" else "of all of them"
    of_zh = "机器独自回答的文本" if c.promise.of == "selective" else "全部文本"
    return {
        "en": f"With {sure} confidence, among texts to come that are like those seen so far, wrong machine answers are at "
        f"most {share} {of_en}{_labels(c)[0]}. Not promised: texts of another kind, or that people's own answers are right.",
        "zh": f"有 {sure} 的把握：对今后与已见文本同类的文本，机器错误不超过{of_zh}的 {share}{_labels(c)[1]}。"
        "不包括：其他类型的文本，以及人自己的回答是否正确。",
    }


def _assumed(c: Certificate) -> tuple[str, str]:
    """What the certificate takes for granted of people, where it allows for their errors."""
    if not c.promise.missed:
        return "", ""
    share = _percent(c.promise.missed)
    return (
        f" It holds as long as people miss at most {share} of the machine's errors.",
        f"前提：人对机器的错误最多漏看 {share}。",
    )


def _labels(c: Certificate) -> tuple[str, str]:
    """What is added where labels are spoken of one by one; of sets, what counts as wrong."""
    if c.details.get("sets"):
        return " (an answer is wrong if one of its labels is missing or too many)", "（任一标签缺少或多余，即算错误）"
    return (", and so for each label that it gave", "，且对它给出的每个标签都如此") if c.promise.per_label else ("", "")


def _percent(share: float) -> str:
    """A share as people read it, never rounded down: a bound must not look better than it is.

    >>> _percent(0.05), _percent(0.0449833), _percent(0.95)
    ('5 %', '4.5 %', '95 %')
    """
    tenths = round(share * 1000, 6)
    up = int(tenths) + (tenths > int(tenths))
    return f"{up / 10:g} %"


def _sure(share: float) -> str:
    """A confidence as people read it, never rounded up.

    >>> _sure(0.9999), _sure(0.95)
    ('99.9 %', '95 %')
    """
    return f"{int(round(share * 1000, 6)) / 10:g} %"
