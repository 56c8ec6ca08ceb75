"""Gradient flow trapping, in the order of Ekeland's principle."""

import math

from algorithms.boxes import room
from algorithms.fixed_dimension import TRAPPING, cuts, most_values, one_round, setting
from algorithms.trapping import check_budget, cut, first_trap, parts_of
from oracles import Array, Bound, Numbers, Oracle, algorithm


def number_of_cuts(numbers: Numbers) -> int:
    """K with sqrt(d) side (2/m)^K <= (1 - fraction) target/L."""
    d, side, smoothness, target, _ = setting(numbers)
    end = (1 - numbers["method.fraction"]) * target / smoothness
    return cuts(math.sqrt(d) * side, end, numbers["method.parts"] / 2)


def most_rounds(numbers: Numbers) -> float | None:
    """x, the cuts, and the last gradients."""
    return 2 + number_of_cuts(numbers) if one_round(numbers) else None


def most_queries(numbers: Numbers) -> float:
    """A cut asks d (m - 1) planes, with D >= l/(3m); besides, x, a gradient per cut, and the candidates at the end."""
    d, m = numbers["dimension"], numbers["method.parts"]
    return 1 + 2**d + number_of_cuts(numbers) + most_values(numbers, m / 2, 3 * m, d * (m - 1), 1)


ROUNDS = Bound(
    side="upper",
    counted="rounds",
    statement="rounds <= 2 + K, K = ceil(log(sqrt(d) side L/((1 - fraction) target)) / log(m/2)), side = 4 D/target "
    "without a domain; any width",
    formula=most_rounds,
    source=TRAPPING,
    tag="derived",
)
QUERIES = Bound(
    side="upper",
    counted="queries",
    statement="queries <= 1 + 2^d + K + d (m - 1) sum_{k < K} ((sqrt(2 a_k) + 2)^(d-1) + (sqrt(2 b_k) + 2)^(d-1)), "
    "a_k = W L (side (2/m)^k)^(1-g), b_k = 3 W m fraction target (last (m/2)^k)^(-g), g = (d-1)/(d+1), "
    "W = 3 m (d-1) side^g / (8 (fraction target - c_0) (1 - (2/m)^g)), last = (1 - fraction) target/(L sqrt(d)): "
    "of the order (side L/target)^((d-1)/2)",
    formula=most_queries,
    source=TRAPPING,
    tag="derived",
)


@algorithm(source=TRAPPING, bounds=(ROUNDS, QUERIES), dimensions=3)
def gft(
    oracle: Oracle,
    x0: Array,
    *,
    smoothness: float,
    target: float,
    lower: Array | None = None,
    upper: Array | None = None,
    gap: float | None = None,
    width: int = 0,
    parts: int = 3,
    fraction: float = 0.9,
    early: bool = True,
) -> Array:
    """A box around x on whose walls f(y) >= f(x) - c |y - x| has a point with |g| <= c. A round cuts it into m parts
    along each long side: it asks values on nets of all the planes, moves x to the least f(y) + c |y - x| if that is
    below f(x), and keeps the two parts around x in each direction; c grows by eta.

    eta = C (1 - rho) (l/side)^g for the longest side l, g = (d-1)/(d+1), rho = (2/m)^g, C = fraction target - c_0; nets
    of the spacing h = sqrt(8 eta D/((d-1) (L + (c + eta)/D))), D half a part. It ends when the box's diagonal is at
    most (1 - fraction) target/L, with the best of x and its projections onto the faces of the domain. This is a
    simplified form of gradient flow trapping: x moves in Ekeland's order, so that no old wall is ever lost, in place of
    the paper's repair of edges, and the order is that of the paper without its logarithm.

    smoothness: L. target: epsilon. lower, upper: the domain, from whose centre it starts with c_0 = 0; without one the
    search is in x0 +- 2 gap/target, with c_0 = target/2. gap: D, at least f(x0) - inf f. width: most queries per round;
    0: no limit. parts: m. fraction: of the target that the slopes take. early: whether x is asked for its gradient in
    the round after it moved, which may end the run.

    Cost: O(log(1/target)) rounds, together O((side L/target)^((d-1)/2)) queries of values, with a factor that grows
    fast with d.

    Use: in two or three dimensions where rounds are dear or the target is small; for d = 2 on a box no method needs
    fewer queries, up to a constant of about 90 target^(-1/2).
    """
    box = room(x0, lower, upper, gap, target)
    check_budget(box, target, fraction, parts)
    trap = first_trap(oracle, box, box.start if box.domain else x0, gradient=early)
    growth = (x0.size - 1) / (x0.size + 1)
    whole = (fraction * target - box.slope) * (1.0 - (2.0 / parts) ** growth)
    longest, asked = max(trap.sides), trap.x
    while trap.diameter > (1.0 - fraction) * target / smoothness:
        slack = whole * (max(trap.sides) / longest) ** growth
        planes = cut(trap.sides, parts_of(trap.sides, parts), smoothness, trap.slope, slack)
        gradient, asked = early and asked is not trap.x, trap.x
        trap = trap.moved(oracle, trap.planes(planes), width, gradient).kept(planes.parts, trap.slope + slack)
        trap.remark(oracle)
    return trap.closest(oracle, width)
