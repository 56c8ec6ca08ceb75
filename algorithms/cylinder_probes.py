"""Random points of a cylinder: what there is to hit without having learnt anything."""

import numpy as np

from algorithms.guesses import in_ball
from oracles import Array, Oracle, algorithm


@algorithm(source="this project", deterministic=False)
def cylinder_probes(
    oracle: Oracle,
    x0: Array,
    *,
    width: int,
    rng: np.random.Generator,
    near: float = 0.0,
    far: float = 1.0,
    radius: float = 1.0,
) -> None:
    """A round asks K independent points (z, y): z uniform in [near, far], y uniform in the ball of this radius.

    width: K. near, far, radius: of the cylinder; radius 0 is its axis.

    Cost: one round of K queries per iteration.

    Use: to measure how often a point without knowledge hits a hidden tube.
    """
    while True:
        points = np.empty((width, x0.size))
        for k in range(width):
            points[k, 0] = near + (far - near) * rng.random()
            points[k, 1:] = in_ball(rng.standard_normal(x0.size - 1), rng.random(), radius)
        oracle.query(points)
