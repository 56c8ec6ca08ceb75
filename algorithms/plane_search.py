"""Gradient descent that searches a plane in one round: the gradient and the last step."""

import math

import numpy as np

from algorithms.batched_step_search import UNIT_STEP
from oracles import Array, Oracle, algorithm


@algorithm(source="this project", zero_respecting=True, bounds=(UNIT_STEP,))
def plane_search(oracle: Oracle, x0: Array, *, smoothness: float, width: int) -> None:
    """A round asks x - a grad f(x) + b (x - x'), x' the point before x, for the first K pairs of the grid a = 2^j/L,
    j = -1 .. n-2, and b = 0, 1/2, 1, 2, 4, .., with n = ceil(sqrt(K)); it moves to the least value.

    The gradient step 1/L is among the trials, which is all that the bound needs; the others are the search over step
    sizes and momenta of a heavy ball, one point apart.

    smoothness: L. width: K; for K = 1 the one trial is x - grad f(x)/L.

    Cost: one round of K queries per iteration, after a first round of one; O(K d) besides.

    Use: for narrow curved valleys, where a search along the gradient alone zigzags; one round is as cheap as one query.
    """
    side = math.ceil(math.sqrt(width))
    trials = np.arange(width)
    steps = 2.0 ** (trials % side - min(1, side - 1)) / smoothness
    momenta = np.where(trials < side, 0.0, 2.0 ** (trials // side - 2))
    x, previous = x0, x0
    value, gradient = oracle.value_and_gradient(x)
    while True:
        points = x - steps.reshape(-1, 1) * gradient + momenta.reshape(-1, 1) * (x - previous)
        values, gradients = oracle.query(points)
        best = np.argmin(values)
        previous, x, gradient = x, points[best], gradients[best]
