"""What `pip install cowise` brings: megabytes of site-packages without pip and extras, and direct dependencies.

usage: python -m benchmarks.base_install   (makes a virtual environment in a temporary folder; needs a package index)
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from benchmarks.hardware import hardware

ROOT = Path(__file__).parents[1]
RESULT = Path(__file__).parent / "results" / "base_install.json"
MOST_MB, MOST_DIRECT = 600, 20


def size_mb(folder: Path) -> float:
    """Megabytes of all files below a folder, those of pip itself left out."""
    files = (f for f in folder.rglob("*") if f.is_file() and not f.is_symlink())
    return sum(f.stat().st_size for f in files if f.relative_to(folder).parts[0].split("-")[0] != "pip") / 1e6


def main() -> int:
    with tempfile.TemporaryDirectory() as where:
        home = Path(where)
        subprocess.run([sys.executable, "-m", "venv", home], check=True)
        pip = [home / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, "-c", ROOT / "constraints.txt", ROOT], check=True)
        (site,) = home.glob("lib/*/site-packages")
        parts = {each.name: size_mb(each) for each in site.iterdir() if each.is_dir() and each.name != "pip"}
        total = size_mb(site)
        torch = (site / "torch").exists()
        works = subprocess.run([home / "bin" / "cowise", "--version"], check=True, capture_output=True, text=True)
    direct = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    found = {
        "hardware": hardware(), "site_packages_mb": round(total), "most_mb": MOST_MB, "direct_dependencies": len(direct),
        "most_direct": MOST_DIRECT, "torch": torch, "version": works.stdout.strip(),
        "largest_mb": dict(sorted(((k, round(v)) for k, v in parts.items()), key=lambda kv: -kv[1])[:10]),
    }  # fmt: skip
    print(json.dumps(found, indent=1))
    RESULT.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    return int(total > MOST_MB or len(direct) > MOST_DIRECT or torch)


if __name__ == "__main__":
    sys.exit(main())
