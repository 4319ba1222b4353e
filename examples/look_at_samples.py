"""What the texts look like that cowise carries: how many, and how often each answer stands in them."""

import csv
from collections import Counter

from cowise.core.samples import SAMPLES, sample

for each in SAMPLES:
    with sample(each.name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    print(f"{each.name}: {each.title}; {len(rows):,} texts, {each.language}, {each.licence}")
    for label, count in Counter(row["label"] for row in rows).most_common(5):
        print(f"  {count:5,d}  {label}")
