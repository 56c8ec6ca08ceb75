"""Guesses at hidden directions: points that nothing is known of, at a distance."""

import numpy as np

from oracles import Array, compiled, inner


@compiled
def guess(direction: Array, known: Array, count: int) -> Array:
    """The part of a vector (d,) orthogonal to the first `count` of the orthonormal rows `known`, of norm 1."""
    part = direction.copy()
    for _ in range(2):  # the second time for the rounding errors of the first
        for j in range(count):
            part -= inner(known[j], part) * known[j]
    found: Array = part / np.sqrt(inner(part, part))
    return found


@compiled
def sparse_guess(order: Array, free: Array, support: int) -> Array:
    """Norm 1, with equal entries at the `support` free coordinates that come first in this order."""
    chosen = np.zeros(order.size)
    count = 0
    for i in np.argsort(order):
        if free[i] and count < support:
            chosen[i] = 1.0
            count += 1
    found: Array = chosen / np.sqrt(max(count, 1))
    return found


@compiled
def in_ball(direction: Array, fraction: float, radius: float) -> Array:
    """Uniform in the ball of this radius in R^m, of a normal vector (m,) and a fraction that is uniform in [0, 1]."""
    size = np.sqrt(inner(direction, direction))
    point: Array = direction * (radius * fraction ** (1.0 / direction.size) / size) if size > 0.0 else direction
    return point


@compiled
def with_room(rows: Array) -> Array:
    """The rows, and as many rows of zeros."""
    twice: Array = np.zeros((2 * rows.shape[0], rows.shape[1]))
    twice[: rows.shape[0]] = rows
    return twice
