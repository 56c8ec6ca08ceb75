"""How an instance answers: the same in a batch as alone, the same again, finite, and to the precision of doubles."""

import numpy as np

from hardinstances.certify.probe import LARGE, Probe
from oracles import AnswerError, Array, norms

SIZES = (2, 3, 5, 16, 64, 256)  # of batches
TINY = (1e-11, 1e-7)  # steps of the test for precision, relative to the scale
ROUGH = 1e-9  # relative; single precision leaves 1e-8 and more, doubles 1e-13

BATCH = "|f, grad f of x1 .. xm asked alone - asked as one batch|"
AGAIN = "|f, grad f of x1 .. xm - asked again, later, in another order|"
SEPARATE = "|f, grad f of x1 .. xm - the value and the gradient asked for alone|"
CHANGED = "entries of x1 .. xm that are others once they have been asked"
FINITE = "entries of f(x1), grad f(x1) that are not finite"
ROUGHNESS = "fourth differences of f or grad f along x1 .. x17, their median, relative, over 8"


def apart(one: Array, other: Array) -> Array:
    """The largest difference of each row, inf where only one is a number, and least positive where only bits differ."""
    same = (one == other) | (np.isnan(one) & np.isnan(other))
    with np.errstate(invalid="ignore"):
        off = np.abs(one - other)
    off = np.where(same, 0.0, np.where(np.isnan(off), np.inf, np.maximum(off, np.finfo(float).tiny)))
    return off.reshape(len(off), -1).max(axis=1)


def _alone(probe: Probe, points: Array) -> tuple[Array, Array]:
    """Values (m,) and gradients (m, d), point by point; NaN where the function raises."""
    values, gradients = np.full(len(points), np.nan), np.full(points.shape, np.nan)
    for k, x in enumerate(points):
        try:
            values[k], gradients[k] = probe.instance.function.evaluate_one(np.ascontiguousarray(x), True, True)
        except AnswerError:
            continue
    return values, gradients


def batch_mismatch(probe: Probe, points: Array) -> float:
    """The largest difference between the answers to a batch and to its points alone."""
    values, gradients = probe.answers(points)
    single_values, singles = _alone(probe, points)
    return float(max(apart(values, single_values).max(), apart(gradients, singles).max()))


def worst_batch(probe: Probe) -> tuple[float, Array | None]:
    """The largest mismatch over batches of several sizes, with repeated points among them."""
    for size in SIZES if probe.dimension <= LARGE else SIZES[:3]:
        points = probe.starts(size)
        points[size // 2] = points[-1]
        if (met := batch_mismatch(probe, points)) > 0:
            return met, points
    return 0.0, None


def repetition_mismatch(probe: Probe, points: Array) -> float:
    """The largest difference between answers to the same points: again, reversed, one by one, many times the first."""
    values, gradients = _alone(probe, points)
    worst = 0.0
    for _ in range(3):
        for order in (np.arange(len(points)), np.arange(len(points))[::-1]):
            again, other = _alone(probe, points[order])
            worst = max(worst, float(apart(again, values[order]).max()), float(apart(other, gradients[order]).max()))
    often, slopes = _alone(probe, np.repeat(points[:1], 60, axis=0))
    return max(worst, float(apart(often, np.repeat(values[:1], 60)).max()), float(apart(slopes, slopes[::-1]).max()))


def separate_mismatch(probe: Probe, points: Array) -> float:
    """The largest difference where the value, or the gradient, is asked for alone, in a batch or not."""
    values, gradients = probe.answers(points)
    yes, no = np.ones(len(points), dtype=bool), np.zeros(len(points), dtype=bool)
    function, points = probe.instance.function, np.ascontiguousarray(points)
    try:
        pairs = [
            (function.evaluate(points, yes, no)[0], values),
            (function.evaluate(points, no, yes)[1], gradients),
            (np.array([function.evaluate_one(x, True, False)[0] for x in points]), values),
            (np.array([function.evaluate_one(x, False, True)[1] for x in points]), gradients),
        ]
    except AnswerError:
        return 0.0
    return float(max(apart(one, other).max() for one, other in pairs))


def change_of_points(probe: Probe, points: Array) -> float:
    """How many entries of the points are others once they have been asked, in a batch or alone."""
    asked = np.ascontiguousarray(points).copy()
    probe.answers(asked)
    changed = int((asked != points).sum())
    for x in asked:
        try:
            probe.instance.function.evaluate_one(x, True, True)
            probe.instance.function.band(x)
        except AnswerError:
            continue
    return float(changed + int((asked != points).sum()))


def worst_repetition(probe: Probe) -> tuple[float, Array | None, str]:
    """The first of the tests of repetition that fails; and the very first answers, asked again now."""
    points = probe.starts(12)
    for measure, recipe in ((change_of_points, CHANGED), (repetition_mismatch, AGAIN), (separate_mismatch, SEPARATE)):
        if (met := measure(probe, points)) > 0:
            return met, points, recipe
    first, values, gradients = probe.first
    again, slopes = _alone(probe, first)
    met = float(max(apart(again, values).max(), apart(slopes, gradients).max()))
    return met, first, AGAIN


def not_finite(probe: Probe, points: Array) -> float:
    """How many entries of the answer are not finite; a value of +inf is none of them."""
    values, gradients = _alone(probe, points)
    return float((np.isnan(values) | (values == -np.inf)).sum() + (~np.isfinite(gradients)).sum())


def roughness(probe: Probe, points: Array) -> float:
    """The median fourth difference along equal tiny steps, of f or of grad f, over 8 and the largest around.

    A smooth function has none to speak of, a kink spoils five in a row, and noise is everywhere; rounding of the points
    is taken off.
    """
    values, gradients = probe.answers(points)
    if not (np.isfinite(values).all() and np.isfinite(gradients).all()):
        return 0.0
    coarse = 64 * np.finfo(float).eps * float(np.abs(points).max()) / probe.scale
    rough = np.abs(np.diff(values, 4)) / probe.sizes[0], norms(np.diff(gradients, 4, axis=0)) / probe.sizes[1]
    return max(0.0, float(max(np.median(rough[0]), np.median(rough[1]))) / 8 - coarse)


def worst_roughness(probe: Probe) -> tuple[float, Array | None]:
    """The largest roughness over points, directions and steps."""
    worst: tuple[float, Array | None] = (0.0, None)
    for k, x in enumerate(probe.starts(60)):
        v = probe.rng.standard_normal(probe.dimension)
        v *= TINY[k % len(TINY)] * max(probe.scale, float(np.abs(x).max())) / np.linalg.norm(v)
        points = probe.clipped(x + np.arange(-8, 9)[:, None] * v)
        if (met := roughness(probe, points)) > worst[0]:
            worst = met, points
    return worst
