"""Gradient descent from K starts at once."""

import numpy as np

from algorithms.batched_step_search import unit_step_rate
from algorithms.gradient_descent import EXACT_RATE
from algorithms.guesses import guess
from oracles import Array, Bound, Oracle, algorithm


@algorithm(
    source="textbook",
    deterministic=False,
    bounds=(
        Bound(
            side="upper",
            counted="rounds",
            statement="rounds <= 1 + ceil((4 L D / target^2 - 2) / 3), any K: one start is x0",
            formula=unit_step_rate,
            source=EXACT_RATE,
            tag="published",
            exponent=2.0,
        ),
    ),
)
def parallel_restarts(
    oracle: Oracle, x0: Array, *, smoothness: float, width: int, rng: np.random.Generator, radius: float = 1.0
) -> None:
    """x_{k+1} = x_k - grad f(x_k)/L from each of K starts: x0, and K - 1 points x0 + radius w, w uniform on the unit
    sphere.

    smoothness: L. width: K. radius: distance of the other starts, in units of x.

    Cost: one round of K queries per iteration; O(K d) besides.

    Use: where another start may be a better one; in the worst case all are equally bad.
    """
    none = np.zeros((0, x0.size))
    points = np.empty((width, x0.size))
    points[0] = x0
    for k in range(1, width):
        points[k] = x0 + radius * guess(rng.standard_normal(x0.size), none, 0)
    while True:
        values, gradients = oracle.query(points)
        points = points - gradients / smoothness
