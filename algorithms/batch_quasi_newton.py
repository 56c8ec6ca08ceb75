"""A quasi-Newton model from K - 1 curvatures that are asked for in one round."""

import math

import numpy as np

from algorithms.fd_trust_region import FLATTEST
from algorithms.subproblems import cubic_step, quadratic
from oracles import Array, Bound, Numbers, Oracle, algorithm, compiled, inner, norm


def majorised_rate(numbers: Numbers) -> float | None:
    """B errs by 3 e at most, e = (h/2) sqrt(rho target), is otherwise at least the Hessian, and at most 2 L. With the
    multiplier l = rho |s|/2 of a step f falls by |g|^2 / (2 (2L + 3e + l)) + (2/3) l^2 (l - 9 e) / rho^2 at least:
    the second part is least for l = 6 e, and the first is good for l < L.
    """
    smoothness, roughness = numbers["method.smoothness"], numbers["method.hessian_smoothness"]
    target = numbers["method.target"]
    if (
        smoothness < numbers["smoothness"]
        or not numbers["hessian_smoothness"] <= roughness
        or numbers["target"] < target
    ):
        return None
    error = numbers["method.difference"] / 2 * math.sqrt(roughness * target)
    if smoothness <= 9 * error:
        return None
    fall = min(
        target**2 / (2 * (2 * smoothness + 12 * error)) - 72 * error**3 / roughness**2,
        target**2 / (2 * (3 * smoothness + 3 * error)),
        2 / 3 * smoothness**2 * (smoothness - 9 * error) / roughness**2,
    )
    return None if fall <= 0 else 1 + math.floor(numbers["gap"] / fall)


@algorithm(
    source="this project",
    deterministic=False,
    bounds=(
        Bound(
            side="upper",
            counted="rounds",
            statement="rounds <= 1 + D max(6 L / target^2, 3 rho^2 / (2 L^3)), a little more for differences, any K",
            formula=majorised_rate,
            source="this project",
            tag="derived",
            exponent=2.0,
        ),
    ),
)
def batch_quasi_newton(
    oracle: Oracle,
    x0: Array,
    *,
    smoothness: float,
    hessian_smoothness: float,
    target: float,
    width: int,
    rng: np.random.Generator,
    difference: float = 0.01,
) -> None:
    """A round asks for the gradients at x and at x + h' p_i for K - 1 random orthonormal p_i, which give H p_i by
    differences. With P the projection onto their span,

        B = P H + H P - P H P + L (I - P) >= H,

    so that f(x + s) <= f(x) + g's + s'Bs/2 + (rho/6) |s|^3, and x+ = x + s with the s that makes this least. For K = 1
    that is a gradient step of length at most |g|/L, for K = d + 1 a cubic Newton step.

    smoothness, hessian_smoothness: L, rho. target: epsilon; the method is run once for each. width: K; more than d + 1
    are not asked. difference: h, h' = h sqrt(target/rho) / sqrt(d).

    Cost: one round of K queries per iteration; O(d^3) besides.

    Use: between gradient descent and Newton's method, where a batch is larger than one and smaller than d.
    """
    roughness = max(hessian_smoothness, FLATTEST)
    spacing = difference * math.sqrt(target / roughness) / math.sqrt(x0.size)
    count = min(width - 1, x0.size)
    points = np.empty((count + 1, x0.size))
    x = x0
    while True:
        directions = orthonormal(rng.standard_normal((count, x0.size)))
        points[0] = x
        for i in range(count):
            points[1 + i] = x + spacing * directions[i]
        values, gradients = oracle.query(points)
        step, change = cubic_step(
            quadratic(gradients[0], majorant(directions, gradients, spacing, smoothness)), roughness
        )
        x = x + step


@compiled
def orthonormal(rows: Array) -> Array:
    """An orthonormal basis of the span of the rows (n, d), in their order; orthogonalised twice against rounding."""
    basis = rows.copy()
    for i in range(basis.shape[0]):
        for _ in range(2):
            for j in range(i):
                basis[i] -= inner(basis[i], basis[j]) * basis[j]
            basis[i] /= norm(basis[i])
    return basis


@compiled
def majorant(directions: Array, gradients: Array, spacing: float, smoothness: float) -> Array:
    """B = P H + H P - P H P + L (I - P) from differences along orthonormal directions (n, d). Cost: O(n d^2)."""
    count, dimension = directions.shape
    products = np.empty((count, dimension))  # H p_i, less half of P H p_i, so that B is symmetric
    for i in range(count):
        products[i] = (gradients[1 + i] - gradients[0]) / spacing
    for i in range(count):
        original = (gradients[1 + i] - gradients[0]) / spacing
        for j in range(count):
            products[i] -= 0.5 * inner(original, directions[j]) * directions[j]
    matrix = np.zeros((dimension, dimension))
    for a in range(dimension):
        matrix[a, a] = smoothness
        for i in range(count):
            p, q = directions[i, a], products[i, a]
            for b in range(dimension):
                matrix[a, b] += p * products[i, b] + q * directions[i, b] - smoothness * p * directions[i, b]
    return matrix
