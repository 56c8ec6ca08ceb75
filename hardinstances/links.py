"""Psi and Phi, the functions that the links of the chain are made of. NaN gives NaN."""

import math

from oracles.kernels import inlined
from oracles.lowlevel import fma
from oracles.vectormath import GAUSSIAN_END, MILLS_ABOVE, MILLS_BELOW, exponential, gaussian, polynomial

PHI_TOTAL = math.sqrt(2 * math.pi * math.e)  # sup of Phi
SQRT_E = math.sqrt(math.e)
PSI_START = 0.0376  # below this value of 2t - 1, Psi(t) leaves the normal range and counts as 0
PSI_END = 1e150  # above, Psi' is 0, and squares would overflow
FAR = 9.3  # where |t| and |u| lie above: Phi(|u|) is sup Phi, and Phi'(t) nothing beside Psi'(t) sup Phi, to rounding
EXP_NEAR_ZERO = (1.0, -1.0, 1 / 2, -1 / 6, 1 / 24, -1 / 120)  # exp(-s) to rounding, for s <= 1 / (2 FAR - 1)^2


@inlined
def psi(t: float) -> tuple[float, float]:
    """Psi(t) = exp(1 - 1/(2t - 1)^2) for t > 1/2, else 0; and its derivative 4 Psi(t) / (2t - 1)^3.

    Near t = 1/2 an error of 1/p, p = 2t - 1, would be magnified; `lack` is its relative error, to first order.
    """
    p = 2.0 * (PSI_END if t > PSI_END else t) - 1.0
    q = PSI_START if p < PSI_START else p
    inverse = 1.0 / q
    lack = fma(-q, inverse, 1.0)
    square = inverse * inverse
    value = exponential(1.0 - square, -fma(2.0 * square, lack, fma(inverse, inverse, -square)))
    value = 0.0 if p < PSI_START else value
    cube = square * inverse
    return value, 4.0 * value * fma(3.0 * cube, lack, cube)


@inlined
def psi_far(t: float) -> tuple[float, float]:
    """Psi(t) and Psi'(t) for t > FAR."""
    inverse = 1.0 / (2.0 * (PSI_END if t > PSI_END else t) - 1.0)
    square = inverse * inverse
    value = math.e * polynomial(EXP_NEAR_ZERO, square)
    return value, 4.0 * value * (square * inverse)


@inlined
def phi_below(a: float) -> tuple[float, float]:
    """Phi(-a) and Phi'(a) for a >= 0."""
    density = gaussian(a)
    b = GAUSSIAN_END if a > GAUSSIAN_END else a
    return density * (polynomial(MILLS_ABOVE, b) / polynomial(MILLS_BELOW, b)), SQRT_E * density


@inlined
def phi(t: float) -> tuple[float, float]:
    """Phi(t) = sqrt(e) times the integral of exp(-u^2/2) up to t; and its derivative sqrt(e) exp(-t^2/2)."""
    below, slope = phi_below(abs(t))
    return below if t < 0.0 else PHI_TOTAL - below, slope
