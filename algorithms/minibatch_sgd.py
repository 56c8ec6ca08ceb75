"""Stochastic gradient descent whose batches are rounds."""

import math

from algorithms.batched_step_search import unit_step_rate
from algorithms.estimates import copies, mean_of_rows
from algorithms.expected_counts import Expected, speaks_of, with_confidence
from algorithms.gradient_descent import EXACT_RATE
from algorithms.rounds import in_rounds, rounds_of
from oracles import Array, Bound, Numbers, Oracle, algorithm, compiled

SOURCE = "textbook"


@compiled
def batch_size(noise: float, target: float, batch: int) -> int:
    """B = ceil(2 sigma^2 / epsilon^2), at least 1, or the number that is given in its place."""
    return batch if batch > 0 else max(1, math.ceil(2.0 * noise * noise / (target * target)))


def size_of(numbers: Numbers) -> int:
    """B."""
    return int(batch_size(numbers["method.noise"], numbers["method.target"], int(numbers["method.batch"])))


def expected_steps(numbers: Numbers) -> float | None:
    """Before the hit, E f falls by (epsilon^2 - sigma^2 / B) / (2L) at least in a step."""
    noise, target = numbers["method.noise"], numbers["method.target"]
    fall = (target**2 - noise**2 / size_of(numbers)) / (2 * numbers["method.smoothness"])
    return numbers["gap"] / fall if fall > 0 and speaks_of(numbers) else None


def expected_rounds(numbers: Numbers) -> Expected | None:
    """A step takes ceil(B / K) rounds."""
    steps = expected_steps(numbers)
    return None if steps is None else Expected(1.0, steps * rounds_of(size_of(numbers), numbers))


def expected_queries(numbers: Numbers) -> Expected | None:
    """A step takes B queries, and the first of the next one is at its point."""
    steps = expected_steps(numbers)
    return None if steps is None else Expected(1.0, steps * size_of(numbers))


def without_noise(numbers: Numbers) -> float | None:
    """Exact gradients: the steps are those of gradient descent, and a batch takes its rounds."""
    steps = unit_step_rate(numbers)
    if steps is None or numbers["noise"] != 0:
        return None
    return 1 + (steps - 1) * rounds_of(size_of(numbers), numbers)


@algorithm(
    source=SOURCE,
    zero_respecting=True,
    bounds=(
        with_confidence(
            expected_rounds, "1 + 4 L D / target^2 ceil(B / K)", source=SOURCE, exponent=2.0, counted="rounds"
        ),
        with_confidence(
            expected_queries, "1 + 4 L D / target^2 + 8 L D sigma^2 / target^4", source=SOURCE, exponent=4.0
        ),
        Bound(
            side="upper",
            counted="rounds",
            statement="rounds <= 1 + ceil((4 L D / target^2 - 2) / 3) ceil(B / K) where there is no noise",
            formula=without_noise,
            source=EXACT_RATE,
            tag="published",
            exponent=2.0,
        ),
    ),
)
def minibatch_sgd(
    oracle: Oracle, x0: Array, *, smoothness: float, noise: float, target: float, batch: int = 0, width: int = 0
) -> None:
    """x+ = x - G/L with G the mean of B independent gradients at x, B = ceil(2 sigma^2 / target^2).

    While |grad f(x)| > target a step lowers f in the mean by (target^2 - sigma^2 / B) / (2L), target^2 / (4L) at least,
    so that the first point that meets the target comes after 4 L D / target^2 steps in the mean. Rounds and queries,
    8 L D sigma^2 / target^4, are both optimal up to constants.

    smoothness: L. noise: sigma, E|gradient - grad f|^2 <= sigma^2. target: epsilon; the method is run once for each.
    batch: B in place of that. width: K, the most queries per round; 0: as many as there are.

    Cost: B queries in ceil(B / K) rounds per iteration; O(B d) besides.

    Use: with noisy gradients, where rounds count more than queries.
    """
    size = batch_size(noise, target, batch)
    x = x0
    while True:
        values, gradients = in_rounds(oracle, copies(x, size), width)
        x = x - mean_of_rows(gradients) / smoothness
