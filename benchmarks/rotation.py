"""The randomised Hadamard rotation, and the chain behind it."""

import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks import functions
from benchmarks.chain import published_chain
from benchmarks.comparison import Build, Row, Unavailable, Yardstick, alone, contest
from benchmarks.effort import Effort
from benchmarks.goals import AtMost, Ratio
from benchmarks.timing import Marginal, Steady
from benchmarks.yardsticks import library, ours_to_come
from experiments import run
from oracles import Array

AGAINST_C, ONE_QUERY, NUMBERS_KEPT = 1.2, 30e-3, 4.0


def rows(effort: Effort) -> Iterator[Row]:
    """The rotation and its adjoint against C; one query of the rotated chain of length 10^6."""
    for exponent in effort.pick((10, 14, 20), (10,)):
        size = 2**exponent
        rng = np.random.default_rng(0)
        x, signs = rng.standard_normal(size), rng.choice([-1.0, 1.0], 2 * size)
        signs[size:] /= size
        yardsticks = [
            Yardstick("C", Ratio(AGAINST_C if exponent == 20 else None), _in_c(x, signs)),
            Yardstick("C, vectors of any width", Ratio(), _in_c(x, signs, any_width=True)),
        ]
        yield from contest(effort.clock, f"rotation and its adjoint, d = 2^{exponent}", _ours(x, signs), yardsticks)
    yield _memory(2**20)
    length = effort.pick(10**6, 10**5)
    goal = AtMost(ONE_QUERY if length == 10**6 else None)
    yield alone(effort.clock.fewer(7), f"query of the rotated chain, T = {length:,}", goal, _rotated_chain(length))


def _ours(x: Array, signs: Array) -> Build:
    """There and back again."""

    def build() -> Steady:
        hadamard = ours_to_come("hardinstances.transforms.hadamard")
        arrays = signs, x, np.empty_like(x), np.empty_like(x)
        factors, point, turned, back = (one.ctypes.data for one in arrays)

        def both(keep: object = arrays) -> None:
            hadamard.turn_inward(factors, point, turned, x.size)
            hadamard.turn_outward(factors, turned, back, x.size)

        _check(both, x, arrays[-1])
        return Steady(both)

    return build


def _in_c(x: Array, signs: Array, *, any_width: bool = False) -> Build:
    def build() -> Steady:
        c = library("hadamard.c", any_width=any_width)
        for function in (c.rotate, c.rotate_back):
            function.restype = None
            function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_long, ctypes.c_void_p]
        arrays = signs, x, np.empty_like(x), np.empty_like(x)
        factors, point, turned, back = (one.ctypes.data for one in arrays)

        def both(keep: object = arrays) -> None:
            c.rotate(point, turned, x.size, factors)
            c.rotate_back(turned, back, x.size, factors)

        _check(both, x, arrays[-1])
        return Steady(both)

    return build


def _check(both: Any, x: Array, back: Array) -> None:
    """The adjoint undoes the rotation."""
    both()
    if not np.allclose(back, x, rtol=0, atol=1e-12):
        raise Unavailable("the adjoint is not the inverse")


def _memory(size: int) -> Row:
    """How many numbers a rotation keeps for each coordinate."""
    what, goal = "numbers that a rotation keeps per coordinate", AtMost(NUMBERS_KEPT, pure=True)
    try:
        rotation = ours_to_come("hardinstances.transforms.hadamard").HadamardRotation.drawn(size, None, 0)
    except Unavailable as missing:
        return Row(what, goal, note=str(missing))
    return Row(what, goal, rotation.numbers.size / size)


def _rotated_chain(length: int) -> Build:
    """A counted query in a compiled method, all coordinates of the chain being active."""

    def build() -> Marginal:
        rotated = ours_to_come("hardinstances.transforms").rotated
        instance = rotated(published_chain(length))
        start = np.random.default_rng(0).uniform(-2, 2, instance.dimension)

        def queries(count: int) -> None:
            numbers = {"step": functions.STEP}
            run(
                functions.in_place,
                instance,
                target=functions.TARGET,
                parameters=numbers,
                max_queries=count,
                start=start,
                engine="compiled",
            )

        return Marginal(queries, 3)

    return build
