"""Gradient descent on a box."""

import math

from algorithms.boxes import within
from oracles import Array, Bound, Numbers, Oracle, algorithm

SOURCE = "this project, after the textbook"


def most_queries(numbers: Numbers) -> float | None:
    """With v = x+ - x, f falls by L |v|^2/2 or more, and |g(x+)| <= 2 L |v|: by epsilon^2/(8L) if x+ is no solution."""
    smoothness, gap, target = numbers["method.smoothness"], numbers["gap"], numbers["target"]
    if smoothness < numbers["smoothness"]:
        return None
    return 2 + math.floor(8 * smoothness * gap / target**2)


FALL = Bound(
    side="upper",
    counted="queries",
    statement="queries <= 2 + floor(8 L D/target^2)",
    formula=most_queries,
    source=SOURCE,
    tag="derived",
    exponent=2.0,
)


@algorithm(source=SOURCE, bounds=(FALL,))
def projected_gradient_descent(
    oracle: Oracle, x0: Array, *, smoothness: float, lower: Array | None = None, upper: Array | None = None
) -> None:
    """x_{k+1} = P(x_k - grad f(x_k)/L) with the projection P onto the box; gradient descent where there is none.

    smoothness: L. lower, upper: the domain. On a box the decrease per step is ensured at epsilon^2/(8L) alone, as a
    clipped step may be short.

    Cost: one query per iteration, in a round of its own.

    Use: the baseline on boxes; no other method here needs only gradients.
    """
    x = x0
    while True:
        value, gradient = oracle.value_and_gradient(x)
        x = within(x - gradient / smoothness, lower, upper)
