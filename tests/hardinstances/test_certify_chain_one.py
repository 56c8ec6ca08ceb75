"""What is proved of chain I: enclosures hold their functions, proofs hold no more than is true, and can fail."""

import math
from dataclasses import replace

import mpmath
import numpy as np
import pytest
from flint import arb

from hardinstances import carmon_chain, sharp_chain
from hardinstances.certify import chain_one_floor, chain_one_smoothness, enclosures, finding, provers
from hardinstances.certify.chain_one import gap_of, is_chain
from oracles import Claim, Claims, Instance, norm
from oracles.reductions import matrix_of

TRUE_FLOORS = {1.0: 1.341129, math.e: 3.38300619}  # the least values that searches of chains.md met, over all lengths


def mp_psi(t):
    return mpmath.exp(1 - 1 / (2 * t - 1) ** 2) if t > 0.5 else mpmath.mpf(0)


def mp_phi(t):
    return mpmath.sqrt(mpmath.pi * mpmath.e / 2) * mpmath.erfc(-t / mpmath.sqrt(2))


FUNCTIONS = {
    enclosures.psi: mp_psi,
    enclosures.psi_slope: lambda t: mpmath.diff(mp_psi, t) if t > 0.5 else mpmath.mpf(0),
    enclosures.psi_curvature: lambda t: mpmath.diff(mp_psi, t, 2) if t > 0.5 else mpmath.mpf(0),
    enclosures.phi: mp_phi,
    enclosures.phi_slope: lambda t: mpmath.diff(mp_phi, t),
    enclosures.phi_moment: lambda t: -mpmath.diff(mp_phi, t, 2),
}


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_enclosures_hold_all_values_and_little_more(function, rng):
    """Against derivatives of the definition by differences in 30 digits; hulls are met within a thousandth."""
    exact = FUNCTIONS[function]
    with mpmath.workdps(30):
        for _ in range(12):
            low, high = sorted(rng.uniform(-2, 3, 2).tolist())
            ball = enclosures.over(function, low, high)
            values = [float(exact(mpmath.mpf(t))) for t in np.linspace(low, high, 60) if abs(t - 0.5) > 1e-3]
            assert enclosures.below(ball) <= min(values) and max(values) <= enclosures.above(ball)
            width = enclosures.above(ball) - enclosures.below(ball)
            assert width <= (max(values) - min(values)) * 1.1 + 1e-6
        everywhere = enclosures.over(function, -math.inf, math.inf)
        assert all(everywhere.contains(arb(float(exact(mpmath.mpf(t))))) for t in (-9.0, -1.3, 0.76, 0.91, 1.05, 7.0))


@pytest.fixture(scope="module")
def smoothness():
    return chain_one_smoothness.prove(carmon_chain(length=3))


def proved_with_few_cells(chain):
    """The floor with some 130 cells and no more than 180, which takes a fiftieth of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain_one_floor, "FEW_CELLS", 130)
        patch.setattr(chain_one_floor, "MOST_CELLS", 180)
        return chain_one_floor.prove(chain)


@pytest.fixture(scope="module")
def floors():
    chains = {k: carmon_chain(length=4, first_link=k) for k in TRUE_FLOORS}
    return {k: (chain, proved_with_few_cells(chain)) for k, chain in chains.items()}


@pytest.mark.slow
def test_the_constant_of_the_gradient_is_proved_to_six_digits(smoothness):
    """The worst point of T = 8 in chains.md has 134.0238377."""
    assert smoothness.side == "upper" and 134.0238377 < smoothness.value < 134.02391


def test_no_smaller_constant_is_proved(monkeypatch):
    """T = 4 has a point with 134.02377: nothing below may be proved."""
    x = np.array([0.7814, 0.7820, 0.7604, 9.0])
    met = np.abs(np.linalg.eigvalsh(matrix_of(carmon_chain(length=4).function.band(x)))).max()
    assert met > 134.02
    monkeypatch.setattr(chain_one_smoothness, "LAMBDAS", (134.0,))
    assert chain_one_smoothness.prove(carmon_chain(length=3)) is None


@pytest.mark.slow
def test_the_proof_of_the_constant_fails_with_other_numbers(smoothness):
    chain, data = carmon_chain(length=3), dict(smoothness.data)
    assert data["u"][0] > math.e
    for wrong in (
        {"lambda": 134.02},
        {"u": [entry - 1e-2 for entry in data["u"]]},
        {"u": [2.7, *data["u"][1:]]},
        {"breaks": data["breaks"][1:]},
        {"breaks": [entry for entry in data["breaks"] if entry != 0.0], "u": data["u"][1:]},
        {"breaks": [], "u": [3.0]},
    ):
        assert chain_one_smoothness.verify(chain, data | wrong) is None


def test_the_constant_covers_every_first_link_and_scale(smoothness):
    """With k = 2 e the claim is 134.1 + e; a scaled chain has height / width^2 times the constant."""
    heavy = carmon_chain(length=3, first_link=2 * math.e)
    assert chain_one_smoothness.verify(heavy, smoothness.data).value == pytest.approx(134.0239 + math.e, rel=1e-12)
    scaled = carmon_chain(length=3, smoothness=2.0, target=0.1)
    assert chain_one_smoothness.verify(scaled, smoothness.data).value == pytest.approx(2.0, rel=1e-12)


@pytest.mark.parametrize("first_link", TRUE_FLOORS)
def test_the_floor_is_proved_within_a_percent(floors, first_link):
    chain, proof = floors[first_link]
    assert proof.side == "lower" and 0.99 * TRUE_FLOORS[first_link] < proof.value < TRUE_FLOORS[first_link]
    assert provers.verified(chain, proof)


@pytest.mark.slow
def test_as_many_cells_as_usual_prove_the_claim():
    """The heavier first link; the proof for the other takes three times as long, and is stored."""
    chain = carmon_chain(length=4, first_link=math.e)
    (claim,) = (claim for claim in chain.claims.on("floor") if claim.tag == "proved")
    assert claim.value <= chain_one_floor.prove(chain).value < TRUE_FLOORS[math.e]


@pytest.mark.parametrize(("claimed", "cells"), [(1.3404, 130), (1.3406, 150), (1.3411, 180), (1.35, 130)])
def test_cells_are_added_while_they_may_prove_the_claim(claimed, cells):
    """None where it is proved already or out of reach, and else until it is proved, or to the last."""
    claims = Claims(Claim("floor", claimed, "measured", "a test"))
    proof = proved_with_few_cells(replace(carmon_chain(length=4, first_link=1.0), claims=claims))
    assert cells <= len(proof.data["edges"]) < cells + 20
    assert (proof.value >= claimed) == (claimed < 1.341)


def test_the_table_of_the_floor_lies_below_every_path(floors, rng):
    """Gradients of the kernel at points with |x_T| <= 1/2, signs as they come, near the front of the chain."""
    for first_link, (_, proof) in floors.items():
        for length in (1, 2, 3, 6):
            chain = carmon_chain(length=length, first_link=first_link)
            for _ in range(200):
                x = rng.uniform(0.4, 2.5, length) * rng.choice([-1, 1], length)
                x[length - 1] = rng.uniform(-0.5, 0.5)
                assert norm(chain.function.evaluate_one(x, True, True)[1]) >= proof.value


def test_coarse_cells_prove_less_and_wrong_ones_nothing(floors):
    chain, proof = floors[math.e]
    edges = proof.data["edges"]
    coarse = chain_one_floor.verify(chain, {"edges": edges[::4]})
    assert 0 < coarse.value < proof.value
    assert not provers.verified(chain, finding.Proof("lower", proof.value, "", proof.prover, {"edges": edges[::4]}))
    assert chain_one_floor.verify(chain, {"edges": edges[1:]}) is None
    assert chain_one_floor.verify(chain, {"edges": edges[::-1]}) is None


def test_the_gap_is_the_closed_form():
    chain = carmon_chain(length=7)
    with mpmath.workdps(40):
        exact = mpmath.sqrt(2 * mpmath.pi * mpmath.e) * (mpmath.mpf(math.e) / 2 + 6 * mpmath.e)
    lower, upper = sorted(proof.value for proof in provers.proofs(chain, "gap"))
    assert lower <= exact <= upper and upper - lower < 1e-13 * upper
    assert gap_of(chain).overlaps(arb(mpmath.nstr(exact, 30)))


def test_the_chain_is_recognised_by_its_kernel_alone():
    chain = carmon_chain(length=3)
    mine = Instance(name="mine", function=chain.function, start=np.zeros(5), claims=chain.claims)
    assert is_chain(mine) and provers.proofs(mine, "zero chain") == ()  # its progress is not said
    assert not is_chain(sharp_chain(length=3))
    moved = Instance(name="mine", function=chain.function, start=np.ones(5))
    assert not is_chain(moved) and provers.proofs(moved, "gap") == ()
