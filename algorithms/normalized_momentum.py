"""Normalised steps along an average of the gradients."""

import math

import numpy as np

from algorithms.estimates import mean_gradient, unit, whole
from algorithms.expected_counts import Expected, speaks_of, with_confidence
from oracles import Array, Numbers, Oracle, algorithm, compiled

SOURCE = "Cutkosky, Mehta, ICML 2020, arXiv 2002.03305"


@compiled
def weight_of(averaging: float, noise: float, target: float) -> float:
    """The weight of a gradient: a = min(1, averaging epsilon^2 / sigma^2)."""
    return averaging * target * target / max(averaging * target * target, noise * noise)


def expected_queries(numbers: Numbers) -> Expected | None:
    """Before the hit, E f + c |m - grad f|^2, c = h/(r e a), falls by h e (1 - r - l a/2 - l^2/r - a sigma^2/(r e^2)).

    Since f(x+) <= f(x) - h |grad f| + 2 h |m - grad f| + L h^2/2 for a step of length h = l a e/L, where
    2 |m - grad f| <= r e + |m - grad f|^2 / (r e), and E|m+ - grad f(x+)|^2 <= (1 - a) |m - grad f|^2 + L^2 h^2 / a
    + a^2 sigma^2. The best r is the root of l^2 + a sigma^2 / e^2.
    """
    smoothness, noise, target = (numbers[f"method.{name}"] for name in ("smoothness", "noise", "target"))
    step, weight = numbers["method.step"], weight_of(numbers["method.averaging"], noise, target)
    r = math.sqrt(step**2 + weight * noise**2 / target**2)
    share = 1 - 2 * r - step * weight / 2
    if share <= 0 or not speaks_of(numbers):
        return None
    first = whole(1 / weight)
    steps = smoothness * numbers["gap"] / (step * weight * share * target**2)
    return Expected(first, steps + noise**2 / (r * share * target**2 * weight * first))


@algorithm(
    source=SOURCE,
    zero_respecting=True,
    bounds=(
        with_confidence(
            expected_queries,
            "1/a + L D / (l a s e^2) + sigma^2 / (r s e^2), s = 1 - 2 r - l a / 2, r^2 = l^2 + a sigma^2 / e^2, e the "
            "target, l the step, a = min(1, averaging e^2 / sigma^2); by default about 197 L D sigma^2 / e^4",
            source=SOURCE,
            exponent=4.0,
        ),
    ),
)
def normalized_momentum(
    oracle: Oracle,
    x0: Array,
    *,
    smoothness: float,
    noise: float,
    target: float,
    averaging: float = 3 / 32,
    step: float = math.sqrt(3) / 8,
    width: int = 0,
) -> None:
    """Steps x <- x - h m/|m| along an average, m <- (1 - a) m + a g(x, z).

    a = min(1, averaging epsilon^2/sigma^2), h = step a epsilon/L; the first m is the mean of 1/a gradients at the
    start. The defaults make the constant of the guarantee least; averaging = step = 1 is usual.

    smoothness: L. noise: sigma, E|g(x, z) - grad f(x)|^2 <= sigma^2. target: epsilon. width: the most queries in a
    round; 0: any number.

    Cost: 1/a queries at the start, in one round, then one query and one round per step.

    Use: where gradients are random and their size is of no account, since a step has a fixed length.
    """
    weight = weight_of(averaging, noise, target)
    samples = np.arange(whole(1.0 / weight))
    sample, x = samples.size, x0
    momentum = mean_gradient(oracle, x, samples, width)
    while True:
        x = x - step * weight * target / smoothness * unit(momentum)
        momentum = (1.0 - weight) * momentum + weight * oracle.gradient(x, sample=sample)
        sample += 1
