"""Reductions that every engine shares, so that two engines sum in the same order."""

import math

import numpy as np

from oracles.arrays import Array
from oracles.kernels import compiled

TINY, HUGE = 1e-290, 1e300  # outside these a sum of squares has lost digits


@compiled
def inner(a: Array, b: Array) -> float:
    """The inner product of two vectors (d,)."""
    total = 0.0
    for i in range(a.size):
        total += a[i] * b[i]
    return total


@compiled
def norm(a: Array) -> float:
    """The Euclidean norm of a vector (d,), recomputed in scaled form where the squares overflow or underflow."""
    total = 0.0
    for i in range(a.size):
        total += a[i] * a[i]
    if TINY < total < HUGE:
        return math.sqrt(total)
    largest = 0.0
    for i in range(a.size):
        largest = max(largest, abs(a[i]))
    if largest == 0.0 or largest == math.inf:
        return largest
    total = 0.0
    for i in range(a.size):
        total += (a[i] / largest) ** 2
    return largest * math.sqrt(total)


@compiled
def norms(rows: Array) -> Array:
    """The Euclidean norm of each row of a (K, d) array."""
    out = np.empty(rows.shape[0])
    for k in range(rows.shape[0]):
        out[k] = norm(rows[k])
    return out
