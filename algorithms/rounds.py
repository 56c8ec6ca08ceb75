"""Batches of any size under a limit on the width of a round."""

from typing import Any

import numpy as np

from oracles import Array, Numbers, Oracle, asking


@asking
def in_rounds(oracle: Oracle, points: Array, width: int) -> Any:
    """Values (n,) and gradients (n, d) at `points` (n, d), in ceil(n / width) rounds; width 0: in one."""
    count = points.shape[0]
    if width == 0 or count <= width:
        return oracle.query(points)
    values, gradients = np.empty(count), np.empty(points.shape)
    for start in range(0, count, width):
        stop = min(start + width, count)
        part_values, part_gradients = oracle.query(points[start:stop].copy())
        values[start:stop] = part_values
        gradients[start:stop] = part_gradients
    return values, gradients


def rounds_of(points: float, numbers: Numbers) -> int:
    """How many rounds `in_rounds` makes of a batch, with the width that the method was given."""
    width = numbers["method.width"]
    return 1 if width == 0 else int(-(-points // width))
