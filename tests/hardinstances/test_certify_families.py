"""What is proved of the families beside chain I: no more than is true, and nothing of other functions."""

import math
from dataclasses import replace

import mpmath
import numpy as np
import pytest
from flint import arb

from hardinstances import carmon_chain, chain_two, gate_chain, nested_chain, walled_chain, zigzag
from hardinstances.certify import (
    around_chain_one,
    forms,
    gates,
    largest_derivatives,
    potential_floor,
    transformed,
    visited,
    walls,
)
from hardinstances.certify.finding import LEAST, Proof, decide
from hardinstances.certify.provers import PROVERS, proofs, verified
from hardinstances.progress import last_above
from hardinstances.transforms import rotated, scaled
from oracles import FAMILIES, Claim, Claims, Instance, KernelFunction, norm

CHAINS = {"carmon_chain", "carmon_chain_order", "spline_chain", "sharp_chain"}  # in files of their own
CLOSED = {  # families whose claims are all proved, by what is proved of their examples
    "bump1d": {"smoothness", "gap"},
    "cosine_mixture": {"smoothness", "hessian_smoothness", "third_order_smoothness", "gap"},
    "half_chain": {"smoothness", "gap"},
    "nesterov_chain": {"smoothness", "gap"},
    "quadratic": {"smoothness", "hessian_smoothness", "gap"},
    "saddle_chain": {"smoothness", "hessian_smoothness", "gap", "escape_factor"},
    "sawtooth": {"smoothness", "gap", "floor"},
    "slow_cubic": {"smoothness", "hessian_smoothness", "gap", "floor"},
    "slow_descent": {"smoothness", "hessian_smoothness", "gap", "floor"},
    "chain_two": {"smoothness", "hessian_smoothness", "third_order_smoothness", "gap", "floor"},
    "zigzag": {"smoothness", "gap", "floor"},
}


def example(name):
    return FAMILIES[name].instance(FAMILIES[name].example)


@pytest.mark.parametrize("name", CLOSED)
def test_every_claim_is_proved_and_verified_again(name):
    instance, told = example(name), set()
    for claim in instance.claims:
        found = proofs(instance, claim.quantity)
        if claim.quantity != "length":
            assert decide(claim, None, found).verdict == "proved", claim
            assert all(verified(instance, proof) for proof in found)
            told.add(claim.quantity)
    assert told == CLOSED[name]


SAMPLED = [*CLOSED, "gate_chain", "hidden_tube", "nested_chain"]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("hidden_staircase", {"dimension": 3, "cells": 5, "path": "0120"}),
        ("hidden_staircase", {"dimension": 2, "cells": 4, "path": "straight"}),
        ("free_staircase", {"dimension": 2, "cells": 3}),
        ("snake2d", {"cells": 4}),
        ("chained_rosenbrock", {"dimension": 3}),
    ],
)
def test_the_gaps_of_valleys_are_proved_and_nearly_met(name, parameters, rng):
    """From above by closed forms; samples come to within a quarter of them."""
    instance = FAMILIES[name].instance(parameters)
    (claim,) = instance.claims.on("gap")
    found = proofs(instance, "gap")
    assert decide(claim, None, found).verdict == "proved" and all(verified(instance, proof) for proof in found)
    low = np.zeros(instance.dimension) if instance.domain is None else instance.domain.lower
    high = low + 1 if instance.domain is None else instance.domain.upper
    points = low + (high - low) * rng.random((40_000, instance.dimension))
    if name == "free_staircase":
        points *= 3 * math.sqrt(90)  # its grid
    everything = np.ones(len(points), dtype=bool)
    least = instance.function.evaluate(points, everything, ~everything)[0].min()
    first = instance.function.evaluate_one(np.array(instance.start), True, False)[0]
    assert 0.75 * claim.value <= first - least <= claim.value * (1 + 1e-12)
    moved = replace(instance, claims=Claims(Claim("gap", 0.99 * claim.value, "derived", "")))
    assert decide(moved.claims.default("gap"), None, proofs(moved, "gap")).verdict == "open"


@pytest.mark.parametrize("name", SAMPLED)
def test_no_sample_contradicts_a_proof(name, rng):
    """Difference quotients of gradients, and drops from the start, on three scales."""
    instance = example(name)
    bounds = {
        quantity: min(proof.value for proof in proofs(instance, quantity) if proof.side == "upper")
        for quantity in ("smoothness", "gap")
    }
    scale = rng.choice([0.3, 1.0, 4.0], 4000)[:, None]
    points = instance.start + scale * rng.standard_normal((4000, instance.dimension))
    nearby = points + 1e-5 * rng.standard_normal(points.shape)
    asked = np.ones(len(points), dtype=bool)
    values, gradients = instance.function.evaluate(points, asked, asked)
    _, others = instance.function.evaluate(nearby, asked, asked)
    quotients = np.linalg.norm(gradients - others, axis=1) / np.linalg.norm(points - nearby, axis=1)
    start = instance.function.evaluate_one(instance.start, True, True)[0]
    assert quotients.max() <= bounds["smoothness"] * (1 + 1e-6) and quotients.max() > 0.03 * bounds["smoothness"]
    assert start - values.min() <= bounds["gap"] * (1 + 1e-12)


def test_the_largest_derivatives_by_differences_in_40_digits():
    def psi(t):
        return mpmath.exp(1 - 1 / (2 * t - 1) ** 2)

    def phi(t):
        return mpmath.sqrt(mpmath.pi * mpmath.e / 2) * mpmath.erfc(-t / mpmath.sqrt(2))

    with mpmath.workdps(40):
        for order in (1, 2, 3, 4):
            steep = max(abs(mpmath.diff(psi, t, order)) for t in np.linspace(0.55, 1.5, 400))
            bell = max(abs(mpmath.diff(phi, t, order)) for t in np.linspace(-4, 4, 201))
            for found, met in (
                (largest_derivatives.largest_psi(order), steep),
                (largest_derivatives.largest_phi(order), bell),
            ):
                assert 0.995 * float(found) < met <= float(found) * (1 + 1e-12)
        for radius in (1.0, 3.0):
            slope = lambda t, r=radius: 120 * t**2 * (t - 1) / (1 + (t / r) ** 2)  # noqa: E731
            curve = [mpmath.diff(slope, t) for t in np.linspace(-3, 3, 601) * radius]
            up, down = largest_derivatives.upsilon_range(2, forms.exact(radius))
            assert max(curve) <= float(up) and 0.999 * float(down) < -min(curve) <= float(down) * (1 + 1e-12)
            depth = largest_derivatives.upsilon_depth(forms.exact(radius))
            assert (
                depth.contains(arb(str(-mpmath.quad(slope, [0, 1]))))
                or abs(float(depth) + float(mpmath.quad(slope, [0, 1]))) < 1e-12
            )


@pytest.mark.parametrize(("weight", "radius", "met"), [(1.0, 1.0, 0.9581), (0.1, 1.0, 1.5104)])
def test_the_floor_of_chain_two_is_proved_within_four_per_cent(weight, radius, met, rng):
    """In units of mu^(3/4); `met` is the least that searches have met. No cells prove more."""
    chain = chain_two(length=6, weight=weight, radius=radius)
    proof = potential_floor.prove(chain)
    assert 0.96 * met < proof.value / weight**0.75 < met
    squares = [potential_floor.least_square(weight, radius, cells, weight) for cells in (64, 128, 256)]
    assert squares == sorted(squares) and squares[0] > 0 and squares[-1] <= proof.value**2 * (1 + 1e-9)
    for _ in range(300):
        x = np.append(np.clip(1.1 - rng.uniform(0, 0.4) * np.arange(5) + rng.normal(0, 0.1, 5), -0.3, 1.2), [0.0, 0.0])
        assert norm(chain.function.evaluate_one(x, True, True)[1]) >= proof.value
    assert potential_floor.verify(chain, {"cells": 100, "cap": 0.5}) is None
    assert potential_floor.verify(chain, {"cells": 64, "cap": 0.5}).value < proof.value
    assert potential_floor.prove(chain_two(length=6, weight=1e-4)).value == 0.0


def test_bridges_pass_on_at_least_nu_over_root_two(rng):
    """The nested chain's floor, against gradients at points whose bridges are nearly at rest."""
    chain = nested_chain(length=4, bridge=2)
    proof = potential_floor.prove(chain)
    nu = 1 / 10
    assert 0.25 / math.sqrt(2) * nu < proof.value < 0.9581 * nu
    for _ in range(300):
        y = np.append(np.clip(1.1 - rng.uniform(0.2, 0.5) * np.arange(3) + rng.normal(0, 0.1, 3), -0.2, 1.2), [0, 0])
        x = np.interp(np.arange(13), np.arange(0, 13, 3), y)
        x[np.arange(13) % 3 != 0] *= 1 / math.sqrt(2)
        assert norm(chain.function.evaluate_one(x + 0.0, True, True)[1]) >= proof.value


def test_the_zigzag_satisfies_the_interpolation_conditions():
    """All pairs, by the definition of what is checked by sine <= tau/2 alone."""
    instance = zigzag(steps=5, step=1.5)
    assert visited.interpolates(instance)
    tau, sine = 1.5, float(instance.function.parameters[4])
    gradients = np.array([[math.sqrt(1 - sine**2), (-1.0) ** k * sine] for k in range(6)])
    points = np.concatenate([np.zeros((1, 2)), -np.cumsum(tau * gradients[:-1], axis=0)])
    values = -np.arange(6) * tau * (1 - sine**2)
    for i in range(6):
        for j in range(6):
            d, e = points[i] - points[j], gradients[i] - gradients[j]
            assert values[i] >= values[j] + gradients[j] @ d + (e @ e - d @ d + 2 * e @ d) / 4 - 1e-12
    wider = instance.function.parameters.copy()
    wider[4] = 0.76
    bent = replace(instance, function=KernelFunction(instance.function.kernel, wider))
    assert not visited.interpolates(bent) and not proofs(bent, "floor")


def test_gates_and_outward_pulls_are_largest_where_they_are_said_to_be():
    chain = gates.gates_of(gate_chain(length=3, gates=2))
    t, log_base = np.linspace(0.5001, 9, 200_001), float(chain.log_base)
    psi = np.exp(log_base * (1 - 1 / (2 * t - 1) ** 2))
    first = psi * 4 * log_base / (2 * t - 1) ** 3
    for order, met in ((1, first), (2, np.gradient(first, t))):
        assert float(gates.largest_gate(chain, order)) == pytest.approx(np.abs(met).max(), rel=1e-3)
    p = 2 * t - 1
    weight = t * 4 / p**3 * np.exp(1 - 1 / p**2)
    assert float(walls.outward(arb(1))) == pytest.approx(math.e + weight.max() * math.sqrt(2 * math.pi * math.e))


def test_the_bump_and_one_link():
    assert 362.726 < float(transformed.bump_curvature()) < 362.73
    assert around_chain_one.link_below(133.8453) and not math.isnan(around_chain_one.LINK)
    supremum = float(largest_derivatives.largest_psi(2)) * math.sqrt(2 * math.pi * math.e)
    assert 133.8451 < supremum < around_chain_one.LINK


def test_walled_gradients_stay_above_the_proved_floor(rng):
    chain = walled_chain(length=3, rotation="identity")
    proof = walls.floor(chain)
    assert 0.5 < proof.value < 3.3829
    for _ in range(2000):
        x = rng.standard_normal(3) * rng.choice([1.0, 5.0, 12.0, 25.0])
        x[-1] = rng.uniform(-0.5, 0.5)
        if abs(x[-1]) <= 0.5:
            assert norm(chain.function.evaluate_one(x, True, True)[1]) >= proof.value


def test_rotated_and_scaled_functions_carry_their_proofs_and_no_others():
    chain = carmon_chain(length=4)
    turned = scaled(rotated(chain, seed=3), height=2.0, width=0.5)
    (gap,) = [proof for proof in proofs(turned, "gap") if proof.side == "upper"]
    assert gap.value == pytest.approx(2 * chain.claims.value("gap"), rel=1e-12) and verified(turned, gap)
    (steep,) = proofs(turned, "lipschitz")
    (inner,) = proofs(chain, "lipschitz")
    assert steep.value == pytest.approx(4 * inner.value, rel=1e-12)
    wrong = replace(gap, data=dict(gap.data) | {"prover": "transformed, smoothness from above"})
    assert verified(turned, wrong) is None
    elsewhere = replace(turned, progress=last_above(0.1))
    assert PROVERS["transformed, floor from below"].prove(elsewhere) is None


def test_a_transform_of_nothing_known_proves_nothing():
    unknown = Instance("unknown", rotated(carmon_chain(length=2), seed=1).function, np.ones(2))
    assert not any(proofs(unknown, quantity) for quantity in transformed.QUANTITIES)


def test_forms_round_to_the_safe_side():
    assert forms.rounded_up(arb(0)) == 0.0 and forms.rounded_up(arb(1)) == 1.0
    third = arb(1) / 3
    assert forms.rounded_up(third) > 1 / 3 > -forms.rounded_up(-third)
    lower = Proof("lower", 1.0, "", "")
    assert "floor" in LEAST and decide(Claim("floor", 1.0, "derived", ""), None, (lower,)).verdict == "proved"


def test_a_floor_that_nothing_is_known_of_is_zero_without_a_sign():
    (proof,) = proofs(example("hidden_tube"), "floor")
    assert (proof.side, proof.value, math.copysign(1.0, proof.value)) == ("lower", 0.0, 1.0)
