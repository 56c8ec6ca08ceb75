"""Public vectors and identities of the constructions: all of `vectors.json`, to 1e-12 relative, zeros as exact zeros.

The numbers were printed by others, to 17 digits, from arithmetic of 50. Here is the one place that holds them.
"""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardinstances import (
    carmon_chain,
    chain_two,
    leaks,
    nesterov_chain,
    saddle_chain,
    sawtooth,
    smoothed_zero_chain_noise,
    soft_projected,
    zigzag,
)
from hardinstances.carmon_chain import PHI_TOTAL, phi, psi
from hardinstances.nesterov_chain import least_gradient as least_on_support
from hardinstances.sawtooth import least_gradient as least_after_short_steps
from hardinstances.smooth_indicator import theta
from hardinstances.upsilon import depth, upsilon
from hardinstances.zigzag import least_gradient as least_after_long_steps
from oracles import Request, from_callable

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
LINKS = {"1": 1.0, "e": math.e, "2.7182818284590452": math.e}
HELD = set()


def held(*sections):
    """Parametrise a test by the vectors of some sections."""
    HELD.update(sections)
    return pytest.mark.parametrize("vector", [vector for section in sections for vector in VECTORS[section]])


def numbers(texts):
    return np.array([float(text) for text in texts]) if isinstance(texts, list) else float(texts)


def the_same(found, texts):
    """Relative errors below 1e-12, and exact zeros where zeros are printed."""
    expected = numbers(texts)
    return found == pytest.approx(expected, rel=1e-12, abs=0) and np.array_equal(found == 0, expected == 0)


def test_every_section_is_held():
    assert set(VECTORS) == HELD and all(VECTORS.values())


# Chain I.


@held("chain", "kappa_chain")
def test_chain(vector, ask):
    x = numbers(vector["x"])
    value, gradient = ask(carmon_chain(length=len(x), first_link=LINKS[vector.get("kappa", "1")]), x)
    assert the_same(value, vector["f"]) and the_same(gradient, vector["grad"])
    assert "grad_norm" not in vector or the_same(np.linalg.norm(gradient), vector["grad_norm"])


@held("psi_phi")
def test_psi_and_phi(vector):
    t = numbers(vector["x"])
    for found, names in ((psi(t), ("Psi", "Psi1")), (phi(t), ("Phi", "Phi1"))):
        assert all(the_same(number, vector[name]) for number, name in zip(found, names, strict=True))


@held("gap")
def test_gap(vector, ask):
    length, link = vector["T"], LINKS[vector["kappa"]]
    chain = carmon_chain(length=length, first_link=link)
    assert the_same(chain.claims.value("gap"), vector["f0_minus_inf"])
    start, far = ask(chain, np.zeros(length))[0], ask(chain, np.full(length, 60.0))[0]
    assert start == pytest.approx(-link * PHI_TOTAL / 2, rel=1e-12, abs=0)
    assert 0 <= far + PHI_TOTAL * (link + math.e * (length - 1)) <= 1e-3 * length
    assert pytest.approx(math.sqrt(2 * math.pi * math.e), rel=1e-15) == PHI_TOTAL


coordinates = st.lists(st.floats(-3, 3) | st.sampled_from([0.5, -0.5, 0.0]), min_size=1, max_size=9)


@given(coordinates, st.sampled_from([1.0, math.e]))
def test_identities_of_the_chain(x, link):
    """Every slope at most 0; f(x) + f(-x) constant, the same gradient at -x, the opposite Hessian; exact zeros beyond
    prog + 1; the Hessian tridiagonal, its norm at most 134.0239.
    """
    chain, d = carmon_chain(length=len(x), first_link=link), len(x)
    points = np.array([x, [-entry for entry in x]])
    values, (gradient, mirrored) = chain.function.evaluate(points, np.ones(2, bool), np.ones(2, bool))
    assert (gradient <= 0).all() and np.array_equal(gradient, mirrored)
    assert values.sum() == pytest.approx(-link * PHI_TOTAL, rel=0, abs=1e-12 * max(1.0, np.abs(values).max()))
    assert (gradient[chain.progress(points[:1])[0] + 1 :] == 0).all()
    bands = [chain.function.band(point) for point in points]
    assert bands[0].shape == (2, d) and np.array_equal(bands[0], -bands[1])
    diagonal, beside = bands[0]
    hessian = np.diag(diagonal) + np.diag(beside[:-1], 1) + np.diag(beside[:-1], -1)
    assert np.linalg.norm(hessian, 2) <= 134.0239
    if abs(x[-1]) <= 0.5:
        assert np.linalg.norm(gradient) >= chain.claims.value("floor")


@held("soft_projected")
def test_soft_projection(vector, ask):
    """U being the first T columns of the identity."""
    x, length = numbers(vector["x"]), vector["T"]
    chain = carmon_chain(length=length, first_link=1.0)

    def padded(point):
        value, slope = ask(chain, point[:length])
        return value, np.append(slope, np.zeros(len(point) - length))

    ball = soft_projected(
        from_callable(padded, start=np.zeros(len(x))),
        radius=numbers(vector["R"]),
        curvature=numbers(vector["eta"]),
    )
    value, gradient = ask(ball, x)
    assert the_same(value, vector["f"]) and the_same(gradient, vector["grad"])


@held("mean_squared_oracle")
def test_smoothed_noise(vector):
    """Both values of the bit of the coordinate that is disturbed, the bits being set by hand."""
    x, chance = numbers(vector["x"]), numbers(vector["p"])
    assert the_same(theta(x), vector["Theta"])
    chain, every = carmon_chain(length=len(x), first_link=1.0), np.ones(1, dtype=bool)
    for bit in (0, 1):
        model = smoothed_zero_chain_noise(chain, None, np.random.default_rng(0), chance=chance)
        draw = type("Drawn", (), {"random": lambda self, bit=bit: 0.0 if bit else 1.0})()
        bits = {"samples": lambda self, request: [None], "at": lambda self, sample, place=0, draw=draw: draw}
        model.draws = type("Bits", (), bits)()
        (answer,) = model.answer(Request(x[None], every, every, 1, None)).gradients
        assert the_same(answer, vector[f"g_z{bit}"])


# Chain II.


@held("chain_two")
def test_chain_two(vector, ask):
    x = numbers(vector["x"])
    chain = chain_two(length=len(x) - 1, weight=numbers(vector["mu"]), radius=numbers(vector["r"]))
    value, gradient = ask(chain, x)
    assert the_same(value, vector["f"]) and the_same(gradient, vector["grad"])


@held("upsilon")
def test_upsilon(vector):
    t, radius = numbers(vector["x"]), numbers(vector["r"])
    value, slope = upsilon(t, radius)
    assert the_same(depth(radius) + value, vector["value"]) and the_same(slope, vector["deriv"])


# Worst cases of one method.


@held("gd_formula")
def test_formula_of_gradient_descent(vector):
    """By the formula, and as the floor of the instance, where flat tips cost less than 1e-12 for these N."""
    smoothness, t, gap = (numbers(vector[name]) for name in ("L", "t", "Delta"))
    least, family = (least_after_short_steps, sawtooth) if t * smoothness <= 1 else (least_after_long_steps, zigzag)
    assert the_same(least(vector["N"], t * smoothness, smoothness, gap), vector["min_grad_norm"])
    worst = family(steps=vector["N"], step=t * smoothness, smoothness=smoothness, gap=gap)
    assert worst.claims.value("floor") == pytest.approx(numbers(vector["min_grad_norm"]), rel=1e-12, abs=0)


@held("nesterov")
def test_nesterovs_chain(vector, ask):
    length = vector["k"]
    chain = nesterov_chain(length=length, smoothness=numbers(vector["L"]))
    minimiser = 1 - np.arange(1, length + 1) / (length + 1)
    value, gradient = ask(chain, minimiser)
    assert the_same(value, vector["fstar"]) and the_same(-chain.claims.value("gap"), vector["fstar"])
    assert the_same(minimiser @ minimiser, vector["xstar_norm_sq"]) and np.abs(gradient).max() < 1e-16


@held("nesterov_span")
def test_the_least_gradient_of_nesterovs_chain_on_a_support(vector):
    support, length = vector["support"], vector["support"] + 3
    assert the_same(least_on_support(support), vector["min_norm_Ax_minus_e1"])
    matrix = 2 * np.eye(length) - np.eye(length, k=1) - np.eye(length, k=-1)
    best = np.linalg.lstsq(matrix[:, :support], np.eye(length)[0], rcond=None)[0]
    assert the_same(np.linalg.norm(matrix[:, :support] @ best - np.eye(length)[0]), vector["min_norm_Ax_minus_e1"])


@held("du_splines")
def test_the_splines_of_the_saddle_chain(vector, ask):
    """g_1 and g_2 read off the function in two dimensions, nu off its minimum."""
    v, attraction, repulsion, tau = (numbers(vector[name]) for name in ("x", "L", "gamma", "tau"))
    saddles = saddle_chain(dimension=2, attraction=attraction, repulsion=repulsion, tube=tau, start=tau / 2)
    alone, beside, lowest = (ask(saddles, x)[0] for x in ([v, 0.0], [v, tau], [4 * tau, 4 * tau]))
    assert the_same(alone, vector["g1"]) and the_same((beside - alone) / tau**2, vector["g2"])
    assert the_same(-lowest / 2, vector["nu"])


# What is hidden.


@held("cap_law")
def test_the_cap_law(vector):
    probability = leaks.cap_law(vector["m"], numbers(vector["tau"]))
    assert the_same(probability, vector["P_abs_ge_tau"])
    assert probability <= leaks.cap_bound(vector["m"], numbers(vector["tau"]))
