"""Sweeps: what a case costs besides its run, the store included."""

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

from benchmarks.comparison import Build, Row, alone
from benchmarks.effort import Effort
from benchmarks.goals import AtMost
from benchmarks.timing import Steady, Whole
from experiments import Case, run
from experiments.case import perform
from experiments.store import Store
from experiments.sweeps import sweep
from hardinstances import quadratic
from oracles import ALGORITHMS

WORKERS, PER_CASE = 2, 1e-3
DESCENT = "gradient_descent"


def rows(effort: Effort) -> Iterator[Row]:
    """Tiny cases on two workers, per case; a single run and a stored row beside them."""
    size = effort.pick(10_000, 500)
    clock = effort.clock.wall()
    with tempfile.TemporaryDirectory() as folder:
        stores = (Store(Path(folder) / f"{k}.sqlite") for k in count())
        once = clock.fewer(1)
        yield alone(once, f"starting {WORKERS} workers", AtMost(), _sweep(stores, 2 * WORKERS, units=1))
        yield alone(once, f"sweep of {size:,} tiny cases, per case", AtMost(PER_CASE), _sweep(stores, size, units=size))
        yield alone(clock, "of which: running the case", AtMost(), lambda: Steady(_one_run))
        yield alone(clock, "of which: storing its result", AtMost(), _storing(next(stores)))


def tiny_cases(size: int) -> list[Case]:
    """Cases that end after a few queries, all different."""
    steps = ({"step": 0.5 + k / size / 4} for k in range(size))
    return [Case("quadratic", DESCENT, {"dimension": 2, "condition": 1.0}, step, targets=0.1) for step in steps]


def _sweep(stores: Iterator[Store], size: int, *, units: int) -> Build:
    """All cases on the workers, into an empty store."""
    cases = tiny_cases(size)

    def all_cases() -> None:
        results = sweep("benchmark", cases, next(stores), workers=WORKERS, progress=False)
        wrong = [result for result in results if result["status"] != "target"]
        if wrong:
            raise RuntimeError(f"{len(wrong)} of {size} cases failed: {wrong[0]['message']}")

    return lambda: Whole(all_cases, units=units)


def _one_run() -> None:
    run(ALGORITHMS[DESCENT], quadratic(dimension=2, condition=1.0), target=0.1)


def _storing(store: Store) -> Build:
    """A hundred rows in one opening of the store, per row."""
    result = perform(tiny_cases(1)[0], 0)
    keys = (f"{k:024x}" for k in count())

    def hundred() -> None:
        with store.writing() as writer:
            for _ in range(100):
                writer.add(next(keys), "benchmark", result)

    return lambda: Steady(hundred, units=100)
