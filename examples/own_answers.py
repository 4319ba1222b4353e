"""A model that you have already gets a certificate: its answers come in as a column, and only audits are asked."""

import random

import cowise as cw

rng = random.Random(0)
truth, rows = {}, []
for number in range(1500):
    label = rng.choice(("spam", "fine"))
    text = f"message {number} about {'prizes' if label == 'spam' else 'lunch'}"
    sure = rng.uniform(0.55, 1)
    right = rng.random() < 0.9 + 0.1 * sure
    said = label if right else {"spam": "fine", "fine": "spam"}[label]
    truth[text] = label
    rows.append({"text": text, "said": said, "sure": sure})

promise = cw.Promise(max_error=0.05, confidence=0.9)
with cw.open("mail", task=cw.classify("spam", "fine"), promise=promise, encoder="hashing") as project:
    project.add(rows, text="text", opinion="said", confidence="sure", by="my-model")
    asked = project.review(lambda question: truth[question.text])
    now = project.status()
    print(f"{asked} questions answered; the machine may take {now.automated:,} of {now.items:,} texts alone")
    print("certificate:", now.certificate or "none yet", "| error at most", now.error_bound)
