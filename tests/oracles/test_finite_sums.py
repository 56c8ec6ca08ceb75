"""Answers for one component of a finite sum."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from algorithms import svrg
from experiments import run
from hardinstances import carmon_chain, disjoint_chains
from oracles import FiniteSum, InputError, JointCallable, Ledger, Oracle, Referee, Request, components, from_callable

SUM = disjoint_chains(components=5, length=3)


def asked(model, points, *, round=1, samples=None, values=True, gradients=True):
    points = np.atleast_2d(np.asarray(points, dtype=float))
    every = np.ones(len(points), dtype=bool)
    names = None if samples is None else np.asarray(samples)
    return model.answer(Request(points, every & values, every & gradients, round, names))


def opened(instance=SUM, *, width=None, seed=3, fresh=True):
    return components(instance, width, np.random.default_rng(seed), fresh=fresh)


def test_a_query_is_answered_by_the_component_that_it_names(rng):
    model, x = opened(), 0.7 * rng.standard_normal((6, 15))
    names = np.array([4, 0, 2, 2, 0, 1])
    answer = asked(model, x, samples=names)
    for k, name in enumerate(names):
        block = slice(3 * name, 3 * name + 3)
        one = np.ones(1, dtype=bool)
        value, gradient = carmon_chain(length=3).function.evaluate(x[k : k + 1, block].copy(), one, one)
        assert answer.values[k] == value[0] and np.array_equal(answer.gradients[k, block], gradient[0])
        assert not np.delete(answer.gradients[k], range(3 * name, 3 * name + 3)).any()
        alone = model.answer_one(x[k], True, True, 1, int(name))
        assert alone[0] == answer.values[k] and np.array_equal(alone[1], answer.gradients[k])


def test_all_components_at_a_point_are_the_function(rng):
    model, x = opened(), 0.7 * rng.standard_normal(15)
    answer, truth = asked(model, np.tile(x, (5, 1)), samples=range(5)), model.truth(x[None])
    assert answer.values.mean() == pytest.approx(truth.values[0], rel=1e-13)
    assert answer.gradients.mean(axis=0) == pytest.approx(truth.gradients[0], rel=1e-13, abs=1e-300)


def test_components_are_drawn_uniformly_and_by_address():
    """Chi-square on 4000 draws with a fixed seed, so that a level of 1e-4 fails for a reason only."""
    x = np.full((4000, 15), 0.1)
    drawn = asked(opened(), x).gradients.argmin(axis=1) // 3
    assert stats.chisquare(np.bincount(drawn, minlength=5)).pvalue > 1e-4
    assert np.array_equal(asked(opened(), x).gradients.argmin(axis=1) // 3, drawn)
    assert not np.array_equal(asked(opened(), x, round=2).gradients.argmin(axis=1) // 3, drawn)
    assert len(set(asked(opened(fresh=False), x[:50]).gradients.argmin(axis=1))) == 1


def test_what_a_method_may_know():
    model = opened()
    assert model.components == 5 and not model.exact
    assert model.numbers["mean_squared_smoothness"] == pytest.approx(134.0239 / 5**0.5)
    assert model.bounds == SUM.finite_sum.bounds and model.door() is None

    def knows(oracle, x0, *, components: int, mean_squared_smoothness: float, smoothness: float):
        return x0

    numbers = run(knows, SUM, model="components").numbers
    assert numbers == {
        "components": 5,
        "mean_squared_smoothness": pytest.approx(134.0239 / 5**0.5),
        "smoothness": pytest.approx(134.0239 / 5),
    }

    def of_exact_answers(oracle, x0, *, mean_squared_smoothness: float):
        return x0

    assert run(of_exact_answers, SUM).numbers["mean_squared_smoothness"] == SUM.claims.value("smoothness")


def one_by_one(oracle, x0, *, mean_squared_smoothness: float):
    """Stochastic gradient descent; the oracle draws."""
    x = x0
    while True:
        _, gradient = oracle.value_and_gradient(x)
        x = x - 1.0 / mean_squared_smoothness * gradient


@pytest.mark.parametrize(("method", "budget"), [(svrg, 390), (one_by_one, 600)])
def test_both_engines_count_and_judge_alike(method, budget):
    compiled, python = (
        run(method, SUM, target=(2.2, 2.0, 1.6), model="components", max_queries=budget, engine=engine, seed=4)
        for engine in ("compiled", "python")
    )
    assert (compiled.engine, python.engine) == ("compiled", "python")
    for name in ("queries", "gradient_queries", "value_queries", "rounds", "observed", "hits", "best_merit", "status"):
        assert getattr(compiled, name) == getattr(python, name), name
    if method is svrg:
        assert python.queries == budget and python.rounds == budget // 13 * 2, "5 and 4 pairs, 2 rounds"
        assert python.value_queries == 0 and python.gradient_queries == budget


@pytest.mark.parametrize("engine", ["compiled", "python"])
def test_a_component_that_is_not_there(engine):
    def beyond(oracle, x0):
        oracle.gradients(np.zeros((2, x0.size)), np.array([1, 5]))

    outcome = run(beyond, SUM, model="components", engine=engine)
    assert outcome.message == "samples must be from 0 on, below 5, got 5" and outcome.queries == 0


def test_only_a_finite_sum_has_components():
    with pytest.raises(InputError, match="carmon_chain does not come in components: it is no finite sum"):
        opened(carmon_chain(length=3))
    with pytest.raises(InputError, match="at least one component"):
        FiniteSum(())


def test_a_finite_sum_of_ones_own():
    """|x - c_i|^2 / 2 for three centres; only the gradients that are asked for are computed."""
    centres = np.array([[1.0, 0.0], [0.0, 2.0], [2.0, 1.0]])
    mean = from_callable(
        lambda x: (0.5 * np.mean(((x - centres) ** 2).sum(axis=1)), x - centres.mean(axis=0)), start=[5.0, 5.0]
    )
    terms = tuple(JointCallable(lambda x, c=c: (0.5 * (x - c) @ (x - c), x - c)) for c in centres)
    instance = replace(mean, finite_sum=FiniteSum(terms))
    ledger = Ledger((1e-12,))
    oracle = Oracle(Referee(opened(instance), ledger))
    gradients = oracle.gradients(np.tile(mean.start, (3, 1)), samples=[0, 1, 2])
    values, _ = oracle.query(np.tile(mean.start - gradients.mean(axis=0), (2, 1)), order=[1, 0], samples=[1, 2])
    assert values == pytest.approx([0.5 * (1 + 1), 0.5 * 1])
    assert ledger.hits[0].round == 2 and (ledger.queries, ledger.gradient_queries) == (5, 4)
