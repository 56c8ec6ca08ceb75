"""Conjugate gradients that stop at the first sign of negative curvature."""

import math

import numpy as np

from algorithms.guesses import with_room
from oracles import Array, Oracle, asking, compiled, inner, norm

NOTHING = 1e-15  # relative to the first residual: what is left is rounding


@asking
def product(oracle: Oracle, x: Array, gradient: Array, vector: Array, difference: float) -> Array:
    """The product (d,) of the Hessian at x (d,), where the gradient is known, and a vector (d,); a round of one query.

    difference: 0: a product of the oracle's; h > 0: the difference of two gradients at the distance h, one of them new.
    """
    if difference == 0.0:
        return oracle.hessian_vector(x, vector)
    length: float = norm(vector)
    return (oracle.gradient(x + (difference / length) * vector) - gradient) * (length / difference)


@compiled
def decay(largest: float, damping: float) -> tuple[float, float, float]:
    """Kappa = (M + 2 epsilon_H) / epsilon_H, tau = sqrt(kappa) / (sqrt(kappa) + 1), and log sqrt(T) with
    T = 4 kappa^4 / (1 - sqrt(tau))^2, where M = largest is the largest |H v| / |v| seen.
    """
    condition = (largest + 2.0 * damping) / damping
    root = math.sqrt(condition)
    tau = root / (root + 1.0)
    return condition, tau, math.log(2.0) + 2.0 * math.log(condition) + math.log((1.0 + math.sqrt(tau)) * (root + 1.0))


@compiled
def between(iterates: Array, residuals: Array, count: int, y: Array, r: Array, damping: float) -> tuple[Array, float]:
    """A difference d = y - y_i, i < count, with d'(H + 2 epsilon_H I) d < epsilon_H |d|^2, and d'Hd; zero if rounding
    hides it. (H + 2 epsilon_H I)(y - y_i) = r - r_i with the residuals.
    """
    for i in range(count):
        direction = y - iterates[i]
        bend, square = inner(direction, r - residuals[i]), inner(direction, direction)
        if bend < damping * square:
            return direction, bend - 2.0 * damping * square
    return np.zeros(y.size), 0.0


@asking
def capped_cg(
    oracle: Oracle, x: Array, gradient: Array, damping: float, accuracy: float, difference: float
) -> tuple[Array, float, bool]:
    """A direction d (d,), its d'Hd or 0, and whether it solves (H + 2 epsilon_H I) d = -g to a relative residual; if
    not, d'Hd < -epsilon_H |d|^2.

    gradient: g != 0 at x. damping: epsilon_H > 0. accuracy: zeta; the residual falls to zeta / (3 kappa), kappa being
    the condition number by the largest |H v| / |v| seen. difference: see `product`.
    Where the residual falls more slowly than sqrt(T) (sqrt(kappa) / (sqrt(kappa) + 1))^(j/2), as it does for no
    positive definite matrix, an earlier iterate shows the negative curvature; so all of them are kept.
    Cost: a round of one query per iteration; of the order of min(d, sqrt(kappa) log(kappa / zeta)) of them.
    Source: Royer, O'Neill, Wright, arXiv 1803.02924, Algorithm 1, recalled.
    """
    iterates, residuals = np.zeros((8, x.size)), np.zeros((8, x.size))
    y, r, p = np.zeros(x.size), gradient.copy(), -gradient
    before, beta, largest, first, j = np.zeros(x.size), 0.0, 0.0, norm(gradient), 0
    while norm(r) > NOTHING * first:
        Hp = product(oracle, x, gradient, p, difference)
        largest = max(largest, norm(Hp) / norm(p))
        if j > 0:
            Hy, Hr = r - gradient - 2.0 * damping * y, beta * before - Hp
            largest = max(largest, norm(Hy) / norm(y), norm(Hr) / norm(r))
            if inner(y, Hy) < -damping * inner(y, y):
                return y, inner(y, Hy), False
        condition, tau, log_root = decay(largest, damping)
        if j > 0 and norm(r) <= accuracy / (3.0 * condition) * first:
            break
        if inner(p, Hp) < -damping * inner(p, p):
            return p, inner(p, Hp), False
        slow = math.log(norm(r) / first) > log_root + 0.5 * j * math.log(tau)
        if j == iterates.shape[0]:
            iterates, residuals = with_room(iterates), with_room(residuals)
        iterates[j], residuals[j] = y, r
        Ap, squares = Hp + 2.0 * damping * p, inner(r, r)
        step = squares / inner(p, Ap)
        y, r = y + step * p, r + step * Ap
        if slow:
            direction, bend = between(iterates, residuals, j, y, r, damping)
            if bend < 0.0:
                return direction, bend, False
        beta = inner(r, r) / squares
        p, before, j = beta * p - r, Hp, j + 1
    return y, 0.0, True
