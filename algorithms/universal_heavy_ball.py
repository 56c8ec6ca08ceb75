"""A heavy ball without friction, restarted, that finds its own constants."""

import math

from algorithms.momentum import quotient
from oracles import Array, Oracle, algorithm, inner, norm, squared_distance

UNIVERSAL_HEAVY_BALL = "Marumo, Takeda, Universal heavy-ball method for nonconvex optimization, arXiv 2303.01073"


@algorithm(source=UNIVERSAL_HEAVY_BALL, zero_respecting=True)
def universal_heavy_ball(
    oracle: Oracle,
    x0: Array,
    *,
    initial_smoothness: float = 1e-3,
    growth: float = 2.0,
    decay: float = 0.1,
) -> Array:
    """v+ = v - grad f(x)/L, x+ = x + v+, in epochs that begin with v = 0 at the best point of the last one.

    If f(x+) is above the bound of an L-smooth function, L grows and an epoch begins. If k (k + 1) H > 3 L / 8 after k
    steps, H an estimate of the second-order error from values and from the average of the points, L shrinks and an
    epoch begins. Else the average is asked, too.

    initial_smoothness: the first L. growth, decay: the factors of L. Needs no constant of f; the rate is e^(-7/4) if
    the Hessian is Lipschitz, e^(-(4 + 3 n)/(2 + 2 n)) if it is Hoelder continuous with exponent n.
    Where rounding hides the fall of f, L grows until a step has no digit left, and the best point is returned.

    Cost: two queries per iteration, x+ and the average, in rounds of their own; one where an epoch ends.

    Use: the guarantee of accelerated methods that does best in practice, without knowing a constant. An L that is far
    too small at first costs a query per doubling and may lead to far points.
    """
    smoothness = initial_smoothness
    best = x0
    best_value, best_gradient = oracle.value_and_gradient(x0)
    while norm(best_gradient) > 0.0:
        x, value, gradient = best, best_value, best_gradient
        velocity, average, average_gradient = 0.0 * x, x, gradient
        squares, error, k = 0.0, 0.0, 0
        while True:
            k += 1
            old_value, old_gradient = value, gradient
            velocity = velocity - gradient / smoothness
            old, x = x, x + velocity
            square = inner(velocity, velocity)
            squares += square
            if k == 1 and (squares == 0.0 or squared_distance(x, old) == 0.0):  # the step has no digit left
                return best
            value, gradient = oracle.value_and_gradient(x)
            if value < best_value:
                best, best_value, best_gradient = x, value, gradient
            if value - old_value > inner(old_gradient, velocity) + 0.5 * smoothness * square:
                smoothness *= growth
                break
            trapezoid = value - old_value - 0.5 * inner(old_gradient + gradient, velocity)
            excess = norm(average_gradient) - smoothness / k * math.sqrt(square)
            error = max(error, 3.0 * quotient(trapezoid, square), math.sqrt(8.0 / (k * squares)) * excess)
            if k * (k + 1) * error > 0.375 * smoothness:
                smoothness *= decay
                break
            average = (k * average + x) / (k + 1.0)
            average_value, average_gradient = oracle.value_and_gradient(average)
            if average_value < best_value:
                best, best_value, best_gradient = average, average_value, average_gradient
    return best
