"""What has not moved is not computed again, and nobody can tell from the answers."""

import ctypes
from dataclasses import replace

import numpy as np
import pytest

import algorithms  # noqa: F401
from experiments import run
from hardinstances import regularised_chain
from oracles import ALGORITHMS, ExactModel, InputError, KernelFunction, SegmentKernel, from_callable, kernel
from oracles.kernels import GRADIENTS, POINTS, REQUEST_WORDS, VALUES, K, answer_by_kernel, compiled
from oracles.segments import KNOWN, answer_by_segments

DOOR = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_int64, ctypes.c_int64)
WIDTH = 10


@compiled
def couplings_segment(x, gradient, start, stop, dimension, parameters):
    """sum_i x_i^2 / 2 - c x_i x_{i+1}; parameters: c, and a count of the segments that were asked for."""
    coupling, value = parameters[0], 0.0
    parameters[1] += 1.0
    for i in range(start, stop):
        before = x[i - 1] if i > 0 else 0.0
        after = x[i + 1] if i + 1 < dimension else 0.0
        gradient[i] = x[i] - coupling * (before + after)
        value += 0.5 * x[i] * x[i] - coupling * x[i] * after
    return value


@kernel
def couplings_kernel(x, gradient, dimension, parameters):
    """The segments in their order."""
    value = 0.0
    for start in range(0, dimension, WIDTH):
        value += couplings_segment(x, gradient, start, min(start + WIDTH, dimension), dimension, parameters)
    return value


def couplings(dimension):
    function = KernelFunction(
        couplings_kernel, np.array([0.3, 0.0]), segments=SegmentKernel(couplings_segment, width=WIDTH)
    )
    return replace(from_callable(lambda x: None, start=np.zeros(dimension)), function=function)


def ask(door, points, *, values=True, gradients=True):
    """One round at a door; NaN where nothing is asked for."""
    points = np.ascontiguousarray(np.atleast_2d(points))
    answer = np.full(len(points), np.nan), np.full(points.shape, np.nan)
    request = np.zeros(REQUEST_WORDS, np.int64)
    request[[K, POINTS]] = len(points), points.ctypes.data
    request[VALUES], request[GRADIENTS] = answer[0].ctypes.data * values, answer[1].ctypes.data * gradients
    assert DOOR(door.address)(door.block, request.ctypes.data) == 0
    return answer


def steps(rng, dimension, count, width=WIDTH):
    """Points of which each moves a few coordinates of the last one: none, one, a stretch, edges of segments, all."""
    x = rng.uniform(-2, 2, dimension)
    for _ in range(count):
        kind = rng.integers(7)
        if kind == 1:
            x[rng.integers(dimension)] = rng.uniform(-2, 2)
        elif kind == 2:
            start = rng.integers(dimension)
            x[start : start + rng.integers(1, 200)] = rng.choice([0.0, 0.7, -0.0, 11.0])
        elif kind == 3:
            x[rng.integers(0, dimension, 3) // width * width] += 1e-3
        elif kind == 4:
            x[rng.integers(1, -(-dimension // width)) * width - 1] *= -1
        elif kind == 5:
            x = x + rng.uniform(-0.1, 0.1, dimension)
        elif kind == 6:
            i = rng.integers(dimension)
            x[i] = np.nextafter(x[i], 9)
        yield x.copy()


INSTANCES = {
    "couplings 21": lambda: couplings(21),
    "couplings 64": lambda: couplings(64),
    "chain 700": lambda: regularised_chain(length=700),
    "chain 127": lambda: regularised_chain(length=127),
    "chain 600": lambda: regularised_chain(length=600, first_link=1.0, quadratic=2.0),
}


@pytest.mark.parametrize("name", INSTANCES)
def test_the_answers_are_those_of_the_kernel_bit_for_bit(rng, name):
    instance = INSTANCES[name]()
    door = ExactModel(instance).door()
    assert door.address == answer_by_segments.address
    for k, x in enumerate(steps(rng, instance.dimension, 400, instance.function.segments.width)):
        asked = {"values": k % 5 != 1, "gradients": k % 5 != 2}
        values, gradients = ask(door, x, **asked)
        everything = np.ones(1, dtype=bool)
        exact_values, exact_gradients = instance.function.evaluate(x[None], everything, everything)
        assert values.tobytes() == exact_values.tobytes() or not asked["values"]
        assert gradients.tobytes() == exact_gradients.tobytes() or not asked["gradients"]


def test_wide_rounds(rng):
    instance = regularised_chain(length=400)
    door = ExactModel(instance).door()
    for width in (1, 5, 30):
        points = np.stack(list(steps(rng, 400, width, instance.function.segments.width)))
        values, gradients = ask(door, points)
        everything = np.ones(width, dtype=bool)
        exact_values, exact_gradients = instance.function.evaluate(points, everything, everything)
        assert np.array_equal(values, exact_values) and np.array_equal(gradients, exact_gradients)


def test_only_segments_that_moved_or_touch_what_moved_are_computed():
    instance = couplings(95)
    counts, door, x = instance.function.parameters, ExactModel(instance).door(), np.zeros(95)

    def computed():
        counts[1] = 0.0
        ask(door, x)
        return counts[1]

    assert computed() == 10, "a first point, even 0, is computed"
    assert computed() == 0
    for i, segments in ((15, 1), (10, 2), (19, 2), (0, 1), (94, 1), (89, 2), (90, 2)):
        x[i] += 1.0
        assert computed() == segments, i
    x[40] = -0.0
    assert computed() == 2, "the bits are compared, not the numbers"
    x[:] += 1.0
    assert computed() == 10


def test_a_model_remembers_for_one_run_alone():
    instance = couplings(50)
    first, second = (ExactModel(instance).door() for _ in range(2))
    ask(first, np.ones(50))
    block = (ctypes.c_int64 * (KNOWN + 1)).from_address
    assert first.block != second.block and (block(first.block)[KNOWN], block(second.block)[KNOWN]) == (1, 0)


def test_a_single_band_is_not_compared():
    assert ExactModel(couplings(WIDTH)).door().address == answer_by_kernel.address


def test_a_band_has_a_width():
    with pytest.raises(InputError, match="width of a segment must be at least 1, got 0"):
        SegmentKernel(couplings_segment, width=0)


@pytest.mark.parametrize("method", ["gradient_descent", "armijo"])
def test_runs_are_the_same_with_and_without_and_in_both_engines(method):
    chain = regularised_chain(length=300, first_link=1.0)
    plain = replace(chain, function=replace(chain.function, segments=None))
    numbers = {"gradient_descent": {"smoothness": 152.2}, "armijo": {"initial_step": 1 / 152}}[method]
    runs = [
        run(ALGORITHMS[method], instance, target=(2.0, 1e-3), parameters=numbers, engine=engine, max_queries=4000)
        for instance, engine in ((chain, "compiled"), (plain, "compiled"), (chain, "python"))
    ]
    assert runs[0].engine == runs[1].engine == "compiled" and runs[2].engine == "python"
    for other in runs[1:]:
        assert other.hits == runs[0].hits and other.best_merit == runs[0].best_merit
        assert (other.queries, other.status) == (runs[0].queries, runs[0].status)
