"""A spline link with a smaller J: linear programmes down to where no small change helps, then random changes and again.

What new numbers violate is found by shortest paths and by pivots on grids, see `shallow` and `curved`, and joins the
constraints; the radius of changes grows or shrinks as what a programme promised comes true.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from hardinstances.certify.spline_gap import gap_of
from hardinstances.certify.spline_net import cuts_for
from hardinstances.search.curved import Bends, bends_of, curved_rows, least_number
from hardinstances.search.programme import MOST_PARTS, best_change
from hardinstances.search.shallow import gradient, shallow_paths
from hardinstances.search.shape import Shape, slope_row
from oracles import Array, InputError

RADIUS, LEAST_RADIUS, LARGEST_RADIUS = 0.01, 3e-5, 0.3  # in units of 0.2 max |C| for C, and of l for upsilon''
HOPS = (0.001, 0.002, 0.003, 0.005)  # deviations of random changes, in the same units
MOST_BENDS, MOST_PATHS, EARLIER_PATHS = 6000, 1500, 500


@dataclass(frozen=True)
class Measured:
    """Numbers with the floor 1, and what searches say of them. paths: with short gradients, the shortest first."""

    numbers: Array
    smoothness: float
    gap: float
    paths: list[Array]
    bends: Bends

    @property
    def constant(self) -> float:
        """J."""
        return self.gap * self.smoothness


def measured(shape: Shape, numbers: Array, near: Measured | None = None) -> Measured | None:
    """The numbers, scaled to the floor 1; None where f has no infimum or no floor. near: others, close to these."""
    if min(shape.parts(numbers)[1][[0, -1]]) <= 0:
        return None
    found = gap_of(shape.spline(numbers), cuts_for(shape.cells, MOST_PARTS))
    paths, norms = shallow_paths(shape, numbers, known=near.paths[:20] if near else [])
    if found is None or not norms[0] > 0:
        return None
    numbers = numbers / norms[0]
    bends = bends_of(shape, numbers)
    smoothness = least_number(bends, near.smoothness if near else 10.0)
    return Measured(numbers, smoothness, found[0] / shape.right**2 / norms[0], paths, bends)


class Descent:
    """One way down. radius: of the changes; bends, paths: what was violated so far, on an `earlier` way too."""

    def __init__(self, shape: Shape, start: Measured, earlier: "Descent | None" = None) -> None:
        self.shape, self.at, self.radius = shape, start, RADIUS
        self.bends = curved_rows(shape, start.bends, start.smoothness, 60)
        self.paths = list(start.paths)
        if earlier is not None:
            self.bends += earlier.bends
            self.paths += earlier.paths[-EARLIER_PATHS:]

    @property
    def stuck(self) -> bool:
        """Whether no small change helps."""
        return self.radius < LEAST_RADIUS

    def step(self) -> None:
        """Solve one programme, and go where it says if J is less there."""
        change = best_change(
            self.shape,
            self.at.numbers,
            self.at.gap,
            self.at.smoothness,
            self._large_bends(),
            self._short_slopes(),
            self.radius * sizes(self.shape, self.at),
        )
        found = None if change is None else measured(self.shape, self.at.numbers + change[0], self.at)
        if change is None or found is None:
            self.radius /= 2
            return
        self.bends += curved_rows(self.shape, found.bends, found.smoothness, 40)
        known = {tuple(path.round(2)) for path in self.paths}
        new = [path for path in found.paths[:120] if tuple(path.round(2)) not in known]
        self.paths = [*self.paths, *new][-MOST_PATHS:]
        kept = (self.at.constant - found.constant) / max(self.at.constant - change[1], 1e-12)
        if kept > 0:
            self.at = found
        self.radius *= 0.6 if kept <= 0 else 0.7 if kept < 0.2 else 1.0 if kept < 0.5 else 1.5
        self.radius = min(self.radius, LARGEST_RADIUS)

    def _large_bends(self) -> Array:
        """The largest of the bends; the others are forgotten."""
        rows = np.array(self.bends)
        size = rows @ self.at.numbers
        rows = rows[(size > (0.88 - 4 * self.radius) * self.at.smoothness) & (size >= np.sort(size)[-MOST_BENDS:][0])]
        self.bends = list(rows)
        return rows

    def _short_slopes(self) -> Array:
        rows = []
        for path in self.paths:
            slope = gradient(self.shape, self.at.numbers, path)
            norm = np.linalg.norm(slope)
            if norm < 1.12 + 2 * self.radius:
                rows.append(slope_row(self.shape, path, slope / norm))
        return np.array(rows)


def sizes(shape: Shape, at: Measured) -> Array:
    """The unit in which each number changes; 0 for those that stay 0."""
    link = np.full(shape.cells**2, 0.2 * np.abs(at.numbers[: shape.cells**2]).max())
    return np.where(shape.free, np.append(link, np.full(shape.cells + 2, at.smoothness)), 0.0)


def hopped(shape: Shape, at: Measured, rng: np.random.Generator) -> Measured | None:
    """Numbers changed at random; None where these have no infimum or no floor."""
    noise = rng.choice(HOPS) * rng.standard_normal(shape.size)
    return measured(shape, at.numbers + noise * sizes(shape, at), at)


def improvements(
    shape: Shape,
    numbers: Array,
    *,
    hops: int,
    seed: int = 0,
    until: float = np.inf,
    told: Callable[[str], None] = print,
) -> Iterator[Measured]:
    """Numbers with ever smaller J: the way down from `numbers`, then from random changes of the best ones.

    hops: how many of those. until: of the time `time.monotonic()`. told: gets a line after each way down.
    """
    rng, start, best = np.random.default_rng(seed), measured(shape, numbers), None
    if start is None:
        raise InputError("the search needs a link whose chain has a floor and an infimum")
    least = start.constant
    for hop in range(hops + 1):
        if start is not None:
            way = Descent(shape, start, best)
            while not way.stuck and time.monotonic() < until:
                way.step()
            told(f"way {hop}: J = {way.at.constant:.5g}")
            if best is None or way.at.constant < best.at.constant:
                best = way
                if way.at.constant < least:
                    yield way.at
        if time.monotonic() >= until:
            return
        assert best is not None
        start = hopped(shape, best.at, rng)
