"""The floor of chain II, for every length, by a shortest path over cells; the nested chain's from it.

With phi(t) = mu Upsilon_r'(t) + 2 t the entries of the gradient are d_i f = phi(x_i) - x_{i-1} - x_{i+1}, and for i = 1
sqrt(mu) (x_1 - 1) - (x_2 - x_1) + mu Upsilon_r'(x_1). At a largest coordinate above 1 or a least one below 0 the entry
is at least mu |Upsilon_r'| in size, so that coordinates beyond `reach` are left out. On a cell phi is within
size^2 / 8 sup |phi''| of its chord.

The nested chain: eliminate the bridges. With g = grad f = (g_y, r) and F chain II with mu = 1 in the outer coordinates,
g_y = nu grad F(y) - B r, where a row of B holds the shares a_j = theta (2m - j)/(3m - 1) and b_j = theta - a_j that
the springs take to both ends of a bridge. |B|^2 <= |a + b|^2 = m theta^2 = 1, so that |g| >= nu |grad F| / sqrt(2).
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from flint import arb

from hardinstances.certify.cell_paths import relax, squares
from hardinstances.certify.enclosures import above, below
from hardinstances.certify.finding import Proof
from hardinstances.certify.forms import exact
from hardinstances.certify.largest_derivatives import largest_upsilon
from hardinstances.certify.potential_chains import knows_progress, of
from hardinstances.certify.provers import Prover, add
from hardinstances.upsilon import upsilon
from oracles import Array, Instance

NAME = "chains with potentials, floor"
FINE = 512  # cells per unit, twice as many where mu is small
ROOM = 1.3
LEAST_WEIGHT = 0.004  # of a potential: below, cells would have to be too many


def slopes(points: Array, weight: float, radius: float) -> Array:
    """The slopes mu Upsilon_r' at points; within 1e-13 of it where |t| < 2."""
    return np.array([weight * upsilon(t, radius)[1] for t in points.tolist()])


def reach(weight: float, radius: float, cap: float, size: float) -> tuple[int, int]:
    """Edges j size, low and high, beyond which mu |Upsilon_r'| is above the root of the cap; it grows from there on."""
    root, low, high = math.sqrt(cap) * (1 + 1e-9), -1, math.ceil(1 / size) + 1
    while low * size > -2 and abs(slopes(np.array([low * size]), weight, radius)[0]) <= root:
        low -= 1
    while high * size < 2 and slopes(np.array([high * size]), weight, radius)[0] <= root:
        high += 1
    return low, high


def least_square(weight: float, radius: float, cells: int, cap: float) -> float:
    """A lower bound on the square of the floor of chain II, at most `cap`; cells per unit, a power of 2."""
    size = 1.0 / cells
    low, high = reach(weight, radius, cap, size)
    if low * size <= -2 or high * size >= 2:
        return 0.0
    edges: Array = np.asarray(np.arange(low, high + 1) * size, dtype=float)
    own = slopes(edges, weight, radius)
    bend = weight * above(largest_upsilon(3, exact(radius))) * size * size / 8 + 1e-12
    root = math.sqrt(weight)
    first, inner = own + (1 + root) * edges - root, own + 2 * edges
    first_low, inner_low = (np.asarray(np.minimum(v[:-1], v[1:]) - bend) for v in (first, inner))
    first_high, inner_high = (np.asarray(np.maximum(v[:-1], v[1:]) + bend) for v in (first, inner))
    # pairs (x_1, x_2): d_1 = first(x_1) - x_2
    table = squares(first_low[:, None] - edges[None, 1:], first_high[:, None] - edges[None, :-1])
    table[table >= cap] = np.inf
    now = table < np.inf
    while True:
        then = np.zeros_like(now)
        if relax(inner_low, inner_high, edges[0], size, 1.0, cap, table, now, then) == 0:
            break
        now = then
    zero = int(np.flatnonzero(edges == 0)[0])
    last = squares(np.asarray(-edges[1:]), np.asarray(-edges[:-1]))  # d_T f = -x_{T-1} at x_T = x_{T+1} = 0
    short = float(squares(np.array([-root - 1e-12]), np.array([-root + 1e-12]))[0])  # T = 1
    return min(float((table[:, zero - 1 : zero + 1].min(axis=1) + last).min()), short, cap * (1 - 1e-9))


def cells_for(weight: float) -> int:
    """Cells per unit that prove most of the floor, which is about mu^(3/4)."""
    return FINE if weight >= 0.05 else 2 * FINE


def bound(instance: Instance, cells: int, cap: float) -> Proof | None:
    """The proof with so many cells per unit, in the units of the instance."""
    chain = of(instance)
    if not (1 <= cells <= 4096 and cells & (cells - 1) == 0 and 0 < cap <= 1):
        return None
    weight = 1.0 if chain.bridge else float(chain.weight)
    number = arb(math.sqrt(least_square(weight, float(chain.radius), cells, cap)) * (1 - 2.0**-50))
    argument = f"chain II with mu = {weight:g} keeps {float(number):.6g} for every length: shortest path over cells"
    if chain.bridge:
        number *= arb(chain.weight) / arb(2).sqrt()
        argument += "; bridges pass on nu / sqrt 2 of that of mu = 1"
    return Proof("lower", below(number * chain.height / chain.width), argument, NAME, {"cells": cells, "cap": cap})


def prove(instance: Instance) -> Proof | None:
    """A coarse bound tells where to look for the fine one."""
    chain = of(instance)
    weight, radius = 1.0 if chain.bridge else float(chain.weight), float(chain.radius)
    if weight < LEAST_WEIGHT:
        reason = f"for mu below {LEAST_WEIGHT:g} the cells of a shortest path would have to be too many"
        return Proof("lower", 0.0, reason, NAME, {})
    most, cells = min(weight, 2.25 * weight**1.5), cells_for(weight)
    coarse = least_square(weight, radius, cells // 4, most)
    return bound(instance, cells, min(most, ROOM * coarse) if coarse > 0 else most)


def verify(instance: Instance, data: Mapping[str, Any]) -> Proof | None:
    """The shortest path with the cells of `data`."""
    return bound(instance, int(data["cells"]), float(data["cap"])) if data else Proof("lower", 0.0, "", NAME, {})


add(Prover(NAME, "floor", knows_progress, prove, verify))
