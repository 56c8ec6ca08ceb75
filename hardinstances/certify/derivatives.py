"""That the gradient is the derivative of f, and the Hessian that of the gradient: held against differences.

A difference is taken at eleven step sizes; what is wrong disagrees at every one of them, beyond rounding. At the faces
of the domain, and at kinks of the gradient, differences to one side count, too.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from hardinstances.certify.probe import LARGE, Probe
from hardinstances.certify.survey import exact_points, far_points, narrowed, special_points
from oracles import AnswerError, Array, norms
from oracles.arrays import Ids
from oracles.reductions import band_times

Worst = tuple[float, Array | None]

EPSILON = float(np.finfo(float).eps)
TOLERANCE = 1e-5  # relative to the gradient norm; a wrong term is far above, the error of the differences far below
STEPS = np.geomspace(1e-2, 1e-7, 11)
SHORTER = np.geomspace(1e-2, 1e-8, 13)  # of the gradient, which is differenced with less rounding than f
ROWS = 2000  # points and directions that are held at a time

DERIVATIVE = "(f(x1 + h v) - f(x1 - h v)) / 2h - grad f(x1)'v, relative, where x2 = x1 + v"
HESSIAN = "(grad f(x1 + h v) - grad f(x1 - h v)) / 2h - Hessian(x1) v, relative, where x2 = x1 + v"
JUMP = "|f(x1) - f(x2)| / |x1 - x2| beside the gradient norms at x1 and x2"
NO_HESSIAN = "the Hessian at x1 is not answered, not finite, or not symmetric"


def derivative_mismatches(probe: Probe, points: Array, directions: Array) -> Array:
    """For each point and direction: the least over h of how far the difference quotient of f is from grad f(x)'v,
    beyond rounding, relative to the gradient norm (m,). 0 where answers are not finite or the domain ends too near.
    """
    values, gradients = probe.answers(points)
    steps = STEPS * (probe.scale + 1e-3 * np.abs(points).max(axis=1))[:, None]
    side = _sides(probe, points, directions, steps[:, 0])
    first = _around(probe, points, directions, np.where(side[:, None] == 0, steps, side[:, None] * steps))[0]
    second = _around(probe, points, directions, np.where(side[:, None] == 0, -steps, 2 * side[:, None] * steps))[0]
    here = values[:, None]
    # to one side: (4 f(x + h) - f(x + 2h) - 3 f(x)) / 2h
    onward = side[:, None] * (4 * first - second - 3 * here) / (2 * steps)
    slopes = np.where(side[:, None] == 0, (first - second) / (2 * steps), onward)
    size = np.maximum(np.maximum(np.abs(first), np.abs(second)), np.abs(here))
    exact = (gradients * directions).sum(axis=1)
    off = np.abs(slopes - exact[:, None]) - 32 * EPSILON * (size + probe.sizes[0]) / steps
    return np.where(side == 2, 0.0, _relative(off, np.maximum(norms(gradients), np.abs(slopes[:, 0]))))


def hessian_mismatches(probe: Probe, points: Array, directions: Array) -> Array:
    """The same of the gradient and the Hessian (m,); differences to both sides, or to one, whichever agrees."""
    products, kept = np.full_like(points, np.nan), np.zeros(len(points), dtype=bool)
    for k, x in enumerate(points):
        band = probe.instance.function.band(np.ascontiguousarray(x))
        if band is not None and np.isfinite(band).all():
            products[k], kept[k] = np.asarray(band_times(band, directions[k])), True
    steps = SHORTER * (probe.scale + 1e-3 * np.abs(points).max(axis=1))[:, None]
    side = _sides(probe, points, directions, steps[:, 0] / 2)
    here = probe.gradients(points)[:, None]
    ahead = _around(probe, points, directions, steps)[1]
    behind = _around(probe, points, directions, -steps)[1]
    h = steps[:, :, None]
    ways = [((ahead - behind) / (2 * h), side == 0), ((ahead - here) / h, side != -1), ((here - behind) / h, side != 1)]
    rounding = 32 * EPSILON * np.linalg.norm(np.maximum(np.abs(ahead), np.abs(behind)), axis=2) / steps
    off = np.full(steps.shape, np.inf)
    for quotient, allowed in ways:
        met = np.linalg.norm(quotient - products[:, None], axis=2) - rounding
        off = np.minimum(off, np.where(allowed[:, None], met, np.inf))
    around = np.linalg.norm(np.stack([quotient[:, 0] for quotient, _ in ways]), axis=2).max(axis=0)
    size = np.maximum(norms(products), around)
    return np.where(kept & (side != 2), _relative(off, size), 0.0)


def _around(probe: Probe, points: Array, directions: Array, steps: Array) -> tuple[Array, Array]:
    """Values (m, h) and gradients (m, h, d) at x + step v."""
    m, h = steps.shape
    moved = points[:, None] + steps[:, :, None] * directions[:, None]
    values, gradients = probe.answers(probe.clipped(moved.reshape(m * h, -1)))
    return values.reshape(m, h), gradients.reshape(m, h, -1)


def _sides(probe: Probe, points: Array, directions: Array, step: Array) -> Ids:
    """0 where x + h v and x - h v lie in the domain, 1 or -1 where x + 2 h v or x - 2 h v does, 2 where neither."""
    box = probe.instance.domain
    if box is None:
        return np.zeros(len(points), dtype=np.int64)

    def inside(factor: float) -> NDArray[np.bool_]:
        moved = points + factor * step[:, None] * directions
        return np.all((moved >= box.lower) & (moved <= box.upper), axis=1)

    both = inside(1.0) & inside(-1.0)
    return np.where(both, 0, np.where(inside(2.0), 1, np.where(inside(-2.0), -1, 2))).astype(np.int64)


def _relative(off: Array, size: Array) -> Array:
    """The least over the step sizes, relative; 0 where nothing is finite."""
    least = np.where(np.isfinite(off), off, np.inf).min(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        met = np.maximum(least, 0.0) / size
    return np.where(np.isfinite(met), met, 0.0)


def candidates(probe: Probe) -> tuple[Array, Array]:
    """Points and directions: where a descent has been, drawn ones, places, far ones, and what stood out on walks."""
    many = 24 * probe.number if probe.dimension <= LARGE else 12
    places, beside = special_points(probe, many)
    rows = [probe.starts(many // 3), probe.sparse(many // 3), far_points(probe, many // 10)]
    drawn = np.concatenate([*rows, exact_points(probe)[0]] if probe.dimension <= LARGE else rows)
    turned = probe.rng.standard_normal(drawn.shape)
    alone = slice(1, 2 * many // 3, 2)  # in single coordinates
    turned[alone] = np.eye(probe.dimension)[probe.rng.integers(probe.dimension, size=len(turned[alone]))]
    turned /= np.linalg.norm(turned, axis=1)[:, None]
    seen = probe.survey
    points = np.concatenate([seen.points, places, drawn])
    return points, np.concatenate([seen.directions, beside, turned])


def worst_of(measure: Callable[[Probe, Array, Array], Array], probe: Probe, points: Array, directions: Array) -> Worst:
    """The largest mismatch, with (x, x + v)."""
    worst: Worst = (0.0, None)
    rows = max(1, min(ROWS, 4_000_000 // (len(SHORTER) * probe.dimension)))
    for start in range(0, len(points), rows):
        part, v = points[start : start + rows], directions[start : start + rows]
        with np.errstate(all="ignore"):
            met = measure(probe, part, v)
        k = int(np.argmax(met))
        if worst[1] is None or met[k] > worst[0]:
            worst = float(met[k]), np.stack([part[k], part[k] + v[k]])
    return worst


def value_jump(probe: Probe, pair: Array, steepest: float) -> float:
    """How many times steeper f is between two points than the gradients say, rounding taken off."""
    values, gradients = probe.answers(pair)
    distance = float(np.linalg.norm(pair[0] - pair[1]))
    if distance == 0 or not np.isfinite(values).all():
        return 0.0
    rise = abs(values[0] - values[1]) - 64 * EPSILON * float(np.abs(values).max())
    slope = max(float(norms(gradients).max()), 1e-3 * steepest)
    return max(0.0, float(rise)) / (distance * slope) if slope > 0 else 0.0


def worst_jump(probe: Probe) -> Worst:
    """The largest jump of the value that the walks have met."""
    seen = probe.survey
    worst: Worst = (0.0, None)
    for pair in seen.jumps[:: max(1, len(seen.jumps) // 300)]:
        closer = narrowed(probe, pair, of_values=True)
        if (met := value_jump(probe, closer, seen.steepest)) > worst[0]:
            worst = met, closer
    return worst


def without_hessian(probe: Probe, points: Array) -> Array | None:
    """The first point at which the Hessian is not answered, not finite, or has entries beside the matrix."""
    d = probe.dimension
    for x in points:
        try:
            band = probe.instance.function.band(np.ascontiguousarray(x))
        except AnswerError:
            return np.asarray(x)[None]
        if band is None:
            return None
        beside = any(band[k, d - k :].any() for k in range(1, len(band)))
        if beside or (not np.isfinite(band).all() and np.isfinite(probe.gradients(x[None])).all()):
            return np.asarray(x)[None]
    return None
