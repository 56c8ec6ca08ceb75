"""Newton's method by conjugate gradients, with Hessian-vector products or with gradients alone."""

import math

import numpy as np

from algorithms.capped_cg import capped_cg
from algorithms.subproblems import LEAST_SMOOTHNESS, ROUNDING
from oracles import Array, Oracle, algorithm, inner, norm

ROYER_ONEILL_WRIGHT = "Royer, O'Neill, Wright, A Newton-CG algorithm with complexity guarantees, arXiv 1803.02924"


@algorithm(source=f"{ROYER_ONEILL_WRIGHT}, recalled", zero_respecting=True, order=2)
def newton_cg(
    oracle: Oracle,
    x0: Array,
    *,
    hessian_smoothness: float,
    target: float,
    difference: float = 0.0,
    accuracy: float = 0.5,
    decrease: float = 0.1,
) -> Array | None:
    """x+ = x + a d with d from `capped_cg` on H + 2 epsilon_H I, epsilon_H = sqrt(rho epsilon): Newton's direction, or
    one of negative curvature, of length |d'Hd| / (rho |d|^2) and downhill; a is the first of 1, 1/2, 1/4, .. such that
    f(x + a d) < f(x) - (decrease rho/6) a^3 |d|^3, but for rounding. It is the paper's method for f / rho, so
    that it has no scale of its own.

    hessian_smoothness: rho. target: epsilon. accuracy: zeta of the conjugate gradients.
    difference: 0: the oracle answers Hessian-vector products; h > 0: one more gradient at a distance h for each, so
    that instances without Hessians will do.
    It returns where double precision tells no step from x. Rate, recalled without constants: epsilon^(-3/2) steps and,
    but for logarithms, epsilon^(-7/4) products.

    Cost: a round of one query per iteration of the conjugate gradients, and one for each step a tried, whose gradient
    serves the next iteration. O(d) beside the product.

    Use: where d is too large for a Hessian; with a difference it is a first-order method.
    """
    smoothness = max(hessian_smoothness, LEAST_SMOOTHNESS)
    x, damping = x0, math.sqrt(smoothness * target)
    value, gradient = oracle.value_and_gradient(x)
    while norm(gradient) > 0.0:
        direction, bend, solved = capped_cg(oracle, x, gradient, damping, accuracy, difference)
        if not solved:
            size = norm(direction)
            direction = -math.copysign(bend / size / size / size / smoothness, inner(direction, gradient)) * direction
        length, step, share = norm(direction), 1.0, decrease / 6.0 * smoothness
        known = value + ROUNDING * abs(value)
        trial = x + direction
        trial_value, trial_gradient = oracle.value_and_gradient(trial)
        while trial_value >= known - share * (step * length) * (step * length) * (step * length):
            step = step / 2.0
            trial = x + step * direction
            if np.all(trial == x):
                return x
            trial_value, trial_gradient = oracle.value_and_gradient(trial)
        x, value, gradient = trial, trial_value, trial_gradient
    return x
