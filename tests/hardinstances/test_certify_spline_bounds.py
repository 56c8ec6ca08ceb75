"""What is proved of spline chains for every length: smoothness and gap, held against the kernel at points."""

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from hardinstances import spline_chain
from hardinstances.certify import finding, provers, read, spline_bends, spline_gap, spline_smoothness
from hardinstances.certify.spline_net import cuts_for, link_net, potential_net, spline_of
from hardinstances.spline_chain import COEFFICIENTS, HEIGHT, link, place, potential, splines
from hardinstances.spline_links import LINKS
from oracles.reductions import matrix_of

NAMES = sorted(LINKS)


# Where a search met the largest norm of the Hessian: cells from 0, and on which side of a knot.
ROUGH = {
    "S5": ([1, 0, -0.2544, -0.5325, -0.5919, -0.6093, -0.594], [1, -1], 1.00063),
    "S20": ([9, 6, 2, 0, -1, -1, -1.368], [-1, 1, 1, -1, 1, -1], 0.9983),
    "S21": ([-1.25, 9, 6, 1, 0, -1, 0], [1, 1, 1, 1, -1, 1, -1], 0.9996),
    "R6": ([2.0164, 3, 1, 3, 1, 1.4668, 1.272], [0, -1, 1, -1, 1], 0.9994),
    "R12": ([7, 6, 9.228, 8.276, 0.616, -3.2504, -2.0504], [-1, 1], 0.9981),
    "R13": ([5, 4.25, 6, 6, 0, -3, 4], [-1, 1, -1, 1, 1, -1, 1], 0.9997),
}


@pytest.fixture(scope="module")
def smooth():
    """The stored proof of smoothness of every link."""
    files = {name: Path(__file__).parent / "certificates" / f"spline_chain_{name}.json" for name in NAMES}
    return {name: read(file).on("smoothness")[0].proofs[0] for name, file in files.items()}


def changed(chain, place, value):
    """The chain with one parameter changed."""
    parameters = chain.function.parameters.copy()
    parameters[place] = value
    return replace(chain, function=replace(chain.function, parameters=parameters))


def bernstein(points, u):
    """The quadratic with these control points along the first axis."""
    return (1 - u) ** 2 * points[0] + 2 * u * (1 - u) * points[1] + u * u * points[2]


@pytest.mark.parametrize("name", NAMES)
def test_control_points_are_those_of_the_kernel(name, rng):
    chain = spline_chain(length=1, link=name)
    spline, parameters = spline_of(chain), chain.function.parameters
    cells, right = spline.cells, spline.right
    net, well = link_net(spline, 4), potential_net(spline, 4)
    for _ in range(200):
        x, y = rng.uniform(-spline.left, right, 2) / right
        (a, u), (b, w) = place(x, spline.left, right), place(y, spline.left, right)
        exact = right**2 * link(parameters, cells, a, splines(a, u, cells)[0], b, splines(b, w, cells)[0])
        i, j = 4 * a + int(4 * u), 4 * b + int(4 * w)
        patch = net[2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
        assert bernstein(bernstein(patch, 4 * u % 1).T, 4 * w % 1) == pytest.approx(exact, rel=1e-12, abs=1e-6)
        bowl = bernstein(well[2 * j : 2 * j + 3], 4 * w % 1)
        assert bowl == pytest.approx(potential(parameters, cells, b, w)[0], rel=1e-12, abs=1e-6)


def test_control_points_and_their_differences_are_exact():
    """The cell (2, 1) of S5, part (5, 40) of 64, by blossoms in fractions."""
    spline = spline_of(spline_chain(length=1))
    bends, table = spline_bends.bends_of(spline, 64), [[Fraction(int(c)) for c in row] for row in spline.coefficients]
    whole = [[(table[max(k - 1, 0)][j] + table[k][j]) / 2 for j in range(5)] for k in range(5)]

    def along(y):  # right^2 P_xx on cell 2 of x: its control points are knots 2, 3 and the coefficients between
        def of(j):
            row = [whole[2][j], table[2][j], whole[3][j]]
            return 2 * 9 * (row[0] - 2 * row[1] + row[2])

        b = [(of(0) + of(1)) / 2, of(1), (of(1) + of(2)) / 2]
        return b[0] * (1 - y) ** 2 + 2 * b[1] * y * (1 - y) + b[2] * y * y

    assert spline_bends.exact(spline, 64) and not spline_bends.exact(spline, 1024)
    for part in (0, 5, 40, 63):
        assert Fraction(float(bends.along[2, 2 * (64 + part)])) == along(Fraction(part, 64))


@pytest.mark.parametrize("name", NAMES)
def test_smoothness_is_proved_and_not_far_above_the_truth(name, smooth):
    chain, proof = spline_chain(length=5, link=name), smooth[name]
    (claim,) = chain.claims.on("smoothness")
    assert finding.decide(claim, None, (proof,)).verdict == "proved" and claim.tag == "proved"
    assert provers.verified(chain, proof) and len(str(dict(proof.data))) < 12_000

    cells, sides, met = ROUGH[name]
    x = (np.array(cells) + 1e-6 * np.resize(sides, 7) * (np.arange(7) < len(sides))) / LINKS[name].right
    rough = np.abs(np.linalg.eigvalsh(matrix_of(spline_chain(length=7, link=name).function.band(x)))).max()
    assert met < rough < proof.value < 1.002 * rough


def test_the_search_for_a_proof(smooth, monkeypatch):
    """With a third of the parts it proves a little less, and the least lambda of a grid is below what is proved."""
    monkeypatch.setattr(spline_smoothness, "MOST_PARTS", 100)
    chain, best = spline_chain(length=2, link="R6"), smooth["R6"].value
    proof = spline_smoothness.prove(chain)
    assert best < proof.value < 1.003 * best and provers.verified(chain, proof)
    spline = spline_of(chain)
    bends = spline_bends.bends_of(spline, 16)
    least = spline_smoothness.least_on_grid(bends)
    assert 0.9994 < least * spline.height < best
    steeper = changed(chain, COEFFICIENTS, -2000.0)
    assert spline_smoothness.verify(steeper, smooth["R6"].data) is None
    assert spline_smoothness.prove(steeper).value > 1.01 * best


@pytest.mark.parametrize("name", NAMES)
def test_the_pivots_stay_above_their_bound(name, smooth, rng):
    """W on the parts, against the recursion of the pivots of the kernel's own Hessian."""
    chain, data = spline_chain(length=8, link=name), smooth[name].data
    spline = spline_of(chain)
    number, unit = smooth[name].value, spline.height / spline.width**2
    for side, sign in spline_smoothness.SIDES.items():
        least = np.reshape(data[side], (spline.cells, -1)) * unit
        for _ in range(25):
            x = rng.uniform(-spline.left / spline.right, 1, 8)
            matrix = sign * matrix_of(chain.function.band(x))
            pivot = number + matrix[0, 0]
            for i in range(8):
                cell, u = place(x[i], spline.left, spline.right)
                tail = spline_chain(length=8 - i, link=name)
                own = (
                    sign * matrix_of(tail.function.band(x[i:]))[0, 0]
                )  # with the link from x_0 = 1 in place of x_{i-1}
                first = sign * matrix_of(spline_chain(length=1, link=name).function.band(x[i : i + 1]))[0, 0]
                last = sign * _along(spline, x[i], 0.0) * unit
                following = sign * _along(spline, x[i], x[i + 1] if i < 7 else 0.0) * unit
                assert own - following == pytest.approx(first - last, abs=1e-9)
                bound = np.interp(u, np.linspace(0, 1, least.shape[1]), least[cell])
                assert pivot - following >= bound - 1e-9 and pivot > 0
                if i < 7:
                    pivot = number + matrix[i + 1, i + 1] - matrix[i, i + 1] ** 2 / pivot


def _along(spline, x, y):
    """right^2 P_xx by the kernel's splines."""
    (a, u), (b, w) = (place(t, spline.left, spline.right) for t in (x, y))
    parameters = np.r_[np.zeros(COEFFICIENTS), spline.coefficients.ravel()]
    cells = spline.cells
    return spline.right**2 * link(parameters, cells, a, splines(a, u, cells)[2], b, splines(b, w, cells)[0])


def test_no_proof_of_less_with_other_numbers_or_of_another_link(smooth):
    chain, data = spline_chain(length=5), dict(smooth["S5"].data)
    side = list(data["above -lambda"])
    for wrong in (
        {"lambda": data["lambda"] * (1 - 1e-4)},
        {"lambda": math.nan},
        {"cuts": 63},
        {"above -lambda": [entry + 200.0 for entry in side]},
        {"below lambda": [entry - 40_000.0 for entry in side]},
    ):
        assert spline_smoothness.verify(chain, data | wrong) is None
    with pytest.raises(ValueError, match="reshape"):
        spline_smoothness.verify(chain, data | {"below lambda": side[1:]})
    assert spline_smoothness.prove(changed(chain, COEFFICIENTS, 0.5)) is None  # control points not exact


def test_what_is_no_spline_chain_is_left_alone():
    chain = spline_chain(length=3)
    kink = changed(chain, -3, chain.function.parameters[-3] + 1)  # upsilon jumps
    for other in (kink, replace(chain, start=np.ones(3)), changed(chain, HEIGHT, math.inf)):
        assert provers.proofs(other, "smoothness") == () == provers.proofs(other, "gap")
    flat = changed(chain, -1, 0.0)
    assert spline_of(flat) and (provers.proofs(flat, "gap") == ()) == (flat.function.parameters[-2] < 0)


@pytest.mark.parametrize(("slope", "least"), [(1.0, 2.0), (-1.0, 1.875)])
def test_the_least_of_a_wall(slope, least):
    assert spline_gap.least_beyond(2.0, slope, 4.0) == least
    assert spline_gap.least_beyond(2.0, -1.0, 0.0) == -math.inf == spline_gap.least_beyond(2.0, 1.0, -1.0)


@pytest.mark.parametrize("name", NAMES)
def test_the_gap_is_proved_for_every_length(name, ask):
    for length in (1, 2, 7, 1000):
        chain = spline_chain(length=length, link=name)
        (proof,), (claim,) = provers.proofs(chain, "gap"), chain.claims.on("gap")
        assert finding.decide(claim, None, (proof,)).verdict == "proved" and claim.tag == "proved"
        assert claim.value * (1 - 1e-5) - 1e-5 <= proof.value
    chain, grid = spline_chain(length=2, link=name), np.linspace(-0.6, 1.3, 60)
    drops = [ask(chain, np.zeros(2))[0] - ask(chain, np.array([x, y]))[0] for x in grid for y in grid]
    (proof,) = provers.proofs(chain, "gap")
    assert 0 < max(drops) <= proof.value


def test_the_gap_shrinks_with_the_square_of_the_parts():
    spline, grid = spline_of(spline_chain(length=1)), np.linspace(0.5, 0.9, 4001)
    parameters, unit = spline_chain(length=1).function.parameters, spline.height / spline.right**2

    def loop(x):
        cell, u = place(x, spline.left, spline.right)
        weights = splines(cell, u, 5)[0]
        return 9 * link(parameters, 5, cell, weights, cell, weights) + potential(parameters, 5, cell, u)[0]

    least = loop(0.0) - min(loop(x) for x in grid)  # a plateau
    excess = [(spline_gap.gap_of(spline, cuts)[0] - least) * unit for cuts in (8, 32, 128)]
    assert excess == sorted(excess, reverse=True)
    assert 0 < excess[1] < excess[0] / 10 and 0 < excess[2] < excess[1] / 4 and excess[2] < 1e-5


@pytest.mark.parametrize("name", NAMES)
def test_the_potential_holds_between_the_control_points(name, rng):
    """P(x, y) + upsilon(y) + p(x) - p(y) >= -D at random points, with p from its control points, walls included."""
    chain = spline_chain(length=1, link=name)
    spline, parameters = spline_of(chain), chain.function.parameters
    cells, right, cuts = spline.cells, spline.right, cuts_for(spline.cells, 160)
    link_points, wells = np.pad(link_net(spline, cuts), 1, mode="edge"), spline_gap.wells(spline, cuts)
    p = spline_gap.cheapest(link_points + wells)
    drop = spline_gap.gap_of(spline, cuts)[0] - link_points[1 + 2 * cuts * spline.left, 1 + 2 * cuts * spline.left]

    def height(x):
        cell, u = place(x, spline.left, right)
        well = potential(parameters, cells, cell, u)[0]
        if 0 <= cell < cells:
            part = cuts * cell + int(cuts * u)
            return cell, u, well, bernstein(p[1 + 2 * part : 4 + 2 * part], cuts * u % 1)
        end = 0 if cell < 0 else -1
        return cell, u, well, p[end] + well - wells[end]

    lowest = math.inf
    for x, y in rng.uniform(-spline.left / right - 0.5, 1.5, (2000, 2)):
        (a, u, _, before), (b, w, well, after) = height(x), height(y)
        cost = right**2 * link(parameters, cells, a, splines(a, u, cells)[0], b, splines(b, w, cells)[0]) + well
        lowest = min(lowest, cost + before - after)
    assert -drop <= lowest < 0.2 * drop


def test_scaled_chains_have_scaled_bounds(smooth):
    scaled = spline_chain(link="R6", length=6, smoothness=2.0, target=0.01)
    proof = spline_smoothness.verify(scaled, smooth["R6"].data)
    assert proof.value == pytest.approx(2.0 * smooth["R6"].value / LINKS["R6"].smoothness, rel=1e-12)
    found = {"smoothness": (proof,), "gap": provers.proofs(scaled, "gap")}
    for quantity, proofs in found.items():
        (claim,) = scaled.claims.on(quantity)
        assert finding.decide(claim, None, proofs).verdict == "proved"
        assert claim.value == pytest.approx(proofs[0].value, rel=1e-4)
