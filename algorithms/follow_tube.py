"""Follow a hidden tube at the speed that its lower bound allows, and guess at its end with the rest of each round."""

import numpy as np

from algorithms.guesses import in_ball
from oracles import Array, Oracle, algorithm, compiled, inner

PLACE = (
    0.25  # in a slab: here the axis has moved by 0.1 of the way to the next waypoint, by less than the tube's radius
)
MOVED = PLACE**3 * (10 - 15 * PLACE + 6 * PLACE**2)
EDGE = 1e-9  # of the tube: where the trough is shallower than this part of its depth, its axis cannot be read


@compiled
def axis_read(point: Array, value: float, gradient: Array, depth: float) -> tuple[bool, Array]:
    """The axis c at the height of a point (z, y), from F = n - h (1 - a)^3 and dF/dy = y/n + 6 h (1 - a)^2 (y - c),
    a = |y - c|^2, n = sqrt(z^2 + |y|^2 + 1); and whether the point is in the tube.

    depth: h.
    """
    norm = np.sqrt(1.0 + inner(point, point))
    filled = (norm - value) / depth
    if not EDGE < filled < 2.0:
        return False, point[1:].copy()
    offset = (gradient[1:] - point[1:] / norm) / (6.0 * depth * filled ** (2.0 / 3.0))
    return inner(offset, offset) < 1.0, point[1:] - offset


@compiled
def end_height(end: float, waypoint: Array, depth: float, grade: float) -> float:
    """The place u in [0, 1/2] of the stationary point on the axis beyond the end Z, by bisection of
    dF/dz = z/n - (1 - S(u)) kappa + S'(u) (h_0 + kappa z), z = Z + u, which increases from 1 - kappa.
    """
    low, high = 0.0, 0.5
    for _ in range(60):
        u = 0.5 * (low + high)
        z = end + u
        slope = z / np.sqrt(1.0 + z * z + inner(waypoint, waypoint)) - (1.0 - u**3 * (10 - 15 * u + 6 * u**2)) * grade
        if slope + 30.0 * (u * (1.0 - u)) ** 2 * (depth + grade * z) > 0.0:
            high = u
        else:
            low = u
    return low


@algorithm(source="this project", deterministic=False)
def follow_tube(
    oracle: Oracle,
    x0: Array,
    *,
    width: int,
    rng: np.random.Generator,
    length: int = 3,
    slab: int = 8,
    radius: float = 5.0,
    mouth: float = 8.0,
    depth: float = 8.0,
    grade: float = 3.0,
) -> None:
    """For `hidden_tube` in its own units, of which all is known here but the waypoints. A round asks one point a
    quarter into the slab of the last known waypoint, whose answer shows the axis there, and so the next waypoint; one
    at that waypoint, which corrects it; and K - 2 guesses at the end of the tube, y uniform in a ball. Once the last
    waypoint is known, from the slab before it or from a guess, the next round asks the stationary point.

    So it needs N + 1 rounds, or fewer with luck: a guess hits with the probability radius^-m if the radius is
    1 + 4 (or more), wherever the end is. With K = 1 nothing is corrected, and errors grow by 9 from slab to slab.

    width: K. length: N. slab, mouth, depth, grade: lambda, z_0, h_0, kappa of the tube. radius: of the ball.

    Cost: one round of K queries per iteration.

    Use: to see that the lower bound of `hidden_tube` is attained, and what luck saves at a given K.
    """
    end = mouth + slab * length
    waypoint, count = np.zeros(x0.size - 1), 0
    while True:
        place = end_height(end, waypoint, depth, grade)
        points = np.empty((width, x0.size))
        points[0, 0] = mouth + slab * (count + PLACE) if count < length else end + place
        points[0, 1:] = waypoint
        for k in range(1, width):
            points[k, 0] = mouth + slab * count if k == 1 else end + place
            points[k, 1:] = waypoint if k == 1 else in_ball(rng.standard_normal(x0.size - 1), rng.random(), radius)
        values, gradients = oracle.query(points)
        if width > 1:
            seen, axis = axis_read(points[1], values[1], gradients[1], depth + grade * points[1, 0])
            if seen:
                waypoint = axis
        if count < length:
            seen, axis = axis_read(points[0], values[0], gradients[0], depth + grade * points[0, 0])
            if seen:
                waypoint = waypoint + (axis - waypoint) / MOVED
                count += 1
        shut = 1.0 - place**3 * (10 - 15 * place + 6 * place**2)
        for k in range(2, width):
            seen, axis = axis_read(points[k], values[k], gradients[k], shut * (depth + grade * points[k, 0]))
            if seen:
                waypoint, count = axis, length
