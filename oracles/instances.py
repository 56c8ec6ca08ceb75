"""Instances: functions to be asked, with what is claimed of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from oracles.arrays import Array, check_finite, real_array
from oracles.bounds import Bound
from oracles.boxes import Box
from oracles.claims import Claim, Claims
from oracles.errors import InputError
from oracles.functions import Function, JointCallable, SeparateCallables
from oracles.goals import STATIONARITY, Goal, projected_gradient

Progress = Callable[[Array], NDArray[np.int64]]


@dataclass(frozen=True)
class FiniteSum:
    """The components of f = (f_1 + .. + f_n) / n, for oracles that answer for one of them.

    claims: of the components, such as "component_smoothness" (of each) and "mean_squared_smoothness" (the root of the
        mean of the squares, or less). bounds: on the counts of queries that are answered for one component.
    """

    terms: Sequence[Function]
    claims: Claims = Claims()
    bounds: tuple[Bound, ...] = ()

    def __post_init__(self) -> None:
        if not self.terms:
            raise InputError("a finite sum needs at least one component")


@dataclass(frozen=True)
class Instance:
    """A function R^d -> R with a start and what sources claim of it. Frozen and stateless.

    function: answers rounds, see `oracles.functions`.
    progress: (K, d) -> (K,), how far each point has come along the construction (a chain: the last link reached).
    target: the epsilon that the construction speaks of; the default target of a run.
    finite_sum: the components whose mean the function is, where they can be asked one by one.
    parameters: what the family was given; with the name they rebuild the instance.
    """

    name: str
    function: Function
    start: Array
    claims: Claims = Claims()
    bounds: tuple[Bound, ...] = ()
    goal: Goal = STATIONARITY
    target: float | None = None
    progress: Progress | None = None
    domain: Box | None = None
    finite_sum: FiniteSum | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        start = real_array(self.start, f"the start of {self.name}")
        if start.ndim != 1 or start.size == 0:
            raise InputError(f"the start of {self.name} must be a vector (d,), it has the shape {start.shape}")
        check_finite(start, f"the start of {self.name}")
        if self.domain is not None:
            self.domain.check(start[None])
        start.flags.writeable = False
        object.__setattr__(self, "start", start)

    @property
    def dimension(self) -> int:
        """The number d of coordinates."""
        return len(self.start)


def from_callable(
    fun: Callable[[Any], Any],
    jac: Callable[[Any], Any] | None = None,
    *,
    start: ArrayLike,
    hess: Callable[[Any], Any] | None = None,
    name: str | None = None,
    vectorised: bool = False,
    smoothness: float | None = None,
    gap: float | None = None,
    lower: ArrayLike | None = None,
    upper: ArrayLike | None = None,
    goal: Goal | None = None,
    progress: Progress | None = None,
) -> Instance:
    """Make an instance of any Python function.

    fun: x (d,) -> (value, gradient); with `jac`: fun: x -> value and jac: x -> gradient, as in SciPy.
        vectorised: points (K, d) -> values (K,) and gradients (K, d), one call per round.
    hess: x (d,) -> Hessian (d, d), for methods of second order.
    smoothness, gap: what you know of the function; methods that need them get them.
    lower, upper: a box outside which the function must not be asked; both or none.
    goal: what is to fall to the target; the norm of the gradient, on a box that of the projected gradient.
    """
    for what, call in (("fun", fun), ("jac", jac), ("hess", hess)):
        if not callable(call) and not (call is None and what != "fun"):
            raise InputError(f"{what} must be callable, got {type(call).__name__}")
    for quantity, value in (("smoothness", smoothness), ("gap", gap)):
        if value is not None and not 0 < value < np.inf:
            raise InputError(f"{quantity} must be positive, got {value}")
    point = real_array(start, "start")
    claims = [
        Claim(quantity, float(value), "recalled", "given by the user")
        for quantity, value in (("smoothness", smoothness), ("gap", gap))
        if value is not None
    ]
    if (lower is None) != (upper is None):
        raise InputError("give both lower and upper, or neither")
    domain = None
    if lower is not None:
        low, high = (np.broadcast_to(real_array(side, "the domain"), point.shape) for side in (lower, upper))
        if not (low <= high).all():
            raise InputError("lower must not exceed upper, and neither may be nan")
        domain = Box(low.copy(), high.copy())
    return Instance(
        name=name or str(getattr(fun, "__name__", "callable")),
        function=JointCallable(fun, vectorised, hess) if jac is None else SeparateCallables(fun, jac, vectorised, hess),
        start=point,
        claims=Claims(*claims),
        goal=goal or (STATIONARITY if domain is None else projected_gradient(domain)),
        progress=progress,
        domain=domain,
    )
