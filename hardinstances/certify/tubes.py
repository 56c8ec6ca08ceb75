"""The hidden tube: F = n - chi(z) D(z) p(|y - c(z)|^2), n = sqrt(z^2 + |y|^2 + 1), D = 8 + 3 z, p(s) = (1 - s)_+^3.

Gap: F >= z - D(z) = -2 z - 8 for z <= Z + 1, F(0) = -7 and F > 0 beyond. The end of the tube is within the distance of
(Z + 1, 4 + 1) from the start, the waypoints being of norm 4 at most.

Smoothness: the cone's Hessian is between 0 and 1. With o = y - c(z) of norm rho < 1 the second term is a product of
chi, D and P(z, y) = p(|o|^2). Along a unit vector (a, b), o' = b - c' a and o'' = -c'' a^2, so that with k = |c'| and
m = |c''|

    |P'| <= sup |2 p' rho| (|b| + k |a|),   |P''| <= sup |4 p'' rho^2 + 2 p'| (|b| + k |a|)^2 + sup |2 p' rho| m a^2,

where |b| + k |a| <= sqrt(1 + k^2), 2 p' rho = -6 rho (1 - rho^2)^2 and 4 p'' rho^2 + 2 p' or 2 p', across o, are
polynomials in rho. |chi'| <= 15/8, |chi''| <= 10/sqrt 3, in parts of length 1 where c' = 0 (before the mouth and beyond
the last waypoint), so that chi' and c' do not meet.
"""

from typing import NamedTuple

import numpy as np
from flint import arb, fmpq, fmpq_poly

from hardinstances.certify.forms import at_least, at_most, largest_of, largest_size
from hardinstances.tube_kernel import (
    DEPTH,
    GRADE,
    HEIGHT,
    MOUTH,
    SLAB,
    SLABS,
    SPREAD,
    WAYPOINTS,
    WIDTH,
    hidden_tube_kernel,
)
from oracles import Array, Instance, KernelFunction

ZERO, ONE = fmpq(0), fmpq(1)
RHO = fmpq_poly([0, 1])
STEP = RHO**3 * (10 - 15 * RHO + 6 * RHO**2)
WALL = 6 * RHO * (1 - RHO**2) ** 2  # |2 p' rho|
ALONG = 24 * RHO**2 * (1 - RHO**2) - 6 * (1 - RHO**2) ** 2  # 4 p'' rho^2 + 2 p', along o; across o at most 6


class Tube(NamedTuple):
    """The slab, Z, the largest distance between consecutive waypoints, width, height."""

    slab: arb
    end: arb
    move: arb
    width: arb
    height: arb


def tube_of(instance: Instance) -> Tube | None:
    """The tube that an instance is, from 0, with waypoints in their ball and v_0 = 0."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not hidden_tube_kernel or instance.start.any():
        return None
    numbers = function.parameters
    points: Array = numbers[WAYPOINTS:].reshape(-1, instance.dimension - 1)
    fits = len(points) == numbers[SLABS] + 1 >= 2 and np.isfinite(numbers).all() and not points[0].any()
    if not (fits and min(numbers[SLAB], numbers[WIDTH], numbers[HEIGHT]) > 0):
        return None
    if not (np.linalg.norm(points, axis=1) <= SPREAD * (1 + 1e-12)).all():
        return None
    move = arb(float(np.linalg.norm(np.diff(points, axis=0), axis=1).max()) * (1 + 1e-12))
    slab, width, height = (arb(float(numbers[k])) for k in (SLAB, WIDTH, HEIGHT))
    return Tube(slab, MOUTH + slab * int(numbers[SLABS]), move, width, height)


def tube(instance: Instance) -> Tube:
    """The tube that an instance is known to be."""
    found = tube_of(instance)
    assert found is not None
    return found


def is_tube(instance: Instance) -> bool:
    """Whether it is the hidden tube."""
    return tube_of(instance) is not None


def size(polynomial: fmpq_poly) -> arb:
    """The largest |p| on [0, 1]."""
    return largest_size(polynomial, ZERO, ONE)


def fall(instance: Instance) -> arb:
    """F(0) - inf F <= 2 (Z + 1) + 8 - 7."""
    one = tube(instance)
    return ((GRADE - 1) * (one.end + 1) + DEPTH - 7) * one.height


def furthest(instance: Instance) -> arb:
    """The norm of (Z + 1, 5)."""
    one = tube(instance)
    return ((one.end + 1) ** 2 + arb(SPREAD + 1) ** 2).sqrt() * one.width


def smoothest(instance: Instance) -> arb:
    """1 + the larger of what holds where chi moves (c' = 0) and where it is 1 (chi' = 0), as above."""
    one = tube(instance)
    deepest = DEPTH + GRADE * (one.end + 1)
    rise, jerk = size(STEP.derivative()), size(STEP.derivative().derivative())
    turn, bend = one.move * rise / one.slab, one.move * jerk / one.slab**2
    wall, curve = size(WALL), largest_of([size(ALONG), arb(6)])
    stretch = (1 + turn * turn).sqrt()
    inside = deepest * (curve * stretch**2 + wall * bend) + 2 * GRADE * wall * stretch
    ends = deepest * (curve + rise * wall + jerk) + GRADE * (wall + 2 * rise)
    return (1 + largest_of([inside, ends])) * one.height / one.width**2


def nothing(instance: Instance) -> arb:
    """No floor but 0."""
    return arb(0)


PRODUCT = "term by term, by polynomials; open, as chi, D, p and c' are extreme at different places"
LEFT = "no proof: an infimum over the tube, where the wall, the slope and the turn of the axis cancel in part"
FALL = "F >= z - D(z) up to the end, and F(0) = -7"
at_most("hidden tube, smoothness", "smoothness", is_tube, smoothest, PRODUCT)
at_most("hidden tube, gap", "gap", is_tube, fall, FALL)
at_most("hidden tube, distance", "distance", is_tube, furthest, "the end of the tube is within (Z + 1, 4 + 1)")
at_least("hidden tube, floor", "floor", is_tube, nothing, LEFT)
