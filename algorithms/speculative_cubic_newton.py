"""Cubic regularisation in one round per iteration: the Hessian of every trial is asked for with the trial."""

import numpy as np

from algorithms.differences import difference_hessian, stencil
from algorithms.parallel_cubic_newton import CUBIC
from algorithms.regularisations import LEAST, MOST, best_trial, cubic_trials, regularisations
from algorithms.rounds import in_rounds
from algorithms.subproblems import quadratic
from oracles import Array, Oracle, algorithm


@algorithm(source=f"this project, after {CUBIC}")
def speculative_cubic_newton(
    oracle: Oracle,
    x0: Array,
    *,
    width: int = 0,
    regularisation: float = 1.0,
    trials: int = 8,
    difference: float = 1e-6,
) -> Array:
    """The steps of `parallel_cubic_newton`, where the round of the J trials x + s_j holds the points x + s_j + h e_i
    as well: the Hessian at the trial that is taken is then there already.

    width: K, the most queries per round; 0: J (d + 1). regularisation: M at the start. trials: J. difference: h, in
    units of x.

    Cost: J (d + 1) queries in one round per iteration, or in ceil(J (d + 1) / K); O(d^3 + J d^2) besides.

    Use: where queries cost nothing beside rounds.
    """
    x, middle, size = x0, regularisation, x0.size + 1
    points = stencil(x, difference, False)
    values, gradients = in_rounds(oracle, points, width)
    value, gradient = values[0], gradients[0]
    hessian = difference_hessian(points, gradients)
    batch = np.empty((trials * size, x0.size))
    while True:
        strengths = regularisations(middle, trials)
        ahead, promised = cubic_trials(quadratic(gradient, hessian), x, value, strengths)
        for j in range(trials):
            batch[j * size : (j + 1) * size] = stencil(ahead[j], difference, False)
        values, gradients = in_rounds(oracle, batch, width)
        best = best_trial(values[::size].copy(), promised)
        if values[best * size] < value:
            rows = slice(best * size, (best + 1) * size)
            x, value, gradient = ahead[best], values[best * size], gradients[best * size]
            hessian = difference_hessian(batch[rows], gradients[rows])
            middle = max(strengths[best] / 2.0, LEAST)
        elif middle < MOST:
            middle = 4.0 * strengths[trials - 1]
        else:
            return x
