"""Counts on the published chain, in its own units, target 1, from 0: known from two other implementations."""

import pytest

import algorithms  # noqa: F401
from experiments import run
from hardinstances import carmon_chain, chained_rosenbrock
from oracles import ALGORITHMS

LENGTHS = (10, 20, 40, 80)
QUERIES = {
    "gradient_descent": (606, 1039, 1869, 3482),
    "armijo": (46, 84, 166, 324),
    "adagrad_norm": (148, 465, 1564, 5530),
    "scipy:L-BFGS-B": (12, 22, 42, 82),
    "scipy:CG": (12, 22, 42, 82),
    "batched_step_search": (153, 313, 633, 1273),
}
NUMBERS = {
    "gradient_descent": {"smoothness": 152.0},
    "armijo": {"initial_step": 1 / 152},
    "batched_step_search": {"smoothness": 152.0, "width": 16},
}


@pytest.mark.parametrize("method", QUERIES)
@pytest.mark.parametrize("k", range(4))
def test_queries_to_the_first_hit(method, k):
    chain = carmon_chain(length=LENGTHS[k], first_link=1.0)
    outcome = run(ALGORITHMS[method], chain, target=1.0, parameters=NUMBERS.get(method))
    assert outcome.hits[0].query == QUERIES[method][k]
    if method == "batched_step_search":
        assert outcome.hits[0].round == LENGTHS[k] + 1
        assert outcome.hits[0].charged == 1 + 16 * LENGTHS[k]
    else:
        assert outcome.hits[0].round == outcome.hits[0].charged == outcome.hits[0].query


@pytest.mark.parametrize(("target", "smoothness", "steps"), [(1.341168, 134.0239, 474), (1.341168, 152.0, 537)])
def test_steps_of_gradient_descent_to_the_floor(target, smoothness, steps):
    outcome = run(
        ALGORITHMS["gradient_descent"],
        carmon_chain(length=10, first_link=1.0),
        target=target,
        parameters={"smoothness": smoothness},
    )
    assert outcome.hits[0].query == steps + 1


def test_chained_rosenbrock():
    """d = 10, L = 1500: gradient descent, Armijo from 1e-3 and the batched search; all targets in one run."""
    targets = [1e-1, 1e-2]
    instance = chained_rosenbrock(dimension=10)
    counts = {
        "gradient_descent": ([7364, 13739], None, "query"),
        "armijo": ([5019, 10248], {"initial_step": 1e-3}, "query"),
        "batched_step_search": ([1126, 2643], {"width": 16}, "round"),
        "adagrad_norm": ([12189, 22703], None, "query"),
    }
    for method, (expected, numbers, counted) in counts.items():
        outcome = run(ALGORITHMS[method], instance, target=targets, parameters=numbers)
        assert [getattr(hit, counted) for hit in outcome.hits] == expected
