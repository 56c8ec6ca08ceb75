"""Chain II and its potential: 50 digits, the zero chain, both calibrations."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy.optimize import least_squares

from hardinstances import chain_two
from hardinstances.chain_two import chain_two_band
from hardinstances.upsilon import largest_derivative, upsilon, upsilon_curvature
from oracles import InputError
from oracles.reductions import matrix_of


def exact_upsilon(t, radius):
    """Upsilon_r in closed form; logarithm and arcus tangens from their definitions."""

    def primitive(u):
        return radius**2 * (u**2 / 2 - u - radius**2 / 2 * mpmath.log(1 + (u / radius) ** 2)) + radius**3 * mpmath.atan(
            u / radius
        )

    return 120 * (primitive(t) - primitive(mpmath.mpf(1)))


@pytest.mark.parametrize("radius", [1.0, 1.3, 5.0, 100.0, 1e4, 1e7])
def test_the_potential_does_not_cancel(radius):
    """Relative errors below 1e-14 of the fall from 0, near 0, near the seam of the series, far out."""
    for t in (1e-8, -1e-3, 0.3, 0.4999 * radius, 0.5001 * radius, -0.5 * radius, 1.0, 2.5, -40.0, 1e6):
        with mpmath.workdps(80):
            at, r = mpmath.mpf(float(t)), mpmath.mpf(radius)
            exact = exact_upsilon(at, r) - exact_upsilon(mpmath.mpf(0), r)
            assert abs(upsilon(t, radius)[0] / exact - 1) < 1e-14
            bend = mpmath.diff(lambda u, r=r: 120 * u**2 * (u - 1) / (1 + (u / r) ** 2), at)
            assert upsilon_curvature(t, radius) == pytest.approx(float(bend), rel=1e-12, abs=1e-12)


def test_facts_of_the_potential():
    """Least and greatest derivatives as tabulated; slope below -1 on [0.1, 0.9]."""
    for radius, second, third, fourth in ((1, 180, 314.067, 957.078), (2, 612.504, 459.500, None)):
        assert largest_derivative(2, radius) == pytest.approx(second, abs=1e-3)
        assert largest_derivative(3, radius) == pytest.approx(third, abs=1e-3)
        assert fourth is None or largest_derivative(4, radius) == pytest.approx(fourth, abs=1e-3)
    assert largest_derivative(2, 10.0) == pytest.approx(13780.139, abs=1e-3)
    assert largest_derivative(3, 10.0) == pytest.approx(1828.669, abs=1e-3)
    for radius in (1.0, 2.0, 10.0, 300.0):
        grid = np.linspace(-4 * radius - 3, 4 * radius + 3, 20001)
        bends = np.array([upsilon_curvature(t, radius) for t in grid])
        assert 0.99 * largest_derivative(2, radius) <= bends.max() <= largest_derivative(2, radius) * (1 + 1e-12)
        assert largest_derivative(2, radius) <= 180 * radius**2 * (1 + 1e-12) and bends.min() >= -40
        rises = np.abs(np.diff(bends) / np.diff(grid))
        assert 0.98 * largest_derivative(3, radius) <= rises.max() <= largest_derivative(3, radius) * (1 + 1e-9)
        assert max(upsilon(t, radius)[1] for t in np.linspace(0.1, 0.9, 200)) < -1


def formula(weight, radius):
    def total(x):
        mu, r = mpmath.mpf(weight), mpmath.mpf(radius)
        springs = sum((b - a) ** 2 for a, b in itertools.pairwise(x)) / 2
        potential = mu * sum(exact_upsilon(t, r) for t in x[:-1])
        return mpmath.sqrt(mu) / 2 * (x[0] - 1) ** 2 + springs + potential

    return total


@pytest.mark.parametrize(("weight", "radius"), [(1.0, 1.0), (0.03, 7.0), (1e-4, 100.0)])
def test_it_agrees_with_its_definition(weight, radius, ask, in_50_digits, hessian_in_50_digits, rng):
    chain = chain_two(length=5, weight=weight, radius=radius)
    for _ in range(5):
        x = rng.uniform(-1.5, 2, 6)
        value, gradient = ask(chain, x)
        exact, slopes = in_50_digits(formula(weight, radius), x)
        assert value == pytest.approx(exact, rel=1e-13)
        assert gradient == pytest.approx(slopes, rel=1e-12, abs=1e-14)
        hessian = hessian_in_50_digits(formula(weight, radius), x)
        assert matrix_of(chain.function.band(x)) == pytest.approx(hessian, rel=1e-12, abs=1e-14)


def test_one_coordinate_opens_per_query_with_exact_zeros(ask, rng):
    chain = chain_two(length=8, weight=0.1)
    for reached in range(9):
        x = np.zeros(9)
        x[:reached] = rng.uniform(-2, 2, reached)
        gradient = ask(chain, x)[1]
        assert (gradient[reached + 1 :] == 0).all()
        if reached < 8:
            assert np.linalg.norm(gradient) >= chain.claims.value("floor"), "x_T = x_{T+1} = 0"


@pytest.mark.parametrize(("weight", "least"), [(1.0, 0.958), (0.1, 1.481), (0.01, 1.586)])
def test_the_floor(weight, least, ask, rng):
    """Least values of the gradient norm over mu^(3/4) while x_T = x_{T+1} = 0, by Gauss-Newton from random fronts."""
    span = 1 / math.sqrt(weight)
    length = int(4 * span) + 12
    chain = chain_two(length=length, weight=weight)
    at, (diagonal, beside) = np.arange(length - 1), np.empty((2, length + 1))

    def jacobian(y):
        chain_two_band(np.r_[y, 0.0, 0.0], diagonal, beside, length + 1, chain.function.parameters)
        return (np.diag(diagonal) + np.diag(beside[:-1], 1) + np.diag(beside[:-1], -1))[:, :-2]

    lowest = math.inf
    for _ in range(30):
        center, width, height = rng.uniform(0, length), rng.uniform(0.3, 3) * span, rng.uniform(0.5, 1.3)
        front = height / (1 + np.exp(4 * (at - center) / width)) + 0.1 * rng.normal() * np.exp((at - length) / width)
        found = least_squares(lambda y: ask(chain, np.r_[y, 0.0, 0.0])[1], front, jacobian, method="lm", max_nfev=150)
        lowest = min(lowest, math.sqrt(2 * found.cost))
    assert lowest / weight**0.75 == pytest.approx(least, abs=6e-3)
    assert lowest > max(claim.value for claim in chain.claims.on("floor"))


@pytest.mark.parametrize("constants", ["tight", "published"])
@pytest.mark.parametrize(("calibration", "exponent"), [("hessian", 12 / 7), ("every order", 8 / 5)])
def test_the_calibrations(calibration, exponent, constants):
    lengths = []
    for target in (1e-5, 1e-6, 1e-7):
        gap = 2e6 * target**exponent
        numbers = {"smoothness": 2.0, "hessian_smoothness": 3.0, "target": target, "gap": gap}
        chain = chain_two(**numbers, calibration=calibration, constants=constants)
        claims = chain.claims
        assert claims.value("smoothness") == pytest.approx(2.0, rel=1e-9)
        assert claims.value("hessian_smoothness") == pytest.approx(3.0, rel=1e-8)
        assert claims.value("hessian_smoothness") <= 3.0 * (1 + 1e-9)
        assert target < claims.value("floor") == pytest.approx(target, rel=1e-8)
        longer = chain_two(**{**numbers, "gap": None}, calibration=calibration, length=chain.dimension)
        assert claims.value("gap") <= gap
        assert constants == "published" or longer.claims.value("gap") > gap
        assert {bound.exponent for bound in chain.bounds} == {exponent}
        assert chain.bounds[0].value({"target": target}) == chain.dimension
        lengths.append((chain.dimension - 1) / gap)
    assert math.log10(lengths[2] / lengths[1]) == pytest.approx(exponent, abs=0.01)


def test_every_order_stays_bounded_as_the_target_falls():
    def third(target):
        chain = chain_two(smoothness=1.0, hessian_smoothness=1.0, target=target, length=3, calibration="every order")
        return chain.claims.value("third_order_smoothness")

    assert third(1e-9) < 1.2 * third(1e-5) < 5


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({}, "chain_two needs length, or smoothness, hessian_smoothness and target with gap or length"),
        ({"length": 3, "weight": 2.0}, "0 < weight <= 1 <= radius"),
        ({"length": 3, "radius": 0.5}, "0 < weight <= 1 <= radius"),
        ({"length": 3, "smoothness": 1.0}, "to scale chain_two give smoothness, hessian_smoothness and target"),
        ({"length": 3, "calibration": "third"}, "calibration 'hessian' or 'every order'"),
        (
            {"length": 3, "smoothness": 1.0, "hessian_smoothness": 1.0, "target": 0.1, "weight": 0.5},
            "give neither",
        ),
        ({"gap": 1e-9, "smoothness": 1.0, "hessian_smoothness": 1.0, "target": 0.1}, "too small for one link"),
        (
            {"length": 1, "smoothness": 1.0, "hessian_smoothness": 1e-40, "target": 0.1},
            "cannot have hessian_smoothness",
        ),
    ],
)
def test_bad_numbers_get_one_line(numbers, words):
    with pytest.raises(InputError) as caught:
        chain_two(**numbers)
    assert words in str(caught.value) and "\n" not in str(caught.value)
