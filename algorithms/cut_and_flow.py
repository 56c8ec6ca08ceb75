"""Cut and flow: walls above the point, and a descent until it is below them."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from algorithms.boxes import Room, domain, smallest_projected, within
from algorithms.fixed_dimension import boxed, one_round
from algorithms.nets import Grid, Net, intervals, least_on_net
from algorithms.trapping import Trap, first_trap
from oracles import Array, Bound, Numbers, Oracle, algorithm

CUT_AND_FLOW = "this project, after Bubeck and Mikulincer, COLT 2020, arXiv 2001.02968 (cut and flow)"

Spacing = Callable[[float, int, float, float], float]


def balanced(side: float, dimension: int, smoothness: float, target: float) -> float:
    """The spacing h = (8 l^(d-1) epsilon^2/L^2)^(1/(d+1)), which balances a wall's net (l/h)^(d-1) with the flow's
    steps.
    """
    return math.pow(8 * side ** (dimension - 1) * (target / smoothness) ** 2, 1 / (dimension + 1))


def most_steps(dimension: int, smoothness: float, target: float, h: float) -> int:
    """Of a flow: the way down is (d-1) L h^2/8, and a step to no solution falls by epsilon^2/(8 L) or more."""
    return 1 + math.floor((dimension - 1) * (smoothness * min(h, 1e150) / target) ** 2) if dimension > 1 else 1


def halves(sides: Array, smoothness: float, target: float, spacing: Spacing) -> list[tuple[int, int]]:
    """Of all cuts, the points of the net and the most steps of the flow."""
    sides, found = sides.copy(), list[tuple[int, int]]()
    while math.hypot(*sides) > target / smoothness:
        axis = int(sides.argmax())
        h = spacing(float(sides[axis]), sides.size, smoothness, target)
        others = [float(side) for j, side in enumerate(sides) if j != axis]
        points = math.prod(intervals(side, h) + 1 for side in others)
        found.append((points, most_steps(sides.size, smoothness, target, h)))
        sides[axis] *= 0.5
    return found


def counts(spacing: Spacing, order: str, source: str) -> tuple[Bound, Bound]:
    """The guarantees of a walled descent with these nets."""

    def queries(numbers: Numbers) -> float:
        d, side, smoothness, target, _ = boxed(numbers)
        walls = halves(np.full(d, side), smoothness, target, spacing)
        return float(1 + 2**d + sum(points + steps + 1 for points, steps in walls))

    def rounds(numbers: Numbers) -> float | None:
        d, side, smoothness, target, _ = boxed(numbers)
        walls = halves(np.full(d, side), smoothness, target, spacing)
        return 2 + sum(steps + 2 for _, steps in walls) if one_round(numbers) else None

    steps = "S = 1 + floor((d-1) (L h/target)^2)"
    of_queries = f"queries <= 1 + 2^d + sum over the walls of n + S + 1, n points of the net, {steps}: of order {order}"
    of_rounds = f"rounds <= 2 + sum over the walls of S + 2, {steps}; any width"
    return (
        Bound("upper", "queries", of_queries, queries, source, "derived"),
        Bound("upper", "rounds", of_rounds, rounds, source, "derived"),
    )


def flow(
    oracle: Oracle, x: Array, value: float, wall: float, smoothness: float, target: float, room: Room
) -> tuple[Array, float, bool]:
    """Projected gradient steps until f(x) is below the wall: x, f(x), and whether x is a solution. No step hops over
    the wall, as f falls all along it.
    """
    if value < wall:
        return x, value, False
    value, gradient = oracle.value_and_gradient(x)
    while value >= wall:
        if smallest_projected(x[None], gradient[None], room.lower, room.upper)[1] <= target:
            return x, value, True
        x = within(x - gradient / smoothness, room.lower, room.upper)
        value, gradient = oracle.value_and_gradient(x)
    return x, value, False


def walled_descent(
    oracle: Oracle, room: Room, x: Array, smoothness: float, target: float, width: int, spacing: Spacing
) -> Array:
    """Halve the longest side with a wall; go down from the best point known until f(x) is below all of the wall; keep
    the half with x.
    """
    trap = first_trap(oracle, room, x)
    while trap.diameter > target / smoothness:
        axis, d = int(trap.sides.argmax()), x.size
        h = spacing(float(trap.sides[axis]), d, smoothness, target)
        middle = float(trap.lower[axis] + 0.5 * trap.sides[axis])
        points = tuple(intervals(float(side), h) + 1 for side in trap.sides)
        y, least, wall = below(oracle, trap, trap.plane(axis, middle, points), width, smoothness, h)
        x, value, solved = flow(oracle, y, least, wall, smoothness, target, room)
        if solved:
            return x
        lower, upper = trap.lower.copy(), trap.upper.copy()
        (upper if x[axis] < middle else lower)[axis] = middle
        trap = replace(trap, lower=lower, upper=upper, x=x, value=value)
        trap.remark(oracle)
    return trap.closest(oracle, width)


def below(
    oracle: Oracle, trap: Trap, plane: Grid, width: int, smoothness: float, h: float
) -> tuple[Array, float, float]:
    """The best of x and the net on a plane, its value, and a bound from below on f on all of the plane."""
    y, least, _ = least_on_net(oracle, Net([plane]), width, trap.x, 0.0)
    wall = least - (trap.x.size - 1) * smoothness * min(h, 1e150) ** 2 / 8 if trap.x.size > 1 else least
    return (y, least, wall) if least < trap.value else (trap.x, trap.value, wall)


@algorithm(source=CUT_AND_FLOW, bounds=counts(balanced, "(L/target)^(2(d-1)/(d+1))", CUT_AND_FLOW), dimensions=3)
def cut_and_flow(
    oracle: Oracle,
    x0: Array,
    *,
    smoothness: float,
    target: float,
    lower: Array | None = None,
    upper: Array | None = None,
    width: int = 0,
) -> Array:
    """A box around x on whose walls f is above f(x). The longest side l is halved by a wall: a net of spacing h is
    asked on it, which bounds f on the wall from below by its least value minus (d-1) L h^2/8; x moves to that point if
    it is better, then goes down, x+ = P(x - grad f(x)/L), until it is below that bound; the half with x is kept.

    h = (8 l^(d-1) epsilon^2/L^2)^(1/(d+1)). It ends at a solution, or when the box's diagonal is at most target/L, with
    the best of x and its projections onto the faces of the domain. The details are this project's own.

    smoothness: L. target: epsilon. lower, upper: the domain, which there has to be. width: most queries per round of
    values; 0: no limit.

    Cost: O((L/target)^(2(d-1)/(d+1))) queries, and as many rounds for the descents.

    Use: on a box in two or three dimensions where queries count and rounds do not: its constants are small.
    """
    return walled_descent(oracle, domain(lower, upper), x0, smoothness, target, width, balanced)
