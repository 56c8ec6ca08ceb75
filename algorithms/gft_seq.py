"""Trapping with one plane at a time: fewer queries and more rounds."""

import math
from dataclasses import replace

from algorithms.boxes import room
from algorithms.fixed_dimension import TRAPPING, cuts, most_values, one_round, setting
from algorithms.nets import intervals
from algorithms.trapping import Trap, check_budget, first_trap, spacing
from oracles import Array, Bound, Numbers, Oracle, algorithm


def most_rounds(numbers: Numbers) -> float | None:
    """x, two rounds for each of at most d cuts per factor 2/3, and the last gradients."""
    d, side, smoothness, target, _ = setting(numbers)
    end = (1 - numbers["method.fraction"]) * target / smoothness
    return 2 + 2 * d * cuts(math.sqrt(d) * side, end, 1.5) if one_round(numbers) else None


def most_queries(numbers: Numbers) -> float:
    """In a group of d cuts all sides above 2 l/3 are cut, each with at most two planes and D = l/6; besides, x, a
    gradient per cut, and the candidates at the end.
    """
    d, side, smoothness, target, _ = setting(numbers)
    end = (1 - numbers["method.fraction"]) * target / smoothness
    count = d * cuts(math.sqrt(d) * side, end, 1.5)
    return float(1 + 2**d + count) + most_values(numbers, 1.5, 6, 2 * d, d)


ROUNDS = Bound(
    side="upper",
    counted="rounds",
    statement="rounds <= 2 + 2 d ceil(log(sqrt(d) side L/((1 - fraction) target)) / log(3/2)), side = 4 D/target "
    "without a domain; any width",
    formula=most_rounds,
    source=TRAPPING,
    tag="derived",
)
QUERIES = Bound(
    side="upper",
    counted="queries",
    statement="queries <= 1 + 2^d + d K + 2 d sum_{k < K} ((sqrt(2 a_k) + 2)^(d-1) + (sqrt(2 b_k) + 2)^(d-1)), K the "
    "logarithm of the rounds, a_k = W L (side (2/3)^k)^(1-g), b_k = 6 W fraction target (last (3/2)^k)^(-g), "
    "g = (d-1)/(d+1), W = 6 d (d-1) side^g / (8 (fraction target - c_0) (1 - (2/3)^g)), "
    "last = (1 - fraction) target/(L sqrt(d)): of the order (side L/target)^((d-1)/2)",
    formula=most_queries,
    source=TRAPPING,
    tag="derived",
)


def shortened(trap: Trap, oracle: Oracle, width: int, smoothness: float, slack: float, gradient: bool) -> Trap:
    """The trap with its longest side cut to 2/3: x is not on the plane that becomes a wall, but a sixth of the side
    away from it or more. If x moves onto the first plane, the second one is asked too.
    """
    axis = int(trap.sides.argmax())
    edges, side = [trap.edge(axis, 3, k) for k in range(4)], float(trap.sides[axis])
    h = spacing(trap.x.size, smoothness, trap.slope, slack, side / 6)
    counts = tuple(intervals(float(one), h) + 1 for one in trap.sides)
    first = 2 if trap.x[axis] - trap.lower[axis] < 0.5 * side else 1
    after = trap.moved(oracle, [trap.plane(axis, edges[first], counts)], width, gradient)
    wall = first
    if after.x is not trap.x:
        again = after.moved(oracle, [trap.plane(axis, edges[3 - first], counts)], width, False)
        wall = 3 - first if again.x is after.x else first
        after = again
    lower, upper = trap.lower.copy(), trap.upper.copy()
    (upper if wall == 2 else lower)[axis] = edges[wall]
    return replace(after, lower=lower, upper=upper, slope=trap.slope + slack)


@algorithm(source=TRAPPING, bounds=(ROUNDS, QUERIES), dimensions=3)
def gft_seq(
    oracle: Oracle,
    x0: Array,
    *,
    smoothness: float,
    target: float,
    lower: Array | None = None,
    upper: Array | None = None,
    gap: float | None = None,
    width: int = 0,
    fraction: float = 0.9,
    early: bool = True,
) -> Array:
    """`gft` with one plane per round: across the longest side l, at a third of it from the face that is further from x.
    If x does not move, the plane is a wall; if x moves onto it, the other third is asked too, and the wall is the plane
    that x is not on. l becomes 2 l/3.

    eta = C (1 - rho)/d (l/side)^g for a wall, g = (d-1)/(d+1), rho = (2/3)^g, and nets as in `gft` with D = l/6.

    smoothness: L. target: epsilon. lower, upper: the domain; without one the search is in x0 +- 2 gap/target. gap: D,
    at least f(x0) - inf f. width: most queries per round; 0: no limit. fraction: of the target that the slopes take.
    early: whether x is asked for its gradient in the round after it moved, which may end the run.

    Cost: the order of `gft`; about a quarter less queries, in twice as many rounds.

    Use: as `gft`, where queries are dearer than rounds.
    """
    box = room(x0, lower, upper, gap, target)
    check_budget(box, target, fraction)
    trap = first_trap(oracle, box, box.start if box.domain else x0, gradient=early)
    growth = (x0.size - 1) / (x0.size + 1)
    whole = (fraction * target - box.slope) * (1.0 - (2.0 / 3.0) ** growth) / x0.size
    longest, asked = max(trap.sides), trap.x
    while trap.diameter > (1.0 - fraction) * target / smoothness:
        slack = whole * (max(trap.sides) / longest) ** growth
        gradient, asked = early and asked is not trap.x, trap.x
        trap = shortened(trap, oracle, width, smoothness, slack, gradient)
        trap.remark(oracle)
    return trap.closest(oracle, width)
