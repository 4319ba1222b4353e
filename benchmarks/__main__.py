"""Every published figure, one after the other. usage: python -m benchmarks [--short] [NAME …]

--short repeats less: enough to see that each benchmark runs; what is in benchmarks/results/ stays as it is. Sets of texts come
from the folder COWISE_DATA names; benchmarks that need it are left out with a line when it is missing. COWISE_PEERS names a folder with the peers of the
workspace, each in an environment of its own (python -m benchmarks.workspace.run --peers DIR --install makes them); without
it the workspace is measured alone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory

RESULTS = Path(__file__).parent / "results"

# name: (module, needs the benchmark sets, options of the short form)
ALL: dict[str, tuple[str, bool, tuple[str, ...]]] = {
    "base-install": ("benchmarks.base_install", False, ()),
    "first-page": ("benchmarks.first_page", False, ("--readings", "1")),
    "cold-start": ("benchmarks.cold_start", False, ()),
    "ledger": ("benchmarks.ledger_rate", False, ()),
    "import": ("benchmarks.import_rate", False, ()),
    "import-million": ("benchmarks.import_million", False, ()),
    "store": ("benchmarks.store_scale", False, ()),
    "encode": ("benchmarks.encode_rate", True, ()),
    "heads": ("benchmarks.head_rate", True, ()),
    "decide": ("benchmarks.decide_rate", True, ("--rounds", "1")),
    "claims": ("benchmarks.claims.run", True, ()),
    "right-people": ("benchmarks.claims.right_people", True, ("--seeds", "1", "--encoder", "use-multilingual")),
    "drift": ("benchmarks.claims.drift", False, ("--trials", "50")),
    "routing": ("benchmarks.claims.routing", False, ("--seeds", "1")),
    "forecast": ("benchmarks.claims.forecast", True, ("--seeds", "1", "--sets", "crosswoz_zh")),
    "estimates": ("benchmarks.claims.estimates", True, ("--seeds", "2", "--sets", "crosswoz_zh")),
    "evaluate": ("benchmarks.evaluate_rate", False, ("--items", "20000", "--rounds", "1")),
    "intervals": ("benchmarks.claims.intervals", False, ("--trials", "5", "--sizes", "200")),
    "blindness": ("benchmarks.claims.blindness", True, ("--trials", "20")),
    "crew-share": ("benchmarks.crew_share", True, ("--seeds", "1", "--sets", "crosswoz_zh")),
    "llm-team": ("benchmarks.claims.llm_team", True, ("--texts", "80", "--sets", "ag_news", "--model", "smollm2-135m")),
    "llm-asked": ("benchmarks.llm_asked", True, ("--seeds", "1", "--sets", "crosswoz_zh", "--rights", "0.85")),
    "asking-on": ("benchmarks.asking_on", True, ("--pools", "1", "--size", "300", "--sets", "crosswoz_zh")),
    "learning-to-defer": ("benchmarks.claims.learning_to_defer", True, ("--seeds", "1")),
    "llm-share": (
        "benchmarks.llm_share",
        True,
        ("--simulate", "0.85", "--texts", "200", "--seeds", "1", "--sets", "ag_news", "--alphas", "0.1"),
    ),
    "label-errors": ("benchmarks.label_errors", True, ("--seeds", "1", "--sets", "20news,imdb")),
    "explain": ("benchmarks.explain", True, ("--texts", "2", "--short-texts", "2", "--sets", "sst2")),
    "gradients": ("benchmarks.gradients", True, ("--texts", "2")),
    "pick": ("benchmarks.pick_rate", False, ("--items", "20000", "--rounds", "1")),
    "claims-sets": ("benchmarks.claims.sets", False, ("--trials", "50")),
    "claims-sequences": ("benchmarks.claims.sequences", True, ("--trials", "20")),
    "claims-versions": ("benchmarks.claims.versions", False, ("--trials", "50")),
    "claims-naive": ("benchmarks.claims.naive_rules", False, ("--trials", "20")),
    "sets-share": ("benchmarks.sets_share", True, ("--size", "400", "--repeat", "1", "--cases", "messages")),
    "small-text": (
        "benchmarks.small_text_strategies",
        True,
        ("--seeds", "1", "--sets", "crosswoz_zh", "--strategies", "random"),
    ),
    "key-to-next": ("benchmarks.key_to_next", False, ("--answers", "20")),
    "loop-share": ("benchmarks.loop_share", True, ("--pools", "1", "--size", "300", "--sets", "crosswoz_zh")),
    "desk": ("benchmarks.desk_rate", False, ("--items", "5000", "--seconds", "2")),
    "workspace": ("benchmarks.workspace.run", False, ("--readings", "1", "--answers", "10", "--patience", "0")),
    "human-share": ("benchmarks.human_share", True, ("--seeds", "1", "--sets", "crosswoz_zh")),
}

LONG: dict[str, tuple[str, ...]] = {
    "label-errors": ("--choose",),
    "llm-share": ("--simulate", "0.85,guess", "--texts", "1000", "--alphas", "0.05", "--seeds", "20"),
}
"""Options of the long form, where it has any: what needs no language model here, and how a ranking was chosen."""


@contextmanager
def untouched(folder: Path) -> Iterator[None]:
    """Whatever is written into a folder meanwhile, afterwards it is as it was."""
    with TemporaryDirectory() as kept:
        shutil.copytree(folder, kept, dirs_exist_ok=True)
        try:
            yield
        finally:
            shutil.rmtree(folder)
            shutil.copytree(kept, folder)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--short", action="store_true")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in ALL]:
        parser.error(f"no benchmark {unknown[0]!r}; there are {', '.join(ALL)}")
    failed = []
    for name in asked.names or ALL:
        module, needs_sets, short = ALL[name]
        if needs_sets and not os.environ.get("COWISE_DATA"):
            print(f"{name}: left out, COWISE_DATA names no folder of benchmark sets")
            continue
        print(f"{name}: {module}", flush=True)
        begun = time.monotonic()
        options = short if asked.short else LONG.get(name, ())
        with untouched(RESULTS) if asked.short else nullcontext():
            code = subprocess.run([sys.executable, "-m", module, *options], check=False).returncode
        print(
            f"{name}: {'done' if code == 0 else f'failed with {code}'} in {time.monotonic() - begun:.0f} s", flush=True
        )
        if code:
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
