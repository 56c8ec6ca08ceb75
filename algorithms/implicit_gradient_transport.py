"""Normalised steps along an average of gradients at extrapolated points."""

import math

import numpy as np

from algorithms.estimates import gradients_of, mean_gradient, unit, whole
from algorithms.expected_counts import Expected, speaks_of, with_confidence
from algorithms.normalized_momentum import SOURCE, weight_of
from oracles import Array, Numbers, Oracle, algorithm, compiled


@compiled
def step_length(smoothness: float, hessian_smoothness: float, target: float, weight: float, step: float) -> float:
    """The step: h = min(l a sqrt(epsilon/rho), epsilon/(4 L))."""
    return min(step * weight * math.sqrt(target / hessian_smoothness), 0.25 * target / smoothness)


def expected_queries(numbers: Numbers) -> Expected | None:
    """As for `normalized_momentum`, with a drift of the average of rho h^2/(2 a) at most in place of L h.

    (1 - a) (grad f(x-) - grad f(x)) + a (grad f(y) - grad f(x)) = O(rho), as a (y - x) = (1 - a) (x - x-) cancels the
    Hessian: at most (1 - a) rho h^2/2 + (1 - a)^2 rho h^2/(2 a). So E f + c |m - grad f|^2 falls by
    h e (1 - r - L h/(2 e) - rho^2 h^4/(4 r e^2 a^4) - a sigma^2/(r e^2)), c = h/(r e a).
    """
    smoothness, noise, target = (numbers[f"method.{name}"] for name in ("smoothness", "noise", "target"))
    curvature, weight = numbers["method.hessian_smoothness"], weight_of(numbers["method.averaging"], noise, target)
    h = step_length(smoothness, curvature, target, weight, numbers["method.step"])
    r = math.sqrt((curvature * h**2 / (2 * weight**2 * target)) ** 2 + weight * noise**2 / target**2)
    share = 1 - 2 * r - smoothness * h / (2 * target)
    if share <= 0 or curvature < numbers["hessian_smoothness"] or not speaks_of(numbers):
        return None
    first = whole(1 / weight)
    error = noise**2 / (r * share * target**2 * weight * first) if noise > 0 else 0.0
    return Expected(first, 2 * (numbers["gap"] / (h * share * target) + error))


@algorithm(
    source=SOURCE,
    zero_respecting=True,
    bounds=(
        with_confidence(
            expected_queries,
            "1/a + 2 D / (h s e) + 2 sigma^2 / (r s e^2), s = 1 - 2 r - L h / (2 e), r^2 = (rho h^2 / (2 a^2 e))^2 + "
            "a sigma^2 / e^2, e the target; about 121 D sigma^2 rho^(1/2) / e^(7/2) for a small target",
            source=SOURCE,
            exponent=3.5,
        ),
    ),
)
def implicit_gradient_transport(
    oracle: Oracle,
    x0: Array,
    *,
    smoothness: float,
    hessian_smoothness: float,
    noise: float,
    target: float,
    averaging: float = 5 / 49,
    step: float = math.sqrt(math.sqrt(5) / 7),
    width: int = 0,
) -> None:
    """x+ = x - h m/|m|, then m <- (1 - a) m + a g(y, z) at y = x+ + (1 - a)/a (x+ - x), where the error of m to first
    order in the step cancels.

    a = min(1, averaging epsilon^2/sigma^2), h = min(step a sqrt(epsilon/rho), epsilon/(4 L)); the first m is the mean
    of 1/a gradients at the start. The defaults make the constant of the guarantee least; averaging = 1 is usual.

    smoothness: L. hessian_smoothness: rho. noise: sigma, E|g(x, z) - grad f(x)|^2 <= sigma^2. target: epsilon. width:
    the most queries in a round; 0: any number.

    Cost: 1/a queries at the start, in one round, then two queries in one round per step: at y, and at x, whose answer
    is not used. The theorem speaks of x, so it has to be a query in order to count.

    Use: where gradients are random and the Hessian is Lipschitz, for epsilon^(-7/2) queries.
    """
    weight = weight_of(averaging, noise, target)
    length = step_length(smoothness, hessian_smoothness, target, weight, step)
    samples = np.arange(whole(1.0 / weight))
    sample, x = samples.size, x0
    momentum = mean_gradient(oracle, x, samples, width)
    points = np.empty((2, x0.size))
    while True:
        move = -length * unit(momentum)
        x = x + move
        points[0], points[1] = x, x + (1.0 - weight) / weight * move
        gradients = gradients_of(oracle, points, np.array([sample, sample]), width)
        momentum = (1.0 - weight) * momentum + weight * gradients[1]
        sample += 1
