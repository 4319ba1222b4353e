"""What would it cost? A rehearsal on labelled texts: the known answers play people who are sometimes wrong."""

import json
import subprocess
import sys

from cowise.core.samples import sample

words = ["simulate", str(sample("bank")), "--text", "text", "--label", "label", "--encoder", "hashing"]
words += ["--pool", "500", "--repeat", "2", "--max-error", "0.2", "--confidence", "0.8", "--accuracy", "0.98", "--json"]
done = subprocess.run([sys.executable, "-m", "cowise.cli", *words], check=True, capture_output=True, text=True)
mean = json.loads(done.stdout)["mean"]
print(f"people would answer {mean['human_share']:.0%}; wrong in all: {mean['error']:.1%}")
print(f"of all texts: {mean['training']:.1%} to train, {mean['audit']:.1%} to audit, {mean['deferred']:.1%} deferred")
