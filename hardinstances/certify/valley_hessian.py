"""The Hessian of a valley on boxes of tube coordinates, enclosed in the frame of the tube.

Units: the width of a cell, and the slope a. With z = rho / tau = t, the unit vector n = grad rho, G = B - V, and A the
Hessian of rho^2 / 2, inside of the tube

    H = (1 - psi) V'' + psi B'' + (6 G / tau^2) ((1 - t) A - t n n') + (6 t (1 - t) / tau) (n grad G' + grad G n')

and outside of it H = B''. In the frame n, o, l the matrices A and n n' are diagonal: l is along the valley, o is across
n and l. The tube is cut into pieces, each with coordinates of its own: a place along it, t, and the angle of n.

    straight:  s = the place, in a half one up to 1/2    n = (0, cos, sin)                         A = diag(1, 1, 0)
    bent:      phi = pi/2 the place                      n = cos m + sin e_3                       A = diag(1, 1, z / r)
    cap:       theta = pi/2 the place                    n = (sin theta, cos theta (cos, sin))     A = 1

In a turn m is the unit vector away from its corner, z = tau t cos, r = 1/2 + z, P = r cos phi and Q = r sin phi. Along
r the arc s is affine, so that V'' = -s'' has the entries rr: 0, rl: S' / r^2, and ll: 2 S' (cos phi - sin phi) / r -
S'' (1 - r (cos phi + sin phi)) / r^2, with S' and S'' by phi. All is affine in the numbers (h, N, p), where h = 1;
H / N tends to what h = 0 gives.
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from hardinstances.certify.intervals import Interval, hump, interval, quarter, rising, root, smoothstep, square
from oracles import Array

STRAIGHT, BENT, HALF, CAP = "straight", "bent", "half", "cap"
TURN = Interval(np.asarray(math.nextafter(math.pi / 2, 0)), np.asarray(math.nextafter(math.pi / 2, 2)))
ZERO, BEYOND, LINEAR = "bowl of cell 0", "bowl of a cell beyond", "linear"


class Axis(NamedTuple):
    """How the background goes along an axis of the frame of travel: how it enters, and the sign of the step along it.

    Linear: with the slope `own` h + `grid` N. The bowl sqrt(y^2 + kappa^2) - kappa less j, in a cell j >= 1, is
    enclosed for all j at once.
    """

    form: str
    sign: float = 1.0
    own: float = 0.0
    grid: float = 0.0


class Kind(NamedTuple):
    """A kind of cell or part of one: shape, the axes along, across (in a turn: out), and the third if there is one.

    gap: (g_h, g_N, g_p), of the part g_h h + g_N N + g_p p of G = B - V at the cell's centre, without D_0, s and bowls.
    corners: the (h, N, p) whose cone holds all cells of the kind. back: whether the cap is at the beginning.
    """

    shape: str
    axes: tuple[Axis, ...]
    gap: tuple[float, float, float]
    corners: tuple[tuple[int, int, int], ...]
    back: bool = False


class Boxes(NamedTuple):
    """Boxes (m,) of a kind: place, t and angle, in [0, 1], for the corners (m, 3) and signs (m, 2) of cos and sin."""

    place: Interval
    t: Interval
    angle: Interval
    corner: Array
    sign: Array


class Bounds(NamedTuple):
    """Entries of H in the frame n, o, l without psi B'', and the most that psi B'' adds."""

    diagonal: tuple[Interval, Interval, Interval]
    no: Interval
    nl: Interval
    ol: Interval
    more: Array


def slope_and_rise(axis: Axis, y: Interval, tube: Interval, corner: Array) -> tuple[Interval, Interval]:
    """The derivative of B along an axis of travel, and its rise from the cell's centre, at offsets y; both times h."""
    h, kappa = Interval(corner[:, 0], corner[:, 0]), 0.5 * tube
    if axis.form == LINEAR:
        slope = interval(axis.sign) * (axis.own * h + axis.grid * Interval(corner[:, 1], corner[:, 1]))
        return slope, slope * y
    there = y if axis.form == ZERO else y + 1.0
    bend = root(square(there) + square(kappa))
    value = rising(lambda end: root(square(end) + square(kappa)), there.size) - kappa
    slope = rising(lambda end: end / root(square(end) + square(kappa)), there)
    if axis.form == ZERO:
        return slope * h, value * h
    return Interval(slope.low, np.ones_like(bend.high)) * h, Interval((y - kappa).low, (value - 1.0).high) * h


class Frame(NamedTuple):
    """The gradient of G by n, o, l; the part of G that is not in `Kind.gap`; A by ll; V'' by rl and ll."""

    gradient: tuple[Interval, Interval, Interval]
    gap: Interval
    along: Interval
    bend: tuple[Interval, Interval]


def hessian(kind: Kind, boxes: Boxes, tube: Interval, depth: Interval) -> Bounds:
    """What the boxes hold."""
    t, corner = boxes.t, boxes.corner
    h = Interval(corner[:, 0], corner[:, 0])
    sine, cosine = quarter(boxes.angle)
    c, s = cosine * _both(boxes.sign[:, 0]), sine * _both(boxes.sign[:, 1])
    frame = SHAPES[kind.shape](kind, boxes, tube, c, s)
    gap = frame.gap + depth * _both(corner[:, 1])
    for k, part in enumerate(kind.gap):
        gap = gap + part * _both(corner[:, k])
    steep, cross = 6.0 * gap / square(tube), 6.0 * hump(t) / tube
    fade, blend = h * (1.0 - smoothstep(t)), smoothstep(t)
    gn, go, gl = frame.gradient
    rl, ll = frame.bend[0] * fade, frame.bend[1] * fade
    room = 1.0 - t
    diagonal = (
        steep * (1.0 - 2.0 * t) + 2.0 * cross * gn,
        steep * room,
        steep * room * frame.along + ll,
    )
    return Bounds(diagonal, cross * go, cross * gl + c * rl, -s * rl, (2.0 * blend * h / tube).high)


def _both(numbers: Array) -> Interval:
    return Interval(numbers, numbers)


def _third(kind: Kind, y: Interval, tube: Interval, corner: Array) -> tuple[Interval, Interval]:
    """Slope and rise along the third axis; none in the plane."""
    return slope_and_rise(kind.axes[2], y, tube, corner) if len(kind.axes) > 2 else (interval(0.0), interval(0.0))


def straight(kind: Kind, boxes: Boxes, tube: Interval, c: Interval, s: Interval) -> Frame:
    """Along the axis, V = -s and s = the place."""
    h, out = _both(boxes.corner[:, 0]), tube * boxes.t
    along, rise = slope_and_rise(kind.axes[0], boxes.place - 0.5, tube, boxes.corner)
    aside, rise_aside = slope_and_rise(kind.axes[1], out * c, tube, boxes.corner)
    third, rise_third = _third(kind, out * s, tube, boxes.corner)
    gap = h * boxes.place + rise + rise_aside + rise_third
    nothing = interval(0.0)
    return Frame((c * aside + s * third, c * third - s * aside, along + h), gap, nothing, (nothing, nothing))


def cap(kind: Kind, boxes: Boxes, tube: Interval, c: Interval, s: Interval) -> Frame:
    """Around the centre of the first or the last cell; l = (cos theta; -sin theta (cos, sin))."""
    h, out, way = _both(boxes.corner[:, 0]), tube * boxes.t, -1.0 if kind.back else 1.0
    sine, cosine = quarter(boxes.place)
    sine = way * sine
    along, rise = slope_and_rise(kind.axes[0], out * sine, tube, boxes.corner)
    aside, rise_aside = slope_and_rise(kind.axes[1], out * cosine * c, tube, boxes.corner)
    third, rise_third = _third(kind, out * cosine * s, tube, boxes.corner)
    gap = h * (0.5 + out * sine) + rise + rise_aside + rise_third
    along, across = along + h, c * aside + s * third
    gradient = sine * along + cosine * across, c * third - s * aside, cosine * along - sine * across
    nothing = interval(0.0)
    return Frame(gradient, gap, interval(1.0), (nothing, nothing))


def bent(kind: Kind, boxes: Boxes, tube: Interval, c: Interval, s: Interval) -> Frame:
    """In a turn, in polar coordinates around its corner."""
    h, out = _both(boxes.corner[:, 0]), tube * boxes.t
    sine, cosine = quarter(boxes.place)
    r = 0.5 + out * c
    q, left = r * sine, 1.0 - r * cosine  # Q and w - P
    share, both, less = smoothstep(boxes.place), sine + cosine, cosine - sine
    rate, again = 6.0 * hump(boxes.place) / TURN, (6.0 - 12.0 * boxes.place) / square(TURN)
    ahead, rise = slope_and_rise(kind.axes[0], q - 0.5, tube, boxes.corner)
    aside, rise_aside = slope_and_rise(kind.axes[1], left - 0.5, tube, boxes.corner)
    third, rise_third = _third(kind, out * s, tube, boxes.corner)
    room = 1.0 - r * both
    arc = q + share * room
    away = ahead * sine - aside * cosine + h * (sine - share * both)
    along = ahead * cosine + aside * sine + h * (cosine - share * less + rate * room / r)
    bend = rate / square(r), 2.0 * rate * less / r - again * room / square(r)
    gap = h * arc + rise + rise_aside + rise_third
    return Frame((c * away + s * third, c * third - s * away, along), gap, (r - 0.5) / r, bend)


SHAPES: Mapping[str, Callable[[Kind, Boxes, Interval, Interval, Interval], Frame]] = {
    STRAIGHT: straight,
    HALF: straight,
    BENT: bent,
    CAP: cap,
}
