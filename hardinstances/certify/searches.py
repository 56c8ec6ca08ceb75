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
SWEEPS, POWER_STEPS, LOOKS = 8, 12, 40

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


def curvature_along(probe: Probe, x: Array, v: Array) -> Array:
    """(grad f(x + h v) - grad f(x - h v)) / 2h, the mean of the Hessian times v."""
    ahead, behind = probe.gradients(probe.clipped(np.stack([x + probe.step * v, x - probe.step * v])))
    return (ahead - behind) / (2 * probe.step)


def steepest_direction(probe: Probe, x: Array, v: Array) -> tuple[Array, float]:
    """The unit vector that the Hessian stretches most, by power iteration, and v'Hv along it, with its sign."""
    for _ in range(POWER_STEPS):
        # twice, as the two ends of the spectrum may be equally far away
        product = curvature_along(probe, x, curvature_along(probe, x, v))
        length = norm(product)
        if not 0 < length < np.inf:
            break
        v = product / length
    stretched = curvature_along(probe, x, v)
    size = norm(stretched)
    if not 0 < size < np.inf:
        return v, 0.0
    u = v + stretched / size if float(v @ stretched) >= 0 else v - stretched / size
    v = u / norm(u)
    return v, float(v @ curvature_along(probe, x, v))


def ascend(probe: Probe, x: Array) -> Array:
    """Two points around a local maximiser of the Hessian norm: directions and points improve in turn."""
    v = probe.rng.standard_normal(probe.dimension)
    v /= norm(v)
    h, reached = probe.step, 0.0
    for _ in range(SWEEPS):
        v, curvature = steepest_direction(probe, x, v)
        if abs(curvature) <= reached * (1 + 1e-6):
            break
        reached, sign = abs(curvature), float(np.sign(curvature))

        def ask(y: Array, v: Array = v, sign: float = sign) -> tuple[float, Array]:
            ahead, here, behind = probe.gradients(probe.clipped(np.stack([y + h * v, y, y - h * v])))
            return -sign * float(v @ (ahead - behind)) / (2 * h), -sign * (ahead - 2 * here + behind) / h**2

        x, _ = minimise(ask, x, LOOKS)
        x = probe.clipped(x)
    return np.stack([probe.clipped(x + h * v), probe.clipped(x - h * v)])


def largest_curvature(probe: Probe) -> Witness | None:
    """The largest difference quotient of the gradient that an ascent from many starts has met."""
    pairs = [pair for x in probe.starts(probe.number) if norm(np.subtract(*(pair := ascend(probe, x)))) > 0]
    top = best(probe, QUOTIENT, pairs)
    for _ in range(2 * probe.number // 3):
        if top is not None:  # the best point, shaken
            (x,) = probe.shaken(top.points.mean(axis=0), 1)
            pair = ascend(probe, x)
            top = best(probe, QUOTIENT, [top.points, pair] if norm(pair[0] - pair[1]) > 0 else [top.points])
    return top


def largest_third_derivative(probe: Probe) -> Witness | None:
    """The largest second difference of the gradient: at random, then improved step by step at random."""
    h, number = 10 * probe.step, 8 * probe.number

    def value(points: Array) -> float:
        found = evaluate(probe, SECOND_QUOTIENT, points)
        return found if np.isfinite(found) else 0.0

    def triple(x: Array, v: Array) -> Array:
        middle = x if probe.instance.domain is None else np.clip(x, *_inside(probe, h * np.abs(v)))
        return np.stack([middle - h * v, middle, middle + h * v])

    top: tuple[float, Array, Array] | None = None
    for x in probe.starts(number):
        v = probe.rng.standard_normal(probe.dimension) * (probe.rng.random(probe.dimension) < 3 / probe.dimension)
        v = v / norm(v) if v.any() else np.eye(1, probe.dimension)[0]
        if top is None or value(triple(x, v)) > top[0]:
            top = value(triple(x, v)), x, v
    for step in np.geomspace(0.3, 1e-3, 3 * number):
        assert top is not None
        x = top[1] + step * probe.scale * probe.rng.standard_normal(probe.dimension)
        v = top[2] + step * probe.rng.standard_normal(probe.dimension)
        v /= norm(v)
        if (met := value(triple(x, v))) > top[0]:
            top = met, x, v
    return None if top is None else best(probe, SECOND_QUOTIENT, [triple(top[1], top[2])])


def _inside(probe: Probe, margin: Array) -> tuple[Array, Array]:
    """The domain without a margin; its middle where nothing is left."""
    box = probe.instance.domain
    assert box is not None
    middle = (box.lower + box.upper) / 2
    return np.minimum(box.lower + margin, middle), np.maximum(box.upper - margin, middle)


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
    points = [minimise(_half_square(probe, -1.0), x, 300)[0] for x in probe.starts(probe.number)]
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
    met: list[Array] = []
    for x in _short_of(probe, first):
        met += _descent(probe, x, length, bounds)
    top = best(probe, STEEPNESS, met, least=True)
    for _ in range(4 * probe.number // 3):
        if top is not None:
            x = _held(probe, probe.shaken(top.points[0], 1), first)[0]
            top = best(probe, STEEPNESS, [top.points, *_descent(probe, x, length, bounds)], least=True)
    return top


def _descent(probe: Probe, x: Array, length: int, bounds: list[tuple[float, float]] | None) -> list[Array]:
    """The point (1, d) with the least gradient norm that a descent from x meets with progress < length, if any."""
    inner, progress = _half_square(probe, 1.0), probe.instance.progress
    assert progress is not None
    found: list[tuple[float, Array]] = []

    def ask(y: Array) -> tuple[float, Array]:
        value, slope = inner(y)
        point = probe.clipped(y)
        if np.isfinite(value) and (not found or value < found[0][0]) and progress(point[None])[0] < length:
            found[:] = [(value, point[None].copy())]
        return value, slope

    minimise(ask, x, 400, bounds)
    return [point for _, point in found]


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
