"""The wall trap: walls so fine that a few steps are below them."""

import math

from algorithms.boxes import domain
from algorithms.cut_and_flow import counts, walled_descent
from oracles import Array, Oracle, algorithm

WALL_TRAP = "this project"


def fine(side: float, dimension: int, smoothness: float, target: float) -> float:
    """The spacing h = 2 epsilon/(L sqrt(d-1)): every point of a wall is within epsilon/L of the net."""
    return 2 * target / (smoothness * math.sqrt(dimension - 1)) if dimension > 1 else math.inf


@algorithm(source=WALL_TRAP, bounds=counts(fine, "(L/target)^(d-1)", WALL_TRAP), dimensions=3)
def wall_trap(
    oracle: Oracle,
    x0: Array,
    *,
    smoothness: float,
    target: float,
    lower: Array | None = None,
    upper: Array | None = None,
    width: int = 0,
) -> Array:
    """`cut_and_flow` with nets of spacing 2 epsilon/(L sqrt(d-1)) on the walls, so that all of a wall is above the
    net's least value minus epsilon^2/(2L), and at most five projected gradient steps per wall are needed to be below
    it.

    smoothness: L. target: epsilon. lower, upper: the domain, which there has to be. width: most queries per round of
    values; 0: no limit.

    Cost: O(log(1/target)) rounds, together O((L/target)^(d-1)) queries.

    Use: the simplest trap that has few rounds; `gft` needs fewer queries for small targets.
    """
    return walled_descent(oracle, domain(lower, upper), x0, smoothness, target, width, fine)
