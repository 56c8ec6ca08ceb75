"""Trapping: a point x and a box around it with f(y) >= f(x) - c |y - x| on the box's walls, made smaller by cuts.

Then some z of the box has |g(z)| <= c: minimise f(z) + c |z - x| over the box; on a wall this is at least f(x), which
z = x has as well, and at a minimiser off the walls grad f + c u + n = 0 with |u| <= 1 and n normal to the domain. Walls
are the faces of the box inside the domain; faces on the domain's boundary need no certificate.

x moves to y only if f(y) + c |y - x| < f(x): then every old wall keeps its certificate, by the triangle inequality.
"""

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from algorithms.boxes import Room, best_of, projections
from algorithms.nets import ROUNDING, Grid, Net, intervals, least_on_net, place, single
from oracles import Array, InputError, Oracle


@dataclass(frozen=True)
class Cut:
    """Planes that cut a box: axis i into parts[i] equal parts. counts[j]: points along axis j of a net on a plane
    across another axis. slack: what the slope of the new walls needs beyond that of the old ones.
    """

    parts: tuple[int, ...]
    counts: tuple[int, ...]
    slack: float

    @property
    def points(self) -> int:
        """The points of the nets on all planes."""
        return sum((m - 1) * math.prod(self.counts) // self.counts[i] for i, m in enumerate(self.parts))


def check_budget(room: Room, target: float, fraction: float, parts: int = 3) -> None:
    """`InputError` where slopes have no room to grow from that of the first walls to fraction epsilon, or a cut does
    not shorten a side.
    """
    if parts < 3:
        raise InputError(f"a side is cut into at least 3 parts, got parts = {parts}")
    if not room.slope / target < fraction < 1:
        raise InputError(f"fraction must be between {room.slope / target:g} and 1, got {fraction:g}")


def parts_of(sides: Array, most: int) -> tuple[int, ...]:
    """`most` parts for the longest side, for the others in proportion; a side of less than 3 stays whole."""
    longest = float(np.max(sides))
    wanted = [math.ceil(most * float(side) / longest - ROUNDING) for side in sides]
    return tuple(m if m >= 3 else 1 for m in wanted)


def half_part(sides: Array, parts: tuple[int, ...]) -> float:
    """D, half of the smallest part of a side that is cut: how far new walls are from x at least."""
    return 0.5 * min(float(side) / m for side, m in zip(sides, parts, strict=True) if m > 1)


def spacing(dimension: int, smoothness: float, slope: float, slack: float, distance: float) -> float:
    """The spacing h with (d - 1) h^2/8 (L + c/D) = slack D, c = slope + slack: what is above f(x) - slope |y - x| on a
    net of spacing h is above f(x) - c |y - x| on all of a wall at the distance D or more. Infinite in one dimension.
    """
    if dimension == 1:
        return math.inf
    return math.sqrt(8 * slack * distance / ((dimension - 1) * (smoothness + (slope + slack) / distance)))


def cut(sides: Array, parts: tuple[int, ...], smoothness: float, slope: float, slack: float) -> Cut:
    """The cut of a box into these parts, with nets as fine as the slack needs."""
    h = spacing(len(sides), smoothness, slope, slack, half_part(sides, parts))
    return Cut(parts, tuple(intervals(float(side), h) + 1 for side in sides), slack)


@dataclass(frozen=True)
class Trap:
    """x with its value in the box from lower to upper, and the slope c of the walls' certificate."""

    lower: Array
    upper: Array
    x: Array
    value: float
    slope: float
    room: Room

    @property
    def sides(self) -> Array:
        """The sides of the box."""
        sides: Array = self.upper - self.lower
        return sides

    @property
    def diameter(self) -> float:
        """The length of the box's diagonal."""
        return math.hypot(*self.sides)

    def edge(self, axis: int, parts: int, number: int) -> float:
        """Where part `number` of an axis begins, of 3 or more: to the last bit where its net is, and the box ends."""
        lower, upper, side = float(self.lower[axis]), float(self.upper[axis]), float(self.sides[axis])
        if number in (0, parts):
            return upper if number else lower
        return float(place(lower + side / parts, upper - side / parts, parts - 1, number - 1))

    def planes(self, cut: Cut) -> list[Grid]:
        """The nets on the planes of a cut; those across an axis are one grid."""
        grids = []
        for axis, m in enumerate(cut.parts):
            if m > 1:
                lower, upper, counts = self.lower.copy(), self.upper.copy(), list(cut.counts)
                lower[axis], upper[axis] = self.edge(axis, m, 1), self.edge(axis, m, m - 1)
                counts[axis] = m - 1
                grids.append(Grid(lower, upper, tuple(counts)))
        return grids

    def plane(self, axis: int, at: float, counts: tuple[int, ...]) -> Grid:
        """A net on the section of the box where coordinate `axis` is `at`."""
        lower, upper, points = self.lower.copy(), self.upper.copy(), list(counts)
        lower[axis], upper[axis], points[axis] = at, at, 1
        return Grid(lower, upper, tuple(points))

    def moved(self, oracle: Oracle, grids: list[Grid], width: int, gradient: bool) -> "Trap":
        """The trap with x moved to the least f(y) + c |y - x| of the nets, if that is below f(x). One round, or as many
        as the width needs. gradient: whether x is asked for its gradient in the same round.
        """
        net = Net([single(self.x), *grids] if gradient else grids)
        y, value, merit = least_on_net(oracle, net, width, self.x, self.slope, gradient)
        return replace(self, x=y, value=value) if merit < self.value else self

    def kept(self, parts: tuple[int, ...], slope: float, pair: bool = False) -> "Trap":
        """The parts around x: those on both sides of the nearest plane, or the first or last one alone if x is nearer
        to the face of the box; pair: never one alone.
        """
        lower, upper = self.lower.copy(), self.upper.copy()
        for axis, m in enumerate(parts):
            if m > 1:
                low, high = around(float(self.x[axis] - self.lower[axis]) * m / float(self.sides[axis]), m, pair)
                lower[axis], upper[axis] = self.edge(axis, m, low), self.edge(axis, m, high)
        return replace(self, lower=lower, upper=upper, slope=slope)

    def closest(self, oracle: Oracle, width: int) -> Array:
        """The smallest projected gradient among x and its projections onto faces of the domain; x itself where the
        function goes on beyond the first box. At most 2^d gradients, in one round.
        """
        if not self.room.domain:
            return self.x
        return best_of(oracle, projections(self.x, self.lower, self.upper, self.room), width, self.room)

    def remark(self, oracle: Oracle) -> None:
        """Tell the observer the box and its certificate."""
        oracle.remark(trap=self.as_data())

    def as_data(self) -> dict[str, Any]:
        """The box, x, f(x), the slope c, and which of the lower and the upper faces are walls; plain data."""
        open_space = not self.room.domain  # where the first box's faces are walls too
        return {
            "lower": self.lower.tolist(),
            "upper": self.upper.tolist(),
            "x": self.x.tolist(),
            "value": self.value,
            "slope": self.slope,
            "lower_walls": [open_space or bool(wall) for wall in self.lower > self.room.lower],
            "upper_walls": [open_space or bool(wall) for wall in self.upper < self.room.upper],
        }


def around(place: float, parts: int, pair: bool) -> tuple[int, int]:
    """The first and the last edge of what is kept, for x at `place` in units of a part."""
    if not pair and place < 0.5:
        return 0, 1
    if not pair and place > parts - 0.5:
        return parts - 1, parts
    nearest = min(max(math.floor(place + 0.5), 1), parts - 1)
    return nearest - 1, nearest + 1


def first_trap(oracle: Oracle, room: Room, x: Array, gradient: bool = False) -> Trap:
    """All of the room, with one query of x; gradient: asked too."""
    value = oracle.value_and_gradient(x)[0] if gradient else oracle.value(x)
    trap = Trap(room.lower, room.upper, x, value, room.slope, room)
    trap.remark(oracle)
    return trap
