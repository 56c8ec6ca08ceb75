"""The Hessian of spline chains by control points, and what makes lambda + Hessian positive for every length.

Eliminate x_1, x_2, .. in order: the j-th pivot is lambda plus the part of the links up to j, plus P_xx of the next one.
Suppose the former is at least W(x_j). One link later it is at least W(y), y = x_{j+1}, where the 2x2 block

    [[W(x) + P_xx(x, y),  P_xy(x, y)], [P_xy(x, y),  lambda + P_yy(x, y) + upsilon''(y) - W(y)]]

is positive semi-definite with a positive first entry. Let W be linear on parts of the cells, and lambda + upsilon''
beyond the knots. On pairs of parts the determinant is then a polynomial of degree 3 in x and in y; it is proved
positive by its control points, 16 a pair, and so is the first entry. That covers x and y beyond the knots, too, where
P_xx = P_xy = 0 or P_yy = P_xy = 0, as long as W is positive there; the first link, from x_0 = 1 on the last knot; and
the last pivot, with x_{T+1} = 0.
"""

import math
from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np

from hardinstances.certify.spline_net import Spline, link_net
from oracles import Array

SLACK = 2.0**-40  # of the sum of the largest entries, or its square: far above the rounding of sums of a few dozen


class Bends(NamedTuple):
    """Second derivatives of f in units of height / width^2, on n cells of N parts each, m = n N.

    own: upsilon'' per cell (n + 2,). along: P_xx (n, 2 m + 1), the control points in y on each cell of x. across: P_yy
    (2 m + 1, n). mixed: P_xy (m + 1, m + 1) on the edges of the parts.
    """

    cuts: int
    own: Array
    along: Array
    across: Array
    mixed: Array


def bends_of(spline: Spline, cuts: int) -> Bends:
    """The second derivatives, as differences of the control points."""
    net, square, step = link_net(spline, cuts), cuts * cuts, 2 * cuts
    along = 2 * square * (net[0:-2:step] - 2 * net[1:-1:step] + net[2::step])
    across = 2 * square * (net[:, 0:-2:step] - 2 * net[:, 1:-1:step] + net[:, 2::step])
    twist = 4 * square * np.diff(np.diff(net, axis=0), axis=1)
    edges = np.append(np.arange(0, len(twist), 2), len(twist) - 1)
    return Bends(cuts, spline.table[:, 2], along, across, twist[np.ix_(edges, edges)])


def exact(spline: Spline, cuts: int) -> bool:
    """Whether the control points, whole multiples of 1 / 4 cuts^4, and their differences are exact in doubles."""
    numbers = np.append(spline.coefficients.ravel(), spline.table[:, 2])
    largest = 16.0 * spline.right**2 * cuts**4 * np.abs(numbers).max()
    return bool((numbers == np.round(numbers)).all()) and largest < 2.0**53


def turned(bends: Bends, sign: float) -> Bends:
    """Those of sign * f."""
    return Bends(bends.cuts, sign * bends.own, sign * bends.along, sign * bends.across, sign * bends.mixed)


def times(one: Array, other: Array) -> Array:
    """The control points of a product, from those of the factors along the first two axes."""
    (a, b), (c, d) = one.shape[:2], other.shape[:2]
    total = np.zeros((a + c - 1, b + d - 1, *np.broadcast_shapes(one.shape[2:], other.shape[2:])))
    for p, q, r, s in product(range(a), range(b), range(c), range(d)):
        choices = math.comb(a - 1, p) * math.comb(b - 1, q) * math.comb(c - 1, r) * math.comb(d - 1, s)
        weight = choices / (math.comb(a + c - 2, p + r) * math.comb(b + d - 2, q + s))
        total[p + r, q + s] += weight * one[p, q] * other[r, s]
    return total


def blocks(bends: Bends, number: float, least: Array) -> Iterator[tuple[Array, Array, Array]]:
    """For each cell of x the control points of the three entries on its parts with all parts of y, on the last axes.

    Their degrees in x and y: (1, 2), (1, 1), (2, 1).
    """
    cuts, parts = bends.cuts, len(bends.mixed) - 1
    own = number + np.repeat(bends.own[1:-1], cuts)
    ends = np.stack([least[:, :-1].ravel(), least[:, 1:].ravel()])  # W at both ends of the parts of y
    for cell, mine in enumerate(least):
        along = np.stack([bends.along[cell, q : q + 2 * parts : 2] for q in range(3)])
        first = np.stack([mine[:-1], mine[1:]])[:, None, :, None] + along[None, :, None, :]
        here = cuts * cell
        corner = bends.mixed[here : here + cuts + 1]
        beside = np.stack([[corner[p : p + cuts, q : q + parts] for q in range(2)] for p in range(2)])
        across = np.repeat(bends.across[2 * here : 2 * (here + cuts) + 1], cuts, axis=1)
        rows = np.stack([across[p : p + 2 * cuts : 2] for p in range(3)])
        yield first, beside, own + rows[:, None] - ends[None, :, None, :]


def missing(bends: Bends, number: float, least: Array) -> Array | None:
    """By how much W must be less on each part of y (m,) for positive control points, as far as the last entry tells.

    Not above 0 where the block is proved positive for all x; None where a first entry, or W beyond the knots, is not.
    """
    short = np.full(len(bends.mixed) - 1, -np.inf)
    size = number + sum(float(np.abs(part).max()) for part in (*bends[1:], least))
    if min(bends.own[0], bends.own[-1]) + number <= SLACK * size:
        return None
    for first, beside, second in blocks(bends, number, least):
        if first.min() <= SLACK * size:
            return None
        square = times(times(beside, beside), np.ones((2, 2, 1, 1)))
        room = times(first, second) - square - SLACK * size**2
        short = np.maximum(short, (-room / times(first, np.ones((3, 2, 1, 1)))).max(axis=(0, 1, 2)))
    return short
