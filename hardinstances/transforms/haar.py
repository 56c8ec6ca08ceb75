"""The Haar rotation: the first d columns of a uniformly random orthogonal matrix, stored."""

from dataclasses import dataclass

import numpy as np
from numba import carray

from oracles import Array, InputError, compiled, inner, kernel
from oracles.composition import ask_inner, ask_inner_band, inner_dimension, own_numbers
from oracles.lowlevel import address_of, reals
from oracles.reductions import band_times

LARGEST = 2048**2  # numbers of a stored frame: 32 MB


@compiled
def coordinates(parameters: Array, x: Array, out: Array, dimension: int) -> None:
    """Out = U'x in R^d; arrays or pointers."""
    count, point = inner_dimension(parameters), carray(reals(address_of(x)), dimension)
    columns = carray(reals(own_numbers(parameters)), (count, dimension))
    for k in range(count):
        out[k] = inner(columns[k], point)


@compiled
def combination(parameters: Array, y: Array, out: Array, dimension: int) -> None:
    """Out = U y for y in R^d; arrays or pointers. Columns with an exact zero in y cost nothing."""
    count = inner_dimension(parameters)
    columns = carray(reals(own_numbers(parameters)), (count, dimension))
    for i in range(dimension):
        out[i] = 0.0
    for k in range(count):
        if y[k] != 0.0:
            for i in range(dimension):
                out[i] += y[k] * columns[k, i]


@kernel
def haar_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """f(U'x); parameters: the inner function in R^d, the columns of U one after the other."""
    point, slope = np.empty(inner_dimension(parameters)), np.empty(inner_dimension(parameters))
    coordinates(parameters, x, point, dimension)
    value = ask_inner(parameters, point, slope)
    combination(parameters, slope, gradient, dimension)
    return value


@kernel
def haar_band(x: Array, band: Array, dimension: int, parameters: Array) -> float:
    """The band of U H U', which is dense, H being the Hessian at U'x."""
    count = inner_dimension(parameters)
    columns = carray(reals(own_numbers(parameters)), (count, dimension))
    point, row, turned = np.empty(count), np.empty(count), np.empty(dimension)
    coordinates(parameters, x, point, dimension)
    inside = ask_inner_band(parameters, point)
    for j in range(dimension):
        for k in range(count):
            row[k] = columns[k, j]
        combination(parameters, band_times(inside, row), turned, dimension)
        for k in range(dimension):
            band[k * dimension + j] = turned[j + k] if j + k < dimension else 0.0
    return 0.0


@dataclass(frozen=True)
class HaarRotation:
    """U is D x d, uniform among the matrices with orthonormal columns. Memory and cost: O(d D)."""

    inner: int
    dimension: int
    numbers: Array  # U', row by row
    kernel, hessian = haar_kernel, haar_band

    @classmethod
    def drawn(cls, inner: int, dimension: int | None, seed: int) -> "HaarRotation":
        """The rotation of this seed, of R^inner into R^dimension; by default R^inner itself.

        The factor Q of a Gaussian matrix, with the signs that make it uniform (those of the diagonal of R).
        """
        size = inner if dimension is None else dimension
        if size < inner:
            raise InputError(f"a rotation of {inner} coordinates needs at least as many dimensions, got {size}")
        if size * inner > LARGEST:
            raise InputError(
                f"a Haar rotation stores d x dimension = {inner} x {size} numbers, more than {LARGEST}; "
                "rotation='hadamard' stores two vectors"
            )
        q, r = np.linalg.qr(np.random.default_rng(seed).standard_normal((size, inner)))
        return cls(inner, size, np.ascontiguousarray((q * np.where(np.diag(r) < 0, -1.0, 1.0)).T))

    def inward(self, points: Array) -> Array:
        """U'x for points (K, D) -> (K, d)."""
        return points @ self.numbers.T

    def outward(self, rows: Array) -> Array:
        """U y for rows (K, d) -> (K, D)."""
        return rows @ self.numbers
