"""Spline chains by control points: on each cell, or part of a cell, the link is the polynomial in Bernstein's form

    P(x, y) = sum_kl N_kl b_k(u) b_l(w),  b_k(u) = (2 over k) u^k (1 - u)^(2 - k),  k, l = 0, 1, 2,

with u and w the ways from the left ends. A polynomial lies between its least and its largest control point, and the
distance shrinks with the square of the parts' width. Beyond the knots P is constant in the coordinate that is there.
"""

from typing import NamedTuple

import numpy as np

from hardinstances.spline_chain import COEFFICIENTS, HEIGHT, LEFT, RIGHT, WIDTH, spline_chain_kernel, unfolded
from oracles import Array, Instance, KernelFunction
from oracles.arrays import Ids


class Spline(NamedTuple):
    """height * f_T(x / width) with C as (n, n), and per cell upsilon, upsilon', upsilon'' as (n + 2, 3)."""

    length: int
    left: int
    right: int
    width: float
    height: float
    coefficients: Array
    table: Array

    @property
    def cells(self) -> int:
        """The cells between the knots."""
        return self.left + self.right


def spline_of(instance: Instance) -> Spline | None:
    """The chain that an instance is, recognised by its kernel and its start; None where it is another function."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not spline_chain_kernel or instance.start.any():
        return None
    numbers = np.asarray(function.parameters, dtype=float)
    cells = int(numbers[LEFT] + numbers[RIGHT])
    if len(numbers) != COEFFICIENTS + cells * cells + 3 * (cells + 2) or not np.isfinite(numbers).all():
        return None
    left, right = int(numbers[LEFT]), int(numbers[RIGHT])
    coefficients = numbers[COEFFICIENTS : COEFFICIENTS + cells * cells].reshape(cells, cells)
    table = numbers[COEFFICIENTS + cells * cells :].reshape(cells + 2, 3)
    # upsilon and upsilon' must be what upsilon'' adds up to, so that f is C^1
    if min(left, right, numbers[WIDTH], numbers[HEIGHT]) <= 0 or not np.array_equal(table, unfolded(left, table[:, 2])):
        return None
    return Spline(instance.dimension, left, right, float(numbers[WIDTH]), float(numbers[HEIGHT]), coefficients, table)


def is_spline(instance: Instance) -> bool:
    """Whether the arguments about spline chains cover an instance."""
    return spline_of(instance) is not None


def cuts_for(cells: int, most: int) -> int:
    """The largest power of two of parts per cell with at most so many parts in all, and at least one."""
    return 1 << max((most // cells).bit_length() - 1, 0)


def polar_places(cells: int, cuts: int) -> tuple[Ids, Array, Array]:
    """For control points 0 .. 2 cells cuts their cell, and the arguments s <= t of the polar form in the cell."""
    places = np.arange(2 * cells * cuts + 1)
    cell = np.minimum(places // (2 * cuts), cells - 1)
    step = places - 2 * cuts * cell
    return cell, step // 2 / cuts, (step + 1) // 2 / cuts


def control_weights(cells: int, cuts: int) -> Array:
    """What control point k of the parts, 0 .. 2 cells cuts, takes from each of the splines' coefficients.

    Those of whole cells are half the sum of two coefficients on a knot, and the coefficient itself between; the three
    of a part from s to t are the polar form of these at (s, s), (s, t), (t, t).
    """
    whole = np.zeros((2 * cells + 1, cells))
    whole[1::2] = np.eye(cells)
    clipped = np.concatenate([whole[1:2], whole[1::2], whole[-2:-1]])
    whole[::2] = (clipped[:-1] + clipped[1:]) / 2
    cell, s, t = polar_places(cells, cuts)
    s, t = s[:, None], t[:, None]
    return np.asarray(
        (1 - s) * (1 - t) * whole[2 * cell] + (s + t - 2 * s * t) * whole[2 * cell + 1] + s * t * whole[2 * cell + 2]
    )


def link_net(spline: Spline, cuts: int) -> Array:
    """The control points (2 m + 1, 2 m + 1) of right^2 P on m = n cuts parts; neighbours share those on edges."""
    weights = control_weights(spline.cells, cuts)
    return np.asarray(spline.right**2 * (weights @ spline.coefficients @ weights.T))


def potential_net(spline: Spline, cuts: int) -> Array:
    """The control points (2 m + 1,) of upsilon, in units of a cell."""
    cell, s, t = polar_places(spline.cells, cuts)
    origin = np.where(cell < spline.left, 1, 0)  # the end nearer 0
    s, t = s - origin, t - origin
    value, slope, curvature = spline.table[1 + cell].T
    return np.asarray(value + slope * (s + t) / 2 + curvature * s * t / 2)
