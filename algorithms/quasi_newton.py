"""The two-loop recursion of L-BFGS."""

import numpy as np

from oracles import Array, compiled, inner


@compiled
def quasi_newton_step(gradient: Array, moves: Array, changes: Array, newest: int, count: int) -> Array:
    """-H g (d,), H the BFGS matrix of the last `count` pairs from (s.y / y.y) I, with s.y and y.y of the newest one.

    moves, changes: rings (m, d) of s = x+ - x and y = g+ - g; newest: the row of the last pair. count = 0: -g.
    Cost: O(count d). Source: Nocedal, Updating quasi-Newton matrices with limited storage, Math. Comp. 35 (1980).
    """
    step = -gradient
    memory = moves.shape[0]
    weights, curvatures = np.zeros(memory), np.zeros(memory)
    for age in range(count):
        i = (newest - age) % memory
        curvatures[i] = inner(moves[i], changes[i])
        weights[i] = inner(moves[i], step) / curvatures[i]
        step -= weights[i] * changes[i]
    if count > 0:
        step *= curvatures[newest] / inner(changes[newest], changes[newest])
    for age in range(count - 1, -1, -1):
        i = (newest - age) % memory
        step += (weights[i] - inner(changes[i], step) / curvatures[i]) * moves[i]
    return step
