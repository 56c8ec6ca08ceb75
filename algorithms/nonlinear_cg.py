"""Nonlinear conjugate gradients with restarts that keep the worst case of gradient descent."""

import math

from oracles import Array, Bound, Numbers, Oracle, Scope, algorithm, inner, norm, on_line

RESTARTED_CG = "Chan-Renous-Legoubin, Royer, Nonlinear conjugate gradients with complexity guarantees, arXiv 2201.08568"


def restarts(numbers: Numbers) -> float | None:
    """1 + N M queries: N steps, each of at most M trials.

    A trial at a is accepted if L a |d|^2 <= 2 (1 - h) |g.d|. So one at more than q times that, or at 1, is, and each
    step lowers f by h a |g.d| >= c |g|^2, c = h min(s, 2 q (1 - h) (s/k)^2 / L), as |g.d| >= s |g|^2 and |d| <= k |g|.
    """
    decrease, shrinking = numbers["method.decrease"], numbers["method.shrinking"]
    alignment, elongation = numbers["method.alignment"], numbers["method.elongation"]
    if not (0 < decrease < 1 and 0 < shrinking < 1 and 0 < alignment <= 1 <= elongation):
        return None
    smoothness = numbers["smoothness"]
    safe = 2 * (1 - decrease) / smoothness
    progress = decrease * min(alignment, shrinking * safe * (alignment / elongation) ** 2)
    halvings = math.log(safe * alignment / elongation**2) / math.log(shrinking)
    trials = 1 + max(0, math.ceil(halvings))
    return 1 + math.ceil(numbers["gap"] / (progress * numbers["target"] ** 2)) * trials


@algorithm(
    source=RESTARTED_CG,
    zero_respecting=True,
    bounds=(
        Bound(
            side="upper",
            counted="queries",
            statement="queries <= 1 + M D / (c target^2), c = h min(s, 2 q (1 - h) (s/k)^2 / L), M trials per step",
            formula=restarts,
            source="this project",
            tag="derived",
            exponent=2.0,
            scope=Scope(width=1),
        ),
    ),
)
def nonlinear_cg(
    oracle: Oracle,
    x0: Array,
    *,
    decrease: float = 1e-4,
    shrinking: float = 0.5,
    alignment: float = 1e-2,
    elongation: float = 1e2,
) -> Array:
    """x+ = x + a d, a the first of 1, q, q^2, .. with f(x+) <= f(x) + h a g.d; then d+ = -g+ + b d with the factor of
    Polak and Ribiere, b = max(0, g+.(g+ - g) / |g|^2). d+ = -g+ if g+.d+ > -s |g+|^2 or |d+| > k |g+|.

    decrease: h. shrinking: q. alignment: s in (0, 1]. elongation: k >= 1.

    Cost: one query per trial, in a round of its own; the gradient at the accepted trial is known from there.

    Use: the plain conjugate-gradient baseline with a guarantee; where the first trial a = 1 has the wrong scale, each
    step pays for it, and `scipy:CG` with its line search for the Wolfe conditions needs fewer queries.
    """
    x = x0
    value, gradient = oracle.value_and_gradient(x)
    direction = -gradient
    while True:
        squares, slope = inner(gradient, gradient), inner(gradient, direction)
        if squares == 0.0:
            return x
        step = 1.0
        trial_value, _, trial, trial_gradient = on_line(oracle, x, direction, step)
        while trial_value > value + decrease * step * slope:
            step = shrinking * step
            trial_value, _, trial, trial_gradient = on_line(oracle, x, direction, step)
        mixing = max(0.0, inner(trial_gradient, trial_gradient - gradient) / squares)
        x, value, gradient = trial, trial_value, trial_gradient
        direction = mixing * direction - gradient
        bent = inner(gradient, direction) > -alignment * inner(gradient, gradient)
        if bent or norm(direction) > elongation * norm(gradient):
            direction = -gradient
