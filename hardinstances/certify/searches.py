"""Searches: each meets a value at points, which is a bound on the true number from one side.

A difference quotient is not an approximation here: |grad f(y) - grad f(x)| / |y - x| never exceeds the Lipschitz
constant of the gradient, whatever the distance. What is uncertain is the rounding of doubles; its size is subtracted.
"""

from collections.abc import Callable

import numpy as np

from hardinstances.certify.finding import Witness
from hardinstances.certify.probe import Probe, minimise
from hardinstances.progress import LastAbove
from oracles import Array, norm, norms

EPSILON = float(np.finfo(float).eps)

SHORT, LONG = 80, 400  # looks of a descent to the floor

QUOTIENT = "|grad f(x1) - grad f(x2)| / |x1 - x2|"
SECOND_QUOTIENT = "|grad f(x1) - 2 grad f(x2) + grad f(x3)| / |x1 - x2|^2"
STEEPNESS = "|grad f(x1)|"
DROP = "f(x1) - f(x2)"


def evaluate(probe: Probe, recipe: str, points: Array) -> float:
    """The value of a recipe at its points, less (for a least norm: plus) what rounding may have done to it."""
    values, gradients = probe.answers(points)
    size = float(norms(gradients).max())
    if recipe == QUOTIENT:
        distance = norm(points[0] - points[1])
        return (norm(gradients[0] - gradients[1]) - 8 * EPSILON * size) / distance
    if recipe == SECOND_QUOTIENT:
        distance = min(norm(points[0] - points[1]), norm(points[1] - points[2]))
        return (norm(gradients[0] - 2 * gradients[1] + gradients[2]) - 32 * EPSILON * size) / distance**2
    if recipe == DROP:
        return float(values[0] - values[1] - 8 * EPSILON * np.abs(values).max())
    return size


def best(probe: Probe, recipe: str, candidates: list[Array], least: bool = False) -> Witness | None:
    """The witness with the largest value, or the least."""
    met = [(evaluate(probe, recipe, points), points) for points in candidates]
    met = [pair for pair in met if np.isfinite(pair[0])]
    if not met:
        return None
    value, points = (min if least else max)(met, key=lambda pair: pair[0])
    return Witness(value, points, recipe)


def deepest_drop(probe: Probe) -> Witness | None:
    """The largest f(start) - f(x): by descent from many starts, and far out along what was found."""
    start = probe.instance.start
    found = [minimise(_value_and_gradient(probe), x, 500)[0] for x in probe.starts(probe.number)]
    low = np.concatenate([probe.visited[-probe.number :], np.array(found)])
    rays = np.concatenate([start + factor * (low - start) for factor in (1.0, 3.0, 10.0, 100.0, 1e4)])
    return best(probe, DROP, [np.stack([start, x]) for x in probe.clipped(rays)])


def _value_and_gradient(probe: Probe) -> Callable[[Array], tuple[float, Array]]:
    def ask(x: Array) -> tuple[float, Array]:
        values, gradients = probe.answers(probe.clipped(x)[None])
        return float(values[0]), gradients[0]

    return ask


def curvature_along(probe: Probe, x: Array, v: Array) -> Array:
    """(grad f(x + h v) - grad f(x - h v)) / 2h, the mean of the Hessian times v."""
    ahead, behind = probe.gradients(probe.clipped(np.stack([x + probe.step * v, x - probe.step * v])))
    return (ahead - behind) / (2 * probe.step)


def _half_square(probe: Probe, sign: float) -> Callable[[Array], tuple[float, Array]]:
    """+-|grad f|^2 / 2 and its gradient, +- the Hessian times grad f, by differences."""

    def ask(x: Array) -> tuple[float, Array]:
        gradient = probe.gradients(probe.clipped(x)[None])[0]
        size = norm(gradient)
        if not 0 < size < np.inf:
            return 0.5 * sign * size * size, np.zeros_like(x)
        return 0.5 * sign * size * size, sign * size * curvature_along(probe, x, gradient / size)

    return ask


def largest_gradient(probe: Probe) -> Witness | None:
    """The largest gradient norm that an ascent from many starts has met."""
    drawn = np.concatenate([probe.starts(20 * probe.number), probe.sparse(20 * probe.number)])
    sizes = norms(probe.gradients(drawn))
    steepest = np.argsort(-np.where(np.isfinite(sizes), sizes, -1.0))[: probe.number]
    points = [minimise(_half_square(probe, -1.0), x, 300)[0] for x in drawn[steepest]]
    return best(probe, STEEPNESS, [probe.clipped(x)[None] for x in points])


def least_gradient(probe: Probe, length: int) -> Witness | None:
    """The least gradient norm that a descent has met at points with progress < length."""
    progress = probe.instance.progress
    assert progress is not None
    bounds = None
    first = max(length - 1, 0)
    if isinstance(progress, LastAbove):
        free, held = (-np.inf, np.inf), (-progress.threshold, progress.threshold)
        bounds = [free] * first + [held] * (probe.dimension - first)
    short = [_descent(probe, x, length, bounds, SHORT) for x in _short_of(probe, first)]
    started = sorted((one for one in short if one is not None), key=lambda one: one[0])
    longer = [_descent(probe, x, length, bounds, LONG) for _, x in started[: max(8, len(started) // 4)]]
    started += [one for one in longer if one is not None]
    top = best(probe, STEEPNESS, [x[None] for _, x in started], least=True)
    for _ in range(4 * probe.number // 3):
        if top is not None:
            x = _held(probe, probe.shaken(top.points[0], 1), first)[0]
            again = _descent(probe, x, length, bounds, LONG)
            top = best(probe, STEEPNESS, [top.points] if again is None else [top.points, again[1][None]], least=True)
    return top


def gradient_at_the_start(probe: Probe) -> Witness | None:
    """The gradient norm at the start."""
    return best(probe, STEEPNESS, [probe.instance.start[None]], least=True)


def _descent(
    probe: Probe, x: Array, length: int, bounds: list[tuple[float, float]] | None, looks: int
) -> tuple[float, Array] | None:
    """The point (d,) with the least gradient norm that a descent from x meets with progress < length, if any."""
    inner, progress = _half_square(probe, 1.0), probe.instance.progress
    assert progress is not None
    found: list[tuple[float, Array]] = []

    def ask(y: Array) -> tuple[float, Array]:
        value, slope = inner(y)
        point = probe.clipped(y)
        if np.isfinite(value) and (not found or value < found[0][0]) and progress(point[None])[0] < length:
            found[:] = [(value, point.copy())]
        return value, slope

    minimise(ask, x, looks, bounds)
    return found[0] if found else None


def _held(probe: Probe, points: Array, first: int) -> Array:
    """The points with the coordinates from `first` on within the threshold."""
    if isinstance(probe.instance.progress, LastAbove):
        points = points.copy()
        points[:, first:] = np.clip(points[:, first:], -probe.threshold, probe.threshold)
    return probe.clipped(points)


def _short_of(probe: Probe, first: int) -> Array:
    """Starts for a search short of the end: coordinates from `first` on within the threshold.

    With the signs as they are and drawn, and with sizes that fall along the chain, as where a front has come.
    """
    starts = np.concatenate([probe.starts(2 * probe.number), probe.visited[:1]])
    turned = starts * np.where(probe.rng.random(starts.shape) < 0.5, -1.0, 1.0)
    falling = -np.sort(-np.abs(starts), axis=1)
    alternating = falling * np.resize([1.0, -1.0], probe.dimension)
    points = np.concatenate([starts, turned, falling, alternating])
    return _held(probe, points, first)
