"""A snake in the square: a valley that passes through every cell, which gradient descent walks from end to end."""

import math

import numpy as np
from numpy.typing import NDArray

from hardinstances.hidden_staircase import CellsReached
from hardinstances.valley_kernel import CELLS, DEPTH, SLOPE, TABLE, WIDTH, carve, path_table, valley_parameters
from oracles import Array, Box, Claim, Claims, InputError, Instance, KernelFunction, family, kernel, projected_gradient

SOURCE = "this project"
THETA, STEEPNESS, TUBE_WIDTH = 1 / 195, 1.2, 0.45  # theta, c = a / epsilon, tau
LIFT, TILT = 2.5, 2.0  # D_0 / a, K
SMOOTHNESS = 0.994  # 6 c 5.45 / tau^2 theta = 0.99374 is what large N come to; N = 4 has 174 theta


@kernel
def snake_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """The valley of `valley_kernel` in B = D_0 + 2 a x_1 - a x_2 / w, which sinks with each row as the valley does."""
    width, slope, cells = parameters[WIDTH], parameters[SLOPE], parameters[CELLS]
    gradient[0], gradient[1] = TILT * slope, -slope / width
    background = parameters[DEPTH] + gradient[0] * x[0] + gradient[1] * x[1]
    column = math.floor(min(max(x[0] / width, 0.0), cells - 1.0))
    line = math.floor(min(max(x[1] / width, 0.0), cells - 1.0))
    place = line * int(cells) + (column if line % 2 == 0 else int(cells) - 1 - column)
    return carve(x, gradient, dimension, parameters, TABLE + place * (dimension + 2), place, background)


def boustrophedon(cells: int) -> NDArray[np.int64]:
    """The cells (N^2, 2) row by row upwards, rightwards in the first row, leftwards in the next."""
    lines, columns = np.divmod(np.arange(cells**2), cells)
    return np.column_stack((np.where(lines % 2 == 0, columns, cells - 1 - columns), lines))


@family(example={"cells": 4}, source=SOURCE)
def snake2d(*, cells: int = 8) -> Instance:
    """A snake on [0, 1]^2: a valley through all N^2 cells, at whose end alone gradient descent stops.

    epsilon = theta / N^2, theta = 1/195. The valley enters the cell at the origin from below, runs to the right, up,
    to the left, up, and ends top left; its floor falls with the slope a = 1.2 epsilon along a length of N. Neighbouring
    arms differ by at most 2 a in height, which the smoothness allows at the distance 1/N; so gradient descent with step
    1 from the mouth takes about 0.06 epsilon^(-3/2) steps. For that method alone: beside the turns, in the cells
    (0, 2k) and (N - 1, 2k), the background has stationary points of its own, where others may stop sooner; and the best
    point of a grid lies at the end.

    cells: N, even. Start: the mouth (w/2, 0). Progress: 1 .. N^2, the number of the path's cell. Cost: O(1) per query.
    """
    if cells % 2 or not 2 <= cells <= 2000:
        raise InputError(f"snake2d needs an even number of cells in 2 .. 2000, got {cells}")
    target, width = THETA / cells**2, 1 / cells
    slope = STEEPNESS * target
    parameters = valley_parameters(
        path_table(boustrophedon(cells), 2),
        width=width,
        slope=slope,
        depth=LIFT * slope,
        tube=TUBE_WIDTH * width,
        grid=cells,
        free=False,
    )
    box = Box(np.zeros(2), np.ones(2))
    return Instance(
        name="snake2d",
        function=KernelFunction(snake_kernel, parameters),
        start=np.array([width / 2, 0.0]),
        claims=Claims(
            Claim("smoothness", SMOOTHNESS, "proved", f"{SOURCE}: the Hessian on boxes that cover it, for every N"),
            Claim("gap", slope * cells, "derived", f"{SOURCE}: f = 0 at the mouth, V >= -a N^2 w and B >= -a / w"),
            Claim("length", float(cells**2), "derived", f"{SOURCE}: the cells of the path"),
        ),
        goal=projected_gradient(box),
        target=target,
        progress=CellsReached(parameters, 2),
        domain=box,
    )
