"""Gradient descent that tries K step sizes in one round."""

import math

import numpy as np

from algorithms.gradient_descent import EXACT_RATE
from oracles import Array, Bound, Numbers, Oracle, algorithm


def unit_step_rate(numbers: Numbers) -> float | None:
    """The step 1/L is among the trials: each round falls by 3 epsilon^2/(4L), the start by epsilon^2/(2L) more."""
    smoothness = numbers["method.smoothness"]
    if smoothness < numbers["smoothness"]:
        return None
    return 1 + max(0, math.ceil((4 * smoothness * numbers["gap"] / numbers["target"] ** 2 - 2) / 3))


UNIT_STEP = Bound(
    side="upper",
    counted="rounds",
    statement="rounds <= 1 + ceil((4 L D / target^2 - 2) / 3)",
    formula=unit_step_rate,
    source=f"this project, after {EXACT_RATE}",
    tag="derived",
    exponent=2.0,
)  # of every search that has the step 1/L among its trials


@algorithm(source="this project", zero_respecting=True, bounds=(UNIT_STEP,))
def batched_step_search(oracle: Oracle, x0: Array, *, smoothness: float, width: int) -> None:
    """A round asks x - a grad f(x) for the steps a = 2^j/L, j = -1 .. K-2, and moves to the least value; the gradient
    there is already known.

    smoothness: L. width: K; for K = 1 the one step is 1/L.

    Cost: one round of K queries per iteration, after a first round of one.

    Use: the simplest use of parallel queries; it saves the trials of a line search, and no more than that in the worst
    case.
    """
    steps = 2.0 ** (np.arange(width) - min(1, width - 1)) / smoothness
    x = x0
    value, gradient = oracle.value_and_gradient(x)
    while True:
        points = x - steps.reshape(-1, 1) * gradient
        values, gradients = oracle.query(points)
        best = np.argmin(values)
        x, gradient = points[best], gradients[best]
