"""The steps of second-order methods from one eigendecomposition: cubic regularisation and the trust region.

Everything here is compiled, so that a method takes the same step, to the last bit, in Python and in machine code. The
eigenvectors are LAPACK's; from some 100 coordinates on their last bits depend on its number of threads.
"""

import math
from typing import NamedTuple

import numpy as np

from oracles import Array, compiled, inner, norm

HALVINGS = 80  # of an interval of exponents: more than enough for neighbouring numbers
EPSILON = 2.0**-52
ROUNDING = 2.0**-50  # relative to f: a fall below it cannot be told from none
LEAST_SMOOTHNESS = 1e-200  # in place of a Lipschitz constant 0 of a Hessian, by which methods divide


class Quadratic(NamedTuple):
    """The model g's + s'Hs/2 along the eigenvectors of H.

    eigenvalues (k,): ascending. eigenvectors (k, d): one per row. slopes (k,): of g along them.
    Coordinates where g and the row of H are exactly zero are in no eigenvector, so k <= d: no step moves them, as none
    does in exact arithmetic.
    """

    eigenvalues: Array
    eigenvectors: Array
    slopes: Array


@compiled
def quadratic(gradient: Array, hessian: Array) -> Quadratic:
    """The model of g (d,) and a finite symmetric H (d, d), of which the lower triangle is read. Cost: O(d^3).

    Eigenvalues that are negative by rounding alone count as 0.
    """
    dimension, count = gradient.size, 0
    chosen = np.empty(dimension, np.int64)
    for i in range(dimension):
        if gradient[i] != 0.0 or np.any(hessian[i] != 0.0):
            chosen[count] = i
            count += 1
    eigenvalues, eigenvectors, slopes = np.zeros(count), np.zeros((count, dimension)), np.zeros(count)
    if count > 0:
        part, slope = np.empty((count, count)), gradient[chosen[:count]]
        for i in range(count):
            for j in range(count):
                part[i, j] = hessian[chosen[i], chosen[j]]
        eigenvalues, columns = np.linalg.eigh(part)
        rows = np.ascontiguousarray(columns.T)
        noise = count * EPSILON * max(abs(eigenvalues[0]), abs(eigenvalues[count - 1]))
        for j in range(count):
            if -noise <= eigenvalues[j] < 0.0:
                eigenvalues[j] = 0.0
            for i in range(count):
                eigenvectors[j, chosen[i]] = rows[j, i]
            slopes[j] = inner(rows[j], slope)
    return Quadratic(eigenvalues, eigenvectors, slopes)


@compiled
def least_shift(model: Quadratic) -> float:
    """The least shift >= 0 with H + shift I positive semidefinite."""
    return max(0.0, -model.eigenvalues[0]) if model.eigenvalues.size > 0 else 0.0


@compiled
def solution(model: Quadratic, shift: float, excess: float) -> Array:
    """-(H + (shift + excess) I)^-1 g along the eigenvectors, 0 where both are; excess: added last, so as to keep its
    digits where the eigenvalue and the shift cancel.
    """
    out = np.zeros(model.slopes.size)
    for j in range(out.size):
        curvature = (model.eigenvalues[j] + shift) + excess
        if model.slopes[j] != 0.0 and curvature > 0.0:
            out[j] = -model.slopes[j] / curvature
    return out


@compiled
def combined(model: Quadratic, along: Array) -> Array:
    """The vector (d,) with these coordinates (k,) along the eigenvectors."""
    out = np.zeros(model.eigenvectors.shape[1])
    for j in range(along.size):
        if along[j] != 0.0:
            out += along[j] * model.eigenvectors[j]
    return out


@compiled
def on_the_sphere(model: Quadratic, shift: float, radius: float, growth: float) -> tuple[Array, float]:
    """The point s(t), excess t, with |s(t)| = radius + growth t for the least t >= 0 that there is, and t.

    If s(0) is shorter already (the hard case), s(0) goes on along the first eigenvector until it is as long, downhill.
    """
    steepest = norm(model.slopes)
    high = math.sqrt(steepest) / math.sqrt(growth) if growth > 0.0 else steepest / radius
    low = max(1e-100 * high, 1e-300)
    if norm(solution(model, shift, low)) <= radius + growth * low:
        along = solution(model, shift, 0.0)
        length = norm(along)
        if length < radius:
            along[0] = math.copysign(math.sqrt(radius - length) * math.sqrt(radius + length), downhill(model))
        return along, 0.0
    for _ in range(HALVINGS):
        middle = math.sqrt(low) * math.sqrt(high)
        if not low < middle < high:
            break
        if norm(solution(model, shift, middle)) > radius + growth * middle:
            low = middle
        else:
            high = middle
    return solution(model, shift, high), high


@compiled
def downhill(model: Quadratic) -> float:
    """The sign of the first eigenvector that goes down; if g has no part in it, its largest entry is made positive."""
    first = model.eigenvectors[0]
    sign: float = -model.slopes[0] if model.slopes[0] != 0.0 else first[np.argmax(np.abs(first))]
    return sign


@compiled
def cubic_step(model: Quadratic, regularisation: float) -> tuple[Array, float]:
    """The global minimiser s (d,) of g's + s'Hs/2 + (M/6) |s|^3, and the minimum. Cost: O(k d).

    (H + lambda I) s = -g with lambda = M |s|/2 and H + lambda I positive semidefinite. regularisation: M > 0.
    """
    shift = least_shift(model)
    along, _ = on_the_sphere(model, shift, 2.0 * shift / regularisation, 2.0 / regularisation)
    length = norm(along)
    change = inner(model.slopes, along) + 0.5 * inner(model.eigenvalues * along, along)
    return combined(model, along), change + regularisation / 6.0 * length * length * length


@compiled
def trust_region_step(model: Quadratic, radius: float) -> tuple[Array, float]:
    """A global minimiser s (d,) of g's + s'Hs/2 over |s| <= radius, and its multiplier. Cost: O(k d).

    (H + lambda I) s = -g with lambda >= 0, H + lambda I positive semidefinite, and lambda = 0 where |s| < radius. Of
    the minimisers inside the shortest one is taken. radius: > 0.
    """
    shift = least_shift(model)
    if shift == 0.0 and ends_inside(model, radius):
        return combined(model, solution(model, 0.0, 0.0)), 0.0
    along, excess = on_the_sphere(model, shift, radius, 0.0)
    return combined(model, along), shift + excess


@compiled
def ends_inside(model: Quadratic, radius: float) -> bool:
    """Whether a positive semidefinite model has a minimiser within the radius."""
    for j in range(model.slopes.size):
        if model.eigenvalues[j] == 0.0 and model.slopes[j] != 0.0:
            return False
    length: float = norm(solution(model, 0.0, 0.0))
    return length <= radius


@compiled
def shifted_step(model: Quadratic, shift: float) -> Array:
    """-(H + shift I)^-1 g (d,), for a shift above the least. Cost: O(k d)."""
    step: Array = combined(model, solution(model, shift, 0.0))
    return step


@compiled
def times(matrix: Array, vector: Array) -> Array:
    """The product of a matrix (m, d) and a vector (d,), summed in the order that `inner` has."""
    out = np.empty(matrix.shape[0])
    for i in range(out.size):
        out[i] = inner(matrix[i], vector)
    return out
