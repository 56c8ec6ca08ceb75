"""Psi and Phi of chain I with their derivatives, on points and on intervals, in ball arithmetic (python-flint).

Every function encloses: the ball that it returns holds all values on the interval. Intervals may end at infinity.
"""

import math
from collections.abc import Callable
from functools import lru_cache

from flint import arb, fmpq

Function = Callable[[arb], arb]


def psi(t: arb) -> arb:
    """Psi(t) = exp(1 - 1/(2t - 1)^2) for t > 1/2, else 0."""
    y = 2 * t - 1
    return (1 - 1 / (y * y)).exp() if y > 0 else arb(0)


def psi_slope(t: arb) -> arb:
    """Psi'(t) = 4 Psi / y^3, y = 2t - 1."""
    y = 2 * t - 1
    return 4 * psi(t) / (y * y * y) if y > 0 else arb(0)


def psi_curvature(t: arb) -> arb:
    """Psi''(t) = Psi (16 / y^6 - 24 / y^4)."""
    y = 2 * t - 1
    square = 1 / (y * y) if y > 0 else arb(0)
    return psi(t) * square * square * (16 * square - 24)


def phi(t: arb) -> arb:
    """Phi(t) = sqrt(pi e / 2) erfc(-t / sqrt 2)."""
    return PHI_TOTAL / 2 * (-t / arb(2).sqrt()).erfc()


def phi_slope(t: arb) -> arb:
    """Phi'(t) = sqrt(e) exp(-t^2 / 2)."""
    return (arb(fmpq(1, 2)) - t * t / 2).exp()


def phi_moment(t: arb) -> arb:
    """The product t Phi'(t) = -Phi''(t)."""
    return t * phi_slope(t)


E = arb(1).exp()
PHI_TOTAL = (2 * arb.pi() * E).sqrt()


def _at(square: arb) -> arb:
    """The t with (2t - 1)^2 = square."""
    return (1 + square.sqrt()) / 2


# Where the derivative of each is 0, and the limits at -infinity and infinity. Psi'' = 0: y^2 = 2/3; Psi''' = 0:
# 192 y^4 - 288 y^2 + 64 = 0.
SHAPES: dict[Function, tuple[list[arb], arb, arb]] = {
    psi: ([], arb(0), E),
    psi_slope: ([_at(arb(fmpq(2, 3)))], arb(0), arb(0)),
    psi_curvature: ([_at((9 - arb(33).sqrt()) / 12), _at((9 + arb(33).sqrt()) / 12)], arb(0), arb(0)),
    phi: ([], arb(0), PHI_TOTAL),
    phi_slope: ([arb(0)], arb(0), arb(0)),
    phi_moment: ([arb(-1), arb(1)], arb(0), arb(0)),
}


@lru_cache(maxsize=200_000)
def over(function: Function, low: float, high: float) -> arb:
    """A ball that holds the values on [low, high]: the hull of those at its ends and where the derivative is 0."""
    turning, before, behind = SHAPES[function]
    hull = before if low == -math.inf else function(arb(low))
    hull = hull.union(behind if high == math.inf else function(arb(high)))
    for t in turning:
        if not (t < low or t > high):
            hull = hull.union(function(t))
    return hull


def below(number: arb) -> float:
    """The largest double that is certainly not above."""
    return math.nextafter(float(number.lower()), -math.inf)


def above(number: arb) -> float:
    """A double that is certainly not below."""
    return math.nextafter(float(number.upper()), math.inf)
