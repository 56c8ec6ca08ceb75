"""Reductions that every engine shares, so that two engines sum in the same order.

Sums run in eight lanes, which is a fixed order that the processor's vector units can follow.
"""

import math

import numpy as np

from oracles.arrays import Array, Mask
from oracles.kernels import compiled

TINY, HUGE = 1e-290, 1e300  # outside these a sum of squares has lost digits


@compiled
def inner(a: Array, b: Array) -> float:
    """The inner product of two vectors (d,)."""
    s0 = s1 = s2 = s3 = s4 = s5 = s6 = s7 = 0.0
    whole = a.size - a.size % 8
    for i in range(0, whole, 8):
        s0 += a[i] * b[i]
        s1 += a[i + 1] * b[i + 1]
        s2 += a[i + 2] * b[i + 2]
        s3 += a[i + 3] * b[i + 3]
        s4 += a[i + 4] * b[i + 4]
        s5 += a[i + 5] * b[i + 5]
        s6 += a[i + 6] * b[i + 6]
        s7 += a[i + 7] * b[i + 7]
    total = ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
    for i in range(whole, a.size):
        total += a[i] * b[i]
    return total


@compiled
def finite(x: Array) -> bool:
    """Whether no entry is NaN or infinite; counted, because a loop that breaks off does not use the vector units."""
    bad = 0
    for i in range(x.size):
        bad += 0 if abs(x[i]) < math.inf else 1
    return bad == 0


@compiled
def usable(values: Array, gradients: Array, with_value: Mask, with_gradient: Mask) -> bool:
    """Whether the answers that were asked for, by the masks (K,), are values (K,) above -inf and finite gradients."""
    bad = 0
    for k in range(values.size):
        if with_value[k]:
            bad += 0 if values[k] > -math.inf else 1
        if with_gradient[k]:
            bad += 0 if finite(gradients[k]) else 1
    return bad == 0


@compiled
def least(numbers: Array, chosen: Mask) -> float:
    """The least of the numbers (K,) that are chosen (K,); infinite where there is none."""
    found = math.inf
    for k in range(numbers.size):
        if chosen[k] and numbers[k] < found:
            found = numbers[k]
    return found


@compiled
def band_times(band: Array, vector: Array) -> Array:
    """The product of a symmetric matrix, given by its lower band (b + 1, d), and a vector (d,)."""
    dimension = vector.size
    product = band[0] * vector
    for k in range(1, band.shape[0]):
        for i in range(dimension - k):
            product[i + k] += band[k, i] * vector[i]
            product[i] += band[k, i] * vector[i + k]
    return product


@compiled
def matrix_of(band: Array) -> Array:
    """The symmetric matrix (d, d) of a lower band (b + 1, d)."""
    dimension = band.shape[1]
    matrix = np.zeros((dimension, dimension))
    for k in range(band.shape[0]):
        for i in range(dimension - k):
            matrix[i + k, i] = matrix[i, i + k] = band[k, i]
    return matrix


@compiled
def band_of(matrix: Array) -> Array:
    """The lower band (d, d) of a whole symmetric matrix (d, d), row by row what `matrix_of` takes."""
    dimension = matrix.shape[0]
    band = np.zeros((dimension, dimension))
    for k in range(dimension):
        for i in range(dimension - k):
            band[k, i] = matrix[i + k, i]
    return band


@compiled
def norm(a: Array) -> float:
    """The Euclidean norm of a vector (d,), recomputed in scaled form where the squares overflow or underflow."""
    total = inner(a, a)
    if TINY < total < HUGE:
        return math.sqrt(total)
    largest = 0.0
    for i in range(a.size):
        largest = max(largest, abs(a[i]))
    if largest == 0.0 or largest == math.inf:
        return largest
    total = 0.0
    for i in range(a.size):
        total += (a[i] / largest) ** 2
    return largest * math.sqrt(total)


@compiled
def norms(rows: Array) -> Array:
    """The Euclidean norm of each row of a (K, d) array."""
    out = np.empty(rows.shape[0])
    for k in range(rows.shape[0]):
        out[k] = norm(rows[k])
    return out


@compiled
def projected(points: Array, gradients: Array, lower: Array, upper: Array) -> Array:
    """The projected gradients (K, d) at points (K, d) of a box with the sides (d,): at a lower face min(0, g_i), at an
    upper face max(0, g_i).
    """
    out = gradients.copy()
    for k in range(points.shape[0]):
        for i in range(points.shape[1]):
            if points[k, i] == lower[i]:
                out[k, i] = min(0.0, out[k, i])
            if points[k, i] == upper[i]:
                out[k, i] = max(0.0, out[k, i])
    return out


@compiled
def projected_squares(point: Array, gradient: Array, lower: Array, upper: Array) -> float:
    """The squared norm of the projected gradient at one point (d,), summed as `inner` sums."""
    out = projected(point.reshape(1, -1), gradient.reshape(1, -1), lower, upper)[0]
    return inner(out, out)
