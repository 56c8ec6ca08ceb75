"""Boxes: the one that a method works in, projections onto it, and projected gradients."""

import itertools
import math
from dataclasses import dataclass

import numpy as np

from algorithms.nets import Grid, Net, intervals
from oracles import Array, InputError, Oracle, compiled


@compiled
def within(x: Array, lower: Array | None, upper: Array | None) -> Array:
    """The point of the box nearest to x (d,); x itself where there is no box."""
    if lower is None or upper is None:
        return x
    nearest: Array = np.minimum(np.maximum(x, lower), upper)
    return nearest


@compiled
def smallest_projected(points: Array, gradients: Array, lower: Array, upper: Array) -> tuple[int, float]:
    """The first k with the smallest projected gradient, and its norm; `points` and `gradients` (K, d).

    Where x_i is on a face of the box, the part of the gradient's entry whose descent would leave the box is dropped:
    min(0, g_i) at lower_i, max(0, g_i) at upper_i. Boxes without a domain have faces at infinity.
    """
    best, least = 0, np.inf
    for k in range(points.shape[0]):
        squares = 0.0
        for j in range(points.shape[1]):
            entry = gradients[k, j]
            if points[k, j] == lower[j]:
                entry = min(0.0, entry)
            if points[k, j] == upper[j]:
                entry = max(0.0, entry)
            squares += entry * entry
        if squares < least:
            best, least = k, squares
    return best, math.sqrt(least)


@dataclass(frozen=True)
class Room:
    """The box in which a stationary point is searched.

    domain: whether it is all of the function's domain: stationarity is then that of the projected gradient, and the
        faces need no certificate. Else the function goes on beyond, and its faces are walls with this slope: with
        gap D and the box x0 +- D/slope, f(y) >= f(x0) - D >= f(x0) - slope |y - x0| there.
    """

    lower: Array
    upper: Array
    slope: float
    domain: bool

    @property
    def start(self) -> Array:
        """The centre."""
        centre: Array = 0.5 * (self.lower + self.upper)
        return centre

    def faces(self) -> tuple[Array, Array]:
        """The faces at which gradients are projected: at infinity where the function goes on beyond the box."""
        if self.domain:
            return self.lower, self.upper
        return np.full(self.lower.size, -np.inf), np.full(self.lower.size, np.inf)


def room(x0: Array, lower: Array | None, upper: Array | None, gap: float | None, target: float) -> Room:
    """The domain if there is one; else x0 +- 2 gap/target, with walls of slope target/2."""
    if lower is not None and upper is not None:
        return domain(lower, upper)
    if gap is None:
        raise InputError("on an unbounded domain the method needs the gap f(x0) - inf f; give gap, or a box")
    reach = 2.0 * gap / target
    return Room(x0 - reach, x0 + reach, 0.5 * target, domain=False)


def domain(lower: Array | None, upper: Array | None) -> Room:
    """The domain; `InputError` where there is none."""
    if lower is None or upper is None or not (np.isfinite(lower).all() and np.isfinite(upper).all()):
        raise InputError("the method needs a bounded box as its domain")
    return Room(np.array(lower, dtype=float), np.array(upper, dtype=float), 0.0, domain=True)


def gradient_counts(sides: Array, smoothness: float, slope: float, target: float) -> tuple[int, ...]:
    """Points per axis so that every point of a box is within (target - slope)/L of the grid: spacing at most
    2 (target - slope)/(L sqrt(d)). Where a box has a point with |g| <= slope, one of the grid then has |g| <= target.
    """
    spacing = 2.0 * (target - slope) / (smoothness * math.sqrt(len(sides)))
    return tuple(intervals(float(side), spacing) + 1 for side in sides)


def best_of(oracle: Oracle, net: Net, width: int, room: Room) -> Array:
    """The point of a net with the smallest projected gradient. Asks for gradients alone."""
    best, least = room.start, math.inf
    for points in net.rounds(width):
        k, size = smallest_projected(points, oracle.gradients(points), *room.faces())
        if size < least:
            best, least = points[k].copy(), size
    return best


def projections(x: Array, lower: Array, upper: Array, room: Room) -> Net:
    """x, and its projections onto all combinations of faces that the box from lower to upper shares with the domain."""
    choices = []
    for j in range(x.size):
        choice = [float(x[j])]
        choice += [float(lower[j])] if lower[j] == room.lower[j] != x[j] else []
        choice += [float(upper[j])] if upper[j] == room.upper[j] != x[j] else []
        choices.append(choice)
    points = [np.array(point) for point in itertools.product(*choices)]
    return Net([Grid(point, point, (1,) * x.size) for point in points])
