"""The cosine mixture: |W| by pivots of L - W in ball arithmetic; the higher derivatives and the gap from it.

f = sum a_i (1 - cos(w_i'x + b_i)), a_i > 0, has Hessians between -W and W = sum a_i w_i w_i'.
"""

from typing import NamedTuple

import numpy as np
from flint import arb, ctx

from hardinstances.certify.forms import Number, at_most, largest_of
from hardinstances.cosine_mixture import cosine_kernel
from oracles import Array, Instance, KernelFunction

PRECISION = 128
MARGIN = 1 + 5e-14  # of the eigenvalue that doubles give


class Mixture(NamedTuple):
    """Amplitudes (n,), phases (n,), frequencies (n, d), as doubles."""

    amplitudes: Array
    phases: Array
    frequencies: Array


def mixture_of(instance: Instance) -> Mixture | None:
    """The mixture that an instance is, with amplitudes >= 0; None where it is another function."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not cosine_kernel:
        return None
    rows = function.parameters[1:].reshape(int(function.parameters[0]), instance.dimension + 2)
    return Mixture(rows[:, 0], rows[:, 1], rows[:, 2:]) if np.isfinite(rows).all() and (rows[:, 0] >= 0).all() else None


def is_mixture(instance: Instance) -> bool:
    """Whether it is a cosine mixture."""
    return mixture_of(instance) is not None


def largest_eigenvalue(weights: Array, frequencies: Array) -> arb:
    """A bound on that of sum weight_i w_i w_i': just above it in doubles, if all pivots of bound - W are positive."""
    guess = float(np.linalg.eigvalsh((frequencies.T * weights) @ frequencies)[-1]) * MARGIN
    with ctx.workprec(PRECISION):
        rows = [[arb(float(entry)) for entry in row] for row in frequencies]
        a = [arb(float(weight)) for weight in weights]
        d = frequencies.shape[1]
        matrix = [
            [(arb(guess) if i == j else arb(0)) - sum((w * v[i] * v[j] for w, v in zip(a, rows, strict=True)), arb(0))
             for j in range(d)]
            for i in range(d)
        ]  # fmt: skip
        return arb(guess) if all_pivots_positive(matrix) else arb("inf")


def all_pivots_positive(matrix: list[list[arb]]) -> bool:
    """Whether elimination proves a symmetric matrix positive definite."""
    d = len(matrix)
    for k in range(d):
        if not matrix[k][k] > 0:
            return False
        for i in range(k + 1, d):
            factor = matrix[i][k] / matrix[k][k]
            matrix[i] = [*matrix[i][: k + 1], *(matrix[i][j] - factor * matrix[k][j] for j in range(k + 1, d))]
    return True


def derivative(order: int) -> Number:
    """|W| max |w_i|^(p - 2): of the p-th derivative, p = 2, 3, 4."""

    def number(instance: Instance) -> arb:
        one = mixture_of(instance)
        assert one is not None
        squares = [sum((arb(float(x)) ** 2 for x in row), arb(0)) for row in one.frequencies]
        return largest_eigenvalue(one.amplitudes, one.frequencies) * largest_of(squares).sqrt() ** (order - 2)

    return number


def height(instance: Instance) -> arb:
    """The value at the start, sum a_i (1 - cos(w_i'x0 + b_i))."""
    one = mixture_of(instance)
    assert one is not None
    total, start = arb(0), [arb(float(x)) for x in instance.start]
    for a, b, w in zip(one.amplitudes, one.phases, one.frequencies, strict=True):
        phase = arb(float(b)) + sum((arb(float(u)) * x for u, x in zip(w, start, strict=True)), arb(0))
        total += arb(float(a)) * (1 - phase.cos())
    return total


BOUNDED = "all Hessians are within W = sum a_i w_i w_i', and all pivots of bound - W are positive in ball arithmetic"
HIGHER = f"|W| max |w_i|^(p - 2): {BOUNDED}; not met, as the cosines of all terms are not 1 at once"
at_most("cosine mixture, smoothness", "smoothness", is_mixture, derivative(2), BOUNDED)
at_most("cosine mixture, third derivative", "hessian_smoothness", is_mixture, derivative(3), HIGHER)
at_most("cosine mixture, fourth derivative", "third_order_smoothness", is_mixture, derivative(4), HIGHER)
at_most("cosine mixture, gap", "gap", is_mixture, height, "f(x0), as f >= 0")
