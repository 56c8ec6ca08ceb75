"""What is certified: an instance as one kind of oracle answers for it, asked sample by sample."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hardinstances.certify.probe import Probe
from hardinstances.certify.zero_chains import chain_points
from hardinstances.progress import LastAbove
from oracles import Array, Claim, Claims, InputError, Instance, Model, OracleModel, Request, norm

KEY = 0  # of the generator that a model is made with, so that what it answers is repeatable
NUMBERS = ("noise", "least_noise", "mean_squared_smoothness", "chance")  # that are claims on the answers


@dataclass
class Subject:
    """An instance and a kind of answers with its parameters; `model()` is the same one each time.

    The points are those of the model, which may see other coordinates than the instance has.
    """

    instance: Instance
    kind: OracleModel
    parameters: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    many: int = 12
    jumps: set[float] = field(default_factory=set)  # of laws, where some were met
    rests: dict[str, Any] = field(default_factory=dict)  # proofs on which several rest
    drawn: dict[bytes, Any] = field(default_factory=dict)  # samples at a point, for several tests

    def model(self) -> Model:
        """A model that nobody has asked yet, with the generator of `numpy.random.default_rng(0)`."""
        return self.kind.model(self.instance, None, np.random.default_rng(KEY), self.parameters)

    @cached_property
    def asked(self) -> Model:
        """One model, for answers that do not depend on what was asked before."""
        return self.model()

    @cached_property
    def probe(self) -> Probe:
        """The points near the interesting part of the instance."""
        return Probe(self.instance, self.seed, self.many)

    @property
    def own(self) -> bool:
        """Whether the model sees the coordinates of the instance."""
        return self.asked.start is None and self.asked.dimension == self.instance.dimension

    @cached_property
    def points(self) -> Array:
        """Points (m, d): where a descent has been, on three scales around the start, and along a chain."""
        if not self.own:
            return self._walk()
        rows = [self.instance.start[None], self.probe.starts(2 * self.many)]
        if isinstance(self.instance.progress, LastAbove) and not self.instance.start.any():
            rows.append(self.probe.clipped(chain_points(self.probe)))
        return np.concatenate(rows)

    def _walk(self) -> Array:
        """The start of the model, and steps along the true gradient and at random."""
        start = self.asked.start
        assert start is not None
        rng, rows = np.random.default_rng(self.seed), [start]
        for step in np.resize([0.3, 1.0, 3.0], 4 * self.many) * self.probe.scale:
            slope = self.truths(rows[-1][None])[1][0]
            drawn = rng.standard_normal(len(start)) / np.sqrt(len(start))
            rows.append(rows[-1] - step * slope / (norm(slope) or 1.0) + 0.1 * step * drawn)
        return np.array(rows)

    def truths(self, points: Array) -> tuple[Array, Array]:
        """The true values (K,) and gradients (K, d), as the observer sees them."""
        answer = self.asked.truth(np.ascontiguousarray(points))
        return answer.values, answer.gradients

    @cached_property
    def shared(self) -> bool:
        """Whether the queries of a round share a sample, so that each sample takes a round."""
        if self.asked.components is not None:
            return False
        start = self.instance.start if self.asked.start is None else self.asked.start
        every = np.ones(2, dtype=bool)
        try:
            self.model().answer(Request(np.stack([start, start]), every, every, 1, np.array([0, 1])))
        except InputError:
            return True
        return False

    def named(self, points: Array, samples: NDArray[np.integer[Any]]) -> tuple[Array, Array]:
        """Values (K,) and gradients (K, d) at `points` (K, d), each with its sample named; in one round if possible."""
        every = np.ones(len(points), dtype=bool)
        ids = np.asarray(samples, dtype=np.int64)
        points = np.ascontiguousarray(points)
        if self.shared and len(set(ids.tolist())) > 1:
            parts = [
                self.asked.answer(Request(points[k : k + 1], every[:1], every[:1], k + 1, ids[k : k + 1]))
                for k in range(len(points))
            ]
            return np.concatenate([one.values for one in parts]), np.concatenate([one.gradients for one in parts])
        answer = self.asked.answer(Request(points, every, every, 1, ids))
        return answer.values, answer.gradients

    @property
    def claims(self) -> Claims:
        """What the model asserts of its answers, and what its numbers do, one claim on each at least."""
        model = self.asked
        listed = [claim for claim in model.claims if claim.quantity in (*NUMBERS, "component_smoothness")]
        known = {claim.quantity for claim in listed}
        others = [
            Claim(name, float(number), model.tags.get(name, "recalled"), "the numbers of the model")
            for name, number in model.numbers.items()
            if name in NUMBERS and name not in known
        ]
        return Claims(*listed, *others)
