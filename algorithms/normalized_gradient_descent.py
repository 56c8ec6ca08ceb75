"""Gradient descent with steps of fixed length."""

import math

from oracles import Array, Bound, Numbers, Oracle, Scope, algorithm, norm


def descent(numbers: Numbers) -> float | None:
    """While the gradient exceeds epsilon, a step of length s/L lowers f by at least s (epsilon - s/2) / L."""
    smoothness, length = numbers["method.smoothness"], numbers["method.target"]
    if smoothness < numbers["smoothness"] or numbers["target"] <= length / 2:
        return None
    return 1 + math.floor(smoothness * numbers["gap"] / (length * (numbers["target"] - length / 2)))


@algorithm(
    source="textbook",
    zero_respecting=True,
    bounds=(
        Bound(
            side="upper",
            counted="queries",
            statement="queries <= 1 + 2 L D / target^2 with steps of length target/L",
            formula=descent,
            source="descent lemma, this project",
            tag="derived",
            exponent=2.0,
            scope=Scope(width=1),
        ),
    ),
)
def normalized_gradient_descent(oracle: Oracle, x0: Array, *, smoothness: float, target: float) -> Array:
    """x_{k+1} = x_k - (target/L) grad f(x_k) / |grad f(x_k)|.

    smoothness: L. target: epsilon; the method is run once for each.

    Cost: one query per iteration, in a round of its own.

    Use: where the length of a step matters and the size of the gradient must not; slow while the gradient is large.
    """
    x = x0
    while True:
        value, gradient = oracle.value_and_gradient(x)
        length = norm(gradient)
        if length == 0.0:
            return x
        x = x - target / (smoothness * length) * gradient
