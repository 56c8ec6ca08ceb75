"""Accelerated gradient descent in regularised steps that exploits what proves the function not convex."""

import math

from algorithms.guilt import agd_until_guilty, witness
from algorithms.momentum import at_least
from oracles import Array, Bound, Numbers, Oracle, Scope, algorithm, compiled, norm, squared_distance

UNTIL_GUILTY = "Carmon, Duchi, Hinder, Sidford, Convex until proven guilty, ICML 2017, arXiv 1705.02766"


def accelerated_rate(numbers: Numbers) -> float | None:
    """20 D L^(1/2) rho^(1/4) e^(-7/4) log(500 L D/e^2) gradients for e <= min(D^(2/3) rho^(1/3), L^2/(64 rho)).

    t inner iterations need 2 t gradients and 3 t + 2 queries with what is around them, at most 5/2 times as many.
    """
    smoothness, roughness = numbers["method.smoothness"], numbers["method.hessian_smoothness"]
    gap, target = numbers["gap"], numbers["method.target"]
    known = smoothness >= numbers["smoothness"] and roughness >= numbers["hessian_smoothness"]
    roughness = float(at_least(roughness, smoothness, target))
    small = target**3 <= gap**2 * roughness and 64 * target * roughness <= smoothness**2
    if not known or not small or numbers["target"] < target:
        return None
    rate = 20 * gap * math.sqrt(smoothness) * roughness**0.25 / target**1.75
    return float(2.5 * rate * math.log(500 * smoothness * gap / target**2))


@compiled
def least_value(points: Array, values: Array, centre: Array, weight: float) -> tuple[int, float]:
    """The row of the points (n, d) where f is least, and f there; values (n,): of f + weight |x - centre|^2."""
    best, least = 0, math.inf
    for j in range(points.shape[0]):
        value = values[j] - weight * squared_distance(points[j], centre)
        if value < least:
            best, least = j, value
    return best, least


@algorithm(
    source=UNTIL_GUILTY,
    zero_respecting=True,
    bounds=(
        Bound(
            side="upper",
            counted="queries",
            statement="queries <= 50 D L^(1/2) rho^(1/4) target^(-7/4) log(500 L D/target^2), target <= "
            "min(D^(2/3) rho^(1/3), L^2/(64 rho))",
            formula=accelerated_rate,
            source=UNTIL_GUILTY,
            tag="recalled",
            exponent=7 / 4,
            scope=Scope(width=1),
        ),
    ),
)
def convex_until_guilty(
    oracle: Oracle, x0: Array, *, smoothness: float, hessian_smoothness: float, target: float
) -> None:
    """Accelerated gradient descent on f(x) + a |x - p|^2, a = 2 sqrt(rho e), until its gradient is at most e/10, or
    until a pair u, v shows that this is not a-strongly convex. Then the curvature of f between them is below -a, and
    one of u + d and u - d, d = (a/rho) (u - v)/|u - v|, is lower. p moves to the lowest point known, and the next
    begins.

    smoothness: L. hessian_smoothness: rho. target: e = epsilon; the method is run once for each.

    Cost: three queries per inner iteration (two gradients and three values are used), one per outer iteration, two for
    each pair, each in a round of its own. Memory grows with the inner iterations, O(d) for each.

    Use: the first method with the rate e^(-7/4) up to a logarithm that needs gradients alone. For targets above
    L^2/(64 rho) it degenerates to slow proximal steps.
    """
    roughness = at_least(hessian_smoothness, smoothness, target)
    weight = 2.0 * math.sqrt(roughness * target)
    leap = weight / roughness
    p = x0
    while True:
        value, gradient = oracle.value_and_gradient(p)
        guilty, w, w_value, ys, y_values, xs, x_values, slopes = agd_until_guilty(
            oracle, p, value, gradient, smoothness + 2.0 * weight, weight, 0.1 * target
        )
        if not guilty:
            p = w
        else:
            j, u = witness(w, w_value, ys, y_values, xs, x_values, slopes, weight)
            best, least = least_value(ys, y_values, p, weight)
            following = ys[best].copy()
            if j >= 0:
                if w_value - weight * squared_distance(w, p) < least:
                    following, least = w, w_value - weight * squared_distance(w, p)
                leaping = leap / norm(u - xs[j]) * (u - xs[j])
                for point in (u + leaping, u - leaping):
                    leapt, _ = oracle.value_and_gradient(point)
                    if leapt < least:
                        following, least = point, leapt
            p = following
