"""Restarted accelerated gradient descent that finds its own constants."""

from algorithms.momentum import quotient
from oracles import Array, Oracle, algorithm, compiled, inner, norm

PARAMETER_FREE_AGD = "Marumo, Takeda, Parameter-free accelerated gradient descent, arXiv 2212.06410"


@compiled
def hessian_estimate(
    y_value: float, value: float, y_gradient: Array, gradient: Array, old_gradient: Array, ahead: Array, back: Array
) -> float:
    """The least M that the trapezoid rule, |f(y) - f(x) - (g_x + g_y).u / 2| <= M |u|^3 / 12 with u = y - x, and
    |g_y + t g_old - (1 + t) g_x| <= t M |x - x_old|^2 allow; ahead: u = t (x - x_old), back: x - x_old.
    """
    length, step = norm(ahead), norm(back)
    momentum = length / step if step > 0.0 else 0.0
    trapezoid = y_value - value - 0.5 * inner(y_gradient + gradient, ahead)
    bend = y_gradient + momentum * old_gradient - (1.0 + momentum) * gradient
    from_values = quotient(12.0 * trapezoid, length * length * length)
    estimate: float = max(from_values, quotient(norm(bend), momentum * step * step))
    return estimate


@algorithm(source=PARAMETER_FREE_AGD, zero_respecting=True)
def parameter_free_agd(
    oracle: Oracle,
    x0: Array,
    *,
    initial_smoothness: float = 1e-3,
    growth: float = 2.0,
    decay: float = 0.9,
) -> Array:
    """x+ = y - grad f(y)/L, y+ = x+ + t (x+ - x), t = k/(k + 1), in epochs that begin with y = x, k = 0.

    With S the sum of the squared steps of the epoch: if f(x+) - f(start of the epoch) > -(1 - t) L S / 2, then L was
    too small, it grows, and x begins an epoch; if (M/L)^2 S > (1 - t)^5, M an estimate of the Hessian's Lipschitz
    constant, then x+ does, with a smaller L. The average of the y, weighted as in the paper, is asked where k is a
    power of 2.

    initial_smoothness: the first L. growth, decay: the factors of L. Needs no constant of f; rate e^(-7/4). Where
    rounding hides the fall of f, L grows until a step has no digit left, and x is returned.

    Cost: two queries per iteration, x+ and y+, in rounds of their own; one where L is too small, three at powers of 2.

    Use: the rate of accelerated methods without knowing L, the Hessian's constant or the target; an L that is far too
    small at first costs a query per doubling and may lead to far points.
    """
    smoothness = initial_smoothness
    x = x0
    value, gradient = oracle.value_and_gradient(x)
    while True:
        y, y_gradient, average = x, gradient, x
        squares, weight, roughness, start_value, k = 0.0, 1.0, 1e-16, value, 0
        restart = False
        while not restart:
            k += 1
            momentum, slack = k / (k + 1.0), 1.0 / (k + 1.0)
            old, old_value, old_gradient = x, value, gradient
            x = y - y_gradient / smoothness
            back = x - old
            if k == 1 and inner(back, back) == 0.0:  # the step has no digit left
                return x
            ahead = momentum * back
            y = x + ahead
            squares += inner(back, back)
            value, gradient = oracle.value_and_gradient(x)
            if value - start_value > -0.5 * slack * smoothness * squares:
                smoothness *= growth
                x, value, gradient = old, old_value, old_gradient
                restart = True
            else:
                y_value, y_gradient = oracle.value_and_gradient(y)
                estimate = hessian_estimate(y_value, value, y_gradient, gradient, old_gradient, ahead, back)
                roughness = max(roughness, estimate)
                ratio, slack_squared = roughness / smoothness, slack * slack
                if ratio * ratio * squares > slack_squared * slack_squared * slack:
                    smoothness *= decay
                    restart = True
                else:
                    average = (y + momentum * weight * average) / (1.0 + momentum * weight)
                    weight = 1.0 + momentum * weight
                    if k & (k - 1) == 0:
                        oracle.value_and_gradient(average)
