"""Cubic regularisation with a Hessian that serves several steps: for fewer queries per round than coordinates."""

import math

from algorithms.differences import difference_hessian, stencil
from algorithms.fd_trust_region import FLATTEST
from algorithms.rounds import in_rounds, rounds_of
from algorithms.subproblems import cubic_step, quadratic
from oracles import Array, Bound, Numbers, Oracle, algorithm

LAZY = "Doikov, Chayti, Jaggi, Second-order optimization with lazy Hessians, arXiv 2212.00781"


def lazy_rate(numbers: Numbers) -> float | None:
    """In units of epsilon and rho, with M = c m, |H - hess f(z)| <= h/2 at the point z where H was taken, r_k the
    lengths of the m steps from there, and |x_k - z| <= r_0 + .. + r_{k-1}:

    f falls by (M/4 - 1/6) r_k^3 - (|x_k - z| + h/2) r_k^2 / 2 in step k. By r_i r_k^2 <= r_i^3/3 + 2 r_k^3/3 that is
    together m k sum r^3 - h sum r^2 / 4 at least, k = c/4 - 1/3 + 1/(6 m). On the other hand the new gradients, if none
    meets the target, give 1 < (M + 1) r_k^2 / 2 + (|x_k - z| + h/2) r_k, hence m < ((c + 1) m / 2) Q + (h/2) sqrt(m Q),
    Q = sum r^2. So sqrt(Q) exceeds the root y of (c + 1) y^2 / 2 + a y = 1, a = h / (2 sqrt(m)), and f falls by
    sqrt(m) (k y^3 - a y^2 / 2) each time that H is taken.
    """
    roughness, target = numbers["method.hessian_smoothness"], numbers["method.target"]
    if roughness < numbers["hessian_smoothness"] or numbers["target"] < target:
        return None
    c, m = numbers["method.regularisation"], numbers["method.reuse"]
    m = m if m > 0 else rounds_of(numbers["dimension"], numbers)
    k, a = c / 4 - 1 / 3 + 1 / (6 * m), numbers["method.difference"] / (2 * math.sqrt(m))
    y = (math.sqrt(a * a + 2 * (c + 1)) - a) / (c + 1)
    fall = math.sqrt(m) * (k * y**3 - a * y**2 / 2)
    if fall <= 0 or 3 * k * y < a:  # the fall grows with Q from there on
        return None
    times = 1 + math.floor(numbers["gap"] * math.sqrt(roughness) / (fall * target * math.sqrt(target)))
    return 1 + times * (rounds_of(1 + numbers["dimension"], numbers) + m - 1)


@algorithm(
    source=LAZY,
    bounds=(
        Bound(
            side="upper",
            counted="rounds",
            statement="rounds <= 1 + (1 + D rho^(1/2) target^(-3/2) / (c' sqrt(m))) (ceil((d + 1) / K) + m - 1), "
            "c' between 1/5.6 and 1/5.9 for the constants by default",
            formula=lazy_rate,
            source="this project",
            tag="derived",
            exponent=1.5,
        ),
    ),
)
def lazy_cubic_newton(
    oracle: Oracle,
    x0: Array,
    *,
    hessian_smoothness: float,
    target: float,
    width: int = 0,
    reuse: int = 0,
    regularisation: float = 6.0,
    difference: float = 0.2,
) -> None:
    """x+ = x + s, s the least point of g's + s'Hs/2 + (M/6) |s|^3, M = c m rho, H taken anew every m steps: the
    difference quotients of the gradients at x, x + h' e_1, .., x + h' e_d, h' = h sqrt(target/rho) / sqrt(d).

    A Hessian that is used m times has to be distrusted as much, and costs sqrt(m) times the steps; but it takes
    ceil(d/K) rounds, so that m = ceil(d/K) is best: of the order of sqrt(d/K) target^(-3/2) rounds, and fewest for
    K > d.

    hessian_smoothness: rho. target: epsilon; the method is run once for each. width: K, the most queries per round;
    0: as many as there are. reuse: m; 0: ceil(d/K). regularisation: c, above 4/3. difference: h.

    Cost: d + m queries in ceil((d + 1) / K) + m - 1 rounds per m iterations; O(m d^3) besides.

    Use: for a guarantee in rounds with K < d. Its steps are short: `parallel_cubic_newton` with reuse = 0 is its
    practical twin.
    """
    dimension, roughness = x0.size, max(hessian_smoothness, FLATTEST)
    uses = reuse if reuse > 0 else (1 if width == 0 else (dimension + width - 1) // width)
    strength = regularisation * uses * roughness
    spacing = difference * math.sqrt(target / roughness) / math.sqrt(dimension)
    x = x0
    while True:
        points = stencil(x, spacing, False)
        values, gradients = in_rounds(oracle, points, width)
        hessian = difference_hessian(points, gradients)
        step, change = cubic_step(quadratic(gradients[0], hessian), strength)
        x = x + step
        for _ in range(uses - 1):
            value, gradient = oracle.value_and_gradient(x)
            step, change = cubic_step(quadratic(gradient, hessian), strength)
            x = x + step
