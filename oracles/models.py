"""Oracle models: who answers a round. What a model remembers belongs to one run; instances remember nothing."""

import ctypes
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, final

import numpy as np

from oracles.arrays import Array, Ids, Mask
from oracles.bounds import Bound
from oracles.boxes import Box
from oracles.claims import Claims, Tag
from oracles.errors import InputError
from oracles.functions import KernelFunction
from oracles.instances import Instance, Progress
from oracles.kernels import SPREAD, answer_by_kernel, spreading
from oracles.registry import oracle_model
from oracles.segments import answer_by_segments, remembering_block

if TYPE_CHECKING:
    from oracles.draws import Draws


@dataclass(frozen=True)
class Request:
    """One round: K points and what is asked of each."""

    points: Array  # (K, d)
    values: Mask  # (K,)
    gradients: Mask  # (K,)
    round: int  # 1 for the first round of the run
    samples: Ids | None = None  # (K,) which sample each query is answered with; None: the model chooses


@dataclass(frozen=True)
class Answer:
    """Values (K,) and gradients (K, d); NaN, or anything, where nothing was asked for."""

    values: Array
    gradients: Array


@dataclass(frozen=True)
class Door:
    """How compiled code reaches a model: the address of its `int64 door(int64 block, int64 request)`, which fills the
    request's arrays and returns 0, and of the block that it is given; `keep` is kept alive with them.

    kernel, parameters: where the model is a point kernel, its addresses; it may then be asked without a request.
    hessian, bandwidth: where it has Hessians, the address of the kernel that fills their bands, and their b.
    """

    address: int
    block: int
    keep: object = None
    kernel: int = 0
    parameters: int = 0
    hessian: int = 0
    bandwidth: int = 0


class Model(ABC):
    """Answers rounds of at most `width` points (None: of any number) in R^dimension.

    exact: whether the answers are the function that is judged; else hits are judged by the observer, on the `truth`.
    components: for a finite sum, how many; a sample is then a component, 0 .. components - 1.
    numbers: what a method may know of the answers, by name, such as "noise"; part of the table that binds them.
    tags: of those numbers that are claims, how far to trust them.
    claims: what is asserted of the answers: "noise" (the root of E|g - grad f|^2 at every point, at most),
        "least_noise" (the same, at least), "mean_squared_smoothness", "chance" (of a gradient that shows the next
        coordinate, at most). The numbers of a model are claims too; those that are listed here have a source.
    draws: where the samples come from, if all that is random in an answer is read there. It can be told its numbers, so
        that the law of an answer is enumerated.
    bounds: what is asserted of the counts with these answers.
    start, progress: in place of the instance's, where the method sees other coordinates than the instance's.

    `Exhausted` ends the run when the model cannot answer any more; `AnswerError` when its function fails.
    """

    dimension: int
    width: int | None = None
    domain: Box | None = None
    exact: bool = True
    components: int | None = None
    numbers: Mapping[str, float] = MappingProxyType({})
    tags: Mapping[str, Tag] = MappingProxyType({})
    claims: Claims = Claims()
    draws: "Draws | None" = None
    bounds: tuple[Bound, ...] = ()
    start: Array | None = None
    progress: Progress | None = None

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """Answer one round. The request's arrays are the model's to keep but not to change."""

    def answer_one(
        self, point: Array, value: bool, gradient: bool, round: int, sample: int | None = None
    ) -> tuple[float, Array]:
        """Answer a round of one point (d,): what `answer` gives, bit for bit."""
        samples = None if sample is None else np.array([sample])
        answer = self.answer(Request(point[None], np.array([value]), np.array([gradient]), round, samples))
        return float(answer.values[0]), answer.gradients[0]

    def band(self, point: Array) -> Array:
        """The Hessian at a point (d,) by its lower band (b + 1, d): entry [k, i] is that of row i + k, column i."""
        raise InputError("this oracle has no Hessians")

    def door(self) -> Door | None:
        """The model in machine code, where there is one; it gives the answers that `answer` gives, bit for bit."""
        return None

    def report(self) -> dict[str, Any]:
        """What the model has to say after the run, as plain data: a certificate, what it spent."""
        return {}

    @abstractmethod
    def truth(self, points: Array) -> Answer:
        """What the function that is judged really is at `points` (K, d): the observer's view, never charged. A model
        that can answer no more raises `Exhausted` here too.
        """


@final
class ExactModel(Model):
    """The plain function: exact values and gradients. Compiled code does not compute again what has not moved since the
    last query, where the function comes in segments.
    """

    def __init__(self, instance: Instance, *, width: int | None = None) -> None:
        if width is not None and (not isinstance(width, int | np.integer) or width < 1):
            raise InputError(f"width must be a whole number of at least 1, got {width!r}")
        self.dimension = instance.dimension
        self.width = width
        self.domain = instance.domain
        self.bounds = instance.bounds
        self._function = instance.function

    def door(self) -> Door | None:
        function = self._function
        if not isinstance(function, KernelFunction):
            return None
        hessian = 0 if function.hessian is None else function.hessian.address
        second = {"parameters": function.parameters.ctypes.data, "hessian": hessian, "bandwidth": function.bandwidth}
        if function.segments is not None and self.dimension > function.segments.width:
            block, keep = remembering_block(function.segments, function.parameters, self.dimension)
            return Door(answer_by_segments.address, block.ctypes.data, (keep, function), **second)
        block = np.array([function.kernel.address, function.parameters.ctypes.data, self.dimension, 0])
        callback = spreading(block)
        block[SPREAD] = ctypes.cast(callback, ctypes.c_void_p).value or 0
        keep = (function, block, callback)
        return Door(answer_by_kernel.address, block.ctypes.data, keep, kernel=function.kernel.address, **second)

    def answer(self, request: Request) -> Answer:
        return Answer(*self._function.evaluate(request.points, request.values, request.gradients))

    def answer_one(
        self, point: Array, value: bool, gradient: bool, round: int, sample: int | None = None
    ) -> tuple[float, Array]:
        return self._function.evaluate_one(point, value, gradient)

    def band(self, point: Array) -> Array:
        band = self._function.band(point)
        return band if band is not None else super().band(point)

    def truth(self, points: Array) -> Answer:
        everywhere = np.ones(len(points), dtype=bool)
        return Answer(*self._function.evaluate(points, everywhere, everywhere))


@oracle_model()
def exact(instance: Instance, width: int | None, rng: np.random.Generator) -> Model:
    """The plain function: exact values and gradients, and Hessians where the instance has them."""
    return ExactModel(instance, width=width)
