"""The laws of hiding: other formulas for the same probabilities, and draws."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx
from scipy.stats import beta, multivariate_hypergeom

from hardinstances import leaks
from hardinstances.hidden_tube import waypoints


def test_the_cap_law_in_low_dimension():
    """Two points, the circle, the sphere, where areas are elementary; and beyond the sphere."""
    assert leaks.cap_law(1, 0.3) == 1.0 and leaks.cap_law(3, 0.0) == 1.0
    assert leaks.cap_law(2, 0.3) == pytest.approx(2 * math.acos(0.3) / math.pi, rel=1e-12)
    assert leaks.cap_law(3, 0.3) == pytest.approx(0.7, rel=1e-12)
    assert leaks.cap_law(5, 1.0) == leaks.cap_law(5, 2.0) == 0.0


def test_the_failure_of_a_frame():
    """The sum is below its bound, and the dimension is the least for it; R below 1/2 hides all."""
    dimension = leaks.haar_dimension(10, 4.0, 100, 0.01)
    exact = leaks.haar_failure(dimension, 10, 4.0, 100)
    assert 0 < exact <= leaks.haar_failure_bound(dimension, 10, 4.0, 100) <= 0.01
    assert leaks.haar_failure_bound(dimension - 1, 10, 4.0, 100) > 0.01
    assert leaks.haar_failure(40, 10, 0.4, 10**6) == 0.0
    by_hand = 100 * sum((10 - t + 1) * leaks.cap_law(dimension - t + 1, 1 / 8) for t in range(1, 11))
    assert exact == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize(
    ("dimension", "radius", "width", "hidden", "next_seen", "any_seen"),
    [(200, 2.0, 64, 10, 0.0218, 0.198), (100, 2.0, 16, 10, 0.172, 0.848), (400, 2.5, 64, 20, None, 0.068)],
)
def test_curves_that_were_tabulated(dimension, radius, width, hidden, next_seen, any_seen):
    single = leaks.cap_law(dimension, 1 / (2 * radius))
    assert leaks.any_leak(single, width, hidden) == pytest.approx(any_seen, abs=6e-4)
    assert next_seen is None or leaks.any_leak(single, width) == pytest.approx(next_seen, abs=6e-4)
    critical = leaks.critical_width(dimension, radius)
    assert leaks.any_leak(single, round(critical)) == pytest.approx(0.5, abs=0.03)


def test_one_column_is_seen_as_often_as_the_law_says(rng):
    """4000 rounds of 16 queries of radius 2 in 60 dimensions."""
    draws = rng.standard_normal((4000, 16, 60))
    seen = np.abs(draws[:, :, 0]) / np.linalg.norm(draws, axis=2) * 2 > 0.5
    predicted = leaks.any_leak(leaks.cap_law(60, 0.25), 16)
    assert seen.any(axis=1).mean() == pytest.approx(predicted, abs=4 * math.sqrt(predicted * (1 - predicted) / 4000))


def test_the_sparse_law_is_the_hypergeometric_one():
    """Against SciPy's distribution, and against all choices of a small case."""
    block, dimension, radius, support = 6, 30, 1.5, 7
    needed = math.sqrt(2 * block * support) / (2 * radius)
    pairs = itertools.product(range(block + 1), repeat=2)
    law = sum(
        multivariate_hypergeom.pmf([a, b, support - a - b], [block, block, dimension - 2 * block], support)
        for a, b in pairs
        if abs(a - b) > needed and a + b <= support
    )
    assert leaks.sparse_leak(dimension, block, radius, support) == pytest.approx(law, rel=1e-10)
    needed = math.sqrt(2 * 2 * 3) / 2.4
    subsets = list(itertools.combinations(range(8), 3))
    hits = sum(abs(sum(i < 2 for i in one) - sum(2 <= i < 4 for i in one)) > needed for one in subsets)
    assert leaks.sparse_leak(8, 2, 1.2, 3) == pytest.approx(hits / len(subsets), rel=1e-12) and hits


def test_laws_of_the_partition_that_were_tabulated():
    """B/(2R^2) = 6.25 at R = 4: the sparse guess is worse than the dense one by orders of magnitude."""
    for links, sparse, dense in ((8, 1.4e-8, 1.5e-12), (32, 4e-13, 2.1e-45)):
        size = 2 * links * 200
        worst = max(leaks.sparse_leak(size, 200, 4.0, m) for m in range(1, 40))
        assert worst == pytest.approx(sparse, rel=0.05) and leaks.dense_leak(size, 4.0) == pytest.approx(
            dense, rel=0.05
        )
        assert worst <= leaks.partition_leak_bound(200, 4.0) <= leaks.partition_leak_bound(200, 4.0, "consecutive")
    assert leaks.any_leak(leaks.dense_leak(512, 3.0), 256, 8) == pytest.approx(0.287, abs=1e-3)
    assert leaks.any_leak(leaks.sparse_leak(1024, 64, 3.0, 4), 256, 8) == pytest.approx(0.056, abs=1e-3)


def test_the_least_useful_support():
    for block, radius in ((50, 2.0), (64, 3.0), (17, 1.3)):
        least = leaks.least_useful_support(block, radius)
        assert leaks.sparse_leak(8 * block, block, radius, least) > 0
        assert leaks.sparse_leak(8 * block, block, radius, least - 1) == 0


def test_the_dense_law_has_the_exact_variance(rng):
    """Y of a fixed point without mean over random partitions: variance R^2/(d - 1)."""
    point = rng.standard_normal(48)
    point -= point.mean()
    point *= 3 / np.linalg.norm(point)
    shuffled = rng.permuted(np.tile(point, (20_000, 1)), axis=1)
    y = (shuffled[:, :8].sum(axis=1) - shuffled[:, 8:16].sum(axis=1)) / 4
    assert y.var() == pytest.approx(9 / 47, rel=0.04)
    assert (np.abs(y) > 0.5).mean() == pytest.approx(leaks.dense_leak(48, 3.0), abs=0.02)


def test_block_and_width_invert_each_other():
    for length, width in ((5, 10), (20, 10_000)):
        radius = 15 * math.sqrt(length)
        block = leaks.partition_block(length, radius, width, 0.01)
        assert leaks.partition_failure_bound(block, length, radius, width) <= 0.01
        assert leaks.partition_failure_bound(block - 1, length, radius, width) > 0.01
        widest = leaks.partition_width(block, length, radius, 0.01)
        assert width <= widest <= width * math.exp(1 / (8 * radius**2)) + 1
    assert leaks.partition_width(10, 5, 30.0, 0.01) == 0
    assert leaks.tube_failure_bound(12, 8, 16) == 8 * 16 / 2**12


def in_ball(rng, count, dimension, radius):
    directions = rng.standard_normal((count, dimension))
    sizes = radius * rng.random(count) ** (1 / dimension) / np.linalg.norm(directions, axis=1)
    return directions * sizes[:, None]


@pytest.mark.parametrize("dimension", [1, 2, 3, 6])
@pytest.mark.parametrize(
    ("radius", "other", "apart"), [(1, 4, 0), (1, 4, 3.5), (2, 4, 4.0), (2, 3, 4.5), (4, 1, 3.5), (2, 1, 1.5)]
)
def test_what_two_balls_share(dimension, radius, other, apart, rng):
    """Against points of the second ball, and the same volume seen from the first."""
    points = in_ball(rng, 100_000, dimension, other)
    points[:, 0] -= apart
    law = leaks.ball_overlap(dimension, radius, other, apart)
    rate = (np.linalg.norm(points, axis=1) < radius).mean()
    assert abs(rate - law) < 4.5 * math.sqrt(law * (1 - law) / 100_000) + 1e-12
    mirrored = leaks.ball_overlap(dimension, other, radius, apart) * (radius / other) ** dimension
    assert law == pytest.approx(mirrored, rel=1e-12)
    assert leaks.ball_overlap(dimension, radius, other, radius + other) == 0


def test_what_two_balls_share_in_closed_form():
    """On the line; and in space, where unit balls at the distance d share the volume pi (4 + d)(2 - d)^2 / 12."""
    assert leaks.ball_overlap(1, 1.0, 4.0, 3.5) == pytest.approx(1.5 / 8, rel=1e-14)
    for apart in (0.1, 1.0, 1.9):
        volume = (4 + apart) * (2 - apart) ** 2 / 12
        assert leaks.ball_overlap(3, 1.0, 1.0, apart) == pytest.approx(volume / (4 / 3), rel=1e-12)


@pytest.mark.parametrize("dimension", [1, 2, 6])
@pytest.mark.parametrize("place", [0.0, 0.1, 0.5, 0.8])
def test_how_often_the_tube_meets_its_axis(dimension, place, rng):
    count = 200_000
    v, w = in_ball(rng, count, dimension, 4.0), in_ball(rng, count, dimension, 4.0)
    law = leaks.axis_law(dimension, place)
    rate = (np.linalg.norm((1 - place) * v + place * w, axis=1) < 1).mean()
    assert abs(rate - law) < 4.5 * math.sqrt(law / count)
    assert 4.0**-dimension <= law * (1 + 1e-12) <= (4 * max(place, 1 - place)) ** -dimension * (1 + 2e-12)
    assert leaks.cylinder_law(dimension, 5.0) == 5.0**-dimension


def test_parallel_guesses_help_only_with_small_blocks(rng):
    """The game of disclosure: each round a structured query shows one link, K - 1 sparse guesses try the others.

    16 links, R = 2, guesses of the support that leaks most: at b = 16 a batch of 64 saves a third of the rounds, at
    b = 64, above 8 R^2 log K, nothing.
    """

    def rounds(block, width):
        known, count = np.zeros(16, dtype=bool), 0
        owner = rng.permutation(np.repeat(np.arange(32), block))
        support = max(range(1, 20), key=lambda m: leaks.sparse_leak(32 * block, block, 2.0, m))
        while not known.all():
            count += 1
            hidden = np.flatnonzero(~known[owner // 2])
            known[np.flatnonzero(~known)[0]] = True
            for _ in range(width - 1):
                sums = np.bincount(owner[rng.choice(hidden, support, replace=False)], minlength=32)
                y = (sums[::2] - sums[1::2]) * 2 / math.sqrt(support) / math.sqrt(2 * block)
                known |= np.abs(y) > 0.5
        return count

    assert 9.5 <= np.mean([rounds(16, 64) for _ in range(25)]) <= 11.5
    assert np.mean([rounds(64, 64) for _ in range(10)]) >= 15.8


def test_the_cap_law_in_ball_arithmetic():
    """The regularised incomplete beta function with 200 bits."""
    for dimension, threshold in itertools.product((2, 5, 60, 400), (0.05, 0.125, 0.6)):
        with ctx.workprec(200):
            place = 1 - arb(threshold) ** 2
            law = place.beta_lower((arb(dimension) - 1) / 2, arb(1) / 2, regularized=True)
        assert leaks.cap_law(dimension, threshold) == pytest.approx(float(law), rel=1e-12)


def test_the_sparse_law_in_exact_fractions():
    for dimension, block, radius, support in ((30, 6, 1.5, 7), (64, 8, 2.0, 9), (200, 20, 3.0, 15)):
        limit, ways = Fraction(block * support, 2) / Fraction(radius) ** 2, 0
        for one, other in itertools.product(range(block + 1), repeat=2):
            if one + other <= support and (one - other) ** 2 > limit:
                rest = math.comb(dimension - 2 * block, support - one - other)
                ways += math.comb(block, one) * math.comb(block, other) * rest
        law = Fraction(ways, math.comb(dimension, support))
        assert leaks.sparse_leak(dimension, block, radius, support) == pytest.approx(float(law), rel=1e-12)


@pytest.mark.parametrize("place", [0.5, 0.7, 1.0])
def test_the_tube_is_hit_as_often_as_the_law_says(place):
    """The waypoints as the instance draws them; the Clopper-Pearson interval at 10^-9."""
    drawn, number = waypoints(40_000, 3, np.random.default_rng(3))[1:], 20_000
    axis = (1 - place) * drawn[:number] + place * drawn[number:]
    hits = int(((axis**2).sum(axis=1) < 1).sum())
    low, high = beta.ppf(5e-10, hits, number - hits + 1), beta.ppf(1 - 5e-10, hits + 1, number - hits)
    assert low <= leaks.axis_law(3, place) <= high
