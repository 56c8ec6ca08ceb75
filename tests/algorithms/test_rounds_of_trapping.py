"""How many rounds trapping takes: per log(1/epsilon) in one, two, three dimensions, and the laws behind it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from algorithms import gft
from experiments import run
from experiments.fit import linear
from hardinstances import cosine_mixture
from oracles import Box, from_callable, projected_gradient

BAND = (2.3, 2.7)  # rounds per log(1/epsilon); theory's 1/log(3/2) is 2.466
SIDE = 6.0  # of the cube, on which a mixture of cosines with L = 1 has several minimisers
QUICK = {1: np.geomspace(1e-1, 1e-6, 10), 2: np.geomspace(1e-1, 1e-5, 9), 3: np.geomspace(2.0, 0.05, 9)}
WIDE = {1: np.geomspace(1e-1, 1e-6, 19), 2: np.geomspace(1e-1, 1e-6, 19), 3: np.geomspace(2.0, 0.003, 19)}


def smooth(dimension, seed):
    """A random mixture of cosines with L = 1 on a cube."""
    box = Box(np.full(dimension, -SIDE / 2), np.full(dimension, SIDE / 2))
    return replace(cosine_mixture(dimension=dimension, seed=seed), domain=box, goal=projected_gradient(box))


def rounds_of(instance, target):
    """Rounds of the full method, which has to find a solution."""
    outcome = run(gft, instance, target=float(target), parameters={"early": False}, max_queries=10**8)
    assert outcome.met, outcome.verdict
    return outcome.rounds


def most_cuts(dimension, side, target):
    """A cut multiplies the longest side by 2/3 at most."""
    return math.ceil(math.log(math.sqrt(dimension) * side / (0.1 * target)) / math.log(1.5))


def least_cuts(dimension, side, target):
    """A cut multiplies the volume by 2/3^d at least: the axis across whose plane x moved last keeps 2/3."""
    return dimension * math.log(math.sqrt(dimension) * side / (0.1 * target)) / math.log(3**dimension / 2)


def fitted(dimension, targets, seeds):
    """Rounds per log(1/epsilon) over all functions and targets. Each run keeps to its two bounds: x, the cuts, and the
    gradients in the end.
    """
    logs, rounds = [], []
    for target in targets:
        for seed in range(seeds):
            found = rounds_of(smooth(dimension, seed), target)
            assert 2 + least_cuts(dimension, SIDE, target) <= found <= 2 + most_cuts(dimension, SIDE, target)
            logs.append(-math.log(target))
            rounds.append(found)
    return linear(logs, rounds)


@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_rounds_per_logarithm(dimension):
    fit = fitted(dimension, QUICK[dimension], 3)
    assert BAND[0] <= fit.slope <= BAND[1], fit


@pytest.mark.slow
@pytest.mark.parametrize("dimension", [1, 2, 3])
def test_rounds_per_logarithm_over_a_wide_range(dimension):
    fit = fitted(dimension, WIDE[dimension], 8)
    assert BAND[0] <= fit.low and fit.high <= BAND[1], fit


def test_in_one_dimension_the_rounds_are_exact():
    for target in QUICK[1]:
        for seed in range(3):
            assert rounds_of(smooth(1, seed), target) == 2 + most_cuts(1, SIDE, target)


def test_without_a_domain_the_logarithm_is_that_of_the_square():
    """The cube has the side 4 D/epsilon, and there are no faces to look at in the end."""
    targets = np.geomspace(1e-1, 1e-4, 7)  # smaller ones are lost in the rounding of far points
    for seed in range(3):
        instance, found = cosine_mixture(dimension=1, seed=seed), []
        gap = instance.claims.value("gap")
        for target in targets:
            found.append(rounds_of(instance, target))
            assert found[-1] == 1 + most_cuts(1, 4 * gap / target, target)
        assert 2 * BAND[0] <= linear(-np.log(targets), found).slope <= 2 * BAND[1]


def tilted(*slopes, sides):
    """A linear function: its solution is the vertex where all coordinates with a positive slope are 0."""
    c, upper = np.array(slopes), np.array(sides)
    return from_callable(
        lambda points: (points @ c, np.broadcast_to(c, points.shape).copy()),
        start=upper / 2,
        lower=0 * upper,
        upper=upper,
        vectorised=True,
        smoothness=1.0,
    )


def test_towards_a_vertex_there_are_fewer_rounds():
    """An axis keeps a third where x is on its face; here the two take turns, so that the lower bound is the law."""
    targets, sides = np.geomspace(1e-2, 1e-6, 9), (1.0, 1.42)
    turns = [rounds_of(tilted(1.0, 1.0, sides=sides), target) for target in targets]
    for target, found in zip(targets, turns, strict=True):
        least = 2 * math.log(math.sqrt(2 * sides[0] * sides[1]) / (0.1 * target)) / math.log(4.5)
        assert least <= found - 2 <= least + 1.5
    assert linear(-np.log(targets), turns).slope == pytest.approx(2 / math.log(4.5), rel=0.08)
    edge = linear(-np.log(targets), [rounds_of(tilted(1.0, 0.0, sides=(1.0, 1.0)), target) for target in targets])
    assert edge.slope == pytest.approx(1 / math.log(1.5), rel=0.03)
