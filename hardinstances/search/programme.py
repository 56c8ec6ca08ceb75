"""The linear programme of a search: the least J to first order, for changes of the numbers that are not too large.

f is linear in the numbers of a link, and J = (gap per link) smoothness / floor^2 does not depend on their scale. About
numbers z with the floor 1, the gap D_0 per link and the smoothness l_0, with e a change of them,

    minimise D / D_0 + l / l_0  over e, D, l and potentials p, where
      +- v' Hessian f(x) v <= l            for x and |v| = 1 at which it is large,
      <u, gradient f(x)> >= 1              for x at which the gradient is short, u its direction for e = 0,
      g(x, y) + p(x) - p(y) >= -D          for control points of the link, g = P(x, y) + upsilon(y), see
                                           `certify.spline_gap`.
"""

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from hardinstances.certify.spline_net import control_weights, cuts_for, potential_net
from hardinstances.search.shape import Shape
from oracles import Array

LEAST_WALL = 0.02  # of l_0: upsilon'' beyond the knots
MOST_PARTS = 32  # of the cells, for the gap
SECONDS = 120.0


def loop_rows(shape: Shape, numbers: Array) -> Array:
    """The numbers' weights in g(x, y), (m, m, size): x and y run over the control points of parts of the cells, and
    over where upsilon is least beyond the knots.
    """
    cuts = cuts_for(shape.cells, MOST_PARTS)
    link = np.pad(control_weights(shape.cells, cuts), ((1, 1), (0, 0)), mode="edge")
    bends = np.zeros((shape.cells + 2, shape.size))
    bends[:, shape.cells**2 :] = np.eye(shape.cells + 2)
    inside = np.stack([potential_net(shape.spline(bend), cuts) for bend in bends], axis=1)
    ends, outwards = np.array([-shape.left, shape.right]), np.array([-1.0, 1.0])
    _, slope, bend = shape.spline(numbers).table[[0, -1]].T
    low, high = shape.depths(ends + outwards * np.maximum(0.0, -outwards * slope / bend))
    rows = np.empty((len(link), len(link), shape.size))
    rows[..., : shape.cells**2] = np.einsum("ik,jl->ijkl", link, link).reshape(*rows.shape[:2], -1)
    rows[..., shape.cells**2 :] = np.vstack([low, inside, high]) / shape.right**2
    return rows


def best_change(
    shape: Shape, numbers: Array, gap: float, smoothness: float, bends: Array, slopes: Array, most: Array
) -> tuple[Array, float] | None:
    """The change e and the J that it promises; None where the programme has no solution.

    gap, smoothness: D_0 and l_0. bends, slopes: rows (k, size) of the first two constraints. most: of each |e|.
    """
    loops, free = loop_rows(shape, numbers), np.flatnonzero(most)
    m = len(loops)
    loops = loops.reshape(m * m, -1)
    x, y = np.divmod(np.arange(m * m), m)
    potentials = sparse.eye_array(m, format="csr")
    table = sparse.block_array(
        [
            [-loops[:, free], -np.ones((m * m, 1)), None, potentials[y] - potentials[x]],
            [bends[:, free], None, -np.ones((len(bends), 1)), None],
            [-slopes[:, free], None, None, None],
        ],
        format="csr",
    )
    limits = np.concatenate([loops @ numbers, -bends @ numbers, slopes @ numbers - 1])
    low, high = -most, most.copy()
    walls = [shape.cells**2, shape.size - 1]
    low[walls] = np.minimum(np.maximum(low[walls], LEAST_WALL * smoothness - numbers[walls]), high[walls])
    halves = [(0.5 * gap, None), (0.5 * smoothness, None)]
    bounds = [*zip(low[free], high[free], strict=True), *halves, *[(None, None)] * m]
    cost = np.concatenate([np.zeros(len(free)), [1 / gap, 1 / smoothness], np.zeros(m)])
    solved = linprog(cost, A_ub=table, b_ub=limits, bounds=bounds, method="highs-ipm", options={"time_limit": SECONDS})
    if solved.x is None:
        return None
    change = np.zeros(shape.size)
    change[free] = solved.x[: len(free)]
    return change, float(np.prod(solved.x[len(free) : len(free) + 2]))
