"""The chain with K gates per link."""

import math

import mpmath
import numpy as np
import pytest

from hardinstances import gate_chain
from hardinstances.gate_chain import MEASURED
from oracles import InputError


def formula(gates, base):
    """F from its definition."""

    def gate(t):
        return mpmath.mpf(0) if t <= 0.5 else base ** (1 - 1 / (2 * t - 1) ** 2)

    def phi(t):
        return mpmath.sqrt(mpmath.e * mpmath.pi / 2) * mpmath.erfc(-t / mpmath.sqrt(2))

    def total(x):
        padded = [mpmath.mpf(1)] * gates + list(x)
        links = sum(
            mpmath.fprod(gate(t) for t in padded[i : i + gates]) * phi(padded[i + gates]) for i in range(len(x))
        )
        return -links - sum(t * mpmath.exp(1 / t + 1) for t in x if t < 0)

    return total


@pytest.mark.parametrize(("gates", "base"), [(1, 2.0), (1, math.e), (2, 1.5), (4, 1.25)])
def test_it_agrees_with_its_definition(gates, base, ask, in_50_digits, rng):
    chain = gate_chain(length=7, gates=gates, base=base)
    for k in range(12):
        x = rng.uniform(-1, 2, 7) if k % 2 else rng.permutation([0.5, 0.500001, 0.51, 0.56, 0.7, -0.01, 0.9])
        value, gradient = ask(chain, x)
        exact, slopes = in_50_digits(formula(gates, mpmath.mpf(base)), x)
        assert value == pytest.approx(exact, rel=1e-13)
        assert gradient == pytest.approx(slopes, rel=1e-12, abs=1e-14)


def test_one_gate_with_base_e_is_chain_one_on_positive_points(ask, rng):
    from hardinstances import carmon_chain

    for _ in range(20):
        x = rng.uniform(0, 2, 6)
        value, gradient = ask(gate_chain(length=6, gates=1, base=math.e), x)
        expected, slopes = ask(carmon_chain(length=6, first_link=1.0), x)
        assert value == pytest.approx(expected, rel=1e-13) and gradient == pytest.approx(slopes, rel=1e-12)


@pytest.mark.parametrize("gates", [1, 2, 3, 5])
def test_a_shut_gate_hides_what_follows(gates, ask, rng):
    """The gradient is 0 beyond the last run of K open gates and one, except on the walls of negative coordinates."""
    chain = gate_chain(length=9, gates=gates)
    for _ in range(300):
        x = rng.choice([0.0, 0.3, 0.5, 0.7, 1.5, 4.0, -0.4], 9)
        reached = chain.progress(x[None])[0]
        gradient = ask(chain, x)[1]
        beyond = np.arange(9) > reached
        assert (gradient[beyond & (x >= 0)] == 0).all()
        assert (gradient[x < 0] < 0).all()
        opened = np.r_[np.ones(gates, bool), x > 0.5]
        runs = [i for i in range(10) if opened[i : i + gates].all()]
        assert reached == max(runs)


@pytest.mark.parametrize("gates", [1, 2, 3, 4])
def test_the_gap_is_exact(gates, ask):
    for length in (1, gates, gates + 1, 12):
        chain = gate_chain(length=length, gates=gates)
        fallen = ask(chain, np.zeros(length))[0] - ask(chain, np.full(length, 500.0))[0]
        assert 0 <= chain.claims.value("gap") - fallen <= 1e-4 * length


@pytest.mark.parametrize("gates", sorted(MEASURED))
def test_the_measured_smoothness_and_floor_are_approached(gates, ask, rng):
    """The worst point known: one coordinate half way through its gate, the others far along. And the least gradient:
    x_1 half way, x_2 beyond the top of Phi', the rest shut.
    """
    smoothness, floor = MEASURED[gates]
    chain = gate_chain(length=2 * gates + 1, gates=gates)
    x = np.full(2 * gates + 1, 1e5)
    x[gates] = {1: 0.7168, 2: 0.6658, 3: 0.6397, 4: 0.623}[gates]
    h = 1e-6
    steps = h * np.eye(len(x))
    columns = [(ask(chain, x + step)[1] - ask(chain, x - step)[1]) / (2 * h) for step in steps]
    assert 0.985 * smoothness <= np.linalg.norm(columns, 2) <= smoothness
    short = gate_chain(length=3, gates=gates)
    first = {1: 0.621, 2: 0.591, 3: 0.575, 4: 0.566}[gates]
    norms = [np.linalg.norm(ask(short, [first + a, b, 0.0])[1]) for a in (-1e-3, 0, 1e-3) for b in (-0.13, -0.125)]
    assert floor <= min(norms) <= 1.001 * floor
    for _ in range(3000):
        y = np.r_[rng.uniform(-0.5, 1.5, 2 * gates), 0.0]
        assert np.linalg.norm(ask(chain, y)[1]) > floor


def test_tags_and_scale():
    chain = gate_chain(gates=2, smoothness=2.0, gap=30.0, target=0.05)
    claims = chain.claims
    assert claims.value("smoothness") == pytest.approx(2.0, rel=1e-12) and claims.value("gap") <= 30
    assert 0.05 < claims.value("floor") == pytest.approx(0.05, rel=1e-8)
    longer = gate_chain(gates=2, smoothness=2.0, target=0.05, length=chain.dimension + 1)
    assert longer.claims.value("gap") > 30
    assert [claim.tag for claim in claims.on("smoothness")] == ["measured", "recalled"]
    assert {bound.tag for bound in chain.bounds} == {"measured", "recalled"}
    assert gate_chain(length=3, gates=7).claims.default("floor").tag == "recalled"
    short = gate_chain(gates=4, smoothness=2155.03, gap=14.0, target=1.4)
    assert 1 <= short.dimension < 4 and short.claims.value("gap") <= 14


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"length": 3, "gates": 0}, "gate_chain needs gates >= 1 and base > 1"),
        ({"length": 3, "base": 1.0}, "gate_chain needs gates >= 1 and base > 1"),
        ({"gates": 2}, "gate_chain needs length"),
        ({"smoothness": 1.0, "gap": 1.0, "target": 1.0}, "gap=1 is too small for one link"),
    ],
)
def test_bad_numbers_get_one_line(numbers, words):
    with pytest.raises(InputError) as caught:
        gate_chain(**numbers)
    assert words in str(caught.value) and "\n" not in str(caught.value)
