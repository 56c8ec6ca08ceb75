"""Sweeps over pairs of cells: least sums of squares of entries, on whole pairs and as linear functions on them.

A pair is reached from a source through a cell that both share, `joint` of the source. The entry on their three cells
is the sum of a term of the source and one of the target; each is given by numbers (2, 3): at the two ends of the shared
cell, in which it is linear, the control points of the cell that it has for itself, at its ends and in the middle.

Plain distances lose the width of cells in every entry, as each entry takes its own worst points. Tilted ones do not to
first order: the least sum onwards from a point of a pair is at least W + L, with a linear L of mean 0, if

    W_p + L_p <= g^2 + W_s + L_s  on the three cells, for every source s of p,

and g^2 >= 2 t g - t^2 for every t. Slopes of L come from the best ways of the plain distances, by the chain rule.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from oracles import Array, compiled
from oracles.arrays import Ids

Marks = NDArray[np.bool_]

LARGEST = 64.0  # of all terms; the slacks of 1e-11 and 1e-10 are far above the rounding of sums of such
FLAT = (2.0, 3.0, 5.0, 8.0)  # L is 0 where the entry of the best way is smaller than so many times its half width
PATIENCE = 100  # sweeps; what takes longer is a loop of ever lower sums, and needs L to be flat on more pairs


class Side(NamedTuple):
    """One direction through the pairs. own, others: terms (m, 2, 3) of a source and of a target. joint: the cell that a
    source shares with what it reaches; order[begin[c] .. begin[c + 1] - 1]: the pairs that are reached through c.
    """

    own: Array
    others: Array
    joint: Ids
    begin: Ids
    order: Ids


def side(own: Array, others: Array, joint: Ids, through: Ids) -> Side:
    """The direction in which pairs are reached through the cells `through`."""
    order = np.argsort(through, kind="stable")
    cells = max(joint.max(initial=0), through.max(initial=0)) + 2
    return Side(own, others, joint, np.searchsorted(through[order], np.arange(cells)), order)


def rounded(values: Array) -> Array:
    """Rounded down to multiples of 2^-40, whose sums are exact."""
    return np.asarray(np.floor(values * 2.0**40) * 2.0**-40)


def ranges(terms: Array) -> Array:
    """The least control points at the two ends of the shared cell, and the largest ones, as (m, 4)."""
    return np.hstack([terms.min(axis=2), terms.max(axis=2)])


@compiled
def relax(
    own: Array, others: Array, joint: Ids, begin: Ids, order: Ids, table: Array, best: Ids, now: Marks, then: Marks
) -> None:
    """One sweep of plain distances from the pairs marked in `now`, below 1; marks in `then` what has changed.

    own, others: `ranges` of terms. best: the source that a pair has its distance from.
    """
    for p in range(len(joint)):
        if not now[p]:
            continue
        for k in range(begin[joint[p]], begin[joint[p] + 1]):
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
                table[s], best[s], then[s] = further, p, True


def distances(way: Side, sources: Marks) -> tuple[Array, Ids]:
    """The least sums from the sources to each pair, infinite from 1 on, and what each comes from, or -1."""
    own, others = ranges(way.own), ranges(way.others)
    table, best, now = np.where(sources, 0.0, np.inf), np.full(len(sources), -1), sources
    while now.any():
        then = np.zeros_like(now)
        relax(own, others, way.joint, way.begin, way.order, table, best, now, then)
        now = then
    return table, best


class Tilt(NamedTuple):
    """W + L on pairs. joint, other: how much L rises from the middle to the end of the joint cell, and of the other."""

    least: Array
    joint: Array
    other: Array

    @property
    def everywhere(self) -> Array:
        """The least of W + L on each pair."""
        return np.asarray(self.least - np.abs(self.joint) - np.abs(self.other))


def slopes(way: Side, best: Ids, flat: float) -> tuple[Array, Array]:
    """How much g^2 plus what follows rises on a pair, to the ends of its joint cell and of its other one.

    2 g g' along the best way; what the source's L does in the shared cell is added. 0 where g is below `flat` times its
    half width: there g^2 can be 0, and a loop of such pairs must not gain from L.
    """
    joint, other = np.zeros(len(best)), np.zeros(len(best))
    p = np.flatnonzero(best >= 0)
    target, source = way.others[p], way.own[best[p]]
    corners = target[:, :, :2]
    entry = corners.mean(axis=(1, 2)) + source[:, :, :2].mean(axis=(1, 2))
    half = (np.ptp(target, axis=(1, 2)) + np.ptp(source, axis=(1, 2))) / 2
    steep = np.where(np.abs(entry) < flat * half, 0.0, entry)
    joint[p] = steep * (corners[:, :, 1] - corners[:, :, 0]).mean(axis=1)
    shared = (corners[:, 1] - corners[:, 0]).mean(axis=1) + (source[:, 1, :2] - source[:, 0, :2]).mean(axis=1)
    other[p] = np.where(steep == 0, 0.0, steep * shared + joint[best[p]])
    return joint, other


@compiled
def tilted_square(target: Array, source: Array, joint: float, tilt: float, other: float) -> float:
    """At least g^2 + L_s - L_p on three cells, by the tangent at the entry in the middle, and by the plain square.

    joint: the rise of L_p in its joint cell; tilt: of L_s - L_p in the shared one; other: of L_s in its other one.
    """
    middle = (target[0, 0] + target[0, 1] + target[1, 0] + target[1, 1]) / 4
    middle += (source[0, 0] + source[0, 1] + source[1, 0] + source[1, 1]) / 4
    t = 2.0 * min(max(middle, -2.0), 2.0)
    tangent, least, most = math.inf, math.inf, -math.inf
    for e in range(2):
        a, b, c = target[e, 0], target[e, 1], target[e, 2]
        u, v, w = source[e, 0], source[e, 1], source[e, 2]
        ends = min(t * a + joint, t * b - joint, t * c) + min(t * u - other, t * v + other, t * w)
        tangent = min(tangent, ends + (2 * e - 1) * tilt)
        least, most = min(least, min(a, b, c) + min(u, v, w)), max(most, max(a, b, c) + max(u, v, w))
    q = max(least - 1e-11, -most - 1e-11, 0.0)  # 0, exactly, where L is flat and g may vanish: loops cost nothing
    return max(tangent - t * t / 4 - 1e-10, q * q - (abs(joint) + abs(tilt) + abs(other)) * (1 + 1e-12))


@compiled
def relax_tilted(
    own: Array,
    others: Array,
    meeting: Ids,
    begin: Ids,
    order: Ids,
    least: Array,
    joint: Array,
    other: Array,
    bottom: Array,
    now: Marks,
    then: Marks,
) -> None:
    """One sweep of W, which stays above `bottom`; infinite where W + L is at least 1 on the whole pair."""
    for s in range(len(meeting)):
        if not now[s]:
            continue
        for k in range(begin[meeting[s]], begin[meeting[s] + 1]):
            p = order[k]
            if least[p] <= bottom[p]:
                continue
            square = tilted_square(others[p], own[s], joint[p], joint[s] - other[p], other[s])
            further = max(least[s] + math.floor(min(square, 4096.0) * 2.0**40) * 2.0**-40, bottom[p])
            if further < least[p] and further - abs(joint[p]) - abs(other[p]) < 1.0:
                least[p], then[p] = further, True


def tilted(way: Side, sources: Marks, plain: Array, best: Ids) -> Tilt:
    """The linear bounds, never below the plain distances, which stand alone where sums keep falling."""
    for flat in FLAT:
        joint, other = slopes(way, best, flat)
        bottom = rounded(np.minimum(plain, 1.0) - np.abs(joint) - np.abs(other))
        least, now = np.where(sources, 0.0, np.inf), sources
        for _ in range(PATIENCE):
            then = np.zeros_like(now)
            relax_tilted(way.own, way.others, way.joint, way.begin, way.order, least, joint, other, bottom, now, then)
            if not then.any():
                return Tilt(least, joint, other)
            now = then
    return Tilt(plain, np.zeros_like(plain), np.zeros_like(plain))
