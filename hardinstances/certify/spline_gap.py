"""The gap of spline chains, for every length: a potential on the control points of the link.

Let g(x, y) = P(x, y) + upsilon(y), and p be any continuous function with g(x, y) + p(x) - p(y) >= -D for all x, y, and
P(1, y) + upsilon(y) - p(y) >= -D - s for all y. Then the sum over the links tells

    f_T(x) >= -D T - s + min over x of (p(x) + P(x, 0)),

while f_T(0) = P(1, 0) + T P(0, 0). Take for p a piecewise quadratic function on parts of the cells. The left-hand sides
are then polynomials on pairs of parts, and no less than their least control point: so D is a maximum over pairs (k, l)
of control points. Beyond the knots P does not change and p(x) = q + upsilon(x) - min upsilon there does what is needed:
all that lies to the left of the knots counts as one point, with the least upsilon, and so does all to the right.

Any p proves something. The best one is the length of the shortest path from x_0 = 1, with D at the costliest loop.
"""

import numpy as np
from flint import arb

from hardinstances.certify.chain_one import closed_form
from hardinstances.certify.enclosures import above
from hardinstances.certify.finding import Proof
from hardinstances.certify.spline_net import Spline, cuts_for, is_spline, link_net, potential_net, spline_of
from oracles import Array, Instance

NAME = "spline chain, gap"
MOST_PARTS, SWEEPS = 700, 200
SLACK = 2.0**-40  # of the largest cost, far above the rounding of sums of a few dozen


def least_beyond(value: float, slope: float, curvature: float) -> float:
    """The minimum over t >= 0 of value + slope t + curvature t^2 / 2."""
    if slope >= 0 and curvature >= 0:
        return value
    return value - slope * slope / (2 * curvature) if curvature > 0 else -np.inf


def wells(spline: Spline, cuts: int) -> Array:
    """The control points of upsilon between its minima on either side of the knots."""
    (value, slope, curvature), right = spline.table[0], spline.table[-1]
    return np.concatenate(
        [[least_beyond(value, -slope, curvature)], potential_net(spline, cuts), [least_beyond(*map(float, right))]]
    )


def cheapest(cost: Array) -> Array:
    """p: the least cost plus D per link of paths from x_0 = 1, the last point, with the D of the cheapest loop."""
    loop = -float(np.diagonal(cost).min())
    path = cost[-1] + loop
    for _ in range(SWEEPS):
        shorter = np.minimum(path, (cost + path[:, None]).min(axis=0) + loop)
        if np.array_equal(shorter, path):
            break
        path = shorter
    return path


def gap_of(spline: Spline, cuts: int) -> tuple[float, float] | None:
    """The gap per link and what the two ends add, in units of height / right^2; None without walls."""
    link, well = np.pad(link_net(spline, cuts), 1, mode="edge"), wells(spline, cuts)
    if not np.isfinite(well).all():
        return None
    cost, zero = link + well, 1 + 2 * cuts * spline.left
    p = cheapest(cost)
    drop = float((p - p[:, None] - cost).max())
    first = float((p - cost[-1]).max()) - drop
    ends = float(link[-1, zero]) + first - float((p + link[:, zero]).min())
    slack = SLACK * max(float(np.abs(cost).max()), float(np.abs(p).max()))
    return drop + float(link[zero, zero]) + slack, ends + slack


def deepest(instance: Instance) -> Proof | None:
    """The bound in the units of the instance."""
    spline = spline_of(instance)
    assert spline is not None
    found = gap_of(spline, cuts_for(spline.cells, MOST_PARTS))
    if found is None:
        return None
    per_link, ends = (arb(number) * arb(spline.height) / spline.right**2 for number in found)
    argument = (
        f"f(0) - f is at most {float(per_link):.8g} a link and {float(ends):.6g} for the ends: shortest path over the "
        "control points of the link"
    )
    return Proof("upper", above(spline.length * per_link + ends), argument, NAME)


closed_form(NAME, "gap", deepest, is_spline)
