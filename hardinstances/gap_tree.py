"""The lowest point of a sum of steps, while steps are cut in two: a treap over points, in machine code.

Points 0 < x_1 < .. < x_n are kept with f' = -s. Between neighbours at the distance delta, f' may rise with slope L and
must fall again, so that f gains at most -s delta + L delta^2 / 4 over the gap; where delta >= 2 s / L it passes a
minimum at -s^2 / (2 L) from the gap's begin. The lowest value along the points is a prefix minimum, which a tree keeps
as pairs (sum, least prefix). Expected cost O(log n) for each point.
"""

import numpy as np

from oracles import Array, compiled
from oracles.arrays import Ids

# Columns of the reals and of the links of a node.
KEY, STEP, DIP, SUM, LEAST = range(5)
LEFT, RIGHT, RANK = range(3)
NONE = -1
DEEP = 400  # longer than any path of a treap of 10^9 nodes, but for a chance below 10^-50


@compiled
def set_gap(reals: Array, node: int, before: float, slope: float, smoothness: float) -> None:
    """The step over the gap that ends at a node, and the lowest value in it, from its begin."""
    delta = reals[node, KEY] - before
    step = -slope * delta + smoothness * delta * delta / 4.0
    dip = -slope * slope / (2.0 * smoothness) if delta >= 2.0 * slope / smoothness else 0.0
    reals[node, STEP], reals[node, DIP] = step, min(dip, step)


@compiled
def gather(reals: Array, links: Ids, node: int) -> None:
    """The sum and the least prefix of a subtree from those of its children."""
    left, right = links[node, LEFT], links[node, RIGHT]
    total = reals[left, SUM] if left != NONE else 0.0
    least = reals[left, LEAST] if left != NONE else 0.0
    least = min(least, total + reals[node, DIP])
    total += reals[node, STEP]
    if right != NONE:
        least = min(least, total + reals[right, LEAST])
        total += reals[right, SUM]
    reals[node, SUM], reals[node, LEAST] = total, least


@compiled
def mixed(number: int) -> int:
    """A pseudo-random rank from a number (the finaliser of MurmurHash3, on 31 bits)."""
    h = number * 2654435761 & 0xFFFFFFFF
    h = ((h ^ (h >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    h = ((h ^ (h >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return h ^ (h >> 16)


@compiled
def insert(reals: Array, links: Ids, root: int, count: int, x: float, slope: float, smoothness: float) -> int:
    """Add the point x as node `count`; the new root, or NONE where it is a point already."""
    path = np.empty(DEEP, np.int64)
    depth, node, before, behind = 0, root, 0.0, NONE
    while node != NONE:
        path[depth] = node
        depth += 1
        if x == reals[node, KEY]:
            return NONE
        if x < reals[node, KEY]:
            behind, node = node, links[node, LEFT]
        else:
            before, node = reals[node, KEY], links[node, RIGHT]
    links[count, LEFT], links[count, RIGHT], links[count, RANK] = NONE, NONE, mixed(count + 1)
    reals[count, KEY] = x
    set_gap(reals, count, before, slope, smoothness)
    if behind != NONE:
        set_gap(reals, behind, x, slope, smoothness)
    if depth > 0:
        links[path[depth - 1], LEFT if x < reals[path[depth - 1], KEY] else RIGHT] = count
    return risen(reals, links, path, depth, count)


@compiled
def risen(reals: Array, links: Ids, path: Ids, depth: int, node: int) -> int:
    """Turn a new leaf upwards by its rank, and renew the sums along its path; the root."""
    gather(reals, links, node)
    for k in range(depth - 1, -1, -1):
        parent = path[k]
        if links[node, RANK] > links[parent, RANK]:
            if links[parent, LEFT] == node:
                links[parent, LEFT], links[node, RIGHT] = links[node, RIGHT], parent
            else:
                links[parent, RIGHT], links[node, LEFT] = links[node, LEFT], parent
            gather(reals, links, parent)
            if k > 0:
                above = path[k - 1]
                links[above, LEFT if links[above, LEFT] == parent else RIGHT] = node
        else:
            node = parent
        gather(reals, links, node)
    return node


class GapTree:
    """Points at which f' = -s, and how low f must at least come because of them."""

    def __init__(self, slope: float, smoothness: float) -> None:
        self.slope, self.smoothness = slope, smoothness
        self.count, self._root = 0, NONE
        self._reals, self._links = np.zeros((1024, 5)), np.zeros((1024, 3), np.int64)

    @property
    def points(self) -> Array:
        """The points in their order of coming."""
        return self._reals[: self.count, KEY]

    def add(self, x: float) -> bool:
        """Add a point x > 0; False where it was one."""
        if self.count == len(self._reals):
            self._reals = np.concatenate([self._reals, np.zeros_like(self._reals)])
            self._links = np.concatenate([self._links, np.zeros_like(self._links)])
        root = insert(self._reals, self._links, self._root, self.count, x, self.slope, self.smoothness)
        if root == NONE:
            return False
        self._root, self.count = int(root), self.count + 1
        return True

    @property
    def lowest(self) -> float:
        """The lowest value of the highest f with f(0) = 0: along the points, and where f' rises to 0 behind them."""
        rest = -(self.slope**2) / (2 * self.smoothness)
        if self._root == NONE:
            return rest
        return float(min(self._reals[self._root, LEAST], self._reals[self._root, SUM] + rest))
