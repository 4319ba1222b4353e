"""Claim 1 for B2, and for promises about one version after another that share delta.

**B2**: one preset threshold, `n` audits inside its region, on every profile; four thresholds each, of which `edge` is the
strictest whose region is worse than promised. Where the count of errors is the worst there is, the exact probability of a
broken promise (`worst_exact`) lies just below delta: a bound that is too loose would be seen. Beside it the loosest of many
thresholds that passes.

**T over versions**: each starts anew at E = 1 with its own share of delta (`look_delta`), and is looked at after every
answer. A run is broken if any version is ever certified for a region that is worse than promised. Beside it each version at
the full delta, and evidence that is carried over from one version to the next. **P1, S2 over versions**: as a project judges
one newer version after another in the shadow, at sizes fixed beforehand and its own shares (`look_share`), beside full delta
for each.

**Reserved texts after looks at a batch**: the looks' lots hit some of the reserved texts too, and their outcome decides which
version the reserved ones then judge. Each version is just worse than promised and errs mostly where the one before did.
Beside it every version is judged by the same reserved texts at the full delta.

usage: COWISE_DATA=FOLDER python -m benchmarks.claims.sequences [--trials 1000] [--out FILE]
Writes benchmarks/results/claims_sequences.json with the hardware named; one process, five minutes.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.claims.profiles import Population, part
from benchmarks.claims.run import CELLS, RESULTS, hardware, populations
from benchmarks.claims.trials import Outcome, Rng
from cowise.core.errors import GuaranteeError
from cowise.core.types import Bools, Floats
from cowise.loop.certifying import SPARE
from cowise.loop.shares import look_share
from cowise.team.anytime import certified_path, look_delta
from cowise.team.batch import Sample, b2, b2_lots, b2_tail
from cowise.team.prospective import p1
from cowise.team.selective import s2
from cowise.team.tails import answers_needed, errors_allowed, errors_that_break, hypergeom_cdf, least
from cowise.team.verdict import Verdict

Cell = tuple[int, float, float]  # audits, accepted error, delta
Share = Callable[[float, int], float]  # delta of look 0, 1, 2, …
SHARES: dict[str, Share] = {"shared": look_delta, "full delta for each": lambda delta, _: delta}
COVERAGES = (0.3, 0.6, 0.9)
PART = 6000
LABELS = 1000  # of each version, looked at after every one
BAD, FAIR = 0.0501, 0.02
RESERVE = 4000, 200  # texts, and the reserved among them


def b2_trials(population: Population, coverage: float, cell: Cell, trials: int, seed: int = 0) -> Outcome:
    """B2 at the threshold that accepts `coverage`, 0 for the edge; audits are drawn inside, as the loop draws them."""
    n, max_error, delta = cell
    rng, broken, share = np.random.default_rng(seed), [], []
    small = len(population[0]) <= PART
    for t in range(trials):
        if not t or not small:
            scores, wrong = part(population, PART, np.random.default_rng(t))
            threshold = _preset(scores, wrong, coverage, max_error)
        sample = _sample(scores, wrong, threshold, n, rng)
        verdict = _granted(partial(b2, sample, threshold), max_error, delta)
        share.append(verdict.coverage if verdict else 0.0)
        broken.append(bool(verdict and _wrong(verdict, sample)))
    return Outcome(trials, round(float(np.mean(broken)), 4), round(float(np.mean(share)), 4))


def loosest_that_passes(population: Population, cell: Cell, trials: int) -> Outcome:
    """Naive: the same test at each of 19 thresholds over one sample, then the loosest that passes."""
    n, max_error, delta = cell
    rng, broken, share = np.random.default_rng(1), [], []
    scores, wrong = population
    cuts = [float(np.quantile(scores, 1 - cover)) for cover in np.linspace(0.1, 1, 19)]
    for _ in range(trials):
        sample = _sample(scores, wrong, -np.inf, n, rng)
        passed = [v for cut in cuts if (v := _granted(partial(b2, sample, cut), max_error, delta))]
        share.append(passed[-1].coverage if passed else 0.0)
        broken.append(bool(passed) and _wrong(passed[-1], sample))
    return Outcome(trials, round(float(np.mean(broken)), 4), round(float(np.mean(share)), 4))


def _preset(scores: Floats, wrong: Bools, coverage: float, max_error: float) -> float:
    if coverage:
        return float(np.quantile(scores, 1 - coverage))
    order = np.argsort(-scores, kind="stable")
    rate = np.cumsum(wrong[order]) / np.arange(1, len(order) + 1)
    worse = np.flatnonzero((rate > max_error) & (np.arange(len(order)) >= 0.1 * len(order)))
    return float(scores[order[worse[0]]]) if len(worse) else float(scores.min())


def _sample(scores: Floats, wrong: Bools, threshold: float, n: int, rng: Rng) -> Sample:
    inside = np.flatnonzero(scores >= threshold)
    audited = np.zeros(len(scores), bool)
    audited[rng.choice(inside, min(n, len(inside) // 2), replace=False)] = True
    return Sample(scores, rng.permutation(len(scores)).astype(float), audited, wrong, len(scores))


def _granted(rule: Callable[[float, float], Verdict], max_error: float, delta: float) -> Verdict | None:
    try:
        verdict = rule(max_error, delta)
    except GuaranteeError:
        return None
    return verdict if verdict.granted else None


def _wrong(verdict: Verdict, sample: Sample) -> bool:
    auto = verdict.accepts(sample.scores) & ~sample.audited
    return int((auto & sample.wrong).sum()) >= errors_that_break(verdict.max_error, int(auto.sum()))


def b2_exact(region: int, kappa: int, rates: tuple[float, float], trials: int) -> dict[str, Any]:
    """The exact probability of a broken promise at the worst number of errors, and how often it was seen there."""
    max_error, delta = rates
    n = b2_lots(region, kappa, max_error, delta)
    allowed = least(lambda k: b2_tail(region, n, k, max_error) > delta, 0, stop=n) - 1
    breaking = errors_that_break(max_error, region - n)
    errors = np.arange(breaking, region - n)
    found = np.minimum(allowed, errors - breaking)  # so many sampled errors pass, and leave enough to break it
    chance = [float(hypergeom_cdf(k, region, e, n)) for k, e in zip(found.tolist(), errors.tolist(), strict=True)]
    worst = int(np.argmax(chance))
    wrong = np.zeros(2 * region, bool)
    wrong[: errors[worst]] = True  # every error inside the region, half of the items outside
    population = (np.arange(2 * region, 0, -1.0), wrong)
    seen = b2_trials(population, 0.5, (n, max_error, delta), trials)
    return {
        "region": region, "kappa": kappa, "audits": n, "errors": int(errors[worst]), "max_error": max_error, "delta": delta,
        "worst_exact": round(chance[worst], 5), **asdict(seen),
    }  # fmt: skip


def t_sequence(risks: tuple[tuple[float, float], ...], delta: float, share: Share, rng: Rng) -> tuple[bool, float]:
    """(Ever certified for a bad region, mean share certified at the end): versions of risk (in the surer half, over all)."""
    cuts, broken, cover = np.array([0.5, 0.0]), False, []
    for version, risk in enumerate(risks):
        scores, wrong = _answers(risk, rng)
        path = certified_path(scores, wrong, cuts, 0.05, share(delta, version))
        broken |= _bad(risk, int(path.max()))
        cover.append((0.0, 0.5, 1.0)[int(path[-1])])
    return broken, float(np.mean(cover))


def carried_over(risks: tuple[tuple[float, float], ...], delta: float, rng: Rng) -> tuple[bool, float]:
    """Naive: evidence goes on from one version to the next, as if they were one model."""
    parts = [_answers(risk, rng) for risk in risks]
    scores, wrong = (np.concatenate([one[i] for one in parts]) for i in (0, 1))
    path = certified_path(scores, wrong, np.array([0.5, 0.0]), 0.05, delta)
    highest = path.reshape(len(risks), -1).max(axis=1)
    return any(_bad(risk, int(top)) for risk, top in zip(risks, highest, strict=True)), float(highest.mean()) / 2


def _answers(risk: tuple[float, float], rng: Rng) -> tuple[Floats, Bools]:
    sure, whole = risk
    scores = rng.random(LABELS)
    return scores, rng.random(LABELS) < np.where(scores >= 0.5, sure, 2 * whole - sure)


def _bad(risk: tuple[float, float], regions: int) -> bool:
    return (regions >= 1 and risk[0] > 0.05) or (regions >= 2 and risk[1] > 0.05)


SEQUENCES: dict[str, tuple[tuple[float, float], ...]] = {
    "five versions just worse than promised": ((BAD, BAD),) * 5,
    "five versions, surer half good": ((FAIR, BAD),) * 5,
    "three versions, good, worse, just worse": ((FAIR, FAIR), (0.08, 0.08), (BAD, BAD)),
    "three good versions": ((FAIR, FAIR),) * 3,
}


def versions(trials: int, delta: float = 0.1) -> list[dict[str, Any]]:
    """T over several versions, beside the rules that spend the full delta on each or carry evidence over."""
    rows = []
    for title, risks in SEQUENCES.items():
        for name, share in SHARES.items():
            rng = np.random.default_rng(5)
            runs = [t_sequence(risks, delta, share, rng) for _ in range(trials)]
            rows.append(_row("t", title, name, delta, runs))
        rng = np.random.default_rng(5)
        runs = [carried_over(risks, delta, rng) for _ in range(trials)]
        rows.append(_row("t", title, "evidence carried over", delta, runs))
    return rows


def judged(method: str, delta: float, share: Share, rng: Rng, n_versions: int = 5) -> tuple[bool, float]:
    """Versions judged one after another on as many fresh texts as a shadow takes, each just worse than promised as a whole."""
    broken, cover = False, []
    for version in range(n_versions):
        part_of = share(delta, version)
        n = SPARE * answers_needed(0.05, part_of)
        scores, wrong = rng.random(n), rng.random(n) < BAD
        found = p1(scores, wrong, 0.05, part_of) if method == "p1" else s2(scores, wrong, 0.05, part_of)
        out = 1 - max(0.0, found.threshold)
        broken |= found.granted and (BAD * out if method == "p1" else BAD) > 0.05
        cover.append(min(1.0, out) if found.granted else 0.0)
    return broken, float(np.mean(cover))


def shadows(trials: int, delta: float = 0.1) -> list[dict[str, Any]]:
    """P1 and S2 over five versions, at the shares that a project spends and at full delta each."""
    rows = []
    for method in ("p1", "s2"):
        for name, share in (("shared", look_share), ("full delta for each", SHARES["full delta for each"])):
            rng = np.random.default_rng(6)
            runs = [judged(method, delta, share, rng) for _ in range(trials)]
            rows.append(_row(method, "five versions just worse than promised", name, delta, runs))
    return rows


def reserved_after_looks(delta: float, rng: Rng, n_versions: int = 5, same: float = 0.9) -> tuple[bool, bool]:
    """Whether S2 certifies a version by its reserved texts after the first look that passed; and whether it ever would at full delta.

    Of a version's errors, a share of `same` are those of the version before.
    """
    scores, wrong, held = rng.random(RESERVE[0]), rng.random(RESERVE[0]) < BAD, np.arange(RESERVE[1])
    passed, broken, ever = False, False, False
    for look in range(n_versions):
        part_of = look_share(delta, look)
        m = SPARE * answers_needed(0.05, part_of)
        k = int(wrong[rng.permutation(len(wrong))[:m]].sum())
        if not passed and k <= errors_allowed(0.05, part_of, m):
            passed, broken = True, s2(scores[held], wrong[held], 0.05, look_share(delta, look + 1)).granted
        ever |= s2(scores[held], wrong[held], 0.05, delta).granted
        wrong = np.where(rng.random(len(wrong)) < same, wrong, rng.random(len(wrong)) < BAD)
    return broken, ever


def reserves(trials: int, delta: float = 0.2) -> list[dict[str, Any]]:
    """S2 on reserved texts, some of which audited the look before, beside every version judged by them at full delta."""
    rng = np.random.default_rng(7)
    runs = [reserved_after_looks(delta, rng) for _ in range(trials)]
    title = "five versions just worse than promised, the same reserved texts"
    ours = _row("s2", title, "the first that a look let through", delta, [(b, 0.0) for b, _ in runs])
    return [ours, _row("s2", title, "each version, full delta", delta, [(b, 0.0) for _, b in runs])]


def _row(method: str, title: str, rule: str, delta: float, runs: list[tuple[bool, float]]) -> dict[str, Any]:
    seen = Outcome(len(runs), round(float(np.mean([b for b, _ in runs])), 4), round(float(np.mean([c for _, c in runs])), 4))  # fmt: skip
    return {"method": method, "versions": title, "rule": rule, "delta": delta, "trials": seen.trials,
            "ever_broken": seen.violation, "certified": seen.automated, "kept": seen.violation <= seen.slack(delta)}  # fmt: skip


def batches(trials: int) -> list[dict[str, Any]]:
    """B2 on every profile and cell whose audits are at most half of the region."""
    rows = []
    for name, population in populations().items():
        size = min(PART, len(population[0]))
        for cell in CELLS:
            for coverage in (*COVERAGES, 0.0):
                if 2 * cell[0] > (coverage or 0.2) * size:
                    continue
                seen = b2_trials(population, coverage, cell, trials)
                rows.append(_b2_row(name, "b2", coverage or "edge", cell, seen))
            if name in ("flat_at_0.05", "binormal_a") and cell[0] == 1000:
                rows.append(_b2_row(name, "naive: loosest that passes", "any", cell, loosest_that_passes(population, cell, trials)))  # fmt: skip
    return rows


def _b2_row(name: str, rule: str, coverage: float | str, cell: Cell, seen: Outcome) -> dict[str, Any]:
    n, max_error, delta = cell
    return {"profile": name, "rule": rule, "coverage": coverage, "n": n, "max_error": max_error, "delta": delta,
            **asdict(seen), "kept": seen.violation <= seen.slack(delta)}  # fmt: skip


EXACT = ((3000, 0, (0.05, 0.1)), (3000, 3, (0.05, 0.1)), (3000, 8, (0.02, 0.05)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=RESULTS / "claims_sequences.json")
    asked = parser.parse_args()
    trials, began = asked.trials, time.perf_counter()
    found = {
        "versions": versions(trials),
        "shadows": shadows(trials),
        "reserves": reserves(2 * trials),
        "b2_exact": [b2_exact(*case, 10 * trials) for case in EXACT],
        "b2": batches(trials),
    }
    record = {"hardware": hardware(), "trials": trials, "seconds": round(time.perf_counter() - began, 1), "figures": found}  # fmt: skip
    asked.out.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    for row in (*found["versions"], *found["shadows"], *found["reserves"], *found["b2_exact"]):
        print(row)
    broken = [row for row in found["b2"] if not row["kept"]]
    print(f"b2: {len(found['b2'])} rows, {len(broken)} above the level: {broken}")


if __name__ == "__main__":
    main()
