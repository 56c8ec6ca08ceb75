"""That a chain shows one coordinate at a time: exact zeros beyond progress + 1, in the gradient and what follows."""

from collections.abc import Callable, Mapping

import numpy as np

from hardinstances.certify.probe import LARGE, Probe
from hardinstances.progress import LastAbove
from oracles import AnswerError, Array

REACH = "entries of grad f(x1) that are not 0 beyond progress + 1"
HESSIAN_REACH = "rows of the Hessian at x1 that are not 0 beyond progress + 1"
VALUE_REACH = "f(x1) - f(x2), relative, where x1 and x2 differ beyond progress + 1 alone"
SAME = 1e-12  # of values, relative
KINDS = 16


def is_robust(probe: Probe) -> bool:
    """Whether coordinates within the threshold are to be felt by nothing, not only those that are 0."""
    progress = probe.instance.progress
    return isinstance(progress, LastAbove) and progress.threshold > 0 and progress.robust


def chain_points(probe: Probe) -> Array:
    """Points that have come to each coordinate; beyond, the others are within the threshold in many ways, or 0."""
    d, rng, rows = probe.dimension, probe.rng, []
    reach = np.unique(np.linspace(0, d - 1, min(d, 200)).astype(int))
    for reached in reach:
        for kind in range(KINDS if d <= LARGE else 1):
            x = probe.threshold * _within(rng, d, kind)
            size = probe.scale * np.resize([0.3, 0.6, 1.0, 3.0, 30.0], KINDS)[kind]
            x[:reached] = size * rng.standard_normal(reached)
            if kind % 3 == 1:
                x[:reached] = np.abs(x[:reached])
            elif kind % 3 == 2:
                x[:reached] = -np.abs(x[:reached])
            rows.append(x)
    points = np.array(rows)
    if not is_robust(probe):
        hidden = np.arange(d) >= np.maximum(LastAbove(probe.threshold)(points), 1)[:, None]
        hidden &= rng.random(points.shape) < np.resize([1.0, 0.5], len(points))[:, None]
        points[hidden] = 0.0
    return points


def _within(rng: np.random.Generator, d: int, kind: int) -> Array:
    """Entries (d,) in [-1, 1]: drawn, at the ends, just inside them, 0, of one sign, or 0 but for one far along."""
    signs = rng.choice([-1.0, 1.0], d)
    inside = 1 - rng.choice([2.0**-53, 1e-12, 1e-6, 1e-3, 1e-2, 0.05], d)
    single = np.zeros(d)
    single[rng.integers(d)] = rng.uniform(-1, 1)
    ways = [rng.uniform(-1, 1, d), signs, signs * inside, np.zeros(d), inside, -inside, single]
    return np.array(ways[kind % len(ways)])


def leaks(probe: Probe, points: Array) -> Array:
    """How many entries of each gradient (m,) are not 0 beyond progress + 1; of one that is not robust, off supp x."""
    beyond = np.arange(probe.dimension) > probe.instance.progress(points)[:, None]  # type: ignore[misc]
    if not is_robust(probe):
        beyond &= points == 0
    return ((probe.gradients(points) != 0) & beyond).sum(axis=1).astype(float)


def hessian_leaks(probe: Probe, points: Array) -> Array:
    """The same of the rows of the Hessian (m,)."""
    found = np.zeros(len(points))
    threshold = probe.threshold
    inside = threshold * (1 - 1e-9)  # on the threshold the Hessian may jump
    points = np.where(np.abs(points) <= threshold, np.clip(points, -inside, inside), points)
    for k, (x, reached) in enumerate(zip(points, probe.instance.progress(points), strict=True)):  # type: ignore[misc]
        try:
            band = probe.instance.function.band(np.ascontiguousarray(x))
        except AnswerError:
            continue
        if band is None:
            break
        rows = np.arange(probe.dimension)
        # entry (i, i - k) of a lower band lies in column i - k
        found[k] = sum(int((band[j] != 0)[rows + j > reached].sum()) for j in range(len(band)))
    return found


def value_leaks(probe: Probe, points: Array) -> Array:
    """How far values (m,) change when what lies beyond progress + 1 becomes 0, relative."""
    beyond = np.arange(probe.dimension) > probe.instance.progress(points)[:, None]  # type: ignore[misc]
    values, _ = probe.answers(points)
    others, _ = probe.answers(np.where(beyond, 0.0, points))
    off = np.abs(values - others) / max(float(np.abs(values).max()), 1e-300)
    return np.where(off > SAME, off, 0.0)


def worst_leak(probe: Probe) -> tuple[tuple[float, Array | None, str], int]:
    """The worst point of each kind of leak, and how many points were asked."""
    points = chain_points(probe)
    tests = [(REACH, leaks)]
    if is_robust(probe):
        tests += [(VALUE_REACH, value_leaks)]
        if probe.dimension <= LARGE or hasattr(probe.instance.function, "hessian"):
            tests += [(HESSIAN_REACH, hessian_leaks)]
    for recipe, measure in tests:
        rows = probe.rng.permutation(points)[:600] if recipe == HESSIAN_REACH else points
        met = measure(probe, rows)
        k = int(np.argmax(met))
        if met[k] > 0:
            return (float(met[k]), _with_partner(probe, rows[k], recipe), recipe), len(points)
    return (0.0, None, REACH), len(points)


def _with_partner(probe: Probe, x: Array, recipe: str) -> Array:
    if recipe != VALUE_REACH:
        return x[None]
    beyond = np.arange(probe.dimension) > probe.instance.progress(x[None])[0]  # type: ignore[misc]
    return np.stack([x, np.where(beyond, 0.0, x)])


def _first(measure: Callable[[Probe, Array], Array]) -> Callable[[Probe, Array], float]:
    return lambda probe, points: float(measure(probe, points[:1])[0])


RECIPES: Mapping[str, tuple[int, Callable[[Probe, Array], float]]] = {
    REACH: (1, _first(leaks)),
    HESSIAN_REACH: (1, _first(hessian_leaks)),
    VALUE_REACH: (2, _first(value_leaks)),
}
