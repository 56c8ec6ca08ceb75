"""Whole runs: 10^8 queries of a tiny function, and gradient descent along the chain, against C."""

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from algorithms import gradient_descent
from benchmarks import functions
from benchmarks.chain import c_kernel, chain_in_numpy, check_agreement, published_chain, sample_points
from benchmarks.comparison import Build, Row, Unavailable, Yardstick, contest
from benchmarks.drivers import kernel_of
from benchmarks.effort import Effort
from benchmarks.goals import Faster, Ratio
from benchmarks.queries import descend, descent_in_c, named
from benchmarks.timing import Steady, Whole
from benchmarks.yardsticks import address, library
from experiments import run
from oracles import Instance

LONG_RUN = 5.0
ALONG_THE_CHAIN = {100: 1.6, 1000: 1.2}
SMOOTHNESS, TARGET = 152.0, 1.0


def rows(effort: Effort) -> Iterator[Row]:
    """Runs from the first query to the last, with all that a run costs besides."""
    queries = 10**8 if effort.full else effort.pick(10**7, 10**6)
    clock = effort.clock.fewer(3)
    in_c = Yardstick("C, no ledger", Ratio(LONG_RUN), _loop(queries))
    for method in (functions.in_place, functions.textbook):
        what = f"a run of {queries:,} queries, {named(method)}, d = 2"
        yield from contest(clock, what, _run(method, queries), [in_c])
    for length in effort.pick((100, 1000), (100,)):
        yield from _along_the_chain(effort, length)


def _run(method: Callable[..., None], queries: int, dimension: int = 2) -> Build:
    def build() -> Whole:
        instance = functions.rational(dimension)
        descend(method, instance, "compiled", 10)  # compiles
        return Whole(lambda: descend(method, instance, "compiled", queries))

    return build


def _loop(steps: int, dimension: int = 2) -> Build:
    def build() -> Whole:
        c, x, gradient = descent_in_c(), np.full(dimension, 1.5), np.empty(dimension)
        return Whole(lambda: c(x.ctypes.data, gradient.ctypes.data, dimension, functions.STEP, functions.TARGET, steps))

    return build


def _along_the_chain(effort: Effort, length: int) -> Iterator[Row]:
    """Gradient descent with step 1/152 on the published chain until the norm is at most 1."""
    chain = published_chain(length)
    queries = _descend(chain)

    def with_kernel(source: str, name: str) -> Build:
        return lambda: Steady(_in_c(chain, source, name, queries))

    yardsticks = [
        Yardstick("C, same skipping", Ratio(ALONG_THE_CHAIN[length]), with_kernel("chain.c", "chain")),
    ]
    if length <= 100:  # the others take long
        yardsticks += [
            Yardstick("naive C, same skipping", Ratio(), with_kernel("chain_naive.c", "chain_naive")),
            Yardstick("numpy, scipy", Faster(), lambda: Steady(lambda: _in_numpy(chain))),
        ]
    what = f"gradient descent along the chain, T = {length:,}"
    yield from contest(effort.clock.fewer(5), what, lambda: Steady(lambda: _descend(chain)), yardsticks)


def _descend(chain: Instance) -> int:
    """Our run, to the target; its queries."""
    numbers = {"smoothness": SMOOTHNESS}
    outcome = run(gradient_descent, chain, target=TARGET, parameters=numbers, max_queries=None, engine="compiled")
    return outcome.queries


def _in_c(chain: Instance, source: str, name: str, queries: int) -> Any:
    """The run in C with a kernel in C; it must take as many queries, but for a few of another rounding."""
    at = address(c_kernel(source, name))
    check_agreement(at, chain, sample_points(chain.dimension)[:1])
    descent = library("chain_descent.c").descend_chain
    descent.restype = ctypes.c_long
    descent.argtypes = [ctypes.c_void_p] * 3 + [ctypes.c_long, ctypes.c_void_p] + [ctypes.c_double] * 2  # type: ignore
    gradient, (_, parameters) = np.empty(chain.dimension), kernel_of(chain)

    def descend_in_c() -> int:
        x = np.zeros(chain.dimension)
        addresses = x.ctypes.data, gradient.ctypes.data, chain.dimension, parameters.ctypes.data
        return int(descent(at, *addresses, 1 / SMOOTHNESS, TARGET))

    if abs(descend_in_c() - queries) > 2:
        raise Unavailable("takes another number of steps")
    return descend_in_c


def _in_numpy(chain: Instance) -> int:
    """The run with numpy and SciPy."""
    x, queries = chain.start.copy(), 0
    while True:
        _, gradient = chain_in_numpy(x)
        queries += 1
        if gradient @ gradient <= TARGET**2:
            return queries
        x = x - gradient / SMOOTHNESS
