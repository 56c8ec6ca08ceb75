"""The floor of chain I, for every length and a given first link: the least gradient norm while |x_T| <= 1/2.

All entries of the gradient have one sign. With r = |x|, r_0 the first link's weight k in place of Psi,

    |d_j f| >= q(r_{j-1}, r_j, r_{j+1}) = Psi(r_{j-1}) Phi'(r_j) + Psi'(r_j) Phi(-r_{j+1}),

with equality where the signs alternate. Let j be the first index with r_j <= 1/2. Its own q is Psi(r_{j-1}) Phi'(r_j),
as Psi' vanishes there; this and the q before it fall with r_j, so they are least at 1/2; and what comes later adds
squares >= 0. So the floor is a shortest path: from the first link, over coordinates above 1/2, to 1/2. Coordinates are
put into cells, with the least value of each factor on a cell; the last cell is unbounded. Squares are rounded down to
multiples of 2^-40, so that their sums are exact in doubles, and the table of distances is a true fixed point: it covers
every length.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from flint import arb

from hardinstances.certify.chain_one import chain_of, knows_progress
from hardinstances.certify.enclosures import below, phi, phi_slope, psi, psi_slope
from hardinstances.certify.finding import Proof
from hardinstances.certify.provers import Prover, add
from oracles import Array, Instance

NAME = "chain I, floor"
UNIT = 2.0**40  # squares are counted in its inverse
ROUNDING = 1 - 2.0**-46  # more than four roundings of doubles
FIRST_EDGES = (*np.linspace(0.5, 1, 40), *np.linspace(1, 3, 30)[1:], 3.5, 4.0, 5.0, 6.0, 8.0, 12.0, 20.0)
FEW_CELLS, MOST_CELLS = 320, 440  # cells are cut along the shortest path; beyond the few where a claim is near
NEAR = 1e-3  # relative


@dataclass(frozen=True)
class Cells:
    """Cells of r >= 1/2 between edges, the last one unbounded, with the least Psi, Psi', Phi', Phi(-r) on each."""

    edges: Array
    weight: Array
    slope: Array
    bell: Array
    tail: Array

    def __len__(self) -> int:
        return len(self.weight)


def cells_of(edges: Array) -> Cells:
    """The cells; Psi rises, Phi' and Phi(-r) fall, Psi' rises and falls, so that least values are met at ends."""
    weight, slope, bell, tail = (
        np.array([max(0.0, below(function(arb(float(r))))) for r in edges] + [0.0])
        for function in (psi, psi_slope, phi_slope, lambda r: phi(-r))
    )
    return Cells(edges, weight[:-1], np.minimum(slope[:-1], slope[1:]), bell[1:], tail[1:])


END_BELL, END_TAIL = below(phi_slope(arb(0.5))), below(phi(arb(-0.5)))


def square(q: Array | float) -> Array:
    """q^2 in units, rounded down to a whole number of them."""
    return np.asarray(np.floor(np.square(q) * (ROUNDING * UNIT)))


def step(cells: Cells, b: int) -> Array:
    """The squares (a, c) of q from a over b to c, c = -1 (the last) being the end r = 1/2."""
    tails = np.append(cells.tail, END_TAIL)
    return square(cells.weight[:, None] * cells.bell[b] + cells.slope[b] * tails)


def distances(cells: Cells, first_link: float) -> tuple[Array, Array]:
    """The least sums (b, c) of squares over paths whose last q is that over b to c; and their cells before b, or -1.

    c = -1, the last column, is the end. A fixed point: relaxed until nothing changes.
    """
    count = len(cells)
    start = cells.bell[:, None] * first_link + cells.slope[:, None] * np.append(cells.tail, END_TAIL)
    table, before = square(start), np.full((count, count + 1), -1)
    steps = [step(cells, b) for b in range(count)]
    changed = np.ones(count, dtype=bool)
    while changed.any():
        again = np.zeros(count, dtype=bool)
        for b in range(count):
            through = table[:, b, None] + steps[b]
            a = through.argmin(axis=0)
            better = through[a, np.arange(count + 1)] < table[b]
            if better.any():
                table[b, better], before[b, better], again[b] = (
                    through[a, np.arange(count + 1)][better],
                    a[better],
                    True,
                )
        changed = again
    return table, before


@lru_cache(maxsize=256)
def least_on(edges: tuple[float, ...], first_link: float) -> tuple[float, list[int]]:
    """`least` for cells between edges."""
    return least(cells_of(np.array(edges)), first_link)


def least(cells: Cells, first_link: float) -> tuple[float, list[int]]:
    """A lower bound on the floor in units, and the cells of a path that has it, the last one first."""
    table, before = distances(cells, first_link)
    last = table[:, -1] + square(cells.weight * END_BELL)
    b, path, c = int(last.argmin()), list[int](), -1
    while b >= 0:
        path.append(b)
        b, c = int(before[b, c]), b
    total = min(float(last.min()), float(square(first_link * END_BELL)))
    return math.sqrt(total / UNIT) * ROUNDING, path


def bound(instance: Instance, edges: Array) -> Proof | None:
    """The proof with these cells, in the units of the instance."""
    chain = chain_of(instance)
    assert chain is not None
    if not (edges[0] == 0.5 and (np.diff(edges) > 0).all() and np.isfinite(edges).all()):
        return None
    number, _ = least_on(tuple(edges.tolist()), float(chain.first_link))
    argument = f"the gradient is at least {number:.6g} while |x_T| <= 1/2, for every length: shortest path over cells"
    value = below(arb(number) * chain.height / chain.width)
    return Proof("lower", value, argument, NAME, {"edges": edges.tolist()})


def prove(instance: Instance) -> Proof | None:
    """Cut the cells of the shortest path in two, again and again, and longer where that may prove the largest claim."""
    chain = chain_of(instance)
    assert chain is not None
    unit = float(chain.height / chain.width)
    wanted = max((claim.value / unit for claim in instance.claims.on("floor")), default=math.inf)
    edges = np.array(FIRST_EDGES)
    while len(edges) < MOST_CELLS:
        number, path = least_on(tuple(edges.tolist()), float(chain.first_link))
        if len(edges) >= FEW_CELLS and not wanted * (1 - NEAR) <= number < wanted:
            break
        ends = np.append(edges, 2 * edges[-1])
        cuts = np.unique([round(float(ends[cell] + ends[cell + 1]) / 2, 9) for cell in path])
        finer = np.unique(np.concatenate([edges, cuts]))
        if len(finer) == len(edges):
            break
        edges = finer
    return bound(instance, edges)


def verify(instance: Instance, data: Mapping[str, Any]) -> Proof | None:
    """The shortest path over the cells of `data`."""
    return bound(instance, np.array(data["edges"], dtype=float))


add(Prover(NAME, "floor", knows_progress, prove, verify))
