"""The nested chain: its definition, the facts that carry the bound, the calibration, and who separates from whom."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy.optimize import least_squares

from algorithms import gradient_descent
from experiments import run
from hardinstances import nested_chain
from hardinstances.nested_chain import nested_chain_band, outer_weight
from oracles import InputError
from oracles.reductions import matrix_of


def formula(bridge):
    """F from its definition, Upsilon_1 by its elementary integral."""

    def upsilon(t):
        def primitive(u):
            return u**2 / 2 - u - mpmath.log(1 + u**2) / 2 + mpmath.atan(u)

        return 120 * (primitive(t) - primitive(mpmath.mpf(1)))

    def total(x):
        m = mpmath.mpf(bridge)
        theta, nu = 1 / mpmath.sqrt(m), 1 / (m * (3 * m - 1))
        outer = x[:: bridge + 1]
        value = nu / 2 * (1 - outer[0]) ** 2 + nu * sum(map(upsilon, outer[:-1]))
        for i, (u, v) in enumerate(itertools.pairwise(outer)):
            z = x[i * (bridge + 1) + 1 : (i + 1) * (bridge + 1)]
            inside = sum((b - a) ** 2 for a, b in itertools.pairwise(z))
            value += ((z[0] - theta * u) ** 2 / m + inside + (z[-1] - theta * v) ** 2 / m) / 2
        return value

    return total


@pytest.mark.parametrize("bridge", [1, 2, 5])
def test_it_agrees_with_its_definition(bridge, ask, in_50_digits, hessian_in_50_digits, rng):
    chain = nested_chain(length=3, bridge=bridge)
    for _ in range(4):
        x = rng.uniform(-1, 1.5, chain.dimension)
        value, gradient = ask(chain, x)
        exact, slopes = in_50_digits(formula(bridge), x)
        assert value == pytest.approx(exact, rel=1e-13)
        assert gradient == pytest.approx(slopes, rel=1e-12, abs=1e-14)
    hessian = hessian_in_50_digits(formula(bridge), x)
    assert matrix_of(chain.function.band(x)) == pytest.approx(hessian, rel=1e-12, abs=1e-14)


def test_one_entry_opens_per_query_with_exact_zeros(ask, rng):
    chain = nested_chain(length=3, bridge=4)
    for reached in range(chain.dimension):
        x = np.zeros(chain.dimension)
        x[:reached] = rng.uniform(-1, 2, reached)
        assert (ask(chain, x)[1][reached + 1 :] == 0).all()
        assert chain.progress(x[None])[0] == reached


def hessian(chain, x):
    diagonal, beside = np.empty(chain.dimension), np.empty(chain.dimension - 1)
    nested_chain_band(x, diagonal, beside, chain.dimension, chain.function.parameters)
    return np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)


@pytest.mark.parametrize("bridge", [1, 2, 3, 8])
def test_the_bridges_are_springs_of_stiffness_nu(bridge):
    """Eliminating the bridges leaves nu times the path of chain II: the reduction. And |dz*/dy| <= 1: the transfer."""
    length, chain = 4, nested_chain(length=4, bridge=bridge)
    matrix = hessian(chain, np.zeros(chain.dimension))  # Upsilon''(0) = 0
    outer = np.arange(chain.dimension) % (bridge + 1) == 0
    moved = -np.linalg.solve(matrix[np.ix_(~outer, ~outer)], matrix[np.ix_(~outer, outer)])
    reduced = matrix[np.ix_(outer, outer)] + matrix[np.ix_(outer, ~outer)] @ moved
    path = 2 * np.eye(length + 1) - np.eye(length + 1, k=1) - np.eye(length + 1, k=-1)
    path[-1, -1] = 1
    assert reduced == pytest.approx(outer_weight(bridge) * path, abs=1e-12)
    assert np.linalg.norm(moved, 2) <= 1 + 1e-12
    assert np.linalg.eigvalsh(matrix).max() <= 4


def test_the_gap_is_exact(ask):
    """F(0) is the claim, and F = 0 where y = 1 and the bridges are straight."""
    chain = nested_chain(length=3, bridge=4)
    x = np.full(chain.dimension, 0.5)
    x[::5] = 1.0
    assert ask(chain, np.zeros(chain.dimension))[0] == pytest.approx(chain.claims.value("gap"), rel=1e-14)
    assert ask(chain, x)[0] == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(("length", "bridge", "least"), [(3, 3, 0.798), (6, 2, 0.7646), (6, 4, 0.7625)])
def test_the_floor(length, bridge, least, ask, rng):
    """The least gradient norm over nu while y_T = y_{T+1} = 0, by Gauss-Newton from random fronts of outer entries."""
    chain, nu = nested_chain(length=length, bridge=bridge), outer_weight(bridge)
    free = np.delete(np.arange(chain.dimension), [(length - 1) * (bridge + 1), length * (bridge + 1)])

    def point(y):
        x = np.zeros(chain.dimension)
        x[free] = y
        return x

    lowest = math.inf
    for _ in range(25):
        outer = np.r_[np.sort(rng.uniform(-0.3, 1.4, length - 1))[::-1], 0.0, 0.0]
        x = np.interp(np.arange(chain.dimension), np.arange(length + 1) * (bridge + 1), outer)
        x[np.arange(chain.dimension) % (bridge + 1) > 0] /= math.sqrt(bridge)
        found = least_squares(
            lambda y: ask(chain, point(y))[1] / nu,
            x[free],
            lambda y: hessian(chain, point(y))[:, free] / nu,
            method="lm",
            max_nfev=400,
        )
        lowest = min(lowest, math.sqrt(2 * found.cost))
    assert lowest == pytest.approx(least, abs=3e-3)
    assert lowest * nu > max(claim.value for claim in chain.claims.on("floor"))


def test_the_calibration_that_was_tabulated():
    """L_1 = L_2 = D = 1, epsilon = 6e-5: m = 9, T = 1059, and 10581 queries that cannot succeed."""
    chain = nested_chain(smoothness=1.0, hessian_smoothness=1.0, gap=1.0, target=6e-5)
    claims = chain.claims
    assert chain.function.parameters[0] == 9 and claims.value("length") == 1059
    assert chain.bounds[0].value({"target": 6e-5}) == 10582
    assert claims.value("smoothness") == pytest.approx(1, rel=1e-12)
    assert claims.value("hessian_smoothness") <= 1 and claims.value("gap") <= 1
    assert 6e-5 < claims.value("floor") == pytest.approx(6e-5, rel=1e-8)


@pytest.mark.parametrize(("higher", "exponent"), [("hessian_smoothness", 7 / 4), ("third_order_smoothness", 5 / 3)])
def test_the_exponents(higher, exponent):
    """Rounds per gap against the target, at 100 times smaller targets; the bridge is the least that fits."""
    counts = []
    for target in (1e-10, 1e-12):
        numbers = {"smoothness": 1.0, higher: 1.0, "target": target}
        gap = 3e9 * target**exponent
        chain = nested_chain(**numbers, gap=gap)
        assert chain.claims.value(higher) <= 1 + 1e-9
        weight = outer_weight(int(chain.function.parameters[0]) - 1)
        steepness = weight / (4 + 180 * weight)  # one entry less in each bridge, and the claim fails
        width = 4 * math.sqrt(2) * target / steepness
        constant, power = {"hessian_smoothness": (314.067, 1), "third_order_smoothness": (957.078, 2)}[higher]
        assert steepness * constant / width**power > 1
        assert chain.bounds[0].exponent == exponent
        counts.append(chain.bounds[0].value({"target": target}) / gap)
    assert math.log10(counts[1] / counts[0]) / 2 == pytest.approx(exponent, abs=0.01)


def test_gradient_descent_crawls_across_the_bridges():
    """5 to 9 times T m^2 queries with the safe step, against the (T - 1)(m + 1) + 2 that every first-order method
    needs.
    """
    counts = []
    for bridge in (16, 32):
        chain = nested_chain(length=12, bridge=bridge)
        outcome = run(gradient_descent, chain, target=chain.target, max_queries=200_000)
        counts.append(outcome.hits[0].query)
        assert 5 <= counts[-1] / (12 * bridge**2) <= 9
    assert math.log2(counts[1] / counts[0]) == pytest.approx(2, abs=0.06)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({}, "nested_chain needs length, or smoothness and target"),
        ({"length": 3, "bridge": 0}, "bridge of nested_chain must be positive"),
        ({"length": 3, "radius": 0.5}, "radius of nested_chain must be at least 1"),
        ({"length": 3, "hessian_smoothness": 1.0}, "to scale nested_chain give smoothness and target"),
        ({"length": 3, "smoothness": 1.0, "target": 0.1, "bridge": 3}, "chooses bridge"),
        ({"smoothness": 1.0, "target": 0.1, "gap": 0.1}, "gap=0.1 is too small for one link"),
    ],
)
def test_bad_numbers_get_one_line(numbers, words):
    with pytest.raises(InputError) as caught:
        nested_chain(**numbers)
    assert words in str(caught.value) and "\n" not in str(caught.value)
