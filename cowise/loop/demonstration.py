"""The whole loop on the samples that cowise carries, the known answers in place of people, through the review itself."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cowise.core.registry import load
from cowise.core.samples import LABEL_COLUMN, SAMPLES, TEXT_COLUMN, Sample, sample
from cowise.core.settings import Settings
from cowise.core.types import Promise, classify, content_id
from cowise.loop.ingest import Columns, add
from cowise.loop.kinds import Progress
from cowise.loop.out import export
from cowise.loop.projects import DEFAULT_ENCODER, create, delete, listing
from cowise.loop.review import session
from cowise.loop.standing import status
from cowise.loop.workspace import Workspace, open_workspace
from cowise.store import decisions, items, projects

PROMISE = Promise(max_error=0.05, confidence=0.9)


def demo(
    settings: Settings, out: str | Path, *, encoder: str = DEFAULT_ENCODER, progress: Progress | None = None
) -> dict[str, Any]:
    """Play both samples in the workspace of `settings`; figures, and decisions as files in `out`.

    {"samples": [{name, human_share, training, audit, deferred, certified, error, kept, seconds, …}]}.
    A sample project that is there already is made anew.
    """
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    with open_workspace(settings, create=True) as ws:
        found = [_played(ws, each, encoder, folder, progress) for each in SAMPLES]
    return {"samples": found, "workspace": str(settings.home)}


def pictures(samples: Sequence[dict[str, Any]], folder: Path) -> list[Path]:
    """What each sample of `demo` cost, drawn into `folder`; MissingError without matplotlib."""
    draw: Callable[..., list[Path]] = load("measure.picture:draw")
    return [file for each in samples for file in draw(each, folder / each["project"])]


def known_answers(each: Sample) -> dict[str, str]:
    """The known answer to each text of a sample, by content id."""
    with sample(each.name).open(encoding="utf-8", newline="") as file:
        return {content_id(row[TEXT_COLUMN]): row[LABEL_COLUMN] for row in csv.DictReader(file)}


def _played(ws: Workspace, each: Sample, encoder: str, folder: Path, progress: Progress | None) -> dict[str, Any]:
    begun, name = time.monotonic(), f"sample-{each.name}"
    gold = known_answers(each)
    if name in {one.name for one in listing(ws)}:
        delete(ws, name)
    create(ws, name, classify(*sorted(set(gold.values())), language=each.language), PROMISE, encoder=encoder)
    add(ws, name, sample(each.name), Columns(text=TEXT_COLUMN), progress=progress)
    curve = play(ws, name, gold, progress=progress)
    file = export(ws, name, folder / f"{name}.csv", overwrite=True).file
    return {
        "name": each.name, "title": each.title, "project": name, **figures(ws, name, gold), "file": str(file),
        "curve": curve, "seconds": round(time.monotonic() - begun, 1),
    }  # fmt: skip


def play(
    ws: Workspace,
    name: str,
    gold: Mapping[str, str | Sequence[str]],
    *,
    member: str = "known answers",
    progress: Progress | None = None,
) -> list[tuple[int, int]]:
    """Answer everything that is asked, from `gold` by content id; (answers given, forecast of those still needed)."""
    curve: list[tuple[int, int]] = []
    with session(ws, name, member, progress=progress) as review:
        done, total = 0, len(gold)
        while questions := review.ask(2):
            for question in questions:
                review.take(question, question.reply(gold[question.item]))
                done += 1
            if review.advice is not None and (not curve or curve[-1][1] != review.advice.needed):
                curve.append((done, review.advice.needed))
            if progress:
                progress("answering", done, total)
    return curve


def figures(ws: Workspace, name: str, gold: Mapping[str, str]) -> dict[str, Any]:
    """Human share with its parts, what is certified, and the true error, by the known answers."""
    now = status(ws, name)
    with ws.store.read() as tx:
        project = projects.get(tx, name)
        made = [d for d in decisions.each(tx, project.id) if d.route == "automated"]
        rows = items.at(tx, project.id, [d.ordinal for d in made])
    wrong = sum(d.answer is None or d.answer.value != gold[rows[d.ordinal].id] for d in made)
    error = wrong / now.items if now.items else 0.0
    return {
        "items": now.items, "automated": len(made), "human_share": now.human.share, **_parts(now.human.to_json()),
        "certified": now.error_bound, "confidence": now.confidence, "promise": now.promise.max_error, "error": error,
        "kept": error <= now.promise.max_error, "certificate": now.certificate,
    }  # fmt: skip


def _parts(human: dict[str, Any]) -> dict[str, int]:
    return {part: int(human[part]) for part in ("training", "audit", "deferred")}
