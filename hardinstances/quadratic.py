"""A convex control: an ill-conditioned quadratic."""

import math

import numpy as np

from oracles import Array, Claim, Claims, InputError, Instance, KernelFunction, family, kernel


@kernel
def quadratic_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """(1/2) sum_i lambda_i x_i^2; parameters: the lambda_i."""
    value = 0.0
    for i in range(dimension):
        gradient[i] = parameters[i] * x[i]
        value += 0.5 * gradient[i] * x[i]
    return value


@kernel
def quadratic_band(x: Array, band: Array, dimension: int, parameters: Array) -> float:
    """The diagonal of the Hessian; parameters: the lambda_i."""
    for i in range(dimension):
        band[i] = parameters[i]
    return 0.0


@family(example={"dimension": 5}, source="textbook")
def quadratic(*, dimension: int = 10, condition: float = 100.0, smoothness: float = 1.0) -> Instance:
    """f(x) = (1/2) sum_i lambda_i x_i^2 with lambda_i spaced geometrically from L/condition to L; start (1, .., 1)."""
    if dimension < 1 or not (1 <= condition < math.inf and 0 < smoothness < math.inf):
        raise InputError(
            f"quadratic needs dimension >= 1, condition >= 1, smoothness > 0, got {dimension}, {condition:g}, "
            f"{smoothness:g}"
        )
    eigenvalues = smoothness * np.geomspace(1 / condition, 1, dimension)
    if dimension == 1:
        eigenvalues = np.array([smoothness])
    return Instance(
        name="quadratic",
        function=KernelFunction(quadratic_kernel, eigenvalues, quadratic_band, bandwidth=0),
        start=np.ones(dimension),
        claims=Claims(
            Claim("smoothness", smoothness, "derived", "the largest eigenvalue"),
            Claim("hessian_smoothness", 0.0, "derived", "the Hessian is constant"),
            Claim("gap", float(eigenvalues.sum()) / 2, "derived", "f(start), as inf f = 0"),
        ),
    )
