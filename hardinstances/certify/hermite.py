"""Quintic splines of one variable: each derivative is a polynomial on a piece, whose range its Bernstein form encloses.

With s = (t - x_k)/h: f' = g + c h s + (3 a s^2 + 4 b s^3 + 5 e s^4)/h, and a, b, e as in `hermite.spline`, which make
f' and f'' continuous for every rest r and every q. A Bernstein form bounds a polynomial by its coefficients.
"""

from itertools import pairwise
from math import comb
from typing import NamedTuple

import numpy as np
from flint import arb, fmpq, fmpq_poly

from hardinstances.certify.forms import at_least, at_most, exact, largest_of, values_where_it_turns
from hardinstances.hermite import HEAD, spline_kernel
from oracles import Instance, KernelFunction

ROUNDINGS = fmpq(1, 10**10)  # by how much nodes may differ from where the steps of a method lead, relative


class Piece(NamedTuple):
    """The slope on a piece of length h, as a polynomial in s in [0, 1]."""

    length: fmpq
    slope: fmpq_poly


class Quintic(NamedTuple):
    """Nodes, slopes at them, the curvature c beyond the ends, and the pieces."""

    nodes: list[fmpq]
    slopes: list[fmpq]
    curvature: fmpq
    pieces: list[Piece]


def quintic_of(instance: Instance) -> Quintic | None:
    """The spline that an instance is, started at its first node; None where it is another function."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not spline_kernel:
        return None
    numbers, count = function.parameters, int(function.parameters[0])
    if not np.isfinite(numbers).all() or not (np.diff(numbers[HEAD : HEAD + count]) > 0).all():
        return None
    rows = [[exact(float(x)) for x in numbers[HEAD + k * count : HEAD + (k + 1) * count]] for k in range(4)]
    nodes, _, slopes, rest = rows
    c = exact(float(numbers[1]))
    if instance.start.shape != (1,) or exact(float(instance.start[0])) != nodes[0]:
        return None
    pieces = [_piece(h, *ends, r, c) for h, ends, r in zip(_gaps(nodes), pairwise(slopes), rest, strict=False)]
    return Quintic(nodes, slopes, c, pieces)


def _gaps(nodes: list[fmpq]) -> list[fmpq]:
    return [after - before for before, after in pairwise(nodes)]


def _piece(h: fmpq, g: fmpq, g_next: fmpq, r: fmpq, c: fmpq) -> Piece:
    q = h * (g_next - g) - c * h * h
    a, b, e = 10 * r - 4 * q, 7 * q - 15 * r, 6 * r - 3 * q
    return Piece(h, fmpq_poly([g, c * h, 3 * a / h, 4 * b / h, 5 * e / h]))


def is_quintic(instance: Instance) -> bool:
    """Whether it is a quintic spline."""
    return quintic_of(instance) is not None


def spline(instance: Instance) -> Quintic:
    """The spline that an instance is known to be."""
    found = quintic_of(instance)
    assert found is not None
    return found


def largest(instance: Instance, order: int) -> arb:
    """The largest |f^(p)|, p = 2 or 3, over all pieces and beyond the ends."""
    found, sizes = spline(instance), []
    for piece in found.pieces:
        polynomial, unit = piece.slope, fmpq(1)
        for _ in range(order - 1):
            polynomial, unit = polynomial.derivative(), unit / piece.length
        sizes += [abs(value) * arb(unit) for value in values_where_it_turns(polynomial, fmpq(0), fmpq(1))]
    return largest_of([*sizes, abs(arb(found.curvature)) if order == 2 else arb(0)])


def steepest_rise(piece: Piece, parts: int = 8) -> arb:
    """At least the largest f' on a piece and 0, by the Bernstein coefficients on its parts; exact but for rounding."""
    worst = fmpq(0)
    for k in range(parts):
        here = piece.slope(fmpq_poly([fmpq(k, parts), fmpq(1, parts)])).coeffs()
        here += [fmpq(0)] * (5 - len(here))
        bernstein = [sum((here[j] * fmpq(comb(i, j), comb(4, j)) for j in range(i + 1)), fmpq(0)) for i in range(5)]
        worst = max(worst, *bernstein)
    return arb(worst)


def falls(instance: Instance) -> arb:
    """An upper bound on f(x_0) - inf f: the fall along the pieces and beyond the last, and what f may rise between.

    Before the first node f falls towards it, as its slope there is negative and c >= 0.
    """
    found = spline(instance)
    along = sum((-arb(piece.length * _mean(piece.slope)) for piece in found.pieces), arb(0))
    rises = sum((arb(piece.length) * steepest_rise(piece) for piece in found.pieces), arb(0))
    last = arb(found.slopes[-1])
    return along + rises + (last**2 / (2 * arb(found.curvature)) if found.curvature else arb(0))


def _mean(slope: fmpq_poly) -> fmpq:
    return sum((coefficient / (k + 1) for k, coefficient in enumerate(slope.coeffs())), fmpq(0))


def falls_at_its_ends(instance: Instance) -> bool:
    """Whether it falls towards its first node, and has a least value beyond the last."""
    found = quintic_of(instance)
    if found is None or not (found.curvature >= 0 and found.slopes[0] < 0):
        return False
    return bool(found.curvature > 0 or found.slopes[-1] == 0)


def is_walked(instance: Instance) -> bool:
    """Whether the nodes are where the steps of the method lead: t a_k of gradient descent, or sqrt(a_k) of the cubic
    step, whose flats around each x_k are two nodes.
    """
    found = quintic_of(instance)
    if found is None:
        return False
    step = instance.parameters.get("step")
    if found.curvature != 0 and isinstance(step, int | float):
        steps = [-exact(float(step)) * slope for slope in found.slopes[:-1]]
        return all(abs(h - s) < ROUNDINGS * s for h, s in zip(_gaps(found.nodes), steps, strict=True))
    if found.curvature == 0 and step is None and len(found.nodes) % 2:
        lefts, slopes = found.nodes[:-1:2], found.slopes[:-1:2]
        lengths = zip(_gaps([*lefts, found.nodes[-1]]), slopes, strict=True)
        return all(slope < 0 and abs(h * h + slope) < ROUNDINGS * -slope for h, slope in lengths)
    return False


PIECES = "the derivative is a polynomial on each piece, largest at ends or where the next derivative vanishes"
at_most("quintic spline, curvature", "smoothness", is_quintic, lambda one: largest(one, 2), PIECES)
at_most("quintic spline, third derivative", "hessian_smoothness", is_quintic, lambda one: largest(one, 3), PIECES)
at_most("quintic spline, gap", "gap", falls_at_its_ends, falls, "f falls along all pieces, by their Bernstein forms")
at_least(
    "quintic spline, floor",
    "floor",
    is_walked,
    lambda one: abs(arb(max(slope for slope in spline(one).slopes if slope != 0))),
    "each step of the method leads from one node to the next, where the slopes are -a_k",
)
