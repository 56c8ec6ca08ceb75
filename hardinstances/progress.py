"""How far a point has come along a chain."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oracles import Array
from oracles.instances import Progress
from oracles.kernels import compiled


@compiled
def furthest(point: Array, threshold: float) -> int:
    """The last coordinate of a point (d,) beyond the threshold, counted from 1; 0 if there is none."""
    for i in range(point.size, 0, -1):
        if abs(point[i - 1]) > threshold:
            return i
    return 0


@compiled
def furthest_each(points: Array, threshold: float) -> NDArray[np.int64]:
    """The last coordinate beyond the threshold, for each of some points (K, d)."""
    last = np.empty(points.shape[0], dtype=np.int64)
    for k in range(points.shape[0]):
        last[k] = furthest(points[k], threshold)
    return last


@dataclass(frozen=True)
class LastAbove:
    """prog_a(x) = max{ i >= 1 : |x_i| > a }, and 0 if there is none; on rows (K, d) -> (K,).

    threshold: a. robust: whether supp grad f(x) lies in {1 .. prog_a(x) + 1} at every x, where a > 0; else in the union
    of that and supp x.
    """

    threshold: float
    robust: bool = True

    def __call__(self, points: Array) -> NDArray[np.int64]:
        return np.asarray(furthest_each(points, self.threshold))


def last_above(threshold: float, *, robust: bool = True) -> LastAbove:
    """The progress of a chain that feels a coordinate once it lies beyond `threshold`."""
    return LastAbove(threshold, robust)


@dataclass(frozen=True)
class TotalInBlocks:
    """The sum of a progress over the blocks of `length` coordinates; on rows (K, n length) -> (K,)."""

    progress: Progress
    length: int

    def __call__(self, points: Array) -> NDArray[np.int64]:
        total: NDArray[np.int64] = self.progress(points.reshape(-1, self.length)).reshape(len(points), -1).sum(axis=1)
        return total


@dataclass(frozen=True)
class Within:
    """The progress of an inner function at the points that a transform turns points into; enter: (K, D) -> (K, d)."""

    progress: Progress
    enter: Callable[[Array], Array]

    def __call__(self, points: Array) -> NDArray[np.int64]:
        return self.progress(self.enter(points))
