"""Least gradients of chains with neighbouring links, by shortest paths over pairs of cells.

Entry i of the gradient is A(x_{i-1}, x_i) + B(x_i, x_{i+1}), so that the square of its norm is a sum along the path
x_0, .., x_{T+1}. Coordinates are put into cells; entry i costs the square of its least size on three cells, and a
shortest path over pairs of neighbouring cells is a lower bound for all lengths at once. Numbers are in units of a
target, and only paths below 1 matter: a pair of cells stays if the way to it and the way from it add up to less than 1,
and what stays is halved in both directions, again and again. Where nothing stays the target is proved.

A and B are linear in x_i on a cell, so that an entry lies between its bounds at the two ends of that cell. Squares are
rounded down to multiples of 2^-40, so that sums are exact in doubles; the tables are fixed points. See `pair_sweeps`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from hardinstances.certify.pair_sweeps import LARGEST, Marks, distances, side, tilted
from oracles import Array
from oracles.arrays import Ids

Terms = Callable[["Grid", Ids, Ids], tuple[Array, Array]]

COARSEST = 3  # halvings of the unit cell that every path problem begins with


class Chain(NamedTuple):
    """A path problem. start: x_0. low, high: whole; a path that goes beyond them has an entry of at least 1 in size.

    dead: the last coordinate lies in [-dead, dead], a whole number; if dead > 0, A and B are 0 on [-dead, dead]^2, so
    that a path with two coordinates running in there can end at the first of them. x_{T+1} = 0. terms: A and B on pairs
    of cells of a grid, (m, 2, 3) each: A at the two ends of the second cell, by control points of the first at its ends
    and in the middle; B at the two ends of the first cell, by control points of the second.
    """

    start: float
    low: int
    high: int
    dead: int
    terms: Terms


class Grid(NamedTuple):
    """The ends of equal cells, in order, and then of two points as cells without width: x_0 and 0."""

    low: Array
    high: Array

    @property
    def start(self) -> int:
        """The index of x_0; whatever lies below it is a cell."""
        return len(self.low) - 2

    @property
    def zero(self) -> int:
        """The index of the point 0."""
        return len(self.low) - 1


def grid_of(chain: Chain, halvings: int) -> Grid:
    """Cells of width 2^-halvings, whose ends are exact."""
    edges = chain.low + np.arange((chain.high - chain.low) * 2**halvings + 1) * 2.0**-halvings
    return Grid(np.r_[edges[:-1], chain.start, 0.0], np.r_[edges[1:], chain.start, 0.0])


def last(chain: Chain, grid: Grid) -> Marks:
    """Which cells the last coordinate may lie in: those of the dead zone, or the point 0 alone."""
    inside = (grid.low >= -chain.dead) & (grid.high <= chain.dead)
    inside[grid.start] = False
    inside[grid.zero] = chain.dead == 0
    return inside


def all_pairs(chain: Chain, grid: Grid) -> tuple[Ids, Ids]:
    """Every pair of cells that a path needs: without two in the dead zone, and with the ends (x_T, x_{T+1} = 0)."""
    ends = last(chain, grid)
    first, second = np.divmod(np.arange(len(ends) ** 2), len(ends))
    before, after = first != grid.zero, second != grid.start
    inner = before & after & ((second < grid.start) | ends[second]) & ~(ends[first] & ends[second])
    keep = inner | (ends[first] & (second == grid.zero))
    return first[keep], second[keep]


def halved(grid: Grid, first: Ids, second: Ids) -> tuple[Ids, Ids]:
    """The pairs of halves of pairs of cells, in order and each once; points stay as they are."""

    def halves(cells: Ids) -> tuple[Ids, Ids]:
        points = cells >= grid.start
        return np.where(points, cells + grid.start, 2 * cells), np.where(points, cells + grid.start, 2 * cells + 1)

    count = 2 * len(grid.low)
    keys = np.unique(np.concatenate([a * count + b for a in halves(first) for b in halves(second)]))
    return keys // count, keys % count


def closest(left: Array, right: Array, first: Ids, second: Ids, starts: Marks, ends: Marks) -> tuple[float, Marks]:
    """A lower bound on the square, at most 1, and the pairs on paths below 1; left, right: the terms A and B."""
    onwards, nexts = distances(side(right, left, first, second), ends)
    reached, origins = distances(side(left, right, second, first), starts)
    stay = reached + onwards < 1
    bound = float(onwards[starts].min(initial=1.0))
    if not stay.any():
        return min(1.0, bound), stay
    new = np.append(np.cumsum(stay) - 1, -1)  # the numbers of the pairs that stay
    left, right, first, second = left[stay], right[stay], first[stay], second[stay]
    on = tilted(side(right, left, first, second), ends[stay], onwards[stay], new[nexts[stay]])
    to = tilted(side(left, right, second, first), starts[stay], reached[stay], new[origins[stay]])
    bound = max(bound, float(on.everywhere[starts[stay]].min(initial=1.0)))
    slope = np.abs(on.joint + to.other) + np.abs(on.other + to.joint)
    stay[stay] = (to.least + on.least - slope < 1 + 1e-10) & (bound < 1)
    return min(1.0, bound), stay


def least_square(chain: Chain, halvings: int, pairs: int) -> tuple[float, int]:
    """A lower bound on the least square of the gradient norm, at most 1, and the halvings that it took.

    halvings: at most so many beyond the coarsest. pairs: it ends before there are more of them.
    """
    grid = grid_of(chain, COARSEST)
    first, second = all_pairs(chain, grid)
    bound = 0.0
    for level in range(halvings + 1):
        left, right = chain.terms(grid, first, second)
        if not max(np.abs(left).max(), np.abs(right).max()) <= LARGEST:
            return 0.0, 0
        starts, ends = first == grid.start, last(chain, grid)[first] & (second == grid.zero)
        square, stay = closest(left, right, first, second, starts, ends)
        bound = max(bound, square if stay.any() else 1.0)
        finer = halved(grid, first[stay], second[stay])
        if bound == 1 or level == halvings or len(finer[0]) > pairs:
            break
        (first, second), grid = finer, grid_of(chain, COARSEST + level + 1)
    return bound, level
