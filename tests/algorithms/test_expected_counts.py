"""Methods for random gradients and finite sums: their guarantees in expectation, their estimates, both engines."""

import math

import numpy as np
import pytest

import algorithms  # noqa: F401
from algorithms.expected_counts import CONFIDENCE
from algorithms.implicit_gradient_transport import expected_queries as transport_queries
from algorithms.normalized_momentum import expected_queries as momentum_queries
from algorithms.page import expected_queries as page_queries
from algorithms.page_online import expected_queries as page_online_queries
from algorithms.sgd import expected_queries as sgd_queries
from algorithms.spider import expected_queries as spider_queries
from algorithms.spider_online import expected_queries as spider_online_queries
from algorithms.storm import expected_queries as storm_queries
from algorithms.svrg import expected_queries as svrg_queries
from experiments import run
from experiments.binding import bound_numbers
from hardinstances import carmon_chain, cosine_mixture, disjoint_chains
from oracles import ALGORITHMS, InputError, Status

RANDOM = {
    "sgd": sgd_queries,
    "normalized_momentum": momentum_queries,
    "implicit_gradient_transport": transport_queries,
    "page_online": page_online_queries,
    "spider_online": spider_online_queries,
    "storm": storm_queries,
}
SUMS = {"page": page_queries, "spider": spider_queries, "svrg": svrg_queries}
SLOPE = carmon_chain(length=1, smoothness=1.0, target=0.1)  # where a method takes a fair share of its guarantee


def noisy(method, instance, *, deviation, target, **options):
    return run(
        ALGORITHMS[method],
        instance,
        target=target,
        model="gaussian_noise",
        model_parameters={"deviation": deviation},
        observe="all",
        **options,
    )


def numbers_of(outcome, instance, target):
    return bound_numbers(instance, outcome.numbers, target, outcome.dimension, outcome.answers)


# Closed forms.


def closed(**numbers):
    """Numbers as a bound sees them: L = D = 1."""
    known = {"smoothness": 1.0, "mean_squared_smoothness": 1.0, "gap": 1.0, "hessian_smoothness": 1.0}
    given = {f"method.{name}": value for name, value in {**known, **numbers}.items() if name != "gap"}
    return known | numbers | given


@pytest.mark.parametrize("root", [1, 4, 10, 100])
def test_the_constants_for_finite_sums(root):
    """PAGE: n + 12 sqrt(n) L D / epsilon^2; SPIDER: 84 in place of 12, and 1.3 n more; SVRG: 10.24 n^(2/3)."""
    target, n = 1e-3, root**2
    page = page_queries(closed(components=n, target=target, step=1.0))
    assert n + 10 * root / target**2 * n / (n + root) < page.total <= 1 + n + 12 * root / target**2
    assert page.total == pytest.approx(12 * root / target**2 * root / (1 + root), rel=0.01)
    spider = spider_queries(closed(components=n, target=target, accuracy=2 / 7))
    assert spider.total == pytest.approx(1 + n + 3 * root * (28 / target**2 + 3 / 7 * root), rel=1e-12)
    n = root**3
    svrg = svrg_queries(closed(components=n, target=target, step=1.0))
    assert svrg.total <= 1 + n + 10.25 * root**2 / target**2


def test_the_constants_under_noise():
    """The leading terms for epsilon << sigma, with those of the statements."""
    noise, target = 1.0, 1e-3
    rate = {4: noise**2 / target**4, 3: noise / target**3, 3.5: noise**2 / target**3.5}
    given = {"noise": noise, "target": target}
    found = {
        sgd_queries(closed(**given, step=1.0)).total / rate[4]: 8 / 3,
        momentum_queries(closed(**given, averaging=3 / 32, step=math.sqrt(3) / 8)).total / rate[4]: 197,
        transport_queries(closed(**given, averaging=5 / 49, step=5**0.25 / 7**0.5)).total / rate[3.5]: 121,
        page_online_queries(closed(**given, step=1.0)).total / rate[3]: 24 * math.sqrt(2),
        spider_online_queries(closed(**given, accuracy=16 / 51)).total / rate[3]: 732,
        storm_queries(closed(**given, step=1.0, adaptive=0.0)).total / rate[3]: 16 * math.sqrt(2),
    }
    for measured, stated in found.items():
        assert measured == pytest.approx(stated, rel=0.03)


@pytest.mark.parametrize("noise", [0.0, 0.05, 0.0707, 0.0708, 0.3, 10.0])
def test_the_constant_of_sgd_at_every_noise(noise):
    target = 0.1
    count = sgd_queries(closed(noise=noise, target=target, step=1.0))
    assert count.total <= 1 + 8 / 3 * (1 + noise**2 / target**2) / target**2


@pytest.mark.parametrize("method", ["normalized_momentum", "implicit_gradient_transport", "spider", "spider_online"])
def test_the_defaults_make_the_constants_least(method):
    """A step or a weight a little larger or smaller gives a larger bound, for epsilon << sigma."""
    expected = {**RANDOM, **SUMS}[method]
    names = ("accuracy",) if "spider" in method else ("averaging", "step")
    defaults = {name: ALGORITHMS[method].numbers[name].default for name in names}
    given = closed(noise=1.0, target=1e-5, components=100, **defaults)
    for name in names:
        for factor in (0.9, 1.1):
            assert expected(given | {f"method.{name}": factor * defaults[name]}).mean > expected(given).mean


def test_nothing_is_said_where_the_theorem_does_not_speak():
    given = closed(noise=1.0, target=0.1, step=1.0, adaptive=0.0)
    assert storm_queries(given) is not None
    for change in (
        {"method.noise": 0.9},
        {"method.mean_squared_smoothness": 0.9},
        {"method.target": 0.2},
        {"method.step": 1.1},
        {"method.adaptive": 1.0},
    ):
        assert storm_queries(given | change) is None
    (bound,) = ALGORITHMS["storm"].bounds
    assert bound.value({name: value for name, value in given.items() if name != "noise"}) is None, "nothing is known"
    count = storm_queries(given)
    assert bound.value(given) == pytest.approx(count.certain + count.mean / (1 - CONFIDENCE))
    assert bound.tag == "derived" and "with probability 0.95" in bound.statement


# Expectations, over many seeds.


@pytest.mark.parametrize("method", RANDOM)
@pytest.mark.parametrize("deviation", [0.05, pytest.param(0.15, marks=pytest.mark.slow)])
def test_the_mean_count_is_below_its_bound(method, deviation):
    """On a slope that is as long as L, D and epsilon allow, but for a factor, and on a random function."""
    if method == "implicit_gradient_transport":
        instances = [(cosine_mixture(dimension=4, seed=seed), 0.05) for seed in range(2)]
    else:
        instances = [(SLOPE, 0.1), (cosine_mixture(dimension=4, seed=1), 0.05)]
    seeds = 2 if method in ("normalized_momentum", "spider_online") else 10
    for instance, target in instances:
        deviation = min(deviation, 2 * target)
        runs = [noisy(method, instance, deviation=deviation, target=target, seed=seed) for seed in range(seeds)]
        expected = RANDOM[method](numbers_of(runs[0], instance, target))
        assert all(outcome.met for outcome in runs)
        assert np.mean([outcome.hits[0].query for outcome in runs]) <= expected.total


@pytest.mark.parametrize("method", SUMS)
def test_the_mean_count_of_components_is_below_its_bound(method):
    for instance, target in (
        (cosine_mixture(dimension=3, components=50, seed=2), 0.02),
        (SUM, SUM.claims.value("floor")),
    ):
        runs = [
            run(ALGORITHMS[method], instance, target=target, model="components", observe="all", seed=seed)
            for seed in range(8)
        ]
        expected = SUMS[method](numbers_of(runs[0], instance, target))
        assert all(outcome.met for outcome in runs)
        assert np.mean([outcome.hits[0].query for outcome in runs]) <= expected.total


SUM = disjoint_chains(components=9, length=2)


class Recorded:
    """An oracle that keeps the points that it is asked at, the first of each round."""

    def __init__(self, oracle):
        self.inner, self.points = oracle, []

    def gradient(self, x, sample=None):
        self.points.append(np.array(x))
        return self.inner.gradient(x, sample)

    def gradients(self, points, samples=None):
        self.points.append(np.array(points[0]))
        return self.inner.gradients(points, samples)


def squares_along(method, instance, steps, seeds, *, model, parameters, numbers):
    """For each seed the mean of |grad f|^2 over the first `steps` points of a run."""
    found = []
    for seed in range(seeds):
        kept = []

        def watched(oracle, x0, kept=kept, **given):
            recorded = Recorded(oracle)
            kept.append(recorded)
            return ALGORITHMS[method].function(recorded, x0, **given)

        chosen = dict(numbers) | ({"rng": np.random.default_rng(seed)} if "rng" in ALGORITHMS[method].numbers else {})
        run(
            lambda oracle, x0, watched=watched, chosen=chosen: watched(oracle, x0, **chosen),
            instance,
            target=1e-12,
            model=model,
            model_parameters=parameters,
            max_rounds=steps,
            seed=seed,
        )
        points = np.array(kept[0].points[:steps])
        everywhere = np.ones(len(points), dtype=bool)
        _, gradients = instance.function.evaluate(points, everywhere, everywhere)
        found.append(np.mean((gradients**2).sum(axis=1)))
    return np.array(found)


@pytest.mark.parametrize("deviation", [0.0, 0.1, 0.3])
def test_mean_square_along_sgd(deviation):
    """E mean |grad f|^2 <= 2 D/(h N) + L h sigma^2, at h = min(1/L, sqrt(2 D / (L sigma^2 N))) and at half of it."""
    instance, steps = cosine_mixture(dimension=4, seed=3), 300
    gap = instance.claims.value("gap")
    best = min(1.0, math.sqrt(2 * gap / steps) / max(deviation, 1e-9))
    for h in (best, best / 2):
        numbers = {"smoothness": 1.0, "noise": 0.0, "target": 1.0, "step": h}
        squares = squares_along(
            "sgd", instance, steps, 20, model="gaussian_noise", parameters={"deviation": deviation}, numbers=numbers
        )
        bound = 2 * gap / (h * steps) + h * deviation**2
        assert squares.mean() <= bound
        if deviation == 0.3:
            assert squares.mean() >= bound / 20, "the noise is felt"


def test_mean_square_along_page():
    """E mean |grad f|^2 <= 2 D / (h N), h = 1/(2 L) for a square n; svrg has a step of its own."""
    instance, steps = cosine_mixture(dimension=3, components=49, seed=4), 200
    smoothness, gap = instance.finite_sum.claims.value("mean_squared_smoothness"), instance.claims.value("gap")
    numbers = {"components": 49, "mean_squared_smoothness": smoothness}
    for method, h in (("page", 1 / (2 * smoothness)), ("svrg", 1 / (smoothness * (1 + math.sqrt(3 / 8))))):
        squares = squares_along(method, instance, steps, 20, model="components", parameters={}, numbers=numbers)
        assert squares.mean() <= 2 * gap / (h * steps)


# The methods beside plain implementations.


@pytest.mark.slow
def test_without_noise_the_methods_are_gradient_descent():
    """Exact answers: SGD, STORM with a = 1, SVRG with n = 1 have the step 1/L; PAGE 1/(L (1 + 1))."""
    instance, target = carmon_chain(length=4, first_link=1.0), 1.2
    exact = run(ALGORITHMS["gradient_descent"], instance, target=target).hits[0]
    for method in ("sgd", "svrg"):
        assert run(ALGORITHMS[method], instance, target=target).hits[0].query == exact.query
    assert run(ALGORITHMS["storm"], instance, target=target).hits[0].query == 2 * exact.query - 2
    half = run(ALGORITHMS["gradient_descent"], instance, target=target, parameters={"step": 0.5}).hits[0]
    assert run(ALGORITHMS["page"], instance, target=target).hits[0].round == half.round


def test_page_is_the_listing():
    """PAGE in plain numpy, with the same draws: the same points."""
    instance = disjoint_chains(components=9, length=3)
    terms, n, few = instance.finite_sum.terms, 9, 3
    smoothness = instance.finite_sum.claims.value("mean_squared_smoothness")

    def gradient(i, x):
        one = np.ones(1, dtype=bool)
        return terms[i].evaluate(x[None].copy(), one, one)[1][0]

    rng, x = np.random.default_rng(5), instance.start
    v = np.mean([gradient(i, x) for i in range(n)], axis=0)
    points, cost = [x], [n]
    for _ in range(40):
        x, old = x - v / (2 * smoothness), x
        points.append(x)
        if rng.random() < few / (n + few):
            v = np.mean([gradient(i, x) for i in range(n)], axis=0)
            cost.append(n)
        else:
            chosen = rng.integers(0, n, few)
            v = v + np.mean([gradient(i, x) - gradient(i, old) for i in chosen], axis=0)
            cost.append(2 * few)
    kept = []

    def watched(oracle, x0):
        recorded = Recorded(oracle)
        kept.append(recorded)
        ALGORITHMS["page"].function(
            recorded, x0, components=n, mean_squared_smoothness=smoothness, rng=np.random.default_rng(5)
        )

    outcome = run(watched, instance, target=1e-9, model="components", max_rounds=41)
    assert np.array(kept[0].points)[:41] == pytest.approx(np.array(points), rel=1e-9, abs=1e-12)
    assert outcome.queries == sum(cost) and {n, 2 * few} == set(cost)


def test_storm_follows_its_recursion_and_its_adaptive_steps():
    """The estimate from the answers alone, in plain numpy; k, w, c from G, as in the source at b = 1."""
    instance, smoothness, noise = cosine_mixture(dimension=3, seed=6), 1.0, 0.2
    for adaptive in (False, True):
        log = []

        class Logged(Recorded):
            def gradients(self, points, samples=None, log=log):
                answer = self.inner.gradients(points, samples)
                log.append((np.array(points), np.array(samples), answer.copy()))
                return answer

        def watched(oracle, x0, adaptive=adaptive, logged=Logged):
            ALGORITHMS["storm"].function(
                logged(oracle), x0, mean_squared_smoothness=smoothness, noise=noise, target=0.1, adaptive=adaptive
            )

        run(
            watched,
            instance,
            target=1e-9,
            model="gaussian_noise",
            model_parameters={"deviation": noise},
            max_rounds=30,
            seed=2,
        )
        weight = 0.1**2 / (4 * noise**2)
        step = 1 / (1 + (1 - weight) * math.sqrt(2 / weight))
        first = log[0]
        assert len(first[1]) == 16 == math.ceil(1 / weight) and (first[0] == 0).all()
        d, x, seen = first[2].mean(axis=0), first[0][0], set(first[1])
        squares = d @ d
        G = math.sqrt(noise**2 + squares)
        k, c = G ** (2 / 3) / smoothness, 28 * smoothness**2 + smoothness**2 / 7
        w = max((4 * smoothness * k) ** 3, 2 * G**2, (c * k / (4 * smoothness)) ** 3)
        for points, samples, gradients in log[1:]:
            if adaptive:
                step = k / (w + squares) ** (1 / 3)
                weight = min(1.0, c * step**2)
            new = x - step * d
            assert points[0] == pytest.approx(new, abs=1e-12) and points[1] == pytest.approx(x, abs=1e-12)
            assert samples[0] == samples[1] and samples[0] not in seen
            seen.add(samples[0])
            d = gradients[0] + (1 - weight) * (d - gradients[1])
            squares += gradients[0] @ gradients[0]
            x = new


@pytest.mark.parametrize("method", [*RANDOM, *SUMS])
def test_both_engines_draw_the_same(method):
    """With random answers, at several widths: all counts, hits and merits to the last bit."""
    model = "components" if method in SUMS else "gaussian_noise"
    parameters = {} if method in SUMS else {"deviation": 0.3}
    given = {"target": 0.1} if "target" in ALGORITHMS[method].numbers else {}
    instance = cosine_mixture(dimension=3, components=10, seed=1)
    for width in (None, 3) if "width" in ALGORITHMS[method].numbers else (None,):
        compiled, python = (
            run(
                ALGORITHMS[method],
                instance,
                target=(0.1, 0.03, 1e-9),
                parameters=given,
                model=model,
                model_parameters=parameters,
                width=width,
                max_queries=1000,
                observe="all",
                engine=engine,
                seed=3,
            )
            for engine in ("compiled", "python")
        )
        assert (compiled.engine, python.engine) == ("compiled", "python") and compiled.status is Status.BUDGET
        for name in ("queries", "gradient_queries", "rounds", "width", "observed", "hits", "best_merit", "status"):
            assert getattr(compiled, name) == getattr(python, name), name


def test_a_start_without_a_gradient_is_no_division_by_zero():
    instance = cosine_mixture(dimension=2, components=4)
    flat = run(ALGORITHMS["gradient_descent"], instance, target=1e-13, max_queries=100_000)
    for method in (*RANDOM, *SUMS):
        outcome = run(ALGORITHMS[method], instance, target=1e-140, start=flat.found, max_queries=50)
        assert outcome.status is Status.BUDGET, outcome.message


@pytest.mark.parametrize("method", ["normalized_momentum", "storm", "page_online", "spider_online"])
@pytest.mark.parametrize("target", [1e-9, 1e-30])
def test_a_batch_that_no_memory_holds_is_an_error_of_one_line(method, target):
    outcome = noisy(method, cosine_mixture(dimension=2), deviation=0.3, target=target, max_queries=10)
    assert outcome.status is Status.FAILED and "MemoryError" in outcome.message and "\n" not in outcome.message


def test_what_is_not_known_has_to_be_given():
    instance = cosine_mixture(dimension=2, components=4)
    with pytest.raises(InputError, match="needs a number for 'noise'; nobody claims it"):
        run(ALGORITHMS["sgd"], instance, model="components")
    with pytest.raises(InputError, match="needs a number for 'components'; nobody claims it"):
        run(ALGORITHMS["page"], instance, model="gaussian_noise", model_parameters={"deviation": 1.0})
    outcome = run(ALGORITHMS["sgd"], instance, model="components", parameters={"noise": 1.0}, max_queries=10)
    assert ALGORITHMS["sgd"].bounds[0].value(numbers_of(outcome, instance, 0.01)) is None
    assert outcome.answers["components"] == 4 and outcome.answer_tags["mean_squared_smoothness"] == "derived"
