"""What the numbers were measured on and with."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.comparison import Unavailable
from benchmarks.yardsticks import compiler

LIBRARIES = ("numpy", "numba", "llvmlite", "scipy", "joblib", "mpmath")
PEERS = ("pygmo", "ioh", "optimagic", "nevergrad", "optiprofiler", "coco-experiment", "jax", "torch")


def description() -> dict[str, Any]:
    """Processor, cores, load, versions; plain data."""
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "architecture": platform.machine(),
        "system": platform.system(),
        "load": load(),
        "compiler": _compiler(),
        "versions": {"python": platform.python_version()} | _versions(),
    }


def processor() -> str:
    """The model of the processor, as the system names it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def load() -> list[float]:
    """The load averages of 1, 5 and 15 minutes; empty where there are none."""
    return [round(one, 2) for one in os.getloadavg()] if hasattr(os, "getloadavg") else []


def _versions() -> dict[str, str]:
    found = {}
    for name in (*LIBRARIES, *PEERS):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _compiler() -> str:
    try:
        return Path(compiler()).name
    except Unavailable as missing:
        return str(missing)
