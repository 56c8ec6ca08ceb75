"""An instance asked in plain arrays, and points near the interesting part of it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize

from hardinstances.progress import LastAbove
from oracles import AnswerError, Array, Instance, KernelFunction, norms

if TYPE_CHECKING:
    from hardinstances.certify.survey import Survey

LARGE = 1000  # dimensions, above which searches are short
STEP = 1e-4  # of differences, relative to the scale of the coordinates
NEARBY = 1e6  # how far out, relative to the scale, an answer must be finite


@dataclass
class Probe:
    """What searches ask of an instance, and the points that they start from. Every search is repeatable."""

    instance: Instance
    seed: int = 0
    many: int = 24  # starts of a search, in up to LARGE dimensions

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.offences: list[Array] = []

    @property
    def dimension(self) -> int:
        """The number d of coordinates."""
        return self.instance.dimension

    @property
    def is_fast(self) -> bool:
        """Whether the function is machine code, so that searches can ask a great deal."""
        return isinstance(self.instance.function, KernelFunction)

    @property
    def number(self) -> int:
        """The starts of a search."""
        return self.many if self.dimension <= LARGE else min(4, self.many)

    @property
    def threshold(self) -> float:
        """Below which a chain feels nothing, or 0."""
        progress = self.instance.progress
        return progress.threshold if isinstance(progress, LastAbove) else 0.0

    def clipped(self, points: Array) -> Array:
        """The nearest points (.., d) of the domain."""
        box = self.instance.domain
        return points if box is None else np.clip(points, box.lower, box.upper)

    def answers(self, points: Array) -> tuple[Array, Array]:
        """Values (K,) and gradients (K, d) in one round, NaN where the function raises.

        Where an answer is not finite although its point is, and not far out, the point is kept in `offences`.
        """
        points = np.ascontiguousarray(points)
        everything = np.ones(len(points), dtype=bool)
        try:
            values, gradients = self.instance.function.evaluate(points, everything, everything)
        except AnswerError:
            if len(points) > 1:
                parts = [self.answers(half) for half in np.array_split(points, 2)]
                return np.concatenate([one[0] for one in parts]), np.concatenate([one[1] for one in parts])
            values, gradients = np.full(1, np.nan), np.full_like(points, np.nan)
        wrong = np.isnan(values) | (values == -np.inf) | ~np.isfinite(gradients).all(axis=1)
        if wrong.any() and len(self.offences) < 8:
            self.offences += [x.copy() for x in points[wrong][:8] if self._nearby(x)]
        return values, gradients

    def _nearby(self, x: Array) -> bool:
        """Whether a point is one at which an answer must be finite."""
        far = NEARBY * (self.threshold or 1.0 + float(np.abs(self.instance.start).max()))
        return bool(np.isfinite(x).all() and np.abs(x).max() <= far)

    def gradients(self, points: Array) -> Array:
        """Gradients (K, d)."""
        return self.answers(points)[1]

    @cached_property
    def visited(self) -> Array:
        """Where a descent from the start has looked (m, d), the start first, ends of the domain included."""
        seen = [self.instance.start.copy()]

        def ask(x: Array) -> tuple[float, Array]:
            point = self.clipped(x)
            seen.append(point.copy())
            values, gradients = self.answers(point[None])
            return float(values[0]), gradients[0]

        budget = min(3000, max(50, 20_000_000 // self.dimension))
        minimise(ask, self.instance.start, budget)
        points = np.array(seen)
        finite = np.isfinite(points).all(axis=1) & (norms(points) < 1e100)
        return points[finite]

    @cached_property
    def scale(self) -> float:
        """The size of the region where the function lives: twice the threshold of a chain, else how far the descent has
        come in one coordinate.
        """
        if self.threshold > 0:
            return 2 * self.threshold
        moves = np.abs(self.visited - self.instance.start)
        return min(float(np.median(moves.max(axis=0))), 1e8) or 1.0

    @property
    def step(self) -> float:
        """The length of differences."""
        return STEP * self.scale

    @cached_property
    def first(self) -> tuple[Array, Array, Array]:
        """Points (m, d) that were asked before all else, with their values and gradients."""
        points = self.clipped(self.instance.start + np.random.default_rng(1).standard_normal((8, self.dimension)))
        return points, *self.answers(points)

    @cached_property
    def survey(self) -> "Survey":
        """What stood out on walks through the interesting part."""
        from hardinstances.certify.survey import survey

        return survey(self)

    @cached_property
    def sizes(self) -> tuple[float, float]:
        """The largest value and gradient norm where a search starts."""
        values, gradients = self.answers(self.starts(60))
        kept = np.isfinite(values) & np.isfinite(gradients).all(axis=1)
        largest = np.abs(values[kept]).max(initial=0.0), norms(gradients[kept]).max(initial=0.0)
        return float(largest[0]) or 1.0, float(largest[1]) or 1.0

    def starts(self, number: int) -> Array:
        """Points (number, d): half of them where the descent has been, half of them drawn on three scales."""
        half = number // 2
        places = np.unique(np.linspace(0, len(self.visited) - 1, half).astype(int))
        shaken = self.visited[places] + 0.05 * self.scale * self.rng.standard_normal((len(places), self.dimension))
        spread = self.scale * np.resize([0.3, 1.0, 3.0], number - len(places))[:, None]
        drawn = self.instance.start + spread * self.rng.standard_normal((number - len(places), self.dimension))
        return self.clipped(np.concatenate([shaken, drawn]))

    def sparse(self, number: int) -> Array:
        """Points (number, d) that leave the start in one to four adjacent coordinates, on three scales."""
        d = self.dimension
        first, count = self.rng.integers(d, size=number), self.rng.integers(1, 5, size=number)
        place = np.arange(d)
        moved = (place >= first[:, None]) & (place < (first + count)[:, None])
        size = self.scale * np.resize([0.6, 1.2, 3.0], number)[:, None]
        return self.clipped(self.instance.start + moved * size * self.rng.uniform(-1, 1, (number, d)))

    def shaken(self, x: Array, number: int) -> Array:
        """Points (number, d) around x, on three scales, single coordinates among them."""
        size = self.scale * np.resize([0.03, 0.1, 0.3, 1.0], number)[:, None]
        moved = self.rng.random((number, self.dimension)) < np.resize([1.0, 0.3], number)[:, None]
        return self.clipped(x + size * moved * self.rng.standard_normal((number, self.dimension)))


def minimise(
    ask: Callable[[Array], tuple[float, Array]],
    start: Array,
    budget: int,
    bounds: list[tuple[float, float]] | None = None,
) -> tuple[Array, float]:
    """L-BFGS from a start; where the function ends it by an error or by what is not finite, the start."""
    with np.errstate(all="ignore"):
        try:
            found = minimize(
                ask, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxfun": budget, "maxiter": budget}
            )
        except (AnswerError, ArithmeticError, ValueError):
            return start, math.inf
    return np.asarray(found.x), float(found.fun)
