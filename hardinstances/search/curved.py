"""Where the Hessian of a spline chain is long: rows v' Hessian f(x) v, for every length at once.

lambda + Hessian is positive while its pivots are, see `certify.spline_bends`; on a grid, with both sides of every knot,
the least pivots per depth are found from link to link. Where one is not positive, the path to it and the vector that
elimination leaves there tell v and x.
"""

from typing import NamedTuple

import numpy as np

from hardinstances.search.shape import Shape, bend_row
from oracles import Array
from oracles.arrays import Ids

PARTS = 4  # points per cell, and one more
DEEPEST = 40
SETTLED, PRECISION = 1e-7, 2e-5
SHARES = (0.995, 0.97, 0.93)  # of the least lambda: with less, more pivots are lost
SIGNS = (1.0, -1.0)


class Bends(NamedTuple):
    """Second derivatives at m points: upsilon'' (m,), P_xx, P_yy, P_xy (m, m); the last point is x_0."""

    x: Array
    cell: Ids
    own: Array
    along: Array
    across: Array
    mixed: Array


class Lost(NamedTuple):
    """A pivot that is not positive: its number, its point and the next one."""

    depth: int
    point: int
    following: int


class Pivots(NamedTuple):
    """Least pivots before the next link, by depth (m,); the point before (m,); those that are lost, the least first."""

    least: list[Array]
    came: list[Ids]
    lost: list[Lost]


def bends_of(shape: Shape, numbers: Array) -> Bends:
    """The second derivatives at the points of the grid."""
    link, curvature = shape.parts(numbers)
    cell = np.append(np.repeat(np.arange(shape.cells), PARTS + 1), [-1, shape.cells])
    ways = np.append(np.tile(np.arange(PARTS + 1) / PARTS, shape.cells), [0.5, 0.0])
    x = cell + ways - shape.left
    value, slope, bend = shape.splines(x, cell)
    square = shape.right**2
    along, across, mixed = bend @ link @ value.T, value @ link @ bend.T, slope @ link @ slope.T
    return Bends(x, cell, curvature[cell + 1], square * along, square * across, square * mixed)


def turned(bends: Bends, sign: float) -> Bends:
    """Those of sign * f."""
    return Bends(*bends[:2], *(sign * part for part in bends[2:]))


def pivots(bends: Bends, number: float, *, first_lost: bool = False) -> Pivots:
    """The pivots of lambda + Hessian; with `first_lost` no further than to the first that is lost."""
    own, square = number + bends.own, bends.mixed**2
    least, came, sizes, lost = [own + bends.across[-1]], [], [], []
    for depth in range(DEEPEST):
        first = least[-1][:, None] + bends.along
        positive = first > 0
        broken = np.argwhere(~positive)
        lost += [Lost(depth, int(x), int(y)) for x, y in broken]
        sizes += first[~positive].tolist()
        if first_lost and lost:
            break
        rest = np.where(positive, bends.across - square / np.where(positive, first, 1.0), np.inf)
        came.append(rest.argmin(axis=0))
        least.append(own + rest.min(axis=0))
        if not np.isfinite(least[-1]).all() or np.abs(least[-1] - least[-2]).max() < SETTLED * number:
            break
    return Pivots(least, came, [lost[k] for k in np.argsort(sizes)])


def least_number(bends: Bends, guess: float) -> float:
    """The least lambda that keeps all pivots of lambda + Hessian and of lambda - Hessian positive on the grid."""

    def stands(number: float) -> bool:
        return not any(pivots(turned(bends, sign), number, first_lost=True).lost for sign in SIGNS)

    low, high = 0.0, guess
    while not stands(high):
        low, high = high, 1.5 * high
    while high - low > PRECISION * high:
        middle = (low + high) / 2
        low, high = (low, middle) if stands(middle) else (middle, high)
    return high


def curved_rows(shape: Shape, bends: Bends, number: float, most: int) -> list[Array]:
    """Rows whose product with the numbers is a |v' Hessian v|, nearly as large as lambda for some |v| = 1.

    most: per sign and share of lambda, each for another pair of cells or another depth.
    """
    rows = []
    for sign in SIGNS:
        signed = turned(bends, sign)
        for share in SHARES:
            found = pivots(signed, share * number)
            kept = {(one.depth, bends.cell[one.point], bends.cell[one.following]): one for one in found.lost[::-1]}
            for one in list(kept.values())[: -most - 1 : -1]:
                rows.append(-sign * _row(shape, signed, found, one))
    return rows


def _row(shape: Shape, bends: Bends, found: Pivots, lost: Lost) -> Array:
    points = [lost.following, lost.point]
    for depth in range(lost.depth - 1, -1, -1):
        points.append(int(found.came[depth][points[-1]]))
    points = [len(bends.x) - 1, *points[::-1]]
    v = np.zeros(len(points) - 2)  # of x_1 .. x_k and the following one, which has none
    v[lost.depth] = 1.0
    for k in range(lost.depth - 1, -1, -1):
        here, there = points[k + 1], points[k + 2]
        v[k] = -bends.mixed[here, there] / (found.least[k][here] + bends.along[here, there]) * v[k + 1]
    return bend_row(shape, bends.x[points], bends.cell[points], v / np.linalg.norm(v))
