"""A search over step sizes that also looks far away: deterministic, but not zero-respecting."""

import numpy as np

from oracles import Array, Oracle, algorithm

PERIOD = 101


@algorithm(source="this project")
def far_probes(oracle: Oracle, x0: Array, *, smoothness: float, width: int, distance: float = 10.0) -> None:
    """A round asks x - a grad f(x) for the steps a = 2^j/L, j = -1 .. K/2 - 2, as `batched_step_search` does, and K/2
    probes x0 + distance (1 - (m i mod 101) / 50)_i, i = 0 .. d - 1, with m = 0, 1, 2, .. counted through the run.

    The first probe, m = 0, is the corner distance (1, .., 1): on a chain as it stands it lies beyond the last link.

    smoothness: L. width: K; no probes for K = 1.

    Cost: one round of K queries per iteration, after a first round of one.

    Use: to see which constructions need a rotation or an adversary: it finds at once what zero-respecting methods do
    not find on a chain as it stands.
    """
    trials = (width + 1) // 2
    steps = 2.0 ** (np.arange(trials) - min(1, trials - 1)) / smoothness
    x, probed = x0, 0
    value, gradient = oracle.value_and_gradient(x)
    while True:
        phases = np.outer(np.arange(probed, probed + width - trials), np.arange(x0.size)) % PERIOD
        probes = x0 + distance * (1.0 - phases / 50.0)
        points = np.concatenate((x - steps.reshape(-1, 1) * gradient, probes))
        values, gradients = oracle.query(points)
        best = np.argmin(values[:trials])
        x, gradient = points[best], gradients[best]
        probed += width - trials
