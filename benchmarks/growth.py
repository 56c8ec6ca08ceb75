"""How costs grow: with the length of the chain, the dimension, the width of a round."""

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from benchmarks import functions
from benchmarks.batches import compiled_round, kernel_alone, python_round
from benchmarks.chain import ours, published_chain, sample_points
from benchmarks.comparison import Build, Growth
from benchmarks.drivers import kernel_of, repeated
from benchmarks.effort import Effort
from benchmarks.queries import compiled, open_oracle
from benchmarks.timing import Clock, Steady
from oracles import Array

WIDE = 1000  # the length of the chain in wide rounds


def rows(effort: Effort) -> Iterator[Growth]:
    """Seconds per unit against the size; wide rounds beside the same points asked one after the other."""
    clock = effort.clock.fewer(7)
    lengths = effort.pick((10, 100, 1000, 10_000, 100_000, 1_000_000), (10, 100, 1000, 10_000))
    yield grown(clock, "chain, per coordinate", "T", lengths, _per_coordinate)
    dimensions = effort.pick((1, 10, 100, 1000, 10_000), (1, 10, 100, 1000))
    for name, query in (("out=", _query), ("textbook", _textbook_query)):
        yield grown(clock, f"compiled query, {name}", "d", dimensions, query)
    widths = effort.pick((1, 4, 16, 64, 256, 1024, 4096), (1, 16, 256))
    for name, points in (
        ("compiled round", _compiled_points),
        ("round in Python", _points),
        ("kernel", _kernel_points),
    ):
        yield grown(clock, f"{name}, d = 2, per point", "K", widths, points)
    yield from wide_rounds(effort, effort.pick((1, 4, 16, 64, 256, 1024), (1, 16, 64)))


def grown(clock: Clock, what: str, size: str, sizes: Sequence[int], build: Callable[[int], Build]) -> Growth:
    """Time one candidate at each size; the sizes take turns."""
    samples = clock.measure({str(n): build(n)() for n in sizes})
    costs = tuple(samples[str(n)].seconds for n in sizes)
    return Growth(what, size, tuple(sizes), costs, raw={name: sample.turns for name, sample in samples.items()})


def _per_coordinate(length: int) -> Build:
    def build() -> Steady:
        calls = ours(published_chain(length), sample_points(length))()
        assert isinstance(calls, Steady)
        return Steady(calls.call, calls.units * length)

    return build


def _query(dimension: int) -> Build:
    return compiled(functions.in_place, functions.rational(dimension), 100 + 1_000_000 // (10 + dimension))


def _textbook_query(dimension: int) -> Build:
    return compiled(functions.textbook, functions.rational(dimension), 100 + 1_000_000 // (10 + dimension))


def _compiled_points(width: int) -> Build:
    return compiled_round(functions.rational(2), width, 1 + 20_000 // width)


def _points(width: int) -> Build:
    return python_round(functions.rational(2), width)


def _kernel_points(width: int) -> Build:
    return kernel_alone(functions.rational(2), width)


def wide_rounds(effort: Effort, widths: Sequence[int]) -> Iterator[Growth]:
    """A round of the Python engine against the kernel called point by point, wall time; and how many cores it keeps
    busy. Where the round costs less per point, threads pay.
    """
    chain, clock = published_chain(WIDE), effort.clock.fewer(5).wall()
    oracle, (kernel, parameters) = open_oracle(chain), kernel_of(chain)
    batches = {width: np.random.default_rng(0).uniform(-2, 2, (width, WIDE)) for width in widths}
    gradient = np.empty(WIDE)

    def serial(width: int) -> Build:
        return lambda: Steady(lambda: repeated(kernel, parameters, batches[width], gradient, width), units=width)

    def together(width: int) -> Build:
        return lambda: Steady(lambda: oracle.query(batches[width]), units=width)

    yield grown(clock, f"one point after another, d = {WIDE}, per point", "K", widths, serial)
    yield grown(clock, f"round in Python, d = {WIDE}, per point", "K", widths, together)
    busy = tuple(_cores(oracle.query, batches[width]) for width in widths)
    yield Growth(f"cores kept busy by a round, d = {WIDE}", "K", tuple(widths), busy, unit="")


def _cores(call: Callable[[Array], object], points: Array, seconds: float = 0.1) -> float:
    """Processor time over wall time while calling."""
    began, spent = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        call(points)
    return (time.process_time() - spent) / (time.perf_counter() - began)
