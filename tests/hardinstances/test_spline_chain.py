"""Chains of spline links: their formula, their dead zone, and short searches for what is measured of them."""

import itertools

import mpmath
import numpy as np
import pytest

from hardinstances import spline_chain
from hardinstances.spline_links import LINKS
from oracles import InputError
from oracles.reductions import matrix_of

NAMES = sorted(LINKS)


def formula(link):
    """F_T from the definition: splines by truncated powers, indices cut off at both ends, upsilon by the integral of
    (x - s) upsilon''(s).
    """
    cells, step = link.left + link.right, mpmath.mpf(1) / link.right
    unit = mpmath.mpf(10) ** round(np.log10(link.unit))
    table = [[int(entry) * unit for entry in row] for row in link.coefficients.reshape(cells, cells)]
    curvature = [int(entry) * unit for entry in link.curvature]

    def spline(t):
        return sum(sign * max(t - j, 0) ** 2 for j, sign in enumerate((1, -3, 3, -1))) / 2

    def weights(x):
        t, found = x / step + link.left, [mpmath.mpf(0)] * cells
        middle = int(mpmath.floor(t))
        for raw in range(middle - 1, middle + 5):
            found[min(max(raw - 1, 0), cells - 1)] += spline(t - raw + 2)
        return found

    def upsilon(x):
        edges = [-mpmath.inf, *[(k - link.left) * step for k in range(cells + 1)], mpmath.inf]
        total = mpmath.mpf(0)
        for low, high, bend in zip(edges, edges[1:], curvature, strict=False):
            a, b = max(low, min(x, 0)), min(high, max(x, 0))
            if a < b:
                total += bend * abs((x - a) ** 2 - (x - b) ** 2) / 2
        return total

    def total(x):
        padded = [weights(mpmath.mpf(1)), *map(weights, x), weights(mpmath.mpf(0))]
        links = sum(
            a * table[k][j] * b
            for before, after in itertools.pairwise(padded)
            for k, a in enumerate(before)
            for j, b in enumerate(after)
            if a and b
        )
        return links + sum(map(upsilon, x))

    return total


@pytest.mark.parametrize("name", NAMES)
def test_it_agrees_with_its_definition(name, ask, in_50_digits, hessian_in_50_digits, rng):
    chain = spline_chain(length=4, link=name)
    for _ in range(8):
        x = rng.uniform(-1.2, 1.5, 4)
        value, gradient = ask(chain, x)
        exact, slopes = in_50_digits(formula(LINKS[name]), x)
        assert value == pytest.approx(exact, rel=1e-13, abs=1e-14)
        assert gradient == pytest.approx(slopes, rel=1e-12, abs=1e-13)
    hessian = hessian_in_50_digits(formula(LINKS[name]), x)
    assert matrix_of(chain.function.band(x)) == pytest.approx(hessian, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_what_lies_beyond_the_front_and_near_0_is_not_felt_at_all(name, ask, rng):
    """Exact zeros; with no dead zone the coordinates beyond the front are 0 themselves."""
    chain, dead = spline_chain(length=8, link=name), LINKS[name].dead / LINKS[name].right
    for _ in range(400):
        reached = rng.integers(0, 9)
        x = rng.uniform(-1.5, 2, 8)
        x[reached:] = rng.uniform(-dead, dead, 8 - reached)
        if rng.random() < 0.3:
            x[reached:] = rng.choice([-dead, 0.0, dead], 8 - reached)
        assert (ask(chain, x)[1][reached + 1 :] == 0).all()
        assert chain.progress(x[None])[0] <= reached


@pytest.mark.parametrize("name", NAMES)
def test_the_condition_of_the_zero_chain(name):
    link = LINKS[name]
    table = link.coefficients.reshape(link.left + link.right, -1)
    here = slice(max(0, link.left - link.dead - 1), link.left + link.dead + 1)
    if link.dead:
        assert np.ptp(table[here, here]) == 0
        assert (link.curvature[link.left - link.dead + 1 : link.left + link.dead + 1] == 0).all()
    assert table[link.left, link.left] == table[link.left - 1, link.left - 1]


@pytest.mark.parametrize(
    ("name", "lowest"), [("S5", 0.717), ("S20", 0.687), ("S21", 0.663), ("R6", 1.012), ("R12", 1.006), ("R13", 0.814)]
)
def test_the_gap_is_met_on_a_plateau_and_not_exceeded(name, lowest, ask):
    """The measured gap of T = 60, from descent that starts on the best plateau."""
    chain, length = spline_chain(length=60, link=name), 60
    x = np.full(length, lowest)
    for _ in range(4000):
        x = x - ask(chain, x)[1]
    fallen = ask(chain, np.zeros(length))[0] - ask(chain, x)[0]
    assert fallen <= chain.claims.value("gap") <= fallen + 1e-4


# The points of the least gradient norm that dynamic programming met on chains of these lengths, x_T last.
LEAST = {
    "S5": [0.7251, 0.7245, 0.7218, 0.7219, 0.5192, 0.0, -0.0573, -0.0209, -0.0075, -0.0027, 0.0],
    "S20": [0.7178, 0.6863, 0.6776, 0.6189, 0.219, -0.0549, -0.0086, -0.0009, 0.0],
    "S21": [0.6626, 0.6693, 0.5218, 0.0763, -0.0668, -0.0171, 0.0],
    "R6": [0.5, 0.3694, -0.2798, -0.25],
    "R12": [0.4486, -0.2207, 0.1262, -0.125],
    "R13": [0.6388, 0.125],
}


@pytest.mark.parametrize("name", NAMES)
def test_the_floor_is_approached_and_kept(name, ask, rng):
    """A walk downhill in the gradient norm from near the least point known ends above the floor, within 1 percent."""
    floor, link = spline_chain(length=2, link=name).claims.value("floor"), LINKS[name]
    length, dead = len(LEAST[name]), link.dead / link.right
    chain = spline_chain(length=length, link=name)

    def norm(x):
        x = np.r_[x[:-1], np.clip(x[-1], -dead, dead)]
        return np.linalg.norm(ask(chain, x)[1]), x

    best, x = norm(np.array(LEAST[name]))
    for k in range(6000):
        trial, y = norm(x + 0.05 * 0.5 ** (k % 18) * rng.standard_normal(length) * (rng.random(length) < 0.5))
        if trial < best:
            best, x = trial, y
    assert floor <= best <= 1.01 * floor


@pytest.mark.parametrize("name", NAMES)
def test_random_points_stay_above_the_floor(name, ask, rng):
    dead = LINKS[name].dead / LINKS[name].right
    chain = spline_chain(length=9, link=name)
    for _ in range(2000):
        x = np.r_[rng.uniform(-0.5, 1.3, 8), rng.uniform(-dead, dead)]
        assert np.linalg.norm(ask(chain, x)[1]) > chain.claims.value("floor")


@pytest.mark.parametrize(
    ("name", "searched"), [("S5", 2.567), ("S20", 2.407), ("S21", 2.1879), ("R6", 7.35), ("R12", 6.43), ("R13", 4.1633)]
)
def test_the_constant_of_the_bound(name, searched):
    """J = gap per link times smoothness over floor^2, all proved, within what rounding of the claims leaves."""
    link = LINKS[name]
    assert link.gap_per_link * link.smoothness / link.floor**2 == pytest.approx(searched, rel=1e-3)
    chain = spline_chain(link=name, smoothness=2.0, gap=3.0, target=0.05)
    assert (
        chain.claims.value("gap")
        <= 3.0
        < spline_chain(link=name, smoothness=2.0, target=0.05, length=chain.dimension + 1).claims.value("gap")
    )
    assert chain.claims.value("smoothness") == pytest.approx(2.0, rel=1e-12)
    assert 0.05 < chain.claims.value("floor") == pytest.approx(0.05, rel=1e-8)
    (bound,) = chain.bounds
    assert bound.tag == "proved" and bound.scope.order == (None if link.dead else 1)
    assert bound.value({"target": 0.05}) == chain.dimension + 1


def test_a_link_of_another_name():
    with pytest.raises(InputError, match="link of spline_chain must be one of S5, S20, S21, R6, R12, R13, got 'S6'"):
        spline_chain(length=3, link="S6")
