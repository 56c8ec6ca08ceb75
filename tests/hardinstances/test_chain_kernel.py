"""The chain's kernel: accuracy, exact zeros, skipping, the far zone; and chains that are not computed again."""

import os
import subprocess
import sys

import mpmath
import numpy as np
import pytest

import algorithms  # noqa: F401
from experiments import run
from hardinstances import carmon_chain, regularised_chain
from hardinstances.chain_kernel import BLOCK, chain_kernel
from hardinstances.links import FAR, PHI_TOTAL, PSI_START, phi, phi_below, psi, psi_far
from oracles import ALGORITHMS
from oracles.kernels import answer_points

EXACT = mpmath.mp.clone()
EXACT.dps = 40
UNIT = np.array([1.0, 1.0, 1.0])


def ask(x, parameters=UNIT):
    (value,), (gradient,) = answer_points(chain_kernel, np.array([x], dtype=float), parameters)
    return value, gradient


def exact_psi(t):
    p = 2 * EXACT.mpf(t) - 1
    value = EXACT.exp(1 - 1 / p**2) if p > 0 else EXACT.mpf(0)
    return value, 4 * value / p**3 if p > 0 else value


def exact_phi(t):
    t = max(-1e6, min(t, 1e6))  # mpmath's erfc overflows beyond; the last digit does not notice
    value = EXACT.sqrt(EXACT.pi * EXACT.e / 2) * EXACT.erfc(-EXACT.mpf(t) / EXACT.sqrt(2))
    return value, EXACT.exp((1 - EXACT.mpf(t) ** 2) / 2)


def exact_chain(x, first_link=1.0):
    """Value and gradient from the definition, both signed terms of each link, in 40 digits."""
    gradient = [EXACT.mpf(0)] * len(x)
    link, slope = exact_phi(x[0])
    value, gradient[0] = -first_link * link, -first_link * slope
    for i in range(1, len(x)):
        for sign in (-1, 1):
            weight, weight_slope = exact_psi(sign * x[i - 1])
            if weight > 0:
                link, slope = exact_phi(sign * x[i])
                value -= sign * weight * link
                gradient[i - 1] -= weight_slope * link
                gradient[i] -= weight * slope
    return value, gradient


def near_half(rng, size):
    return rng.choice([-1, 1], size) * (0.5 + rng.choice([-1, 1], size) * 10 ** rng.uniform(-4, -0.5, size))


POINTS = {
    "uniform": lambda rng, size: rng.uniform(-2, 2, size),
    "normal": lambda rng, size: 4 * rng.standard_normal(size),
    "near half": near_half,
    "large": lambda rng, size: rng.standard_normal(size) * 10 ** rng.uniform(0, 3, size),
    "far": lambda rng, size: FAR + 10 ** rng.uniform(-2, 3, size),
    "far below": lambda rng, size: -FAR - 10 ** rng.uniform(-2, 1, size),
}


@pytest.mark.parametrize("kind", POINTS)
def test_accuracy(rng, kind):
    """1636 coordinates of each kind: 1e-14 absolutely, and a few units in the last place."""
    for size in (1, 2, 7, 8, 50, BLOCK, BLOCK + 1, 2 * BLOCK, 600 - BLOCK - 2 + 52):
        x = POINTS[kind](rng, size)
        value, gradient = ask(x)
        exact_value, exact = exact_chain(x)
        assert value == pytest.approx(float(exact_value), rel=1e-14, abs=1e-13)
        for found, entry in zip(gradient, exact, strict=True):
            assert abs(found - entry) <= 1e-14
            assert abs(found - entry) <= 10 * np.spacing(float(abs(entry))) or abs(entry) < 1e-290


def test_psi_and_phi_to_the_last_places(rng):
    points = np.concatenate(
        [rng.uniform(0, 2, 500), 0.5 + 10 ** rng.uniform(-1.7, 0, 500), 10 ** rng.uniform(0, 3, 99)]
    )
    limits = {"psi": 1.3, "slope of psi": 4, "phi": 2.5, "phi below": 5, "slope of phi": 2}
    for t in points:
        pairs = [*zip(psi(t), exact_psi(t), strict=True), (phi(t)[0], exact_phi(t)[0])]
        pairs += zip(phi_below(t), (exact_phi(-t)[0], exact_phi(t)[1]), strict=True)
        for limit, (found, exact) in zip(limits.values(), pairs, strict=True):
            error = abs(found - exact)
            assert error <= limit * EXACT.mpf(np.spacing(float(exact))) or exact < 1e-300
        if t > FAR:
            assert psi_far(t) == pytest.approx(psi(t), rel=1e-15)
        assert phi(-t)[0] == phi_below(t)[0] and phi(t)[0] == PHI_TOTAL - phi_below(t)[0]


def test_psi_starts_where_it_would_leave_the_normal_range():
    start = (1 + PSI_START) / 2
    assert psi(start - 1e-9) == psi(0.5) == psi(-3.0) == (0.0, 0.0)
    assert np.finfo(float).tiny < psi(start + 1e-9)[0] < 1e-306
    assert psi(1e300) == (pytest.approx(np.e, rel=2e-16), 0.0)
    assert phi(1e300) == (PHI_TOTAL, 0.0) and phi(-1e300) == (0.0, 0.0)


@pytest.mark.parametrize("extreme", [1e300, -1.7e308, 1e154, 5e-324, -1e-310, 0.5, np.nextafter(0.5, 1), FAR])
def test_extreme_coordinates(rng, extreme):
    for x in (np.full(3 * BLOCK, extreme), rng.uniform(-2, 2, 40)):
        x[3:8:2] = extreme
        for y in (x, -x):
            value, gradient = ask(y)
            exact_value, exact = exact_chain(y)
            assert np.abs(gradient - [float(entry) for entry in exact]).max() <= 1e-14
            assert value == pytest.approx(float(exact_value), rel=1e-14)


@pytest.mark.parametrize("place", [0, 5, 40, BLOCK - 1, BLOCK, 500, 599])
def test_nan_is_not_masked(rng, place):
    for x in (np.zeros(600), rng.uniform(-2, 2, 600), np.full(600, 12.0)):
        x[place] = np.nan
        value, gradient = ask(x)
        assert np.isnan(value) and np.isnan(gradient[place])


def test_links_of_weight_zero_are_exact_zeros(rng):
    """In every block, at its ends and inside: zero unless one of the two links of a coordinate is active."""
    for _ in range(40):
        x = np.where(rng.random(700) < rng.choice([0.003, 0.1]), rng.uniform(-2, 2, 700), rng.uniform(-0.5, 0.5, 700))
        x[rng.integers(0, 700, 50)] = rng.choice([0.5, -0.5, 0.0, -0.0])
        gradient = ask(x)[1]
        active = np.abs(x) > 0.55
        possible = active | np.concatenate([[True], np.abs(x[:-1]) > 0.5])
        assert (gradient[active[:-1].nonzero()[0]] < 0).all()
        assert (gradient[~possible & (np.abs(x) <= 0.5)] == 0.0).all()
        assert not np.signbit(gradient[gradient == 0.0]).any()
    assert ask(np.zeros(600))[1].nonzero()[0].tolist() == [0]


def test_an_entry_depends_on_its_neighbours_alone(rng):
    """Bit for bit, wherever it stands in a block, whatever is skipped around it; the far zone is out of reach here."""
    x = np.where(rng.random(900) < 0.5, rng.uniform(-2, 2, 900), 0.1)
    x[300:650] = 0.0
    gradient = ask(x)[1]
    for i in [*range(1, 20), *range(BLOCK - 3, BLOCK + 4), *range(290, 310), *range(640, 660), 898]:
        alone = ask(x[i - 1 : i + 2])[1][1]
        assert alone == gradient[i]
    for shift in (1, 100, BLOCK):
        moved = ask(np.concatenate([np.zeros(shift), x]))[1]
        assert np.array_equal(moved[shift + 1 :], gradient[1:])


def test_what_is_skipped_does_not_change_the_value(rng):
    """The value is the sum of the blocks in their order, and a skipped tail adds exactly nothing."""
    x = rng.uniform(-2, 2, 300)
    value, gradient = ask(np.concatenate([x, [0.0]]))
    for tail in (10, 300, 2000):
        longer_value, longer = ask(np.concatenate([x, np.zeros(tail)]))
        assert longer_value == value and np.array_equal(longer[:301], gradient)


def test_the_far_zone_joins_the_near_one(rng):
    """Blocks in the far zone, half in it, and beside it; the mirrored point has the same gradient."""
    x = FAR + rng.uniform(1e-6, 3, 4 * BLOCK)
    x[2 * BLOCK + 5] = rng.choice([0.7, 9.29])
    value, gradient = ask(x)
    exact_value, exact = exact_chain(x)
    assert value == pytest.approx(float(exact_value), rel=1e-15)
    assert max(abs(a - b) / abs(b) for a, b in zip(gradient, exact, strict=True) if abs(b) > 1e-290) < 1.5e-15
    assert np.array_equal(ask(-x)[1], gradient)
    x[BLOCK + 7] *= -1
    assert max(abs(a - b) for a, b in zip(ask(x)[1], exact_chain(x)[1], strict=True)) <= 1e-14


@pytest.mark.parametrize(("width", "height"), [(0.3, 7.0), (3.0, 0.01)])
def test_a_scaled_chain(rng, width, height):
    x = rng.uniform(-2, 2, 400)
    value, gradient = ask(width * x, np.array([2.0, width, height]))
    exact_value, exact = exact_chain(width * x / width, 2.0)
    assert value == pytest.approx(height * float(exact_value), rel=1e-13)
    assert np.abs(gradient - [height / width * float(entry) for entry in exact]).max() <= 1.2e-14 * height / width


def test_a_batch_is_its_single_queries(rng):
    points = np.stack([draw(rng, 400) for draw in POINTS.values()] + [np.zeros(400)])
    values, gradients = answer_points(chain_kernel, points, UNIT)
    for k, x in enumerate(points):
        value, gradient = ask(x)
        assert value == values[k] and np.array_equal(gradient, gradients[k])


@pytest.mark.slow
def test_uncompiled_the_kernel_has_the_same_bits(tmp_path, rng):
    """In a process in which numba compiles nothing."""
    x = np.concatenate([rng.uniform(-2, 2, 20), [1e300, 5e-324, 0.5, 12.0], np.full(12, 0.2), [0.8, 0.1]])
    code = (
        "import sys, numpy as np\n"
        "from hardinstances.chain_kernel import chain_kernel\n"
        "x = np.load(sys.argv[1]); gradient = np.empty(x.size)\n"
        "value = chain_kernel.python(x, gradient, x.size, np.array([1.0, 1.0, 1.0]))\n"
        "np.save(sys.argv[2], np.append(gradient, value))\n"
    )
    np.save(tmp_path / "x.npy", x)
    command = [sys.executable, "-c", code, str(tmp_path / "x.npy"), str(tmp_path / "out.npy")]
    subprocess.run(command, check=True, env={**os.environ, "NUMBA_DISABLE_JIT": "1"})
    value, gradient = ask(x)
    assert np.array_equal(np.load(tmp_path / "out.npy"), np.append(gradient, value))


@pytest.mark.parametrize("length", [60, 700])
def test_gradient_descent_is_the_same_in_both_engines(length):
    chain = carmon_chain(length=length, first_link=1.0)
    runs = [
        run(ALGORITHMS["gradient_descent"], chain, target=1.0, parameters={"smoothness": 152.0}, engine=engine, **limit)
        for engine, limit in (("python", {"max_queries": 3000}), ("compiled", {"max_queries": 3000}))
    ]
    assert runs[0].hits == runs[1].hits and runs[0].best_merit == runs[1].best_merit


def test_the_regularised_chain_is_the_chain_and_a_quadratic(rng):
    chain, sum_of_both = carmon_chain(length=500), regularised_chain(length=500, quadratic=0.3)
    points, asked = rng.uniform(-2, 2, (3, 500)), np.ones(3, dtype=bool)
    points[1, 200:] = 0.0
    values, gradients = chain.function.evaluate(points, asked, asked)
    sums, sum_gradients = sum_of_both.function.evaluate(points, asked, asked)
    assert sums == pytest.approx(values + 0.15 * (points**2).sum(1), rel=1e-14)
    assert sum_gradients == pytest.approx(gradients + 0.3 * points, abs=1e-15)
    assert (sum_gradients[1, 201:] == 0.0).all()


def test_what_is_claimed_of_the_regularised_chain():
    chain, both = carmon_chain(length=7, first_link=1.0).claims, regularised_chain(length=7, first_link=1.0).claims
    assert not both.on("floor") and both.value("hessian_smoothness") == chain.value("hessian_smoothness")
    for quantity, added in (("smoothness", 0.2), ("gap", 0.0)):
        assert sorted(claim.value for claim in both.on(quantity)) == pytest.approx(
            sorted(claim.value + added for claim in chain.on(quantity)), rel=1e-15
        )
        assert all(claim.tag in ("proved", "derived", "measured") for claim in both.on(quantity))
    proved = [claim.tag for claim in chain.on("smoothness")].count("proved")
    assert [claim.tag for claim in both.on("smoothness")].count("proved") == proved == 1
    assert not both.on("lipschitz"), "a quadratic has none"
