"""Shortest paths over pairs of equal cells, for chains with a quadratic coupling: one sweep, and the least squares."""

import math

import numpy as np
from numpy.typing import NDArray

from oracles import Array
from oracles.kernels import compiled

SLACK = 1e-12  # far above the rounding of a gradient entry of cells within [-16, 16]
UNIT = 2.0**40


@compiled
def relax(
    low: Array,
    high: Array,
    start: float,
    size: float,
    coupling: float,
    cap: float,
    table: Array,
    now: NDArray[np.bool_],
    then: NDArray[np.bool_],
) -> int:
    """One sweep over the pairs (a, b) marked in `now`: each c that the cap allows; marks what has changed in `then`.

    low, high: W'(b) + 2 a b at the ends of cells, least and largest. Returns how many have changed.
    """
    count, changed = len(low), 0
    for b in range(count):
        for a in range(count):
            value = table[a, b]
            if not now[a, b] or value >= cap:
                continue
            least = low[b] - coupling * (start + size * (a + 1))
            most = high[b] - coupling * (start + size * a)
            room = math.sqrt(cap - value)
            c = max(0, math.floor(((least - room) / coupling - start) / size) - 1)
            while c < count and most - coupling * (start + size * c) > -room:
                q = max(least - coupling * (start + size * (c + 1)), coupling * (start + size * c) - most) - 1e-12
                further = value + (math.floor(q * q * 2.0**40) * 2.0**-40 if q > 0.0 else 0.0)
                if further < cap and further < table[b, c]:
                    table[b, c] = further
                    then[b, c] = True
                    changed += 1
                c += 1
    return changed


def squares(least: Array, most: Array) -> Array:
    """The least squares on intervals, rounded down to multiples of 2^-40."""
    q = np.maximum(np.maximum(least, -most) - SLACK, 0.0)
    return np.asarray(np.floor(q * q * UNIT) / UNIT)
