"""Instances in fixed dimension, and Rosenbrock's function: what closed forms give.

On a cell of a valley f is between V = -a (j w + s) with 0 <= s <= w, and the background B; in a turn s is a mean of Q
and w - P, both in [0, w]. So f is at least the least of -a (M + 1) w and the least B: that of a staircase is D_0 > 0,
that of a snake on its grid D_0 - a N.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from flint import arb

from hardinstances.bump1d import BLOCK, HEIGHT, PLACES, SMOOTHNESS, bump1d_kernel
from hardinstances.bump1d import SLOPE as STEEPNESS
from hardinstances.certify.forms import at_most, exactly
from hardinstances.chained_rosenbrock import rosenbrock_kernel
from hardinstances.hidden_staircase import staircase_kernel
from hardinstances.snake2d import snake_kernel
from hardinstances.valley_kernel import CELLS, DEPTH, FREE, LAST, SLOPE, WIDTH
from oracles import Instance, KernelFunction


class Tents(NamedTuple):
    """The slope s, the length B of a block, L, and the half width H/L of a tent."""

    slope: arb
    block: arb
    smoothness: arb
    half: arb


def tents_of(instance: Instance) -> Tents | None:
    """The hidden tents from 0 that an instance is, each within its block, or None."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not bump1d_kernel or instance.start.any():
        return None
    slope, block, height, smoothness = (float(function.parameters[k]) for k in (STEEPNESS, BLOCK, HEIGHT, SMOOTHNESS))
    if not 0 < min(slope, block, height, smoothness) <= max(slope, block, height, smoothness) < np.inf:
        return None
    half, places = height / smoothness, function.parameters[PLACES:]
    inside = (places >= half).all() and (places <= block - half).all()
    return Tents(arb(slope), arb(block), arb(smoothness), arb(height) / arb(smoothness)) if inside else None


def is_tents(instance: Instance) -> bool:
    """Whether an instance is bump1d."""
    return tents_of(instance) is not None


def steepest(instance: Instance) -> arb:
    """L: f' is piecewise linear with the slopes -L, 0 and L, and steep within each tent."""
    tents = tents_of(instance)
    assert tents is not None
    return tents.smoothness


def lowest(instance: Instance) -> arb:
    """The product s B: f(0) = 0, and f >= -s y in a block, 0 <= y <= B."""
    tents = tents_of(instance)
    assert tents is not None
    return tents.slope * tents.block


def is_valley(instance: Instance) -> bool:
    """Whether an instance is a staircase or a snake, on its own grid where it has a domain."""
    function, box = instance.function, instance.domain
    if not isinstance(function, KernelFunction) or function.kernel not in (staircase_kernel, snake_kernel):
        return False
    width, slope, cells = (float(function.parameters[k]) for k in (WIDTH, SLOPE, CELLS))
    good = np.isfinite(function.parameters).all() and min(width, slope, cells, float(function.parameters[DEPTH])) > 0
    on_grid = box is not None and not box.lower.any() and np.allclose(box.upper, cells * width, rtol=1e-14)
    return bool(good and (on_grid or (function.kernel is staircase_kernel and function.parameters[FREE] != 0.0)))


def valley_gap(instance: Instance) -> arb:
    """f(start) less the least of -a (M + 1) w and the background's least value."""
    function = instance.function
    assert isinstance(function, KernelFunction)
    width, slope, depth = (arb(float(function.parameters[k])) for k in (WIDTH, SLOPE, DEPTH))
    floor = -slope * (int(function.parameters[LAST]) + 1) * width
    background = depth
    if function.kernel is snake_kernel:
        background = depth - slope * int(function.parameters[CELLS])
    first, _ = function.evaluate_one(np.array(instance.start), True, False)
    rounding = abs(arb(first)) * arb(2) ** -50 + slope * width * arb(2) ** -50
    return arb(first) + rounding - floor.min(background)


def is_rosenbrock(instance: Instance) -> bool:
    """Whether an instance is the chained Rosenbrock function."""
    return isinstance(instance.function, KernelFunction) and instance.function.kernel is rosenbrock_kernel


def rosenbrock_gap(instance: Instance) -> arb:
    """f(start): a sum of squares, which vanishes at (1, .., 1)."""
    x = [arb(float(entry)) for entry in instance.start]
    return sum((100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x)), arb(0))


exactly("hidden tents, smoothness", "smoothness", is_tents, steepest, "f' is piecewise linear with slopes -L, 0 and L")
at_most("hidden tents, gap", "gap", is_tents, lowest, "f(0) = 0, and f >= -s B in every block, as tents only add")
LEAST = "f is between the valley's floor, at least -a (M + 1) w, and the background, which is nowhere lower"
at_most("valley, gap", "gap", is_valley, valley_gap, LEAST)
exactly("Rosenbrock, gap", "gap", is_rosenbrock, rosenbrock_gap, "f(start), as a sum of squares is 0 at (1, .., 1)")
