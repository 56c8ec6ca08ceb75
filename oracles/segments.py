"""Functions that are sums of terms of neighbouring coordinates: what has not moved is not computed again.

Such a function comes as a segment kernel, which answers for the coordinates start .. stop - 1 alone:

    double segment(const double *x, double *gradient, int64 start, int64 stop, int64 d, const double *parameters)

It fills gradient[start:stop] and returns the segment's part of the value. Both depend on x[start - 1 : stop + 1] alone.
The function's own kernel is the sum of its segments in their order,

    for start in range(0, dimension, segments.width):
        value += segment(x, gradient, start, min(start + segments.width, dimension), dimension, parameters)

A model that remembers the last point gives the same answers, bit for bit, and computes only the segments that moved.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import types

from oracles.arrays import Array
from oracles.errors import InputError
from oracles.kernels import (
    DIMENSION,
    DOOR_SIGNATURE,
    GRADIENTS,
    KERNEL,
    PARAMETERS,
    POINTER,
    POINTS,
    VALUES,
    K,
    Native,
    compiled,
)
from oracles.lowlevel import call_segment, load_real, load_word, store_real, store_word

SEGMENT_SIGNATURE = types.float64(POINTER, POINTER, types.int64, types.int64, types.int64, POINTER)


class SegmentKernel(Native):
    """A segment kernel and the width of its segments; the function may be a compiled helper."""

    def __init__(self, function: Callable[..., Any], *, width: int) -> None:
        if width < 1:
            raise InputError(f"the width of a segment must be at least 1, got {width}")
        super().__init__(getattr(function, "py_func", function), SEGMENT_SIGNATURE)
        self.width = width


# The block of the model, as words at an address, behind those of a model that answers by a kernel: the last point, its
# gradient and the parts of its value, by address; the width of the segments; whether there is a last point.
LAST, GRADIENT, PARTS, WIDTH, KNOWN = range(DIMENSION + 1, DIMENSION + 6)


@compiled
def _moved(x: int, y: int, start: int, stop: int) -> bool:
    """Whether two vectors differ in a bit of their coordinates start .. stop - 1."""
    bits = 0
    for i in range(start, stop):
        bits |= load_word(x, i) ^ load_word(y, i)
    return bits != 0


@compiled
def _copy(source: int, target: int, start: int, stop: int) -> None:
    for i in range(start, stop):
        store_word(target, i, load_word(source, i))


@compiled
def _answer_one(block: int, x: int) -> float:
    """The value at a point, its gradient left in the block; segments whose coordinates and neighbours are as before are
    not computed.
    """
    segment, parameters, dimension = load_word(block, KERNEL), load_word(block, PARAMETERS), load_word(block, DIMENSION)
    last, gradient, parts = load_word(block, LAST), load_word(block, GRADIENT), load_word(block, PARTS)
    width, value = load_word(block, WIDTH), 0.0
    neighbour = load_word(block, KNOWN) == 0  # whether the coordinate before the segment has moved
    unknown = neighbour
    for k in range((dimension + width - 1) // width):
        start, stop = k * width, min((k + 1) * width, dimension)
        own, edge = _moved(x, last, start, stop), _moved(x, last, stop - 1, stop)
        if own or neighbour or unknown or _moved(x, last, stop, min(stop + 1, dimension)):
            _copy(x, last, start, stop)
            store_real(parts, k, call_segment(segment, x, gradient, start, stop, dimension, parameters))
        value += load_real(parts, k)
        neighbour = edge
    store_word(block, KNOWN, 1)
    return value


def _answer_by_segments(block: int, request: int) -> int:
    """The door of the model. Returns 0: kernels do not fail."""
    dimension, points = load_word(block, DIMENSION), load_word(request, POINTS)
    values, gradients = load_word(request, VALUES), load_word(request, GRADIENTS)
    for k in range(load_word(request, K)):
        row = 8 * k * dimension
        value = _answer_one(block, points + row)
        if values != 0:
            store_real(values, k, value)
        if gradients != 0:
            _copy(load_word(block, GRADIENT), gradients + row, 0, dimension)
    return 0


answer_by_segments = Native(_answer_by_segments, DOOR_SIGNATURE)


def remembering_block(segments: SegmentKernel, parameters: Array, dimension: int) -> tuple[Array, object]:
    """The block of a model that remembers one point, and what must be kept alive with it. One run, one block."""
    parts = -(-dimension // segments.width)
    memory = [np.zeros(dimension), np.zeros(dimension), np.zeros(parts)]
    addresses = (array.ctypes.data for array in (parameters, *memory))
    first, last, gradient, sums = addresses
    block = np.array([segments.address, first, dimension, last, gradient, sums, segments.width, 0])
    return block, (segments, parameters, memory, block)
