"""The Lipschitz constant of the gradient of spline chains, for every length.

f is C^1 and a polynomial on every product of cells, so the constant is the supremum of the Hessian's norm within them.
lambda + Hessian and lambda - Hessian are proved positive with a piecewise linear bound W on the pivots for each, see
`spline_bends`. W is found by the recursion of the pivots on a grid, then lowered where the polynomials between the
grid's points ask for it. Coefficients are whole numbers, so that control points are exact before they are multiplied.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from flint import arb

from hardinstances.certify.enclosures import above
from hardinstances.certify.finding import Proof
from hardinstances.certify.provers import Prover, add
from hardinstances.certify.spline_bends import Bends, bends_of, exact, missing, turned
from hardinstances.certify.spline_net import cuts_for, is_spline, spline_of
from oracles import Array, Instance

NAME = "spline chain, smoothness"
SIDES = {"above -lambda": 1.0, "below lambda": -1.0}
MOST_PARTS, FEW_PARTS = 384, 96
ROOMS = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2)  # of lambda above the least one of a grid
SETTLED, SWEEPS, ROUNDS = 1e-7, 2000, 8


def grain(number: float) -> float:
    """What lambda and W are multiples of: the power of two between 2^-20 and 2^-19 of lambda."""
    return 2.0 ** (math.frexp(number)[1] - 20)


def settled(bends: Bends, number: float, short: Array) -> Array | None:
    """The greatest W (n, N + 1) on the edges of parts, by cells, that a grid of these edges allows, less `short`.

    None where a pivot is not positive, or the sweeps do not settle.
    """
    cells, cuts = len(bends.along), bends.cuts
    edge = (cuts * np.arange(cells)[:, None] + np.arange(cuts + 1)).ravel()
    cell = np.repeat(np.arange(cells), cuts + 1)
    along = bends.along[:, ::2][np.ix_(cell, edge)].T.copy()  # rows: y, columns: x
    across = bends.across[::2][np.ix_(edge, cell)].T.copy()
    square = np.square(bends.mixed[np.ix_(edge, edge)]).T.copy()
    own = number + bends.own[1:-1][cell] - short.ravel()
    least = own + across.min(axis=1)
    for _ in range(SWEEPS):
        first = along + least
        if first.min() <= 0:
            return None
        again = np.minimum(own + (across - square / first).min(axis=1), least)
        if np.max(least - again) < SETTLED * number:
            return np.asarray(np.floor(again / grain(number)) * grain(number)).reshape(cells, cuts + 1)
        least = again
    return None


def lower_bound(bends: Bends, number: float) -> Array | None:
    """A W that proves lambda + Hessian > 0: that of a grid, less what polynomials between its points ask for."""
    cells, cuts = len(bends.along), bends.cuts
    short = np.zeros((cells, cuts + 1))
    for _ in range(ROUNDS):
        least = settled(bends, number, short)
        wanting = None if least is None else missing(bends, number, least)
        if least is None or wanting is None:
            return None
        if wanting.max() <= 0:
            return least
        more = np.pad(np.maximum(wanting, 0).reshape(cells, cuts), ((0, 0), (1, 1)))
        short += 1.2 * np.maximum(more[:, :-1], more[:, 1:]) + grain(number)
    return None


def least_on_grid(bends: Bends) -> float:
    """The least lambda for which the pivots stay positive on a grid, for both signs, up to 1e-5 of itself."""
    none = np.zeros((len(bends.along), bends.cuts + 1))
    size = float(np.abs(bends.own).max() + np.abs(bends.along).max() + np.abs(bends.across).max())
    low, high = 0.0, size + 2 * float(np.abs(bends.mixed).max())
    while high - low > 1e-5 * high:
        middle = (low + high) / 2
        walls = middle > np.abs(bends.own[[0, -1]]).max()
        stands = walls and all(settled(turned(bends, sign), middle, none) is not None for sign in (1.0, -1.0))
        low, high = (low, middle) if stands else (middle, high)
    return high


def verify(instance: Instance, data: Mapping[str, Any]) -> Proof | None:
    """The proof for lambda and the W of `data`, one for either side, in the units of the instance."""
    spline = spline_of(instance)
    assert spline is not None
    cuts, number = int(data["cuts"]), float(data["lambda"])
    if not (1 <= cuts <= 1024 and cuts & (cuts - 1) == 0 and 0 < number < math.inf and exact(spline, cuts)):
        return None
    bends = bends_of(spline, cuts)
    for side, sign in SIDES.items():
        least = np.array(data[side], dtype=float).reshape(spline.cells, cuts + 1)
        wanting = missing(turned(bends, sign), number, least)
        if wanting is None or not wanting.max() <= 0:
            return None
    value = above(arb(number) * arb(spline.height) / arb(spline.width) ** 2)
    argument = (
        "every pivot of lambda + Hessian and lambda - Hessian is positive, for every length: 2x2 blocks by control"
    )
    return Proof("upper", value, f"{argument} points", NAME, dict(data))


def prove(instance: Instance) -> Proof | None:
    """Search for the least lambda on a grid, then for W with a little more, and verify."""
    spline = spline_of(instance)
    assert spline is not None
    cuts = cuts_for(spline.cells, MOST_PARTS)
    if not exact(spline, cuts):
        return None
    bends, least = bends_of(spline, cuts), least_on_grid(bends_of(spline, cuts_for(spline.cells, FEW_PARTS)))
    for room in ROOMS:
        number = math.ceil(least * (1 + room) / grain(least)) * grain(least)
        found = {side: lower_bound(turned(bends, sign), number) for side, sign in SIDES.items()}
        bounds = {side: bound.ravel().tolist() for side, bound in found.items() if bound is not None}
        if len(bounds) == len(SIDES):
            return verify(instance, {"cuts": cuts, "lambda": number} | bounds)
    return None


add(Prover(NAME, "smoothness", is_spline, prove, verify))
