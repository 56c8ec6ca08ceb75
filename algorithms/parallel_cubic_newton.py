"""Cubic regularisation in rounds: the Hessian by differences in one, several regularisations in the next."""

import numpy as np

from algorithms.differences import difference_hessian, stencil
from algorithms.regularisations import LEAST, MOST, best_trial, cubic_trials, regularisations
from algorithms.rounds import in_rounds
from algorithms.subproblems import quadratic
from oracles import Array, Oracle, algorithm

CUBIC = "Nesterov, Polyak, Cubic regularization of Newton method and its global performance, Math. Prog. 108 (2006)"


@algorithm(source=f"this project, after {CUBIC}")
def parallel_cubic_newton(
    oracle: Oracle,
    x0: Array,
    *,
    width: int = 0,
    regularisation: float = 1.0,
    trials: int = 8,
    reuse: int = 1,
    difference: float = 1e-6,
    central: bool = False,
) -> Array:
    """A round asks for the gradients at x + h e_1, .., x + h e_d, which give H by differences; the next for x + s_j,
    s_j the least point of g's + s'Hs/2 + (M_j/6) |s|^3, M_j = M 4^j, J of them around M. Of the s_j whose value is what
    the model promises or less the lowest is taken, M = M_j/2; if none lowers f, M grows beyond the largest M_j.

    width: K, the most queries per round; 0: as many as there are. regularisation: M at the start, in units of the
    Lipschitz constant of the Hessian. trials: J, but no more than K. reuse: how many rounds of trials one H serves;
    0: as many as it took rounds. difference: h, in units of x. central: 2 d points x +- h e_i.

    Cost: d + J queries in ceil(d / K) + 1 rounds per iteration; O(d^3 + J d^2) besides.

    Use: where rounds are what counts and K is d or more; it needs no constant of f. For smaller K with reuse = 0.
    """
    count = trials if width == 0 else min(trials, width)
    sides = 2 if central else 1
    uses = reuse if reuse > 0 else (1 if width == 0 else (sides * x0.size + width - 1) // width)
    x, middle = x0, regularisation
    value, gradient = oracle.value_and_gradient(x)
    while True:
        points = stencil(x, difference, central)
        around, slopes = in_rounds(oracle, points[1:], width)
        hessian = difference_hessian(points, np.concatenate((gradient.reshape(1, -1), slopes)))
        for _ in range(uses):
            strengths = regularisations(middle, count)
            ahead, promised = cubic_trials(quadratic(gradient, hessian), x, value, strengths)
            values, gradients = oracle.query(ahead)
            best = best_trial(values, promised)
            if values[best] < value:
                x, value, gradient = ahead[best], values[best], gradients[best]
                middle = max(strengths[best] / 2.0, LEAST)
            elif middle < MOST:
                middle = 4.0 * strengths[count - 1]
            else:
                return x
