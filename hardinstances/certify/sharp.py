"""The sharp chain: closed forms for smoothness and gap, and its floor by a shortest path, for every length.

With x_0 = x* and x_{T+1} = 0 the gradient is d_i f = W'(x_i) + a (2 x_i - x_{i-1} - x_{i+1}). At a largest coordinate
above x* + g/h, or a least one below -g/h, it is at least g in size, so for a floor of at most g all coordinates lie
in [-g/h, x* + g/h]. The kinks 0 and 1 of W' are ends of cells, so that on three cells an entry is linear in all three
coordinates; the shortest path over pairs of cells does the rest, see `pair_paths`.
"""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from flint import arb

from hardinstances.certify.chain_one import closed_form
from hardinstances.certify.enclosures import above, below
from hardinstances.certify.finding import Proof
from hardinstances.certify.pair_paths import Chain, Grid, least_square
from hardinstances.certify.provers import Prover, add
from hardinstances.progress import LastAbove
from hardinstances.sharp_chain import sharp_chain_kernel
from oracles import Array, Instance, KernelFunction
from oracles.arrays import Ids

NAME = "sharp chain, floor"
PAIRS, HALVINGS, COARSE = 100_000, 16, 3
ROOM = 1.05  # how far beyond a coarse bound a floor that nobody claims is looked for
FARTHEST = 32.0  # coordinates
ABOVE = 1 + 2.0**-40  # by this factor a target lies above the claim


class Sharp(NamedTuple):
    """height * f_T(x / width) with the coupling a, the descent m and the ascent h of W."""

    length: int
    coupling: float
    descent: float
    ascent: float
    width: float
    height: float

    @property
    def end(self) -> float:
        """x* = 1 + m/h."""
        return 1 + self.descent / self.ascent


def sharp_of(instance: Instance) -> Sharp | None:
    """The chain that an instance is, recognised by its kernel and its start."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not sharp_chain_kernel or instance.start.any():
        return None
    numbers = [float(number) for number in function.parameters]
    return Sharp(instance.dimension, *numbers) if min(numbers) > 0 and math.isfinite(sum(numbers)) else None


def is_sharp(instance: Instance) -> bool:
    """Whether the arguments here cover an instance."""
    return sharp_of(instance) is not None


def knows_progress(instance: Instance) -> bool:
    """Whether it is the chain, with the last coordinate that is not 0 as progress."""
    return is_sharp(instance) and isinstance(instance.progress, LastAbove) and instance.progress.threshold == 0


def smoothest(instance: Instance) -> Proof | None:
    """The bound max(4 a + h, m) height / width^2."""
    chain = sharp_of(instance)
    assert chain is not None
    curvature = max(4 * arb(chain.coupling) + arb(chain.ascent), arb(chain.descent), key=float)
    value = above(curvature * arb(chain.height) / arb(chain.width) ** 2)
    argument = "the path Laplacian lies in [0, 4] and W'' in [-m, h], so the Hessian in [-m, 4 a + h]"
    return Proof("upper", value, argument, "sharp chain, smoothness")


def deepest(instance: Instance) -> Proof | None:
    """The bound (a x*^2 + T m x*) / 2 times height: f(0) = a x*^2 / 2 and f >= T W(x*), W(x*) = -m x* / 2."""
    chain = sharp_of(instance)
    assert chain is not None
    end = 1 + arb(chain.descent) / arb(chain.ascent)
    gap = (arb(chain.coupling) * end * end + chain.length * arb(chain.descent) * end) / 2 * arb(chain.height)
    return Proof("upper", above(gap), "f(0) = a x*^2 / 2, and f >= T W(x*), W(x*) = -m x* / 2", "sharp chain, gap")


def quiet(instance: Instance) -> Proof | None:
    """That d_i f = 0 where x_{i-1} = x_i = x_{i+1} = 0, i > 1."""
    argument = "an entry of the gradient vanishes where its coordinate and both neighbours are 0, as W'(0) = 0"
    return Proof("upper", 0.0, argument, "sharp chain, zero chain")


def wall(chain: Sharp, t: Array) -> Array:
    """The derivative W' at t."""
    return np.where(t < 0, chain.ascent * t, chain.ascent * np.maximum(t - 1, 0) - chain.descent * np.minimum(t, 1))


def terms(chain: Sharp, target: float, grid: Grid, first: Ids, second: Ids) -> tuple[Array, Array]:
    """A(x, y) = W'(y) + 2 a y - a x and B(y, z) = -a z in units of the target, see `pair_paths.Chain`."""
    ends = np.stack([grid.low, grid.high], axis=-1)
    control = np.column_stack([ends, ends.mean(axis=1)]) * (chain.coupling / target)
    own = (wall(chain, ends) + 2 * chain.coupling * ends) / target
    return own[second][:, :, None] - control[first][:, None], -np.repeat(control[second][:, None], 2, axis=1)


def bound(instance: Instance, target: float, halvings: int) -> tuple[Proof, bool] | None:
    """The proof for a target in the chain's own units, with at most so many halvings, and whether it is met."""
    chain = sharp_of(instance)
    if chain is None or not 0 < target < math.inf:
        return None
    reach = target / chain.ascent * (1 + 1e-9)
    if chain.end + reach > FARTHEST:
        return None
    low, high = -math.ceil(reach), math.ceil(chain.end + reach)
    square, taken = least_square(Chain(chain.end, low, high, 0, partial(terms, chain, target)), halvings, PAIRS)
    if square == 0:
        return None
    value = below(arb(target * math.sqrt(square) * (1 - 2.0**-50)) * arb(chain.height) / arb(chain.width))
    argument = (
        f"the gradient is at least {value:.6g} while x_T = 0, for every length: shortest path over pairs of cells"
    )
    return Proof("lower", value, argument, NAME, {"target": target, "halvings": taken}), square == 1


def prove(instance: Instance) -> Proof | None:
    """The largest claim that is met; where there is none, a coarse bound tells where to look."""
    chain = sharp_of(instance)
    assert chain is not None
    for claim in sorted({claim.value for claim in instance.claims.on("floor")}, reverse=True):
        tried = bound(instance, claim * chain.width / chain.height * ABOVE, HALVINGS)
        if tried is not None and tried[1]:
            return tried[0]
    coarse = bound(instance, chain.coupling * chain.end, COARSE)  # no floor is higher: it is met with T = 1
    if coarse is None:
        return None
    fine = bound(instance, coarse[0].value * chain.width / chain.height * ROOM, HALVINGS)
    return fine[0] if fine else coarse[0]


def verify(instance: Instance, data: Mapping[str, Any]) -> Proof | None:
    """The shortest path for the target of `data`."""
    found = bound(instance, float(data["target"]), int(data["halvings"]))
    return found[0] if found else None


closed_form("sharp chain, smoothness", "smoothness", smoothest, is_sharp)
closed_form("sharp chain, gap", "gap", deepest, is_sharp)
closed_form("sharp chain, zero chain", "zero chain", quiet, knows_progress)
add(Prover(NAME, "floor", knows_progress, prove, verify))
