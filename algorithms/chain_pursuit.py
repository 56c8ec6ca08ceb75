"""Follow a chain from link to link, at one point per round."""

import numpy as np

from algorithms.estimates import copies
from oracles import Array, Oracle, algorithm


@algorithm(source="this project", zero_respecting=True)
def chain_pursuit(oracle: Oracle, x0: Array, *, step: float = 4.0, width: int = 1) -> None:
    """A round asks for K gradients at x; each coordinate at which one of them is not 0 for the first time is moved by
    `step` against its sign, and then stays. On a chain no zero-respecting method knows more after any round.

    step: in the units of the chain. width: K; more than one query tells more only where answers are random.

    Cost: K queries and one round per iteration.

    Use: to see how soon a chain can be seen, on a chain with thresholds: T + 1 rounds, or their law under zero-chain
    noise. It is made for nothing else.
    """
    x, moved = x0.copy(), np.zeros(x0.size)
    while True:
        gradients = oracle.gradients(copies(x, width))
        for k in range(width):
            for j in range(x0.size):
                if gradients[k, j] != 0.0 and moved[j] == 0.0:
                    x[j] -= step if gradients[k, j] > 0.0 else -step
                    moved[j] = 1.0
