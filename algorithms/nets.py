"""Nets: product grids, and sets of them, as rows that are made when they are asked."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oracles import Array, InputError, Oracle, compiled

MOST = 10**9  # points of a net that anybody could ask
AT_ONCE = 5 * 10**7  # points of one round
FINEST = 1e15  # intervals of a side
ROUNDING = 1e-9  # of an interval: what a quotient may be above a whole number without being meant to


def intervals(side: float, spacing: float) -> int:
    """How many equal intervals of at most this spacing make up a side: at least one."""
    return max(1, math.ceil(min(side / spacing, FINEST) - ROUNDING))


@compiled
def place(lower: float, upper: float, count: int, digit: int) -> float:
    """The point number `digit` of `count` equally spaced ones from lower to upper, to the last bit the same for all."""
    return upper if digit == count - 1 else lower + digit * ((upper - lower) / (count - 1))


@compiled
def fill_grid(rows: Array, lower: Array, upper: Array, counts: Any, first: int) -> None:
    """Rows first, first + 1, .. of the product grid with counts[j] points from lower[j] to upper[j], both included."""
    for k in range(rows.shape[0]):
        rest = first + k
        for j in range(lower.size - 1, -1, -1):
            digit = rest % counts[j]
            rest //= counts[j]
            rows[k, j] = place(lower[j], upper[j], counts[j], digit)


@compiled
def least_ekeland(points: Array, values: Array, x: Array, slope: float) -> int:
    """The first k with the least values[k] + slope |points[k] - x|; `points` (K, d)."""
    best, least = 0, np.inf
    for k in range(points.shape[0]):
        squares = 0.0
        for j in range(x.size):
            squares += (points[k, j] - x[j]) ** 2
        merit = values[k] + slope * math.sqrt(squares)
        if merit < least:
            best, least = k, merit
    return best


@dataclass(frozen=True)
class Grid:
    """The product grid with counts[j] points from lower[j] to upper[j]; one point where the two are equal."""

    lower: Array
    upper: Array
    counts: tuple[int, ...]

    @property
    def size(self) -> int:
        """The number of points, a product that may be too large for a machine word."""
        return math.prod(self.counts)


def single(x: Array) -> Grid:
    """The grid of one point."""
    return Grid(x, x, (1,) * x.size)


@dataclass(frozen=True)
class Net:
    """Grids, one after the other; `InputError` if nobody could ask so many points."""

    grids: Sequence[Grid]

    def __post_init__(self) -> None:
        if self.size > MOST:
            size = min(self.size, 10**300)
            raise InputError(f"a net of {size:.3g} points is too many to ask; take a larger target")

    @property
    def size(self) -> int:
        """The number of points."""
        return sum(grid.size for grid in self.grids)

    def rows(self, first: int, last: int) -> Array:
        """Points first .. last - 1, (last - first, d)."""
        rows = np.empty((last - first, self.grids[0].lower.size))
        begin = 0
        for grid in self.grids:
            inside = max(first, begin), min(last, begin + grid.size)
            if inside[0] < inside[1]:
                part = rows[inside[0] - first : inside[1] - first]
                fill_grid(part, grid.lower, grid.upper, np.array(grid.counts), inside[0] - begin)
            begin += grid.size
        return rows

    def rounds(self, width: int) -> Iterator[Array]:
        """The points in ceil(size / width) rounds; width 0: in one, or `InputError` if that is too much memory."""
        if width == 0 and self.size > AT_ONCE:
            raise InputError(f"a round of {self.size:.3g} points is too much at once; give a width")
        step = width if width > 0 else self.size
        for first in range(0, self.size, step):
            yield self.rows(first, min(first + step, self.size))


def least_on_net(
    oracle: Oracle, net: Net, width: int, x: Array, slope: float, gradient: bool = False
) -> tuple[Array, float, float]:
    """The point y of a net with the least f(y) + slope |y - x|, with f(y) and that sum. Asks for values alone.

    gradient: whether the first point of the net is asked for its gradient too.
    """
    best, least, value = x, math.inf, math.inf
    for points in net.rounds(width):
        if gradient:
            order = np.zeros(len(points), dtype=np.int64)
            order[0], gradient = 1, False
            values = oracle.query(points, order)[0]
        else:
            values = oracle.values(points)
        k = least_ekeland(points, values, x, slope)
        merit = float(values[k]) + slope * math.dist(points[k], x)
        if merit < least:
            best, least, value = points[k].copy(), merit, float(values[k])
    return best, value, least
