"""The floor of spline chains, proved for every length: entries against the kernel, paths against plain ones."""

from dataclasses import replace

import numpy as np
import pytest

from hardinstances import spline_chain
from hardinstances.certify import finding, provers, spline_floor
from hardinstances.certify.pair_paths import all_pairs, grid_of, halved, last
from hardinstances.certify.pair_sweeps import distances, ranges, side, tilted
from hardinstances.certify.spline_net import spline_of
from hardinstances.progress import last_above
from hardinstances.spline_chain import COEFFICIENTS, HEIGHT
from hardinstances.spline_links import LINKS
from oracles import norm

NAMES = sorted(LINKS)
UNIT = {name: LINKS[name].unit for name in NAMES}


def problem(name, target, **scale):
    instance = spline_chain(length=3, link=name, **scale)
    return spline_floor.chain_of(spline_of(instance), target / UNIT[name], LINKS[name].dead)


def changed(chain, place, value):
    """The chain with one parameter changed."""
    parameters = chain.function.parameters.copy()
    parameters[place] = value
    return replace(chain, function=replace(chain.function, parameters=parameters))


@pytest.mark.parametrize("name", NAMES)
def test_entries_lie_between_their_bounds_and_those_are_close(name, rng):
    """The middle entry of T = 3 at random points of random triples of cells, also beyond the knots."""
    target, chain, link = 0.2, spline_chain(length=3, link=name), LINKS[name]
    paths = problem(name, target)
    widths = []
    for halvings in (2, 5):
        grid = grid_of(paths, halvings)
        triples = rng.integers(0, grid.start, (100, 3))
        into, out = (ranges(paths.terms(grid, triples[:, k], triples[:, k + 1])[k]) for k in range(2))
        least, most = (into + out)[:, :2].min(axis=1), (into + out)[:, 2:].max(axis=1)
        for _ in range(4):
            u = rng.random((100, 3)) if rng.random() < 0.7 else rng.integers(0, 2, (100, 3))
            points = (grid.low[triples] * (1 - u) + grid.high[triples] * u) / link.right
            entries = np.array([chain.function.evaluate_one(x, True, True)[1][1] for x in points]) / target
            assert (least - 1e-11 <= entries).all() and (entries <= most + 1e-11).all()
        widths.append((most - least).mean())
    assert 0 < widths[1] < widths[0] / 6


def plain(paths, halvings):
    """The shortest path over all cells, two in a row within the dead zone among them, by values of plain iteration."""
    grid = grid_of(paths, halvings)
    count = len(grid.low)
    first, second = np.divmod(np.arange(count**2), count)
    left, right = (ranges(term).reshape(count, count, 4) for term in paths.terms(grid, first, second))
    ends = last(paths, grid)
    inner = [*range(grid.start), *([] if paths.dead else [grid.zero])]
    way = np.full((count, count), np.inf)
    way[ends, grid.zero] = 0.0
    while True:
        new = way.copy()
        for b in inner:
            into, out = left[:, b, None], right[None, b]
            least = np.minimum(into[..., 0] + out[..., 0], into[..., 1] + out[..., 1])
            most = np.maximum(into[..., 2] + out[..., 2], into[..., 3] + out[..., 3])
            new[:, b] = np.minimum(new[:, b], (np.maximum(np.maximum(least, -most), 0) ** 2 + way[b]).min(axis=1))
        if (new == way).all():
            return way[grid.start, inner].min()
        way = new


def ways(paths, halvings):
    """All pairs of a grid with their terms, the ends, and plain distances to them with the pairs that come next."""
    grid = grid_of(paths, halvings)
    first, second = all_pairs(paths, grid)
    left, right = paths.terms(grid, first, second)
    ends = last(paths, grid)[first] & (second == grid.zero)
    return grid, first, second, left, right, ends, *distances(side(right, left, first, second), ends)


@pytest.mark.parametrize("name", ["S5", "R6"])
@pytest.mark.parametrize("halvings", [3, 4])
def test_the_path_over_pairs_is_the_plain_one(name, halvings):
    """What is left out, sums above 1 and pairs within the dead zone, changes nothing; from both ends."""
    paths = problem(name, LINKS[name].floor)
    grid, first, second, left, right, ends, onwards, _ = ways(paths, halvings)
    assert onwards[first == grid.start].min() == pytest.approx(plain(paths, halvings), rel=1e-9)
    reached, _ = distances(side(left, right, second, first), first == grid.start)
    assert reached[ends].min() == onwards[first == grid.start].min() <= (reached + onwards).min()


@pytest.mark.parametrize("name", NAMES)
def test_linear_functions_lie_below_the_sums_at_points(name, rng):
    """W + L against the kernel at points along random ways to the end, and often well above the plain distance."""
    link = LINKS[name]
    paths = problem(name, link.floor)
    grid, first, second, left, right, ends, onwards, nexts = ways(paths, 4 if link.right < 5 else 3)
    found = tilted(side(right, left, first, second), ends, onwards, nexts)
    slopes = np.abs(found.joint) + np.abs(found.other)
    assert (found.everywhere >= np.minimum(onwards, 1) - 2 * slopes - 1e-11).all() and (slopes > 0).mean() > 0.1
    from_cell = [np.flatnonzero(first == cell) for cell in range(grid.zero + 1)]
    excess = []
    for p in rng.choice(np.flatnonzero((onwards < 1) & (first < grid.start) & ~ends), 200):
        cells = [first[p], second[p]]
        q = p
        while not ends[q] and onwards[q] < 1 and len(cells) < 30:
            q = nexts[q] if rng.random() < 0.8 else rng.choice(from_cell[second[q]])
            cells.append(second[q])
        if not ends[q]:
            continue
        u = rng.random(len(cells)) * 2 - 1
        points = (grid.low[cells] + grid.high[cells]) / 2 + u * (grid.high[cells] - grid.low[cells]) / 2
        x = points[:-1] / link.right
        entries = spline_chain(length=len(x), link=name).function.evaluate_one(x, True, True)[1][1:] / link.floor
        below = found.least[p] + u[0] * found.joint[p] + u[1] * found.other[p]
        assert np.square(entries).sum() >= min(1.0, below) - 1e-12
        excess.append(below - onwards[p])
    assert len(excess) > 50 and np.mean(np.array(excess) > 1e-3) > 0.2


def test_halves_cover_their_pairs():
    grid = grid_of(problem("S5", 0.2), 3)
    first, second = np.array([4, 4, grid.start]), np.array([7, grid.zero, 0])
    finer = grid_of(problem("S5", 0.2), 4)
    pairs = list(zip(*halved(grid, first, second), strict=True))
    area = [(finer.high[a] - finer.low[a], finer.high[b] - finer.low[b]) for a, b in pairs]
    assert len(set(pairs)) == 8 == len(pairs) and sorted(pairs) == pairs
    assert sum(a * b for a, b in area) == 1 / 64 and sum(a + b for a, b in area if 0 in (a, b)) == 2 / 8
    assert {(finer.start, 0), (finer.start, 1), (8, finer.zero), (9, finer.zero)} < set(pairs)


@pytest.mark.parametrize("name", NAMES)
def test_bounds_rise_with_the_halvings_and_stay_below_what_was_met(name, rng):
    chain, link = spline_chain(length=4, link=name), LINKS[name]
    proofs = [spline_floor.bound(chain, link.floor * 1.01 / link.unit, halvings)[0] for halvings in range(2)]
    values = [proof.value for proof in proofs]
    assert 0.85 * link.floor < values[0] < values[1] < link.floor
    assert spline_floor.verify(spline_chain(length=1, link=name), proofs[0].data).value == values[0]  # any length
    dead = link.dead / link.right
    for _ in range(300):
        x = np.r_[rng.uniform(-0.4, 1.1, 3), rng.uniform(-dead, dead)]
        assert norm(chain.function.evaluate_one(x, True, True)[1]) > values[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_low_target_is_met_and_not_exceeded(name):
    chain, link = spline_chain(length=4, link=name), LINKS[name]
    proof, met = spline_floor.bound(chain, 0.999 * link.floor / link.unit, 8)
    assert met and proof.value == pytest.approx(0.999 * link.floor, rel=1e-12)
    scaled = spline_chain(length=9, link=name, smoothness=2.0, target=0.01)
    again = spline_floor.verify(scaled, proof.data)
    assert again.value == pytest.approx(0.999 * 0.01, rel=1e-8) and provers.verified(scaled, again)
    assert not provers.verified(chain, replace(proof, value=proof.value * 1.001))
    assert not provers.verified(chain, replace(proof, data=proof.data | {"halvings": 0}))


@pytest.mark.parametrize("name", NAMES)
def test_the_claims_are_proved(name):
    for scale in ({}, {"smoothness": 3.0, "target": 0.02}):
        chain = spline_chain(length=5, link=name, **scale)
        (claim,) = chain.claims.on("floor")
        proof = spline_floor.prove(chain)
        assert claim.tag == "proved" and finding.decide(claim, None, (proof,)).verdict == "proved"
        assert proof.value == pytest.approx(claim.value, rel=1e-11)


# The least gradients that searches have met, rounded up.
MET = {"S5": 0.203395, "S20": 0.187551, "S21": 0.208972, "R6": 0.132092, "R12": 0.13675, "R13": 0.160307}


@pytest.mark.parametrize("name", NAMES)
def test_no_target_above_what_was_met_is_proved(name):
    chain, link = spline_chain(length=5, link=name), LINKS[name]
    values = [spline_floor.bound(chain, MET[name] / link.unit, halvings) for halvings in range(4)]
    assert not any(met for _, met in values)
    values = [proof.value for proof, _ in values]
    assert values == sorted(values) and MET[name] * (1 - 4e-3) < values[-1] < MET[name]


def test_what_the_argument_does_not_cover():
    chain = spline_chain(length=3, link="R6")
    wider = replace(chain, progress=last_above(0.5))
    assert spline_floor.covers(wider) and spline_floor.prove(wider) is None  # not dead as far as that
    felt = changed(chain, COEFFICIENTS + 6 * 1 + 2, 1.0)
    flat = changed(chain, -1, 0.0)
    falling = changed(chain, -1, -1.0)
    for other in (felt, flat, falling):
        assert spline_floor.covers(other) and spline_floor.prove(other) is None
    for other in (changed(chain, HEIGHT, np.inf), replace(chain, progress=None), replace(chain, start=np.ones(3))):
        assert not spline_floor.covers(other)
    for target in (0.0, -1.0, np.nan, np.inf):
        assert spline_floor.bound(chain, target, 2) is None
    assert spline_floor.bound(chain, 1e9, 2) is None  # the walls do not come so high
    huge = changed(chain, COEFFICIENTS + 35, 1e12)
    assert spline_floor.bound(huge, 13190.0, 2) is None  # beyond the size for which rounding is covered
