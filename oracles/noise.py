"""Oracles whose gradients are random: the exact function, disturbed sample by sample."""

import math
from abc import abstractmethod
from dataclasses import replace

import numpy as np

from oracles.arrays import Array
from oracles.claims import Claim, Claims
from oracles.draws import Draws, Sample
from oracles.errors import InputError
from oracles.instances import Instance
from oracles.models import Answer, ExactModel, Model, Request
from oracles.registry import oracle_model


class NoisyModel(Model):
    """Exact values, and gradients that `disturb` changes; judged by the observer.

    fresh: whether each query of a round has its own sample, or all queries of a round share one. A query that names
        its sample gets that one, in whichever round.
    """

    exact = False

    def __init__(self, instance: Instance, width: int | None, rng: np.random.Generator, *, fresh: bool) -> None:
        self._function = ExactModel(instance, width=width)
        self.dimension, self.width, self.domain = instance.dimension, width, instance.domain
        self.draws: Draws = Draws(rng, fresh=fresh)

    @abstractmethod
    def disturb(self, point: Array, gradient: Array, sample: Sample) -> None:
        """Make the exact gradient (d,) at a point (d,) the gradient of a sample, in place."""

    def answer(self, request: Request) -> Answer:
        answer, samples = self._function.answer(request), self.draws.samples(request)
        for k in request.gradients.nonzero()[0]:
            self.disturb(request.points[k], answer.gradients[k], samples[k])
        return answer

    def truth(self, points: Array) -> Answer:
        return self._function.truth(points)


class GaussianNoise(NoisyModel):
    """Each coordinate of the gradient with independent normal noise of this standard deviation."""

    def __init__(
        self, instance: Instance, width: int | None, rng: np.random.Generator, *, spread: float, fresh: bool
    ) -> None:
        super().__init__(instance, width, rng, fresh=fresh)
        self.spread = spread

    def disturb(self, point: Array, gradient: Array, sample: Sample) -> None:
        gradient += self.spread * self.draws.at(sample).standard_normal(len(gradient))


@oracle_model()
def gaussian_noise(
    instance: Instance, width: int | None, rng: np.random.Generator, *, deviation: float, fresh: bool = True
) -> Model:
    """Exact values; gradients g(x, z) = grad f(x) + z with z normal, E|z|^2 = deviation^2, and so deviation / sqrt(d)
    in each coordinate.

    deviation: sigma, bound to `noise` in methods. Where f is L-smooth, so is g in mean square: the same sample at two
        points has the same z, which cancels in g(x, z) - g(y, z).
    fresh: whether the queries of a round that name no sample have one each, or share one.
    bounds: the lower bounds of the instance that speak of all methods, since a method may add noise by itself. Those
        for zero-respecting methods say nothing here: no coordinate of an answer is zero.
    Cost: that of the function and d normal numbers per gradient.
    """
    if not 0 <= deviation < math.inf:
        raise InputError(f"deviation of gaussian_noise must be a number from 0 on, got {deviation:g}")
    model = GaussianNoise(instance, width, rng, spread=deviation / math.sqrt(instance.dimension), fresh=fresh)
    smoothness = instance.claims.default("smoothness")
    law = "E|z|^2 = deviation^2, by the definition of the law"
    model.claims = Claims(
        Claim("noise", deviation, "derived", law),
        Claim("least_noise", deviation, "derived", law),
        *(
            replace(one, quantity="mean_squared_smoothness", source=f"{one.source}; z cancels in g(x, z) - g(y, z)")
            for one in instance.claims.on("smoothness")
        ),
    )
    model.numbers = {"noise": deviation} | ({"mean_squared_smoothness": smoothness.value} if smoothness else {})
    model.tags = {"mean_squared_smoothness": smoothness.tag} if smoothness else {}
    model.bounds = tuple(bound for bound in instance.bounds if bound.side == "lower" and bound.scope.methods == "all")
    return model
