"""The chain of quadratic pieces: its formula, its class, and the least gradient norm over the pieces."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy.optimize import lsq_linear

from hardinstances import sharp_chain
from oracles import InputError
from oracles.reductions import matrix_of


def formula(x):
    """F_T from its definition, W by two integrations of W''."""

    def well(t):
        if t < 0:
            return mpmath.mpf("0.16") * t**2 / 2
        flat, beyond = min(t, mpmath.mpf(1)), max(t - 1, mpmath.mpf(0))
        return -mpmath.mpf("0.24") * (flat**2 / 2 + beyond) + mpmath.mpf("0.16") * beyond**2 / 2

    padded = [mpmath.mpf("2.5"), *x, mpmath.mpf(0)]
    bonds = sum((b - a) ** 2 for a, b in itertools.pairwise(padded))
    return sum(map(well, x)) + mpmath.mpf("0.21") / 2 * bonds


def test_it_agrees_with_its_definition(ask, in_50_digits, hessian_in_50_digits, rng):
    chain = sharp_chain(length=7)
    for _ in range(30):
        x = rng.uniform(-1.5, 3, 7)
        value, gradient = ask(chain, x)
        exact, slopes = in_50_digits(formula, x)
        assert value == pytest.approx(exact, rel=1e-14, abs=1e-14)
        assert gradient == pytest.approx(slopes, rel=1e-13, abs=1e-14)
        hessian = hessian_in_50_digits(formula, x)
        assert matrix_of(chain.function.band(x)) == pytest.approx(hessian, rel=1e-13, abs=1e-15)


def test_one_coordinate_opens_per_query_with_exact_zeros(ask, rng):
    chain = sharp_chain(length=9)
    for reached in range(9):
        x = np.zeros(9)
        x[:reached] = rng.uniform(-2, 3, reached)
        assert (ask(chain, x)[1][reached + 1 :] == 0).all()
        assert chain.progress(x[None])[0] == reached


def test_gap_and_smoothness_are_exact(ask):
    """F(0) = a x*^2/2, W(x*) = -0.3, and curvature 4a + h is approached by an alternating direction."""
    chain = sharp_chain(length=40)
    assert ask(chain, np.zeros(40))[0] == pytest.approx(0.65625, rel=1e-14)
    plateau = ask(chain, np.full(40, 2.5))[0]
    assert plateau == pytest.approx(-0.3 * 40 + 0.21 / 2 * 2.5**2, rel=1e-13)
    assert 0 <= chain.claims.value("gap") - (0.65625 - plateau) <= 0.21 / 2 * 2.5**2 + 1e-12
    assert chain.claims.value("smoothness") == pytest.approx(1.0, rel=1e-15)
    wave = 0.01 * (-1.0) ** np.arange(40)
    change = ask(chain, -1.0 + wave)[1] - ask(chain, -1.0 - wave)[1]
    assert 0.99 <= np.linalg.norm(change) / np.linalg.norm(2 * wave) <= 1.0


def least_over_pieces(length):
    """The least gradient norm while x_T = 0 over points with p coordinates above 1, then q in [0, 1], the rest
    negative: on each piece a convex quadratic with bounds.
    """
    best = math.inf
    for p in range(length):
        for q in range(min(length - p, 3)):
            rest = length - p - q
            slopes = np.r_[np.full(p, 0.16), np.full(q, -0.24), np.full(rest, 0.16)]
            matrix = np.diag(slopes + 0.42) - 0.21 * (np.eye(length, k=1) + np.eye(length, k=-1))
            constants = np.r_[np.full(p, -0.4), np.zeros(length - p)]
            constants[0] -= 0.21 * 2.5
            low = np.r_[np.ones(p), np.zeros(q), np.full(rest, -np.inf)][:-1]
            high = np.r_[np.full(p, np.inf), np.ones(q), np.zeros(rest)][:-1]
            if length > 1:
                found = lsq_linear(matrix[:, :-1], -constants, bounds=(low, high), method="bvls", tol=1e-14)
                best = min(best, math.sqrt(2 * found.cost))
            else:
                best = min(best, float(np.linalg.norm(constants)))
    return best


@pytest.mark.parametrize(
    ("length", "squared"), [(2, 0.0991670), (3, 0.0783852), (4, 0.0674486), (6, 0.0640448), (8, 0.0630887)]
)
def test_the_least_gradient_on_short_chains(length, squared):
    """Five minima of another search; that for T = 8 (0.0630905) is undercut here by 2e-6."""
    assert least_over_pieces(length) ** 2 == pytest.approx(squared, abs=1e-7)


def test_the_floor_is_met_as_the_chain_grows():
    """The least squared norm falls to 9/145 = 0.06206897, and the claim is that rounded down."""
    floor = sharp_chain(length=3).claims.value("floor")
    norms = [least_over_pieces(length) for length in (12, 16, 20, 30)]
    assert all(a > b for a, b in itertools.pairwise(norms))
    assert norms[-1] ** 2 == pytest.approx(9 / 145, abs=1e-10)
    assert 0 < norms[-1] - floor < 1e-5


def test_random_points_stay_above_the_floor(ask, rng):
    chain = sharp_chain(length=10)
    for _ in range(3000):
        x = np.r_[np.sort(rng.uniform(-0.5, 3, 9))[::-1] + rng.normal(0, 0.1, 9), 0.0]
        assert np.linalg.norm(ask(chain, x)[1]) > chain.claims.value("floor")


def test_the_scaled_chain_is_in_its_class():
    smoothness, gap, target = 3.0, 5.0, 0.11
    chain = sharp_chain(smoothness=smoothness, gap=gap, target=target)
    claims = chain.claims
    assert claims.value("smoothness") == pytest.approx(smoothness, rel=1e-12)
    assert target < claims.value("floor") == pytest.approx(target, rel=1e-8)
    assert claims.value("gap") <= gap
    assert chain.dimension == math.floor((smoothness * gap * 0.24913**2 / target**2 - 0.65625) / 0.3)
    longer = sharp_chain(smoothness=smoothness, target=target, length=chain.dimension + 1)
    assert longer.claims.value("gap") > gap
    assert [bound.tag for bound in chain.bounds] == ["measured", "proved"]
    assert chain.bounds[1].value({"target": 0.986 * target}) == chain.dimension + 1
    assert chain.bounds[1].value({"target": target}) is None
    assert chain.bounds[0].value({"target": target}) == chain.dimension + 1
    assert chain.bounds[0].value({"target": 1.01 * target}) is None


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({}, "sharp_chain needs length, or smoothness and target"),
        ({"length": 3, "coupling": 0.3}, "coupling in (0, 1/4)"),
        ({"length": 3, "smoothness": 1.0}, "to scale sharp_chain give smoothness and target"),
        ({"smoothness": 1.0, "target": 1.0, "gap": 1.0}, "gap=1 is too small for one link"),
        ({"smoothness": 1.0, "target": 0.1, "gap": 1.0, "ascent": 0.2}, "no claim on floor"),
    ],
)
def test_bad_numbers_get_one_line(numbers, words):
    with pytest.raises(InputError) as caught:
        sharp_chain(**numbers)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_other_numbers_have_no_floor_and_no_bound():
    chain = sharp_chain(length=3, coupling=0.2, ascent=0.2)
    assert chain.bounds == () and chain.target is None and chain.claims.value("smoothness") == pytest.approx(1.0)
