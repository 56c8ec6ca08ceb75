"""Gradient descent with a fixed step."""

import math

from oracles import Array, Bound, Numbers, Oracle, Scope, algorithm
from oracles.claims import Tag

EXACT_RATE = "Abbaszadehpeivasti, de Klerk, Zamani, arXiv 2104.05468"


def exact_rate(shortest: float, longest: float, tag: Tag) -> Bound:
    """N + 1 queries with the least N such that 4 D / (N min(4t - L t^2, 4t - L^2 t^3) + 2/L) <= epsilon^2.

    For t in (shortest/L, longest/L], with L and D the claims of the instance.
    """

    def queries(numbers: Numbers) -> float | None:
        smoothness, gap, target = numbers["smoothness"], numbers["gap"], numbers["target"]
        t = numbers["method.step"] / numbers["method.smoothness"]
        if not shortest < smoothness * t <= longest:
            return None
        progress = min(4 * t - smoothness * t**2, 4 * t - smoothness**2 * t**3)
        return 1 + max(0, math.ceil((4 * gap / target**2 - 2 / smoothness) / progress))

    return Bound(
        side="upper",
        counted="queries",
        statement=f"queries <= 1 + ceil((4 D / target^2 - 2/L) / min(4t - L t^2, 4t - L^2 t^3)), t = step/smoothness "
        f"in ({shortest:.4g}/L, {longest:.4g}/L]",
        formula=queries,
        source=EXACT_RATE,
        tag=tag,
        exponent=2.0,
        scope=Scope(width=1),
    )


RATES = (exact_rate(0.0, 1.0, "published"), exact_rate(1.0, math.sqrt(3) * (1 - 1e-12), "recalled"))


@algorithm(source=EXACT_RATE, zero_respecting=True, bounds=RATES)
def gradient_descent(oracle: Oracle, x0: Array, *, smoothness: float, step: float = 1.0) -> None:
    """x_{k+1} = x_k - t grad f(x_k), t = step/L.

    smoothness: L. step: t in units of 1/L; the guarantee holds below sqrt(3), and is exact up to 1.

    Cost: one query per iteration, in a round of its own.

    Use: the baseline of every table; no first-order method has a better worst case up to a constant when only L is
    known.
    """
    x = x0
    while True:
        value, gradient = oracle.value_and_gradient(x)
        x = x - step / smoothness * gradient
