"""The floor of spline chains, for every length: the least gradient norm while |x_T| lies in the dead zone.

In units of a cell, entry i of the gradient is A(x_{i-1}, x_i) + B(x_i, x_{i+1}) with A = P_y + upsilon' and B = P_x. On
a pair of parts of cells each is linear in x_i, and quadratic in its neighbour, where control points bound it. Beyond
the knots P is constant and the walls of upsilon grow, so that an entry whose own x lies far out exceeds any target
alone. The shortest path over pairs of cells does the rest, see `pair_paths`.
"""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
from flint import arb

from hardinstances.certify.enclosures import below
from hardinstances.certify.finding import Proof
from hardinstances.certify.pair_paths import Chain, Grid, least_square
from hardinstances.certify.provers import Prover, add
from hardinstances.certify.spline import dead_cells, dead_zone
from hardinstances.certify.spline_net import Spline, spline_of
from oracles import Array, Instance
from oracles.arrays import Ids

NAME = "spline chain, floor"
PAIRS, HALVINGS = 120_000, 16
FARTHEST = 16  # cells beyond the knots
CHUNK = 20_000
ABOVE = 1 + 2.0**-40  # by this factor a target lies above the claim


def steepness(spline: Spline, cell: Ids, t: Array) -> Array:
    """The derivative upsilon' at t in a cell -1 .. n, in units of a cell."""
    way = t + spline.left - cell - (cell < spline.left)
    return np.asarray(spline.table[cell + 1, 1] + way * spline.table[cell + 1, 2])


def three_splines(spline: Spline, cell: Ids, t: Array) -> tuple[Array, Array]:
    """The three splines of a cell at t, and their derivatives, along a new last axis; constant beyond the knots."""
    u, inside = t + spline.left - cell, ((cell >= 0) & (cell < spline.cells))[..., None]
    values = np.stack([(1 - u) ** 2 / 2, 0.5 + u * (1 - u), u * u / 2], axis=-1)
    slopes = np.stack([u - 1, 1 - 2 * u, u], axis=-1)
    return np.where(inside, values, [0.0, 1.0, 0.0]), np.where(inside, slopes, 0.0)


def terms(spline: Spline, target: float, grid: Grid, first: Ids, second: Ids) -> tuple[Array, Array]:
    """A and B in units of the target on pairs of cells, see `pair_paths.Chain`."""
    cell = np.clip(np.floor((grid.low + grid.high) / 2).astype(np.int64) + spline.left, -1, spline.cells)[:, None]
    ends, three = np.stack([grid.low, grid.high], axis=-1), np.arange(3)
    values, slopes = three_splines(spline, cell, ends)
    middle = values[:, :1] + slopes[:, :1] * ((grid.high - grid.low) / 2)[:, None, None]
    control = np.concatenate([values, middle], axis=1)
    table = np.pad(spline.coefficients, 2, mode="edge") * (spline.right / target)
    wall = steepness(spline, cell, ends) / (spline.right * target)
    left, right = np.empty((len(first), 2, 3)), np.empty((len(first), 2, 3))
    for begin in range(0, len(first), CHUNK):
        some = slice(begin, begin + CHUNK)
        a, b = first[some], second[some]
        block = table[cell[a, :, None] + 1 + three[:, None], cell[b, :, None] + 1 + three]
        left[some] = np.einsum("pkr,prs,pes->pek", control[a], block, slopes[b], optimize=True) + wall[b][:, :, None]
        right[some] = np.einsum("per,prs,pks->pek", slopes[a], block, control[b], optimize=True)
    return left, right


def chain_of(spline: Spline, target: float, dead: int) -> Chain | None:
    """The path problem of a chain; None where its walls do not keep coordinates within some cells."""
    ends, outwards = np.array([-1, spline.cells]), np.array([-1, 1])
    walls = np.array([-spline.left, spline.right]) + np.arange(FARTHEST)[:, None] * outwards
    high = steepness(spline, ends, walls) * outwards > spline.right * target * (1 + 1e-9)
    rising = spline.table[ends + 1, 2] > 0
    if not (high.any(axis=0).all() and rising.all() and dead <= min(spline.left, spline.right)):
        return None
    low, top = walls[high.argmax(axis=0), [0, 1]].tolist()
    return Chain(float(spline.right), low, top, dead, partial(terms, spline, target))


def bound(instance: Instance, target: float, halvings: int) -> tuple[Proof, bool] | None:
    """The proof for a target in the units of P, with at most so many halvings of cells, and whether it is met."""
    spline, dead = spline_of(instance), dead_cells(instance)
    if spline is None or dead is None or not (0 < target < math.inf and dead_zone(instance)):
        return None
    chain = chain_of(spline, target, dead)
    if chain is None:
        return None
    square, taken = least_square(chain, halvings, PAIRS)
    if square == 0:
        return None
    number = target * math.sqrt(square) * (1 - 2.0**-50)
    value = below(arb(number) * arb(spline.height) / arb(spline.width))
    argument = f"the gradient is at least {value:.6g} while |x_T| is in the dead zone, for every length: shortest path"
    return Proof("lower", value, argument, NAME, {"target": target, "halvings": taken}), square == 1


def covers(instance: Instance) -> bool:
    """Whether it is a spline chain whose progress is the last coordinate outside of some cells around 0."""
    return spline_of(instance) is not None and dead_cells(instance) is not None


def prove(instance: Instance) -> Proof | None:
    """The largest claim that is met; where none is, what the largest comes to."""
    spline = spline_of(instance)
    assert spline is not None
    found = None
    for claim in sorted({claim.value for claim in instance.claims.on("floor")}, reverse=True):
        tried = bound(instance, claim * spline.width / spline.height * ABOVE, HALVINGS)
        if tried is not None and tried[1]:
            return tried[0]
        found = found or tried
    return found[0] if found else None


def verify(instance: Instance, data: Mapping[str, Any]) -> Proof | None:
    """The shortest path for the target of `data`."""
    found = bound(instance, float(data["target"]), int(data["halvings"]))
    return found[0] if found else None


add(Prover(NAME, "floor", covers, prove, verify))
