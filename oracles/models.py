"""Oracle models: who answers a round. What a model remembers belongs to one run; instances remember nothing."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

import numpy as np

from oracles.arrays import Array, Mask
from oracles.errors import InputError
from oracles.functions import KernelFunction
from oracles.instances import Box, Instance
from oracles.kernels import answer_by_kernel


@dataclass(frozen=True)
class Request:
    """One round: K points and what is asked of each."""

    points: Array  # (K, d)
    values: Mask  # (K,)
    gradients: Mask  # (K,)
    round: int  # 1 for the first round of the run


@dataclass(frozen=True)
class Answer:
    """Values (K,) and gradients (K, d); NaN, or anything, where nothing was asked for."""

    values: Array
    gradients: Array


@dataclass(frozen=True)
class Door:
    """How compiled code reaches a model: the address of its `int64 door(int64 block, int64 request)`, which fills the
    request's arrays and returns 0, and of the block that it is given; `keep` is kept alive with them.
    """

    address: int
    block: int
    keep: object = None


class Model(ABC):
    """Answers rounds of at most `width` points (None: of any number) in R^dimension.

    `Exhausted` ends the run when the model cannot answer any more; `AnswerError` when its function fails.
    """

    dimension: int
    width: int | None
    domain: Box | None

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """Answer one round. The request's arrays are the model's to keep but not to change."""

    def door(self) -> Door | None:
        """The model in machine code, where there is one; it gives the answers that `answer` gives, bit for bit."""
        return None

    @abstractmethod
    def truth(self, points: Array) -> Answer:
        """What the function that is judged really is at `points` (K, d): the observer's view, never charged."""


@final
class ExactModel(Model):
    """The plain function: exact values and gradients."""

    def __init__(self, instance: Instance, *, width: int | None = None) -> None:
        if width is not None and (not isinstance(width, int | np.integer) or width < 1):
            raise InputError(f"width must be a whole number of at least 1, got {width!r}")
        self.dimension = instance.dimension
        self.width = width
        self.domain = instance.domain
        self._function = instance.function

    def door(self) -> Door | None:
        if not isinstance(self._function, KernelFunction):
            return None
        kernel, parameters = self._function.kernel, self._function.parameters
        block = np.array([kernel.address, parameters.ctypes.data, self.dimension])
        return Door(answer_by_kernel.address, block.ctypes.data, (self._function, block))

    def answer(self, request: Request) -> Answer:
        return Answer(*self._function.evaluate(request.points, request.values, request.gradients))

    def truth(self, points: Array) -> Answer:
        everywhere = np.ones(len(points), dtype=bool)
        return Answer(*self._function.evaluate(points, everywhere, everywhere))
