"""The sharp chain: closed forms for smoothness and gap, and its floor by a shortest path, for every length.

With x_0 = x* and x_{T+1} = 0 the gradient is d_i f = W'(x_i) + a (2 x_i - x_{i-1} - x_{i+1}). At a largest coordinate
above x* + g/h, or a least one below -g/h, it is at least g in size, so for a floor of at most g all coordinates lie
in [-g/h, x* + g/h]. They are put into cells of equal width, cut at the kinks 0 and 1 of W'; on three cells d_i f is
linear, and its least size is met at corners. The floor's square is the least sum of squares along a path from x_0 to
x_T = 0: a shortest path over pairs of cells. Squares are rounded down to multiples of 2^-40, so that sums are exact in
doubles; the table of distances is a fixed point, so that it covers every length.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from flint import arb
from numpy.typing import NDArray

from hardinstances.certify.chain_one import closed_form
from hardinstances.certify.enclosures import above, below
from hardinstances.certify.finding import Proof
from hardinstances.certify.provers import Prover, add
from hardinstances.progress import LastAbove
from hardinstances.sharp_chain import sharp_chain_kernel
from oracles import Array, Instance, KernelFunction, compiled

NAME = "sharp chain, floor"
SLACK = 1e-12  # far above the rounding of a gradient entry of cells within [-16, 16]
UNIT = 2.0**40
COARSE, FINE = 32, 256  # cells per unit; 512 prove 0.2474 in place of 0.2457, eight times slower
ROOM = 1.3  # how far beyond the coarse bound on the square the fine one is looked for


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


@compiled
def relax(
    low: Array,
    high: Array,
    start: float,
    size: float,
    coupling: float,
    cap: float,
    table: Array,
    now: NDArray[np.bool_],
    then: NDArray[np.bool_],
) -> int:
    """One sweep over the pairs (a, b) marked in `now`: each c that the cap allows; marks what has changed in `then`.

    low, high: W'(b) + 2 a b at the ends of cells, least and largest. Returns how many have changed.
    """
    count, changed = len(low), 0
    for b in range(count):
        for a in range(count):
            value = table[a, b]
            if not now[a, b] or value >= cap:
                continue
            least = low[b] - coupling * (start + size * (a + 1))
            most = high[b] - coupling * (start + size * a)
            room = math.sqrt(cap - value)
            c = max(0, math.floor(((least - room) / coupling - start) / size) - 1)
            while c < count and most - coupling * (start + size * c) > -room:
                q = max(least - coupling * (start + size * (c + 1)), coupling * (start + size * c) - most) - 1e-12
                further = value + (math.floor(q * q * 2.0**40) * 2.0**-40 if q > 0.0 else 0.0)
                if further < cap and further < table[b, c]:
                    table[b, c] = further
                    then[b, c] = True
                    changed += 1
                c += 1
    return changed


def least_square(chain: Sharp, cells: int, cap: float) -> float:
    """A lower bound on the square of the floor in the chain's own units, at most `cap`; cells: per unit."""
    reach, size, a = math.sqrt(cap) / chain.ascent, 1.0 / cells, chain.coupling
    edges = np.arange(-math.ceil(reach * cells) - 1, math.ceil((chain.end + reach) * cells) + 2) * size
    ends = np.where(edges < 0, chain.ascent * edges, -chain.descent * np.minimum(edges, 1.0))
    ends += chain.ascent * np.maximum(edges - 1, 0) + 2 * a * edges
    low, high = np.minimum(ends[:-1], ends[1:]), np.maximum(ends[:-1], ends[1:])
    table = squares(low[:, None] - a * chain.end - a * edges[1:], high[:, None] - a * chain.end - a * edges[:-1])
    table[table >= cap] = np.inf
    now = table < np.inf
    while True:
        then = np.zeros_like(now)
        if relax(low, high, edges[0], size, a, cap, table, now, then) == 0:
            break
        now = then
    zero = int(np.flatnonzero(edges == 0)[0])
    last = squares(np.array(-a * edges[1:]), np.array(-a * edges[:-1]))  # d_T f = -a x_{T-1} at x_T = 0
    short = float(squares(np.array(-a * chain.end), np.array(-a * chain.end)))  # T = 1
    # what the cap has cut off is at least the cap, up to the rounding of the ways there
    return min(float((table[:, zero - 1 : zero + 1].min(axis=1) + last).min()), short, cap * (1 - 1e-9))


def squares(least: Array, most: Array) -> Array:
    """The least squares on intervals, rounded down to multiples of 2^-40."""
    q = np.maximum(np.maximum(least, -most) - SLACK, 0.0)
    return np.asarray(np.floor(q * q * UNIT) / UNIT)


def bound(instance: Instance, cells: int, cap: float) -> Proof | None:
    """The proof with so many cells per unit, in the units of the instance."""
    chain = sharp_of(instance)
    assert chain is not None
    if not (1 <= cells <= 4096 and cells & (cells - 1) == 0 and 0 < cap <= 1 and _fits(chain, cap)):
        return None
    number = math.sqrt(least_square(chain, cells, cap)) * (1 - 2.0**-50)
    value = below(arb(number) * arb(chain.height) / arb(chain.width))
    argument = f"the gradient is at least {number:.6g} while x_T = 0, for every length: shortest path over cells"
    return Proof("lower", value, argument, NAME, {"cells": cells, "cap": cap})


def _fits(chain: Sharp, cap: float) -> bool:
    """Whether coordinates and numbers are of the size for which SLACK is large."""
    return chain.end + math.sqrt(cap) / chain.ascent < 15 and max(chain.coupling, chain.descent, chain.ascent) <= 1


def prove(instance: Instance) -> Proof | None:
    """A coarse bound tells where to look for the fine one."""
    chain = sharp_of(instance)
    assert chain is not None
    cap = (chain.coupling * chain.end) ** 2
    if not (cap <= 1 and _fits(chain, cap)):
        return None
    return bound(instance, FINE, min(cap, ROOM * least_square(chain, COARSE, cap)))


def verify(instance: Instance, data: Mapping[str, Any]) -> Proof | None:
    """The shortest path with the cells of `data`."""
    return bound(instance, int(data["cells"]), float(data["cap"]))


closed_form("sharp chain, smoothness", "smoothness", smoothest, is_sharp)
closed_form("sharp chain, gap", "gap", deepest, is_sharp)
closed_form("sharp chain, zero chain", "zero chain", quiet, knows_progress)
add(Prover(NAME, "floor", knows_progress, prove, verify))
