"""A counted query: inside a compiled method, against the same loop in C, and in the Python engine."""

import ctypes
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks import functions
from benchmarks.comparison import Build, Row, Yardstick, contest
from benchmarks.effort import Effort
from benchmarks.goals import Faster, Over, Ratio
from benchmarks.timing import Marginal, Steady
from benchmarks.yardsticks import library
from experiments import run
from oracles import Array, ExactModel, Instance, Ledger, Oracle, Referee, from_callable

IN_PLACE = {2: 2.2, 10: 2.4}  # goals against C
TEXTBOOK, COMPILED = 5.0, 150.0
OVER_BARE = {2: 1.2e-6, 1000: 2.4e-6}


def rows(effort: Effort) -> Iterator[Row]:
    """One counted query of gradient descent: value, gradient, norm, target and budget, compiled and in Python."""
    clock, queries = effort.clock, effort.pick(200_000, 100_000)
    for dimension, limit in IN_PLACE.items():
        instance = functions.rational(dimension)
        for method in (functions.in_place, functions.textbook):
            goal = Ratio(limit if method is functions.in_place else TEXTBOOK)
            what = f"query in a compiled method, {named(method)}, d = {dimension}"
            in_c = Yardstick("C, no ledger", goal, loop_in_c(dimension, queries))
            yield from contest(clock, what, compiled(method, instance, queries), [in_c])
    for dimension in IN_PLACE:
        yield from _engines(effort, dimension)
    for dimension, over in OVER_BARE.items():
        what = f"query in Python, over the bare function, d = {dimension}"
        yield from contest(clock, what, counted(dimension), [Yardstick("bare", Over(over), bare(dimension))])


def _engines(effort: Effort, dimension: int) -> Iterator[Row]:
    """The same source as machine code and in Python."""
    instance, in_numpy = functions.rational(dimension), functions.rational_from_numpy(dimension)
    queries, slow = effort.pick(200_000, 100_000), effort.pick(1000, 500)
    for method in (functions.textbook, functions.in_place):
        python = [
            Yardstick("the same in numpy", Faster(COMPILED), in_python(method, in_numpy, slow)),
            Yardstick("in Python, compiled function", Faster(), in_python(method, instance, slow)),
        ]
        what = f"the same source compiled, {named(method)}, d = {dimension}"
        yield from contest(effort.clock.fewer(5), what, compiled(method, instance, queries), python)


def named(method: Callable[..., None]) -> str:
    """How a method is called in a row."""
    return {"in_place": "out=", "textbook": "textbook"}[method.__name__]


def descend(method: Callable[..., None], instance: Instance, engine: str, queries: int) -> None:
    """A run of so many queries."""
    outcome = run(
        method,
        instance,
        target=functions.TARGET,
        parameters={"step": functions.STEP},
        max_queries=queries,
        engine=engine,
    )
    if outcome.queries != queries:
        raise RuntimeError(f"{outcome.method} asked {outcome.queries} times, not {queries}: {outcome.message}")


def compiled(method: Callable[..., None], instance: Instance, queries: int) -> Build:
    """What one more query costs in a compiled run."""
    return lambda: Marginal(lambda count: descend(method, instance, "compiled", count), queries)


def in_python(method: Callable[..., None], instance: Instance, queries: int) -> Build:
    """What one more query costs in the Python engine."""
    return lambda: Marginal(lambda count: descend(method, instance, "python", count), queries)


def loop_in_c(dimension: int, steps: int) -> Build:
    """What one more step of the loop in C costs."""

    def build() -> Marginal:
        c = descent_in_c()

        def descent(count: int) -> None:
            x, gradient = np.full(dimension, 1.5), np.empty(dimension)
            c(x.ctypes.data, gradient.ctypes.data, dimension, functions.STEP, functions.TARGET, count)

        return Marginal(descent, steps)

    return build


def descent_in_c() -> Any:
    """The loop: `double descend(x, g, d, step, target, steps)`."""
    function = library("descent.c").descend
    function.restype = ctypes.c_double
    function.argtypes = [ctypes.c_void_p] * 2 + [ctypes.c_long] + [ctypes.c_double] * 2 + [ctypes.c_long]
    return function


def half_square(x: Array) -> tuple[float, Array]:
    """|x|^2 / 2, the cheapest function with a gradient."""
    return 0.5 * float(x @ x), x


def counted(dimension: int) -> Build:
    """A query of the Python engine."""
    oracle, x = open_oracle(from_callable(half_square, start=np.ones(dimension))), np.ones(dimension)
    return lambda: Steady(lambda: oracle.value_and_gradient(x))


def bare(dimension: int) -> Build:
    """The function that it asks."""
    x = np.ones(dimension)
    return lambda: Steady(lambda: half_square(x))


def open_oracle(instance: Instance) -> Oracle:
    """An oracle of the Python engine that never closes."""
    return Oracle(Referee(ExactModel(instance), Ledger((functions.TARGET,))))
