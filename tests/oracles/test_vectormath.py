"""The vector functions against high precision."""

import math

import mpmath
import numpy as np
import pytest
from numba import njit

from oracles.lowlevel import ROUNDER, fma, times_power_of_two
from oracles.vectormath import (
    EXP_REST,
    GAUSSIAN_END,
    MILLS_ABOVE,
    MILLS_BELOW,
    exponential,
    gaussian,
    polynomial,
    total,
)

EXACT = mpmath.mp.clone()
EXACT.dps = 50


def ulps(found, exact):
    """The error of a number in units in the last place."""
    return abs(float((EXACT.mpf(found) - exact) / EXACT.mpf(math.ulp(float(exact)))))


def horner(coefficients, x):
    return sum(EXACT.mpf(c) * EXACT.mpf(x) ** k for k, c in enumerate(coefficients))


def test_the_coefficients_of_exp():
    """As rounded to doubles, the polynomial is closer to exp than a tenth of a rounding."""
    for r in np.linspace(-0.3467, 0.3467, 201):
        value = 1 + EXACT.mpf(r) + EXACT.mpf(r) ** 2 * horner(EXP_REST, r)
        assert abs(value / EXACT.exp(r) - 1) < 2.2e-17


def test_the_coefficients_of_mills_ratio():
    """As rounded to doubles, the quotient errs by less than a rounding, 1.1e-16."""
    for a in np.concatenate([np.linspace(0, 4, 201), np.linspace(4, GAUSSIAN_END, 201)]):
        exact = EXACT.exp(0.5 + EXACT.mpf(a) ** 2 / 2) * EXACT.sqrt(EXACT.pi / 2) * EXACT.erfc(a / EXACT.sqrt(2))
        assert abs(horner(MILLS_ABOVE, a) / horner(MILLS_BELOW, a) / exact - 1) < 8e-17


def test_exp(rng):
    for high in np.concatenate([rng.uniform(-708, 709, 400), rng.uniform(-1, 1, 400), [-708.0, 0.0, 709.0]]):
        low = high * rng.uniform(-1e-16, 1e-16)
        assert ulps(exponential(high, low), EXACT.exp(EXACT.mpf(high) + EXACT.mpf(low))) < 1.15


def test_gaussian(rng):
    assert gaussian(0.0) == 1.0 and gaussian(GAUSSIAN_END + 1e-9) == gaussian(1e300) == 0.0
    assert math.isnan(gaussian(math.nan))
    for a in np.concatenate([rng.uniform(0, GAUSSIAN_END, 400), rng.uniform(0, 2, 400), [5e-324]]):
        assert ulps(gaussian(a), EXACT.exp(-(EXACT.mpf(a) ** 2) / 2)) < 1.15


@pytest.mark.parametrize("count", range(3, 9))
def test_a_polynomial_is_the_same_uncompiled(rng, count):
    coefficients = tuple(rng.standard_normal(count))
    compiled = njit(lambda x: polynomial(coefficients, x))
    for x in rng.uniform(-2, 2, 20):
        assert compiled(x) == polynomial(coefficients, x) == pytest.approx(float(horner(coefficients, x)), abs=1e-13)


def test_low_level_arithmetic_is_the_same_uncompiled(rng):
    @njit
    def compiled(a, b, c):
        return fma(a, b, c)

    @njit
    def scaled(value, shifted):
        return times_power_of_two(value, shifted)

    for a, b in rng.standard_normal((200, 2)):
        c = -a * b * rng.choice([1.0, 1 + 1e-15, 0.3])
        exact = EXACT.mpf(a) * EXACT.mpf(b) + EXACT.mpf(c)
        assert compiled(a, b, c) == fma(a, b, c) == float(exact)
        n = rng.integers(-1000, 1000)
        assert scaled(1.0 + abs(a), n + ROUNDER) == times_power_of_two(1.0 + abs(a), n + ROUNDER)
        assert scaled(1.5, n + ROUNDER) == math.ldexp(1.5, int(n))
    for a, b, c in ((1e200, 1e200, -1.0), (2.0, 3.0, -math.inf), (1.5e154, 1.5e154, -1e308), (1e-320, 0.5, 0.0)):
        assert compiled(a, b, c) == fma(a, b, c)
    assert fma(1.5e154, 1.5e154, -1e308) == pytest.approx(1.25e308) and math.isnan(fma(math.nan, 1.0, 1.0))


@pytest.mark.parametrize("size", [8, 16, 24, 120, 256])
def test_the_order_of_a_sum_is_fixed_and_good(rng, size):
    terms = rng.standard_normal(size)
    assert total(terms.copy(), size) == total.py_func(terms.copy(), size)
    assert total(terms.copy(), size) == pytest.approx(math.fsum(terms), abs=1e-15 * size)
