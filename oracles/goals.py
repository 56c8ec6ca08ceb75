"""What ends a run well: a merit that falls to a target."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from oracles.arrays import Array
from oracles.boxes import Box
from oracles.errors import InputError
from oracles.reductions import norms, projected

SMALLEST_TARGET = 1e-150  # below this the squares in a norm underflow

Merit = Callable[[Array, float, Array], float]


@dataclass(frozen=True)
class Goal:
    """A merit `merit(point, value, gradient)` that is to fall to a target, and what an answer must carry for it.

    A query whose answer lacks what the goal needs cannot meet it.
    """

    name: str
    merit: Merit = field(repr=False)
    needs_value: bool = True
    needs_gradient: bool = True

    def merits(self, points: Array, values: Array, gradients: Array) -> Array:
        """The merit (K,) of each answered query."""
        rows = zip(points, values, gradients, strict=True)
        return np.array([self.merit(point, float(value), gradient) for point, value, gradient in rows], dtype=float)


@dataclass(frozen=True)
class Stationarity(Goal):
    """The norm of the gradient g, or over a box that of the projected gradient: where x_i = lower_i it has the entry
    min(0, g_i), where x_i = upper_i the entry max(0, g_i), elsewhere g_i. Faces are told by ==.

    Both engines judge it, and only it, by squares, and look closer only where these are small.
    """

    box: Box | None = field(default=None, repr=False)

    def merits(self, points: Array, values: Array, gradients: Array) -> Array:
        box = self.box
        return np.asarray(norms(gradients if box is None else projected(points, gradients, box.lower, box.upper)))


STATIONARITY = Stationarity(
    "epsilon-stationarity", lambda point, value, gradient: float(norms(gradient[None])[0]), needs_value=False
)


def projected_gradient(box: Box) -> Stationarity:
    """Stationarity on a box: the norm of the projected gradient, which is zero at the points of Karush, Kuhn and Tucker
    alone. Only the gradient is needed.
    """
    sides = Box(*(np.array(side, dtype=float) for side in (box.lower, box.upper)))

    def merit(point: Array, value: float, gradient: Array) -> float:
        return float(norms(projected(point[None], gradient[None], sides.lower, sides.upper))[0])

    return Stationarity("projected gradient", merit, needs_value=False, box=sides)


def judged_by_squares(goal: Goal) -> bool:
    """Whether the engines may judge a goal themselves."""
    return type(goal) is Stationarity


def checked_targets(targets: Sequence[float] | float) -> tuple[float, ...]:
    """The targets as floats, largest first, each once; `InputError` names a bad one."""
    try:
        given = np.atleast_1d(np.asarray(targets, dtype=float)).ravel()
    except (TypeError, ValueError):
        raise InputError(f"a target must be a number, got {targets!r}") from None
    if given.size == 0:
        raise InputError("give at least one target")
    for target in given:
        if not np.isfinite(target) or target < SMALLEST_TARGET:
            raise InputError(f"a target must be a finite number of at least {SMALLEST_TARGET:g}, got {target:g}")
    return tuple(sorted(set(map(float, given)), reverse=True))
