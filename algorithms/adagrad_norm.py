"""Gradient descent with the step of AdaGrad for the norm."""

import math

from oracles import Array, Bound, Numbers, Oracle, Scope, algorithm, inner

ADAGRAD_NORM = "Ward, Wu, Bottou, AdaGrad stepsizes: sharp convergence over nonconvex landscapes, arXiv 1806.01811"


def deterministic_rate(numbers: Numbers) -> float:
    """1 + ceil(2 (D/e^2) (b0 + 2 D/h) / h) if b0 >= h L, else the same with a logarithm."""
    smoothness, gap, target = numbers["smoothness"], numbers["gap"], numbers["target"]
    step, start = numbers["method.step"], numbers["method.accumulator"]
    if start >= step * smoothness:
        return 1 + math.ceil(2 * gap / target**2 * (start + 2 * gap / step) / step)
    growth = gap / step + (3 / 4 + math.log(step * smoothness / start)) * step * smoothness
    return 1 + math.ceil((step**2 * smoothness**2 - start**2) / target**2 + 4 / target**2 * growth**2)


@algorithm(
    source=ADAGRAD_NORM,
    zero_respecting=True,
    bounds=(
        Bound(
            side="upper",
            counted="queries",
            statement="queries <= 1 + (h^2 L^2 - b0^2 + 4 (D/h + (3/4 + log(h L / b0)) h L)^2) / target^2 for b0 < h L",
            formula=deterministic_rate,
            source=ADAGRAD_NORM,
            tag="recalled",
            exponent=2.0,
            scope=Scope(width=1),
        ),
    ),
)
def adagrad_norm(oracle: Oracle, x0: Array, *, step: float = 1.0, accumulator: float = 1.0) -> None:
    """b_k^2 = b_{k-1}^2 + |grad f(x_k)|^2, x_{k+1} = x_k - (h / b_k) grad f(x_k).

    step: h. accumulator: b_0 > 0. Needs no constant of f.

    Cost: one query per iteration, in a round of its own.

    Use: where no constant is known and values are not to be used; large first gradients make all later steps short.
    """
    x, squares = x0, accumulator**2
    while True:
        value, gradient = oracle.value_and_gradient(x)
        squares += inner(gradient, gradient)
        x = x - step / math.sqrt(squares) * gradient
