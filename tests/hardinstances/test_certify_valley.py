"""Smoothness of valleys: boxes enclose differences of gradients, cells lie in their cones, wrong claims fall."""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from scipy.optimize import nnls

from hardinstances import free_staircase, hidden_staircase, quadratic, snake2d
from hardinstances.certify import provers, valley_smoothness
from hardinstances.certify.curvature import largest_curvature
from hardinstances.certify.intervals import Interval, hump, quarter, root, smoothstep, square
from hardinstances.certify.probe import Probe
from hardinstances.certify.valley_hessian import (
    BENT,
    BEYOND,
    CAP,
    HALF,
    LINEAR,
    STRAIGHT,
    ZERO,
    Bounds,
    Boxes,
    Kind,
    hessian,
)
from hardinstances.certify.valley_smoothness import bound, halved, positive, valley_of, whole
from hardinstances.snake2d import TILT
from hardinstances.valley_kernel import CELLS, DEPTH, LAST, SLOPE, TABLE, TUBE, WIDTH, valley_table
from oracles import Claim, Claims

MEMBERS = {
    "box": hidden_staircase(cells=5, path="0110"),
    "box, up": hidden_staircase(cells=3, path="11"),
    "box, d = 3": hidden_staircase(dimension=3, cells=6, path="02120"),
    "free": free_staircase(cells=6, path="00110"),
    "free, d = 3": free_staircase(dimension=3, cells=5, path="2010"),
    "snake": snake2d(cells=6),
}
TAU = 0.45


class Piece(NamedTuple):
    """A part of a cell: from where to where along it, its axes in the kind's order, their signs, and (N, p)."""

    cell: list[int]
    kind: Kind
    reach: tuple[float, float]
    order: list[int]
    sign: list[float]
    numbers: tuple[int, int]


def pieces(instance):
    """The parts of the cells of the path, each with the kind that it is said to be of."""
    d, grid, kinds = instance.dimension, int(instance.function.parameters[CELLS]), valley_of(instance).kinds
    snake, free = instance.name == "snake2d", instance.name == "free_staircase"
    table = valley_table(instance.function.parameters, d).astype(int).tolist()
    for k, (*cell, enter, leave) in enumerate(table):
        axes = list(dict.fromkeys([abs(enter) - 1, abs(leave) - 1]))
        forms = [LINEAR if snake or (i == d - 1 and not free) else (BEYOND if cell[i] else ZERO) for i in range(d)]
        order = axes + sorted((i for i in range(d) if i not in axes), key=lambda i: forms[i])
        steps = dict(zip([abs(leave) - 1, abs(enter) - 1], [np.sign(leave), np.sign(enter)], strict=True))
        sign = [float(steps.get(i, 1)) for i in order]
        shapes = [(BENT if len(axes) > 1 else STRAIGHT, (0.5 * (free and k == 0), 1.0), False)]
        if k == len(table) - 1:
            shapes = [(STRAIGHT if snake else HALF, (0.0, 0.5), False), (CAP, (0.0, 1.0), False)]
        if free and k == 0:
            shapes.append((CAP, (0.0, 1.0), True))
        p = cell[0] if snake else sum(cell)
        for shape, reach, back in shapes:
            wanted = [(forms[i], s, snake and i == 0) for i, s in zip(order, sign, strict=True)]
            (kind, *_) = (
                kind
                for kind in kinds
                if (kind.shape, kind.back) == (shape, back)
                and wanted == [(axis.form, axis.sign, axis.own == TILT) for axis in kind.axes]
                and nnls(np.array(kind.corners, dtype=float).T, np.array([1.0, grid, p]))[1] < 1e-9
            )
            yield Piece(cell, kind, reach, order, sign, (grid, p))


@pytest.mark.parametrize("cells", [2, 3, 4, 9, 20])
def test_every_cell_lies_in_the_cone_of_a_kind(cells):
    for d in (2, 3):
        for path in ("random", "straight", "stairs", "0" * (cells - 1)):
            for make in (hidden_staircase, free_staircase):
                assert len(list(pieces(make(dimension=d, cells=cells, path=path)))) >= cells
    if cells % 2 == 0:
        assert len(list(pieces(snake2d(cells=cells)))) == cells**2 + 1


def exactly(x):
    return Interval(np.array(x), np.array(x))


def geometry(kind, place, t, angle, sign, solid):
    """The offset from the centre in the frame of travel, and the rows n, o, l, from the definition of the tube."""
    c, s = sign[0] * math.cos(math.pi / 2 * angle), (sign[1] * math.sin(math.pi / 2 * angle) if solid else 0.0)
    turn, across = math.pi / 2 * place, np.array([0.0, -s, c])
    if kind.shape == BENT:
        away = np.array([math.sin(turn), -math.cos(turn), 0.0])
        frame = [c * away + [0, 0, s], -s * away + [0, 0, c], [math.cos(turn), math.sin(turn), 0.0]]
        middle = np.array([-0.5, 0.5, 0.0]) + 0.5 * away
    elif kind.shape == CAP:
        sine, cosine = math.sin(turn) * (-1 if kind.back else 1), math.cos(turn)
        frame, middle = [[sine, cosine * c, cosine * s], across, [cosine, -sine * c, -sine * s]], np.zeros(3)
    else:
        frame, middle = [[0.0, c, s], across, [1.0, 0.0, 0.0]], np.array([place - 0.5, 0, 0])
    return middle + TAU * t * np.array(frame[0]), np.array(frame)


def differenced(instance, x):
    """The Hessian in units of cells and slope, by differences of the gradient."""
    width, slope = instance.function.parameters[[WIDTH, SLOPE]]
    moves = 1e-5 * width * np.eye(len(x))
    everything = np.ones(len(x), dtype=bool)
    ahead, behind = (instance.function.evaluate(x + move, everything, everything)[1] for move in (moves, -moves))
    return (ahead - behind) / (2e-5 * slope)


def drawn(piece, solid, rng):
    """A small box of a piece, and a place in it; without an angle in the plane."""
    (first, last), side, free = piece.reach, 10.0 ** rng.uniform(-5, -1), np.array([1, 1, solid])
    low = rng.uniform(0.002, 0.998 - side / (last - first), 3) * [last - first, 1, solid] + [first, 0, 0]
    return side, low, low + side * free, low + side * rng.uniform(0, 1, 3) * free


@pytest.mark.parametrize(
    "name", [*list(MEMBERS)[:1], *(pytest.param(name, marks=pytest.mark.slow) for name in list(MEMBERS)[1:])]
)
def test_boxes_enclose_differences_of_the_gradient(name, rng):
    instance, tight = MEMBERS[name], 0
    d, (tube, depth) = instance.dimension, (exactly(x) for x in valley_of(instance)[1:3])
    bowls = np.array([instance.name == "free_staircase" or (name != "snake" and i < d - 1) for i in range(d)])
    parts = list(pieces(instance))
    for k in rng.integers(len(parts), size=700):
        piece = parts[k]
        order, signs = piece.order, rng.choice([-1.0, 1.0], 2)
        side, low, high, at = drawn(piece, d == 3, rng)
        pairs = [Interval(np.array([a]), np.array([b])) for a, b in zip(low, high, strict=True)]
        found = hessian(piece.kind, Boxes(*pairs, np.array([[1.0, *piece.numbers]]), signs[None]), tube, depth)
        offset, rows = geometry(piece.kind, *at, signs, d == 3)
        x, frame = np.array(piece.cell) + 0.5, np.zeros((3, d))
        x[order] += np.array(piece.sign) * offset[:d]
        frame[:, order] = rows[:, :d] * np.array(piece.sign)
        kappa, blend = TAU / 2, at[1] ** 2 * (3 - 2 * at[1])
        bowl = np.diag(np.where(bowls, kappa**2 / np.hypot(x - 0.5, kappa) ** 3, 0.0))
        entries = frame @ (differenced(instance, x * instance.function.parameters[WIDTH]) - blend * bowl) @ frame.T
        sought = [(0, 0, found.diagonal[0]), (2, 2, found.diagonal[2]), (0, 2, found.nl)]
        sought += [(1, 1, found.diagonal[1]), (0, 1, found.no), (1, 2, found.ol)] if d == 3 else []
        for i, j, entry in sought:
            assert entry.low - 1e-4 <= entries[i, j] <= entry.high + 1e-4, (piece.kind, i, j)
            tight += int(side < 1e-4 and (entry.high - entry.low < 0.1).all())
        assert blend * np.max(bowl) <= found.more + 1e-9
    assert tight > 100


@pytest.mark.parametrize("name", ["box", "free, d = 3"])
def test_halves_fill_the_tube(name):
    for kind in valley_of(MEMBERS[name]).kinds:
        boxes, solid = whole(kind), len(kind.axes) == 3
        number = len(kind.corners) * (4 if solid else 2)
        for _ in range(6):
            boxes = halved(boxes)
        sizes = [side.high - side.low for side in boxes[: 3 if solid else 2]]
        assert np.prod(sizes, axis=0).sum() == pytest.approx(number * (0.5 if kind.shape == HALF else 1.0))
        assert len({(*map(float, one),) for one in np.stack([side.low for side in boxes[:3]]).T}) >= 2**6


@pytest.mark.parametrize("solid", [False, True])
def test_what_is_called_positive_has_no_eigenvalue_below_zero(solid, rng):
    a = rng.standard_normal((4000, 3, 3)) * [[[1, 0.5, 0.5]] * 3] + 2 * rng.random((4000, 1, 1)) * np.eye(3)
    a = a + a.transpose(0, 2, 1)
    least = np.linalg.eigvalsh(a if solid else a[:, ::2, ::2])[:, 0]
    entries = [[exactly(a[:, i, j]) for j in range(3)] for i in range(3)]
    bounds = Bounds((entries[0][0],) * 3, entries[0][1], entries[0][2], entries[1][2], np.zeros(1))
    found = positive((entries[0][0], entries[1][1], entries[2][2]), bounds, solid)
    assert (least[found] > 0).all() and found.sum() > 100
    if not solid:
        assert np.array_equal(found, least > 0)


def test_intervals_hold_what_they_are_of(rng):
    low = rng.uniform(0, 0.9, 2000)
    x, inside = Interval(low, low + 0.1), low + 0.1 * rng.random(2000)
    y, other = Interval(low - 0.5, low - 0.45), low - 0.5 + 0.05 * rng.random(2000)
    sine, cosine = quarter(x)
    for found, value in (
        (sine, np.sin(np.pi / 2 * inside)),
        (cosine, np.cos(np.pi / 2 * inside)),
        (smoothstep(x), inside**2 * (3 - 2 * inside)),
        (hump(x), inside * (1 - inside)),
        (root(x), np.sqrt(inside)),
        (square(y), other**2),
        (y * x - y, other * inside - other),
        (1.0 - y / (x + 0.1), 1.0 - other / (inside + 0.1)),
        (y.size, abs(other)),
    ):
        assert ((found.low <= value) & (value <= found.high)).all() and np.max(found.high - found.low) < 3


INSTANCES = [
    hidden_staircase(cells=2, path="0"),
    hidden_staircase(cells=200, seed=1),
    free_staircase(cells=3),
    pytest.param(hidden_staircase(dimension=3, cells=9), marks=pytest.mark.slow),
    pytest.param(free_staircase(dimension=3, cells=4), marks=pytest.mark.slow),
    snake2d(cells=2),
    snake2d(cells=500),
]


@pytest.mark.parametrize("instance", INSTANCES)
def test_the_claim_is_proved_and_a_smaller_one_than_the_supremum_over_all_lengths_is_not(instance):
    (proof,) = provers.proofs(instance, "smoothness")
    claimed, snake = instance.claims.value("smoothness"), instance.name == "snake2d"
    assert proof.side == "upper" and proof.value == claimed and provers.verified(instance, proof)
    supremum = 1.2 * (6 * 5.45 / TAU**2 / 195 if snake else 6 * 2.5 / TAU**2 / 90)  # for N to infinity
    assert bound(instance, 1.00002 * supremum) and bound(instance, 0.99998 * supremum) is None
    assert not provers.verified(instance, replace(proof, value=0.97, data={"smoothness": 0.97}))
    for number in (0.0, -1.0, np.nan, np.inf):
        assert not provers.verified(instance, replace(proof, value=number, data={"smoothness": number}))


@pytest.mark.slow
@pytest.mark.parametrize("instance", [hidden_staircase(cells=4), snake2d(cells=8)])
def test_a_claim_below_what_an_ascent_has_met_is_not_proved(instance):
    met, claimed = largest_curvature(Probe(instance)).value, instance.claims.value("smoothness")
    wrong = replace(instance, claims=Claims(Claim("smoothness", 0.99 * met, "measured", "a test")))
    (proof,) = provers.proofs(wrong, "smoothness")
    assert bound(wrong, 0.99 * met) is None and 0.9 * claimed < met <= proof.value <= 1.001 * claimed


def with_parameters(instance, **changes):
    places = {"slope": SLOPE, "depth": DEPTH, "tube": TUBE, "width": WIDTH, "last": LAST, "turn": TABLE + 3}
    parameters = instance.function.parameters.copy()
    for name, factor in changes.items():
        parameters[places[name]] *= factor
    return replace(instance, function=replace(instance.function, parameters=parameters))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "change"), [("box", {"depth": 1.1}), ("free", {"tube": 0.97}), ("snake", {"depth": 1.05, "slope": 1.02})]
)
def test_a_defect_has_a_larger_number_proved_that_its_ascent_does_not_exceed(name, change):
    instance = MEMBERS[name]
    defect = with_parameters(instance, **change)
    (proof,) = provers.proofs(defect, "smoothness")
    assert 1.005 * instance.claims.value("smoothness") < proof.value < 1.1
    assert largest_curvature(Probe(defect, many=6)).value <= proof.value


def test_what_the_argument_does_not_cover_is_left_open():
    box, free, snake = MEMBERS["box"], MEMBERS["free"], MEMBERS["snake"]
    assert all(valley_smoothness.covers(one) for one in MEMBERS.values())
    for other in (
        with_parameters(box, width=0.99),
        with_parameters(snake, width=0.99),
        with_parameters(box, tube=1.2),
        with_parameters(box, last=0.5),
        with_parameters(box, turn=2.0),
        with_parameters(free, turn=2.0),
        with_parameters(snake, turn=2.0),
        with_parameters(box, depth=-1.0),
        replace(box, domain=None),
        replace(snake, domain=None),
        quadratic(dimension=2),
    ):
        assert not valley_smoothness.covers(other)
