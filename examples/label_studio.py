"""To Label Studio and back: decisions leave as tasks with annotations and predictions, answers come in again."""

import json
from pathlib import Path

import cowise as cw

TASK = cw.classify("bug", "praise")
answers = {
    f"it {word} since day {n}": label for n in range(20) for word, label in (("fails", "bug"), ("shines", "praise"))
}

with cw.open("app", task=TASK, encoder="hashing") as project:
    project.add(list(answers))
    project.review(lambda question: answers[question.text])
    file = project.export(Path("tasks.json"), form="label-studio")
    tasks = json.loads(file.read_text("utf-8"))
    print(f"{len(tasks)} tasks, {sum('annotations' in task for task in tasks)} with annotations")

with cw.open("back", task=TASK, encoder="hashing") as project:
    added = project.add(file, text="text", label="label")
    print(f"{added.items} texts came back, {added.labels} with an answer")
