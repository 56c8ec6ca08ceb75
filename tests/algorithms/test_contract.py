"""What holds for every registered method."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

import algorithms  # noqa: F401
import hardinstances  # noqa: F401
from experiments import run
from experiments.binding import bound_numbers, unclaimed
from hardinstances import cosine_mixture
from oracles import ALGORITHMS, FAMILIES, Box, Status, from_callable, projected_gradient

METHODS = sorted(ALGORITHMS)
WIDTHS = (1, 2, 5)


def small_instances():
    return [family.instance(family.example) for family in FAMILIES.values()]


def instances_for(method):
    """Those that can answer it: methods of order 2 ask for Hessians, some are for few dimensions, some for boxes."""
    record = ALGORITHMS[method]
    instances = [one for one in small_instances() if record.traits.order == 1 or has_hessians(one)]
    if record.dimensions is not None:
        instances = [one for one in instances if one.dimension <= record.dimensions]
    return instances + [boxed(dimension) for dimension in (1, 2, 3) if "lower" in record.numbers]


def boxed(dimension):
    """A random smooth function on a cube."""
    box = Box(np.full(dimension, -2.0), np.full(dimension, 2.0))
    return replace(cosine_mixture(dimension=dimension), domain=box, goal=projected_gradient(box))


def has_hessians(instance):
    return instance.function.band(instance.start.copy()) is not None


def run_here(method, instance, **options):
    """A run with 1 for every number that the method needs and nobody claims."""
    given = dict.fromkeys(unclaimed(ALGORITHMS[method], instance), 1.0)
    return run(ALGORITHMS[method], instance, parameters=given, **options)


def widths_of(method):
    return WIDTHS if "width" in ALGORITHMS[method].numbers else (1,)


def wide(method):
    """Widths for long runs: nets are asked in one round, or in few."""
    return (None, 20_000) if ALGORITHMS[method].dimensions == 3 else widths_of(method)


@pytest.mark.parametrize("method", METHODS)
def test_budgets_are_exact(method):
    for instance in small_instances():
        for width in widths_of(method):
            for budget in (1, 2, 3, 10, 33):
                by_queries = run_here(method, instance, target=1e-12, width=width, max_queries=budget)
                assert by_queries.queries <= budget
                if by_queries.status is Status.BUDGET and width == 1:
                    assert by_queries.queries == budget
                by_rounds = run_here(method, instance, target=1e-12, width=width, max_rounds=budget)
                assert by_rounds.rounds <= budget and by_rounds.width <= width
                assert by_rounds.status is not Status.BUDGET or by_rounds.rounds == budget


@pytest.mark.parametrize("method", [name for name in METHODS if ALGORITHMS[name].traits.order > 1])
def test_methods_that_ask_for_hessians_say_so_where_there_are_none(method):
    refused = 0
    for instance in small_instances():
        outcome = run_here(method, instance, target=1e-12, max_queries=20)
        assert outcome.status is not Status.FAILED or not has_hessians(instance), outcome.message
        if outcome.status is Status.FAILED:
            assert outcome.message == "this oracle has no Hessians" and outcome.hessian_queries == 0
            refused += 1
    assert refused >= 5


@pytest.mark.parametrize("method", METHODS)
def test_runs_repeat(method):
    instance = FAMILIES["carmon_chain"].instance({"length": 6, "first_link": 1.0})
    start = np.full(6, 0.01)
    runs = [run_here(method, instance, target=1.2, width=2, start=start, max_queries=2000) for _ in range(2)]
    assert runs[0].hits == runs[1].hits and runs[0].queries == runs[1].queries
    assert runs[0].best_merit == runs[1].best_merit


@pytest.mark.parametrize("method", METHODS)
def test_the_method_does_not_write_into_x0(method):
    x0 = []

    def watched(oracle, x, **numbers):
        x0.extend((x, x.copy()))
        return ALGORITHMS[method].function(oracle, x, **numbers)

    instance = FAMILIES["quadratic"].instance({"dimension": 3})
    numbers = run_here(method, instance, target=1e-3, width=2, max_queries=2).numbers
    run(lambda oracle, x: watched(oracle, x, **numbers), instance, target=1e-3, max_queries=50)
    assert np.array_equal(*x0)


@pytest.mark.parametrize("method", [name for name in METHODS if ALGORITHMS[name].traits.zero_respecting])
@pytest.mark.parametrize("first_link", [1.0, np.e])
def test_no_zero_respecting_method_beats_the_chain(method, first_link):
    for length in (1, 3, 8):
        instance = FAMILIES["carmon_chain"].instance({"length": length, "first_link": first_link})
        for width in widths_of(method):
            outcome = run_here(method, instance, target=1.0, width=width, max_queries=20_000)
            hit = outcome.hit(1.0)
            assert hit is None or hit.round >= length + 1
            (best,) = {bound.value({"target": 1.0}) for bound in instance.bounds if bound.value({"target": 1.0})}
            assert best == length + 1


@pytest.mark.parametrize("method", METHODS)
def test_no_method_beats_a_lower_bound_of_its_class(method):
    """On every small instance, at the targets up to which its bounds speak."""
    compared = 0
    for instance in instances_for(method):
        targets = {claim.value for claim in instance.claims.on("floor")}
        for target, width in itertools.product(sorted(targets), wide(method)):
            outcome = run_here(method, instance, target=target, width=width, max_queries=10_000)
            hit = outcome.hit(target)
            for bound in instance.bounds:
                least = bound.value(bound_numbers(instance, outcome.numbers, target, answers=outcome.answers))
                if least is None or not bound.scope.covers(ALGORITHMS[method].traits, outcome.width):
                    continue
                assert hit is None or (hit.query if bound.counted == "queries" else hit.round) >= least, instance.name
                compared += 1
    traits = ALGORITHMS[method].traits
    assert compared >= (10 if traits.order == 1 else 5) or not traits.zero_respecting


@pytest.mark.parametrize("method", [name for name in METHODS if ALGORITHMS[name].bounds])
def test_no_upper_bound_is_exceeded(method):
    """On every small instance whose claims are bounds, over a grid of targets."""
    compared = 0
    for instance in instances_for(method):
        if instance.claims.default("smoothness") is None:
            continue
        _, gradient = instance.function.evaluate(instance.start[None].copy(), np.ones(1, bool), np.ones(1, bool))
        targets = np.linalg.norm(gradient) * np.array([0.9, 0.5, 0.2, 0.1])
        for target in targets:
            for width in wide(method):
                outcome = run_here(method, instance, target=target, width=width, max_queries=60_000)
                numbers = bound_numbers(instance, outcome.numbers, target, answers=outcome.answers)
                for bound in ALGORITHMS[method].bounds:
                    limit = bound.value(numbers)
                    if limit is None or not bound.scope.covers(ALGORITHMS[method].traits, outcome.width):
                        continue
                    hit = outcome.hit(target)
                    reached = (
                        (hit.query if bound.counted == "queries" else hit.round)
                        if hit
                        else getattr(outcome, bound.counted)
                    )
                    assert reached <= limit, (instance.name, target, bound.statement)
                    compared += 1
    small = "hessian_smoothness" in ALGORITHMS[method].numbers  # such theorems speak of small targets alone
    assert compared >= (5 if small else 10)


def test_a_method_gets_only_what_it_may_know():
    seen = {}

    def curious(oracle, x0, *, smoothness, gap, dimension, width, rng):
        seen.update(smoothness=smoothness, gap=gap, dimension=dimension, width=width, draw=rng.random())
        assert not hasattr(oracle, "instance") and not hasattr(oracle, "claims") and not hasattr(oracle, "ledger")

    instance = from_callable(lambda x: (0.0, x), start=[1.0, 1.0], smoothness=2.0, gap=3.0)
    outcome = run(curious, instance, target=1e-3, width=4, seed=7)
    assert outcome.status is Status.RETURNED
    assert seen == {
        "smoothness": 2.0,
        "gap": 3.0,
        "dimension": 2,
        "width": 4,
        "draw": np.random.default_rng(7).random(),
    }
