"""Chains that feel a coordinate only beyond a threshold, and what was answered about one, to be held against it."""

from dataclasses import dataclass, field

import numpy as np

from hardinstances.hidden_frame import HiddenFrame
from hardinstances.progress import LastAbove
from oracles import AnswerError, Array, InputError, Instance, norms
from oracles.reductions import matrix_of


@dataclass(frozen=True)
class RobustChain:
    """A function f of T coordinates, start 0, with supp grad f(y) in {1 .. prog(y) + 1}, and likewise its Hessian.

    progress: prog, with a threshold above 0. unit: of lengths, twice the threshold. steepness: |grad f(0)|.
    """

    instance: Instance
    progress: LastAbove
    unit: float = 1.0
    steepness: float = 1.0

    @property
    def length(self) -> int:
        """The number T of coordinates."""
        return self.instance.dimension

    def furthest(self, points: Array) -> int:
        """The largest prog in a batch (K, T)."""
        return int(self.progress(points).max())

    def ask(self, points: Array, links: int) -> tuple[Array, Array]:
        """Values (K,) and gradients (K, T); `AnswerError` where one reaches beyond the first `links` coordinates."""
        everything = np.ones(len(points), dtype=bool)
        values, gradients = self.instance.function.evaluate(points, everything, everything)
        if gradients[:, links:].any():
            raise AnswerError(f"{self.instance.name} is no chain: its gradient reaches beyond coordinate {links}")
        return values, gradients

    def hessian(self, point: Array, links: int) -> Array:
        """The Hessian (T, T) at a point (T,); errors as above, and `InputError` where there is none."""
        band = self.instance.function.band(point)
        if band is None:
            raise InputError("this oracle has no Hessians")
        matrix: Array = matrix_of(band)
        if matrix[links:].any():
            raise AnswerError(f"{self.instance.name} is no chain: its Hessian reaches beyond coordinate {links}")
        return matrix


def robust_chain(instance: Instance) -> RobustChain:
    """The instance as a robust chain. It is asked at 0, and just below the threshold in all coordinates.

    Errors: `InputError` says in one line what is missing.
    """
    progress, needed = instance.progress, f"the resisting oracle needs a chain, and {instance.name}"
    if not isinstance(progress, LastAbove) or not progress.threshold > 0:
        raise InputError(f"{needed} has no threshold above 0 below which it feels nothing")
    if instance.start.any() or instance.domain is not None:
        raise InputError(f"{needed} does not start at 0 in all of space")
    signs = np.resize([1.0, -1.0], instance.dimension)
    below = progress.threshold * (1 - 1e-9) * np.stack([np.zeros_like(signs), np.ones_like(signs), signs])
    try:
        _, gradients = RobustChain(instance, progress).ask(below, 1)
    except AnswerError:
        raise InputError(f"{needed} feels what lies below its threshold") from None
    steepness = float(norms(gradients)[0])
    if steepness == 0.0:
        raise InputError(f"{needed} is stationary at its start")
    return RobustChain(instance, progress, 2 * progress.threshold, steepness)


@dataclass
class Transcript:
    """What was answered about f(U^T x) while the columns of U were being chosen, along them; along those that were not
    yet chosen it was 0.

    Memory: O(d + T) for each query, O(d + T^2) for each Hessian.
    """

    chain: RobustChain
    rounds: list[tuple[Array, Array, Array]] = field(default_factory=list)  # points (K, d), values, gradients (K, T)
    hessians: list[tuple[Array, Array]] = field(default_factory=list)  # point (d,), Hessian (T, T)

    @property
    def answers(self) -> int:
        """How many there are."""
        return sum(len(points) for points, _, _ in self.rounds) + len(self.hessians)

    def disagreement(self, frame: HiddenFrame) -> float:
        """The largest difference to the function of the complete frame, relative to max(1, |x| / unit). Of gradients:
        in units of |grad f(0)|; of values: in that times the unit of lengths; of Hessians: the Frobenius norm, in that
        divided by it.
        """
        worst, unit, length = 0.0, self.chain.unit, frame.length
        for points, values, gradients in self.rounds:
            true_values, true_gradients = self.chain.ask(frame.coordinates(points), length)
            off = np.maximum(abs(values - true_values) / unit, norms(frame.lift(gradients - true_gradients)))
            worst = max(worst, float((off / np.maximum(1.0, norms(points) / unit)).max()))
        for point, hessian in self.hessians:
            off = unit * np.linalg.norm(hessian - self.chain.hessian(frame.coordinates(point[None])[0], length))
            worst = max(worst, float(off / np.maximum(1.0, norms(point[None])[0] / unit)))
        return worst / self.chain.steepness
