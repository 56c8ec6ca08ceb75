"""What a search varies: f is linear in the coefficients C and the curvatures upsilon'' of a spline link.

Points are given in units of a cell: the knots are -left .. right, x_0 = right. A path is (x_0, x_1, .., x_T, 0).
"""

from typing import NamedTuple

import numpy as np

from hardinstances.certify.spline_net import Spline
from hardinstances.spline_chain import unfolded
from hardinstances.spline_links import SplineLink
from oracles import Array
from oracles.arrays import Ids, Mask


class Shape(NamedTuple):
    """The cells of a link. Its numbers are C row by row, then upsilon'' per cell from beyond the left to beyond the
    right: n^2 + n + 2 of them, with n = left + right.
    """

    left: int
    right: int
    dead: int

    @property
    def cells(self) -> int:
        """The cells between the knots."""
        return self.left + self.right

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return self.cells**2 + self.cells + 2

    @property
    def free(self) -> Mask:
        """Which numbers may be other than 0: all but those that the dead zone needs, see `certify.spline`."""
        link, bends = np.ones((self.cells, self.cells), bool), np.ones(self.cells + 2, bool)
        if self.dead:
            inside = slice(max(self.left - self.dead - 1, 0), min(self.left + self.dead + 1, self.cells))
            link[inside, inside] = False
        else:
            link[[self.left - 1, self.left], [self.left - 1, self.left]] = False
        bends[self.left - self.dead + 1 : self.left + self.dead + 1] = False
        return np.concatenate([link.ravel(), bends])

    def spline(self, numbers: Array) -> Spline:
        """The chain with these numbers, in its own units, as provers see it."""
        link, bends = self.parts(numbers)
        return Spline(1, self.left, self.right, 1.0, 1.0, link, unfolded(self.left, bends))

    def parts(self, numbers: Array) -> tuple[Array, Array]:
        """C as (n, n), and upsilon''."""
        return numbers[: self.cells**2].reshape(self.cells, self.cells), numbers[self.cells**2 :]

    def cell_of(self, x: Array) -> Ids:
        """The cell of each point, -1 and n beyond the knots."""
        return np.clip(np.floor(x + self.left), -1, self.cells).astype(np.int64)

    def splines(self, x: Array, cell: Ids | None = None) -> Array:
        """The splines at m points as (m, n), and their first and second derivatives: (3, m, n). On a knot the second
        derivatives are those of the cell that is given, else those from the right.
        """
        cell = self.cell_of(x) if cell is None else cell
        u = x + self.left - cell
        three = np.array(
            [[(1 - u) ** 2 / 2, 0.5 + u * (1 - u), u * u / 2], [u - 1, 1 - 2 * u, u], np.ones((3, len(u)))]
        )
        three[2, 1] = -2.0
        beyond = (cell < 0) | (cell >= self.cells)
        three[:, :, beyond] = np.array([[0.0, 1.0, 0.0], [0.0] * 3, [0.0] * 3])[:, :, None]
        table, points = np.zeros((3, len(x), self.cells + 4)), np.arange(len(x))
        for k in range(3):
            table[:, points, cell + k + 1] = three[:, k]
        table[..., 2] += table[..., 0] + table[..., 1]  # indices are cut off at both ends
        table[..., -3] += table[..., -2] + table[..., -1]
        return table[..., 2:-2]

    def steepness(self, x: Array) -> Array:
        """What upsilon' at m points takes of each upsilon'', in units of a cell: (m, n + 2)."""
        low, high = self._passed(x)
        return np.asarray(np.where(x >= 0, 1.0, -1.0)[:, None] * (high - low))

    def depths(self, x: Array) -> Array:
        """What upsilon at m points takes of each upsilon'': (m, n + 2)."""
        low, high = self._passed(x)
        return np.asarray(np.abs((x[:, None] - low) ** 2 - (x[:, None] - high) ** 2) / 2)

    def _passed(self, x: Array) -> tuple[Array, Array]:
        """The part of each cell between 0 and x, from its left to its right end."""
        edges = np.concatenate([[-np.inf], np.arange(self.cells + 1.0) - self.left, [np.inf]])
        near, far = np.minimum(x, 0)[:, None], np.maximum(x, 0)[:, None]
        low = np.clip(edges[:-1], near, far)
        return low, np.maximum(np.clip(edges[1:], near, far), low)


def slope_row(shape: Shape, path: Array, direction: Array) -> Array:
    """The numbers' weights in <u, gradient f(x)> for a direction u (T,) and x on a path."""
    value, slope, _ = shape.splines(path)
    u = np.pad(direction, 1)[:, None]
    link = (u * slope)[:-1].T @ value[1:] + value[:-1].T @ (u * slope)[1:]
    return np.concatenate([shape.right * link.ravel(), direction @ shape.steepness(path[1:-1]) / shape.right])


def bend_row(shape: Shape, path: Array, cell: Ids, v: Array) -> Array:
    """The numbers' weights in v' Hessian f(x) v for v (T,) and x on a path, in these cells."""
    value, slope, bend = shape.splines(path, cell)
    v = np.pad(v, 1)[:, None]
    link = (v * v * bend)[:-1].T @ value[1:] + value[:-1].T @ (v * v * bend)[1:]
    link += 2 * (v * slope)[:-1].T @ (v * slope)[1:]
    return np.concatenate([shape.right**2 * link.ravel(), np.bincount(cell + 1, v[:, 0] ** 2, shape.cells + 2)])


def shape_of(link: SplineLink) -> tuple[Shape, Array]:
    """The cells and the numbers of a link."""
    shape = Shape(link.left, link.right, link.dead)
    return shape, grounded(shape, np.append(link.coefficients, link.curvature) * link.unit)


def grounded(shape: Shape, numbers: Array) -> Array:
    """The numbers with P(0, 0) = 0, by a constant that is added to P, and those that are not free exactly 0."""
    link, bends = shape.parts(numbers)
    return np.where(shape.free, np.append(link - link[shape.left, shape.left], bends), 0.0)


def halved(shape: Shape, numbers: Array) -> tuple[Shape, Array]:
    """The same function, but for a constant, on cells of half the width."""
    link, bends = shape.parts(numbers)
    padded = np.pad(np.eye(shape.cells), ((1, 1), (0, 0)), mode="edge")
    weights = np.empty((2 * shape.cells + 2, shape.cells))
    weights[::2] = 0.75 * padded[:-1] + 0.25 * padded[1:]
    weights[1::2] = 0.25 * padded[:-1] + 0.75 * padded[1:]
    weights = weights[1:-1]
    finer = np.concatenate([bends[:1], np.repeat(bends[1:-1], 2), bends[-1:]])
    fine = Shape(*(2 * n for n in shape))
    return fine, grounded(fine, np.append(weights @ link @ weights.T, finer))


def widened(shape: Shape, numbers: Array, more: int) -> tuple[Shape, Array]:
    """The same function with so many more cells on the left, on which it is what it was beyond the knots."""
    link, bends = shape.parts(numbers)
    link, bends = np.pad(link, ((more, 0), (more, 0)), mode="edge"), np.pad(bends, (more, 0), mode="edge")
    return shape._replace(left=shape.left + more), np.append(link, bends)
