"""Stochastic gradient descent with a fixed step."""

from algorithms.expected_counts import Expected, speaks_of, with_confidence
from oracles import Array, Numbers, Oracle, algorithm, compiled

SOURCE = "Ghadimi, Lan, SIAM J. Optim. 23 (2013)"


@compiled
def step_size(smoothness: float, noise: float, target: float) -> float:
    """The step h = min(1/L, epsilon^2 / (2 L sigma^2))."""
    return target * target / max(target * target, 2.0 * noise * noise) / smoothness


def expected_queries(numbers: Numbers) -> Expected | None:
    """Before the hit, E f falls by h (1 - L h/2) epsilon^2 - L h^2 sigma^2 / 2 at least in a step."""
    smoothness, noise, target = (numbers[f"method.{name}"] for name in ("smoothness", "noise", "target"))
    h = numbers["method.step"] * step_size(smoothness, noise, target)
    fall = h * (1 - smoothness * h / 2) * target**2 - smoothness * h**2 * noise**2 / 2
    return Expected(1.0, numbers["gap"] / fall) if fall > 0 and speaks_of(numbers) else None


@algorithm(
    source=SOURCE,
    zero_respecting=True,
    bounds=(
        with_confidence(
            expected_queries,
            "1 + D / (h (1 - L h/2) e^2 - L h^2 sigma^2 / 2), h = step min(1/L, e^2 / (2 L sigma^2)), e the target; at "
            "step 1 at most 1 + (8/3) (1 + sigma^2/e^2) L D / e^2",
            source=SOURCE,
            exponent=4.0,
        ),
    ),
)
def sgd(oracle: Oracle, x0: Array, *, smoothness: float, noise: float, target: float, step: float = 1.0) -> None:
    """x_{k+1} = x_k - h g(x_k, z_k), a fresh sample in each step, h = min(1/L, epsilon^2 / (2 L sigma^2)).

    For h <= 1/L the mean of |grad f(x_k)|^2 over N steps is at most 2 D / (h N) + L h sigma^2 in expectation; with this
    h it is epsilon^2 after N = 4 L D / epsilon^2 max(1, 2 sigma^2 / epsilon^2).

    smoothness: L. noise: sigma, E|g(x, z) - grad f(x)|^2 <= sigma^2. target: epsilon. step: h in units of the above.

    Cost: one query and one round per step.

    Use: the baseline for random gradients, and optimal, up to a constant, where nothing but their variance is known.
    """
    x = x0
    while True:
        x = x - step * step_size(smoothness, noise, target) * oracle.gradient(x)
