"""Where the gradient of a spline chain is short: paths (x_0, x_1, .., x_T, 0) that end in the dead zone, of any length.

The squared norm is a sum over three neighbours each, so a shortest path over pairs of points is the least one on a
grid. Windows around a path, which shrink where its centre is the best, leave the grid.
"""

from collections.abc import Iterable
from itertools import groupby

import numpy as np

from hardinstances.search.shape import Shape
from oracles import Array
from oracles.arrays import Ids

BEYOND = np.array([0.3, 0.7, 1.5, 2.5, 4.0, 6.0])  # cells beyond the knots
PARTS, FEWEST = 4, 80  # points per cell, and of the grid between the knots
LONGEST = 40  # links of a path
OFFSETS = np.arange(-2.0, 3.0)
WIDEST, NARROWEST, MOVES = 1 / 8, 1e-4, 40  # of a window's step, in cells


def grid_of(shape: Shape) -> Array:
    """The points of the grid; 0 and x_0 are among them."""
    parts = max(PARTS, -(-FEWEST // shape.cells))
    inside = np.arange(-shape.left * parts, shape.right * parts + 1) / parts
    return np.concatenate([-shape.left - BEYOND[::-1], inside, shape.right + BEYOND])


def entries(shape: Shape, numbers: Array, x: Array, y: Array) -> tuple[Array, Array]:
    """What the links (x, y) add to the gradient's entry of y, upsilon' included, and to that of x: (.., m, k) for
    points (.., m) and (.., k).
    """
    link, bends = shape.parts(numbers)
    value, slope, _ = shape.splines(x.ravel()).reshape(3, *x.shape, shape.cells)
    following, rise, _ = shape.splines(y.ravel()).reshape(3, *y.shape, shape.cells).swapaxes(-1, -2)
    well = (shape.steepness(y.ravel()) @ bends / shape.right).reshape(*y.shape[:-1], 1, y.shape[-1])
    return shape.right * (value @ link @ rise) + well, shape.right * (slope @ link @ following)


def gradient(shape: Shape, numbers: Array, path: Array) -> Array:
    """The gradient (T,) on a path."""
    before, after = entries(shape, numbers, path[:-1, None], path[1:, None])
    return np.asarray(before[:-1, 0, 0] + after[1:, 0, 0])


def shortest(squares: Array, sources: Array) -> tuple[Array, Ids]:
    """The least sums of squares (a, b, c) on ways of pairs (a, b), (b, c), .. from pairs with sources (m, m) to each
    pair, and the point before it, or -1.
    """
    table, came = sources, np.full(sources.shape, -1)
    for _ in range(LONGEST):
        sums = table[:, :, None] + squares
        least = sums.min(axis=0)
        better = least < table - 1e-12
        if not better.any():
            break
        table, came = np.where(better, least, table), np.where(better, sums.argmin(axis=0), came)
    return table, came


def way(came: Ids, a: int, b: int) -> list[int]:
    """B, a, and what comes before."""
    points = [b, a]
    while came[a, b] >= 0 and len(points) < LONGEST:
        a, b = int(came[a, b]), a
        points.append(a)
    return points


def grid_paths(shape: Shape, numbers: Array, within: float, most: int) -> list[Array]:
    """The best path through each pair of cells, while its norm is at most `within` times that of the best of all."""
    points = grid_of(shape)
    before, after = entries(shape, numbers, points, points)
    squares = (before[:, :, None] + after[None, :, :]) ** 2
    first, dead, last = points == shape.right, np.abs(points) <= shape.dead, points == 0
    onwards, came = shortest(squares, np.where(first[:, None], 0.0, np.inf) + np.zeros_like(before))
    backwards, comes = shortest(squares.transpose(2, 1, 0), np.where(last[:, None] & dead, 0.0, np.inf))
    total = onwards + backwards.T
    order = np.argsort(total, axis=None)
    order = order[total.flat[order] <= within**2 * total.min()]
    a, b = np.unravel_index(order, total.shape)
    cell = np.floor(points)
    _, kept = np.unique(np.stack([cell[a], cell[b]]), axis=1, return_index=True)
    return [points[[*way(came, a[k], b[k])[::-1], *way(comes, b[k], a[k])[2:]]] for k in np.sort(kept)[:most]]


def in_windows(shape: Shape, numbers: Array, paths: Array) -> tuple[Array, Array]:
    """Paths of one length (p, T + 2), moved to where the squared norms (p,) are least near by."""
    count, places = paths.shape
    step, some = np.full(count, WIDEST), np.arange(count)
    norms = np.array([np.square(gradient(shape, numbers, path)).sum() for path in paths])
    for _ in range(MOVES):
        around = paths[:, :, None] + step[:, None, None] * OFFSETS
        around[:, 0], around[:, -1] = paths[:, :1], 0.0
        around[:, -2] = np.clip(around[:, -2], -shape.dead, shape.dead)
        before, after = entries(shape, numbers, around[:, :-1], around[:, 1:])
        table, came = np.zeros((count, len(OFFSETS), len(OFFSETS))), []
        for i in range(1, places - 1):
            sums = table[..., None] + (before[:, i - 1, :, :, None] + after[:, i, None]) ** 2
            table, best = sums.min(axis=1), sums.argmin(axis=1)
            came.append(best)
        pick = table.reshape(count, -1).argmin(axis=1)
        least = table.reshape(count, -1)[some, pick]
        b, c = np.divmod(pick, len(OFFSETS))
        moved = paths.copy()
        for i in range(places - 2, 0, -1):
            moved[:, i] = around[some, i, b]
            b, c = came[i - 1][some, b, c], b
        better = least < norms - 1e-13
        paths, norms = np.where(better[:, None], moved, paths), np.where(better, least, norms)
        step = np.where(better, step, step / 2)
        if step.max() < NARROWEST:
            break
    return paths, norms


def shallow_paths(
    shape: Shape, numbers: Array, *, within: float = 1.06, most: int = 150, known: Iterable[Array] = ()
) -> tuple[list[Array], Array]:
    """Paths with short gradients and their norms, the shortest first; `known` ones are tried as well."""
    found: list[tuple[float, Array]] = []
    for _, group in groupby(sorted([*grid_paths(shape, numbers, within, most), *known], key=len), len):
        paths, squares = in_windows(shape, numbers, np.array(list(group)))
        _, kept = np.unique(paths.round(3), axis=0, return_index=True)
        found += [(float(squares[k]), paths[k]) for k in kept]
    found.sort(key=lambda one: one[0])
    return [path for _, path in found], np.sqrt([square for square, _ in found])
