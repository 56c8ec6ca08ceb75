"""Elementary functions that a compiler can run on vectors: no branches, no calls, the same bits in every lane.

numba calls the C library for exp and erf, one number at a time. These are inlined arithmetic instead, an order of
magnitude faster inside a loop. Every step is a rounding that IEEE 754 fixes, so that a number has the same answer in a
vector, alone, and in uncompiled Python.
"""

import math
from typing import Any

from numba import types

from oracles.arrays import Array
from oracles.kernels import inlined
from oracles.lowlevel import ROUNDER, compiles_to, fma, times_power_of_two

# (exp(r) - 1 - r) / r^2 on |r| <= log(2)/2: Chebyshev interpolation at 50 nodes, cut at degree 9, in powers of r.
EXP_REST = (
    0.5000000000000001, 0.1666666666666667, 0.04166666666662412, 0.008333333333326134, 0.0013888888917215586,
    0.00019841269874822307, 2.4801521293463862e-05, 2.755725539833871e-06, 2.762008948195459e-07,
    2.5105217695684516e-08,
)  # fmt: skip

# exp(a^2/2) times the integral of exp(-u^2/2) from a to infinity, times sqrt(e): the quotient of two polynomials with
# positive coefficients, the least largest relative error over 0 <= a <= 37.7 (Lawson's iteration, 260 nodes).
MILLS_ABOVE = (
    601296.7212074933, 930847.3464242998, 712932.3854644672, 346904.6359586213, 117023.89991369253,
    28265.072489577837, 4887.4087323951935, 585.3838502091893, 44.40336251574853, 1.648721270694535,
)  # fmt: skip
MILLS_BELOW = (
    290992.406563125, 682653.9621696048, 744200.3851925532, 497733.3314425571, 226851.89843725192,
    73889.07886466707, 17496.686448647186, 2991.2952399947176, 356.0532529159136, 26.932000759446037, 1.0,
)  # fmt: skip

LOG2_HIGH, LOG2_LOW = 0.6931471805599453, 2.3190468138462996e-17  # their sum is log(2)
GAUSSIAN_END = 37.6  # exp(-a^2/2) leaves the normal range a little above


def polynomial(coefficients: tuple[float, ...], x: float) -> float:
    """c_0 + c_1 x + .. + c_n x^n for n >= 2: Horner's rule in x^2 with the coefficients c_k + c_{k+1} x."""
    square = x * x
    value = coefficients[-1] if len(coefficients) % 2 else fma(coefficients[-1], x, coefficients[-2])
    for k in range((len(coefficients) - 1) // 2 * 2 - 2, -1, -2):
        value = fma(value, square, fma(coefficients[k + 1], x, coefficients[k]))
    return value


@compiles_to(polynomial, lambda coefficients, x: types.float64, types.BaseTuple, types.float64)
def _polynomial(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """The loop of `polynomial` unrolled, as a vectorised loop must not contain another one."""
    coefficients = [builder.extract_value(arguments[0], k) for k in range(len(signature.args[0]))]
    x = arguments[1]
    square = builder.fmul(x, x)
    value = coefficients.pop() if len(coefficients) % 2 else None
    while coefficients:
        odd, even = coefficients.pop(), coefficients.pop()
        pair = builder.fma(odd, x, even)
        value = pair if value is None else builder.fma(value, square, pair)
    return value


@inlined
def exponential(high: float, low: float) -> float:
    """exp(high + low) for -708 <= high <= 709 and |low| below a few units in the last place of high.

    With high = n log(2) + r, |r| <= log(2)/2, it is 2^n exp(r). Error: 1 unit in the last place.
    """
    shifted = fma(high, 1.0 / math.log(2.0), ROUNDER)
    n = shifted - ROUNDER
    r = fma(-n, LOG2_LOW, fma(-n, LOG2_HIGH, high) + low)
    return times_power_of_two(fma(polynomial(EXP_REST, r), r * r, r) + 1.0, shifted)


@inlined
def gaussian(a: float) -> float:
    """exp(-a^2/2) for a >= 0, and 0 where it is below 10^-306. Error: 1 unit in the last place."""
    b = GAUSSIAN_END if a > GAUSSIAN_END else a
    half = -0.5 * b
    high = half * b
    value = exponential(high, fma(half, b, -high))
    return 0.0 if a > GAUSSIAN_END else value


LANES = 8  # the width of a vector, at most


@inlined
def whole(count: int) -> int:
    """`count` rounded up to whole vectors."""
    return (count + LANES - 1) // LANES * LANES


@inlined
def total(terms: Array, size: int) -> float:
    """The sum of `size` terms, of whole vectors of them, halved again and again: a fixed order. The terms are lost."""
    while size > LANES:
        half = whole(size // 2)
        for i in range(size - half):
            terms[i] += terms[half + i]
        size = half
    even, odd = (terms[0] + terms[4]) + (terms[2] + terms[6]), (terms[1] + terms[5]) + (terms[3] + terms[7])
    return even + odd
