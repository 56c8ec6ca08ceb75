"""The certificate of a trapping run, looked at again: f(y) >= f(x) - c |y - x| on the walls of every box.

The observer evaluates the function itself, outside of every count: at random points of each wall, which can refute a
certificate, and on a net of each wall, from which the claimed smoothness L bounds the slope of all of its points.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from experiments.results import Run
from experiments.tables import Table
from oracles import Array, InputError, Instance, Remark

ROUNDING = 64 * np.finfo(float).eps  # of a value, in units of the function's size: a value may be near 0 by chance
SIZE_POINTS = 256

CAPTION = (
    "c: the slope that the method states for the walls of its box, f(y) >= f(x) - c |y - x|. Steepest: the largest "
    "(f(x) - f(y))/|y - x| at random points of the walls. Net bound: what a net and the claimed L ensure for all "
    "points of the walls; inf where the net is too coarse. The box has a point with |g| <= c, so that x, or its "
    "projection onto the faces of the domain, has |g| <= c + L diameter. The observer's evaluations are not counted."
)


@dataclass(frozen=True)
class Look:
    """What the observer saw of one box. points: of the walls, at random. violations: those below the certificate, and
    one if the method's f(x) is not f(x). steepest, bound: see the caption.
    """

    round: int
    queries: int
    diameter: float
    slope: float
    points: int
    violations: int
    steepest: float
    bound: float


@dataclass(frozen=True)
class Certificate:
    """All boxes of a run. stationary: c + L diameter of the last box, which bounds the gradient at the end."""

    looks: tuple[Look, ...]
    stationary: float
    smoothness: float

    @property
    def violations(self) -> int:
        """The points at which the certificate of a box is violated."""
        return sum(look.violations for look in self.looks)

    def as_data(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        rows = [vars(look) for look in self.looks]
        return {"violations": self.violations, "stationary": self.stationary, "boxes": rows}


def certificate_of(instance: Instance, outcome: Run, *, points: int = 1000, seed: int = 0) -> Certificate:
    """Look at every box that a run remarked; the run has to have been traced.

    points: of each wall, at random, and at most of its net. Errors: `InputError` where there is no box.
    """
    remarks = [one for one in (outcome.trace.remarks if outcome.trace else []) if {"trap", "bracket"} & set(one.data)]
    if not remarks:
        raise InputError(f"{outcome.method} makes no boxes with a certificate, or the run has no trace")
    smoothness = float(outcome.numbers.get("smoothness") or instance.claims.value("smoothness"))
    rng = np.random.default_rng(seed)
    rounding = ROUNDING * _size(instance, smoothness, rng)
    looks = tuple(_look(instance, one, smoothness, points, rounding, rng) for one in remarks)
    return Certificate(looks, looks[-1].slope + smoothness * looks[-1].diameter, smoothness)


def table_of(certificate: Certificate, name: str) -> Table:
    """One row per box."""
    columns = ["round", "queries", "diameter", "c", "points", "violations", "steepest", "net bound"]
    rows = [
        [
            look.round,
            look.queries,
            _short(look.diameter),
            _short(look.slope),
            look.points,
            look.violations,
            _short(look.steepest),
            _short(look.bound),
        ]
        for look in certificate.looks
    ]
    return Table(f"Boxes of {name}", pd.DataFrame(rows, columns=columns), CAPTION)


def _short(number: float) -> str:
    return f"{number:.4g}"


def _size(instance: Instance, smoothness: float, rng: np.random.Generator) -> float:
    """The largest of random values on the domain; without one, near the start, where f changes by about the gap."""
    reach = math.sqrt((instance.claims.defaults().get("gap") or 1.0) / smoothness)
    lower, upper = instance.start - reach, instance.start + reach
    if instance.domain is not None:
        lower, upper = instance.domain.lower, instance.domain.upper
    return float(np.abs(_values(instance, rng.uniform(lower, upper, (SIZE_POINTS, instance.dimension)))).max())


def _look(
    instance: Instance, remark: Remark, smoothness: float, points: int, rounding: float, rng: np.random.Generator
) -> Look:
    if "bracket" in remark.data:
        return _look_at_bracket(instance, remark, rounding)
    box = {key: np.array(value) for key, value in remark.data["trap"].items()}
    x, slope = box["x"], float(box["slope"])
    value = _values(instance, x[None])[0]
    seen, below, steepest, bound = 0, 0, 0.0, 0.0
    for axis, at in _walls(box):
        y = rng.uniform(box["lower"], box["upper"], (points if x.size > 1 else 1, x.size))
        y[:, axis] = at
        values, distances = _values(instance, y), np.linalg.norm(y - x, axis=1)
        below += int((values < value - slope * distances - rounding).sum())
        seen += len(y)
        steepest = max(steepest, float(_slopes(value, values, distances).max()))
        bound = max(bound, _bound(instance, box, axis, at, value, smoothness, points))
    wrong = abs(value - float(box["value"])) > rounding
    diameter = float(np.linalg.norm(box["upper"] - box["lower"]))
    return Look(remark.round, remark.queries, diameter, slope, seen, below + int(wrong), steepest, bound)


def _walls(box: Mapping[str, Array]) -> Iterator[tuple[int, float]]:
    """Axis and place of each wall."""
    for side in ("lower", "upper"):
        for axis in np.flatnonzero(box[f"{side}_walls"]):
            yield int(axis), float(box[side][axis])


def _slopes(value: float, values: Array, distances: Array) -> Array:
    """(f(x) - f(y))/|y - x|; infinite at y = x if f(y) is below f(x), 0 where f(y) is not."""
    fall = np.maximum(value - values, 0.0)
    return np.divide(fall, distances, out=np.where(fall > 0, np.inf, 0.0), where=distances > 0)


def _bound(
    instance: Instance, box: Mapping[str, Array], axis: int, at: float, value: float, smoothness: float, points: int
) -> float:
    """A slope that no point of a wall exceeds. With a the largest slope on a net of spacings h_j, q = sum_j h_j^2/8 and
    D = |x_axis - at|: f(y) >= E f(V) - L q, and E |V - x| <= |y - x| + q/D, for random vertices V with mean y; so that
    f(y) >= f(x) - (a + (L + a/D) q/D) |y - x|.
    """
    x, others = box["x"], [j for j in range(box["x"].size) if j != axis]
    per_axis = max(2, math.floor(points ** (1 / max(1, len(others))) + 1e-9))
    sides = [np.linspace(box["lower"][j], box["upper"][j], per_axis) for j in others]
    net = np.full((per_axis ** len(others), x.size), at)
    for j, column in zip(others, np.meshgrid(*sides, indexing="ij"), strict=True):
        net[:, j] = column.ravel()
    steepest = float(_slopes(value, _values(instance, net), np.linalg.norm(net - x, axis=1)).max())
    q = sum(((box["upper"][j] - box["lower"][j]) / (per_axis - 1)) ** 2 for j in others) / 8
    distance = abs(float(x[axis]) - at)
    if q == 0.0:
        return steepest
    return math.inf if distance == 0.0 else float(steepest + (smoothness + steepest / distance) * q / distance)


def _look_at_bracket(instance: Instance, remark: Remark, rounding: float) -> Look:
    """One dimension: f falls faster than c at the near end, and at the far end f' rises or f has not fallen by c."""
    bracket = remark.data["bracket"]
    near, far, slope = (float(bracket[key]) for key in ("near", "far", "slope"))
    ends = np.array([[near], [far]])
    everything = np.ones(2, dtype=bool)
    values, gradients = instance.function.evaluate(ends, everything, everything)
    down, width = math.copysign(1.0, far - near), abs(far - near)
    steepest = max(0.0, float(values[0] - values[1]) / width) if width > 0 else 0.0
    held = down * gradients[1, 0] > 0 or values[1] >= values[0] - slope * width - rounding
    wrong = abs(values[0] - bracket["value"]) > rounding
    violations = int(down * gradients[0, 0] >= -slope) + int(not held) + int(wrong)
    bound = slope if held else steepest
    return Look(remark.round, remark.queries, width, slope, 2, violations, steepest, bound)


def _values(instance: Instance, points: Array) -> Array:
    asked = np.ones(len(points), dtype=bool)
    return instance.function.evaluate(np.ascontiguousarray(points), asked, ~asked)[0]
