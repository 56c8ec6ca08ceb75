"""Stochastic variance-reduced gradient: differences to the full gradient at an anchor."""

import math

import numpy as np

from algorithms.estimates import mean_difference, mean_gradient
from algorithms.expected_counts import Expected, speaks_of, with_confidence
from oracles import Array, Numbers, Oracle, algorithm, compiled

SOURCE = "Reddi, Hefny, Sra, Poczos, Smola, ICML 2016, arXiv 1603.06160"


@compiled
def settings(components: int, smoothness: float) -> tuple[int, int, float]:
    """The epoch m = n^(1/3), rounded up, the batch b = m^2, and the step 1/(L (1 + sqrt(m (m - 1)/(2 b))))."""
    epoch = max(1, int(np.ceil(components ** (1.0 / 3.0) - 1e-9)))
    batch = epoch * epoch
    return epoch, batch, 1.0 / (smoothness * (1.0 + math.sqrt(0.5 * epoch * (epoch - 1) / batch)))


def expected_queries(numbers: Numbers) -> Expected | None:
    """Over a whole epoch and up to the hit, E f falls by h |grad f|^2/2 in a step.

    In a step f falls by h |grad f|^2/2 + (1/(2h) - L/2) |x+ - x|^2 - (h/2) |v - grad f|^2, where E|v - grad f|^2 <=
    L^2 |x - y|^2 / b, y the anchor, and |x - y|^2 <= s sum |x+ - x|^2 over the s steps since then. Summed over an
    epoch, or a part of it, the last is at most (h/2) L^2 m (m - 1)/(2 b) sum |x+ - x|^2.
    """
    components = int(numbers["method.components"])
    epoch, batch, h = settings(components, numbers["method.mean_squared_smoothness"])
    if components != numbers["components"] or numbers["method.step"] > 1:
        return None
    if not speaks_of(numbers, smoothness="mean_squared_smoothness", noise=False):
        return None
    steps = 2 * numbers["gap"] / (numbers["method.step"] * h * numbers["target"] ** 2)
    return Expected(1.0 + components, steps * (components / epoch + 2 * batch))


@algorithm(
    source=SOURCE,
    zero_respecting=True,
    deterministic=False,
    bounds=(
        with_confidence(
            expected_queries,
            "1 + n + (n/m + 2 m^2) 2 D / (h e^2), h = step / (L (1 + sqrt((m - 1)/(2 m)))), m = n^(1/3), e the target; "
            "at step 1 about 10.2 n^(2/3) L D / e^2",
            source=SOURCE,
            exponent=2.0,
        ),
    ),
)
def svrg(
    oracle: Oracle,
    x0: Array,
    *,
    components: int,
    mean_squared_smoothness: float,
    rng: np.random.Generator,
    step: float = 1.0,
    width: int = 0,
) -> None:
    """Epochs of m = n^(1/3) steps x+ = x - h v, v = grad f(y) + (1/b) sum_I (grad f_i(x) - grad f_i(y)), y the point at
    the start of the epoch, I: b = m^2 components drawn independently, h = 1/(L (1 + sqrt((m - 1)/(2 m)))).

    components: n. mean_squared_smoothness: L, the mean of |grad f_i(x) - grad f_i(y)|^2 is at most L^2 |x - y|^2.
    step: h in units of the above; ours, as are the sizes. width: the most queries in a round; 0: any number.

    Cost: n queries in one round per epoch, and 2 b for each step but the first: 3 n^(2/3) per step.

    Use: the reference that `page` and `spider` improve from n^(2/3) to n^(1/2).
    """
    epoch, batch, length = settings(components, mean_squared_smoothness)
    everyone = np.arange(components)
    x = x0
    while True:
        anchor, full = x, mean_gradient(oracle, x, everyone, width)
        x = x - step * length * full
        for _ in range(epoch - 1):
            near = mean_difference(oracle, x, anchor, rng.integers(0, components, batch), width)
            x = x - step * length * (full + near)
