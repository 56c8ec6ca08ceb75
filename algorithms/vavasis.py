"""Gradient descent from the best point of a grid."""

import math

import numpy as np

from algorithms.boxes import domain, within
from algorithms.fixed_dimension import boxed
from algorithms.nets import Grid, Net, intervals, least_on_net
from oracles import Array, Bound, Numbers, Oracle, algorithm

VAVASIS = "this project, after Vavasis, SIAM J. Optim. 3 (1993)"


def grid_counts(sides: Array, smoothness: float, target: float) -> tuple[int, ...]:
    """Points per axis for the spacing r = (2 target^2/L^2)^(1/(d+2)), which balances the grid with the descent."""
    r = (2 * (target / smoothness) ** 2) ** (1 / (len(sides) + 2))
    return tuple(intervals(float(side), r) + 1 for side in sides)


def most_queries(numbers: Numbers) -> float:
    """The grid's best value is within d L r^2/8 of the least; each step but two falls by target^2/(8 L)."""
    d, side, smoothness, target, _ = boxed(numbers)
    counts = grid_counts(np.full(d, side), smoothness, target)
    r = side / (counts[0] - 1)
    return math.prod(counts) + 2 + math.floor(d * (smoothness * r / target) ** 2)


QUERIES = Bound(
    side="upper",
    counted="queries",
    statement="queries <= n^d + 2 + floor(d (L r/target)^2), r = side/(n - 1) <= (2 target^2/L^2)^(1/(d+2)): of order "
    "(L/target)^(2d/(d+2))",
    formula=most_queries,
    source=VAVASIS,
    tag="derived",
)


@algorithm(source=VAVASIS, bounds=(QUERIES,), dimensions=3)
def vavasis(
    oracle: Oracle,
    x0: Array,
    *,
    smoothness: float,
    target: float,
    lower: Array | None = None,
    upper: Array | None = None,
    width: int = 0,
) -> None:
    """The best value of a grid of spacing r = (2 target^2/L^2)^(1/(d+2)) that has the faces of the box among its
    planes, then x+ = P(x - grad f(x)/L). The value is within d L r^2/8 of the least one, so that the descent is short.

    smoothness: L. target: epsilon. lower, upper: the domain, which there has to be. width: most queries per round; 0:
    no limit.

    Cost: one round of (side/r + 1)^d values, then one query per step, together O((L/target)^(2d/(d+2))).

    Use: on boxes where values are cheap; for d = 2 its order is 1/target.
    """
    box = domain(lower, upper)
    net = Net([Grid(box.lower, box.upper, grid_counts(box.upper - box.lower, smoothness, target))])
    x, _, _ = least_on_net(oracle, net, width, x0, 0.0)
    while True:
        value, gradient = oracle.value_and_gradient(x)
        x = within(x - gradient / smoothness, box.lower, box.upper)
