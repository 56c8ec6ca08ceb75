"""A smooth substitute for the indicator of the coordinates beyond the progress of a point.

    Gamma(t) = int_{1/4}^t Lambda / int_{1/4}^{1/2} Lambda,  Lambda(t) = exp(-1 / (100 (t - 1/4) (1/2 - t)))
    Theta_i(x) = Gamma(1 - (sum_{k >= i} Gamma(|x_k|)^2)^{1/2})

so that 1{i > prog_{1/4}(x)} <= Theta_i(x) <= 1{i > prog_{1/2}(x)}. Source: Arjevani et al., arXiv 1912.02365.
"""

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oracles import Array
from oracles.kernels import compiled

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


@compiled
def gamma_of(t: float, cubics: Array) -> float:
    """Gamma at a number, by the table."""
    if t <= START or t >= STOP:
        return 0.0 if t <= START else 1.0
    place = (t - START) * (CELLS / (STOP - START))
    cell = min(int(place), CELLS - 1)
    r = place - cell
    value = cubics[0, cell] + r * (cubics[1, cell] + r * (cubics[2, cell] + r * cubics[3, cell]))
    return min(max(value, 0.0), 1.0)


@compiled
def gamma_each(t: Array, cubics: Array) -> Array:
    """Gamma at each of some numbers, by the table."""
    values = np.empty(t.size)
    for k in range(t.size):
        values[k] = gamma_of(t[k], cubics)
    return values


@compiled
def theta_each(x: Array, cubics: Array) -> Array:
    """Theta_i(x) for all i, from the last to the first, by the table."""
    shares, squares = np.empty(x.size), 0.0
    for i in range(x.size - 1, -1, -1):
        squares += gamma_of(abs(x[i]), cubics) ** 2
        shares[i] = gamma_of(1.0 - math.sqrt(squares), cubics)
    return shares


def gamma(t: Array) -> Array:
    """Gamma at numbers (n,): 0 up to 1/4, 1 from 1/2 on, both exactly."""
    return np.asarray(gamma_each(t, table()))


def theta(x: Array) -> Array:
    """Theta_i(x) for all coordinates i of a point (d,)."""
    return np.asarray(theta_each(x, table()))
