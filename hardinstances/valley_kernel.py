"""A valley along a path of cells, smoothly carved into a background: what staircases and snakes are made of.

On the path's cell j = 0 .. M of width w, with the centre C, u = x - C, entered along alpha and left along beta, it has
an arc s in [0, w] and a distance rho from its centre line:

    straight:  s = u_alpha + w/2,  rho^2 = |u|^2 - u_alpha^2
    turn:      P = w/2 - u_beta, Q = u_alpha + w/2, r = |(P, Q)|, S = 3 p^2 - 2 p^3 with p = atan2(Q, P) / (pi/2),
               s = (1 - S) Q + S (w - P),  rho^2 = (r - w/2)^2 + |u|^2 - u_alpha^2 - u_beta^2
    its end:   the last cell is straight, and rho^2 has max(0, u_alpha)^2 more; a free first cell min(0, u_alpha)^2

    f = (1 - psi) V + psi B,  V = -a (j w + s),  psi = 3 t^2 - 2 t^3,  t = min(1, rho / (tau w))

Values and gradients of s and rho agree where cells meet, so f is C^{1,1} where B is. The arc length of the nearest
point in place of s would not do: its gradient jumps where a turn meets a straight cell.
"""

import math

import numpy as np
from numpy.typing import NDArray

from oracles import Array, compiled

# The head of the parameters. Then one row for each cell of the path: its d indices, and the steps in and out, each as
# +-(axis + 1).
WIDTH, SLOPE, DEPTH, TUBE, LAST, CELLS, FREE, TABLE = range(8)
TURN = math.pi / 2


@compiled
def carve(
    x: Array, gradient: Array, dimension: int, parameters: Array, row: int, place: int, background: float
) -> float:
    """The value on a cell of the path. In: B, and its gradient in `gradient`; out: f, and its gradient there.

    row: where the cell's row begins; place: its j.
    """
    width, slope, tube = parameters[WIDTH], parameters[SLOPE], parameters[TUBE]
    half = 0.5 * width
    enter, leave = int(parameters[row + dimension]), int(parameters[row + dimension + 1])
    a, b = abs(enter) - 1, abs(leave) - 1
    way, turn = math.copysign(1.0, enter), math.copysign(1.0, leave)
    squares = 0.0
    for i in range(dimension):
        if i != a and i != b:
            squares += (x[i] - (parameters[row + i] + 0.5) * width) ** 2
    ahead = way * (x[a] - (parameters[row + a] + 0.5) * width)
    arc, arc_a, arc_b, pull_a, pull_b = ahead + half, 1.0, 0.0, 0.0, 0.0
    if a == b:
        if place == int(parameters[LAST]):
            pull_a = max(0.0, ahead)
        if place == 0 and parameters[FREE] != 0.0:
            pull_a += min(0.0, ahead)
        squares += pull_a * pull_a
    else:
        p, q = half - turn * (x[b] - (parameters[row + b] + 0.5) * width), ahead + half
        r = math.hypot(p, q)
        squares += (r - half) ** 2
        if squares >= tube * tube:
            return background
        angle = min(max(math.atan2(q, p) / TURN, 0.0), 1.0)
        share = angle * angle * (3.0 - 2.0 * angle)
        bend = 6.0 * angle * (1.0 - angle) / (TURN * r * r) * (width - p - q)
        arc = (1.0 - share) * q + share * (width - p)
        arc_a, arc_b = (1.0 - share) + bend * p, share + bend * q
        pull_a, pull_b = (r - half) * (q / r), (half - r) * (p / r)
    if squares >= tube * tube:
        return background
    near = math.sqrt(squares) / tube
    blend = near * near * (3.0 - 2.0 * near)
    floor = -slope * (place * width + arc)
    push = 6.0 * (1.0 - near) / (tube * tube) * (background - floor)
    for i in range(dimension):
        gradient[i] *= blend
        if i != a and i != b:
            gradient[i] += push * (x[i] - (parameters[row + i] + 0.5) * width)
    gradient[a] += way * (push * pull_a - (1.0 - blend) * slope * arc_a)
    if a != b:
        gradient[b] += turn * (push * pull_b - (1.0 - blend) * slope * arc_b)
    return floor + blend * (background - floor)


def valley_parameters(
    cells: NDArray[np.int64],
    *,
    first: int,
    width: float,
    slope: float,
    depth: float,
    tube: float,
    grid: int,
    free: bool,
) -> Array:
    """The parameters of a path of cells (M + 1, d).

    first: the step into the first cell, +-(axis + 1). depth: B at the start less V there. tube: tau w. grid: cells per
    axis. free: whether the valley begins in the middle of the first cell.
    """
    moves = np.diff(cells, axis=0)
    axes = np.abs(moves).argmax(axis=1)
    steps = moves[np.arange(len(moves)), axes] * (axes + 1)
    into = np.append(first, steps)
    out = np.append(steps, into[-1])
    table = np.column_stack((cells, into, out)).astype(float)
    head = [width, slope, depth, tube, len(cells) - 1.0, float(grid), float(free)]
    return np.concatenate((head, table.ravel()))


def valley_table(parameters: Array, dimension: int) -> Array:
    """The rows (M + 1, d + 2) of a path's cells."""
    return parameters[TABLE:].reshape(-1, dimension + 2)
