"""Queries of a regularised chain at points that differ in few coordinates from the last one."""

from collections.abc import Iterator

import numpy as np

from benchmarks import functions
from benchmarks.chain import published_chain
from benchmarks.comparison import Build, Row, Unavailable, Yardstick, contest
from benchmarks.drivers import kernel_of, repeated
from benchmarks.effort import Effort
from benchmarks.goals import Ratio
from benchmarks.timing import Marginal, Steady
from experiments import run
from oracles import FAMILIES, Array, Instance, Oracle, compiled, inner

FAMILY = "regularised_chain"
OVER_THE_WORK = 2.0


def rows(effort: Effort) -> Iterator[Row]:
    """A query when only w coordinates moved, against the passes over the vector that any query makes and w links."""
    length = effort.pick(100_000, 10_000)
    for moved in (1, 113, 1000):
        what = f"query after {moved} of {length:,} coordinates moved"
        least = Yardstick("passes over the vector, w links", Ratio(OVER_THE_WORK), _least(length, moved))
        yield from contest(effort.clock.fewer(7), what, _ours(length, moved), [least])


def nudge(oracle: Oracle, x0: Array, *, moved: int) -> None:
    """Ask, move a few coordinates in the middle by a little, and ask again."""
    x, gradient = x0.copy(), np.empty_like(x0)
    first = (x.size - moved) // 2
    while True:
        oracle.value_and_gradient(x, out=gradient)
        for i in range(first, first + moved):
            x[i] += 1e-9


def _regularised(length: int) -> Instance:
    if FAMILY not in FAMILIES:
        raise Unavailable(f"{FAMILY} is not there")
    return FAMILIES[FAMILY].make(length=length)


def _ours(length: int, moved: int) -> Build:
    def build() -> Marginal:
        instance = _regularised(length)
        start = np.random.default_rng(0).uniform(-2, 2, instance.dimension)

        def queries(count: int) -> None:
            numbers = {"moved": moved}
            run(
                nudge,
                instance,
                target=functions.TARGET,
                parameters=numbers,
                max_queries=count,
                start=start,
                engine="compiled",
            )

        return Marginal(queries, 200)

    return build


@compiled
def passes(x: Array, last: Array, gradient: Array, answer: Array) -> float:
    """Find what moved, hand on the gradient, sum its squares."""
    moved = 0
    for i in range(x.size):
        moved += x[i] != last[i]
    for i in range(x.size):
        last[i] = x[i]
        answer[i] = gradient[i]
    return float(moved + inner(answer, answer))


def _least(length: int, moved: int) -> Build:
    def build() -> Steady:
        kernel, parameters = kernel_of(published_chain(moved))
        x, last, gradient, answer = np.random.default_rng(0).uniform(-2, 2, (4, length))
        links, slopes = np.random.default_rng(0).uniform(-2, 2, (1, moved)), np.empty(moved)

        def query() -> None:
            passes(x, last, gradient, answer)
            repeated(kernel, parameters, links, slopes, 1)

        return Steady(query)

    return build
