"""An oracle in a random frame: what a model answers for f, answered for f(U'x)."""

from dataclasses import replace
from typing import Any

import numpy as np

from hardinstances.transforms.rotated import ROTATIONS
from oracles import Answer, Array, InputError, Instance, Model, Request


class TurnedModel(Model):
    """g(x, z) = U g_0(U'x, z), U being D x d with orthonormal columns. Numbers are those of the model; bounds are not:
    those of zero-respecting methods say nothing where no coordinate is special.
    """

    def __init__(
        self, model: Model, instance: Instance, rng: np.random.Generator, rotation: str, dimension: int | None
    ) -> None:
        if rotation not in ROTATIONS:
            raise InputError(f"rotation must be one of {', '.join(ROTATIONS)}, got {rotation!r}")
        self._model = model
        self.draws = model.draws
        self._turn = ROTATIONS[rotation].drawn(instance.dimension, dimension, int(rng.integers(2**32)))
        self.dimension, self.width, self.exact = self._turn.dimension, model.width, model.exact
        self.numbers, self.tags, self.claims = model.numbers, model.tags, model.claims
        self.start = self._turn.outward(instance.start[None])[0]
        progress = instance.progress
        self.progress = None if progress is None else lambda points: progress(self._turn.inward(points))

    def answer(self, request: Request) -> Answer:
        return self._outward(self._model.answer(replace(request, points=self._inward(request.points))))

    def truth(self, points: Array) -> Answer:
        return self._outward(self._model.truth(self._inward(points)))

    def report(self) -> dict[str, Any]:
        return self._model.report()

    def _inward(self, points: Array) -> Array:
        return np.ascontiguousarray(self._turn.inward(points))

    def _outward(self, answer: Answer) -> Answer:
        return Answer(answer.values, self._turn.outward(answer.gradients))
