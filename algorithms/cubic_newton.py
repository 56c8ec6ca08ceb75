"""Newton's method with cubic regularisation, the constant of the Hessian known."""

import math

from algorithms.subproblems import LEAST_SMOOTHNESS, cubic_step, quadratic
from oracles import Array, Bound, Numbers, Oracle, Scope, algorithm, norm

NESTEROV_POLYAK = "Nesterov, Polyak, Cubic regularization of Newton method and its global performance, 2006"


def steps_needed(numbers: Numbers, regularisation: float, share: float) -> int:
    """The most steps until |grad f| <= epsilon, if each step s falls by share |s|^3.

    As |grad f(x + s)| <= ((M + rho)/2) |s|^2, each step but the last falls by more than
    share (2 epsilon / (M + rho))^(3/2).
    """
    fall: float = share * (2 * numbers["target"] / (regularisation + numbers["hessian_smoothness"])) ** 1.5
    return max(1, math.ceil(numbers["gap"] / fall))


def exact_model_rate(numbers: Numbers) -> float | None:
    """A step falls by (3 M - 2 rho)/12 |s|^3: the model by (M/12) |s|^3, and f lies (M - rho)/6 |s|^3 below the model.

    The model: g's = -s'Hs - (M/2) |s|^3 and s'Hs >= -(M/2) |s|^3. The factor 12 ((m + 1)/2)^(3/2) / (3 m - 2) with
    m = M/rho is least at m = 4, where it is 3 sqrt(5/2) = 4.74, and 12 at m = 1.
    """
    smoothness = numbers["hessian_smoothness"]
    regularisation = numbers["method.regularisation"] * numbers["method.hessian_smoothness"]
    share = (3 * regularisation - 2 * smoothness) / 12
    return None if share <= 0 else 1 + steps_needed(numbers, regularisation, share)


@algorithm(
    source=NESTEROV_POLYAK,
    zero_respecting=True,
    order=2,
    bounds=(
        Bound(
            side="upper",
            counted="queries",
            statement="queries <= 1 + ceil(12 ((M + rho)/2)^(3/2) / (3 M - 2 rho) D / target^(3/2)): 4.75 sqrt(rho) "
            "for M = 4 rho, 12 sqrt(rho) for M = rho",
            formula=exact_model_rate,
            source=f"this project, after {NESTEROV_POLYAK}",
            tag="derived",
            exponent=1.5,
            scope=Scope(width=1),
        ),
    ),
)
def cubic_newton(oracle: Oracle, x0: Array, *, hessian_smoothness: float, regularisation: float = 4.0) -> Array | None:
    """x+ = x + s with s the global minimiser of g's + s'Hs/2 + (M/6) |s|^3, M = regularisation rho.

    hessian_smoothness: rho. regularisation: M in units of rho; 4 has the best guarantee, 1 is Nesterov's and Polyak's.
    It returns where no step goes down: g = 0 and H is positive semidefinite.

    Cost: one query of value, gradient and Hessian per iteration, one round; O(d^3) for an eigendecomposition.

    Use: where rho is known and Hessians are to be had; of the order of epsilon^(-3/2), which no method improves on.
    """
    x, weight = x0, regularisation * max(hessian_smoothness, LEAST_SMOOTHNESS)
    while True:
        value, gradient, hessian = oracle.value_gradient_hessian(x)
        step, change = cubic_step(quadratic(gradient, hessian), weight)
        if norm(step) == 0.0:
            return x
        x = x + step
