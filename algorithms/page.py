"""PAGE on a finite sum: a full gradient now and then, differences of a few components else."""

import numpy as np

from algorithms.estimates import mean_difference, mean_gradient
from algorithms.expected_counts import Expected, speaks_of, with_confidence
from oracles import Array, Numbers, Oracle, algorithm, compiled

SOURCE = "Li, Bao, Zhang, Richtarik, PAGE, ICML 2021, arXiv 2008.10898"


@compiled
def settings(full: int, smoothness: float) -> tuple[int, float, float]:
    """For a full batch b: b' = ceil(sqrt(b)), p = b'/(b + b'), and the step 1/(L (1 + sqrt((1 - p)/(p b'))))."""
    few = int(np.ceil(np.sqrt(full)))
    chance = few / (full + few)
    return few, chance, 1.0 / (smoothness * (1.0 + np.sqrt((1.0 - chance) / (chance * few))))


def mean_cost(full: int, few: int, chance: float) -> float:
    """The expected queries of a step: p b + (1 - p) 2 b', which is 3 sqrt(b) at most for a square b."""
    return chance * full + (1 - chance) * 2 * few


def expected_queries(numbers: Numbers) -> Expected | None:
    """Before the hit, E f + h/(2 p) |v - grad f|^2 falls by h epsilon^2 / 2 in a step."""
    full = int(numbers["method.components"])
    few, chance, h = settings(full, numbers["method.mean_squared_smoothness"])
    if full != numbers["components"] or not speaks_of(numbers, smoothness="mean_squared_smoothness", noise=False):
        return None
    if numbers["method.step"] > 1:
        return None
    steps = 2 * numbers["gap"] / (numbers["method.step"] * h * numbers["target"] ** 2)
    return Expected(1.0 + full, steps * mean_cost(full, few, chance))


@algorithm(
    source=SOURCE,
    zero_respecting=True,
    deterministic=False,
    bounds=(
        with_confidence(
            expected_queries,
            "1 + n + (p n + (1 - p) 2 b') 2 D / (h e^2), h = step / (L (1 + sqrt((1 - p)/(p b')))), e the target; for "
            "a square n and step 1 at most 1 + n + 12 sqrt(n) L D / e^2",
            source=SOURCE,
            exponent=2.0,
        ),
    ),
)
def page(
    oracle: Oracle,
    x0: Array,
    *,
    components: int,
    mean_squared_smoothness: float,
    rng: np.random.Generator,
    step: float = 1.0,
    width: int = 0,
) -> None:
    """x+ = x - h v; then v = grad f(x+) with probability p, else v <- v + (1/b') sum_I (grad f_i(x+) - grad f_i(x)).

    I: b' = sqrt(n) components drawn independently; p = b'/(n + b'). With h = 1/(L (1 + sqrt((1 - p)/(p b')))) = 1/(2 L)
    the mean of |grad f|^2 over N steps is at most 2 D / (h N) in expectation.

    components: n. mean_squared_smoothness: L, the mean of |grad f_i(x) - grad f_i(y)|^2 is at most L^2 |x - y|^2.
    step: h in units of the above. width: the most queries in a round; 0: any number.

    Cost: n queries or 2 b' in one round per step, 3 sqrt(n) in expectation.

    Use: finite sums, with an optimal n + sqrt(n) L D / epsilon^2 up to a constant.
    """
    few, chance, length = settings(components, mean_squared_smoothness)
    everyone = np.arange(components)
    x, estimate = x0, mean_gradient(oracle, x0, everyone, width)
    while True:
        old, x = x, x - step * length * estimate
        if rng.random() < chance:
            estimate = mean_gradient(oracle, x, everyone, width)
        else:
            estimate = estimate + mean_difference(oracle, x, old, rng.integers(0, components, few), width)
