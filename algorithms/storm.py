"""STORM: momentum, corrected by the same sample at the last point."""

import math

import numpy as np

from algorithms.estimates import gradients_of, mean_gradient, whole
from algorithms.expected_counts import Expected, speaks_of, with_confidence
from oracles import Array, Numbers, Oracle, algorithm, compiled, inner

SOURCE = "Cutkosky, Orabona, STORM, NeurIPS 2019, arXiv 1905.10018"


@compiled
def fixed(smoothness: float, noise: float, target: float) -> tuple[float, float]:
    """The weight and the step: a = min(1, epsilon^2/(4 sigma^2)), h = 1/(L (1 + (1 - a) sqrt(2/a)))."""
    weight = target * target / max(target * target, 4.0 * noise * noise)
    return weight, 1.0 / (smoothness * (1.0 + (1.0 - weight) * math.sqrt(2.0 / weight)))


@compiled
def decreasing(smoothness: float, size: float, total: float) -> tuple[float, float]:
    """The weight min(1, c h^2), the step h = k/(w + sum |g|^2)^(1/3), with k, w, c of the source at b = 1, G = size."""
    scale = size ** (2.0 / 3.0)
    k, c = scale / smoothness, smoothness * smoothness * (28.0 + 1.0 / 7.0)
    w = max(64.0 * scale**3.0, 2.0 * size * size, (c * k / (4.0 * smoothness)) ** 3.0)
    step = k / (w + total) ** (1.0 / 3.0)
    return min(1.0, c * step * step), step


def expected_queries(numbers: Numbers) -> Expected | None:
    """Before the hit, E f + h/(2 a) |d - grad f|^2 falls by h epsilon^2/2 - h a sigma^2 in a step.

    Since f(x+) <= f(x) - (h/2) |grad f|^2 - (1/(2h) - L/2) |x+ - x|^2 + (h/2) |d - grad f|^2, and E|d+ - grad f(x+)|^2
    <= (1 - a)^2 (|d - grad f|^2 + 2 L^2 |x+ - x|^2) + 2 a^2 sigma^2.
    """
    noise, target = numbers["method.noise"], numbers["method.target"]
    weight, h = fixed(numbers["method.mean_squared_smoothness"], noise, target)
    h *= numbers["method.step"]
    if numbers["method.adaptive"] or numbers["method.step"] > 1:
        return None
    if not speaks_of(numbers, smoothness="mean_squared_smoothness"):
        return None
    first = whole(1 / weight)
    left = target**2 / 2 - weight * noise**2
    return Expected(first, 2 * (numbers["gap"] / h + noise**2 / (2 * weight * first)) / left)


@algorithm(
    source=SOURCE,
    zero_respecting=True,
    bounds=(
        with_confidence(
            expected_queries,
            "1/a + (2 D / h + sigma^2) / (e^2/2 - a sigma^2), a = min(1, e^2 / (4 sigma^2)), h = step / (L (1 + (1 - "
            "a) sqrt(2/a))), e the target; at step 1 below 2 + 8 (1 + 2.83 sigma/e) L D / e^2 + 8 sigma^2 / e^2",
            source=SOURCE,
            exponent=3.0,
        ),
    ),
)
def storm(
    oracle: Oracle,
    x0: Array,
    *,
    mean_squared_smoothness: float,
    noise: float,
    target: float,
    step: float = 1.0,
    adaptive: bool = False,
    width: int = 0,
) -> None:
    """x+ = x - h d, then d <- g(x+, z) + (1 - a) (d - g(x, z)): one fresh sample at two points.

    a = min(1, epsilon^2/(4 sigma^2)) and h = 1/(L (1 + (1 - a) sqrt(2/a))) are ours; the first d is the mean of 1/a
    gradients at the start. The source has h = k/(w + sum |g|^2)^(1/3) and a = c h^2, which needs neither sigma nor
    epsilon (constants recalled): adaptive, with a bound G^2 = sigma^2 + |first d|^2 on the squared gradients.

    mean_squared_smoothness: L, E|g(x, z) - g(y, z)|^2 <= L^2 |x - y|^2. noise: sigma, E|g(x, z) - grad f(x)|^2 <=
    sigma^2. target: epsilon. step: h in units of the above. width: the most queries in a round; 0: any number.

    Cost: 1/a queries at the start, in one round, then two queries in one round per step.

    Use: where a sample can be asked at two points and no large batches are wanted; L D sigma / epsilon^3 queries.
    """
    weight, length = fixed(mean_squared_smoothness, noise, target)
    samples = np.arange(whole(1.0 / weight))
    sample, x = samples.size, x0
    estimate = mean_gradient(oracle, x, samples, width)
    total = inner(estimate, estimate)
    size = math.sqrt(noise * noise + total)
    points = np.empty((2, x0.size))
    while True:
        if adaptive and size > 0.0:
            weight, length = decreasing(mean_squared_smoothness, size, total)
        old, x = x, x - step * length * estimate
        points[0], points[1] = x, old
        gradients = gradients_of(oracle, points, np.array([sample, sample]), width)
        estimate = gradients[0] + (1.0 - weight) * (estimate - gradients[1])
        total += inner(gradients[0], gradients[0])
        sample += 1
