"""What is proved of the sharp chain: G >= 0.245 for every length, and no more than is true."""

import math

import numpy as np
import pytest

from hardinstances import sharp_chain
from hardinstances.certify import finding, provers, sharp
from oracles import Instance, norm

LEAST = {2: 0.0991670, 3: 0.0783852, 4: 0.0674486, 6: 0.0640448, 8: 0.0630905}  # squares, off any grid, of sharp.md


@pytest.fixture(scope="module")
def floor():
    return sharp.prove(sharp_chain(length=5))


def test_the_constant_is_below_5(floor):
    """J = gap per link * smoothness / G^2; the true G tends to sqrt(9/145)."""
    assert floor.side == "lower" and 0.245 < floor.value < math.sqrt(9 / 145)
    assert 0.3 / floor.value**2 < 5.0
    assert provers.verified(sharp_chain(length=5), floor)


def test_no_cells_prove_more_than_the_least_that_was_met(floor):
    chain = sharp.sharp_of(sharp_chain(length=5))
    squares = [sharp.least_square(chain, cells, 0.0645) for cells in (16, 32, 64, 128)]
    assert squares == sorted(squares) and squares[0] > 0
    assert squares[-1] < floor.value**2 < min(LEAST.values())
    assert sharp.least_square(chain, 64, 0.03) == pytest.approx(0.03, rel=1e-8)  # never above its cap


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
    coarse = finding.Proof("lower", floor.value, "", floor.prover, dict(floor.data) | {"cells": 64})
    assert not provers.verified(chain, coarse)
    for wrong in ({"cells": 100}, {"cells": 0}, {"cap": 0.0}, {"cap": 40.0}):
        assert sharp.verify(chain, dict(floor.data) | wrong) is None
    heavier = sharp_chain(length=5, coupling=0.1)
    assert sharp.prove(heavier).value != floor.value


def test_a_scaled_chain_has_the_scaled_floor(floor):
    scaled = sharp_chain(length=5, smoothness=2.0, target=0.01)
    assert sharp.verify(scaled, floor.data).value == pytest.approx(0.01 * floor.value / 0.24913, rel=1e-8)


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
