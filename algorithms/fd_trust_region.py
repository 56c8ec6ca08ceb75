"""A trust region of fixed radius, with the Hessian by differences of gradients that are asked for in one round."""

import math

from algorithms.differences import difference_hessian, stencil
from algorithms.rounds import in_rounds, rounds_of
from algorithms.subproblems import quadratic, trust_region_step
from oracles import Array, Bound, Numbers, Oracle, algorithm

FLATTEST = 1e-12  # in place of a Lipschitz constant of 0 for the Hessian of a quadratic: any greater one is one too


def fixed_radius_rate(numbers: Numbers) -> float | None:
    """In units of epsilon, rho and d: radius r, spacing h, so that H errs by h/2 at most. With the multiplier lambda of
    a step either lambda >= 1/r - h/2 - r/2, the step has length r and f falls by
    lambda r^2/2 - h r^2/4 - r^3/6 >= r/2 - h r^2/2 - 5 r^3/12 = c, or the next gradient is at most
    lambda r + h r/2 + r^2/2 <= 1. At most D/c steps are of the first kind before one of the second.
    """
    roughness, target = numbers["method.hessian_smoothness"], numbers["method.target"]
    r, h = numbers["method.radius"], numbers["method.difference"]
    fall = r / 2 - h * r**2 / 2 - 5 * r**3 / 12
    if roughness < numbers["hessian_smoothness"] or numbers["target"] < target or fall <= 0 or 1 / r <= h / 2 + r / 2:
        return None
    steps = math.floor(numbers["gap"] * math.sqrt(roughness) / (fall * target * math.sqrt(target)))
    return 1 + (1 + steps) * rounds_of(1 + numbers["dimension"], numbers)


@algorithm(
    source="this project, after Curtis, Lubberts, Robinson, Concise complexity analyses for trust-region methods",
    bounds=(
        Bound(
            side="upper",
            counted="rounds",
            statement="rounds <= 1 + (1 + D rho^(1/2) target^(-3/2) / c) ceil((d + 1) / K), "
            "c = r/2 - h r^2/2 - 5 r^3/12 (5.71 D rho^(1/2) target^(-3/2) + 2 for K > d)",
            formula=fixed_radius_rate,
            source="this project",
            tag="derived",
            exponent=1.5,
        ),
    ),
)
def fd_trust_region(
    oracle: Oracle,
    x0: Array,
    *,
    hessian_smoothness: float,
    target: float,
    width: int = 0,
    radius: float = 0.56,
    difference: float = 0.2,
) -> None:
    """x+ = x + s, s the least point of g's + s'Hs/2 over |s| <= r sqrt(target/rho), with H the difference quotients of
    the gradients at x, x + h' e_1, .., x + h' e_d, h' = h sqrt(target/rho) / sqrt(d).

    No step is ever refused, and no value is looked at. r = 1/sqrt(1.75) = 0.756, h = r/2 give the simplest proof
    (multiplier at least sqrt(rho target') or |grad f(x+)| <= 1.75 target', with target' = target/1.75), and 11.2 in
    place of 5.71.

    hessian_smoothness: rho. target: epsilon; the method is run once for each. width: K, the most queries per round;
    0: as many as there are. radius: r. difference: h.

    Cost: d + 1 queries in ceil((d + 1) / K) rounds per iteration; O(d^3) besides.

    Use: for a guarantee in rounds with explicit constants. Its steps are short: `parallel_cubic_newton` is its
    practical twin.
    """
    scale = math.sqrt(target / max(hessian_smoothness, FLATTEST))
    spacing = difference * scale / math.sqrt(x0.size)
    x = x0
    while True:
        points = stencil(x, spacing, False)
        values, gradients = in_rounds(oracle, points, width)
        model = quadratic(gradients[0], difference_hessian(points, gradients))
        step, multiplier = trust_region_step(model, radius * scale)
        x = x + step
