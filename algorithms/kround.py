"""Trapping in k rounds: from the grid of gradients, k = 1, to gradient flow trapping."""

import math

import numpy as np

from algorithms.boxes import Room, best_of, gradient_counts, room
from algorithms.fixed_dimension import TRAPPING, one_round, setting
from algorithms.nets import Grid, Net, single
from algorithms.trapping import Cut, Trap, cut, parts_of
from oracles import Array, Bound, InputError, Numbers, Oracle, algorithm

SHARES = {True: 0.8, False: 0.3}  # of the target that the slacks take, on a domain and without one


def exponents(dimension: int, rounds: int) -> list[float]:
    """a_1 .. a_k: a round brings the side from S (epsilon/(L S))^a_{j-1} to that of a_j; a_j = b + r a_{j-1}, a_0 = 0,
    a_k = 1, r = 2d/(d+1). The rounds then ask equally many queries.
    """
    r = 2 * dimension / (dimension + 1)
    step = 1 / rounds if dimension == 1 else (r - 1) / (r**rounds - 1)
    found, a = [], 0.0
    for _ in range(rounds):
        a = step + r * a
        found.append(a)
    return found


def plan(
    sides: Array, smoothness: float, target: float, rounds: int, slope: float, share: float
) -> tuple[list[Cut], tuple[int, ...]]:
    """The cuts of rounds 1 .. k-1, and the counts of the grid of gradients of round k, on a box with these sides whose
    faces have this slope. What is asked does not depend on the function.
    """
    longest = float(np.max(sides))
    fine = min(1.0, target / (smoothness * longest))
    planned = list[Cut]()
    for j, a in enumerate(exponents(len(sides), rounds)[:-1], start=1):
        most = max(3, math.ceil(float(np.max(sides)) / (longest * fine**a) - 1e-9))
        slack = share * target * 2**j / (2**rounds - 2) if len(sides) > 1 else 0.0
        planned.append(cut(sides, parts_of(sides, most), smoothness, slope, slack))
        sides = np.array([2 * side / m if m > 1 else side for side, m in zip(sides, planned[-1].parts, strict=True)])
        slope += slack
    return planned, gradient_counts(sides, smoothness, slope, target)


def queries_of(cuts: list[Cut], counts: tuple[int, ...]) -> int:
    """What a plan asks: the nets with the first x, and the gradients."""
    return sum(one.points for one in cuts) + bool(cuts) + math.prod(counts)


def most_queries(numbers: Numbers) -> float:
    """The count of the plan, which is what is asked."""
    d, side, smoothness, target, slope = setting(numbers)
    sides = np.full(d, side)
    return queries_of(*plan(sides, smoothness, target, int(numbers["method.rounds"]), slope, SHARES[slope == 0.0]))


def most_rounds(numbers: Numbers) -> float | None:
    """Those of the plan."""
    setting(numbers)
    return numbers["method.rounds"] if one_round(numbers) else None


COUNTS = (
    Bound(
        side="upper",
        counted="rounds",
        statement="rounds <= k; any width",
        formula=most_rounds,
        source=TRAPPING,
        tag="derived",
    ),
    Bound(
        side="upper",
        counted="queries",
        statement="queries <= those of the plan, of the order (side L/target)^E_k, E_k = (d-1)/2 r^k/(r^k - 1), "
        "r = 2d/(d+1); side = 4 D/target without a domain",
        formula=most_queries,
        source=TRAPPING,
        tag="derived",
    ),
)


def followed(oracle: Oracle, box: Room, x: Array, cuts: list[Cut], counts: tuple[int, ...], width: int) -> Array:
    """Ask a plan, and return the smallest projected gradient of the last grid."""
    trap = Trap(box.lower, box.upper, x, math.inf, box.slope, box)
    for one in cuts:
        first = [single(trap.x)] if trap.value == math.inf else []
        trap = trap.moved(oracle, first + trap.planes(one), width, False)
        trap = trap.kept(one.parts, trap.slope + one.slack, pair=True)
        trap.remark(oracle)
    return best_of(oracle, Net([Grid(trap.lower, trap.upper, counts)]), width, box)


@algorithm(source=TRAPPING, bounds=COUNTS, dimensions=3)
def kround(
    oracle: Oracle,
    x0: Array,
    *,
    smoothness: float,
    target: float,
    lower: Array | None = None,
    upper: Array | None = None,
    gap: float | None = None,
    width: int = 0,
    rounds: int = 3,
) -> Array:
    """Trapping as in `gft`, in k rounds. Round j < k cuts the box into m = l/(S (epsilon/(L S))^a_j) parts along each
    side, moves x in Ekeland's order, and keeps the parts on both sides of the nearest plane. Round k asks for gradients
    on a grid of the last box and returns the smallest.

    l is the longest side, S that of the first box. a_j = b + r a_{j-1}, a_0 = 0, b = (r-1)/(r^k - 1), r = 2d/(d+1): all
    rounds ask equally many. The slacks are in proportion to 2^j, together 0.8 epsilon; 0.3 epsilon without a domain.

    smoothness: L. target: epsilon. lower, upper: the domain; without one the search is in x0 +- 2 gap/target. gap: D,
    at least f(x0) - inf f. width: most queries per round; 0: no limit. rounds: k; for k = 1 it is the grid search.

    Cost: k rounds, together of the order (S L/target)^E_k queries, E_k = (d-1)/2 r^k/(r^k - 1): d for k = 1, (d-1)/2 in
    the limit. The count does not depend on the function.

    Use: in few dimensions where the number of rounds is given.
    """
    if rounds < 1:
        raise InputError(f"kround needs at least one round, got rounds = {rounds}")
    box = room(x0, lower, upper, gap, target)
    planned = plan(box.upper - box.lower, smoothness, target, rounds, box.slope, SHARES[box.domain])
    return followed(oracle, box, box.start if box.domain else x0, *planned, width)
