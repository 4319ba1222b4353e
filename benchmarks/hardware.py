"""The machine in words: a figure without it means nothing."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def hardware() -> dict[str, str | int]:
    """Processor, cores, and the libraries that do the arithmetic."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.is_file() else []
    model = next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
    return {
        "processor": model,
        "cores": os.cpu_count() or 0,
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "scipy", "scikit-learn", "onnxruntime")},
    }
