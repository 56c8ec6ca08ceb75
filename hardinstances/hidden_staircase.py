"""A valley along a hidden monotone path of cells: on a box, where trapping beats descent, and in the whole space."""

import math

import numpy as np
from numpy.typing import NDArray

from hardinstances.paths import cells_along, monotone_axes
from hardinstances.valley_kernel import (
    CELLS,
    DEPTH,
    FREE,
    LAST,
    SLOPE,
    TABLE,
    TUBE,
    WIDTH,
    carve,
    path_table,
    valley_parameters,
    valley_table,
)
from oracles import Array, Box, Claim, Claims, InputError, Instance, KernelFunction, family, kernel, projected_gradient

HERE = "this project"
SOURCE = f"{HERE}, in place of the river of Vavasis (1993) and the grid function of Bubeck, Mikulincer (2020)"
THETA, STEEPNESS, TUBE_WIDTH = 1 / 90, 1.2, 0.45  # theta, c = a / epsilon, tau
SMOOTHNESS = 0.988  # 6 c (1/2 + 2) / tau^2 theta = 0.98765 is what large N come to
FLOOR = 1.073  # the least projected gradient met outside the last cell is 1.0733 epsilon
COVERED = "the Hessian on boxes that cover the kinds of cells, for every N and path"


@kernel
def staircase_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """The valley of `valley_kernel` in B = D_0 + a sum_i (sqrt((x_i - w/2)^2 + kappa^2) - kappa), kappa = tau w / 2;
    on a box the last coordinate enters as a x_d instead.
    """
    width, slope, cells = parameters[WIDTH], parameters[SLOPE], parameters[CELLS]
    free = parameters[FREE] != 0.0
    kappa = 0.5 * parameters[TUBE]
    background = parameters[DEPTH]
    place, inside = 0, True
    for i in range(dimension):
        if free or i < dimension - 1:
            away = x[i] - 0.5 * width
            root = math.hypot(away, kappa)
            background += slope * (away / (root + kappa)) * away
            gradient[i] = slope * (away / root)
        else:
            background += slope * x[i]
            gradient[i] = slope
        index = math.floor(min(max(x[i] / width, -1.0), cells))
        if free:
            inside = inside and 0 <= index < cells
        place += int(min(max(index, 0), cells - 1))
    if not inside or place > int(parameters[LAST]):
        return background
    row = TABLE + place * (dimension + 2)
    for i in range(dimension):
        index = math.floor(min(max(x[i] / width, -1.0), cells))
        if parameters[row + i] != min(max(index, 0), cells - 1):
            return background
    return carve(x, gradient, dimension, parameters, row, place, background)


class CellsReached:
    """(K, d) -> (K,): 1 .. M + 1, the number of the path's cell in which a point lies; 0 off the path."""

    def __init__(self, parameters: Array, dimension: int) -> None:
        table = valley_table(parameters, dimension)
        self._width, self._grid = parameters[WIDTH], int(parameters[CELLS])
        self._box = parameters[FREE] == 0.0
        self._number = {tuple(cell): j + 1 for j, cell in enumerate(table[:, :dimension].astype(int).tolist())}

    def __call__(self, points: Array) -> NDArray[np.int64]:
        cells = np.floor(np.clip(points / self._width, -1, self._grid)).astype(int)
        if self._box:
            cells = np.clip(cells, 0, self._grid - 1)
        return np.array([self._number.get(tuple(cell), 0) for cell in cells.tolist()], dtype=np.int64)


def _checked(name: str, dimension: int, cells: int) -> None:
    if dimension not in (2, 3) or not 2 <= cells <= 10**6:
        raise InputError(f"{name} needs dimension 2 or 3 and cells in 2 .. 10^6, got {dimension} and {cells}")


@family(example={"dimension": 2, "cells": 4}, source=SOURCE)
def hidden_staircase(*, dimension: int = 2, cells: int = 8, path: str = "random", seed: int = 0) -> Instance:
    """A hidden staircase on [0, 1]^d: all that falls faster than its background is a valley of N cells of width 1/N.

    epsilon = theta / N^2, theta = 1/90. From the cell at the origin, which it enters through the face x_d = 0, the
    valley takes N - 1 steps +e_i; its floor falls with the slope a = 1.2 epsilon, the background rises with it away
    from the mouth. Points with a projected gradient of at most epsilon lie in the last cell alone. A method that walks
    the valley takes 1/epsilon steps; a query tells of one cell, and 1/sqrt(epsilon) of them are needed.

    dimension: d, 2 or 3. cells: N. path: "random", "broadcast", "straight", "stairs", or the axes of the N - 1 steps,
    such as "0110"; see `hardinstances.paths`. Start: the mouth (w/2, .., 0).
    Progress: 1 .. N, the number of the path's cell; 0 off the path. Cost: O(d) per query.
    """
    _checked("hidden_staircase", dimension, cells)
    axes = monotone_axes(path, dimension=dimension, steps=cells - 1, seed=seed)
    target, width = THETA / cells**2, 1 / cells
    slope = STEEPNESS * target
    parameters = valley_parameters(
        path_table(cells_along(axes, dimension), dimension),
        width=width,
        slope=slope,
        depth=0.5 * slope,
        tube=TUBE_WIDTH * width,
        grid=cells,
        free=False,
    )
    box = Box(np.zeros(dimension), np.ones(dimension))
    return Instance(
        name="hidden_staircase",
        function=KernelFunction(staircase_kernel, parameters),
        start=np.append(np.full(dimension - 1, width / 2), 0.0),
        claims=Claims(
            Claim("smoothness", SMOOTHNESS, "proved", f"{HERE}: {COVERED}"),
            Claim("gap", slope, "derived", f"{HERE}: f = 0 at the mouth, B >= 0, and V >= -a N w"),
            Claim("floor", FLOOR * target, "measured", f"{HERE}: the least projected gradient off the last cell"),
            Claim("length", float(cells), "derived", f"{HERE}: the cells of the path"),
        ),
        goal=projected_gradient(box),
        target=target,
        progress=CellsReached(parameters, dimension),
        domain=box,
    )


@family(example={"dimension": 2, "cells": 4}, source=SOURCE)
def free_staircase(*, dimension: int = 2, cells: int = 8, path: str = "random", seed: int = 0) -> Instance:
    """The hidden staircase in the whole space, scaled so that the smoothness and the gap do not depend on N.

    f(z) = g(z / S) S^2 with S = 1/sqrt(theta / N^2), where g is a hidden staircase whose valley begins in the middle
    of its first cell and whose background rises with slope a in all coordinates; epsilon = sqrt(theta) / N. The cells
    have the width 1/sqrt(theta), which no longer depends on N. Points with a gradient of at most epsilon lie in the
    last cell alone. A method has to find the end of a path of about 0.1 / epsilon cells.

    dimension, cells, path, seed: as for `hidden_staircase`. Start: the middle of the first cell.
    """
    _checked("free_staircase", dimension, cells)
    axes = monotone_axes(path, dimension=dimension, steps=cells - 1, seed=seed)
    target, width = math.sqrt(THETA) / cells, 1 / math.sqrt(THETA)
    slope = STEEPNESS * target
    parameters = valley_parameters(
        path_table(cells_along(axes, dimension), int(axes[0]) + 1),
        width=width,
        slope=slope,
        depth=0.5 * slope * cells * width,
        tube=TUBE_WIDTH * width,
        grid=cells,
        free=True,
    )
    return Instance(
        name="free_staircase",
        function=KernelFunction(staircase_kernel, parameters),
        start=np.full(dimension, width / 2),
        claims=Claims(
            Claim("smoothness", SMOOTHNESS, "proved", f"{HERE}: {COVERED}"),
            Claim("gap", slope * width * (cells - 0.5), "derived", f"{HERE}: f(start) = -a w/2, V >= -a N w, B >= 0"),
            Claim("floor", FLOOR * target, "measured", f"{HERE}: the least gradient met off the last cell"),
            Claim("length", float(cells), "derived", f"{HERE}: the cells of the path"),
        ),
        target=target,
        progress=CellsReached(parameters, dimension),
    )
