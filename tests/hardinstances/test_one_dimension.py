"""One dimension: the tents against their definition, and the adversary against brute force and its own certificate."""

import itertools

import mpmath
import numpy as np
import pytest

import hardinstances  # noqa: F401
from experiments import run
from hardinstances import bump1d
from hardinstances.bump1d import BLOCKS
from hardinstances.gap_tree import GapTree
from hardinstances.resisting_line import CompletedLine, ResistingLine
from oracles import InputError, Status


def tents(instance):
    """f, in mpmath: the integral of f' from 0, tent by tent."""
    target, L, gap = (mpmath.mpf(instance.parameters[name]) for name in ("target", "smoothness", "gap"))
    s, area = mpmath.mpf(1.2) * target, gap / 2
    block, height = area / s, mpmath.sqrt(L * area)
    places = [mpmath.mpf(float(u)) for u in instance.function.parameters[4:]]

    def under_tent(t):
        """The integral of max(0, H - L |t|) from -infinity to t."""
        t = min(max(t, -height / L), height / L)
        return L * ((height / L) ** 2 / 2 + t * height / L - t * abs(t) / 2)

    def f(x):
        number = int(mpmath.floor(x[0] / block)) if x[0] > 0 else -1
        whole = -s * x[0] + max(0, number) * area
        return whole + (under_tent(x[0] - number * block - places[number % BLOCKS]) if number >= 0 else 0)

    return f


@pytest.mark.parametrize(
    "instance", [bump1d(target=0.1), bump1d(target=0.02, smoothness=3.0, gap=2.0, seed=4)], ids=["example", "another"]
)
def test_the_tents_agree_with_their_definition(instance, ask, in_50_digits, rng):
    _, block, height, smoothness = instance.function.parameters[:4]
    places = instance.function.parameters[4:]
    half = height / smoothness
    assert len(places) == BLOCKS and half <= places.min() and places.max() <= block - half
    with mpmath.workdps(50):
        f = tents(instance)
    tented = [k * block + places[k % BLOCKS] + half * u for k in (0, 1, 70) for u in (-1.1, -0.9, -0.3, 0.0, 0.4, 1.3)]
    for x in [*tented, -3.0, *(block * rng.uniform(0, 9, 12)), 2 * block]:
        value, gradient = ask(instance, [x])
        exact, slopes = in_50_digits(f, [x])
        assert value == pytest.approx(exact, rel=1e-12, abs=1e-12)
        assert gradient == pytest.approx(slopes, rel=1e-10, abs=1e-10)


def test_the_gap_is_met_in_no_block_beyond_a(rng):
    instance = bump1d(target=0.05, seed=2)
    x = np.linspace(0, 5 / 0.05, 200_001)[:, None]
    values, slopes = instance.function.evaluate(x, np.ones(len(x), bool), np.ones(len(x), bool))
    lowest = instance.claims.on("gap")[1].value
    assert 0.25 * lowest < -values.min() <= lowest
    near = np.abs(slopes[:, 0]) <= 0.05
    assert 0 < near.mean() < 0.3  # inside tents, which are a small part


def lowest_by_sorting(points, s, L):
    """The check as it is written down: gap by gap."""
    value, records = 0.0, []
    for a, b in itertools.pairwise([0.0, *sorted(set(points))]):
        delta = b - a
        if delta >= 2 * s / L:
            records.append(value - s * s / (2 * L))
        value += -s * delta + L * delta**2 / 4
        records.append(value)
    return min([*records, value - s * s / (2 * L)])


def test_the_tree_is_the_rescan(rng):
    tree, points = GapTree(0.1, 1.3), []
    assert tree.lowest == lowest_by_sorting([], 0.1, 1.3)
    for k in range(500):
        points.append(
            float(rng.choice([rng.exponential(30.0), rng.uniform(0, 5), 0.2 * (k + 1), points[k // 2] if k else 1]))
        )
        assert tree.add(points[-1]) == (points[-1] not in points[:-1])
        if k % 7 == 0:
            assert tree.lowest == pytest.approx(lowest_by_sorting(points, 0.1, 1.3), rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("seed", range(4))
def test_the_completed_function_is_the_largest_and_no_other_one_is_less_deep(seed):
    """Its lowest value is what the tree says; f' is -s at the points, with slopes within L."""
    rng = np.random.default_rng(seed)
    tree = GapTree(0.2, 1.5)
    points = np.unique(rng.choice(np.append(rng.uniform(0, 20, 30), 0.3 * np.arange(1, 20)), 25))
    for x in rng.permutation(points):
        tree.add(float(x))
    line = CompletedLine(tree.points, 0.2, 1.5)
    assert line.lowest == pytest.approx(tree.lowest, rel=1e-12)
    assert np.array_equal(line.slope(points), np.full(len(points), -0.2)) and line.slope(np.array(-3.0)) == -0.2
    assert line.steepest == pytest.approx(1.5, rel=1e-6) and line.slope(np.array(1e6)) == 0.0
    grid = np.linspace(0, 25, 400_001)
    integral = np.concatenate([[0], np.cumsum((line.slope(grid)[1:] + line.slope(grid)[:-1]) / 2 * np.diff(grid))])
    assert line.lowest == pytest.approx(integral.min(), abs=1e-6)


def marching(oracle, x0, *, step):
    """Steps of one length downhill."""
    x = x0
    while True:
        gradient = oracle.gradient(x)
        x = x + step * np.sign(-gradient)


def descent(oracle, x0, *, step):
    """x+ = x - step g, which asks for the value too and does not look at it."""
    x = x0
    while True:
        value, gradient = oracle.value_and_gradient(x)
        x = x - step * gradient


def guesses(oracle, x0, *, rng, reach, width=64):
    """Random points, in rounds."""
    while True:
        points = np.zeros((width, x0.size))
        points[:, 0] = rng.uniform(0, reach, width)
        oracle.gradients(points)


@pytest.mark.parametrize("dimension", [1, 3])
def test_march_forces_the_constant_1_and_descent_4_thirds(dimension):
    epsilon = 0.02
    options = {"target": epsilon, "model": "resisting_line", "model_parameters": {"dimension": dimension}}
    for method, step, low, high in ((marching, 2 * epsilon, 0.9999, 1.01), (descent, 1.0, 1.32, 1.35)):
        result = run(method, bump1d(target=epsilon), parameters={"step": step}, **options)
        assert result.status is Status.TARGET
        report = result.report
        assert low <= report["forced"] * epsilon**2 <= high and result.queries >= report["forced"]
        assert report["disagreement"] == 0.0 and report["answers_replayed"] == result.queries
        assert report["gap"] <= 1.0 + 1e-12 and report["smoothness"] <= 1 + 1e-6
        assert report["values_asked"] == (0 if method is marching else result.queries)


def test_random_points_force_about_twice_the_constant_and_more_than_the_bound():
    epsilon = 0.02
    result = run(
        guesses,
        bump1d(target=epsilon),
        target=epsilon,
        model="resisting_line",
        parameters={"reach": 2 / epsilon},
        max_queries=20_000,
    )
    assert 1.8 <= result.report["forced"] * epsilon**2 <= 2.15
    assert result.report["disagreement"] == 0.0 and result.report["gap"] <= 1.0 + 1e-12


def test_the_bound_is_below_what_the_best_method_needs():
    for epsilon in (0.2, 0.07, 0.02):
        model = ResistingLine(1, None, 1.0, 1.0, epsilon)
        count = 1
        while model.line is None:
            model.answer_one(np.array([2 * 1.000001 * epsilon * count]), False, True, count)
            count += 1
        bound = model.bounds[0].value({"target": epsilon})
        assert bound <= model.report()["forced"] <= bound + 2
        assert model.bounds[0].value({"target": 2 * epsilon}) is None


def test_after_the_last_forced_query_one_function_answers_all(rng):
    model = ResistingLine(2, None, 2.0, 1.0, 0.1)
    for x in 0.05 * np.arange(-20, 3000):
        model.answer_one(np.array([x, 7.0]), True, True, 1)
    for x in rng.uniform(-5, 60, 2000):
        value, gradient = model.answer_one(np.array([x, 0.0]), True, True, 1)
        assert value == np.inf and gradient[1] == 0.0
    report = model.report()
    assert report["disagreement"] == 0.0 and report["gap"] <= 1 + 1e-12 and report["smoothness"] <= 2 * (1 + 1e-6)
    x, g = np.array(model._asked), np.array(model._answers)
    order = np.argsort(x)
    quotients = np.abs(np.diff(g[order])) / np.maximum(np.diff(x[order]), 1e-300)
    assert quotients[np.diff(x[order]) > 1e-9].max() <= 2 * (1 + 1e-6) and (g > -0.1).any()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"smoothness": -1.0}, "needs a positive smoothness, got -1"),
        ({"dimension": 0}, "needs dimension >= 1, got 0"),
    ],
)
def test_bad_parameters_of_the_adversary_get_one_line(parameters, message):
    with pytest.raises(InputError, match=message):
        run(marching, bump1d(), model="resisting_line", model_parameters=parameters, parameters={"step": 1.0})


def test_tents_that_do_not_fit_get_one_line():
    with pytest.raises(InputError, match="needs target <= "):
        bump1d(target=0.5)
