"""Accelerated gradient descent, restarted where it has moved far."""

import math

from algorithms.momentum import at_least
from oracles import Array, Bound, Numbers, Oracle, Scope, algorithm, inner

RESTARTED_AGD = "Li, Lin, Restarted nonconvex accelerated gradient descent, JMLR 24 (2023), arXiv 2201.11411"


def epochs(numbers: Numbers) -> float | None:
    """D L^(1/2) rho^(1/4) e^(-7/4) gradients, e = target/82, an epoch more of L^(1/2) / (2 (rho e)^(1/4)), the end."""
    smoothness, roughness = numbers["method.smoothness"], numbers["method.hessian_smoothness"]
    known = smoothness >= numbers["smoothness"] and roughness >= numbers["hessian_smoothness"]
    accuracy = numbers["method.accuracy"] * numbers["method.target"]
    if not known or numbers["target"] < 82 * accuracy * (1 - 1e-12) or numbers["method.first_radius"] > 0:
        return None
    roughness = float(at_least(roughness, smoothness, accuracy))
    if 16 * accuracy * roughness > smoothness**2:
        return None
    root = math.sqrt(smoothness)
    epoch = root / (2 * (roughness * accuracy) ** 0.25)
    return float(numbers["gap"] * root * roughness**0.25 / accuracy**1.75 + epoch + 2)


@algorithm(
    source=RESTARTED_AGD,
    zero_respecting=True,
    bounds=(
        Bound(
            side="upper",
            counted="queries",
            statement="queries <= 2 + D L^(1/2) rho^(1/4) e^(-7/4) + L^(1/2) / (2 (rho e)^(1/4)), e = target/82 <= "
            "L^2 / (16 rho)",
            formula=epochs,
            source=RESTARTED_AGD,
            tag="recalled",
            exponent=7 / 4,
            scope=Scope(width=1),
        ),
    ),
)
def restarted_agd(
    oracle: Oracle,
    x0: Array,
    *,
    smoothness: float,
    hessian_smoothness: float,
    target: float,
    accuracy: float = 1 / 82,
    first_radius: float = 0.0,
) -> Array:
    """Steps y = x + (1 - t) (x - x_previous), x+ = y - h grad f(y), in epochs of at most K = 1/t steps.

    e = accuracy target, h = 1/(4L), t = min(1, 4 (e rho h^2)^(1/4)), B = sqrt(e/rho). When k S > B^2 after k steps, S
    the sum of their squares, an epoch begins at x+. An epoch that comes to K steps is the last: the result is the
    average of its y up to the shortest step of its second half.

    smoothness: L. hessian_smoothness: rho. target: epsilon; the method is run once for each. accuracy: the average has
    a gradient of at most 82 e, hence 1/82. first_radius: B0 > 0 for the adaptive variant, in which max(B, B0) takes the
    place of B; an epoch of length B0 > B counts only if f falls by min(e^(3/2)/rho^(1/2), e L/rho), else it is undone
    and B0 is halved.

    Cost: one gradient per iteration, in a round of its own, and one for the result; the adaptive variant asks a value
    per epoch besides.

    Use: the shortest method with the rate e^(-7/4); at accuracy 1/82 its steps are short and most epochs end at once,
    so that it behaves like gradient descent with the step 1/(4L) unless the target is very small.
    """
    goal = accuracy * target
    roughness = at_least(hessian_smoothness, smoothness, goal)
    step, radius, wide = 0.25 / smoothness, math.sqrt(goal / roughness), first_radius
    friction = min(1.0, 4.0 * math.sqrt(step * math.sqrt(goal * roughness)))
    fall = min(goal * radius, goal * smoothness / roughness)
    x, previous, start, total, result = x0, x0, x0, 0.0 * x0, x0
    moved, shortest, k = 0.0, math.inf, 0
    start_value = oracle.value(x0) if wide > radius else 0.0
    while True:
        y = x + (1.0 - friction) * (x - previous)
        gradient = oracle.gradient(y)
        previous, x = x, y - step * gradient
        length = inner(x - previous, x - previous)
        moved, total, k = moved + length, total + y, k + 1
        if k - 1 >= math.floor(0.5 / friction) and k <= 1.0 / friction and length < shortest:
            shortest, result = length, total / k
        far = k * moved > max(radius, wide) ** 2
        if far or k >= 1.0 / friction:
            if wide <= radius and not far:
                break
            if wide > radius:
                value = oracle.value(x)
                if value - start_value > -fall:
                    x, wide = start, 0.5 * wide
                else:
                    start, start_value = x, value
            previous, total, moved, shortest, k = x, 0.0 * x, 0.0, math.inf, 0
    oracle.gradient(result)
    return result
