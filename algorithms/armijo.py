"""Gradient descent with Armijo's backtracking line search."""

import math

from oracles import Array, Bound, Numbers, Oracle, Scope, algorithm, inner


def trials(numbers: Numbers) -> float | None:
    """2 N + 1 + max(0, log2(2 L a0)) queries with N <= 4 L D / epsilon^2 + max(0, ceil(log2(1 / (2 L a0)))).

    A rejected step is longer than 1/L (decrease = 1/2), so that accepted ones are at least min(2 a, 1/(2L)) with a the
    last one; each doubling is paid by at most one halving.
    """
    if numbers["method.decrease"] != 0.5:
        return None
    smoothness, first = numbers["smoothness"], numbers["method.initial_step"]
    growth = max(0, math.ceil(-math.log2(2 * smoothness * first)))
    steps = math.floor(4 * smoothness * numbers["gap"] / numbers["target"] ** 2) + growth
    return 2 * steps + 1 + max(0.0, math.log2(2 * smoothness * first))


@algorithm(
    source="Armijo, Pacific J. Math. 16 (1966)",
    zero_respecting=True,
    bounds=(
        Bound(
            side="upper",
            counted="queries",
            statement="queries <= 2 N + 1 + max(0, log2(2 L a0)), N = 4 L D / target^2 + max(0, ceil(-log2(2 L a0)))",
            formula=trials,
            source="this project",
            tag="derived",
            exponent=2.0,
            scope=Scope(width=1),
        ),
    ),
)
def armijo(oracle: Oracle, x0: Array, *, initial_step: float = 1.0, decrease: float = 0.5) -> Array:
    """x+ = x - a grad f(x), with a the first of 2a', a', a'/2, .. (a' the last step accepted) such that
    f(x+) <= f(x) - decrease a |grad f(x)|^2.

    initial_step: a' before the first step; it fixes the grid of steps, so it belongs to the result.

    Cost: one query per trial, in a round of its own; the gradient at the accepted trial is known from there.

    Use: gradient descent where L is not known, and mostly far faster than with the step 1/L where it is.
    """
    x, step = x0, initial_step
    value, gradient = oracle.value_and_gradient(x)
    while True:
        slope = inner(gradient, gradient)
        if slope == 0.0:
            return x
        step = 2.0 * step
        trial = x - step * gradient
        trial_value, trial_gradient = oracle.value_and_gradient(trial)
        while trial_value > value - decrease * step * slope:
            step = step / 2.0
            trial = x - step * gradient
            trial_value, trial_gradient = oracle.value_and_gradient(trial)
        x, value, gradient = trial, trial_value, trial_gradient
