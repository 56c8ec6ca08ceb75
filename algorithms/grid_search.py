"""The grid of gradients: one round."""

import math

import numpy as np

from algorithms.boxes import best_of, gradient_counts, room
from algorithms.fixed_dimension import one_round, setting
from algorithms.nets import Grid, Net
from oracles import Array, Bound, Numbers, Oracle, algorithm


def most_queries(numbers: Numbers) -> float:
    """The points of the grid."""
    d, side, smoothness, target, slope = setting(numbers)
    return math.prod(gradient_counts(np.full(d, side), smoothness, slope, target))


def most_rounds(numbers: Numbers) -> float | None:
    """One."""
    setting(numbers)
    return 1 if one_round(numbers) else None


COUNTS = (
    Bound("upper", "rounds", "rounds <= 1; any width", most_rounds, "textbook", "derived"),
    Bound(
        "upper",
        "queries",
        "queries <= (ceil(sqrt(d) L side/(2 (target - c_0))) + 1)^d, c_0 = 0; target/2 and side = 4 D/target without a "
        "domain",
        most_queries,
        "textbook",
        "derived",
    ),
)


@algorithm(source="textbook", bounds=COUNTS, dimensions=3)
def grid_search(
    oracle: Oracle,
    x0: Array,
    *,
    smoothness: float,
    target: float,
    lower: Array | None = None,
    upper: Array | None = None,
    gap: float | None = None,
    width: int = 0,
) -> Array:
    """Gradients at all points of a grid with the faces of the box among its planes, so fine that the point with |g| <=
    c_0 that there is has a grid point on the same faces within (target - c_0)/L; the smallest is returned.

    smoothness: L. target: epsilon. lower, upper: the domain, c_0 = 0; without one the search is in x0 +- 2 gap/target,
    where some |grad f| <= target/2 = c_0. gap: D, at least f(x0) - inf f. width: most queries per round; 0: no limit.

    Cost: one round of (sqrt(d) L side/(2 target) + 1)^d queries of gradients.

    Use: where one round is all there is, in one or two dimensions.
    """
    box = room(x0, lower, upper, gap, target)
    counts = gradient_counts(box.upper - box.lower, smoothness, box.slope, target)
    return best_of(oracle, Net([Grid(box.lower, box.upper, counts)]), width, box)
