"""A smooth substitute for the indicator of the coordinates beyond the progress of a point.

    Gamma(t) = int_{1/4}^t Lambda / int_{1/4}^{1/2} Lambda,  Lambda(t) = exp(-1 / (100 (t - 1/4) (1/2 - t)))
    Theta_i(x) = Gamma(1 - (sum_{k >= i} Gamma(|x_k|)^2)^{1/2})

so that 1{i > prog_{1/4}(x)} <= Theta_i(x) <= 1{i > prog_{1/2}(x)}. Source: Arjevani et al., arXiv 1912.02365.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracles import Array

START, STOP, CELLS = 0.25, 0.5, 4000


def bump(t: NDArray[Any]) -> Array:
    """Lambda(t) for 1/4 < t < 1/2."""
    return np.asarray(np.exp(-0.01 / ((t - START) * (STOP - t))))


@cache
def table() -> Array:
    """Gamma on each of the equal cells of [1/4, 1/2] as a cubic in the place r in [0, 1] in the cell: (4, CELLS), the
    coefficient of r^k in row k. The cubics agree with Gamma and Gamma' at the ends of the cells.

    The integrals over the cells are Gauss's with ten points, exact to rounding; the cubics are good to 1e-12.
    """
    places, weights = np.polynomial.legendre.leggauss(10)
    cell = (STOP - START) / CELLS
    points = START + cell * (np.arange(CELLS)[:, None] + 0.5 + 0.5 * places)
    parts = 0.5 * cell * (bump(points) @ weights)
    ends = START + cell * np.arange(1, CELLS)
    values = np.concatenate([[0.0], np.cumsum(parts) / parts.sum()])
    slopes = np.concatenate([[0.0], bump(ends), [0.0]]) * cell / parts.sum()
    rise, first, last = np.diff(values), slopes[:-1], slopes[1:]
    return np.stack([values[:-1], first, 3 * rise - 2 * first - last, first + last - 2 * rise])


def gamma(t: Array) -> Array:
    """Gamma at any numbers: 0 up to 1/4, 1 from 1/2 on, both exactly."""
    place = (np.clip(t, START, STOP) - START) * (CELLS / (STOP - START))
    cell = np.minimum(place.astype(np.int64), CELLS - 1)
    r = place - cell
    c0, c1, c2, c3 = table()[:, cell]
    return np.where(t >= STOP, 1.0, np.maximum(0.0, c0 + r * (c1 + r * (c2 + r * c3))))


def theta(x: Array) -> Array:
    """Theta_i(x) for all coordinates i of a point (d,)."""
    squares = gamma(np.abs(x)) ** 2
    return gamma(1.0 - np.sqrt(np.cumsum(squares[::-1])[::-1]))
