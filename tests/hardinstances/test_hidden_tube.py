"""The hidden tube: its definition, what it hides, the claims with typical and with the worst waypoints, both laws."""

import math

import mpmath
import numpy as np
import pytest

from algorithms import gradient_descent
from experiments import run
from hardinstances import hidden_tube
from hardinstances.leaks import tube_failure_bound
from oracles import InputError
from oracles.kernels import answer_points


def waypoints_of(tube):
    slabs = int(tube.function.parameters[1])
    return tube.function.parameters[4:].reshape(slabs + 1, -1)


def step(u):
    u = min(max(u, mpmath.mpf(0)), mpmath.mpf(1))
    return u**3 * (10 - 15 * u + 6 * u**2)


def formula(tube, slab):
    """F(z, y) from its definition: the axis by cases, chi as a product."""
    points = [[mpmath.mpf(entry) for entry in row] for row in waypoints_of(tube)]
    last = len(points) - 1

    def axis(z):
        if z <= 8:
            return points[0]
        k = int(mpmath.floor((z - 8) / slab))
        if k >= last:
            return points[last]
        s = step((z - 8) / slab - k)
        return [a + (b - a) * s for a, b in zip(points[k], points[k + 1], strict=True)]

    def total(x):
        z, y = x[0], x[1:]
        chi = step(z + 1) * (1 - step(z - 8 - slab * last))
        away = sum((a - b) ** 2 for a, b in zip(y, axis(z), strict=True))
        return mpmath.sqrt(sum(t**2 for t in x) + 1) - chi * (8 + 3 * z) * max(0, 1 - away) ** 3

    return total


def in_the_tube(tube, slab, z, offset):
    """The point at height z with this offset (m,) from the axis."""
    points = waypoints_of(tube)
    along = (z - 8) / slab
    k = min(max(math.floor(along), 0), len(points) - 2)
    u = min(max(along - k, 0.0), 1.0)
    return np.r_[z, points[k] + (points[k + 1] - points[k]) * (u**3 * (10 - 15 * u + 6 * u**2)) + offset]


@pytest.mark.parametrize("slab", [8, 16])
def test_it_agrees_with_its_definition(slab, ask, in_50_digits, rng):
    tube = hidden_tube(dimension=4, length=3, slab=slab, seed=3)
    end = 8 + 3 * slab
    for k in range(40):
        z = rng.uniform(-2, end + 2) if k % 4 else rng.choice([-0.5, 3.0, end + 0.5])
        x = in_the_tube(tube, slab, z, rng.uniform(-0.6, 0.6, 3))
        value, gradient = ask(tube, x)
        exact, slopes = in_50_digits(formula(tube, slab), x)
        assert value == pytest.approx(exact, rel=1e-12, abs=1e-12)
        assert gradient == pytest.approx(slopes, rel=1e-12, abs=1e-12)


def test_outside_of_the_tube_nothing_is_told(ask, rng):
    """Two tubes with other waypoints give the same bits at points outside of both: the cone."""
    one, two = (hidden_tube(dimension=5, length=6, seed=seed) for seed in (0, 1))
    told = 0
    for _ in range(300):
        x = np.r_[rng.uniform(-5, 60), rng.uniform(-4, 4, 4)]
        if one.progress(x[None])[0] == two.progress(x[None])[0] == 0:
            value, gradient = ask(one, x)
            assert value == ask(two, x)[0] and np.array_equal(gradient, ask(two, x)[1])
            assert value == pytest.approx(math.sqrt(1 + x @ x), rel=1e-15)
            told += 1
    assert told > 200


def test_progress_is_the_waypoint_that_an_answer_shows():
    tube = hidden_tube(dimension=3, length=4, seed=2)
    heights = (-3.0, 7.9, 8.1, 15.0, 17.0, 33.0, 39.0, 40.5, 42.0)
    points = np.array([in_the_tube(tube, 8, z, np.zeros(2)) for z in heights])
    assert tube.progress(points).tolist() == [0, 0, 1, 1, 2, 4, 4, 5, 0]
    points[:, 1] += 1.1
    assert tube.progress(points).tolist() == [0] * 9


def test_the_gap(ask, rng):
    """F(0) = -7, and the claim lies above the fall to the end of the tube by less than 3."""
    tube = hidden_tube(dimension=3, length=5)
    assert ask(tube, np.zeros(3))[0] == pytest.approx(-7, rel=1e-15)
    ends = [ask(tube, in_the_tube(tube, 8, z, np.zeros(2)))[0] for z in np.linspace(47.5, 49, 200)]
    assert 0 <= tube.claims.value("gap") - (-7 - min(ends)) < 3


@pytest.mark.parametrize(("slab", "least", "most"), [(8, 0.4785, 25.65), (16, 0.7069, 10.63)])
def test_the_worst_waypoints_keep_the_claims(slab, least, most, rng):
    """v_{k+1} = -v_k on the sphere, N = 8, in the plane: the least gradient norm before the end, and the largest
    curvature in units of 8 + 3 Z, by a scan and walks from its best points.
    """
    tube = hidden_tube(dimension=2, length=8, slab=slab)
    parameters = np.r_[tube.function.parameters[:4], 0.0, [4.0 * (-1) ** k for k in range(8)]]
    end = 8.0 + slab * 8

    def gradients(points):
        return answer_points(tube.function.kernel, np.ascontiguousarray(points), parameters)[1]

    def norms(points):
        return np.where((points[:, 0] > -1.2) & (points[:, 0] < end), np.linalg.norm(gradients(points), axis=1), 9.0)

    def curvatures(points):
        h = 1e-5
        a, b, c, d = (gradients(points + h * np.array(move)) for move in ((1, 0), (-1, 0), (0, 1), (0, -1)))
        hessians = np.stack([a - b, c - d], axis=1) / (2 * h)
        return -np.abs(np.linalg.eigvalsh((hessians + hessians.transpose(0, 2, 1)) / 2)).max(axis=1)

    z = rng.uniform(-1.2, end + 1.2, 60_000)
    along = np.clip((z - 8) / slab, 0, 8)
    k = np.minimum(along.astype(int), 7)
    u = along - k
    v = parameters[4:]
    axis = v[k] + (v[k + 1] - v[k]) * u**3 * (10 - 15 * u + 6 * u**2)
    points = np.stack([z, axis + rng.uniform(-1.2, 1.2, 60_000)], axis=1)
    for measure, extreme in ((norms, least), (curvatures, -most * (8 + 3 * end))):
        values = measure(points)
        best = points[np.argsort(values)[:40]]
        found = measure(best)
        for k in range(400):
            trial = best + 0.1 * 0.5 ** (k % 16) * rng.standard_normal(best.shape)
            values = measure(trial)
            best[values < found], found = trial[values < found], np.minimum(found, values)
        assert found.min() == pytest.approx(extreme, rel=5e-3)
    assert least > tube.claims.value("floor") and most * (8 + 3 * end) < tube.claims.value("smoothness")


@pytest.mark.parametrize("seed", range(4))
def test_typical_tubes_keep_the_floor(seed, ask, rng):
    tube = hidden_tube(dimension=6, length=5, seed=seed)
    for _ in range(1500):
        offset = rng.standard_normal(5)
        x = in_the_tube(tube, 8, rng.uniform(-1.2, 48), offset * rng.uniform(0, 1.2) / np.linalg.norm(offset))
        assert np.linalg.norm(ask(tube, x)[1]) > tube.claims.value("floor")


@pytest.mark.parametrize(("size", "exponent"), [("gap", 1.0), ("distance", 0.5)])
def test_both_laws(size, exponent):
    """N grows as 1/epsilon at a fixed gap and as its root at a fixed distance; the claims keep to the class."""
    lengths = []
    for target in (1e-5, 1e-6):
        limit = {"gap": 0.05, "distance": 40.0}[size]
        tube = hidden_tube(dimension=3, smoothness=2.0, target=target, **{size: limit})
        claims = tube.claims
        assert claims.value("smoothness") == pytest.approx(2, rel=1e-12) and claims.value(size) <= limit
        assert target < claims.value("floor") == pytest.approx(target, rel=1e-8)
        length = int(claims.value("length"))
        longer = hidden_tube(dimension=3, smoothness=2.0, target=target, length=length + 1)
        assert longer.claims.value(size) > limit
        lengths.append(length)
    assert math.log10(lengths[1] / lengths[0]) == pytest.approx(exponent, abs=0.03)


def test_the_bound_speaks_of_narrow_batches():
    """K <= delta 2^m / N for all methods; none where not even K = 1 is covered."""
    tube = hidden_tube(dimension=21, length=8, failure=0.1)
    (bound,) = tube.bounds
    assert bound.scope.methods == "all" and bound.scope.width == math.floor(0.1 * 2**20 / 8)
    assert tube_failure_bound(20, 8, bound.scope.width) <= 0.1
    assert bound.value({"target": 0.45}) == 9 and bound.tag == "measured"
    assert hidden_tube(dimension=4, length=8).bounds == ()


def test_a_guess_ahead_rarely_hits(rng):
    """Hits of uniform guesses at a hidden slab, against (2/beta)^m, m = 2 and 4."""
    for dimension in (3, 5):
        hits = 0
        for seed in range(40):
            tube = hidden_tube(dimension=dimension, length=2, seed=seed)
            directions = rng.standard_normal((500, dimension - 1))
            radii = 4 * rng.random(500) ** (1 / (dimension - 1)) / np.linalg.norm(directions, axis=1)
            guesses = np.c_[np.full(500, 18.0), directions * radii[:, None]]
            hits += (tube.progress(guesses) > 0).sum()
        assert hits / 20_000 <= (2 / 4) ** (dimension - 1)


def test_the_cone_does_not_flatten_where_squares_overflow(ask):
    tube = hidden_tube(dimension=3, length=2)
    for size in (1e150, 1e160, 1e300):
        value, gradient = ask(tube, [size, -size, 2 * size])
        assert value == pytest.approx(math.sqrt(6) * size) and np.linalg.norm(gradient) == pytest.approx(1)


def test_gradient_descent_arrives_at_the_end():
    tube = hidden_tube(dimension=4, length=3)
    outcome = run(gradient_descent, tube, target=0.3, max_queries=400_000)
    assert outcome.met and outcome.hits[0].round > 4


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"dimension": 1, "length": 3}, "dimension >= 2"),
        ({"dimension": 3, "length": 3, "slab": 2}, "slab 8 or 16"),
        ({"dimension": 3}, "hidden_tube needs length"),
        ({"dimension": 3, "gap": 1.0}, "hidden_tube needs length"),
        ({"dimension": 3, "gap": 1.0, "distance": 1.0, "smoothness": 1.0, "target": 0.1}, "with one of length, gap"),
        ({"dimension": 3, "gap": 1.0, "smoothness": 1.0, "target": 1.0}, "gap=1 is too small for one link"),
        (
            {"dimension": 3, "length": 2, "smoothness": -1.0, "target": 1.0},
            "smoothness of hidden_tube must be positive",
        ),
    ],
)
def test_bad_numbers_get_one_line(numbers, words):
    with pytest.raises(InputError) as caught:
        hidden_tube(**numbers)
    assert words in str(caught.value) and "\n" not in str(caught.value)
