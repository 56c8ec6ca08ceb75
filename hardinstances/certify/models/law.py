"""The exact law of an answer: what a model reads from its source is told to it, number by number.

Three kinds of answers are enumerated: those that read one uniform number and depend on it by steps, whose jumps are
found by bisection to the last bit; those that read one whole number; those that are affine in one normal vector. Two
jumps that undo each other between neighbours of the grid on which jumps are sought are not seen.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from hardinstances.certify.models.subject import Subject
from oracles import Array, Request, Sample

ENDS = np.array([1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 1e-2, 0.03, 0.06, 0.12, 0.25, 0.37, 0.5])
GRID = np.unique(np.concatenate([[0.0], ENDS, 1 - ENDS, [1 - 2.0**-53]]))
FAR = 2.0**20  # along a unit vector, so that a small slope is not lost in the rounding of a large gradient
AFFINE = 1e-11  # relative; rounding of a product and a sum


class Untold(Exception):
    """A model read something that is not told."""


@dataclass(frozen=True)
class Law:
    """The values and gradients that a sample can give at one point, or the normal law of them.

    key: what is read from the source, None for nothing. edges: (m + 1,) of the steps of [0, 1], whose lengths are the
    probabilities of `values` (m,) and `gradients` (m, d). slope: (d, n) where the gradient is gradients[0] +
    slope z with z normal in R^n.
    """

    key: Any
    edges: Array
    values: Array
    gradients: Array
    slope: Array | None = None

    @property
    def weights(self) -> Array:
        """The probabilities (m,)."""
        return np.diff(self.edges)

    @property
    def mean(self) -> Array:
        """E g (d,)."""
        mean: Array = self.weights @ self.gradients
        return mean

    @property
    def size(self) -> float:
        """E |g|, on which rounding is measured."""
        return float(self.weights @ np.linalg.norm(self.gradients, axis=1))

    def second_moment(self, centre: Array) -> float:
        """E |g - centre|^2."""
        spread = 0.0 if self.slope is None else float((self.slope**2).sum())
        return float(self.weights @ ((self.gradients - centre) ** 2).sum(axis=1)) + spread

    def between(self, other: "Law") -> float:
        """E |g - h|^2, where h is the answer to the same sample at another point."""
        if self.slope is not None and other.slope is not None:
            shift = self.gradients[0] - other.gradients[0]
            return float(shift @ shift + ((self.slope - other.slope) ** 2).sum())
        if self.key is not None and self.key == other.key:  # one number decides both
            edges = np.union1d(self.edges, other.edges)
            middles = (edges[:-1] + edges[1:]) / 2
            mine, theirs = (one.gradients[np.searchsorted(one.edges, middles) - 1] for one in (self, other))
            return float(np.diff(edges) @ ((mine - theirs) ** 2).sum(axis=1))
        shift = self.mean - other.mean  # two numbers that are independent
        return float(shift @ shift) + self.second_moment(self.mean) + other.second_moment(other.mean)


class Told:
    """In place of a generator: the one number that is told, with a note of what was read."""

    def __init__(self, tape: "Tape", key: Any) -> None:
        self._tape, self._key = tape, key

    def random(self) -> float:
        """A uniform number."""
        return float(self._tape.read("uniform", self._key, 1))

    def integers(self, high: int) -> int:
        """A whole number below `high`."""
        return int(self._tape.read("whole", self._key, high))

    def standard_normal(self, size: int) -> Array:
        """A normal vector."""
        return np.array(self._tape.read("normal", self._key, size), dtype=float)

    def __getattr__(self, name: str) -> Any:
        raise Untold(name)


class Tape:
    """What is told, and what was read: one kind of number for each answer, or `Untold`."""

    def __init__(self) -> None:
        self.told: Any = None
        self.reads: list[tuple[str, Any, int]] = []

    def read(self, kind: str, key: Any, size: int) -> Any:
        """The number that is told, at first a half, 0, or the zero vector."""
        self.reads.append((kind, key, size))
        if len(self.reads) > 1:
            raise Untold("more than one number")
        return {"uniform": 0.5, "whole": 0, "normal": np.zeros(size)}[kind] if self.told is None else self.told


def law_at(subject: Subject, point: Array) -> Law | None:
    """The law of an answer at a point (d,) for a sample that the model chooses; None where it is not one of the three.

    Cost: some tens of answers, or as many as there are components or coordinates.
    """
    model, tape, every = subject.asked, Tape(), np.ones(1, dtype=bool)
    if model.draws is None:
        return None

    def answer(told: Any = None) -> tuple[float, Array]:
        tape.told, tape.reads = told, []
        found = model.answer(Request(np.ascontiguousarray(point[None]), every, every, 1))
        return float(found.values[0]), np.array(found.gradients[0])

    def told(sample: Sample, position: int) -> Told:
        return Told(tape, (tuple(sample), position))

    model.draws.tell(told)
    try:
        first = answer()
        if not tape.reads:
            return Law(None, np.array([0.0, 1.0]), np.array([first[0]]), first[1][None])
        ((kind, key, size),) = tape.reads
        if kind == "normal":
            return affine(answer, first, key, size, np.random.default_rng(0))
        if kind == "whole":
            every_one = [answer(number) for number in range(size)]
            return _steps(key, np.linspace(0, 1, size + 1), every_one)
        return by_bisection(answer, key, subject.jumps)
    except Untold:
        return None
    finally:
        model.draws.tell(None)


def _steps(key: Any, edges: Array, answers: list[tuple[float, Array]]) -> Law:
    return Law(key, edges, np.array([one[0] for one in answers]), np.array([one[1] for one in answers]))


def by_bisection(answer: Callable[[Any], tuple[float, Array]], key: Any, jumps: set[float]) -> Law:
    """The steps of an answer as a function of a uniform number: the jumps between the points of a grid, to the bit.

    jumps: where others were met, which are tried first and added to.
    """

    def same(one: tuple[float, Array], other: tuple[float, Array]) -> bool:
        return one[0] == other[0] and np.array_equal(one[1], other[1])

    edges, steps = [0.0], [answer(0.0)]
    before = 0.0
    for u in GRID[1:]:
        now = answer(u)
        if not same(now, steps[-1]):
            low, high = before, float(u)
            for jump in [one for one in jumps if low < one < high]:
                if not same(answer(jump), steps[-1]) and same(answer(np.nextafter(jump, 0.0)), steps[-1]):
                    low, high = float(np.nextafter(jump, 0.0)), jump
            while low < (middle := (low + high) / 2) < high:
                low, high = (middle, high) if same(answer(middle), steps[-1]) else (low, middle)
            jumps.add(high)
            edges.append(high)
            steps.append(answer(high))
            if not same(steps[-1], now):
                raise Untold("more steps than the grid tells apart")
        before = float(u)
    return _steps(key, np.array([*edges, 1.0]), steps)


def affine(
    answer: Callable[[Any], tuple[float, Array]], first: tuple[float, Array], key: Any, size: int, rng: Any
) -> Law | None:
    """The affine law: its slope from unit vectors, held against three random vectors and their negatives."""
    value, centre = first
    slope = np.stack([answer(FAR * row)[1] - centre for row in np.eye(size)], axis=1) / FAR
    scale = float(np.linalg.norm(slope) + np.linalg.norm(centre))
    for z in rng.standard_normal((3, size)):
        for one in (z, -z):
            found = answer(one)
            if found[0] != value or np.linalg.norm(found[1] - centre - slope @ one) > AFFINE * scale * np.linalg.norm(
                z
            ):
                return None
    return Law(key, np.array([0.0, 1.0]), np.array([value]), centre[None], slope)
