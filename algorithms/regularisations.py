"""Cubic steps at several regularisations in one round, and which of them to take."""

import numpy as np

from algorithms.subproblems import Quadratic, cubic_step
from oracles import Array, compiled

FACTOR = 4.0  # between neighbouring regularisations
LEAST, MOST = 1e-20, 1e200  # regularisations: below, steps are so long that f may overflow; above, none helps any more


@compiled
def regularisations(middle: float, count: int) -> Array:
    """M 4^j for j = -floor(J/2) .. ceil(J/2) - 1."""
    below = count // 2
    out = np.empty(count)
    for j in range(count):
        out[j] = middle * FACTOR ** (j - below)
    return out


@compiled
def cubic_trials(model: Quadratic, x: Array, value: float, strengths: Array) -> tuple[Array, Array]:
    """The points x + s_j (J, d) with the cubic steps s_j at these regularisations, and the values (J,) that the models
    promise there: an upper bound of f where the Hessian is exact and its Lipschitz constant is no greater.
    """
    points, promised = np.empty((strengths.size, x.size)), np.empty(strengths.size)
    for j in range(strengths.size):
        step, change = cubic_step(model, strengths[j])
        points[j] = x + step
        promised[j] = value + change
    return points, promised


@compiled
def best_trial(values: Array, promised: Array) -> int:
    """The least value among those that keep their promise; among all if none does."""
    best = -1
    for j in range(values.size):
        if values[j] <= promised[j] and (best < 0 or values[j] < values[best]):
            best = j
    return best if best >= 0 else int(np.argmin(values))
