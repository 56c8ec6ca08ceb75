"""Staircases in the plane: that no point outside of the last cell is nearly stationary, by a cover with boxes.

Each closed cell but the last is cut into boxes until the enclosed gradient of `cover_kernel`, projected on each face of
the domain that a box touches, is longer than a multiple of epsilon. Where the domain is the plane, the background's
gradient outside of the grid is at least (1/2) / sqrt(1/4 + kappa^2) in units of its slope.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from hardinstances.certify.cover_kernel import BENT, OFF, SLACK, STRAIGHT, covered
from hardinstances.certify.finding import Finding, Proof
from hardinstances.certify.probe import Probe
from hardinstances.certify.properties import property_finding
from hardinstances.certify.provers import Prover, add
from hardinstances.hidden_staircase import staircase_kernel
from hardinstances.valley_kernel import CELLS, DEPTH, FREE, LAST, SLOPE, TUBE, WIDTH, valley_table
from oracles import Array, Instance, KernelFunction
from oracles.goals import Stationarity

NAME, PROPERTY = "staircase, cover", "no spurious stationary point"
BUDGET = 2_000_000  # boxes for one cell
LARGEST = 64  # cells per axis, up to which SLACK is far above the rounding
SWEEPS, POINTS = 40, 4000

LEVEL = "epsilon / |projected gradient at x1|, where x1 is not in the last cell"


class Staircase(NamedTuple):
    """A staircase of the plane in units of its cells and its slope: the table's rows by cell, tau, D_0, and epsilon."""

    rows: Mapping[tuple[int, int], tuple[int, int, int]]  # cell -> its number, the axes of the steps in and out
    grid: int
    last: tuple[int, int]
    tube: float
    depth: float
    target: float
    free: bool


def is_staircase(instance: Instance) -> bool:
    """Whether an instance is a staircase, in two or three dimensions, with a target."""
    function = instance.function
    known = isinstance(function, KernelFunction) and function.kernel is staircase_kernel
    return known and instance.target is not None and instance.progress is not None


def staircase_of(instance: Instance) -> Staircase | None:
    """The staircase that an instance is, where the argument covers it: in the plane, on its own grid's box or free."""
    if not is_staircase(instance) or instance.dimension != 2:
        return None
    assert isinstance(instance.function, KernelFunction) and instance.target is not None
    head, table = instance.function.parameters, valley_table(instance.function.parameters, 2)
    grid, free = int(head[CELLS]), head[FREE] != 0.0
    whole = np.isfinite(head).all() and min(head[WIDTH], head[SLOPE], head[DEPTH], head[TUBE]) > 0
    if not (whole and 2 <= grid <= LARGEST and head[LAST] == len(table) - 1 and (table[:, 2:] > 0).all()):
        return None
    if not _on_its_grid(instance, grid * head[WIDTH], free):
        return None
    rows = {
        (int(i), int(j)): (number, int(enter) - 1, int(leave) - 1)
        for number, (i, j, enter, leave) in enumerate(table)
        if i + j == number  # the kernel looks there
    }
    last, tube = (int(table[-1, 0]), int(table[-1, 1])), float(head[TUBE] / head[WIDTH])
    depth = float(head[DEPTH] / (head[SLOPE] * head[WIDTH]))
    if not (tube < 0.49 and depth <= 2 * LARGEST and last in rows):
        return None
    return Staircase(rows, grid, last, tube, depth, float(instance.target / head[SLOPE]), bool(free))


def _on_its_grid(instance: Instance, side: float, free: bool) -> bool:
    """Whether the domain and the goal are those that the cover speaks of."""
    box, goal = instance.domain, instance.goal
    if not isinstance(goal, Stationarity):
        return False
    if free:
        return box is None and goal.box is None
    return (
        box is not None
        and goal.box is not None
        and all(np.array_equal(a, b) for a, b in ((box.lower, goal.box.lower), (box.upper, goal.box.upper)))
        and not box.lower.any()
        and bool(np.allclose(box.upper, side, rtol=1e-14))
    )


def boxes(stairs: Staircase, level: float) -> int:
    """How many boxes show that the merit is above level * epsilon outside of the last cell; -1 where they do not."""
    total, least = 0, level * stairs.target
    if stairs.free and 0.5 / math.hypot(0.5, stairs.tube / 2) <= least + SLACK:
        return -1
    for i in range(stairs.grid):
        for j in range(stairs.grid):
            if (i, j) == stairs.last:
                continue
            number, enter, leave = stairs.rows.get((i, j), (0, 0, 0))
            kind = OFF if (i, j) not in stairs.rows else (STRAIGHT if enter == leave else BENT)
            numbers = stairs.free, stairs.tube, stairs.depth, np.array([i, j], dtype=float), stairs.grid
            count, _, _ = covered(kind, enter, number, *numbers, least, BUDGET)
            if count < 0:
                return -1
            total += count
    return total


def bound(instance: Instance, level: float) -> Proof | None:
    """The proof that the merit is at least level * epsilon outside of the last cell."""
    stairs = staircase_of(instance)
    assert stairs is not None and instance.target is not None
    count = boxes(stairs, level) if 0 < level < 10 else -1
    if count < 0:
        return None
    argument = (
        f"outside of the last cell the merit is above {level:.6g} epsilon, on each of {count} boxes that cover it"
    )
    return Proof("lower", level * instance.target, argument, NAME, {"level": level})


def prove(instance: Instance) -> Proof | None:
    """The level that is claimed as the floor, else epsilon itself."""
    claim = instance.claims.default("floor")
    assert instance.target is not None
    claimed = 1.0 if claim is None else claim.value / instance.target
    return bound(instance, claimed) or bound(instance, 1.0)


def verify(instance: Instance, data: Mapping[str, Any]) -> Proof | None:
    """The cover with the level of `data`."""
    return bound(instance, float(data["level"]))


def covers(instance: Instance) -> bool:
    """Whether the argument covers an instance."""
    return staircase_of(instance) is not None


def prove_confined(instance: Instance) -> Proof | None:
    """That the merit is above epsilon outside of the last cell."""
    proof = bound(instance, 1.0)
    return None if proof is None else Proof(proof.side, proof.value, proof.argument, f"{NAME}, {PROPERTY}", {})


add(Prover(NAME, "floor", covers, prove, verify))
add(Prover(f"{NAME}, {PROPERTY}", PROPERTY, covers, prove_confined, lambda instance, data: prove_confined(instance)))


def merit(instance: Instance, points: Array) -> Array:
    """What is to fall to epsilon, at points (K, d)."""
    everything = np.ones(len(points), dtype=bool)
    return instance.goal.merits(points, *instance.function.evaluate(points, everything, everything))


def short(instance: Instance, points: Array) -> Array:
    """Which points (K, d) do not lie in the last cell."""
    assert instance.progress is not None and isinstance(instance.function, KernelFunction)
    return np.asarray(instance.progress(points) <= instance.function.parameters[LAST])


def confined(probe: Probe, proof: Proof | None) -> Finding | None:
    """That no point outside of the last cell has a merit of at most epsilon; None where the instance is no staircase.

    A search shakes many points towards smaller merits, those on the faces of the domain among them.
    """
    instance = probe.instance
    if not is_staircase(instance):
        return None
    assert isinstance(instance.function, KernelFunction) and instance.target is not None
    width, grid = instance.function.parameters[[WIDTH, CELLS]]
    x = probe.clipped(width * probe.rng.uniform(-0.05 * grid, 1.05 * grid, (POINTS, probe.dimension)))
    x = x[short(instance, x)]
    least = merit(instance, x)
    for size in 0.3 * width * 0.85 ** np.arange(SWEEPS):
        moved = probe.rng.random(x.shape) < 0.7
        y = probe.clipped(x + size * moved * probe.rng.standard_normal(x.shape))
        found = merit(instance, y)
        better = np.logical_and(found < least, short(instance, y))
        x[better], least[better] = y[better], found[better]
    k = int(least.argmin())
    worst = float(instance.target / max(least[k], 1e-300)), x[k][None]
    seen = f"the least merit met outside of the last cell is {least[k] / instance.target:.5g} epsilon"
    if instance.dimension != 2:
        seen += "; covers are for the plane"
    return property_finding(PROPERTY, worst, 1.0, LEVEL, seen, proof)


def spurious(instance: Instance, points: Array) -> bool:
    """Whether a stored point is stationary up to epsilon and not in the last cell."""
    if not is_staircase(instance) or instance.target is None:
        return False
    return bool(short(instance, points)[0] and merit(instance, np.ascontiguousarray(points))[0] <= instance.target)
