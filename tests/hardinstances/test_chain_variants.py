"""Chain I for higher orders of smoothness, and with a global minimiser at a known distance."""

import itertools
import math

import mpmath
import numpy as np
import pytest

from hardinstances import carmon_chain, carmon_chain_distance, carmon_chain_order
from hardinstances.carmon_chain_order import HIGHER
from oracles import InputError


def psi(t):
    return mpmath.exp(1 - 1 / (2 * t - 1) ** 2) if t > 0.5 else mpmath.mpf(0)


def phi(t):
    return mpmath.sqrt(mpmath.e * mpmath.pi / 2) * mpmath.erfc(-t / mpmath.sqrt(2))


def chain_formula(x, first_link):
    links = sum(psi(-a) * phi(-b) - psi(a) * phi(b) for a, b in itertools.pairwise(x))
    return links - first_link * phi(x[0])


@pytest.mark.parametrize("order", [2, 3])
def test_the_higher_derivatives_of_one_link(order):
    """sup |Psi^(p+1)| sup Phi, at the places where the search found them, from 30 digits; the claims round it up."""
    place = {2: 0.7016, 3: 0.7437}[order]
    with mpmath.workdps(30):
        around = [mpmath.mpf(place) + k * mpmath.mpf("1e-5") for k in range(-60, 61)]
        largest = max(abs(mpmath.diff(psi, t, order + 1)) for t in around) * mpmath.sqrt(2 * mpmath.pi * mpmath.e)
    assert 0 <= HIGHER[order][1] - float(largest) < 0.1


def test_the_higher_derivatives_are_not_exceeded(rng):
    """Derivatives along random directions at random points of a chain of three links, from 30 digits."""
    with mpmath.workdps(30):
        for _ in range(40):
            x = [mpmath.mpf(float(t)) for t in rng.uniform(0.5, 1.1, 3) * rng.choice([-1, 1], 3)]
            v = rng.standard_normal(3) * np.array([1.0, 1.0, 0.3])
            v /= np.linalg.norm(v)

            def along(s, x=x, v=v):
                return chain_formula([a + s * float(b) for a, b in zip(x, v, strict=True)], mpmath.e)

            for order, (_, claim) in HIGHER.items():
                assert abs(mpmath.diff(along, 0, order + 1)) <= claim


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_scale_of_each_order(order):
    quantity = {1: "smoothness", 2: "hessian_smoothness", 3: "third_order_smoothness"}[order]
    lengths = []
    for target in (1e-3, 1e-4):
        gap = 3e4 * target ** ((order + 1) / order)
        chain = carmon_chain_order(order=order, order_smoothness=2.0, gap=gap, target=target)
        assert chain.claims.value(quantity) == pytest.approx(2.0, rel=1e-12)
        assert target < chain.claims.value("floor") == pytest.approx(target, rel=1e-8)
        assert chain.claims.value("gap") <= gap
        longer = carmon_chain_order(order=order, order_smoothness=2.0, target=target, length=chain.dimension + 1)
        assert longer.claims.value("gap") > gap
        assert chain.bounds[0].exponent == (order + 1) / order
        lengths.append(chain.dimension / gap)
    assert math.log10(lengths[1] / lengths[0]) == pytest.approx((order + 1) / order, abs=0.01)


def test_order_one_is_the_chain():
    numbers = {"gap": 5.0, "target": 0.1}
    one = carmon_chain_order(order=1, order_smoothness=2.0, **numbers)
    chain = carmon_chain(smoothness=2.0, **numbers)
    assert one.dimension == chain.dimension
    assert one.function.parameters == pytest.approx(chain.function.parameters, rel=1e-14)


def test_the_bump_agrees_with_its_definition(ask, in_50_digits, rng):
    """Values and gradients where the bump is felt, and the exact zeros of the chain where it is not."""
    chain = carmon_chain_distance(length=3, distance=20.0)
    depth = mpmath.mpf(chain.function.parameters[4])

    def formula(x):
        square = sum((t / 20 - (mpmath.mpf(4) / 5 if i == 2 else 0)) ** 2 for i, t in enumerate(x))
        return chain_formula(x, mpmath.e) - depth * psi(1 - square * 25 / 2)

    felt = 0
    for _ in range(20):
        x = np.array([0.0, 0.0, 16.0]) + rng.uniform(-2.4, 2.4, 3)
        value, gradient = ask(chain, x)
        exact, slopes = in_50_digits(formula, x)
        felt += np.linalg.norm(x - [0, 0, 16]) < 4
        assert value == pytest.approx(exact, rel=1e-13)
        assert gradient == pytest.approx(slopes, rel=1e-12, abs=1e-13)
    assert felt >= 15
    x = np.array([3.0, 0.2, 0.0])
    assert (ask(chain, x)[1][2:] == 0).all()


def test_the_global_minimiser_is_within_the_distance(ask):
    """At the middle of the bump f is below everything that the chain reaches anywhere."""
    chain = carmon_chain_distance(distance=150.0, smoothness=1.0, target=0.05)
    middle = np.zeros(chain.dimension)
    middle[-1] = 0.8 * 150
    start, low = ask(chain, chain.start)[0], ask(chain, middle)[0]
    alone = chain.claims.value("gap") / 2.1
    assert start - low > alone and start - low <= chain.claims.value("gap")


def test_the_distance_sets_the_length():
    """T of the order of D^2 L^2 / epsilon^2; the smoothness is used up."""
    chain = carmon_chain_distance(distance=150.0, smoothness=1.0, target=0.05)
    assert 0.99 <= chain.claims.value("smoothness") <= 1
    assert 0.05 < chain.claims.value("floor") == pytest.approx(0.05, rel=1e-8)
    further = carmon_chain_distance(distance=300.0, smoothness=1.0, target=0.05)
    assert further.dimension / chain.dimension == pytest.approx(4, rel=0.05)


def test_the_curvature_of_the_bump_is_as_claimed(ask):
    """On a line through its middle, at a distance of 1000 widths, where a chain of one link is flat."""
    chain = carmon_chain_distance(length=1, distance=1000.0)
    depth, h = chain.function.parameters[4], 1e-3
    slopes = [ask(chain, [800 + 1000 * s])[1][0] for s in np.arange(-0.2, 0.2, h)]
    bends = np.diff(slopes) / (1000 * h)
    assert 0.99 * 362.73 <= np.abs(bends).max() / (depth / 1000**2) <= 362.73 * (1 + 1e-4)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: carmon_chain_order(length=3, order=4), "order of carmon_chain_order must be 1, 2 or 3"),
        (lambda: carmon_chain_order(length=3, first_link=3.0), "at most e"),
        (lambda: carmon_chain_order(length=3, gap=1.0), "give order_smoothness and target"),
        (lambda: carmon_chain_distance(distance=1.0, length=3, target=1.0), "needs distance with length"),
        (lambda: carmon_chain_distance(distance=0.5, length=3), "the bump would be felt from the start"),
        (lambda: carmon_chain_distance(distance=1.0, smoothness=1.0, target=1.0), "distance=1 is too small"),
        (lambda: carmon_chain_distance(distance=-1.0, length=3), "distance of carmon_chain_distance must be positive"),
    ],
)
def test_bad_numbers_get_one_line(build, words):
    with pytest.raises(InputError) as caught:
        build()
    assert words in str(caught.value) and "\n" not in str(caught.value)
