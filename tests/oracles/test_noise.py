"""Random answers: samples by address, Gaussian noise, and what both engines make of them."""

import math

import numpy as np
import pytest
from scipy import stats

from experiments import run
from hardinstances import carmon_chain, quadratic
from oracles import Bound, Draws, InputError, Instance, Ledger, Model, Oracle, Referee, Request, Scope, gaussian_noise

BOWL = quadratic(dimension=3, condition=5.0)


def request(points, *, round=1, samples=None, gradients=True):
    points = np.atleast_2d(np.asarray(points, dtype=float))
    asked = np.ones(len(points), dtype=bool)
    return Request(points, asked, asked & gradients, round, None if samples is None else np.asarray(samples))


def noisy(instance=BOWL, *, deviation=2.0, fresh=True, seed=1, width=None):
    return gaussian_noise(instance, width, np.random.default_rng(seed), deviation=deviation, fresh=fresh)


def noise_of(model, asked):
    """The answers' gradients less the true ones."""
    return model.answer(asked).gradients - model.truth(asked.points).gradients


# Samples.


def test_a_named_sample_is_the_same_wherever_it_is_asked():
    model, x, y = noisy(), [1.0, 2.0, 3.0], [-1.0, 0.5, 4.0]
    first = noise_of(model, request([x, y, x], samples=[7, 7, 8]))
    assert first[0] == pytest.approx(first[1], abs=1e-12) and np.abs(first[0] - first[2]).max() > 0.1
    later = noise_of(model, request([y, x], round=90, samples=[8, 7]))
    assert later == pytest.approx(first[[2, 0]], abs=1e-12)
    again = noise_of(noisy(), request([x], round=3, samples=[7]))
    assert np.array_equal(again[0], first[0]), "the seed makes the samples"
    assert np.abs(noise_of(noisy(seed=2), request([x], samples=[7])) - first[0]).max() > 0.1


def test_without_names_each_query_or_each_round_has_its_own():
    x = np.ones((3, 3))
    fresh = [noise_of(noisy(), request(x, round=r)) for r in (1, 2)]
    shared = [noise_of(noisy(fresh=False), request(x, round=r)) for r in (1, 2)]
    assert len(np.unique(np.concatenate(fresh)[:, 0])) == 6
    for round in shared:
        assert np.array_equal(round[0], round[1]) and np.array_equal(round[0], round[2])
    assert np.abs(shared[0] - shared[1]).max() > 0.1


def test_the_models_own_samples_are_none_that_can_be_named():
    x = [1.0, 1.0, 1.0]
    own = {tuple(noise_of(noisy(), request([x, x], round=r))[k]) for r in range(1, 20) for k in (0, 1)}
    named = {tuple(noise_of(noisy(), request([x], samples=[s]))[0]) for s in range(40)}
    assert len(own) == 38 and len(named) == 40 and not own & named


def test_a_round_that_shares_its_sample_cannot_name_two():
    model = noisy(fresh=False)
    model.answer(request(np.ones((2, 3)), samples=[4, 4]))
    with pytest.raises(InputError, match=r"share one sample here \(fresh=False\), got samples 4 and 6"):
        model.answer(request(np.ones((2, 3)), samples=[4, 6]))


def test_draws_are_uniform_and_samples_independent():
    """Kolmogorov-Smirnov on one number from each of 4000 samples and positions, and the correlation of neighbours; the
    seed is fixed, so that a level of 1e-4 fails for a reason only.
    """
    draws = Draws(np.random.default_rng(5), fresh=True)
    samples = draws.samples(request(np.ones((2000, 1)), samples=np.arange(2000)))
    grid = np.array([[draws.at(sample, position).random() for position in (0, 1)] for sample in samples])
    assert stats.kstest(grid.ravel(), "uniform").pvalue > 1e-4
    for pairs in (grid, np.stack([grid[:-1, 0], grid[1:, 0]], axis=1)):
        assert abs(np.corrcoef(pairs.T)[0, 1]) < 4 / math.sqrt(2000)


def test_reading_one_sample_does_not_disturb_another():
    draws = Draws(np.random.default_rng(5), fresh=True)
    a, b = draws.samples(request(np.ones((2, 1)), samples=[1, 2]))
    long = draws.at(a).standard_normal(50)
    draws.at(b).integers(7)
    assert np.array_equal(draws.at(a).standard_normal(50), long)


# Gaussian noise.


def test_values_are_exact_and_the_noise_has_its_deviation():
    """|noise|^2 d / deviation^2 is chi-square with d degrees of freedom, and each coordinate is normal."""
    chain = carmon_chain(length=20)
    model = noisy(chain, deviation=3.0)
    points = np.tile(np.linspace(-1, 1, 20), (1500, 1))
    asked = request(points)
    assert np.array_equal(model.answer(asked).values, model.truth(points).values)
    noise = noise_of(model, asked)
    assert stats.kstest(noise.ravel(), "norm", args=(0, 3 / math.sqrt(20))).pvalue > 1e-4
    assert stats.kstest((noise**2).sum(axis=1) * 20 / 9, "chi2", args=(20,)).pvalue > 1e-4
    assert (noise**2).sum(axis=1).mean() == pytest.approx(9, rel=4 * math.sqrt(2 / 20 / 1500))
    assert dict(model.numbers) == {"noise": 3.0, "mean_squared_smoothness": chain.claims.value("smoothness")}


def test_what_is_bounded_under_noise():
    """Bounds for zero-respecting methods fall away; those for all methods stay."""

    def bound(side, methods):
        return Bound(side, "rounds", "", lambda numbers: 1.0, "a test", "derived", scope=Scope(methods))

    kept, *others = bound("lower", "all"), bound("lower", "zero-respecting"), bound("upper", "all")
    instance = Instance("bowl", BOWL.function, BOWL.start, bounds=(kept, *others))
    assert noisy(instance).bounds == (kept,) and noisy(carmon_chain(length=3)).bounds == ()
    assert "mean_squared_smoothness" not in noisy(instance).numbers, "nobody claims a smoothness"


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("samples", [None, 5])
def test_a_round_of_one_is_what_a_batch_gives(fresh, samples):
    model, points = noisy(fresh=fresh), np.arange(12.0).reshape(4, 3)
    named = None if samples is None else np.full(4, samples)
    batch = model.answer(request(points, round=3, samples=named))
    value, gradient = model.answer_one(points[0], True, True, 3, samples)
    assert value == batch.values[0] and np.array_equal(gradient, batch.gradients[0])
    for k in range(4):
        single = model.answer(request(points[k], round=3, samples=None if named is None else named[k : k + 1]))
        if samples is not None or not fresh or k == 0:
            assert np.array_equal(single.gradients[0], batch.gradients[k])


@pytest.mark.parametrize("deviation", [-1.0, math.inf, math.nan])
def test_a_bad_deviation_gets_one_line(deviation):
    with pytest.raises(InputError, match="deviation of gaussian_noise must be a number from 0 on"):
        noisy(deviation=deviation)


# Runs.


def averaged(oracle, x0, *, smoothness: float, width: int):
    """Gradient descent with the mean of K gradients of one round."""
    x = x0
    while True:
        gradients = oracle.gradients(np.zeros((width, 1)) + x)
        x = x - gradients.sum(axis=0) / width / smoothness


def paired(oracle, x0, *, smoothness: float):
    """The recursive estimator of STORM with a = 0: the same sample at two points of a round."""
    x, estimate = x0, oracle.gradient(x0, sample=0)
    k = 0
    while True:
        k += 1
        y = x - estimate / smoothness
        points = np.zeros((2, x.size))
        points[0], points[1] = x, y
        gradients = oracle.gradients(points, np.array([k, k]))
        estimate = estimate + gradients[1] - gradients[0]
        x = y


def single(oracle, x0, *, smoothness: float, noise: float):
    """Gradient descent, with the sample named by a word of compiled code."""
    x, k = x0, 0
    while True:
        k += 1
        value, gradient = oracle.value_and_gradient(x, sample=k)
        x = x - 1.0 / (smoothness + noise) * gradient


@pytest.mark.parametrize("method", [averaged, paired, single])
@pytest.mark.parametrize("observe", ["powers", "all"])
def test_both_engines_get_the_same_answers(method, observe):
    noise = {"model": "gaussian_noise", "model_parameters": {"deviation": 0.1}, "width": 4}
    compiled, python = (
        run(method, BOWL, target=(1.0, 0.05, 1e-9), max_queries=600, observe=observe, engine=engine, seed=11, **noise)
        for engine in ("compiled", "python")
    )
    counts = ("queries", "value_queries", "gradient_queries", "rounds", "observed", "hits", "status", "best_merit")
    assert (compiled.engine, python.engine) == ("compiled", "python")
    for name in counts:
        assert getattr(compiled, name) == getattr(python, name), name
    assert compiled.hits and compiled.queries >= 599
    left_alone = run(method, BOWL, target=1.0, **noise)
    assert left_alone.engine == "python", "machine code that only calls back is not worth its compilation"


@pytest.mark.parametrize("engine", ["compiled", "python"])
def test_a_bad_round_fails_with_the_same_words(engine):
    def two_names(oracle, x0):
        oracle.gradients(np.zeros((2, x0.size)), np.array([1, 2]))

    shared = {"deviation": 1.0, "fresh": False}
    outcome = run(two_names, BOWL, target=1e-9, model=gaussian_noise, model_parameters=shared, engine=engine)
    assert outcome.message == "the queries of a round share one sample here (fresh=False), got samples 1 and 2"
    assert outcome.status == "failed" and outcome.queries == 0


def test_the_observer_judges_the_truth():
    """At the minimiser every answer is noise, and the first query meets the target."""
    model = noisy(deviation=100.0)
    ledger = Ledger((1e-6,), None, None)
    oracle = Oracle(Referee(model, ledger))
    _, gradient = oracle.value_and_gradient(np.zeros(3))
    assert np.linalg.norm(gradient) > 1
    assert [hit.query for hit in ledger.hits] == [1] and ledger.observed == 1


def test_the_domain_and_the_width_are_kept():
    model = noisy(width=2)
    assert isinstance(model, Model) and model.width == 2 and not model.exact and model.door() is None
    with pytest.raises(InputError, match="width must be a whole number"):
        noisy(width=0)
    oracle = Oracle(Referee(model, Ledger((1e-9,))))
    with pytest.raises(InputError, match="wider than the width 2"):
        oracle.values(np.zeros((3, 3)))
    with pytest.raises(InputError, match="no Hessians"):
        oracle.hessian(np.zeros(3))
