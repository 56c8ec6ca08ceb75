"""The third-order model of a function from gradients, and its minimiser in few dimensions."""

import math

import numpy as np

from algorithms.subproblems import cubic_step, quadratic, times
from oracles import Array, compiled, inner, norm

MOST = 500  # steps of the inner solver


@compiled
def stencil(x: Array, h: float) -> Array:
    """X, x + h e_i, x - h e_i, and for i < j x + h (e_i + e_j), x - h (e_i + e_j): (d^2 + d + 1, d)."""
    d = x.size
    points = np.empty((d * d + d + 1, d))
    points[:] = x
    row = 2 * d + 1
    for i in range(d):
        points[1 + i, i] += h
        points[1 + d + i, i] -= h
        for j in range(i + 1, d):
            points[row, i] += h
            points[row, j] += h
            points[row + 1, i] -= h
            points[row + 1, j] -= h
            row += 2
    return points


@compiled
def derivatives(gradients: Array, h: float) -> tuple[Array, Array]:
    """The Hessian (d, d) and the third derivative (d, d, d) by central differences of the gradients on the stencil.

    With S(v) = grad f(x + h v) + grad f(x - h v) - 2 grad f(x) the vector D^3 f [e_i, e_i] is S(e_i) / h^2, and
    D^3 f [e_i, e_j] is (S(e_i + e_j) - S(e_i) - S(e_j)) / (2 h^2). Both are made symmetric.
    """
    d = gradients.shape[1]
    hessian, third = np.empty((d, d)), np.empty((d, d, d))
    sums = gradients[1 : d + 1] + gradients[d + 1 : 2 * d + 1] - 2.0 * gradients[0]
    row = 2 * d + 1
    for i in range(d):
        hessian[i] = (gradients[1 + i] - gradients[1 + d + i]) / (2.0 * h)
        third[i, i] = sums[i] / h / h
        for j in range(i + 1, d):
            both = gradients[row] + gradients[row + 1] - 2.0 * gradients[0]
            third[i, j] = third[j, i] = 0.5 * (both - sums[i] - sums[j]) / h / h
            row += 2
    symmetric = np.empty((d, d, d))
    for i in range(d):
        for j in range(d):
            for k in range(d):
                symmetric[i, j, k] = (third[i, j, k] + third[j, k, i] + third[k, i, j]) / 3.0
    return 0.5 * (hessian + hessian.T), symmetric


@compiled
def model_at(s: Array, gradient: Array, hessian: Array, third: Array, weight: float) -> tuple[float, Array, Array]:
    """M(s) = g's + s'Hs/2 + T[s, s, s]/6 + (M/24) |s|^4 with its gradient (d,) and Hessian (d, d)."""
    square, along = inner(s, s), np.empty(hessian.shape)
    for i in range(s.size):
        along[i] = times(third[i], s)
    Hs, Tss = times(hessian, s), times(along, s)
    value = inner(gradient, s) + 0.5 * inner(Hs, s) + inner(Tss, s) / 6.0 + weight / 24.0 * square * square
    slope = gradient + Hs + 0.5 * Tss + weight / 6.0 * square * s
    bend = hessian + along
    for i in range(s.size):
        bend[i] += weight / 3.0 * s[i] * s
        bend[i, i] += weight / 6.0 * square
    return value, slope, bend


@compiled
def natural_length(slope: float, weight: float) -> float:
    """(slope / weight)^(1/3): the length of a step where the fourth-order term takes over."""
    length: float = (slope / weight) ** (1.0 / 3.0)
    return length


@compiled
def minimised(gradient: Array, hessian: Array, third: Array, weight: float, accuracy: float) -> Array:
    """A step s (d,) that goes down the model of `model_at` to |grad m(s)| <= accuracy |s|^3; 0 if g = 0.

    By Newton's method with cubic regularisation, which adapts its own weight. Cost: O(d^3) per inner step.
    """
    s, value, slope, bend = np.zeros(gradient.size), 0.0, gradient, hessian
    regularisation = weight * natural_length(norm(gradient), weight) + math.sqrt(inner(third.ravel(), third.ravel()))
    inside = quadratic(slope, bend)
    for _ in range(MOST):
        if norm(slope) <= accuracy * norm(s) * norm(s) * norm(s):
            break
        step, change = cubic_step(inside, regularisation)
        trial_value, trial_slope, trial_bend = model_at(s + step, gradient, hessian, third, weight)
        if trial_value <= value + 0.1 * change:
            s, value, slope, bend = s + step, trial_value, trial_slope, trial_bend
            inside = quadratic(slope, bend)
            regularisation = 0.5 * regularisation
        else:
            regularisation = 2.0 * regularisation
    return s
