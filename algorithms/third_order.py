"""The third-order method AR_3, its derivatives from one round of gradients."""

import math

import numpy as np

from algorithms.subproblems import LEAST_SMOOTHNESS
from algorithms.taylor_model import derivatives, minimised, natural_length, stencil
from oracles import Array, Bound, Numbers, Oracle, algorithm, norm

BIRGIN = "Birgin, Gardenghi, Martinez, Santos, Toint, Math. Program. 163 (2017)"
ANY_WIDTH = 2**30
BISECTIONS = 200


def fall_per_step(regularisation: float, accuracy: float, spacing: float, dimension: float) -> float:
    """The least fall of a step that does not meet the target, in units of epsilon^(4/3) L_3^(-1/3); at most 0: unknown.

    With a = (epsilon / L_3)^(1/3) and h = spacing a / d, central differences are off by at most eta = spacing^2 / (6
    d^(3/2)) L_3 a^2 in the Hessian and tau = 0.805 spacing L_3 a in the third derivative (Frobenius norms). So, for a
    step of length z a and M = m L_3, the next gradient is at most (theta + (m + 1)/6) z^3 + eta z + tau z^2/2 in units
    of epsilon, and the fall is at least (m - 1)/24 z^4 - eta z^2/2 - tau z^3/6.
    """
    eta, tau = spacing**2 / (6 * dimension**1.5), 0.805 * spacing
    low, high = 0.0, 10.0
    for _ in range(BISECTIONS):
        z = (low + high) / 2
        if (accuracy + (regularisation + 1) / 6) * z**3 + eta * z + tau * z**2 / 2 > 1:
            high = z
        else:
            low = z
    if (regularisation - 1) / 6 * low**2 < eta + tau * low / 2:  # the fall would not grow with z from there on
        return 0.0
    fall: float = (regularisation - 1) / 24 * low**4 - eta * low**2 / 2 - tau * low**3 / 6
    return fall


def exact_arithmetic_rate(numbers: Numbers) -> float | None:
    """Each step but the last falls by `fall_per_step`; a step takes ceil((d^2 + d + 1) / K) rounds."""
    smoothness, given = numbers["third_order_smoothness"], numbers["method.third_order_smoothness"]
    aim, dimension = numbers["method.target"], numbers["dimension"]
    if given < smoothness or numbers["target"] < aim:
        return None
    shape = numbers["method.regularisation"], numbers["method.accuracy"], numbers["method.spacing"]
    fall = fall_per_step(*shape, dimension) * aim ** (4 / 3) / given ** (1 / 3)
    steps = max(1, math.ceil(numbers["gap"] / fall)) if fall > 0 else math.inf
    rounds = math.ceil((dimension**2 + dimension + 1) / numbers["method.width"])
    return None if math.isinf(steps) else 1 + steps * rounds


@algorithm(
    source=BIRGIN,
    bounds=(
        Bound(
            side="upper",
            counted="rounds",
            statement="rounds <= 1 + N ceil((d^2 + d + 1)/K), N = ceil(c D L_3^(1/3) / target^(4/3)), c about 6.8; in "
            "exact arithmetic",
            formula=exact_arithmetic_rate,
            source=f"this project, after {BIRGIN}",
            tag="derived",
            exponent=4 / 3,
        ),
    ),
)
def third_order(
    oracle: Oracle,
    x0: Array,
    *,
    third_order_smoothness: float,
    target: float,
    regularisation: float = 7.0,
    accuracy: float = 0.1,
    spacing: float = 0.05,
    width: int = ANY_WIDTH,
) -> Array | None:
    """x+ = x + s with s going down g's + s'Hs/2 + T[s, s, s]/6 + (M/24) |s|^4 to a point where the gradient of the
    model is at most theta |s|^3; M = regularisation L_3, theta = accuracy L_3.

    The oracle answers no third derivatives: H and T are central differences of gradients at the distance h = spacing
    (epsilon / L_3)^(1/3) / d, at x and the d^2 + d points x +- h e_i, x +- h (e_i + e_j), in one round.

    third_order_smoothness: L_3. target: epsilon. regularisation, accuracy: in units of L_3; 7 is best for accuracy 0.
    width: K; if it is less than d^2 + d + 1 an iteration takes several rounds. It returns where g = 0.

    Cost: d^2 + d + 1 gradient queries per iteration, all of them counted, in one round if K allows; memory O(d^3), and
    eigendecompositions for the model, which ask nothing.

    Use: the row of theory for third-order methods, epsilon^(-4/3), in few dimensions; what d^2 queries per round buy.
    """
    smoothness = max(third_order_smoothness, LEAST_SMOOTHNESS)
    x, h = x0, spacing * natural_length(target, smoothness) / x0.size
    while True:
        points = stencil(x, h)
        gradients = np.empty(points.shape)
        for first in range(0, points.shape[0], width):
            answers = oracle.gradients(points[first : first + width])
            gradients[first : first + width] = answers
        hessian, third = derivatives(gradients, h)
        step = minimised(gradients[0], hessian, third, regularisation * smoothness, accuracy * smoothness)
        if norm(step) == 0.0:
            return x
        x = x + step
