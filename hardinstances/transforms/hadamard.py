"""The randomised Hadamard rotation: two rounds of random signs and of the fast Walsh-Hadamard transform.

A vector longer than ROW is taken as a matrix of rows: H is then H over the columns times H over the rows, in either
order. The two rounds go columns, rows | rows, columns, so that each row gets both of its transforms while it is in the
cache, and the vector passes through the processor three times in all. Levels of strides below 64 are done within
registers. Everything here works on addresses; strides are in doubles.
"""

from dataclasses import dataclass

import numpy as np
from numba import carray

from oracles import Array, InputError, compiled, kernel
from oracles.composition import ask_inner, ask_inner_band, inner_dimension, own_numbers
from oracles.lowlevel import address_of, reals
from oracles.reductions import band_times
from oracles.vectors import LANES, butterfly, butterfly64, copy_vector, multiply_vectors

ROW = 2048  # doubles of a row: 16 KB
WIDTH = 64  # columns that are transformed together: narrower ones waste what the memory brings along
BLOCK = 64  # below this size there is nothing to gain


@compiled
def levels(v: int, size: int, stride: int) -> None:
    """The levels stride, 2 stride, .., size / 2 of H v, in place on `size` doubles; stride >= LANES."""
    while 8 * stride <= size:
        for i in range(0, size, 8 * stride):
            for j in range(i, i + stride, LANES):
                butterfly(v + 8 * j, stride, 8)
        stride *= 8
    for j in range(0, stride, LANES):
        if 4 * stride == size:
            butterfly(v + 8 * j, stride, 4)
        elif 2 * stride == size:
            butterfly(v + 8 * j, stride, 2)


@compiled
def walsh_hadamard(v: int, size: int) -> None:
    """H v in place on `size` doubles, a power of two."""
    if size >= BLOCK:
        for i in range(0, size, BLOCK):
            butterfly64(v + 8 * i)
        levels(v, size, BLOCK)
        return
    entries, half = carray(reals(v), size), 1
    while half < size:
        for i in range(size):
            if i & half == 0:
                a, b = entries[i], entries[i + half]
                entries[i], entries[i + half] = a + b, a - b
        half *= 2


@compiled
def multiply(source: int, factors: int, target: int, size: int) -> None:
    """Target = factors * source, `size` doubles each; the address 0 in place of the factors: a copy."""
    if size < LANES:
        out = reals(target)
        for i in range(size):
            out[i] = reals(source)[i] * (1.0 if factors == 0 else reals(factors)[i])
    elif factors == 0:
        for i in range(0, 8 * size, 8 * LANES):
            copy_vector(source + i, target + i)
    else:
        for i in range(0, 8 * size, 8 * LANES):
            multiply_vectors(source + i, factors + i, target + i)


@compiled
def over_columns(source: int, before: int, target: int, after: int, rows: int) -> None:
    """Target = diag(after) H diag(before) source with H over the columns alone; 0 in place of factors: none."""
    memory = np.empty(rows * WIDTH)
    tile = address_of(memory)
    for j in range(0, 8 * ROW, 8 * WIDTH):
        for r in range(rows):
            there, here = 8 * r * ROW + j, 8 * r * WIDTH
            multiply(source + there, before + there if before else 0, tile + here, WIDTH)
        levels(tile, rows * WIDTH, WIDTH)
        for r in range(rows):
            there, here = 8 * r * ROW + j, 8 * r * WIDTH
            multiply(tile + here, after + there if after else 0, target + there, WIDTH)
    memory[0] = 0.0  # a use of the memory after the last access to it keeps it alive until then


@compiled
def two_rounds(source: int, before: int, between: int, after: int, target: int, size: int) -> None:
    """Target = diag(after) H diag(between) H diag(before) source; 0 in place of factors: none. May be in place."""
    row, rows = min(size, ROW), size // min(size, ROW)
    if rows > 1:
        over_columns(source, before, target, 0, rows)
    else:
        multiply(source, before, target, size)
    for i in range(0, 8 * size, 8 * row):
        walsh_hadamard(target + i, row)
        multiply(target + i, between + i, target + i, row)
        walsh_hadamard(target + i, row)
    if rows > 1:
        over_columns(target, 0, target, after, rows)
    elif after != 0:
        multiply(target, after, target, size)


@compiled
def turn_inward(signs: int, x: int, out: int, dimension: int) -> None:
    """Out = U'x = (1/D) H diag(s) H diag(r) x; signs: r, then s / D."""
    two_rounds(x, signs, signs + 8 * dimension, 0, out, dimension)


@compiled
def turn_outward(signs: int, y: int, out: int, dimension: int) -> None:
    """Out = U y = (1/D) diag(r) H diag(s) H y, the inverse and the adjoint of `turn_inward`."""
    two_rounds(y, 0, signs + 8 * dimension, signs, out, dimension)


@kernel
def hadamard_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """f((U'x)_1 .. (U'x)_d); parameters: the inner function in R^d, the signs."""
    point = np.empty(dimension)
    inward(parameters, x, point, dimension)
    value = ask_inner(parameters, point, gradient)
    for i in range(inner_dimension(parameters), dimension):
        gradient[i] = 0.0
    outward(parameters, gradient, gradient, dimension)
    return value


@compiled
def inward(parameters: Array, x: Array, out: Array, dimension: int) -> None:
    """`turn_inward` for a kernel: arrays or pointers."""
    turn_inward(own_numbers(parameters), address_of(x), address_of(out), dimension)


@compiled
def outward(parameters: Array, y: Array, out: Array, dimension: int) -> None:
    """`turn_outward` for a kernel: arrays or pointers."""
    turn_outward(own_numbers(parameters), address_of(y), address_of(out), dimension)


@kernel
def hadamard_band(x: Array, band: Array, dimension: int, parameters: Array) -> float:
    """The band of U H U', which is dense, H being the Hessian at (U'x)_1 .. (U'x)_d."""
    count = inner_dimension(parameters)
    point, row = np.empty(dimension), np.empty(dimension)
    inward(parameters, x, point, dimension)
    inside = ask_inner_band(parameters, point)
    for j in range(dimension):
        for i in range(dimension):
            row[i] = 1.0 if i == j else 0.0
        inward(parameters, row, row, dimension)
        turned = band_times(inside, row[:count])
        for i in range(dimension):  # an assignment to a slice would compile the words of numba's error, for seconds
            row[i] = turned[i] if i < count else 0.0
        outward(parameters, row, row, dimension)
        for k in range(dimension):
            band[k * dimension + j] = row[j + k] if j + k < dimension else 0.0
    return 0.0


@compiled
def turn_rows(signs: Array, rows: Array, out_again: bool) -> None:
    """Turn each row, in place."""
    for k in range(rows.shape[0]):
        row = address_of(rows[k])
        if out_again:
            turn_outward(address_of(signs), row, row, rows.shape[1])
        else:
            turn_inward(address_of(signs), row, row, rows.shape[1])


@dataclass(frozen=True)
class HadamardRotation:
    """U' = the first d rows of (1/D) H diag(s) H diag(r), r and s being random signs, D a power of two.

    Memory: the two sign vectors. Cost: O(D log D).
    """

    inner: int
    dimension: int
    numbers: Array  # r, then s / D
    kernel, hessian = hadamard_kernel, hadamard_band

    @classmethod
    def drawn(cls, inner: int, dimension: int | None, seed: int) -> "HadamardRotation":
        """The rotation of this seed, of R^inner into R^dimension; by default the least power of two."""
        least = 1 << (inner - 1).bit_length()
        size = least if dimension is None else dimension
        if size < inner or size & (size - 1):
            raise InputError(f"the dimension of a Hadamard rotation is a power of two from {least} on, got {size}")
        signs = np.random.default_rng(seed).choice([-1.0, 1.0], 2 * size)
        signs[size:] /= size
        return cls(inner, size, signs)

    def inward(self, points: Array) -> Array:
        """U'x for points (K, D) -> (K, d)."""
        rows = np.array(points, order="C")
        turn_rows(self.numbers, rows, False)
        return rows[:, : self.inner].copy()

    def outward(self, rows: Array) -> Array:
        """U y for rows (K, d) -> (K, D)."""
        wide = np.zeros((len(rows), self.dimension))
        wide[:, : self.inner] = rows
        turn_rows(self.numbers, wide, True)
        return wide + 0.0  # no -0.0
