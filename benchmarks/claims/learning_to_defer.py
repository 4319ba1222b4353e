"""A person and a model at the same share deferred: ours beside learning to defer, on answers that real people gave.

MD-Agreement: model and person as in claim 6 (`right_people`): the model learns from the training texts' majorities of three,
one more person answers what is deferred, and both are judged by the majority of the other three of texts that nothing learned
from. Deferred are the least sure texts and the person's answer stands (`confidence`); or it is combined with the model's
(`ours`; `ours_by_softmax` where the loss below says which); or the texts that a loss of its own leaves to the person, whose answer stands (softmax and one-vs-all surrogate).

`broken`: the losses promise nothing. Who sets a threshold so that the error of what is kept is 15 % on 300 validation texts is
wrong on new ones in this share of draws; under S2 at the same error and confidence .9, on the same 300 texts, in that one.

usage: COWISE_DATA=FOLDER python -m benchmarks.claims.learning_to_defer [--seeds 5] [--encoder NAME] [--out FILE]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.random import default_rng

from benchmarks.claims.right_people import Agreement, means
from benchmarks.hardware import hardware
from cowise.core.errors import GuaranteeError
from cowise.core.types import Bools, Floats, Indices
from cowise.learn.defer import fit_defer
from cowise.team.combine import fit
from cowise.team.selective import s2

RESULT = Path(__file__).parents[1] / "results" / "claims_learning_to_defer.json"
SHARES = (0.1, 0.2, 0.3, 0.5)
MAX_ERROR, DELTA, VALIDATION, DRAWS = 0.15, 0.1, 300, 200


def on_draw(world: Agreement, seed: int) -> dict[str, float]:
    """Accuracy of each team at each share deferred, for one draw of people."""
    first, rest = world.first, slice(world.first, None)
    two, gold = world.drawn(default_rng(seed))
    said = two.only(np.arange(len(two)) % 2 == 0)
    told = said.label
    p = world.model(gold[:first])
    team = fit(p, said, np.where(np.arange(len(gold)) < first, gold, -1))
    found = {"person": float((told == gold)[rest].mean()), "model": float((p.argmax(axis=1) == gold)[rest].mean())}
    order = {"confidence": -p.max(axis=1)}
    label = {"confidence": p.argmax(axis=1)}
    for loss in ("softmax", "one_vs_all"):
        learned = fit_defer(world.vectors[:first], gold[:first], (told == gold)[:first], loss)  # type: ignore[arg-type]
        order[loss], label[loss] = learned.worth(world.vectors), learned.predict(world.vectors)
    for share in SHARES:
        for name, worth in order.items():
            deferred = worth >= np.quantile(worth[rest], 1 - share)
            found[f"{name}_{share}"] = accuracy(np.where(deferred, told, label[name]), gold, rest)
        for name, by in (("ours", "confidence"), ("ours_by_softmax", "softmax")):
            asked = said.only((order[by] >= np.quantile(order[by][rest], 1 - share))[said.item])
            found[f"{name}_{share}"] = accuracy(team.combine(p, asked).argmax(axis=1), gold, rest)
    return {**found, **broken(-order["softmax"][rest], (label["softmax"] != gold)[rest], default_rng(seed))}


def accuracy(label: Indices, gold: Indices, rest: slice) -> float:
    return float((label == gold)[rest].mean())


def broken(sure: Floats, wrong: Bools, rng: np.random.Generator) -> dict[str, float]:
    """How often the error of what is kept is above the accepted one, by a threshold from validation texts and by S2."""
    plain, certified = 0, 0
    for _ in range(DRAWS):
        order = rng.permutation(len(sure))
        seen, new = order[:VALIDATION], order[VALIDATION:]
        surest = seen[np.argsort(-sure[seen])]
        good = np.flatnonzero(np.cumsum(wrong[surest]) / np.arange(1, VALIDATION + 1) <= MAX_ERROR)
        if len(good):
            kept = sure[new] >= sure[surest[good[-1]]]
            plain += bool(kept.any()) and float(wrong[new][kept].mean()) > MAX_ERROR
        try:
            verdict = s2(sure[seen], wrong[seen], MAX_ERROR, DELTA)
        except GuaranteeError:
            continue
        kept = verdict.accepts(sure[new])
        certified += bool(kept.any()) and float(wrong[new][kept].mean()) > MAX_ERROR
    return {"broken_by_validation": plain / DRAWS, "broken_by_s2": certified / DRAWS}


def main() -> None:
    """Measure, write, show."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seeds", type=int, default=5)
    asked.add_argument("--encoder", default="use-multilingual")
    asked.add_argument("--out", type=Path, default=RESULT)
    args = asked.parse_args()
    world = Agreement(args.encoder)
    found = means([on_draw(world, seed) for seed in range(args.seeds)])
    whole: dict[str, Any] = {"hardware": hardware(), "encoder": args.encoder, "seeds": args.seeds, **found}
    print(found)
    args.out.write_text(json.dumps(whole, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
