"""Second-order methods: both engines, against plain implementations, their lemmas step by step, their constants."""

import itertools
import math

import numpy as np
import pytest
from scipy.optimize import brentq

import algorithms  # noqa: F401
from algorithms.capped_cg import between, capped_cg
from algorithms.subproblems import quadratic, shifted_step, trust_region_step
from algorithms.trace import contracted
from experiments import run
from experiments.binding import bound_numbers
from hardinstances import carmon_chain_order, cosine_mixture, gate_chain, nested_chain
from hardinstances import quadratic as bowl
from oracles import ALGORITHMS, Goal, Status, from_callable
from oracles.reductions import matrix_of

METHODS = ("arc", "cubic_newton", "newton_cg", "trace", "trust_region")
CHAIN = carmon_chain_order(order=2, order_smoothness=1.0, gap=400.0, target=0.5)
INSTANCES = (CHAIN, cosine_mixture(dimension=5, seed=1), nested_chain(length=2))


def answers(instance, x):
    value, gradient = instance.function.evaluate_one(x, True, True)
    return value, gradient, matrix_of(instance.function.band(x))


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("instance", INSTANCES, ids=lambda instance: instance.name)
def test_both_engines_go_the_same_way_to_the_last_bit(name, instance):
    runs = [run(ALGORITHMS[name], instance, target=instance.target, engine=engine) for engine in ("compiled", "python")]
    first, second = runs
    assert first.engine == "compiled" and second.engine == "python" and first.met
    assert first.best_merit == second.best_merit and first.found == second.found
    for count in ("queries", "rounds", "gradient_queries", "hessian_queries", "product_queries"):
        assert getattr(first, count) == getattr(second, count)


# Against plain implementations, which share nothing with ours.


def plain_step(gradient, hessian, radius_of):
    """-(H + t I)^-1 g with |s| = radius_of(t), by the root of a function of t."""
    eigenvalues, vectors = np.linalg.eigh(hessian)
    slopes = vectors.T @ gradient

    def excess(t):
        return np.linalg.norm(slopes / (eigenvalues + t)) - radius_of(t)

    low = max(0.0, -eigenvalues[0]) + 1e-13 * max(1e-8, np.abs(eigenvalues).max())
    if excess(low) < 0:
        return None if eigenvalues[0] < 0 else -vectors @ (slopes / eigenvalues)
    high = 2 * low + 1.0
    while excess(high) > 0:
        high *= 2
    return -vectors @ (slopes / (eigenvalues + brentq(excess, low, high, xtol=1e-15, rtol=1e-14)))


@pytest.mark.parametrize("seed", range(6))
def test_counts_of_cubic_newton_and_trust_region_are_those_of_plain_implementations(seed):
    instance = cosine_mixture(dimension=4, seed=seed)
    rho, target = instance.claims.value("hessian_smoothness"), 0.02
    radii = {
        "cubic_newton": lambda t: 2 * t / (4 * rho),
        "trust_region": lambda t: math.sqrt(2 * target / (5 * rho)),
    }
    for name, radius_of in radii.items():
        x, queries = instance.start.copy(), 1
        _, gradient, hessian = answers(instance, x)
        while np.linalg.norm(gradient) > target:
            x = x + plain_step(gradient, hessian, radius_of)
            queries += 1
            _, gradient, hessian = answers(instance, x)
        outcome = run(ALGORITHMS[name], instance, target=target)
        assert outcome.hits[0].query == outcome.hessian_queries == queries
        assert outcome.found == pytest.approx(x, rel=1e-6, abs=1e-8)


# The lemmas behind the guarantees, at every step.


def recorded(name, instance, target, **numbers):
    """The points that a method asks, one after the other."""
    points = []

    def fun(x):
        points.append(x.copy())
        value, gradient, _ = answers(instance, x)
        return value, gradient

    claims = {one.quantity: one.value for one in instance.claims if "smoothness" in one.quantity}
    needed = {key: value for key, value in claims.items() if key in ALGORITHMS[name].numbers}
    watched = from_callable(fun, hess=lambda x: answers(instance, x)[2], start=instance.start)
    assert run(ALGORITHMS[name], watched, target=target, parameters={**needed, **numbers}).met
    return points


@pytest.mark.parametrize("ratio", [1.0, 2.0, 4.0, 9.0])
def test_each_cubic_step_falls_and_flattens_as_the_lemma_says(ratio):
    steps = 0
    for seed in range(8):
        instance = cosine_mixture(dimension=1 + seed % 4, seed=seed)
        rho = instance.claims.value("hessian_smoothness")
        points = recorded("cubic_newton", instance, 1e-3, regularisation=ratio)
        steps += len(points) - 1
        for x, y in itertools.pairwise(points):
            length = np.linalg.norm(y - x)
            fall = answers(instance, x)[0] - answers(instance, y)[0]
            assert fall >= (3 * ratio - 2) * rho / 12 * length**3 - 1e-14
            assert np.linalg.norm(answers(instance, y)[1]) <= (ratio + 1) / 2 * rho * length**2 + 1e-14
    assert steps > 40


def test_each_trust_region_step_falls_by_its_share():
    steps = 0
    for seed in range(8):
        instance, target = cosine_mixture(dimension=1 + seed % 4, seed=seed), 0.01
        rho = instance.claims.value("hessian_smoothness")
        points = recorded("trust_region", instance, target)
        values = [answers(instance, x)[0] for x in points[:-1]]
        steps += len(values) - 1
        if len(values) < 2:
            continue
        assert np.diff(values).max() <= -(target**1.5) / (3 * math.sqrt(2.5 * rho)) * (1 - 1e-9)
        lengths = np.linalg.norm(np.diff(points[:-1], axis=0), axis=1)
        assert lengths == pytest.approx(np.full(len(lengths), math.sqrt(2 * target / (5 * rho))), rel=1e-12)
    assert steps > 100


def upper(name, numbers):
    (bound,) = ALGORITHMS[name].bounds
    return bound.value(numbers)


def test_constants_of_the_guarantees():
    """12 for M = rho, 3 sqrt(5/2) for M = 4 rho and the best radius, 2 x 23.7 for ARC, per D sqrt(rho) / eps^(3/2)."""
    known = {"hessian_smoothness": 1e-4, "gap": 1e9, "target": 1e-2, "method.hessian_smoothness": 1e-4}
    unit = 1e9 * 1e-2 / 1e-3

    def cubic(ratio):
        return upper("cubic_newton", {**known, "method.regularisation": ratio}) / unit

    assert cubic(1.0) == pytest.approx(12.0, rel=1e-6) and cubic(4.0) == pytest.approx(3 * math.sqrt(2.5), rel=1e-6)
    assert all(cubic(ratio) > cubic(4.0) for ratio in (0.7, 2.0, 3.9, 4.1, 8.0))
    assert upper("cubic_newton", {**known, "method.regularisation": 0.6}) is None

    def region(radius, target=1e-2):
        return upper("trust_region", {**known, "method.target": target, "method.radius": radius})

    best = math.sqrt(0.4)
    assert region(best) / unit == pytest.approx(3 * math.sqrt(2.5), rel=1e-6)
    assert region(1.0) / unit == pytest.approx(12.0, rel=1e-6)
    assert region(best * 1.01) > region(best) < region(best * 0.99) and region(1.1) is None
    assert region(best, target=2e-2) is None
    adaptive = upper("arc", {**known, "method.initial": 1.0, "method.least": 0.25}) / unit
    assert adaptive == pytest.approx(2 * 48 * 0.625**1.5, rel=1e-6)
    assert upper("arc", {**known, "method.initial": 1.0, "method.least": 0.0}) is None


@pytest.mark.parametrize("initial", [1e-6, 1e-3, 1.0, 1e4])
def test_arc_pays_at_most_one_rejection_per_doubling_and_per_step(initial):
    for seed in range(12):
        instance = cosine_mixture(dimension=1 + seed % 5, seed=seed)
        outcome = run(ALGORITHMS["arc"], instance, target=1e-3, parameters={"initial": initial, "least": initial / 4})
        limit = upper("arc", bound_numbers(instance, outcome.numbers, 1e-3))
        assert outcome.met and outcome.queries <= limit


# TRACE.


def test_contractions_end_in_their_range(rng):
    """A smaller step, with lambda / |s| from low to high, or twice the multiplier."""
    low, high = 0.01, 100.0
    for _ in range(200):
        d = int(rng.integers(1, 6))
        hessian = rng.standard_normal((d, d)) * 10.0 ** rng.integers(-3, 4)
        hessian = hessian + hessian.T if rng.random() < 0.5 else hessian @ hessian.T
        gradient, radius = rng.standard_normal(d) * 10.0 ** rng.integers(-3, 3), 10.0 ** rng.uniform(-3, 3)
        model = quadratic(gradient, hessian)
        step, multiplier = trust_region_step(model, radius)
        length = np.linalg.norm(step)
        found = contracted(model, length, multiplier, np.linalg.norm(gradient), low, high)
        assert 0 < found < length
        if multiplier >= low * length:
            twice = np.linalg.norm(shifted_step(model, 2 * multiplier))
            assert found == pytest.approx(max(length / 2, twice))
        else:
            _, after = trust_region_step(model, found)
            assert low * (1 - 1e-6) <= after / found <= high * (1 + 1e-6)


def test_trace_does_not_hang_between_expansion_and_contraction():
    """sigma |s| = (lambda / |s|) |s| may be below lambda by a rounding; then the step would be tried for ever."""
    for target in (0.35, 0.25, 0.18):
        instance = carmon_chain_order(order=2, order_smoothness=1.0, gap=400.0, target=target)
        outcome = run(ALGORITHMS["trace"], instance, target=target, max_queries=5000)
        assert outcome.met


# Newton-CG.


class Products:
    """Answers Hessian-vector products and gradients of g'x + x'Hx/2, and counts them."""

    def __init__(self, gradient, hessian):
        self.g, self.H, self.asked = gradient, hessian, 0

    def hessian_vector(self, x, vector):
        self.asked += 1
        return self.H @ vector

    def gradient(self, x):
        self.asked += 1
        return self.g + self.H @ x


@pytest.mark.parametrize("difference", [0.0, 1e-3])
def test_capped_cg_solves_or_shows_negative_curvature(rng, difference):
    solutions = 0
    for case in range(120):
        d = int(rng.integers(1, 12))
        q, _ = np.linalg.qr(rng.standard_normal((d, d)))
        spectrum = rng.uniform(-1, 10, d) if case % 3 == 0 else rng.uniform(0, 10, d)
        hessian, gradient = q @ np.diag(spectrum) @ q.T, rng.standard_normal(d)
        oracle, damping = Products(gradient, hessian), 0.05
        found, bend, solved = capped_cg(oracle, np.zeros(d), gradient, damping, 0.5, difference)
        assert oracle.asked <= d + 3
        if solved:
            kappa = (np.abs(spectrum).max() + 2 * damping) / damping
            residual = np.linalg.norm(hessian @ found + 2 * damping * found + gradient)
            assert residual <= 0.5 / 3 * np.linalg.norm(gradient) * 1.001
            assert found @ hessian @ found >= -damping * (found @ found) and kappa > 1
            solutions += 1
        else:
            assert bend == pytest.approx(found @ hessian @ found, rel=1e-5)
            assert bend < -damping * (found @ found) * (1 - 1e-6)
            assert spectrum.min() < -damping
    assert 60 <= solutions < 120


def test_an_earlier_iterate_shows_the_negative_curvature(rng):
    """H + 2 epsilon_H I times y - y_i is r - r_i: the first pair whose curvature is too small is taken."""
    hessian, damping = np.diag([3.0, -0.5]), 0.1
    iterates = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]])
    y, shifted = np.array([1.0, 2.0]), hessian + 2 * damping * np.eye(2)
    residuals = iterates @ shifted + 1.0
    direction, bend = between(iterates, residuals, 2, y, shifted @ y + 1.0, damping)
    assert direction == pytest.approx([0.0, 2.0]) and bend == pytest.approx(direction @ hessian @ direction)
    nothing, none = between(iterates, residuals, 1, y, shifted @ y + 1.0, damping)
    assert not nothing.any() and none == 0.0


def test_newton_cg_with_differences_of_gradients_does_without_hessians():
    instance = cosine_mixture(dimension=4, seed=3)
    products, differences = (
        run(ALGORITHMS["newton_cg"], instance, target=1e-3, parameters={"difference": h}) for h in (0.0, 1e-5)
    )
    assert products.met and differences.met and abs(products.queries - differences.queries) <= 0.2 * products.queries
    assert products.product_queries > 0 == differences.product_queries
    numbers = {"hessian_smoothness": 2000.0, "difference": 1e-6}
    outcome = run(ALGORITHMS["newton_cg"], gate_chain(length=3), parameters=numbers, target=1.5, max_queries=20_000)
    assert outcome.status in (Status.TARGET, Status.BUDGET) and outcome.gradient_queries == outcome.queries


@pytest.mark.parametrize("factor", [2.0**-20, 2.0**20])
def test_newton_cg_has_no_scale_of_its_own(factor):
    """h f takes the same queries at the target h epsilon."""
    counts = []
    for height in (1.0, factor):
        instance = cosine_mixture(dimension=4, seed=5, smoothness=height)
        counts.append(run(ALGORITHMS["newton_cg"], instance, target=0.01 * height).queries)
    assert counts[0] == counts[1]


# At points where there is little to do.


@pytest.mark.parametrize("name", METHODS)
def test_a_minimiser_is_returned(name):
    """With a goal that is never met, from a point where the gradient is exactly zero."""
    never = Goal("never", lambda point, value, gradient: 1.0, False, True)
    outcome = run(ALGORITHMS[name], bowl(dimension=3), start=np.zeros(3), target=0.5, goal=never, max_queries=50)
    assert outcome.status is Status.RETURNED and outcome.queries <= 2
    assert np.array_equal(outcome.returned.point, np.zeros(3))


def test_a_saddle_is_left():
    def saddle(x):
        return 0.5 * x[0] ** 2 + 0.25 * x[1] ** 4 - 0.5 * x[1] ** 2, np.array([x[0], x[1] ** 3 - x[1]])

    instance = from_callable(saddle, hess=lambda x: np.diag([1.0, 3 * x[1] ** 2 - 1]), start=[1e-3, 0.0])
    for name in ("arc", "cubic_newton", "trace", "trust_region"):
        # the first gradient is above the target, and its eigenvector is not the one that goes down
        outcome = run(ALGORITHMS[name], instance, parameters={"hessian_smoothness": 6.0}, target=1e-4)
        assert outcome.met and abs(abs(outcome.found[1]) - 1) < 1e-3, name


def test_zero_smoothness_of_the_hessian_is_newtons_method():
    instance = bowl(dimension=4)
    assert instance.claims.value("hessian_smoothness") == 0.0
    for name in METHODS:
        outcome = run(ALGORITHMS[name], instance, target=1e-9)
        limit = {"trace": 12, "newton_cg": 8}.get(name, 3)
        assert outcome.met and outcome.queries <= limit, name
