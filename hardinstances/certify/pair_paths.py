"""Least gradients of chains with neighbouring links, by shortest paths over pairs of cells.

Entry i of the gradient is A(x_{i-1}, x_i) + B(x_i, x_{i+1}), so that the square of its norm is a sum along the path
x_0, .., x_{T+1}. Coordinates are put into cells; entry i costs the square of its least size on three cells, and a
shortest path over pairs of neighbouring cells is a lower bound for all lengths at once. Numbers are in units of a
target, and only paths below 1 matter: a pair of cells stays if the way to it and the way from it add up to less than 1,
and what stays is halved in both directions, again and again. Where nothing stays the target is proved.

Where A and B are linear in x_i on a cell, an entry lies between its bounds at one of the two ends of that cell. Squares
are rounded down to multiples of 2^-40, so that sums are exact in doubles; the tables are fixed points.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracles import Array, compiled
from oracles.arrays import Ids

Bounds = Callable[["Grid", Ids, Ids], tuple[Array, Array]]

COARSEST = 3  # halvings of the unit cell that every path problem begins with
LARGEST = 100.0  # of the terms of entries, so that the slack of 1e-11 in `relax` is far above their rounding


class Chain(NamedTuple):
    """A path problem. start: x_0. low, high: whole; an entry whose own x lies beyond them is at least 1 in size.

    dead: the last coordinate lies in [-dead, dead], a whole number; if dead > 0, A and B are 0 on [-dead, dead]^2, so
    that a path with two coordinates running in there can end at the first of them. x_{T+1} = 0. bounds: of A and B on
    pairs of cells, see `Grid`: for each pair four numbers of A, the least at the lower and upper end of the second cell
    and the largest at these, and four of B at the ends of the first cell.
    """

    start: float
    low: int
    high: int
    dead: int
    bounds: Bounds


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


def last(chain: Chain, grid: Grid) -> NDArray[np.bool_]:
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


@compiled
def relax(
    own: Array,
    others: Array,
    meeting: Ids,
    begin: Ids,
    order: Ids,
    table: Array,
    now: NDArray[np.bool_],
    then: NDArray[np.bool_],
) -> int:
    """One sweep from the pairs marked in `now` to those that share a cell with them; marks what has changed in `then`.

    own, others: bounds on the two terms of an entry. order[begin[c] .. begin[c + 1] - 1]: the pairs reached through
    cell c, which is `meeting` of a pair. Returns how many have changed.
    """
    changed = 0
    for p in range(len(meeting)):
        if not now[p]:
            continue
        for k in range(begin[meeting[p]], begin[meeting[p] + 1]):
            s = order[k]
            if table[s] <= table[p]:
                continue
            least = min(own[p, 0] + others[s, 0], own[p, 1] + others[s, 1])
            most = max(own[p, 2] + others[s, 2], own[p, 3] + others[s, 3])
            q = max(least, -most) - 1e-11
            if q >= 1.0:
                continue
            further = table[p] + (math.floor(q * q * 2.0**40) * 2.0**-40 if q > 0.0 else 0.0)
            if further < min(1.0, table[s]):
                table[s] = further
                then[s] = True
                changed += 1
    return changed


def distances(own: Array, others: Array, meeting: Ids, through: Ids, sources: NDArray[np.bool_]) -> Array:
    """The least sums from the sources to each pair, infinite from 1 on; through: the cell that a pair is reached by."""
    order = np.argsort(through, kind="stable")
    begin = np.searchsorted(through[order], np.arange(max(int(meeting.max()), int(through.max())) + 2))
    table, now = np.where(sources, 0.0, np.inf), sources
    while now.any():
        then = np.zeros_like(now)
        relax(own, others, meeting, begin, order, table, now, then)
        now = then
    return table


def halved(grid: Grid, first: Ids, second: Ids) -> tuple[Ids, Ids]:
    """The pairs of halves of pairs of cells, in order and each once; points stay as they are."""

    def halves(cells: Ids) -> tuple[Ids, Ids]:
        points = cells >= grid.start
        return np.where(points, cells + grid.start, 2 * cells), np.where(points, cells + grid.start, 2 * cells + 1)

    count = 2 * len(grid.low)
    keys = np.unique(np.concatenate([a * count + b for a in halves(first) for b in halves(second)]))
    return keys // count, keys % count


def least_square(chain: Chain, halvings: int, pairs: int) -> tuple[float, int]:
    """A lower bound on the least square of the gradient norm, at most 1, and the halvings that it took.

    halvings: at most so many beyond the coarsest. pairs: it ends before there are more of them.
    """
    grid = grid_of(chain, COARSEST)
    first, second = all_pairs(chain, grid)
    bound = 0.0
    for level in range(halvings + 1):
        left, right = chain.bounds(grid, first, second)
        if not max(np.abs(left).max(), np.abs(right).max()) <= LARGEST:
            return 0.0, 0
        end = last(chain, grid)[first] & (second == grid.zero)
        onwards = distances(right, left, first, second, end)
        bound = max(bound, min(1.0, float(onwards[first == grid.start].min(initial=1.0))))
        stay = distances(left, right, second, first, first == grid.start) + onwards < 1
        finer = halved(grid, first[stay], second[stay])
        if bound == 1 or level == halvings or len(finer[0]) > pairs:
            break
        (first, second), grid = finer, grid_of(chain, COARSEST + level + 1)
    return bound, level
