"""The potential of chain II: flat at 0, least at 1, with slope below -1 in between."""

import math

import numpy as np

from oracles import compiled

SERIES_TERMS = 26  # 4^-26 is below the rounding of a sum of 4^-k
FAR = 1e30  # of (t/r)^2: beyond, Upsilon is its leading term to the last bit


@compiled
def remainders(q: float) -> tuple[float, float]:
    """q^2 - log(1 + q^2) and q - atan(q), by their series where the differences cancel."""
    square = q * q
    if square > FAR:
        return square, q
    if square >= 0.25:
        return square - math.log1p(square), q - math.atan(q)
    even = odd = 0.0
    for k in range(SERIES_TERMS, 0, -1):
        even = 1.0 / (k + 1) - square * even
        odd = 1.0 / (2 * k + 1) - square * odd
    return square * square * even, q * square * odd


@compiled
def upsilon(t: float, radius: float) -> tuple[float, float]:
    """120 times the integral of u^2 (u - 1) / (1 + u^2/r^2) from 0 to t, which is Upsilon_r(t) - Upsilon_r(0), and
    its derivative.
    """
    even, odd = remainders(t / radius)
    square, value = (t / radius) * (t / radius), radius * radius * radius * (0.5 * radius * even - odd)
    slope = radius * radius * (t - 1.0) if square > FAR else t * t * (t - 1.0) / (1.0 + square)
    return 120.0 * value, 120.0 * slope


@compiled
def upsilon_curvature(t: float, radius: float) -> float:
    """Upsilon_r'' = 120 (r^2 (s^4 + 3 s^2) - 2 r s) / (1 + s^2)^2 with s = t/r."""
    s = t / radius
    square = s * s
    if square > FAR:
        return 120.0 * radius * radius
    return 120.0 * radius * (radius * square * (square + 3.0) - 2.0 * s) / ((1.0 + square) * (1.0 + square))


def depth(radius: float) -> float:
    """Upsilon_r(0), where Upsilon_r(1) = 0 is the least value; below 10 for every r."""
    return -float(upsilon(1.0, radius)[0])


def largest_derivative(order: int, radius: float) -> float:
    """The supremum over t of the absolute derivative of this order, 2 or more, from the zeros of the next one.

    With s = t/r, Upsilon_r' = 120 r^2 (r s^3 - s^2) / (1 + s^2), and each derivative is N(s) / (1 + s^2)^n.
    """
    one = np.polynomial.Polynomial([1.0, 0.0, 1.0])
    numerator = 120 * radius**2 * np.polynomial.Polynomial([0.0, 0.0, -1.0, radius])
    for power in range(1, order):
        numerator = (numerator.deriv() * one - power * one.deriv() * numerator) / radius
    beyond = numerator.deriv() * one - order * one.deriv() * numerator
    roots = beyond.trim(1e-12 * np.abs(beyond.coef).max()).roots()
    places = roots.real[np.abs(roots.imag) < 1e-6 * (1 + np.abs(roots))]
    at_infinity = 120 * radius**2 if order == 2 else 0.0
    return float(max(np.abs(numerator(places) / one(places) ** order).max(), at_infinity))
