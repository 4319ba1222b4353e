"""A first project in Python: texts in, answers, a certificate where one can be had, decisions out.

The known answers stand in for a person; leave `answer` out and you are asked in the terminal.
"""

import csv
from itertools import islice

import cowise as cw
from cowise.core.samples import sample

with sample("bank").open(encoding="utf-8", newline="") as file:
    known = {row["text"]: row["label"] for row in islice(csv.DictReader(file), 600)}


def answer(question: cw.Question) -> str:
    """What a person would say."""
    return known[question.text]


task, promise = cw.classify(*sorted(set(known.values()))), cw.Promise(max_error=0.1, confidence=0.8)
with cw.open("bank", task=task, promise=promise, encoder="hashing") as project:
    print("distinct texts:", project.add(list(known)).items)
    print("answers:", project.review(answer))
    now = project.status()
    print(f"people answered {now.human.share:.0%}, the machine {now.automated_share:.0%}; {now.next}")
    print("decided in", project.export("decided.csv").name)
