"""The trust region of fixed radius: no values, no line search, no test of acceptance."""

import math

from algorithms.subproblems import LEAST_SMOOTHNESS, quadratic, trust_region_step
from oracles import Array, Bound, Numbers, Oracle, Scope, algorithm, norm

BEST_RADIUS = math.sqrt(2 / 5)  # in units of sqrt(epsilon / rho): k/2 - 5 k^3/12 is largest


def fixed_radius_rate(numbers: Numbers) -> float | None:
    """While |grad f| > epsilon after a step of length r = k sqrt(epsilon/rho), f falls by
    (k/2 - 5 k^3/12) epsilon^(3/2) rho^(-1/2).

    |grad f(x + s)| <= lambda r + rho r^2/2, so that lambda r > (1 - k^2/2) epsilon; then |s| = r, and f falls by at
    least lambda r^2/2 - rho r^3/6, as g's + s'Hs/2 = -lambda r^2/2 - s'(H + lambda I)s/2.
    """
    smoothness, given, k = numbers["hessian_smoothness"], numbers["method.hessian_smoothness"], numbers["method.radius"]
    if given < smoothness or numbers["target"] < numbers["method.target"]:
        return None
    fall = (k / 2 - 5 * k**3 / 12) * numbers["method.target"] ** 1.5
    return None if fall <= 0 else 2 + math.floor(numbers["gap"] * math.sqrt(given) / fall)


@algorithm(
    source="this project, after the analysis of Curtis, Lubberts, Robinson (2018)",
    zero_respecting=True,
    order=2,
    bounds=(
        Bound(
            side="upper",
            counted="queries",
            statement="queries <= 2 + floor(D sqrt(rho) / ((k/2 - 5 k^3/12) target^(3/2))): 3 sqrt(5/2) = 4.75 for the "
            "best radius k = sqrt(2/5)",
            formula=fixed_radius_rate,
            source="this project",
            tag="derived",
            exponent=1.5,
            scope=Scope(width=1),
        ),
    ),
)
def trust_region(
    oracle: Oracle, x0: Array, *, hessian_smoothness: float, target: float, radius: float = BEST_RADIUS
) -> Array | None:
    """x+ = x + s with s a global minimiser of g's + s'Hs/2 over |s| <= r, r = radius sqrt(epsilon / rho).

    hessian_smoothness: rho. target: epsilon. radius: in units of sqrt(epsilon / rho), below sqrt(6/5).
    It returns where no step goes down: g = 0 and H is positive semidefinite.

    Cost: one query of value, gradient and Hessian per iteration, one round; the value is not used. O(d^3) for an
    eigendecomposition.

    Use: the row of theory for second-order methods, with the constant of `cubic_newton`; its steps never grow, so that
    the way to go sets the count in practice.
    """
    x, reach = x0, radius * math.sqrt(target / max(hessian_smoothness, LEAST_SMOOTHNESS))
    while True:
        value, gradient, hessian = oracle.value_gradient_hessian(x)
        step, multiplier = trust_region_step(quadratic(gradient, hessian), reach)
        if norm(step) == 0.0:
            return x
        x = x + step
