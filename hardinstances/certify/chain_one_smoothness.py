"""The Lipschitz constant of the gradient of chain I, for every length and every first link.

f(-x) = const - f(x), so it suffices that lambda + Hessian f > 0 everywhere. Eliminate x_1, x_2, .. in order: the j-th
pivot is lambda plus the part V_j(x_j) of links up to j plus what the next link adds to its diagonal. Suppose V_j >= -u
with a piecewise constant u. A link from a to b, with s the sign of a, has the Hessian

    s [[-Psi''(|a|) Phi(sb),  -Psi'(|a|) Phi'(b)], [.., Psi(|a|) sb Phi'(b)]]   (up to signs off the diagonal),

so V_{j+1}(b) >= -u(b) follows where the 2x2 block

    [[lambda - u(a) - s Psi''(|a|) Phi(sb),  Psi'(|a|) Phi'(b)], [Psi'(|a|) Phi'(b),  u(b) + Psi(|a|) b Phi'(b)]]

is positive semi-definite with a positive first entry. That is proved for all a, b by branch and bound, with unbounded
boxes at the ends. V_1(b) = k b Phi'(b) >= -u(b) is checked for k <= e; for larger k lambda grows by k - e, and u by
the same, as |b Phi'(b)| <= 1.
"""

import math
from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb

from hardinstances.certify.chain_one import chain_of, is_chain
from hardinstances.certify.enclosures import E, above, over, phi, phi_moment, phi_slope, psi, psi_curvature, psi_slope
from hardinstances.certify.finding import Proof
from hardinstances.certify.provers import Prover, add
from oracles import Array, Instance

NAME = "chain I, smoothness"
LAMBDAS = (134.0239, 134.1, 135.3)  # tried in this order
COARSE = (-0.5, 0.0, 0.5, 0.7, 0.72, 0.82, 0.85, 0.9, 1.1)
MIDDLE, FINE = np.arange(0.74, 0.8, 0.002), np.arange(0.759, 0.76221, 0.0002)  # around the worst points 0.78 and 0.7604
MARGINS = ((0.7589, 0.7623, 1e-5), (0.735, 0.801, 5e-4), (-np.inf, np.inf, 4e-3))  # of u above what a grid asks for
MOST_BOXES = 2_000_000

Piece = tuple[float, float, float]  # from, to, u there
Box = tuple[float, float, float, float]


def pieces(breaks: list[float], slack: list[float]) -> list[Piece]:
    """The pieces of u, the first and the last one unbounded."""
    ends = [-math.inf, *breaks, math.inf]
    return [(low, high, u) for (low, high), u in zip(pairwise(ends), slack, strict=True)]


def positive(number: float, u_a: float, u_b: float, box: Box) -> bool:
    """Whether the 2x2 block is positive semi-definite on a box of (a, b) on which a has one sign."""
    a, a_end, b, b_end = box
    sign = -1 if a < 0 else 1
    r, r_end = (-a_end, -a) if sign < 0 else (a, a_end)
    c, c_end = (-b_end, -b) if sign < 0 else (b, b_end)
    pivot = number - arb(u_a) - sign * over(psi_curvature, r, r_end) * over(phi, c, c_end)
    if not pivot > 0:
        return False
    beside = over(psi_slope, r, r_end) * over(phi_slope, b, b_end)
    return bool((u_b + over(psi, r, r_end) * over(phi_moment, b, b_end)) * pivot >= beside * beside)


def halves(low: float, high: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Two parts of an interval; an unbounded one is cut at twice its end, or at 2."""
    if math.isinf(low) or math.isinf(high):
        middle = max(2 * low, 2.0) if math.isinf(high) else min(2 * high, -2.0)
    else:
        middle = (low + high) / 2
    return (low, middle), (middle, high)


@lru_cache(maxsize=16)
def covered(number: float, parts: tuple[Piece, ...]) -> int | None:
    """The boxes that it took to prove the block positive for all a and b, or None where it was not proved."""
    boxes = 0
    for a, a_end, u_a in parts:
        for b, b_end, u_b in parts:
            waiting: list[Box] = [(a, a_end, b, b_end)]
            while waiting:
                box = waiting.pop()
                boxes += 1
                if boxes > MOST_BOXES or (max(box[1] - box[0], box[3] - box[2]) < 1e-7):
                    return None
                if positive(number, u_a, u_b, box):
                    continue
                if box[1] - box[0] >= box[3] - box[2]:
                    waiting += [(*half, *box[2:]) for half in halves(*box[:2])]
                else:
                    waiting += [(*box[:2], *half) for half in halves(*box[2:])]
    return boxes


def verify(instance: Instance, data: Mapping[str, Any]) -> Proof | None:
    """The proof for lambda, the breaks and u of `data`, in the units of the instance."""
    chain = chain_of(instance)
    number, breaks, slack = float(data["lambda"]), [*map(float, data["breaks"])], [*map(float, data["u"])]
    assert chain is not None
    if sorted({*breaks, 0.0}) != breaks or len(slack) != len(breaks) + 1:
        return None
    parts = pieces(breaks, slack)
    # V_1 >= -u, and the last pivot is positive
    if not all(0 <= u < number and u + over(phi_moment, low, high) * E >= 0 for low, high, u in parts):
        return None
    if covered(number, tuple(parts)) is None:
        return None
    excess = max(arb(0), chain.first_link - E)
    bound = (number + excess) * chain.height / chain.width**2
    argument = f"every pivot of {number:.7g} + Hessian is positive, for every length: 2x2 blocks, branch and bound"
    return Proof("upper", above(bound), argument, NAME, dict(data))


def prove(instance: Instance) -> Proof | None:
    """Search for u on a grid, for one lambda after the other, and verify."""
    breaks = sorted({round(float(t), 5) for t in (*COARSE, *MIDDLE, *FINE)})
    for number in LAMBDAS:
        slack = slack_on_grid(number, tuple(breaks))
        if slack is not None:
            proof = verify(instance, {"lambda": number, "breaks": breaks, "u": [*slack]})
            if proof is not None:
                return proof
    return None


@lru_cache(maxsize=16)
def slack_on_grid(number: float, breaks: tuple[float, ...]) -> tuple[float, ...] | None:
    """The least u with the inequality on a grid, and a margin; None where lambda is too small for it."""
    near, ends = np.linspace(0.74, 0.82, 801), np.array([-np.inf, *breaks, np.inf])
    r = np.unique(np.concatenate([np.linspace(0.5, 1.3, 801), np.linspace(1.3, 6, 100), near]))
    b = np.unique(np.concatenate([np.linspace(-6, 6, 601), np.linspace(0.5, 1.2, 351), near, breaks]))
    weight, slope, curvature = (_on(function, r)[:, None] for function in (psi, psi_slope, psi_curvature))
    forward, backward, bell, moment = _on(phi, b), _on(phi, -b), _on(phi_slope, b), _on(phi_moment, b)
    inside = (b >= ends[:-1, None]) & (b <= ends[1:, None])
    margin = np.array([_margin(low, high) for low, high in pairwise(ends)])
    u = np.where(ends[:-1] < 0, math.e + margin, 0.0)
    for _ in range(30):
        needed = np.full(len(b), -np.inf)
        for sign, link in ((1, forward), (-1, backward)):
            own = u[np.clip(np.searchsorted(ends, sign * r, side="right") - 1, 0, len(u) - 1)]
            pivot = number - own[:, None] - sign * curvature * link
            if pivot.min() <= 0:
                return None
            needed = np.maximum(needed, ((slope * bell) ** 2 / pivot - weight * moment).max(axis=0))
        least = np.where(inside, needed, -np.inf).max(axis=1)
        if (least + margin / 4 <= u).all():
            return tuple(round(float(entry), 7) for entry in u)
        u = np.maximum(u, np.where(least + margin / 4 <= u, u, least + margin))
    return None


def _margin(low: float, high: float) -> float:
    return next(margin for start, end, margin in MARGINS if low >= start and high <= end)


def _on(function: Any, points: Array) -> Array:
    return np.array([float(function(arb(float(t)))) for t in points])


add(Prover(NAME, "smoothness", is_chain, prove, verify))
