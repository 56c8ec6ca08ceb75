"""PAGE for random gradients: a large batch now and then, differences of a few samples else."""

import numpy as np

from algorithms.estimates import mean_difference, mean_gradient, whole
from algorithms.expected_counts import Expected, speaks_of, with_confidence
from algorithms.page import SOURCE, mean_cost, settings
from oracles import Array, Numbers, Oracle, algorithm, compiled


@compiled
def batch_of(noise: float, target: float) -> int:
    """The large batch: b = 2 sigma^2 / epsilon^2, rounded up, at least 1."""
    return whole(2.0 * noise * noise / (target * target))  # type: ignore[no-any-return]


def expected_queries(numbers: Numbers) -> Expected | None:
    """As for `page`, but that a fresh estimate has the variance sigma^2/b: E f + h/(2 p) |v - grad f|^2, which is
    D + h sigma^2 / (2 p b) at first, falls by h (epsilon^2 - sigma^2/b) / 2 in a step.
    """
    noise, target = numbers["method.noise"], numbers["method.target"]
    full = batch_of(noise, target)
    few, chance, h = settings(full, numbers["method.mean_squared_smoothness"])
    h *= numbers["method.step"]
    if numbers["method.step"] > 1 or not speaks_of(numbers, smoothness="mean_squared_smoothness"):
        return None
    left = target**2 - noise**2 / full
    steps = 2 * numbers["gap"] / (h * left) + noise**2 / (chance * full * left)
    return Expected(1.0 + full, steps * mean_cost(full, few, chance))


@algorithm(
    source=SOURCE,
    zero_respecting=True,
    deterministic=False,
    bounds=(
        with_confidence(
            expected_queries,
            "1 + b + (p b + (1 - p) 2 b') (2 D / h + sigma^2/(p b)) / (e^2 - sigma^2/b), h = step / (L (1 + sqrt((1 - "
            "p)/(p b')))), e the target; at step 1 about 34 L D sigma / e^3 + 8 sigma^2 / e^2",
            source=SOURCE,
            exponent=3.0,
        ),
    ),
)
def page_online(
    oracle: Oracle,
    x0: Array,
    *,
    mean_squared_smoothness: float,
    noise: float,
    target: float,
    rng: np.random.Generator,
    step: float = 1.0,
    width: int = 0,
) -> None:
    """x+ = x - h v; then v = (1/b) sum g(x+, z_i) with probability p, else v <- v + (1/b') sum g(x+, z_i) - g(x, z_i).

    Fresh samples in each step, b = 2 sigma^2/epsilon^2, b' = sqrt(b), p = b'/(b + b'); with h = 1/(L (1 + sqrt((1 -
    p)/(p b')))) = 1/(2 L) the mean of |grad f|^2 over N steps is at most 2 D/(h N) + (1 + 1/(p N)) sigma^2/b.

    mean_squared_smoothness: L, E|g(x, z) - g(y, z)|^2 <= L^2 |x - y|^2. noise: sigma, E|g(x, z) - grad f(x)|^2 <=
    sigma^2. target: epsilon. step: h in units of the above. width: the most queries in a round; 0: any number.

    Cost: b queries or 2 b' in one round per step, 3 sqrt(b) in expectation.

    Use: where a sample can be asked at two points, for L D sigma / epsilon^3 queries, optimal up to a constant.
    """
    full = batch_of(noise, target)
    few, chance, length = settings(full, mean_squared_smoothness)
    x, estimate = x0, mean_gradient(oracle, x0, np.arange(full), width)
    sample = full
    while True:
        old, x = x, x - step * length * estimate
        if rng.random() < chance:
            estimate = mean_gradient(oracle, x, np.arange(sample, sample + full), width)
            sample += full
        else:
            estimate = estimate + mean_difference(oracle, x, old, np.arange(sample, sample + few), width)
            sample += few
