"""Random points around the start: what there is to see without having learnt anything."""

import numpy as np

from algorithms.guesses import guess, sparse_guess
from oracles import Array, Oracle, algorithm


@algorithm(source="this project", deterministic=False)
def random_probes(
    oracle: Oracle, x0: Array, *, width: int, rng: np.random.Generator, radius: float = 2.0, support: int = 0
) -> None:
    """A round asks x0 + radius w for K independent w.

    width: K. support: 0 for w uniform on the unit sphere; m > 0 for m equal entries at random coordinates.

    Cost: one round of K queries per iteration.

    Use: to measure how often a point without knowledge sees a hidden direction.
    """
    none = np.zeros((0, x0.size))
    everywhere = x0 == x0
    while True:
        points = np.empty((width, x0.size))
        for k in range(width):
            if support > 0:
                direction = sparse_guess(rng.random(x0.size), everywhere, support)
            else:
                direction = guess(rng.standard_normal(x0.size), none, 0)
            points[k] = x0 + radius * direction
        oracle.query(points)
