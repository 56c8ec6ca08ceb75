"""Start-up: from nothing to the end of a tiny run, and to the help of the command line."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.comparison import Build, Row, Yardstick, alone, contest
from benchmarks.effort import Effort
from benchmarks.goals import AtMost, Either, Ratio
from benchmarks.timing import Whole

ROOT = Path(__file__).resolve().parent.parent
WARM, HELP, HELP_SECONDS = 2.0, 3.0, 80e-3

TINY_RUN = """
from algorithms import gradient_descent
from experiments import run
from hardinstances import carmon_chain
outcome = run(gradient_descent, carmon_chain(length=5), engine="compiled")
assert outcome.met and outcome.engine == "compiled"
"""
HELP_COMMAND = "from experiments.cli import main; main(['--help'])"


def rows(effort: Effort) -> Iterator[Row]:
    """Fresh processes, wall time."""
    clock = effort.clock.wall(effort.pick(7, 2))
    with tempfile.TemporaryDirectory() as cache:
        python(TINY_RUN, cache)  # fills the cache
        numba = Yardstick("import numba, numpy", Ratio(WARM), fresh("import numba, numpy", cache))
        nothing = Yardstick("python -c pass", Ratio(), fresh("pass", cache))
        yield from contest(clock, "tiny compiled run, warm cache", fresh(TINY_RUN, cache), [numba, nothing])
        argparse = Yardstick(
            "import argparse", Either(Ratio(HELP), AtMost(HELP_SECONDS)), fresh("import argparse", cache)
        )
        yield from contest(clock, "testbed --help", fresh(HELP_COMMAND, cache), [argparse])
    yield alone(clock.fewer(effort.pick(2, 1)), "tiny compiled run, no cache", AtMost(), lambda: Whole(_without_cache))


def python(source: str, cache: str) -> None:
    """Run a program in a fresh interpreter."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": path, "TESTBED_CACHE": cache}
    subprocess.run([sys.executable, "-c", source], check=True, capture_output=True, env=environment)


def fresh(source: str, cache: str) -> Build:
    """One fresh process from beginning to end."""
    return lambda: Whole(lambda: python(source, cache))


def _without_cache() -> None:
    with tempfile.TemporaryDirectory() as cache:
        python(TINY_RUN, cache)
