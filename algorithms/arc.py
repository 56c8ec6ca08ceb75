"""Newton's method with cubic regularisation that finds its weight on the way (ARC)."""

import math

from algorithms.cubic_newton import NESTEROV_POLYAK, steps_needed
from algorithms.subproblems import LEAST_SMOOTHNESS, ROUNDING, cubic_step, quadratic
from oracles import Array, Bound, Numbers, Oracle, Scope, algorithm, norm

CARTIS_GOULD_TOINT = "Cartis, Gould, Toint, Adaptive cubic regularisation methods, Math. Program. 127 and 130 (2011)"


def trials(numbers: Numbers) -> float | None:
    """1 + 2 N + max(0, ceil(log2(rho / M0))) queries with N accepted steps.

    A trial with M >= rho is accepted, so that M stays below 2 rho unless it began above; each accepted step falls by
    (M/12) |s|^3, and N is largest at one end of the range of M, because (M + rho)^(3/2) / M has no other maximum. Each
    rejection doubles M, each step but the last halves it at most: fewer than N + log2(rho / M0) rejections.
    """
    smoothness, unit = numbers["hessian_smoothness"], max(numbers["method.hessian_smoothness"], LEAST_SMOOTHNESS)
    first, least = numbers["method.initial"] * unit, numbers["method.least"] * unit
    if not 0 < least <= first:
        return None
    steps = max(steps_needed(numbers, weight, weight / 12) for weight in (least, max(first, 2 * smoothness)))
    return 1 + 2 * steps + (max(0, math.ceil(math.log2(smoothness / first))) if smoothness > 0 else 0)


@algorithm(
    source=CARTIS_GOULD_TOINT,
    zero_respecting=True,
    order=2,
    bounds=(
        Bound(
            side="upper",
            counted="queries",
            statement="queries <= 1 + 2 N + max(0, ceil(log2(rho / M0))), N = ceil(12 ((M + rho)/2)^(3/2) / M D / "
            "target^(3/2)) for the worse of M = least and M = max(2 rho, M0): 23.8 sqrt(rho) for least = rho/4",
            formula=trials,
            source=f"this project, after {NESTEROV_POLYAK}",
            tag="derived",
            exponent=1.5,
            scope=Scope(width=1),
        ),
    ),
)
def arc(
    oracle: Oracle, x0: Array, *, hessian_smoothness: float = 1.0, initial: float = 1.0, least: float = 0.25
) -> Array | None:
    """The step s of `cubic_newton` with the weight M is taken if f(x + s) is at most the value of the model; then M is
    halved, else doubled.

    hessian_smoothness: rho, or any unit of M where nobody knows it. initial, least: the first M and the smallest
    one, in this unit; without a positive least value there is no guarantee. It returns where no step goes down.

    Cost: one query of value, gradient and Hessian per trial, one round; O(d^3) for an eigendecomposition per step.

    Use: the practical second-order method: it needs no constants, and M follows the local curvature down.
    """
    unit = max(hessian_smoothness, LEAST_SMOOTHNESS)
    x, weight, smallest = x0, initial * unit, least * unit
    value, gradient, hessian = oracle.value_gradient_hessian(x)
    model = quadratic(gradient, hessian)
    while True:
        step, change = cubic_step(model, weight)
        if norm(step) == 0.0:
            return x
        trial = x + step
        trial_value, gradient, hessian = oracle.value_gradient_hessian(trial)
        if trial_value <= value + change + ROUNDING * abs(value):
            x, value, model = trial, trial_value, quadratic(gradient, hessian)
            weight = max(weight / 2.0, smallest)
        else:
            weight = 2.0 * weight
