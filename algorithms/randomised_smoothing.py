"""Descent along the gradient of a smoothed function: a negative control for parallel queries."""

import numpy as np

from algorithms.estimates import mean_of_rows
from algorithms.guesses import guess
from algorithms.inexact import nearby_rate
from oracles import Array, Oracle, algorithm

SMOOTHING = "Duchi, Bartlett, Wainwright, Randomized smoothing for stochastic optimization, arXiv 1103.4296"


@algorithm(source=SMOOTHING, deterministic=False, bounds=(nearby_rate("radius"),))
def randomised_smoothing(
    oracle: Oracle,
    x0: Array,
    *,
    smoothness: float,
    target: float,
    width: int,
    rng: np.random.Generator,
    radius: float = 0.25,
) -> None:
    """x+ = x - G/L with G the mean gradient of K points x + r u_k, u_k uniform in the unit ball: an unbiased estimate
    of the gradient of f_r(x) = E f(x + r u). r = radius * target/L, so that G is within radius * target of grad f(x).

    For convex functions that are not smooth K queries per round of an accelerated form of this save rounds; where f is
    smooth already there is nothing to smooth, and no K helps.

    smoothness: L. target: epsilon; the method is run once for each. width: K. radius: in units of target/L, below 1/2.

    Cost: one round of K queries per iteration; O(K d) besides.

    Use: as a control that parallel queries should not help.
    """
    none, dimension = np.zeros((0, x0.size)), x0.size
    x = x0
    points = np.empty((width, dimension))
    while True:
        for k in range(width):
            length = radius * target / smoothness * rng.random() ** (1.0 / dimension)
            points[k] = x + length * guess(rng.standard_normal(dimension), none, 0)
        values, gradients = oracle.query(points)
        x = x - mean_of_rows(gradients) / smoothness
