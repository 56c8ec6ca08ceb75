"""The quasi-Newton method with limited memory."""

import numpy as np

from algorithms.line_searches import strong_wolfe
from algorithms.quasi_newton import quasi_newton_step
from oracles import Array, Oracle, algorithm, inner, norm

LBFGS = "Liu, Nocedal, On the limited memory BFGS method for large scale optimization, Math. Programming 45 (1989)"


@algorithm(source=LBFGS, zero_respecting=True)
def lbfgs(
    oracle: Oracle,
    x0: Array,
    *,
    memory: int = 10,
    decrease: float = 1e-4,
    flatness: float = 0.9,
    least_curvature: float = 1e-8,
) -> Array:
    """x+ = x - a H grad f(x), H the BFGS matrix of the last m pairs s = x+ - x, y = g+ - g with s.y > c |s| |y|, and a
    a step that satisfies the strong Wolfe conditions, tried at 1 first (at 1/|g| while there is no pair).

    memory: m; 0: the direction is minus the gradient. decrease, flatness: of the line search. least_curvature: c. Where
    the search finds no lower point, the pairs are forgotten; where it finds none along -grad f either, the numbers have
    no more digits, and x is returned.

    Cost: one query per trial of the line search, each in a round of its own, mostly one; O(m d) arithmetic.

    Use: the reference in practice, mostly the fewest queries of all sequential methods; no guarantee better than
    gradient descent's is known.
    """
    x, count, newest = x0, 0, 0
    moves, changes = np.zeros((memory, x0.size)), np.zeros((memory, x0.size))
    value, gradient = oracle.value_and_gradient(x)
    while norm(gradient) > 0.0:
        direction = quasi_newton_step(gradient, moves, changes, newest, count)
        slope = inner(gradient, direction)
        step = 1.0 if count > 0 else 1.0 / norm(gradient)
        length = 0.0
        if slope < 0.0:
            length, new_value, new, new_gradient = strong_wolfe(
                oracle, x, direction, value, slope, gradient, step, decrease, flatness
            )
        if length > 0.0:
            move, change = new - x, new_gradient - gradient
            x, value, gradient = new, new_value, new_gradient
            if memory > 0 and inner(move, change) > least_curvature * norm(move) * norm(change):
                newest = (newest + 1) % memory
                moves[newest], changes[newest] = move, change
                count = min(count + 1, memory)
        elif count > 0:
            count = 0
        else:
            return x
    return x
