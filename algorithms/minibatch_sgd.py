"""Stochastic gradient descent whose batches are rounds."""

import math

import numpy as np

from algorithms.batched_step_search import unit_step_rate
from algorithms.gradient_descent import EXACT_RATE
from algorithms.rounds import in_rounds, mean_row, rounds_of
from oracles import Array, Bound, Numbers, Oracle, algorithm


def without_noise(numbers: Numbers) -> float | None:
    """Exact gradients: the steps are those of gradient descent, and a batch takes its rounds."""
    steps = unit_step_rate(numbers)
    if steps is None or numbers["method.noise"] != 0:
        return None
    return 1 + (steps - 1) * rounds_of(max(1.0, numbers["method.batch"]), numbers)


@algorithm(
    source="textbook",
    zero_respecting=True,
    bounds=(
        Bound(
            side="upper",
            counted="rounds",
            statement="rounds <= 1 + ceil((4 L D / target^2 - 2) / 3) ceil(B / K) without noise",
            formula=without_noise,
            source=EXACT_RATE,
            tag="published",
            exponent=2.0,
        ),
    ),
)
def minibatch_sgd(
    oracle: Oracle, x0: Array, *, smoothness: float, target: float, noise: float = 0.0, batch: int = 0, width: int = 0
) -> None:
    """x+ = x - G/L with G the mean of B independent gradients at x, B = ceil(2 sigma^2 / target^2).

    While |grad f(x)| > target a step lowers f in the mean by target^2 / (2L) - sigma^2 / (2 L B), at least
    target^2 / (4L), so that the first point that meets the target is step 4 L D / target^2 in the mean, or earlier:
    8 L D sigma^2 / target^4 queries, and 4 L D / target^2 rounds if K is B or more. Both are optimal in their order.

    smoothness: L. target: epsilon; the method is run once for each. noise: sigma, E|gradient - grad f|^2 <= sigma^2.
    batch: B in place of that. width: K, the most queries per round; 0: B.

    Cost: B queries in ceil(B / K) rounds per iteration; O(B d) besides.

    Use: with noisy gradients, where rounds count more than queries.
    """
    size = batch if batch > 0 else max(1, math.ceil(2.0 * noise**2 / target**2))
    points = np.empty((size, x0.size))
    x = x0
    while True:
        points[:] = x
        values, gradients = in_rounds(oracle, points, width)
        x = x - mean_row(gradients) / smoothness
