"""Functions of one variable through prescribed values, slopes and curvatures: quintic Hermite splines."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from oracles import Array, KernelFunction, kernel
from oracles.kernels import compiled

HEAD = 2  # parameters before the rows of nodes


@compiled
def spline(t: float, parameters: Array) -> tuple[float, float, float]:
    """Value, slope and curvature at t; parameters as `Spline.function` packs them.

    On the piece from x_k over a length h, s = (t - x_k)/h, it is the quintic

        f_k + h g_k s + c h^2 s^2/2 + (10 r - 4 q) s^3 + (7 q - 15 r) s^4 + (6 r - 3 q) s^5

    with r = f_{k+1} - f_k - h g_k - c h^2/2 and q = h (g_{k+1} - g_k) - c h^2; beyond the ends the parabola of
    curvature c. The node is found by bisection.
    """
    nodes, curvature = int(parameters[0]), parameters[1]
    low, high = 0, nodes
    while low < high:
        middle = (low + high) // 2
        if parameters[HEAD + middle] <= t:
            low = middle + 1
        else:
            high = middle
    k = min(max(low - 1, 0), nodes - 1)
    x, f, g = parameters[HEAD + k], parameters[HEAD + nodes + k], parameters[HEAD + 2 * nodes + k]
    u = t - x
    if low == 0 or low == nodes:
        return f + u * (g + 0.5 * curvature * u), g + curvature * u, curvature
    h = parameters[HEAD + k + 1] - x
    r = parameters[HEAD + 3 * nodes + k]
    q = h * (parameters[HEAD + 2 * nodes + k + 1] - g) - curvature * h * h
    a, b, c = 10.0 * r - 4.0 * q, 7.0 * q - 15.0 * r, 6.0 * r - 3.0 * q
    s = u / h
    value = f + u * (g + 0.5 * curvature * u) + s * s * s * (a + s * (b + s * c))
    slope = g + curvature * u + s * s * (3.0 * a + s * (4.0 * b + s * 5.0 * c)) / h
    return value, slope, curvature + s * (6.0 * a + s * (12.0 * b + s * 20.0 * c)) / (h * h)


@kernel
def spline_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """The spline in one variable."""
    value, slope, curvature = spline(x[0], parameters)
    gradient[0] = slope
    return value


@kernel
def spline_band(x: Array, band: Array, dimension: int, parameters: Array) -> float:
    """The second derivative of the spline."""
    value, slope, curvature = spline(x[0], parameters)
    band[0] = curvature
    return 0.0


class Spline(NamedTuple):
    """Nodes x_0 < .. < x_n with values, slopes and one common curvature c.

    rest (n,): r_k = f_{k+1} - f_k - h g_k - c h^2/2, given on its own because the difference would lose digits.
    """

    nodes: Array
    values: Array
    slopes: Array
    rest: Array
    curvature: float

    def function(self) -> KernelFunction:
        """The kernel with its parameters."""
        head = [len(self.nodes), self.curvature]
        rows: Sequence[Array] = (self.nodes, self.values, self.slopes, self.rest, np.zeros(1))
        parameters = np.concatenate([head, *rows]).astype(float)
        return KernelFunction(spline_kernel, parameters, spline_band, bandwidth=0)

    def largest(self) -> tuple[float, float]:
        """The largest |f''| and |f'''|: of a cubic and a quadratic on each piece, at its ends and where they turn."""
        h = np.diff(self.nodes)
        q = h * np.diff(self.slopes) - self.curvature * h**2
        a, b, c = 10 * self.rest - 4 * q, 7 * q - 15 * self.rest, 6 * self.rest - 3 * q

        def jerk(s: Array) -> Array:
            return (6 * a + 24 * b * s + 60 * c * s**2) / h**3

        def curvature(s: Array) -> Array:
            return self.curvature + (6 * a * s + 12 * b * s**2 + 20 * c * s**3) / h**2

        with np.errstate(divide="ignore", invalid="ignore"):
            turns = [np.nan_to_num(np.clip(-b / (5 * c), 0, 1))]
            root = np.sqrt(np.maximum(144 * b**2 - 360 * a * c, 0))
            turns += [np.nan_to_num(np.clip((sign * root - 12 * b) / (60 * c), 0, 1)) for sign in (-1, 1)]
        ends = [np.zeros_like(h), np.ones_like(h)]
        second = max(abs(self.curvature), *(float(np.abs(curvature(s)).max()) for s in (*ends, *turns)))
        return second, max(float(np.abs(jerk(s)).max()) for s in (*ends, *turns))
