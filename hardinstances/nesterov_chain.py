"""Nesterov's worst function in the world: the convex quadratic chain."""

import math

import numpy as np

from hardinstances.progress import last_above
from oracles import Array, Bound, Claim, Claims, InputError, Instance, KernelFunction, Numbers, Scope, family, kernel

LECTURES = "Nesterov, Lectures on convex optimization, section 2.1.2"


@kernel
def nesterov_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """(L/4) (x'Ax/2 - x_1) with A = tridiag(-1, 2, -1); parameters: L."""
    quarter = parameters[0] / 4.0
    value = 0.0
    for i in range(dimension):
        row = 2.0 * x[i]
        if i > 0:
            row -= x[i - 1]
        if i + 1 < dimension:
            row -= x[i + 1]
        if i == 0:
            row -= 1.0
            value -= 0.5 * x[i]
        gradient[i] = quarter * row
        value += 0.5 * x[i] * row
    return quarter * value


@kernel
def nesterov_band(x: Array, band: Array, dimension: int, parameters: Array) -> float:
    """The two diagonals of (L/4) A; parameters: L."""
    for i in range(dimension):
        band[i] = parameters[0] / 2.0
        band[dimension + i] = -parameters[0] / 4.0 if i + 1 < dimension else 0.0
    return 0.0


def least_gradient(support: int) -> float:
    """The least norm of Ax - e_1 over x supported on the first m < k coordinates: sqrt(6 / ((m+1)(m+2)(2m+3)))."""
    return math.sqrt(6 / ((support + 1) * (support + 2) * (2 * support + 3)))


def rounds_bound(length: int, smoothness: float) -> Bound:
    """Round t asks points supported on t - 1 coordinates, so that the first m with a small enough gradient counts."""

    def rounds(numbers: Numbers) -> float:
        needed = 4 * numbers["target"] / smoothness
        return 1.0 + next((m for m in range(length) if least_gradient(m) <= needed), length)

    return Bound(
        side="lower",
        counted="rounds",
        statement="rounds >= 1 + min{ m : (L/4) sqrt(6 / ((m+1)(m+2)(2m+3))) <= target }, at most k + 1",
        formula=rounds,
        source=f"{LECTURES}; the least gradient in closed form: this project",
        tag="derived",
        exponent=2 / 3,
        scope=Scope("zero-respecting", order=1),
    )


@family(example={"length": 5}, source=LECTURES)
def nesterov_chain(*, length: int, smoothness: float = 1.0) -> Instance:
    """f(x) = (L/4) (x'Ax/2 - x_1), A = tridiag(-1, 2, -1) in R^k, start 0; convex, with x*_i = 1 - i/(k+1).

    length: k = d. smoothness: L. f(0) - inf f = (L/8) (1 - 1/(k+1)).
    The gradient at a point supported on m coordinates is supported on m + 1, its norm at least
    (L/4) sqrt(6 / ((m+1)(m+2)(2m+3))) for m < k. Cost: O(k) per query.
    """
    if length < 1 or not (0 < smoothness < math.inf):
        raise InputError(f"nesterov_chain needs length >= 1 and smoothness > 0, got {length} and {smoothness:g}")
    return Instance(
        name="nesterov_chain",
        function=KernelFunction(nesterov_kernel, np.array([smoothness]), nesterov_band, bandwidth=1),
        start=np.zeros(length),
        claims=Claims(
            Claim("smoothness", smoothness, "published", LECTURES),
            Claim("gap", smoothness / 8 * (1 - 1 / (length + 1)), "published", LECTURES),
            Claim("length", float(length), "derived", "the number of coordinates"),
        ),
        bounds=(rounds_bound(length, smoothness),),
        progress=last_above(0.0),
    )
