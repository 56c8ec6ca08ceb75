"""The heavy ball, restarted where it has moved far."""

import math

from algorithms.momentum import at_least
from algorithms.restarted_agd import RESTARTED_AGD
from oracles import Array, Oracle, algorithm, inner


@algorithm(source=RESTARTED_AGD, zero_respecting=True)
def restarted_heavy_ball(
    oracle: Oracle,
    x0: Array,
    *,
    smoothness: float,
    hessian_smoothness: float,
    target: float,
    accuracy: float = 1 / 82,
) -> Array:
    """x+ = x - h grad f(x) + (1 - t) (x - x_previous), in epochs of at most K = 1/t steps.

    e = accuracy target, h = 1/(4L), t = min(1, 4 (e rho h^2)^(1/4)), B = sqrt(e/rho). When k S > B^2 after k steps, S
    the sum of their squares, an epoch begins at x+. An epoch that comes to K steps is the last: the result is the
    average of its x up to the shortest step of its second half.

    smoothness: L. hessian_smoothness: rho. target: epsilon; the method is run once for each. accuracy: what is known of
    the average is its rate, e^(-7/4), and no constant; 1/82 is that of `restarted_agd`.

    Cost: one gradient per iteration, in a round of its own, and one for the result.

    Use: beside `restarted_agd`, to see that Polyak's momentum has the same rate as Nesterov's once it is restarted.
    """
    goal = accuracy * target
    roughness = at_least(hessian_smoothness, smoothness, goal)
    step, radius = 0.25 / smoothness, math.sqrt(goal / roughness)
    friction = min(1.0, 4.0 * math.sqrt(step * math.sqrt(goal * roughness)))
    x, previous, total, result = x0, x0, 0.0 * x0, x0
    moved, shortest, k = 0.0, math.inf, 0
    while k < 1.0 / friction:
        gradient = oracle.gradient(x)
        total = total + x
        previous, x = x, x - step * gradient + (1.0 - friction) * (x - previous)
        length = inner(x - previous, x - previous)
        moved, k = moved + length, k + 1
        if k - 1 >= math.floor(0.5 / friction) and k <= 1.0 / friction and length < shortest:
            shortest, result = length, total / k
        if k * moved > radius**2:
            previous, total, moved, shortest, k = x, 0.0 * x, 0.0, math.inf, 0
    oracle.gradient(result)
    return result
