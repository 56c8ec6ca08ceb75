"""The trust region that contracts and expands so as to keep the rate epsilon^(-3/2) (TRACE)."""

import math

import numpy as np

from algorithms.subproblems import (
    HALVINGS,
    LEAST_SMOOTHNESS,
    Quadratic,
    quadratic,
    shifted_step,
    trust_region_step,
)
from oracles import Array, Oracle, algorithm, compiled, norm

TRACE = (
    "Curtis, Robinson, Samadi, A trust region algorithm with a worst-case iteration complexity of O(epsilon^{-3/2}) "
    "for nonconvex optimization, Math. Program. 162 (2017)"
)
CONTRACTION, EXPANSION, SHIFT_GROWTH = 0.5, 2.0, 2.0  # gamma_C, gamma_E, gamma_lambda
TIE = 1 + 2.0**-40  # sigma may be lambda / |s| of this very step, which (lambda / |s|) |s| misses by a rounding


@compiled
def contracted(model: Quadratic, length: float, multiplier: float, steepness: float, low: float, high: float) -> float:
    """The next radius after a rejected step of this length: that of a step with a larger shift.

    Where lambda < low |s|, the shift lambda + sqrt(low |g|), reduced until it is at most high times the new length;
    else twice lambda, but no less than half of the length.
    """
    if multiplier >= low * length:
        size: float = norm(shifted_step(model, SHIFT_GROWTH * multiplier))
        return max(size, CONTRACTION * length)
    shift = multiplier + math.sqrt(low * steepness)
    size = norm(shifted_step(model, shift))
    below, above = multiplier, shift
    for _ in range(HALVINGS):
        if low * size <= shift <= high * size:
            break
        if shift > high * size:
            above = shift
        else:
            below = shift
        shift = 0.5 * (below + above)
        size = norm(shifted_step(model, shift))
    return size if size > 0.0 else CONTRACTION * length  # 0 only where g = 0


@algorithm(source=f"{TRACE}, the listing recalled", zero_respecting=True, order=2)
def trace(
    oracle: Oracle,
    x0: Array,
    *,
    hessian_smoothness: float = 1.0,
    initial_radius: float = 1.0,
    acceptance: float = 0.1,
    low: float = 0.01,
    high: float = 100.0,
) -> Array | None:
    """A step s of the radius delta with the multiplier lambda is taken if f falls by acceptance |s|^3 and lambda is at
    most sigma |s|, or the radius is the largest allowed; if f falls less the radius contracts, else it expands to
    lambda / sigma. sigma is the largest lambda / |s| of a step that was taken or came after a contraction.

    hessian_smoothness: rho, or any unit of the next three where nobody knows it. acceptance: least fall. low, high: the
    least sigma, and the range of lambda / |s| after a contraction from a smaller lambda. initial_radius: the first
    radius and the first largest one. It returns where no step goes down, or none that double precision can tell.
    Rate: of the order of epsilon^(-3/2), recalled without its constant.

    Cost: one query of value, gradient and Hessian per trial, one round; O(d^3) for an eigendecomposition per step.

    Use: a trust region with the optimal rate that knows no constants; compare with `arc`.
    """
    unit = max(hessian_smoothness, LEAST_SMOOTHNESS)
    x, radius, largest, sigma = x0, initial_radius, initial_radius, low * unit
    value, gradient, hessian = oracle.value_gradient_hessian(x)
    model, steepness = quadratic(gradient, hessian), norm(gradient)
    while True:
        step, multiplier = trust_region_step(model, radius)
        trial, length = x + step, norm(step)
        if np.all(trial == x):
            return x
        trial_value, gradient, hessian = oracle.value_gradient_hessian(trial)
        enough = value - trial_value >= acceptance * unit * length * length * length
        if enough and (multiplier <= TIE * sigma * length or radius >= largest):
            x, value, model, steepness = trial, trial_value, quadratic(gradient, hessian), norm(gradient)
            largest = max(largest, EXPANSION * length)
            radius = min(largest, max(radius, EXPANSION * length))
            sigma = max(sigma, multiplier / length)
        elif enough:
            radius = min(largest, multiplier / sigma)
        else:
            radius = contracted(model, length, multiplier, steepness, low * unit, high * unit)
            _, multiplier = trust_region_step(model, radius)
            sigma = max(sigma, multiplier / radius)
