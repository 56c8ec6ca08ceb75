"""Polyak's heavy ball with constant momentum."""

import math

from oracles import Array, Bound, Numbers, Oracle, Scope, algorithm


def potential(numbers: Numbers) -> float | None:
    """Min |g_k|^2 <= 4 (1 + b^2) L D / ((1 - b)^2 N) over N steps, from the potential f(x) + b/(2h) |x - x_prev|^2."""
    momentum = numbers["method.momentum"]
    if numbers["method.smoothness"] < numbers["smoothness"] or not 0 <= momentum < 1:
        return None
    rate = 4 * (1 + momentum**2) / (1 - momentum) ** 2
    return 1 + math.ceil(rate * numbers["method.smoothness"] * numbers["gap"] / numbers["target"] ** 2)


@algorithm(
    source="Polyak, USSR Comput. Math. Math. Phys. 4 (1964)",
    zero_respecting=True,
    bounds=(
        Bound(
            side="upper",
            counted="queries",
            statement="queries <= 1 + 4 (1 + b^2) / (1 - b)^2 L D / target^2, b the momentum",
            formula=potential,
            source="this project",
            tag="derived",
            exponent=2.0,
            scope=Scope(width=1),
        ),
    ),
)
def heavy_ball(oracle: Oracle, x0: Array, *, smoothness: float, momentum: float = 0.9) -> None:
    """x_{k+1} = x_k - h grad f(x_k) + b (x_k - x_{k-1}), h = (1 - b)/L.

    smoothness: L. momentum: b in [0, 1).

    Cost: one query per iteration, in a round of its own.

    Use: to see what momentum alone is worth; in the worst case nothing, the bound is that of gradient descent times
    4 (1 + b^2) / (1 - b)^2.
    """
    x, previous = x0, x0
    while True:
        value, gradient = oracle.value_and_gradient(x)
        following = x - (1.0 - momentum) / smoothness * gradient + momentum * (x - previous)
        previous, x = x, following
