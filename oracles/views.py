"""The same oracle, seen otherwise: f with a quadratic added, f on a line, f on an affine subspace.

Each is a helper that asks the oracle one query and answers for another function, so that nested methods stay short in
both engines: proximal steps, line searches, steps in a subspace. Their queries count like any other, and what is judged
is the gradient of f itself at the point that was asked.
"""

import numpy as np

from oracles.arrays import Array
from oracles.kernels import compiled
from oracles.oracle import Oracle
from oracles.reductions import inner
from oracles.rewriting import asking


@compiled
def squared_distance(x: Array, y: Array) -> float:
    """|x - y|^2 of two vectors (d,)."""
    difference = x - y
    squared: float = inner(difference, difference)
    return squared


@compiled
def combination(origin: Array, basis: Array, coordinates: Array) -> Array:
    """The origin (d,) plus the rows of the basis (m, d), each times its coordinate (m,)."""
    point = origin.copy()
    for j in range(basis.shape[0]):
        point += coordinates[j] * basis[j]
    return point


@compiled
def products(basis: Array, vector: Array) -> Array:
    """The inner products (m,) of the rows of the basis (m, d) with a vector (d,)."""
    out = np.empty(basis.shape[0])
    for j in range(basis.shape[0]):
        out[j] = inner(basis[j], vector)
    return out


@asking
def regularised(oracle: Oracle, x: Array, centre: Array, weight: float) -> tuple[float, Array]:
    """F(x) and its gradient (d,), F(x) = f(x) + weight |x - centre|^2. One round of one query.

    If f is L-smooth, F is (L + 2 weight)-smooth, and (2 weight - L)-strongly convex where that is positive.
    """
    value, gradient = oracle.value_and_gradient(x)
    return value + weight * squared_distance(x, centre), gradient + 2.0 * weight * (x - centre)


@asking
def on_line(oracle: Oracle, x: Array, direction: Array, step: float) -> tuple[float, float, Array, Array]:
    """The value and the slope of phi(step) = f(x + step direction), the point (d,) asked and the gradient (d,) there.

    One round of one query.
    """
    point = x + step * direction
    value, gradient = oracle.value_and_gradient(point)
    return value, inner(gradient, direction), point, gradient


@asking
def on_subspace(oracle: Oracle, coordinates: Array, origin: Array, basis: Array) -> tuple[float, Array]:
    """F(t) and its gradient (m,) for the coordinates t (m,), F(t) = f(origin + sum_j t_j basis_j), basis (m, d).

    One round of one query. With orthonormal rows F is as smooth as f.
    """
    value, gradient = oracle.value_and_gradient(combination(origin, basis, coordinates))
    return value, products(basis, gradient)
