"""What gradient estimators share: means over samples, asked in rounds that fit into the width."""

import numpy as np

from oracles import Array, Oracle, asking, compiled, norm
from oracles.arrays import Ids


@compiled
def mean_of_rows(rows: Array) -> Array:
    """The mean (d,) of the rows (K, d), summed in their order."""
    total = np.zeros(rows.shape[1])
    for k in range(rows.shape[0]):
        total += rows[k]
    mean: Array = total / rows.shape[0]
    return mean


@compiled
def whole(number: float) -> int:
    """The least whole number that is not below `number` and is positive; at most 2^40, which no memory holds."""
    return int(np.ceil(min(max(number, 1.0), 2.0**40)))


@compiled
def copies(x: Array, count: int) -> Array:
    """A point (d,), `count` times: (count, d)."""
    points = np.empty((count, x.size))
    points[:] = x
    return points


@compiled
def pairs(x: Array, y: Array, count: int) -> Array:
    """Two points (d,), in turn: x, y, x, y, .., (2 count, d)."""
    points = np.empty((2 * count, x.size))
    points[::2] = x
    points[1::2] = y
    return points


@compiled
def unit(vector: Array) -> Array:
    """The vector (d,) with norm 1; 0 stays 0."""
    size = norm(vector)
    direction: Array = vector / size if size > 0.0 else np.zeros(vector.size)
    return direction


@asking
def gradients_of(oracle: Oracle, points: Array, samples: Ids, width: int) -> Array:
    """The gradients (K, d) of the samples (K,) at the points (K, d), at most `width` in a round; 0: all in one."""
    found = np.empty(points.shape)
    size = points.shape[0] if width == 0 else width
    for first in range(0, points.shape[0], size):
        found[first : first + size] = oracle.gradients(points[first : first + size], samples[first : first + size])
    return found


@asking
def mean_gradient(oracle: Oracle, x: Array, samples: Ids, width: int) -> Array:
    """(1/b) sum_i g(x, z_i) over the samples (b,): b queries."""
    return mean_of_rows(gradients_of(oracle, copies(x, samples.size), samples, width))  # type: ignore[no-any-return]


@asking
def mean_difference(oracle: Oracle, x: Array, y: Array, samples: Ids, width: int) -> Array:
    """(1/b) sum_i g(x, z_i) - g(y, z_i) over the samples (b,), each at both points: 2 b queries."""
    gradients = gradients_of(oracle, pairs(x, y, samples.size), np.repeat(samples, 2), width)
    return mean_of_rows(gradients[::2] - gradients[1::2])  # type: ignore[no-any-return]
