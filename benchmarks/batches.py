"""Rounds of 64 queries in one call, per point, over the kernel."""

from collections.abc import Iterator

import numpy as np

from benchmarks import functions
from benchmarks.comparison import Build, Row, Yardstick, contest
from benchmarks.drivers import kernel_calls, kernel_of
from benchmarks.effort import Effort
from benchmarks.goals import Over
from benchmarks.queries import open_oracle
from benchmarks.timing import Marginal, Steady
from experiments import run
from oracles import Array, Instance

POINTS, DIMENSION, LIMIT = 64, 2, 0.05e-6


def rows(effort: Effort) -> Iterator[Row]:
    """One round of 64 queries, per point, over calling the kernel as often."""
    instance = functions.rational(DIMENSION)
    kernel = Yardstick("kernel", Over(LIMIT), kernel_alone(instance, POINTS))
    engines = {
        "compiled": compiled_round(instance, POINTS, effort.pick(4000, 1000)),
        "in Python": python_round(instance, POINTS),
    }
    for engine, build in engines.items():
        yield from contest(effort.clock, f"round of {POINTS} {engine}, per point, d = {DIMENSION}", build, [kernel])


def batch_of(instance: Instance, points: int) -> Array:
    """K points near the start, all different."""
    return instance.start + np.linspace(0, 1, points, endpoint=False)[:, None]


def kernel_alone(instance: Instance, points: int) -> Build:
    """The kernel called from machine code, once for each point."""
    return lambda: kernel_calls(*kernel_of(instance), batch_of(instance, points))


def compiled_round(instance: Instance, points: int, rounds: int) -> Build:
    """A point of a round in a compiled method."""

    def rounds_of(queries: int) -> None:
        run(
            functions.one_round_of,
            instance,
            target=functions.TARGET,
            parameters={"points": points},
            max_queries=queries,
            engine="compiled",
        )

    return lambda: Marginal(rounds_of, rounds * points)


def python_round(instance: Instance, points: int) -> Build:
    """A point of a round in the Python engine."""

    def build() -> Steady:
        oracle, batch = open_oracle(instance), batch_of(instance, points)
        return Steady(lambda: oracle.query(batch), units=points)

    return build
