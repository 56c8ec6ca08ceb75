"""The kinds of cells of staircases and snakes, for every N and every path at once.

A kind holds cells whose Hessians are affine in N and one more whole number p, the same at a place of the tube but for
bowls that are enclosed together. So its norm less c N is convex on the cone over the corners of the (N, p) that
occur, and at most 0 there if it is at the corners: (1, N, p) for a point, (0, N, p) for a direction towards infinity.

Staircase, in the cell (j_1, .., j_d), p = j_1 + .. + j_d: B = D_0 + sum_i (j_i + its bowl, or its linear rise less
j_i), -V = p + s, p <= N - 1. Snake, in the column i and the row k, p = i: B = D_0 + 2 x_1 - N x_2, and
-V = k N + p + s where the row is walked to the right, k N + N - 1 - p + s to the left.
"""

from collections.abc import Iterator
from itertools import permutations, product

from hardinstances.certify.valley_hessian import BENT, BEYOND, CAP, HALF, LINEAR, STRAIGHT, ZERO, Axis, Kind
from hardinstances.snake2d import TILT

Corners = tuple[tuple[int, int, int], ...]

RISE = Axis(LINEAR, 1.0, 1.0, 0.0)  # the last axis of a staircase on a box


def staircase_kinds(dimension: int, free: bool) -> tuple[Kind, ...]:
    """Each once: straight cells and last ones by the axis along, turns by two axes, bowls by whether their j is 0."""
    bowls = dimension if free else dimension - 1
    kinds: dict[Kind, None] = {}
    for forms in product((Axis(ZERO), Axis(BEYOND)), repeat=bowls):
        axes = forms if free else (*forms, RISE)
        gap = 0.5 * (RISE in axes), 0.0, 2.0
        for order in permutations(axes):
            straight = (order[0], *sorted(order[1:]))
            for shape, way, last in ((STRAIGHT, straight, False), (BENT, order, False), (HALF, straight, True)):
                kinds[Kind(shape, way, gap, corners_of(axes, last))] = None
            kinds[Kind(CAP, straight, gap, corners_of(axes, True))] = None
    if free:
        kinds[Kind(CAP, (Axis(ZERO),) * dimension, (0.0, 0.0, 2.0), ((1, 2, 0), (0, 1, 0)), True)] = None
    return tuple(kinds)


def corners_of(axes: tuple[Axis, ...], last: bool) -> Corners:
    """Of p + 1 <= N in a last cell, else p + 2 <= N; with N >= 2, and p at least the number of bowls beyond cell 0.

    Where all are in it, p = 0.
    """
    least = sum(axis.form == BEYOND for axis in axes)
    if all(axis.form == ZERO for axis in axes):
        return (1, 2, 0), (0, 1, 0)
    if last:
        first: Corners = ((1, 2, 0), (1, 2, 1)) if least == 0 else ((1, least + 1, least),)
    else:
        first = ((1, least + 2, least),)
    return *first, (0, 1, 0), (0, 1, 1)


def snake_kinds() -> tuple[Kind, ...]:
    """Straight cells in rows to the right and to the left, the four turns, and the last cell."""
    return tuple(_snake_kinds())


def _snake_kinds() -> Iterator[Kind]:
    right, left = Axis(LINEAR, 1.0, TILT, 0.0), Axis(LINEAR, -1.0, TILT, 0.0)
    up = Axis(LINEAR, 1.0, 0.0, -1.0)
    # B - V at the centre of a cell, without D_0 and s
    rightwards, leftwards = (TILT / 2, -0.5, TILT + 1), (TILT / 2 - 1, 0.5, TILT - 1)
    inside: Corners = ((1, 3, 1), (0, 1, 0), (0, 1, 1))
    first: Corners = ((1, 2, 0), (0, 1, 0))
    last: Corners = ((1, 2, 1), (0, 1, 1))
    yield Kind(STRAIGHT, (right, up), rightwards, inside)
    yield Kind(STRAIGHT, (left, up), leftwards, inside)
    yield Kind(BENT, (right, up), rightwards, last)
    yield Kind(BENT, (up, left), leftwards, last)
    yield Kind(BENT, (left, up), leftwards, first)
    yield Kind(BENT, (up, right), rightwards, first)
    yield Kind(STRAIGHT, (left, up), leftwards, first)
    yield Kind(CAP, (left, up), leftwards, first)
