"""Monotone paths through the cells of a grid, by the axes of their steps."""

import numpy as np
from numpy.typing import NDArray

from oracles import InputError

FLIP = 0.2  # the chance that a child in the broadcast tree differs from its parent

Axes = NDArray[np.int64]


def monotone_axes(path: str, *, dimension: int, steps: int, seed: int) -> Axes:
    """The axis (steps,) of each step +e_i.

    path: "random": independent and fair. "broadcast": the leaves of a binary tree in which a child copies its parent,
    but for a chance of 0.2; far less predictable than fair steps, whose position is known up to the root of their
    number. "straight": along the last axis. "stairs": each axis in turn. Or the axes themselves, such as "0110".
    Source: Benjamini, Pemantle, Peres, Unpredictable paths and percolation, Ann. Probab. 26 (1998).
    """
    rng = np.random.default_rng(seed)
    if path == "random":
        return rng.integers(dimension, size=steps)
    if path == "broadcast":
        return broadcast(dimension, steps, rng)
    if path == "straight":
        return np.full(steps, dimension - 1)
    if path == "stairs":
        return np.arange(steps) % dimension
    return _spelled(path, dimension, steps)


def broadcast(dimension: int, leaves: int, rng: np.random.Generator) -> Axes:
    """The first leaves of a binary tree of axes: the root is drawn, a child has its parent's axis, or another one with
    the chance `FLIP`.
    """
    level = rng.integers(dimension, size=1)
    while len(level) < leaves:
        children = np.repeat(level, 2)
        other = (children + rng.integers(1, dimension, size=len(children))) % dimension
        level = np.where(rng.random(len(children)) < FLIP, other, children)
    return level[:leaves]


def _spelled(path: str, dimension: int, steps: int) -> Axes:
    digits = [int(digit) for digit in path if digit.isdecimal()]
    if len(digits) != len(path) or len(path) != steps or any(digit >= dimension for digit in digits):
        raise InputError(
            f"path must be random, broadcast, straight, stairs or {steps} axes below {dimension} such as "
            f"{'01' * (steps // 2) + '0' * (steps % 2)!r}, got {path!r}"
        )
    return np.array(digits, dtype=np.int64)


def cells_along(axes: Axes, dimension: int) -> NDArray[np.int64]:
    """The cells (M + 1, d) of a path from the cell at the origin."""
    cells = np.zeros((len(axes) + 1, dimension), dtype=np.int64)
    cells[np.arange(1, len(axes) + 1), axes] = 1
    return np.cumsum(cells, axis=0)
