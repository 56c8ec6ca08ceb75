"""Gradient descent whose steps are at most so long."""

import math

from oracles import Array, Bound, Numbers, Oracle, Scope, algorithm, norm

CLIPPING = "Zhang, He, Sra, Jadbabaie, Why gradient clipping accelerates training, arXiv 1905.11881"


def descent(numbers: Numbers) -> float | None:
    """While the gradient exceeds epsilon, a step lowers f by more than h (epsilon - L h/2), h = min(radius, epsilon/L).

    min(1/L, r/|g|) |g| is at least h, and up to |g|/L the decrease grows with the length of the step.
    """
    smoothness, target = numbers["method.smoothness"], numbers["target"]
    if smoothness < numbers["smoothness"]:
        return None
    length = min(numbers["method.radius"], target / smoothness)
    return 1 + math.floor(numbers["gap"] / (length * (target - smoothness * length / 2)))


@algorithm(
    source=CLIPPING,
    zero_respecting=True,
    bounds=(
        Bound(
            side="upper",
            counted="queries",
            statement="queries <= 1 + 2 L D / target^2 if radius >= target/L",
            formula=descent,
            source="descent lemma, this project",
            tag="derived",
            exponent=2.0,
            scope=Scope(width=1),
        ),
    ),
)
def clipped_gradient_descent(oracle: Oracle, x0: Array, *, smoothness: float, radius: float = 1.0) -> None:
    """x_{k+1} = x_k - min(1/L, r/|g|) g with g = grad f(x_k).

    smoothness: L. radius: r, the longest step.

    Cost: one query per iteration, in a round of its own.

    Use: the baseline where the smoothness grows with the gradient, or where a step 1/L from a steep point would be
    lost; with r at least target/L it is as good as gradient descent.
    """
    x = x0
    while True:
        value, gradient = oracle.value_and_gradient(x)
        length = norm(gradient)
        step = 1.0 / smoothness if length <= smoothness * radius else radius / length
        x = x - step * gradient
