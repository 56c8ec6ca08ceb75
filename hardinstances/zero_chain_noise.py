"""Oracles of chain I that show the next coordinate only now and then: the stochastic lower bounds."""

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from hardinstances.carmon_chain import STOCHASTIC, chain_kernel, preferred
from hardinstances.frontier_laws import chance_for, frontier_slopes, late_rounds, mean_squared_claims
from hardinstances.progress import furthest
from hardinstances.smooth_indicator import theta
from hardinstances.turned_model import TurnedModel
from oracles import Array, Claim, Claims, InputError, Instance, KernelFunction, Model, NoisyModel, Sample, oracle_model


class Scale(NamedTuple):
    """The numbers of f = height * f_T(x / width), f_T with this weight of its first link."""

    first_link: float
    width: float
    height: float


def scale_of(instance: Instance) -> Scale:
    """The scale of a chain; `InputError` for any other function."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not chain_kernel:
        raise InputError(f"zero-chain noise is defined on carmon_chain, and {instance.name} is another function")
    return Scale(*map(float, function.parameters[:3]))


class ZeroChainNoise(NoisyModel):
    """g(x, z)_i = d_i f(x) (1 + Theta_i(x) (z_i / p - 1)), with bits z_i of probability p.

    Theta_i = 1{i > prog_{1/4}(x)}, or the smooth one; at any x one coordinate is disturbed at most.

    There is a bit for each sample and coordinate, where the source has one for each sample. One answer has the same
    law, and so have the answers of a round at one frontier, the variance, and E|g(x, z) - g(y, z)|^2. But a sample that
    was lucky says nothing of the next link, so that a method gains nothing by asking with old samples again.
    """

    def __init__(
        self,
        instance: Instance,
        width: int | None,
        rng: np.random.Generator,
        *,
        chance: float,
        smooth: bool,
        fresh: bool,
    ) -> None:
        super().__init__(instance, width, rng, fresh=fresh)
        self.chance, self._smooth, self._scale = chance, smooth, scale_of(instance)
        self._threshold = self._scale.width * (0.5 if smooth else 0.25)

    def frontier(self, point: Array) -> tuple[int, float]:
        """The place of the coordinate that is disturbed at a point (d,) and its Theta; (d, 0) where there is none."""
        place = int(furthest(point, self._threshold))
        if place == self.dimension:
            return place, 0.0
        return place, float(theta(point[place:] / self._scale.width)[0]) if self._smooth else 1.0

    def factor(self, share: float, bit: bool) -> float:
        """1 + Theta (z/p - 1), exactly 0 for Theta = 1 and z = 0."""
        return (1.0 - share) + share * bit / self.chance

    def disturb(self, point: Array, gradient: Array, sample: Sample) -> None:
        place, share = self.frontier(point)
        if place < self.dimension:
            bit = bool(self.draws.at(sample, place).random() < self.chance)
            gradient[place] = gradient[place] * self.factor(share, bit) + 0.0  # no negative zeros

    def report(self) -> dict[str, Any]:
        return {"chance": self.chance}


@oracle_model(source=STOCHASTIC)
def zero_chain_noise(
    instance: Instance,
    width: int | None,
    rng: np.random.Generator,
    *,
    chance: float | None = None,
    noise: float | None = None,
    constants: str = "tight",
    fresh: bool = False,
    confidence: float = 0.99,
    rotation: str | None = None,
    dimension: int | None = None,
) -> Model:
    """The frontier coordinate i = prog_{1/4}(x) + 1 of the chain's gradient is multiplied by z/p: it is shown with
    probability p, and is 0 else. Exact values, and exact gradients in all other coordinates.

    The gradient is unbiased, with variance (d_i f(x))^2 (1 - p) / p. A zero-respecting method needs a negative binomial
    number of rounds, T/p in the mean, to see the last coordinate, see `hardinstances.frontier_laws.rounds_law`.

    chance: p. noise: sigma in its place, a bound on the root of the variance; then p is about (a epsilon / sigma)^2.
    constants: the slope at the frontier that turns one into the other, "tight" (e^{3/2}) or "published" (23).
    fresh: whether the queries of a round have a sample each, or share one as in the source.
    confidence: of the lower bounds on the rounds.
    rotation: "haar" or "hadamard": the same in a random frame of R^D, g(x, z) = U g_0(U'x, z), D = `dimension`, the
        frame being drawn for each run. No coordinate is special then, and no bound is claimed: that takes a wall or a
        projection, and a large D. A method that follows what it is shown is slowed by the same law.
    """
    return _on_chain(instance, width, rng, False, chance, noise, constants, fresh, confidence, rotation, dimension)


@oracle_model(source=STOCHASTIC)
def smoothed_zero_chain_noise(
    instance: Instance,
    width: int | None,
    rng: np.random.Generator,
    *,
    chance: float | None = None,
    noise: float | None = None,
    constants: str = "tight",
    fresh: bool = False,
    confidence: float = 0.99,
    rotation: str | None = None,
    dimension: int | None = None,
) -> Model:
    """`zero_chain_noise` with gradients that are Lipschitz in mean square, for the same sample at two points.

    The factor 1 + Theta_i (z/p - 1) has a smooth Theta_i in place of the indicator, see
    `hardinstances.smooth_indicator`; it disturbs the coordinate i = prog_{1/2}(x) + 1. The number
    `mean_squared_smoothness` is bound to the constant L of E|g(x, z) - g(y, z)|^2 <= L^2 |x - y|^2; to choose the
    chain for a given one see `hardinstances.frontier_laws.smoothness_for`.

    Its parameters, its variance and its bounds are those of `zero_chain_noise`.
    """
    return _on_chain(instance, width, rng, True, chance, noise, constants, fresh, confidence, rotation, dimension)


def _on_chain(
    instance: Instance,
    width: int | None,
    rng: np.random.Generator,
    smooth: bool,
    chance: float | None,
    noise: float | None,
    constants: str,
    fresh: bool,
    confidence: float,
    rotation: str | None,
    dimension: int | None,
) -> Model:
    """The model with its numbers and bounds."""
    first_link, unit, height = scale_of(instance)
    if constants not in ("tight", "published") or (constants == "published" and first_link != 1.0):
        raise InputError(f"constants must be 'tight', or 'published' with first_link=1, got {constants!r}")
    if (chance is None) == (noise is None):
        raise InputError("zero-chain noise needs one of chance and noise")
    if (chance is not None and not 0 < chance <= 1) or (noise is not None and not 0 < noise < math.inf):
        raise InputError(f"chance must lie in (0, 1] and noise be positive, got chance={chance}, noise={noise}")
    if not 0 < confidence < 1:
        raise InputError(f"confidence must lie strictly between 0 and 1, got {confidence:g}")
    steepest = next(iter(preferred(frontier_slopes(first_link), constants)))
    slope = steepest.value * height / unit
    exponent = 2.0
    if chance is None:
        assert noise is not None
        chance, exponent = chance_for(noise, slope, constants), 3.0 if smooth else 4.0
    if rotation is None and dimension is not None:
        raise InputError(f"a dimension, here {dimension}, needs a rotation")
    model = ZeroChainNoise(instance, width, rng, chance=chance, smooth=smooth, fresh=fresh)
    model.numbers = {"noise": noise if noise is not None else slope * math.sqrt((1 - chance) / chance)}
    claims = [
        replace(steepest, quantity="noise", value=model.numbers["noise"]),
        Claim("chance", chance, "derived", "the probability of a bit"),
    ]
    if smooth:
        in_mean_square = preferred(mean_squared_claims(first_link, chance), constants)
        model.numbers |= {name: value * height / unit**2 for name, value in in_mean_square.defaults().items()}
        model.tags = in_mean_square.tags()
        claims += [replace(claim, value=claim.value * height / unit**2) for claim in in_mean_square]
    model.claims = Claims(*claims)
    if rotation is not None:
        return TurnedModel(model, instance, rng, rotation, dimension)
    floors = instance.claims.on("floor")
    late = [late_rounds(floor, instance.dimension, chance, width, not fresh, confidence, exponent) for floor in floors]
    model.bounds = tuple(bound for pair in late for bound in pair)
    return model
