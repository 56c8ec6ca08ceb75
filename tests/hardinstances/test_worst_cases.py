"""Worst cases of one method: the run that is foretold, to the query, and the formulas by another way."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from scipy.interpolate import BPoly

from algorithms import cubic_newton, gradient_descent, heavy_ball
from experiments import run
from experiments.binding import bound_numbers
from experiments.fit import linear, power_law
from hardinstances import carmon_chain, half_chain, saddle_chain, sawtooth, slow_cubic, slow_descent, zigzag
from hardinstances.half_chain import Line
from hardinstances.hermite import spline
from hardinstances.saddle_chain import above_infimum, escape_factor
from hardinstances.zigzag import least_gradient
from oracles import InputError, Traits, norm


def answers(instance, points):
    points = np.ascontiguousarray(np.atleast_2d(points), dtype=float)
    asked = np.ones(len(points), dtype=bool)
    return instance.function.evaluate(points, asked, asked)


def hessian(instance, x, h=1e-5):
    steps = h * np.eye(len(x))
    _, gradients = answers(instance, np.concatenate([x + steps, x - steps]))
    return (gradients[: len(x)] - gradients[len(x) :]) / (2 * h)


def climbed(value, x, rng, turns, scale=0.3):
    """The largest value met by a random ascent from x."""
    best = value(x)
    for _ in range(turns):
        y = x + scale * rng.standard_normal(len(x))
        if (found := value(y)) > best:
            x, best = y, found
        else:
            scale = max(0.985 * scale, 1e-3)
    return best


def lower_bound(instance, outcome, target):
    (value,) = (bound.value(bound_numbers(instance, outcome.numbers, target)) for bound in instance.bounds)
    return value


# Gradient descent with a step longer than 1/L.


def zigzag_data(steps, step, smoothness, gap):
    """Iterates, values and gradients from their recursion, with no regard to rounding."""
    steepness = least_gradient(steps, step, smoothness, gap)
    angle, t = math.asin(step / 2), step / smoothness
    signs = (-1.0) ** np.arange(steps + 1)
    gradients = steepness * np.stack([np.full(steps + 1, math.cos(angle)), signs * math.sin(angle)], axis=1)
    points = np.concatenate([np.zeros((1, 2)), -t * np.cumsum(gradients[:-1], axis=0)])
    values = gap - np.arange(steps + 1) * steepness**2 * t * math.cos(angle) ** 2
    return points, values, gradients


def least_parabola(x, centres, heights, smoothness):
    """min over convex weights a of (L/2) |x - y|^2 - (L/4) |y|^2 + sum a_i p_i, y = sum a_i y_i: every set of three."""
    best, nearest = math.inf, None
    for size in (1, 2, 3):
        for chosen in itertools.combinations(range(len(centres)), size):
            corners, p = centres[list(chosen)], heights[list(chosen)]
            system = np.ones((size + 1, size + 1))
            system[:size, :size], system[size, size] = smoothness / 2 * corners @ corners.T, 0
            weights = np.linalg.lstsq(system, np.append(smoothness * corners @ x - p, 1), rcond=None)[0][:size]
            if (weights >= -1e-12).all():
                y = weights @ corners
                value = smoothness * ((x - y) @ (x - y) / 2 - y @ y / 4) + weights @ p
                if value < best:
                    best, nearest = value, y
    return best, smoothness * (x - nearest)


@pytest.mark.parametrize("steps", [1, 2, 3, 6])
@pytest.mark.parametrize("step", [1.0, 1.15, 1.6, 1.9])
@pytest.mark.parametrize(("smoothness", "gap"), [(1.0, 1.0), (3.7, 2.0)])
def test_the_zigzag_is_the_interpolation_of_its_data(steps, step, smoothness, gap, rng):
    """The quadratic programme over the simplex of N + 1 points, solved by enumeration, at points near and far."""
    instance = zigzag(steps=steps, step=step, smoothness=smoothness, gap=gap)
    points, values, gradients = zigzag_data(steps, step, smoothness, gap)
    at_values, at_gradients = answers(instance, points)
    assert at_values == pytest.approx(values, abs=1e-11) and at_gradients == pytest.approx(gradients, abs=1e-11)
    centres = points - gradients / smoothness
    heights = values - (gradients**2).sum(axis=1) / (2 * smoothness) + smoothness / 4 * (centres**2).sum(axis=1)
    size = np.abs(points).max() + 1
    near = points[rng.integers(0, steps + 1, 30)] + size / steps * 0.7 * rng.standard_normal((30, 2))
    asked = np.concatenate([near, 2 * size * rng.standard_normal((10, 2))])
    for x, value, gradient in zip(asked, *answers(instance, asked), strict=True):
        least, slope = least_parabola(x, centres, heights, smoothness)
        assert value == pytest.approx(least, rel=1e-10, abs=1e-10) and gradient == pytest.approx(slope, abs=1e-9)
    lowest, flat = answers(instance, centres[-1])
    assert lowest[0] == pytest.approx(0, abs=1e-11) and flat[0] == pytest.approx(0, abs=1e-11)


@pytest.mark.parametrize("step", [1.0, 2 / math.sqrt(3), 1.9])
def test_the_zigzag_is_in_its_class(step, rng):
    """All pairwise interpolation inequalities of smooth functions, between 300 points."""
    instance = zigzag(steps=8, step=step, smoothness=2.5, gap=3.0)
    points = zigzag_data(8, step, 2.5, 3.0)[0][rng.integers(0, 9, 300)] + 0.5 * rng.standard_normal((300, 2))
    values, gradients = answers(instance, points)
    move, turn = points[:, None] - points, gradients[:, None] - gradients
    mean = ((gradients[:, None] + gradients) * move).sum(axis=2) / 2
    slack = values[:, None] - values - mean + 2.5 / 4 * (move**2).sum(axis=2) - (turn**2).sum(axis=2) / 10
    assert slack.min() >= -1e-12 and values.min() >= 0


@pytest.mark.parametrize("step", [1.0, 1.001, 1.15, 1.5, math.sqrt(3) * (1 - 1e-12), 1.9, 1.99])
@pytest.mark.parametrize("steps", [1, 5, 20, 100, 1000, 100_000])
@pytest.mark.parametrize(("smoothness", "gap"), [(1.0, 1.0), (1e4, 0.03)])
def test_gradient_descent_meets_its_worst_case_to_the_query(step, steps, smoothness, gap):
    """N + 1 gradients of norm U, the next one smaller; up to sqrt(3)/L the upper bound of the method says the same."""
    instance = zigzag(steps=steps, step=step, smoothness=smoothness, gap=gap)
    floor = instance.claims.value("floor")
    worst = least_gradient(steps, step, smoothness, gap)
    assert 0 <= 1 - floor / worst <= 4.1e-15 * (steps + 1) * step**2 / (4 - step**2) + 1e-15
    target = floor * (1 - 1e-8)
    outcome = run(gradient_descent, instance, target=target, parameters={"step": step}, max_queries=steps + 1)
    assert not outcome.met and outcome.best_merit == pytest.approx(floor, rel=1e-10)
    outcome = run(gradient_descent, instance, target=target, parameters={"step": step}, max_queries=steps + 9)
    assert outcome.hits[0].query == lower_bound(instance, outcome, target) == steps + 2
    limits = [bound.value(bound_numbers(instance, outcome.numbers, target)) for bound in gradient_descent.record.bounds]
    assert [limit for limit in limits if limit is not None] == ([steps + 2] if step < math.sqrt(3) else [])


@pytest.mark.parametrize("instance", [sawtooth(steps=9, step=0.5), zigzag(steps=9, step=1.5)])
def test_the_bound_speaks_of_one_method_with_one_step(instance):
    (bound,) = instance.bounds
    floor, step = instance.claims.value("floor"), instance.parameters["step"]

    def value(step, target):
        return bound.value({"method.step": step, "method.smoothness": 1.0, "target": target})

    assert value(step, 0.999 * floor) == 11
    assert value(step, floor) is None and value(step * 1.001, 0.999 * floor) is None
    assert bound.value({"target": 0.999 * floor}) is None
    assert bound.scope.covers(gradient_descent.record.traits, 1)
    assert not bound.scope.covers(heavy_ball.record.traits, 1)
    assert not bound.scope.covers(Traits(zero_respecting=True, deterministic=True), 1)


@pytest.mark.parametrize("steps", [1, 100, 10_000])
@pytest.mark.parametrize("step", [0.3, 1.0])
def test_the_bound_of_the_sawtooth_is_met(steps, step):
    instance = sawtooth(steps=steps, step=step)
    target = instance.claims.value("floor") * (1 - 1e-8)
    outcome = run(gradient_descent, instance, target=target, parameters={"step": step})
    assert outcome.hits[0].query >= lower_bound(instance, outcome, target) == steps + 2
    assert step < 1 or outcome.hits[0].query == steps + 2


@pytest.mark.parametrize("instance", [sawtooth(steps=5), zigzag(steps=5)])
def test_far_points_are_beyond_the_ends(instance):
    """Where a number of teeth or triangles does not fit into a word."""
    kernel, parameters = instance.function.kernel, instance.function.parameters
    for far in (1e12, -1e12, 1e25, -1e25):
        x, gradient = np.full(instance.dimension, far), np.empty(instance.dimension)
        (value,), (slope,) = answers(instance, x)
        assert value == pytest.approx(kernel.python(x, gradient, instance.dimension, parameters), rel=1e-14)
        assert slope == pytest.approx(gradient, rel=1e-14) and value >= -1e-12


# Splines through the iterates.


@pytest.mark.parametrize("instance", [slow_descent(steps=30, step=0.7), slow_cubic(steps=30, excess=0.2)])
def test_the_spline_is_the_hermite_interpolant(instance, rng):
    """Against SciPy's, value, slope and curvature; and the largest |f''|, |f'''| on a fine grid of it."""
    parameters = instance.function.parameters
    nodes = int(parameters[0])
    x, f, g = (parameters[2 + k * nodes : 2 + (k + 1) * nodes] for k in range(3))
    wide = np.diff(x) > 1e-9  # the flat pieces of slow_cubic are too short for SciPy
    kept = np.concatenate([[True], wide])
    curve = BPoly.from_derivatives(x[kept], np.stack([f, g, np.full(nodes, parameters[1])], axis=1)[kept])
    points = rng.uniform(x[0], x[-1], 400)
    for t, *expected in zip(points, *(curve(points, nu=nu) for nu in range(3)), strict=True):
        assert spline(t, parameters) == pytest.approx(expected, abs=1e-9)
        value, gradient = answers(instance, [t])
        assert (value[0], gradient[0, 0]) == spline(t, parameters)[:2]
    within = np.linspace(1e-7, 1 - 1e-7, 401)
    grid = np.concatenate([a + (b - a) * within for a, b in itertools.pairwise(x[kept])])
    assert np.abs(curve(grid, nu=2)).max() == pytest.approx(instance.claims.value("smoothness"), rel=1e-4)
    assert np.abs(curve(grid, nu=3)).max() == pytest.approx(instance.claims.value("hessian_smoothness"), rel=1e-3)
    assert curve(grid, nu=1).max() <= 1e-9, "it falls all the way"


@pytest.mark.parametrize(
    ("family", "steps", "second", "third"),
    [
        (slow_descent, 100, 2.939, 375),
        (slow_descent, 2000, 2.949, 1737),
        (slow_cubic, 100, 1.243, 19.84),
        (slow_cubic, 2000, 1.243, 19.99),
    ],
)
def test_known_smoothness_of_the_slow_functions(family, steps, second, third):
    claims = family(steps=steps).claims
    assert claims.value("smoothness") == pytest.approx(second, abs=5e-4)
    assert claims.value("hessian_smoothness") == pytest.approx(third, abs=0.5 if third > 100 else 5e-3)


def test_the_gaps_stay_bounded():
    assert slow_descent(steps=2000).claims.value("gap") == pytest.approx(3.815, abs=5e-4)
    for step, excess in ((1.0, 0.01), (0.4, 0.3), (1.0, 0.3)):
        limit = step * (1 - step / 2) * float(mpmath.zeta(1 + 2 * excess))
        gap = slow_descent(steps=100_000, step=step, excess=excess).claims.value("gap")
        assert (0.99 if excess > 0.1 else 0.2) * limit < gap < limit
    limit = 2 / 3 * float(mpmath.zeta(1 + 1.5 * 0.3))
    assert 0.99 * limit < slow_cubic(steps=100_000, excess=0.3).claims.value("gap") < limit
    assert slow_descent(steps=100_000).claims.value("smoothness") < 2.95
    assert slow_descent(steps=100_000, step=1 / 3).claims.value("smoothness") < 2.95


def test_between_the_iterates_slopes_come_down_to_a_twentieth():
    parameters = slow_descent(steps=2000).function.parameters
    nodes, slopes = parameters[2:2003], parameters[2 + 2 * 2001 : 2 + 3 * 2001]
    inside = np.linspace(nodes[-2], nodes[-1], 1001)
    assert min(-spline(t, parameters)[1] for t in inside) / -slopes[-2] == pytest.approx(0.055, abs=1e-3)


@pytest.mark.parametrize("step", [1.0, 1 / 3, 0.77])
def test_gradient_descent_visits_the_nodes_bit_for_bit(step):
    instance = slow_descent(steps=3000, step=step)
    nodes, _, slopes = instance.function.parameters[2 : 2 + 3 * 3001].reshape(3, 3001)
    assert slopes == pytest.approx(-(np.arange(1, 3002) ** -0.51), rel=1e-15)
    outcome = run(
        gradient_descent,
        instance,
        target=instance.claims.value("floor"),
        parameters={"smoothness": 1.0, "step": step},
    )
    assert outcome.hits[0].query == 3001 and outcome.found[0] == nodes[-1]
    x = 0.0
    for k in range(3001):
        _, gradient = answers(instance, [x])
        assert x == nodes[k] and gradient[0, 0] == slopes[k]
        x = x - step * gradient[0, 0]


def backtracking(oracle, x0, *, first: float, decrease: float):
    """x+ = x - a f'(x) with the first a of t, t/2, t/4, .. that satisfies Armijo's condition."""
    x = x0
    value, gradient = oracle.value_and_gradient(x)
    while True:
        step = first
        trial = x - step * gradient
        trial_value, trial_gradient = oracle.value_and_gradient(trial)
        while trial_value > value - decrease * step * norm(gradient) ** 2:
            step = step / 2.0
            trial = x - step * gradient
            trial_value, trial_gradient = oracle.value_and_gradient(trial)
        x, value, gradient = trial, trial_value, trial_gradient


def fitted(targets, counts):
    """The exponent in 1/target; counts are rounded up, by half on the average."""
    return power_law(1 / targets, np.array(counts) - 0.5)


@pytest.mark.slow
def test_the_count_of_steepest_descent_is_exact_and_so_is_its_exponent():
    """With both steps, with a line search too; the fit of the counts holds the exponent of theory."""
    targets = np.geomspace(0.2, 0.003, 14)
    for step in (1.0, 0.25):
        instance = slow_descent(steps=100_000, step=step)
        for method, numbers in (
            (gradient_descent, {"smoothness": 1.0, "step": step}),
            (backtracking, {"first": step, "decrease": 0.99 - step / 2}),
        ):
            outcome = run(method, instance, target=targets, parameters=numbers)
            counts = [hit.query for hit in outcome.hits]
            assert counts == [math.ceil(target ** (-2 / 1.02)) for target in targets]
            fit = fitted(targets, counts)
            assert fit.low <= 2 / 1.02 <= fit.high and fit.high - fit.low < 0.02
        outcome = run(gradient_descent, instance, target=targets, parameters={"smoothness": 1.0, "step": step})
        assert [lower_bound(instance, outcome, hit.target) for hit in outcome.hits] == counts


def cubic_regularisation(parameters, ratios):
    """x + s with s the minimiser of g s + c s^2/2 + |s|^3/3, c the curvature; notes the decrease over the model's."""

    def method(oracle, x0):
        x = x0
        value, gradient = oracle.value_and_gradient(x)
        while True:
            curvature, size = spline(x[0], parameters)[2], abs(gradient[0])
            step = 2 * size / (curvature + math.sqrt(curvature**2 + 4 * size))
            expected = size * step - curvature * step**2 / 2 - step**3 / 3
            x = x - math.copysign(step, gradient[0])
            before = value
            value, gradient = oracle.value_and_gradient(x)
            ratios.append((before - value) / expected)

    return method


@pytest.mark.slow
def test_cubic_regularisation_visits_the_nodes_and_its_count_is_exact():
    """Also from a start that is a little off: the flats keep rounding errors from growing."""
    targets, power = np.geomspace(0.1, 0.0005, 14), 2 / 3 + 0.01
    instance = slow_cubic(steps=100_000)
    expected = [math.ceil(target ** (-1 / power)) for target in targets]
    for start in (0.0, -3e-16):
        ratios = []
        method = cubic_regularisation(instance.function.parameters, ratios)
        outcome = run(method, instance, target=targets, start=[start], engine="python")
        counts = [hit.query for hit in outcome.hits]
        assert counts == expected
        assert np.abs(np.array(ratios) - 1).max() < 1e-6, "the decrease is the model's: every step is accepted"
    fit = fitted(targets, counts)
    assert fit.low <= 1 / power <= fit.high and fit.high - fit.low < 0.02
    (bound,) = instance.bounds
    for target, count in zip(targets, counts, strict=True):
        weights = {"method.hessian_smoothness": 4.0, "method.regularisation": 0.5}
        assert bound.value({**weights, "target": target}) == count
        assert bound.value({**weights, "method.regularisation": 1.0, "target": target}) is None


@pytest.mark.parametrize("engine", ["compiled", "python"])
def test_cubic_newton_meets_its_bound_on_the_slow_function_exactly(engine):
    instance = slow_cubic(steps=2000)
    targets = (*np.geomspace(0.5, 0.007, 12), instance.target, 1e-9)
    numbers = {"hessian_smoothness": 1.0, "regularisation": 2.0}
    outcome = run(cubic_newton, instance, target=targets, parameters=numbers, engine=engine)
    assert [lower_bound(instance, outcome, hit.target) for hit in outcome.hits] == [hit.query for hit in outcome.hits]
    assert [hit.query for hit in outcome.hits[-2:]] == [2001, 2002] and outcome.hessian_queries == 2002


# Saddles in a row.


def tubes(x, attraction, repulsion, tau):
    """Du et al.'s f from its definition in pieces, on the tubes."""
    x = np.abs(x)

    def first(v):
        cubic, quartic = (
            (-14 * attraction + 10 * repulsion) / (3 * tau),
            (5 * attraction - 3 * repulsion) / (2 * tau**2),
        )
        return -repulsion * v**2 + cubic * (v - tau) ** 3 + quartic * (v - tau) ** 4

    def second(v):
        u = (v - 2 * tau) / tau
        return -repulsion - (attraction + repulsion) * (10 * u**3 + 15 * u**4 + 6 * u**5)

    depth = tau**2 * (37 * attraction + 13 * repulsion) / 6
    i = int(np.cumprod(x >= 2 * tau).sum())
    value = attraction * ((x[:i] - 4 * tau) ** 2).sum() - i * depth
    if i == len(x):
        return value
    rest = x[i + 1 :]
    if x[i] <= tau:
        return value - repulsion * x[i] ** 2 + attraction * (rest**2).sum()
    value += first(x[i]) + attraction * (rest[1:] ** 2).sum()
    return value + (second(x[i]) * rest[0] ** 2 if len(rest) else 0)


@pytest.mark.parametrize(("attraction", "repulsion", "tau"), [(1.0, 1.0, math.e), (2.0, 0.7, 0.5)])
def test_the_saddle_chain_is_that_of_the_paper_on_the_tubes(attraction, repulsion, tau, rng):
    instance = saddle_chain(dimension=5, attraction=attraction, repulsion=repulsion, tube=tau, start=0.9 * tau)
    start, _ = answers(instance, instance.start)
    depth = tau**2 * (37 * attraction + 13 * repulsion) / 6
    assert start[0] + 5 * depth == pytest.approx(instance.claims.value("gap"), rel=1e-14)
    for _ in range(2000):
        i = rng.integers(0, 6)
        x = rng.uniform(0, tau, 5)
        x[:i] = rng.uniform(2 * tau, 6 * tau, i)
        x[i : i + 1] = rng.uniform(0, 2 * tau, 5)[i : i + 1]
        x *= rng.choice([-1, 1], 5)
        (value,), _ = answers(instance, x)
        assert value == pytest.approx(tubes(x, attraction, repulsion, tau), abs=1e-12 * (1 + 5 * depth))
        assert instance.progress(x[None])[0] == i


@pytest.mark.parametrize(("attraction", "repulsion"), [(1.0, 1.0), (1.0, 4.0), (5.0, 1.0)])
def test_the_hessian_of_the_saddle_chain_is_bounded_and_continuous(attraction, repulsion, rng):
    """Climbed in R^d, in and out of the tubes; across the joints at tau and 2 tau the Hessian hardly moves."""
    instance = saddle_chain(dimension=4, attraction=attraction, repulsion=repulsion, tube=1.0, start=0.5)
    claims = instance.claims
    climbs = [
        climbed(lambda x: np.linalg.norm(hessian(instance, x), 2), rng.uniform(0.8, 2.2, 4), rng, 500) for _ in range(6)
    ]
    assert 0.6 * claims.value("smoothness") < max(climbs) <= claims.value("smoothness")
    for _ in range(200):
        x = rng.choice([-2.0, -1.0, 1.0, 2.0, 0.3, 1.4], 4)
        move = 1e-3 * rng.standard_normal(4)
        change = np.linalg.norm(hessian(instance, x + move) - hessian(instance, x - move), 2)
        assert change <= 2 * np.linalg.norm(move) * claims.value("hessian_smoothness") + 1e-6
    far = 10 * rng.standard_normal((50, 4))
    assert answers(instance, far)[0].min() >= -4 * (37 * attraction + 13 * repulsion) / 6


@pytest.mark.slow
@pytest.mark.parametrize(("attraction", "repulsion", "saddles"), [(1.0, 1.0, 9), (0.5, 1.0, 12), (2.0, 1.0, 6)])
def test_the_time_to_escape_is_exponential_in_the_dimension(attraction, repulsion, saddles):
    """The time at a saddle grows by the factor of the linear analysis; log time against d is a line, of slope more."""
    times = []
    for dimension in range(1, saddles + 1):
        instance = saddle_chain(dimension=dimension, attraction=attraction, repulsion=repulsion)
        depth = math.e**2 * (37 * attraction + 13 * repulsion) / 6
        outcome = run(gradient_descent, instance, target=depth / 2, goal=above_infimum(instance), engine="compiled")
        times.append(outcome.hits[0].query)
    factor = escape_factor(attraction, repulsion, 1 / instance.claims.value("smoothness"))
    waits = np.diff(times)
    assert waits[-1] / waits[-2] == pytest.approx(factor, rel=1e-3)
    assert instance.claims.value("escape_factor") < factor
    assert escape_factor(attraction, repulsion, 1e-9) == pytest.approx(instance.claims.value("escape_factor"), rel=1e-6)
    fit = linear(range(3, saddles + 1), np.log(times[2:]))
    assert fit.low > math.log(instance.claims.value("escape_factor")) and math.exp(fit.high) < 1.1 * factor


def test_a_small_gradient_is_met_before_the_bottom():
    instance = saddle_chain(dimension=8)
    outcome = run(gradient_descent, instance, target=1e-3, max_queries=100_000)
    (value,), _ = answers(instance, outcome.found)
    assert outcome.met and value > -7 * math.e**2 * 50 / 6 and instance.progress(np.array([outcome.found]))[0] < 8


# The chain split between two nodes.


@pytest.mark.parametrize("first_link", [1.0, math.e])
def test_the_mean_of_the_halves_is_the_chain(first_link, rng):
    halves = [half_chain(length=7, half=half, first_link=first_link) for half in ("odd", "even")]
    points = rng.uniform(-2, 2, (200, 7)) * rng.choice([0, 1, 1], (200, 7))
    values, gradients = answers(carmon_chain(length=7, first_link=first_link), points)
    parts = [answers(half, points) for half in halves]
    assert (parts[0][0] + parts[1][0]) / 2 == pytest.approx(values, rel=1e-13, abs=1e-13)
    assert (parts[0][1] + parts[1][1]) / 2 == pytest.approx(gradients, rel=1e-13, abs=0)
    far = np.full(7, 60.0)
    for half in halves:
        (start, low), _ = answers(half, [np.zeros(7), far])
        assert 0 <= half.claims.value("gap") - (start - low) < 1e-2


@pytest.mark.slow
def test_a_half_is_no_less_smooth_than_twice_a_link(rng):
    for half in ("odd", "even"):
        instance = half_chain(length=3, half=half)
        climbs = [
            climbed(lambda x, f=instance: np.linalg.norm(hessian(f, x), 2), rng.uniform(-2, 2, 3), rng, 600)
            for _ in range(12)
        ]
        assert 0.99 * 267.69 < max(climbs) <= instance.claims.value("smoothness") == pytest.approx(267.69, abs=1e-2)


@pytest.mark.parametrize("length", [2, 3, 8, 21])
@pytest.mark.parametrize("distance", [1, 2, 5])
def test_each_new_coordinate_travels_along_the_line(length, distance):
    """Both ends send all they know in each round, and ask their own half as often as it tells them something new."""
    odd, even = (half_chain(length=length, half=half) for half in ("odd", "even"))
    known = [np.zeros(length), np.zeros(length)]
    line = Line(distance)

    def learn():
        for k, half in enumerate((odd, even)):
            while (fresh := (answers(half, known[k])[1][0] != 0) & (known[k] == 0)).any():
                known[k] = known[k] + fresh

    learn()
    while not (known[0][-1] or known[1][-1]):
        received = line.exchange(*known)
        known = [old if new is None else np.maximum(old, new) for old, new in zip(known, received, strict=True)]
        learn()
    assert line.rounds == (length - 1) * distance


def test_gradient_descent_over_the_line_pays_the_distance_for_each_step():
    odd, even = (half_chain(length=10, half=half, first_link=1.0) for half in ("odd", "even"))
    line, x, steps = Line(4), np.zeros(10), 0
    while True:
        gradient = line.mean(answers(odd, x)[1][0], answers(even, x)[1][0])
        steps += 1
        if np.linalg.norm(gradient) <= 1:
            break
        x = x - gradient / 152
    assert steps == 606 and line.rounds == 4 * 606


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: zigzag(steps=0), "steps in 1"),
        (lambda: zigzag(steps=3, step=2.0), "step in [1, 2)"),
        (lambda: zigzag(steps=3, smoothness=math.inf), "positive smoothness and gap"),
        (lambda: slow_descent(steps=0), "steps in 1"),
        (lambda: slow_descent(steps=3, step=1.5), "step and excess in (0, 1]"),
        (lambda: slow_cubic(steps=3, excess=0.0), "excess in (0, 1]"),
        (lambda: saddle_chain(dimension=0), "dimension >= 1"),
        (lambda: saddle_chain(dimension=2, tube=-1.0), "tube of saddle_chain must be positive"),
        (lambda: saddle_chain(dimension=2, start=3.0), "start < tube"),
        (lambda: half_chain(length=5, half="left"), "'odd' or 'even'"),
        (lambda: half_chain(length=1, half="odd"), "length >= 2"),
        (lambda: Line(0), "distance must be at least 1"),
    ],
)
def test_bad_parameters_get_one_line(build, words):
    with pytest.raises(InputError) as caught:
        build()
    assert words in str(caught.value) and "\n" not in str(caught.value)
