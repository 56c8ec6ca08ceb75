"""The guarantees of the methods on random smooth functions, all of whose constants are known."""

from dataclasses import replace

import numpy as np
import pytest

import algorithms  # noqa: F401
from experiments import run
from experiments.binding import bound_numbers
from hardinstances import cosine_mixture
from oracles import ALGORITHMS, Box, InputError, projected_gradient

GUARANTEED = sorted(
    name
    for name, record in ALGORITHMS.items()
    if any(bound.side == "upper" and bound.tag != "recalled" for bound in record.bounds)
)
FEW, ALL = 24, 60  # functions: in 60, each combination of dimension, curvature, target, cube and width comes once
FRACTIONS = (0.5, 0.2, 0.1, 0.03)  # of the first gradient's norm, as targets


def functions(seeds, record):
    """Functions of one to six variables, with curvatures from 1/100 to 100, and a target for each; of fewer variables,
    and every other one on a cube, where the method is made for these.
    """
    for seed in seeds:
        dimension, smoothness = 1 + seed % (record.dimensions or 6), 10.0 ** (seed % 5 - 2)
        instance = cosine_mixture(dimension=dimension, smoothness=smoothness, seed=seed)
        if "lower" in record.numbers and seed % 2:
            box = Box(np.full(dimension, -1.0), np.full(dimension, 1.0))
            instance = replace(instance, domain=box, goal=projected_gradient(box))
        asked = np.ones(1, dtype=bool)
        _, (gradient,) = instance.function.evaluate(instance.start[None].copy(), asked, asked)
        yield seed, instance, FRACTIONS[seed % 4] * np.linalg.norm(gradient)


def reached(outcome, bound):
    """What the bound speaks of: the count at the hit, or at the end, if there was none."""
    hit = outcome.hit(outcome.targets[-1])
    if hit is None:
        return getattr(outcome, bound.counted)
    return hit.query if bound.counted == "queries" else hit.round


def check(name, seeds):
    record = ALGORITHMS[name]
    compared, closest = 0, 0.0
    for seed, instance, target in functions(seeds, record):
        model = "components" if "components" in record.numbers else "exact"
        widths = (None, 500, 20_000) if record.dimensions == 3 else (1, 2, instance.dimension + 1)
        width = widths[seed % 3] if "width" in record.numbers else None
        try:
            outcome = run(record, instance, target=target, width=width, model=model, observe="all", max_queries=30_000)
        except InputError as error:
            assert "give" in str(error)  # a number that nobody claims
            continue
        numbers = bound_numbers(instance, outcome.numbers, target, answers=outcome.answers)
        for bound in record.bounds:
            limit = None if bound.tag == "recalled" or bound.side == "lower" else bound.value(numbers)
            if limit is None or not bound.scope.covers(record.traits, outcome.width):
                continue
            assert reached(outcome, bound) <= limit, (name, seed, bound.statement)
            compared += 1
            closest = max(closest, reached(outcome, bound) / limit)
    return compared, closest


@pytest.mark.parametrize("name", GUARANTEED)
def test_no_guarantee_is_exceeded(name):
    compared, _ = check(name, range(FEW))
    assert compared >= FEW // 2


@pytest.mark.slow
@pytest.mark.parametrize("name", GUARANTEED)
def test_no_guarantee_is_exceeded_on_many_functions(name):
    compared, closest = check(name, range(FEW, ALL))
    assert compared >= (ALL - FEW) // 2 and 0 < closest <= 1
