"""Searches for the largest curvature, and the largest third derivative: many points screened, the best climbed.

With a unit vector v at which |v'H(x)v| is largest, the norm of the Hessian has the gradient v'(dH)v in x, so that
L-BFGS climbs it with v found anew at each point. A symmetric tensor of third derivatives is largest along one v, too.
"""

from collections.abc import Callable

import numpy as np

from hardinstances.certify.finding import Witness
from hardinstances.certify.probe import LARGE, Probe, minimise
from hardinstances.certify.searches import QUOTIENT, SECOND_QUOTIENT, best
from hardinstances.certify.survey import exact_points, narrowed, special_points
from oracles import Array, norm, norms

POWER_STEPS = 10  # of the screening
DENSE = 64  # dimensions up to which the whole Hessian is differenced
LOOKS = 150  # of one climb
ACROSS = 1e-8  # from a place to either side, relative to the scale
THIRD = 30.0  # steps of second differences, in those of first ones

Climb = Callable[[Array], tuple[float, Array]]


def products(probe: Probe, points: Array, directions: Array, step: float) -> Array:
    """The mean of the Hessian between x - h v and x + h v, times v, for points and directions (m, d)."""
    ahead = probe.gradients(probe.clipped(points + step * directions))
    return (ahead - probe.gradients(probe.clipped(points - step * directions))) / (2 * step)


def bends(probe: Probe, points: Array, directions: Array, step: float) -> Array:
    """The third derivative along v and v, by second differences of the gradient, for points and directions (m, d)."""
    ahead = probe.gradients(probe.clipped(points + step * directions))
    behind = probe.gradients(probe.clipped(points - step * directions))
    return (ahead - 2 * probe.gradients(points) + behind) / step**2


def screened(probe: Probe, order: int, points: Array, kept: int) -> list[tuple[Array, Array]]:
    """The points with the largest derivative of an order, 2 or 3, and directions, after steps of power iteration."""
    measure, step = (products, probe.step) if order == 2 else (bends, THIRD * probe.step)
    v = probe.rng.standard_normal(points.shape)
    v *= probe.rng.random(points.shape) < np.resize([1.0, 3 / probe.dimension], len(points))[:, None]
    v[~v.any(axis=1)] = 1.0
    v /= np.linalg.norm(v, axis=1)[:, None]
    with np.errstate(all="ignore"):
        for _ in range(POWER_STEPS):
            stretched = measure(probe, points, v, step)
            size = norms(stretched)
            ready = np.isfinite(size) & (size > 0)
            # twice for a Hessian, as both ends of its spectrum may be equally far out
            turned = measure(probe, points, stretched / np.where(ready, size, 1.0)[:, None], step)
            v = np.where(ready[:, None], _unit(turned if order == 2 else stretched, v), v)
        reached = norms(measure(probe, points, v, step))
    reached = np.where(np.isfinite(reached), reached, -1.0)
    return [(points[k], v[k]) for k in np.argsort(-reached)[:kept]]


def _unit(rows: Array, otherwise: Array) -> Array:
    size = norms(rows)
    fine = np.isfinite(size) & (size > 0)
    return np.where(fine[:, None], rows / np.where(fine, size, 1.0)[:, None], otherwise)


def widest(probe: Probe, x: Array, v: Array) -> tuple[Array, float]:
    """The unit vector that the Hessian stretches most, and v'Hv along it, with its sign."""
    d, h = probe.dimension, probe.step
    if d <= DENSE:
        hessian = products(probe, np.repeat(x[None], d, axis=0), np.eye(d), h)
        if not np.isfinite(hessian).all():
            return v, 0.0
        spectrum, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
        k = 0 if -spectrum[0] > spectrum[-1] else d - 1
        return vectors[:, k], float(spectrum[k])
    for _ in range(POWER_STEPS):
        turned = products(probe, x[None], products(probe, x[None], v[None], h), h)
        v = _unit(turned, v[None])[0]
    stretched = products(probe, x[None], v[None], h)[0]
    sign = 1.0 if float(v @ stretched) >= 0 else -1.0
    v = _unit((v + sign * stretched / (norm(stretched) or 1.0))[None], v[None])[0]
    return v, float(v @ products(probe, x[None], v[None], h)[0])


def climbed(probe: Probe, x: Array, v: Array) -> tuple[Array, Array]:
    """A local maximiser of the norm of the Hessian, from a point and a direction, and its direction."""
    h, kept = probe.step, [v]

    def ask(y: Array) -> tuple[float, Array]:
        kept[0], curvature = widest(probe, y, kept[0])
        u, sign = kept[0], 1.0 if curvature >= 0 else -1.0
        ahead, here, behind = probe.gradients(probe.clipped(np.stack([y + h * u, y, y - h * u])))
        return -abs(curvature), -sign * (ahead - 2 * here + behind) / h**2

    found = probe.clipped(minimise(ask, x, LOOKS)[0])
    return found, widest(probe, found, kept[0])[0]


def pair_around(probe: Probe, x: Array, v: Array) -> Array:
    """Two points around x along v."""
    return probe.clipped(np.stack([x + probe.step * v, x - probe.step * v]))


def candidates(probe: Probe, number: int) -> Array:
    """Points (number, d): where a descent has been, drawn, sparse, at places; those of the survey are added."""
    rows = [probe.starts(number // 3), probe.sparse(number // 3), special_points(probe, number // 3)[0]]
    return np.concatenate([*rows, probe.survey.points[: number // 2 : 2]])


def effort(probe: Probe) -> tuple[int, int]:
    """How many points are screened, and how many of them climbed."""
    if probe.dimension > LARGE:
        return 8, 2
    return (60 if probe.is_fast else 16) * probe.number, max(3, probe.number // 3)


def redrawn(probe: Probe, x: Array, number: int) -> Array:
    """Points (number, d) that share all but one or two coordinates with x."""
    others = np.repeat(x[None], number, axis=0)
    for _ in range(2):
        which = probe.rng.integers(probe.dimension, size=number)
        others[np.arange(number), which] = probe.instance.start[which] + 3 * probe.scale * probe.rng.uniform(
            -1, 1, number
        )
    return probe.clipped(others)


def largest_curvature(probe: Probe) -> Witness | None:
    """The largest difference quotient of the gradient: screened, climbed, and shaken; and where the gradient jumps."""
    number, few = effort(probe)
    pairs = [narrowed(probe, pair) for pair in _largest_jumps(probe, probe.survey.pairs)]
    pairs += _largest_jumps(probe, _beside_places(probe))
    pairs += [pair_around(probe, *climbed(probe, x, v)) for x, v in screened(probe, 2, candidates(probe, number), few)]
    top = _better(probe, QUOTIENT, pairs)
    for times in range(2 * few if probe.is_fast else few):
        if top is None:
            break
        middle = top.points.mean(axis=0)
        around = probe.shaken(middle, number // 8) if times % 2 else redrawn(probe, middle, number // 8)
        tried = [pair_around(probe, *climbed(probe, x, v)) for x, v in screened(probe, 2, around, 2)]
        top = _better(probe, QUOTIENT, [top.points, *tried])
    return top


def _beside_places(probe: Probe) -> Array:
    """Pairs (m, 2, d) that one coordinate takes across a place."""
    points, which = exact_points(probe)
    moves = np.eye(probe.dimension)[which] * ACROSS * probe.scale
    return probe.clipped(np.stack([points - moves, points + moves], axis=1))


def _largest_jumps(probe: Probe, pairs: Array) -> list[Array]:
    """The twelve pairs with the largest difference quotients."""
    first, second = probe.gradients(pairs[:, 0]), probe.gradients(pairs[:, 1])
    with np.errstate(all="ignore"):
        quotients = norms(first - second) / norms(pairs[:, 0] - pairs[:, 1])
    return [pairs[k] for k in np.argsort(-np.where(np.isfinite(quotients), quotients, 0.0))[:12]]


def _better(probe: Probe, recipe: str, found: list[Array]) -> Witness | None:
    return best(probe, recipe, [points for points in found if norm(points[0] - points[1]) > 0])


def largest_third_derivative(probe: Probe) -> Witness | None:
    """The largest second difference of the gradient: screened, climbed, and shaken."""
    number, few = effort(probe)
    found = [_bent(probe, x, v) for x, v in screened(probe, 3, candidates(probe, number), few)]
    top = _better(probe, SECOND_QUOTIENT, [_triple(probe, x, v) for x, v in found])
    for _ in range(few):
        if top is None:
            break
        around = probe.shaken(top.points[1], number // 4)
        tried = [_triple(probe, *_bent(probe, x, v)) for x, v in screened(probe, 3, around, 1)]
        top = _better(probe, SECOND_QUOTIENT, [top.points, *tried])
    return top


def _bent(probe: Probe, x: Array, v: Array) -> tuple[Array, Array]:
    """A local maximiser of |D^3 f(x)[v, v, .]| over x and v, in turn at each look."""
    h, kept = THIRD * probe.step, [v]

    def ask(y: Array) -> tuple[float, Array]:
        u = kept[0]
        for _ in range(4):
            bend = bends(probe, y[None], u[None], h)
            u = _unit(bend, u[None])[0]
        kept[0], steps = u, np.array([2.0, 1.0, -1.0, -2.0])[:, None] * h
        far, ahead, behind, back = probe.gradients(probe.clipped(y + steps * u))
        value = float(u @ bends(probe, y[None], u[None], h)[0])
        sign = 1.0 if value >= 0 else -1.0
        return -abs(value), -sign * (far - 2 * ahead + 2 * behind - back) / (2 * h**3)

    found = probe.clipped(minimise(ask, x, LOOKS)[0])
    ask(found)
    return found, kept[0]


def _triple(probe: Probe, x: Array, v: Array) -> Array:
    """Three points in line around x, moved into the domain."""
    h, box = 10 * probe.step, probe.instance.domain
    if box is not None:
        middle, margin = (box.lower + box.upper) / 2, h * np.abs(v)
        x = np.clip(x, np.minimum(box.lower + margin, middle), np.maximum(box.upper - margin, middle))
    return np.stack([x - h * v, x, x + h * v])
