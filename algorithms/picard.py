"""Gradient descent that runs ahead of itself: Picard iteration over a window of K steps."""

import numpy as np

from algorithms.inexact import nearby_rate
from oracles import Array, Oracle, algorithm, compiled, norm

RUNAWAY = 10.0  # a guessed step is cut to so many times the longest that was true
PARALLEL_IN_TIME = "Picard iteration, as in parallel-in-time methods; this project"


@algorithm(source=PARALLEL_IN_TIME, zero_respecting=True, bounds=(nearby_rate("tolerance"),))
def picard(oracle: Oracle, x0: Array, *, smoothness: float, target: float, width: int, tolerance: float = 0.15) -> None:
    """K iterates of gradient descent in one round: a window X_0 .. X_K of guesses at x_n .. x_{n+K}, X_0 = x_n. A round
    asks for the gradients g_i of X_0 .. X_{K-1} and corrects Y_0 = X_0, Y_{i+1} = Y_i - g_i/L. As long as Y_i is within
    tolerance * target/L of X_i, g_i is taken for the gradient at Y_i, and Y_{i+1} is the next iterate. The window then
    starts at the last of these, and is filled up with steps -g_{K-1}/L.

    At least one iterate is won in each round, and no more need be: from guesses that are off, errors grow along the
    window. Steps with gradients that are not taken for those of iterates are cut to ten times the longest step so far,
    so that no guess runs away. With tolerance 0 the iterates are those of gradient descent. How many
    a round has won is noted in the trace.

    smoothness: L. target: epsilon; the method is run once for each. width: K. tolerance: in units of target/L.

    Cost: one round of K queries per iteration, the first one included; O(K d) besides.

    Use: to see how much of a trajectory can be guessed: much where it is nearly straight, nothing in curved valleys.
    """
    allowed = tolerance * target / smoothness
    longest = 0.0
    window = np.empty((width + 1, x0.size))
    window[:] = x0
    while True:
        values, gradients = oracle.query(window[:width].copy())
        path, won, longest = corrected(window, gradients / smoothness, allowed, longest)
        oracle.note(won)
        window[: width + 1 - won] = path[won : width + 1]
        window[width + 1 - won :] = path[width + 1 : width + 1 + won]


@compiled
def corrected(guesses: Array, steps: Array, allowed: float, longest: float) -> tuple[Array, int, float]:
    """The path (2 n + 1, d) from the first of n + 1 guesses along -steps (n, d), the last of them n + 1 times; how many
    of its points after the first are iterates; and the longest step that any iterate has made.
    """
    count = steps.shape[0]
    path, won = np.empty((2 * count + 1, guesses.shape[1])), 0
    path[0] = guesses[0]
    for i in range(2 * count):
        step = steps[min(i, count - 1)]
        length = norm(step)
        if won == i and i < count and norm(path[i] - guesses[i]) <= allowed:
            won, longest = i + 1, max(longest, length)
        path[i + 1] = path[i] - (step if length <= RUNAWAY * longest else step * (RUNAWAY * longest / length))
    return path, won, longest
