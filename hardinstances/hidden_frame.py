"""A frame that is chosen while it is being asked for: each new column is orthogonal to every point seen before."""

import numpy as np

from oracles import Array, Exhausted, compiled, inner

PASSES = 3  # of Gram-Schmidt; the third finds nothing to do
ROUNDING = 16 * np.finfo(float).eps  # what is left of a point by less than this, relative to it, is rounding
NEGLIGIBLE = 1e-13  # by less than this: dropped where no direction is left, as what rounding gathers in a long run
SHRINK = 2.0**-64


@compiled
def coordinates_along(columns: Array, points: Array, out: Array) -> None:
    """out[k, j] = <u_j, x_k> for columns u_j (n, d) as rows and points (K, d), in one fixed order of summation."""
    for k in range(points.shape[0]):
        for j in range(columns.shape[0]):
            value = inner(columns[j], points[k])
            if not abs(value) < np.inf:  # overflow on the way, though perhaps not of the sum
                value = inner(columns[j], points[k] * SHRINK) / SHRINK
            out[k, j] = value


@compiled
def combined(columns: Array, weights: Array, out: Array) -> None:
    """out[k] = sum_j weights[k, j] u_j, in the order of j; a weight 0 leaves out what it is the weight of."""
    for k in range(weights.shape[0]):
        for j in range(columns.shape[0]):
            if weights[k, j] != 0.0:
                out[k] += weights[k, j] * columns[j]


class HiddenFrame:
    """Orthonormal columns u_1 .. u_T of R^d, revealed one after the other.

    A column is drawn when it is revealed, orthogonal to all points that were included and to all earlier columns. The
    directions taken by points and columns are kept as an orthonormal basis. Of the d directions T - n are never given
    to points, so that the n columns revealed can be completed to T at any time.

    Memory: at most d rows of d numbers. Cost: a point that is included O(d) for each row of the basis; coordinates and
    combinations O(d) for each column revealed.
    """

    def __init__(self, dimension: int, length: int, rng: np.random.Generator) -> None:
        self.dimension, self.length = dimension, length
        self.taken = self.revealed = 0
        self.dropped = 0.0  # the largest part of a point, relative to it, for which no direction was left
        self._rng = rng
        self._basis = np.empty((0, dimension))
        self._columns = np.zeros((length, dimension))

    @property
    def columns(self) -> Array:
        """The columns revealed so far, as rows (n, d)."""
        return self._columns[: self.revealed]

    @property
    def complete(self) -> bool:
        """Whether all columns are revealed: nothing is left to hide."""
        return self.revealed == self.length

    @property
    def needed(self) -> int:
        """The least dimension in which all that was taken, and the columns still to come, have room."""
        return self.taken + self.length - self.revealed

    def include(self, points: Array) -> None:
        """Make columns that are revealed later orthogonal to `points` (K, d); nothing to do once all are revealed.

        Errors: `Exhausted` where a point needs a direction and all that are left are the columns'.
        """
        for point in points if not self.complete else ():
            direction, size = self._outside(point)
            if size <= ROUNDING:
                continue
            if self.needed < self.dimension:
                self._take(direction)
            elif size < NEGLIGIBLE:
                self.dropped = max(self.dropped, size)
            else:
                raise Exhausted(
                    f"all {self.dimension} dimensions are taken: {self.taken - self.revealed} by queries, "
                    f"{self.length} by the columns of the frame"
                )

    def reveal(self) -> None:
        """Draw the next column, if one is left: uniform on the sphere that is orthogonal to all that was taken."""
        if not self.complete:
            direction = self.unseen()
            self._columns[self.revealed] = direction
            self.revealed += 1
            self._take(direction)

    def unseen(self) -> Array:
        """A random direction (d,) orthogonal to all that was taken."""
        size = 0.0
        while size <= ROUNDING:
            direction, size = self._outside(self._rng.standard_normal(self.dimension))
        return direction

    def coordinates(self, points: Array) -> Array:
        """The coordinates (K, T) of `points` (K, d) along the columns; zero along those not yet revealed."""
        out = np.zeros((len(points), self.length))
        coordinates_along(self.columns, points, out)
        return out

    def lift(self, weights: Array) -> Array:
        """sum_j weights[:, j] u_j, (K, d), over the columns revealed; weights (K, T)."""
        out = np.zeros((len(weights), self.dimension))
        combined(self.columns, weights, out)
        return out

    def defect(self) -> float:
        """The largest entry of U^T U - I over the columns revealed."""
        return float(np.abs(self.columns @ self.columns.T - np.eye(self.revealed)).max(initial=0.0))

    def _outside(self, point: Array) -> tuple[Array, float]:
        """What is orthogonal to the basis, as a unit vector (d,), and its size relative to the point; 0 for nothing."""
        basis = self._basis[: self.taken]
        largest = float(np.abs(point).max())
        if largest == 0.0:
            return point, 0.0
        direction = point / largest
        direction /= np.linalg.norm(direction)
        size = 1.0
        for _ in range(PASSES):
            direction -= (basis @ direction) @ basis
            left = float(np.linalg.norm(direction))
            size *= left
            if size == 0.0:
                return direction, 0.0
            direction /= left
        return direction, size

    def _take(self, direction: Array) -> None:
        if self.taken == len(self._basis):
            more = min(max(16, self.taken), self.dimension - self.taken)
            self._basis = np.concatenate([self._basis, np.empty((more, self.dimension))])
        self._basis[self.taken] = direction
        self.taken += 1
