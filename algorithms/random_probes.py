"""Random points around the start: what there is to see without having learnt anything."""

import numpy as np

from algorithms.guesses import guess
from oracles import Array, Oracle, algorithm


@algorithm(source="this project", deterministic=False)
def random_probes(oracle: Oracle, x0: Array, *, width: int, rng: np.random.Generator, radius: float = 2.0) -> None:
    """A round asks x0 + radius w for K independent w, uniform on the unit sphere.

    width: K. One round of K queries per iteration.
    """
    none = np.zeros((0, x0.size))
    while True:
        points = np.empty((width, x0.size))
        for k in range(width):
            points[k] = x0 + radius * guess(rng.standard_normal(x0.size), none, 0)
        oracle.query(points)
