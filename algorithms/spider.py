"""SPIDER on a finite sum: a full gradient every sqrt(n) steps, differences of a few components between."""

import numpy as np

from algorithms.estimates import mean_difference, mean_gradient
from algorithms.expected_counts import Expected, speaks_of, with_confidence
from oracles import Array, Numbers, Oracle, algorithm, compiled, norm

SOURCE = "Fang, Li, Lin, Zhang, SPIDER, NeurIPS 2018, arXiv 1807.01695"


@compiled
def step_along(estimate: Array, accuracy: float, smoothness: float) -> Array:
    """min(accuracy/|v|, 1/2) v/L: no longer than accuracy/L."""
    size = norm(estimate)
    factor = 0.5 if size <= 2.0 * accuracy else accuracy / size
    return factor / smoothness * estimate


@compiled
def period_of(components: int) -> int:
    """The number q = ceil(sqrt(n)) of steps between two full gradients, and of components in a difference."""
    return int(np.ceil(np.sqrt(components)))


def expected_queries(numbers: Numbers) -> Expected | None:
    """Steps of length e0/L at most keep the sum of |v - grad f|^2 over a period below q e0^2/2 in expectation.

    With E f falling by e0 (|v| - e0/2) / (4 L) less |v - grad f|^2 / (4 L) in a step, |v| >= |grad f| - |v - grad f|
    and e0 = r e, the expected steps to the hit are (4 L D + 3 e0^2 q / 4) / (r e^2 (1 - 7 r/4)) at most: r = 2/7 is
    the best.
    """
    components, target = int(numbers["method.components"]), numbers["method.target"]
    smoothness, q, r = numbers["method.mean_squared_smoothness"], period_of(components), numbers["method.accuracy"]
    if components != numbers["components"] or not 0 < r < 4 / 7:
        return None
    if not speaks_of(numbers, smoothness="mean_squared_smoothness", noise=False):
        return None
    steps = (4 * smoothness * numbers["gap"] / target**2 + 0.75 * r**2 * q) / (r * (1 - 1.75 * r))
    return Expected(1.0 + components, steps * (components / q + 2 * q))


@algorithm(
    source=SOURCE,
    zero_respecting=True,
    deterministic=False,
    bounds=(
        with_confidence(
            expected_queries,
            "1 + n + (n/q + 2 q) (4 L D / e^2 + 3 r^2 q / 4) / (r (1 - 7 r/4)), q = ceil(sqrt(n)), e the target, r the "
            "accuracy; by default about 84 sqrt(n) L D / e^2 + 2.3 n",
            source=SOURCE,
            exponent=2.0,
        ),
    ),
)
def spider(
    oracle: Oracle,
    x0: Array,
    *,
    components: int,
    mean_squared_smoothness: float,
    target: float,
    rng: np.random.Generator,
    accuracy: float = 2 / 7,
    width: int = 0,
) -> None:
    """x+ = x - min(e0/|v|, 1/2) v/L, e0 = accuracy epsilon; every q steps v = grad f(x+), else v <- v + (1/q) sum_I
    (grad f_i(x+) - grad f_i(x)), with q = sqrt(n) components I drawn independently.

    components: n. mean_squared_smoothness: L, the mean of |grad f_i(x) - grad f_i(y)|^2 is at most L^2 |x - y|^2.
    target: epsilon. accuracy: e0 in units of it; the default is the best in our guarantee, where the source has 1/5.
    width: the most queries in a round; 0: any number.

    Cost: n queries in one round every q steps, 2 q else: 3 sqrt(n) per step.

    Use: finite sums, where short steps are wanted; `page` has the better constant.
    """
    q = period_of(components)
    everyone = np.arange(components)
    x, estimate, since = x0, mean_gradient(oracle, x0, everyone, width), 0
    while True:
        old, x = x, x - step_along(estimate, accuracy * target, mean_squared_smoothness)
        since += 1
        if since == q:
            estimate, since = mean_gradient(oracle, x, everyone, width), 0
        else:
            estimate = estimate + mean_difference(oracle, x, old, rng.integers(0, components, q), width)
