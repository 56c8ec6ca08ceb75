"""An instance asked in plain arrays, and points near the interesting part of it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import minimize

from hardinstances.progress import LastAbove
from oracles import AnswerError, Array, Instance, norms

LARGE = 1000  # dimensions, above which searches are short
STEP = 1e-4  # of differences, relative to the scale of the coordinates


@dataclass
class Probe:
    """What searches ask of an instance, and the points that they start from. Every search is repeatable."""

    instance: Instance
    seed: int = 0
    many: int = 24  # starts of a search, in up to LARGE dimensions

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    @property
    def dimension(self) -> int:
        """The number d of coordinates."""
        return self.instance.dimension

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
        """Values (K,) and gradients (K, d) in one round; `AnswerError` from a function that raises."""
        everything = np.ones(len(points), dtype=bool)
        return self.instance.function.evaluate(np.ascontiguousarray(points), everything, everything)

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

    def starts(self, number: int) -> Array:
        """Points (number, d): half of them where the descent has been, half of them drawn on three scales."""
        half = number // 2
        places = np.unique(np.linspace(0, len(self.visited) - 1, half).astype(int))
        shaken = self.visited[places] + 0.05 * self.scale * self.rng.standard_normal((len(places), self.dimension))
        spread = self.scale * np.resize([0.3, 1.0, 3.0], number - len(places))[:, None]
        drawn = self.instance.start + spread * self.rng.standard_normal((number - len(places), self.dimension))
        return self.clipped(np.concatenate([shaken, drawn]))

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
