"""SPIDER for random gradients: a large batch every sigma/epsilon steps, differences of a few samples between."""

import numpy as np

from algorithms.estimates import mean_difference, mean_gradient, whole
from algorithms.expected_counts import Expected, speaks_of, with_confidence
from algorithms.page_online import batch_of
from algorithms.spider import SOURCE, step_along
from oracles import Array, Numbers, Oracle, algorithm, compiled


@compiled
def sizes(noise: float, target: float, accuracy: float) -> tuple[int, int, int]:
    """The large batch 2 sigma^2/e0^2, the period q = sigma/e0 and the small batch 2 q, e0 = accuracy epsilon."""
    period = whole(noise / (accuracy * target))
    return batch_of(noise, accuracy * target), period, 2 * period


def expected_queries(numbers: Numbers) -> Expected | None:
    """As for `spider`, with q (sigma^2/b + e0^2 q/(2 b')) in place of q e0^2/2, which is 3 q e0^2/4 at most."""
    noise, target, r = (numbers[f"method.{name}"] for name in ("noise", "target", "accuracy"))
    smoothness, (large, q, small) = numbers["method.mean_squared_smoothness"], sizes(noise, target, r)
    if not 0 < r < 8 / 17 or not speaks_of(numbers, smoothness="mean_squared_smoothness"):
        return None
    steps = (4 * smoothness * numbers["gap"] / target**2 + 1.125 * r**2 * q) / (r * (1 - 2.125 * r))
    return Expected(1.0 + large, steps * (large / q + 2 * small))


@algorithm(
    source=SOURCE,
    zero_respecting=True,
    bounds=(
        with_confidence(
            expected_queries,
            "1 + b + (b/q + 2 b') (4 L D / e^2 + 9 r^2 q / 8) / (r (1 - 17 r/8)), e the target, r the accuracy; by "
            "default about 732 L D sigma / e^3 + 85 sigma^2 / e^2",
            source=SOURCE,
            exponent=3.0,
        ),
    ),
)
def spider_online(
    oracle: Oracle,
    x0: Array,
    *,
    mean_squared_smoothness: float,
    noise: float,
    target: float,
    accuracy: float = 16 / 51,
    width: int = 0,
) -> None:
    """x+ = x - min(e0/|v|, 1/2) v/L, e0 = accuracy epsilon; every q steps v = (1/b) sum g(x+, z_i), else v <- v +
    (1/b') sum (g(x+, z_i) - g(x, z_i)), with fresh samples, b = 2 sigma^2/e0^2, q = sigma/e0 and b' = 2 q.

    mean_squared_smoothness: L, E|g(x, z) - g(y, z)|^2 <= L^2 |x - y|^2. noise: sigma, E|g(x, z) - grad f(x)|^2 <=
    sigma^2. target: epsilon. accuracy: e0 in units of it; the default is the best in our guarantee, where the source
    has 1/5. width: the most queries in a round; 0: any number.

    Cost: b queries in one round every q steps, 2 b' else: 6 sigma/e0 per step.

    Use: as `page_online`, where short steps are wanted; `page_online` has the better constant.
    """
    large, period, small = sizes(noise, target, accuracy)
    x, estimate = x0, mean_gradient(oracle, x0, np.arange(large), width)
    sample, since = large, 0
    while True:
        old, x = x, x - step_along(estimate, accuracy * target, mean_squared_smoothness)
        since += 1
        if since == period:
            estimate = mean_gradient(oracle, x, np.arange(sample, sample + large), width)
            sample, since = sample + large, 0
        else:
            estimate = estimate + mean_difference(oracle, x, old, np.arange(sample, sample + small), width)
            sample += small
