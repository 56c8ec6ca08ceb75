"""The gradient of a staircase on boxes, enclosed: what a cover of the plane by boxes asks.

Units: the width of a cell for lengths, the slope a for gradients. An interval is a pair of doubles. Functions that are
monotone are taken at ends; the rounding of doubles, in which all numbers stay below 10^5, is far below SLACK, by which
the result is widened.
"""

import math

import numpy as np
from numpy.typing import NDArray

from oracles import Array, compiled

SLACK = 1e-8
TURN = math.pi / 2
NEAREST = 0.01  # of a box to the corner of a turn, where nothing is divided
DEEP = 2000

OFF, STRAIGHT, BENT, UNTOLD = range(4)
Interval = tuple[float, float]


@compiled
def add(x: Interval, y: Interval) -> Interval:
    """The interval x + y."""
    return x[0] + y[0], x[1] + y[1]


@compiled
def times(x: Interval, y: Interval) -> Interval:
    """The interval x y."""
    a, b, c, d = x[0] * y[0], x[0] * y[1], x[1] * y[0], x[1] * y[1]
    return min(a, b, c, d), max(a, b, c, d)


@compiled
def minus(x: Interval) -> Interval:
    """-x."""
    return -x[1], -x[0]


@compiled
def size(x: Interval) -> Interval:
    """|x|."""
    least = 0.0 if x[0] <= 0.0 <= x[1] else min(abs(x[0]), abs(x[1]))
    return least, max(abs(x[0]), abs(x[1]))


@compiled
def smoothstep(t: float) -> float:
    """The increasing 3 t^2 - 2 t^3 on [0, 1], constant beyond."""
    t = min(max(t, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@compiled
def bowl(away: Interval, kappa: float) -> tuple[Interval, Interval]:
    """sqrt(y^2 + kappa^2) - kappa, and its increasing derivative."""
    low, high = size(away)
    value = math.hypot(low, kappa) - kappa, math.hypot(high, kappa) - kappa
    return value, (away[0] / math.hypot(away[0], kappa), away[1] / math.hypot(away[1], kappa))


@compiled
def blended(base: Interval, arc: Interval, pull: Interval, near: Interval, gap: Interval, tube: float) -> Interval:
    """One entry of psi grad B - (1 - psi) grad s + 6 (1 - t) / tau^2 (B - V) pull, with pull = rho grad rho."""
    blend = smoothstep(near[0]), smoothstep(near[1])
    carried = add(times(blend, add(base, arc)), minus(arc))
    room = max(0.0, 1.0 - near[1]), max(0.0, 1.0 - near[0])
    push = times(times(room, gap), (6.0 / (tube * tube), 6.0 / (tube * tube)))
    return add(carried, times(push, pull))


@compiled
def bend(p: Interval, q: Interval) -> tuple[Interval, Interval, Interval, Interval, Interval]:
    """In a turn: r, the angle, s, and the derivatives of s in u_alpha and u_beta. p, q >= 0."""
    r = math.hypot(p[0], q[0]), math.hypot(p[1], q[1])
    angle = math.atan2(q[0], p[1]), math.atan2(q[1], p[0])
    share = smoothstep(angle[0] / TURN), smoothstep(angle[1] / TURN)
    left = add((1.0, 1.0), minus(add(p, q)))
    ends = angle[0] / TURN * (1.0 - angle[0] / TURN), angle[1] / TURN * (1.0 - angle[1] / TURN)
    rate = min(ends), (0.25 if angle[0] <= TURN / 2 <= angle[1] else max(ends))
    steep = times((6.0 * rate[0] / (TURN * r[1] * r[1]), 6.0 * rate[1] / (TURN * r[0] * r[0])), left)
    s = add(q, times(share, left))
    return r, angle, s, add((1.0 - share[1], 1.0 - share[0]), times(steep, p)), add(share, times(steep, q))


@compiled
def enclosed(
    kind: int, axis: int, place: int, free: bool, tube: float, depth: float, cell: Array, x: Interval, y: Interval
) -> tuple[Interval, Interval]:
    """The gradient on the box x, y of [0, 1]^2 within a cell, by coordinates. axis: along which the cell is entered."""
    kappa = 0.5 * tube
    value, base_x = bowl((cell[0] + x[0] - 0.5, cell[0] + x[1] - 0.5), kappa)
    other, base_y = (cell[1] + y[0], cell[1] + y[1]), (1.0, 1.0)
    if free:
        other, base_y = bowl((cell[1] + y[0] - 0.5, cell[1] + y[1] - 0.5), kappa)
    if kind == OFF:
        return base_x, base_y
    background = add((depth + place, depth + place), add(value, other))  # B + j
    q, aside = (x, y) if axis == 0 else (y, x)
    base_a, base_b = (base_x, base_y) if axis == 0 else (base_y, base_x)
    if kind == STRAIGHT:
        pull = aside[0] - 0.5, aside[1] - 0.5
        back = (min(0.0, q[0] - 0.5), min(0.0, q[1] - 0.5)) if free and place == 0 else (0.0, 0.0)
        far, behind = size(pull), size(back)
        near = math.hypot(far[0], behind[0]) / tube, math.hypot(far[1], behind[1]) / tube
        gap = add(background, q)
        along = blended(base_a, (1.0, 1.0), back, near, gap, tube)
        across = blended(base_b, (0.0, 0.0), pull, near, gap, tube)
    else:
        p = 1.0 - aside[1], 1.0 - aside[0]
        r, angle, s, arc_a, arc_b = bend(p, q)
        out = r[0] - 0.5, r[1] - 0.5
        far = size(out)
        near, gap = (far[0] / tube, far[1] / tube), add(background, s)
        along = blended(base_a, arc_a, times(out, (math.sin(angle[0]), math.sin(angle[1]))), near, gap, tube)
        across = blended(base_b, arc_b, times(minus(out), (math.cos(angle[1]), math.cos(angle[0]))), near, gap, tube)
    return (along, across) if axis == 0 else (across, along)


@compiled
def least_square(x: Interval) -> float:
    """The least square on an interval widened by SLACK."""
    low = max(0.0, size(x)[0] - SLACK)
    return low * low


@compiled
def steep(g: tuple[Interval, Interval], touched: NDArray[np.int64], level: float) -> bool:
    """Whether the projected gradient is longer than `level` in a box that touches lower (-1) or upper (1) faces:
    inside, on each of these faces, and where they meet.
    """
    for first in range(2 if touched[0] != 0 else 1):
        for second in range(2 if touched[1] != 0 else 1):
            total = 0.0
            for i, on in ((0, first), (1, second)):
                entry = g[i]
                if on == 1 and touched[i] < 0:
                    entry = min(0.0, entry[0]), min(0.0, entry[1])
                if on == 1 and touched[i] > 0:
                    entry = max(0.0, entry[0]), max(0.0, entry[1])
                total += least_square(entry)
            if total <= level * level:
                return False
    return True


@compiled
def covered(
    kind: int,
    axis: int,
    place: int,
    free: bool,
    tube: float,
    depth: float,
    cell: Array,
    grid: int,
    level: float,
    budget: int,
) -> tuple[int, float, float]:
    """Cover a closed cell by boxes on which the projected gradient is longer than `level`: their number; or minus one,
    and the middle of a box, in cells, where the budget ended.
    """
    stack = np.empty((DEEP, 4))
    stack[0] = 0.0, 1.0, 0.0, 1.0
    height, boxes = 1, 0
    touched = np.zeros(2, np.int64)
    while height > 0:
        height -= 1
        x0, x1, y0, y1 = stack[height]
        boxes += 1
        for i, low, high in ((0, x0, x1), (1, y0, y1)):
            below, above = cell[i] == 0.0 and low == 0.0, cell[i] == grid - 1 and high == 1.0
            touched[i] = 0 if free else (-1 if below else (1 if above else 0))
        here = kind
        if kind == BENT:
            near = math.hypot(x0 if axis == 0 else y0, 1.0 - y1 if axis == 0 else 1.0 - x1)
            far = math.hypot(x1 if axis == 0 else y1, 1.0 - y0 if axis == 0 else 1.0 - x0)
            here = OFF if far < 0.5 - tube - SLACK else (BENT if near >= NEAREST else UNTOLD)
        if here != UNTOLD and steep(
            enclosed(here, axis, place, free, tube, depth, cell, (x0, x1), (y0, y1)), touched, level
        ):
            continue
        if boxes >= budget or height + 2 > DEEP:
            return -1, cell[0] + (x0 + x1) / 2, cell[1] + (y0 + y1) / 2
        if x1 - x0 >= y1 - y0:
            middle = (x0 + x1) / 2
            stack[height] = x0, middle, y0, y1
            stack[height + 1] = middle, x1, y0, y1
        else:
            middle = (y0 + y1) / 2
            stack[height] = x0, x1, y0, middle
            stack[height + 1] = x0, x1, middle, y1
        height += 2
    return boxes, 0.0, 0.0
