"""Hessians by differences of the gradients of one batch."""

import numpy as np

from oracles import Array, compiled

RESOLVED = 2.0**-26  # a spacing, relative to the coordinate, at which rounding and curvature err alike


@compiled
def stencil(x: Array, spacing: float, central: bool) -> Array:
    """The points x, x + h e_1, .., x + h e_d, and if central x - h e_1, .., x - h e_d: (d + 1 or 2 d + 1, d).

    spacing: h > 0; more where the coordinate is so large that it would be lost in it.
    """
    dimension = x.size
    points = np.empty((2 * dimension + 1 if central else dimension + 1, dimension))
    points[:] = x
    for i in range(dimension):
        h = max(spacing, RESOLVED * abs(x[i]))
        points[1 + i, i] = x[i] + h
        if central:
            points[1 + dimension + i, i] = x[i] - h
    return points


@compiled
def difference_hessian(points: Array, gradients: Array) -> Array:
    """The symmetric part (d, d) of the matrix of difference quotients along the coordinates, from the gradients at a
    stencil. Off the Hessian by sqrt(d) rho h/2 in norm, and if central by sqrt(d) rho_3 h^2/6, for Lipschitz constants
    rho of the Hessian and rho_3 of the third derivative. Cost: O(d^2).
    """
    dimension = points.shape[1]
    quotients = np.empty((dimension, dimension))
    for i in range(dimension):
        before = 0 if points.shape[0] == dimension + 1 else 1 + dimension + i
        length = points[1 + i, i] - points[before, i]
        for j in range(dimension):
            quotients[i, j] = (gradients[1 + i, j] - gradients[before, j]) / length
    hessian = np.empty((dimension, dimension))
    for i in range(dimension):
        for j in range(dimension):
            hessian[i, j] = 0.5 * (quotients[i, j] + quotients[j, i])
    return hessian
