"""What is proved of the sharp chain: G >= 0.2485 for every length, and no more than is true."""

import dataclasses
import math

import numpy as np
import pytest

from hardinstances import sharp_chain
from hardinstances.certify import finding, provers, sharp
from oracles import Claim, Claims, Instance, norm

LEAST = {2: 0.0991670, 3: 0.0783852, 4: 0.0674486, 6: 0.0640448, 8: 0.0630905}  # squares, off any grid, of sharp.md


@pytest.fixture(scope="module")
def floor():
    return sharp.bound(sharp_chain(length=5), 0.2485 * sharp.ABOVE, 16)[0]


def test_the_constant_is_near_that_of_the_true_floor(floor):
    """J = gap per link * smoothness / G^2; the true G tends to sqrt(9/145), which makes 29/6."""
    assert floor.side == "lower" and 0.2485 < floor.value < math.sqrt(9 / 145)
    assert 29 / 6 < 0.3 / floor.value**2 < 4.86


@pytest.mark.slow
def test_no_cells_prove_more_than_the_least_that_was_met(floor):
    chain = sharp_chain(length=5)
    found = [sharp.bound(chain, 0.2492, halvings) for halvings in range(5)]
    values = [proof.value for proof, _ in found]
    assert values == sorted(values) and values[0] > 0 and not any(met for _, met in found)
    assert values[-1] < math.sqrt(9 / 145) < math.sqrt(min(LEAST.values()))
    proof, met = sharp.bound(chain, 0.2, 5)
    assert met and proof.value == pytest.approx(0.2, rel=1e-12)  # never above its target
    assert provers.verified(chain, proof) and not provers.verified(chain, dataclasses.replace(proof, value=0.21))


@pytest.mark.parametrize("length", [1, 2, 3, 6])
def test_the_bound_lies_below_gradients_of_the_kernel(floor, length, rng):
    chain = sharp_chain(length=length)
    front = np.array([2.222, 1.946, 1.429, 0.517, 0.0, -0.095])[-length:]
    for _ in range(300):
        x = (front if rng.random() < 0.5 else rng.uniform(-1, 3, length)) + rng.normal(0, 0.1, length)
        x[-1] = 0.0
        assert norm(chain.function.evaluate_one(x, True, True)[1]) >= floor.value


def test_the_proof_fails_with_other_numbers(floor):
    chain = sharp_chain(length=5)
    coarse = finding.Proof("lower", floor.value, "", floor.prover, dict(floor.data) | {"halvings": 3})
    assert not provers.verified(chain, coarse)
    for wrong in ({"target": 0.0}, {"target": -0.1}, {"target": math.nan}, {"target": 40.0}):
        assert sharp.verify(chain, dict(floor.data) | wrong) is None


def test_the_claim_is_met(floor):
    claim = sharp_chain(length=5).claims.on("floor")[-1]
    assert claim.tag == "proved" and finding.decide(claim, None, (floor,)).verdict == "proved"


@pytest.mark.slow
def test_other_numbers_have_other_floors_and_the_largest_claim_in_reach_is_met(monkeypatch):
    monkeypatch.setattr(sharp, "HALVINGS", 2)  # which do not reach 0.2492
    heavier = sharp.prove(sharp_chain(length=5, coupling=0.1))
    assert 0 < heavier.value < 0.25 and heavier.value != 0.2485
    chain = sharp_chain(length=5)
    claims = Claims(*(Claim("floor", value, "measured", "a test") for value in (0.1, 0.2492, 0.2)))
    proof = sharp.prove(dataclasses.replace(chain, claims=claims))
    assert proof.value == pytest.approx(0.2, rel=1e-11) and provers.verified(chain, proof)


def test_a_scaled_chain_has_the_scaled_floor():
    scaled = sharp_chain(length=5, smoothness=2.0, target=0.01)
    low = sharp.bound(sharp_chain(length=5), 0.2, 5)[0]
    assert sharp.verify(scaled, low.data).value == pytest.approx(0.01 * low.value / 0.24913, rel=1e-8)


@pytest.mark.parametrize("numbers", [{}, {"coupling": 0.2082, "descent": 0.2416, "ascent": 0.1671}])
def test_smoothness_and_gap_are_the_claims(numbers):
    chain = sharp_chain(length=7, **numbers)
    for quantity in ("smoothness", "gap"):
        (proof,) = provers.proofs(chain, quantity)
        assert proof.side == "upper" and proof.value == pytest.approx(chain.claims.value(quantity), rel=1e-14)
        (claim,) = chain.claims.on(quantity)
        assert finding.decide(claim, None, (proof,)).verdict == "proved"


def test_it_is_recognised_by_its_kernel_start_and_progress():
    chain = sharp_chain(length=3)
    mine = Instance(name="mine", function=chain.function, start=np.zeros(4))
    assert sharp.is_sharp(mine) and provers.proofs(mine, "floor") == ()
    assert provers.proofs(Instance(name="mine", function=chain.function, start=np.ones(4)), "gap") == ()
