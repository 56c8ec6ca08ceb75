"""The Lipschitz constant of the gradient of staircases and snakes, for every number of cells and every path.

f is C^1. On the face where a cell of the path meets the next one, s and rho^2 have the same values and gradients on
both sides: in a turn S = 0 or 1 and S' = 0 there, so that grad s is the direction of travel. rho^3 is C^1, psi' = 0 at
rho = tau, and the tube touches no other faces, as tau < 1/2. So the constant is the largest norm of the Hessian within
the pieces. Outside of the tube f = B, with 0 <= B'' <= 1 / kappa. Inside, each kind of cell of `valley_kinds` is cut
into boxes of tube coordinates until c N I + H and c N I - H are positive on each, for the H that `valley_hessian`
encloses and c N = L w / a: their pivots stay positive with the entries off the diagonal at their largest.
"""

from collections.abc import Mapping
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hardinstances.certify.few_dimensions import is_valley
from hardinstances.certify.finding import Proof
from hardinstances.certify.intervals import Interval, outward, square
from hardinstances.certify.provers import Prover, add
from hardinstances.certify.valley_hessian import HALF, Bounds, Boxes, Kind, hessian
from hardinstances.certify.valley_kinds import snake_kinds, staircase_kinds
from hardinstances.snake2d import boustrophedon, snake_kernel
from hardinstances.valley_kernel import CELLS, DEPTH, FREE, LAST, SLOPE, TUBE, WIDTH, path_table, valley_table
from oracles import Array, Instance, KernelFunction

Flags = NDArray[np.bool_]

NAME = "valley, smoothness"
LARGEST_TUBE = 0.49  # in cells
ROUNDING = 1e-12  # relative, and far above that of the units; tau, D_0 and the level are moved by it
GENERATIONS, MOST = 60, 20_000  # halvings, and boxes at one time
DOUBLINGS, BISECTIONS = 8, 10  # of a claim that is not proved


class Valley(NamedTuple):
    """A staircase or a snake: its kinds of cells, tau and D_0 / N in units of its cells and slope, and a N / w."""

    kinds: tuple[Kind, ...]
    tube: float
    depth: float
    unit: float


def valley_of(instance: Instance) -> Valley | None:
    """The valley that an instance is, where the argument covers it: on its own grid, with a path that is one."""
    if not is_valley(instance):
        return None
    assert isinstance(instance.function, KernelFunction)
    head, d = instance.function.parameters, instance.dimension
    snake, grid, free = instance.function.kernel is snake_kernel, int(head[CELLS]), bool(head[FREE])
    table = valley_table(head, d)
    tube, depth = head[TUBE] / head[WIDTH], head[DEPTH] / (head[SLOPE] * head[WIDTH] * grid)
    if not (2 <= grid == head[CELLS] and head[LAST] == len(table) - 1 and 0 < tube < LARGEST_TUBE):
        return None
    if not (_snakes(table, grid, head[WIDTH]) if snake else d in (2, 3) and _climbs(table, grid, free)):
        return None
    kinds = snake_kinds() if snake else staircase_kinds(d, free)
    return Valley(kinds, float(tube), float(depth), float(head[SLOPE] / head[WIDTH] * grid))


def _climbs(table: Array, grid: int, free: bool) -> bool:
    """Whether a table is of a monotone path from the cell 0 within N cells, straight in a free first one."""
    d = table.shape[1] - 2
    cells, enter = table[:, :d].astype(np.int64), int(table[0, d])
    monotone = not cells[0].any() and bool((np.diff(cells, axis=0).sum(axis=1) == 1).all()) and len(table) <= grid
    straight = not free or table[0, d] == table[0, d + 1]
    return monotone and straight and 1 <= enter <= d and np.array_equal(table, path_table(cells, enter))


def _snakes(table: Array, grid: int, width: float) -> bool:
    """Whether a table is of the snake of the unit square, entered from below: then B falls by N a row, as V does."""
    fits = grid % 2 == 0 and grid * abs(width * grid - 1) < ROUNDING
    return fits and np.array_equal(table, path_table(boustrophedon(grid), 2))


def whole(kind: Kind) -> Boxes:
    """The tube of a kind, for each corner and each sign of the angle's cosine and sine."""
    solid = len(kind.axes) > 2
    rows = list(product(kind.corners, (1.0, -1.0), (1.0, -1.0) if solid else (1.0,)))
    corner = np.array([row[0] for row in rows], dtype=float)
    sign = np.array([row[1:] for row in rows])
    unit = Interval(np.zeros(len(rows)), np.ones(len(rows)))
    place = Interval(unit.low, unit.high / 2) if kind.shape == HALF else unit
    return Boxes(place, unit, unit if solid else Interval(unit.low, unit.low), corner, sign)


def taken(boxes: Boxes, which: Flags) -> Boxes:
    """Some of the boxes."""
    place, t, angle = (Interval(side.low[which], side.high[which]) for side in boxes[:3])
    return Boxes(place, t, angle, boxes.corner[which], boxes.sign[which])


def halved(boxes: Boxes) -> Boxes:
    """Both halves of each box, cut across its longest side."""
    low = np.stack([side.low for side in boxes[:3]])
    high = np.stack([side.high for side in boxes[:3]])
    longest, each = (high - low).argmax(axis=0), np.arange(low.shape[1])
    middle = (low[longest, each] + high[longest, each]) / 2
    upper, lower = low.copy(), high.copy()
    upper[longest, each] = lower[longest, each] = middle
    lows, highs = np.hstack([low, upper]), np.hstack([lower, high])
    place, t, angle = (Interval(*pair) for pair in zip(lows, highs, strict=True))
    return Boxes(place, t, angle, np.tile(boxes.corner, (2, 1)), np.tile(boxes.sign, (2, 1)))


def positive(diagonal: tuple[Interval, ...], bounds: Bounds, solid: bool) -> Flags:
    """Where a matrix with at least these diagonal entries is positive, whatever the signs of the others, by pivots."""
    first, second, third = (outward(entry.low, entry.low) for entry in diagonal)
    sound = third.low > 0
    third = Interval(np.where(sound, third.low, 1.0), np.where(sound, third.high, 1.0))
    no, nl, ol = (outward(entry.size.high, entry.size.high) for entry in (bounds.no, bounds.nl, bounds.ol))
    first = first - square(nl) / third
    if not solid:
        return np.asarray(sound & (first.low > 0))
    second, no = second - square(ol) / third, no + nl * ol / third
    return np.asarray(sound & (first.low > 0) & (second.low > 0) & ((first * second - square(no)).low > 0))


def held(kind: Kind, boxes: Boxes, tube: Interval, depth: Interval, level: float) -> Flags:
    """On which boxes the norm of H is below level * N."""
    bounds, most = hessian(kind, boxes, tube, depth), level * boxes.corner[:, 1]
    limit, solid = outward(most, most), len(kind.axes) > 2
    above = tuple(limit - entry - Interval(bounds.more * 0, bounds.more) for entry in bounds.diagonal)
    below = tuple(limit + entry for entry in bounds.diagonal)
    return positive(above, bounds, solid) & positive(below, bounds, solid)


def covered(kind: Kind, tube: Interval, depth: Interval, level: float) -> int:
    """How many boxes of a kind show that its Hessians are at most level * N; -1 where they do not."""
    boxes, total = whole(kind), 0
    for _ in range(GENERATIONS):
        left = ~held(kind, boxes, tube, depth, level)
        total += int((~left).sum())
        if not left.any():
            return total
        if 2 * left.sum() > MOST:
            break
        boxes = halved(taken(boxes, left))
    return -1


@lru_cache(maxsize=256)
def count(valley: Valley, level: float) -> int:
    """How many boxes show that L w / a is at most `level` * N; -1 where they do not."""
    tube, depth = (Interval(np.asarray(x * (1 - ROUNDING)), np.asarray(x * (1 + ROUNDING))) for x in valley[1:3])
    total, within = 0, level * (1 - ROUNDING)
    if not (1 / valley.tube < within < np.inf):  # 1 / kappa <= c N for N >= 2
        return -1
    for kind in valley.kinds:
        boxes = covered(kind, tube, depth, within)
        if boxes < 0:
            return -1
        total += boxes
    return total


def bound(instance: Instance, smoothness: float) -> Proof | None:
    """The proof that the gradient has this Lipschitz constant."""
    valley = valley_of(instance)
    assert valley is not None
    boxes = count(valley._replace(unit=1.0), smoothness / valley.unit)
    if boxes < 0:
        return None
    argument = (
        f"the Hessian is no larger on each of {boxes} boxes, which cover the {len(valley.kinds)} kinds of cells and "
        "their parts, for every number of cells and every path"
    )
    return Proof("upper", smoothness, argument, NAME, {"smoothness": smoothness})


def prove(instance: Instance) -> Proof | None:
    """What is claimed; where it is not proved, the least number above that is, up to some thousandths."""
    claim = instance.claims.default("smoothness")
    high = 0.0 if claim is None else claim.value
    low, found = high, bound(instance, high)
    if found:
        return found
    for _ in range(DOUBLINGS):
        low, high = high, 2 * high
        found = bound(instance, high)
        if found:
            break
    for _ in range(BISECTIONS if found else 0):
        middle = (low + high) / 2
        better = bound(instance, middle)
        low, high, found = (low, middle, better) if better else (middle, high, found)
    return found


def verify(instance: Instance, data: Mapping[str, Any]) -> Proof | None:
    """The cover for the number of `data`."""
    return bound(instance, float(data["smoothness"]))


def covers(instance: Instance) -> bool:
    """Whether the argument covers an instance."""
    return valley_of(instance) is not None


add(Prover(NAME, "smoothness", covers, prove, verify))
