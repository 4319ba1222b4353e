"""A text may have several labels: messages joined two by two, answered by sets, promised for each label."""

import csv
from itertools import islice

import cowise as cw
from cowise.core.samples import sample

with sample("travel").open(encoding="utf-8", newline="") as file:
    rows = [(row["text"], row["label"]) for row in islice(csv.DictReader(file), 1200)]

known = {f"{one[0]} {two[0]}": sorted({one[1], two[1]}) for one, two in zip(rows[::2], rows[1::2], strict=True)}
task = cw.multilabel(*sorted({label for _, label in rows}))
promise = cw.Promise(max_error=0.1, confidence=0.8, per_label=True)

with cw.open("messages", task=task, promise=promise, encoder="hashing") as project:
    print("texts:", project.add(list(known)).items)
    print("answers:", project.review(lambda question: known[question.text]))
    now = project.status()
    print(f"people answered {now.human.share:.0%}, the machine {now.automated_share:.0%}")
    print("decided in", project.export("decided.jsonl").name)
