"""Where to look: places at which something may happen, told by the instance or found by walking along lines.

A line is walked in equal steps. Where the gradient leaves its own course, in a thin set on which it is wrong, at a
kink, at a jump, its second difference stands out; what stands out is handed to the checks that decide.
"""

from dataclasses import dataclass

import numpy as np

from hardinstances.certify.probe import LARGE, Probe
from oracles import Array, norms
from oracles.arrays import Ids

STEPS = 240  # of a walk
REACH = 4.0  # how far a walk goes to either side, relative to the scale
OFFSETS = (0.0, 1e-9, -1e-9, 1e-4, -1e-4, 3e-3, -3e-3, 0.05, -0.05)  # around a place, relative to the scale
MOST = 48  # coordinates that are looked at one by one


@dataclass(frozen=True)
class Survey:
    """What stood out: points (m, d) with directions (m, d), and pairs (n, 2, d) between which the gradient jumps most.

    jumps: the same for the value. steepest: the largest gradient norm met.
    """

    points: Array
    directions: Array
    pairs: Array
    jumps: Array
    steepest: float


def places(probe: Probe) -> Array:
    """Values of a coordinate at which something may happen: thresholds, whole and half numbers, parameters, faces."""
    found = [0.0, 0.5, 1.0, 2.0, probe.threshold, 2 * probe.threshold]
    parameters = getattr(probe.instance.function, "parameters", None)
    if isinstance(parameters, np.ndarray):
        numbers = [float(entry) for entry in parameters[:24] if 1e-6 < abs(entry) < 1e6]
        found += numbers + [one * other for one in numbers[:8] for other in numbers[:8]]
    near = {round(abs(value), 15) for value in found if abs(value) <= REACH * probe.scale}
    return np.array(sorted(near | {-value for value in near}))[:60]


def coordinates(probe: Probe) -> Ids:
    """The coordinates that are looked at one by one."""
    d = probe.dimension
    return np.arange(d, dtype=np.int64) if d <= MOST else np.unique(np.linspace(0, d - 1, MOST).astype(np.int64))


def special_points(probe: Probe, number: int) -> tuple[Array, Array]:
    """Points (number, d) with one coordinate at a place, or beside it, and the directions of that or a neighbour."""
    rng, d = probe.rng, probe.dimension
    points = np.concatenate([probe.starts(number - number // 2), probe.sparse(number // 2)])
    points = points + 0.1 * probe.scale * rng.standard_normal(points.shape)
    which = rng.choice(coordinates(probe), len(points))
    there = rng.choice(places(probe), len(points)) + probe.scale * rng.choice(OFFSETS, len(points))
    box = probe.instance.domain
    if box is not None:
        face = np.where(rng.random(len(points)) < 0.5, box.lower[which], box.upper[which])
        there = np.where((rng.random(len(points)) < 0.5) & np.isfinite(face), face, there)
    rows = np.arange(len(points))
    points[rows, which] = there
    directions = np.zeros_like(points)
    directions[rows, np.clip(which + rng.integers(-1, 2, len(points)), 0, d - 1)] = 1.0
    return probe.clipped(points), directions


def exact_points(probe: Probe) -> tuple[Array, Ids]:
    """Points (m, d) with one coordinate exactly at a place, each at each, the others drawn; and which it is (m,)."""
    single, values = coordinates(probe), places(probe)
    which, there = np.repeat(single, len(values)), np.tile(values, len(single))
    kept = probe.rng.permutation(len(which))[: max(16, 2_000_000 // probe.dimension)]
    which, there = which[kept], there[kept]
    points = probe.instance.start + probe.scale * probe.rng.standard_normal((len(which), probe.dimension))
    points[np.arange(len(which)), which] = there
    return probe.clipped(points), which


def far_points(probe: Probe, number: int) -> Array:
    """Points (number, d) far out, up to ten thousand times the scale, in all coordinates or in few."""
    size = probe.scale * np.resize([10.0, 1e2, 1e3, 1e4], number)[:, None]
    spread = probe.rng.standard_normal((number, probe.dimension))
    few = probe.rng.random(spread.shape) < np.resize([1.0, 2 / probe.dimension], number)[:, None]
    return probe.clipped(probe.instance.start + size * spread * few)


def walks(probe: Probe) -> int:
    """How many lines are walked: what a function in machine code can bear, a tenth of it for one in Python."""
    d = probe.dimension
    if d > LARGE:
        return 4
    return int(min(10 * len(coordinates(probe)) + 40, (400 if probe.is_fast else 120)))


def survey(probe: Probe) -> Survey:
    """Walk along lines through the interesting part: in single coordinates, in two, in all."""
    rng, d, number = probe.rng, probe.dimension, walks(probe)
    bases = np.concatenate([probe.starts(number - number // 3), probe.sparse(number // 3)])
    order, points, directions, pairs, jumps, steepest = rng.permutation(coordinates(probe)), [], [], [], [], 0.0
    for k, base in enumerate(bases):
        v = np.eye(1, d, int(order[k % len(order)]))[0]
        if k % 3 == 1:
            v = v + rng.standard_normal() * np.eye(1, d, int(rng.integers(d)))[0]
        elif k % 3 == 2:
            v = rng.standard_normal(d)
        if not v.any():
            continue
        line = _line(probe, base, v / np.linalg.norm(v))
        values, gradients = probe.answers(line)
        if not (np.isfinite(values).all() and np.isfinite(gradients).all()):
            continue
        steepest = max(steepest, float(norms(gradients).max()))
        bends = gradients[2:] - 2 * gradients[1:-1] + gradients[:-2]
        for i in _outstanding(norms(bends)):
            points += [line[i + 1], line[i + 1]]
            directions += [v / np.linalg.norm(v), bends[i] / (np.linalg.norm(bends[i]) or 1.0)]
        i = int(np.argmax(norms(np.diff(gradients, axis=0))))
        pairs.append(line[i : i + 2])
        off = rests(line, values, gradients)
        jumps += [line[i : i + 2] for i in {int(np.argmax(off)), *_outstanding(off)}]
    none, no_pair = np.zeros((0, d)), np.zeros((0, 2, d))
    return Survey(
        points=np.array(points) if points else none,
        directions=np.array(directions) if directions else none,
        pairs=np.array(pairs) if pairs else no_pair,
        jumps=np.array(jumps) if jumps else no_pair,
        steepest=steepest,
    )


def _line(probe: Probe, base: Array, v: Array) -> Array:
    """Equal steps along a line through a point, over all its part within reach and in the domain."""
    low, high = -REACH * probe.scale, REACH * probe.scale
    box = probe.instance.domain
    if box is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            ends = np.stack([(box.lower - base) / v, (box.upper - base) / v])
        low = max(low, float(np.nanmax(np.where(v != 0, ends.min(axis=0), -np.inf))))
        high = min(high, float(np.nanmin(np.where(v != 0, ends.max(axis=0), np.inf))))
    times = np.linspace(low, high, STEPS) + (high - low) / STEPS * (probe.rng.random() - 0.5)
    return probe.clipped(base + times[:, None] * v)


def rests(line: Array, values: Array, gradients: Array) -> Array:
    """How far f rises otherwise than the trapezoidal rule says, from point to point of a line."""
    means = (gradients[1:] + gradients[:-1]) / 2
    return np.abs(np.diff(values) - (means * np.diff(line, axis=0)).sum(axis=1))


def _outstanding(bends: Array) -> set[int]:
    """The largest bends of a walk: as they are, and beside those around them."""
    around = np.convolve(np.pad(bends, 6, mode="edge"), np.ones(13) / 13, "valid")
    beside = bends / (around + 1e-300)
    return {int(i) for i in (*np.argsort(bends)[-2:], *np.argsort(beside)[-2:]) if bends[i] > 0}


def narrowed(probe: Probe, pair: Array, of_values: bool = False, times: int = 22) -> Array:
    """A pair halved again and again, each time to where the gradient changes more, or the value is off more."""
    for _ in range(times):
        line = np.stack([pair[0], pair.mean(axis=0), pair[1]])
        values, gradients = probe.answers(line)
        change = rests(line, values, gradients) if of_values else norms(np.diff(gradients, axis=0))
        if not np.isfinite(change).all():
            break
        pair = line[:2] if change[0] >= change[1] else line[1:]
    return pair
