"""A non-convex control from practice: the chained Rosenbrock function."""

import numpy as np

from oracles import Array, Claim, Claims, InputError, Instance, KernelFunction, family, kernel

TOINT = "Toint, Some numerical results using a sparse matrix updating formula, Math. Comp. 32 (1978)"


CUSTOM = "customary, for the lengths of steps from the start"


@kernel
def rosenbrock_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """sum_{i<d} 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2; no parameters."""
    value = 0.0
    gradient[0] = 0.0
    for i in range(dimension - 1):
        valley = x[i + 1] - x[i] * x[i]
        offset = 1.0 - x[i]
        value += 100.0 * valley * valley + offset * offset
        gradient[i] -= 400.0 * valley * x[i] + 2.0 * offset
        gradient[i + 1] = 200.0 * valley
    return value


@kernel
def rosenbrock_band(x: Array, band: Array, dimension: int, parameters: Array) -> float:
    """The diagonal of the Hessian, then the entries below it; no parameters."""
    band[0] = 0.0
    for i in range(dimension - 1):
        band[i] += 1200.0 * x[i] * x[i] - 400.0 * x[i + 1] + 2.0
        band[i + 1] = 200.0
        band[dimension + i] = -400.0 * x[i]
    band[2 * dimension - 1] = 0.0
    return 0.0


@family(example={"dimension": 4}, source=TOINT)
def chained_rosenbrock(*, dimension: int = 10) -> Instance:
    """f(x) = sum_{i<d} 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2, start (-1.2, 1, -1.2, 1, ..).

    Its gradient is not Lipschitz on R^d, so that no smoothness is claimed. The customary numbers are what methods take
    in place of Lipschitz constants: steps of the order of 1/1500 come down from the start, though already at the
    solution the norm of the Hessian tends to 1802 with d.
    """
    if dimension < 2:
        raise InputError(f"chained_rosenbrock needs dimension >= 2, got {dimension}")
    start = np.where(np.arange(dimension) % 2 == 0, -1.2, 1.0)
    value = float(np.sum(100 * (start[1:] - start[:-1] ** 2) ** 2 + (1 - start[:-1]) ** 2))
    return Instance(
        name="chained_rosenbrock",
        function=KernelFunction(rosenbrock_kernel, np.zeros(1), rosenbrock_band),
        start=start,
        claims=Claims(
            Claim("customary_smoothness", 1500.0, "recalled", f"{CUSTOM}; the gradient is not Lipschitz"),
            Claim("customary_hessian_smoothness", 2500.0, "recalled", f"{CUSTOM}; nor is the Hessian"),
            Claim("gap", value, "derived", "f(start), as inf f = 0"),
        ),
        target=1e-3,
    )
