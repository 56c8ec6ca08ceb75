"""The cover of the plane: its boxes enclose the kernel, it proves no more than is true, and defects are refuted."""

from dataclasses import replace

import numpy as np
import pytest

from hardinstances import free_staircase, hidden_staircase, snake2d
from hardinstances.certify import covering, provers
from hardinstances.certify.cover_kernel import BENT, OFF, STRAIGHT, enclosed, steep
from hardinstances.certify.probe import Probe
from hardinstances.valley_kernel import DEPTH, SLOPE, TUBE, WIDTH, valley_table
from oracles import STATIONARITY

EXAMPLES = [hidden_staircase(cells=5, path="0110"), free_staircase(cells=5, path="0110"), hidden_staircase(cells=3)]


@pytest.mark.parametrize("instance", EXAMPLES, ids=["box", "free", "small"])
def test_boxes_enclose_the_gradient_of_the_kernel(instance, rng):
    stairs, table = covering.staircase_of(instance), valley_table(instance.function.parameters, 2)
    width, slope, depth, tube = (instance.function.parameters[k] for k in (WIDTH, SLOPE, DEPTH, TUBE))
    tight = 0
    for _ in range(4000):
        k = int(rng.integers(len(table) - 1))
        cell, enter, leave = table[k, :2], int(table[k, 2]) - 1, int(table[k, 3]) - 1
        side = 10.0 ** rng.uniform(-5, 0)
        low = rng.uniform(0, 1 - side, 2)
        if np.hypot(low[enter], 1 - (low[1 - enter] + side)) < 0.01:
            continue
        kind = STRAIGHT if enter == leave else BENT
        pairs = (low[0], low[0] + side), (low[1], low[1] + side)
        found = enclosed(kind, enter, k, stairs.free, tube / width, depth / (slope * width), cell, *pairs)
        x = (cell + low + rng.uniform(0, 1, 2) * side) * width
        gradient = instance.function.evaluate_one(np.ascontiguousarray(x), True, True)[1] / slope
        for entry, (least, most) in zip(gradient, found, strict=True):
            assert least - 1e-8 <= entry <= most + 1e-8
            tight += side < 1e-3 and most - least < 1.0
    assert tight > 1000


@pytest.mark.parametrize("instance", EXAMPLES[:2], ids=["box", "free"])
def test_off_the_path_the_background_is_enclosed(instance, rng):
    stairs = covering.staircase_of(instance)
    width, slope = instance.function.parameters[[WIDTH, SLOPE]]
    for _ in range(300):
        cell = rng.integers([3, 0], [5, 2]).astype(float)  # beside the path
        low = rng.uniform(0, 0.9, 2)
        pairs = (low[0], low[0] + 0.1), (low[1], low[1] + 0.1)
        found = enclosed(OFF, 0, 0, stairs.free, stairs.tube, stairs.depth, cell, *pairs)
        x = (cell + low + rng.uniform(0, 0.1, 2)) * width
        gradient = instance.function.evaluate_one(np.ascontiguousarray(x), True, True)[1] / slope
        for entry, (least, most) in zip(gradient, found, strict=True):
            assert least - 1e-8 <= entry <= most + 1e-8


def test_faces_are_projected_and_so_is_the_inside():
    """A gradient that points inwards at a lower face is nothing there, but is long inside."""
    free, below, above = np.array([0, 0]), np.array([-1, 0]), np.array([1, 0])
    inwards, outwards, flat = ((2.0, 3.0), (0.0, 0.1)), ((-3.0, -2.0), (0.0, 0.1)), ((-0.1, 0.1), (0.0, 0.1))
    assert steep(inwards, free, 1.0) and not steep(inwards, below, 1.0) and steep(inwards, above, 1.0)
    assert steep(outwards, below, 1.0) and not steep(outwards, above, 1.0) and not steep(flat, free, 1.0)
    assert not steep(((2.0, 3.0), (2.0, 3.0)), np.array([-1, -1]), 1.0)
    assert steep(((2.0, 3.0), (2.0, 3.0)), np.array([-1, 0]), 1.0)


@pytest.mark.parametrize("instance", [*EXAMPLES, hidden_staircase(cells=8, seed=3)])
def test_the_floor_is_proved_up_to_what_a_descent_has_met(instance):
    (proof,) = provers.proofs(instance, "floor")
    assert proof.value == pytest.approx(instance.claims.value("floor"), rel=1e-12)
    assert provers.verified(instance, proof)
    (confined,) = provers.proofs(instance, covering.PROPERTY)
    assert confined.value == instance.target and provers.verified(instance, confined)
    assert covering.bound(instance, 1.0735) is None  # 1.0733 is met at the bottom edge, or in the first cell


def test_a_proof_with_a_higher_level_does_not_stand():
    (proof,) = provers.proofs(EXAMPLES[0], "floor")
    for level in (1.08, 0.0, -1.0, np.nan, 1e9):
        assert not provers.verified(EXAMPLES[0], replace(proof, data={"level": level}, value=level * proof.value))


def with_parameters(instance, **changes):
    places = {"slope": SLOPE, "depth": DEPTH, "tube": TUBE, "width": WIDTH}
    parameters = instance.function.parameters.copy()
    for name, factor in changes.items():
        parameters[places[name]] *= factor
    return replace(instance, function=replace(instance.function, parameters=parameters))


@pytest.mark.parametrize(
    "defect",
    [
        replace(EXAMPLES[0], target=1.1 * EXAMPLES[0].target),
        with_parameters(EXAMPLES[0], slope=0.9),
        with_parameters(EXAMPLES[1], slope=0.9),
        replace(EXAMPLES[1], target=1.2 * EXAMPLES[1].target),
    ],
)
def test_defects_are_refuted_with_a_point_and_never_proved(defect):
    assert provers.proofs(defect, covering.PROPERTY) == ()
    found = covering.confined(Probe(defect))
    assert found.verdict == "refuted" and covering.shortfall(defect, found.witness.points) > 1
    assert covering.shortfall(EXAMPLES[0], np.array([[0.9, 0.9]])) < 1


def test_what_the_argument_does_not_cover_is_left_open():
    solid = hidden_staircase(dimension=3, cells=3)
    found = covering.confined(Probe(solid))
    assert found.verdict == "open" and "covers are for the plane" in found.reason
    assert not covering.covers(solid) and not covering.covers(snake2d(cells=4))
    assert covering.confined(Probe(snake2d(cells=4))) is None
    assert not covering.covers(replace(EXAMPLES[0], goal=STATIONARITY))
    assert not covering.covers(with_parameters(EXAMPLES[0], width=0.99))
    assert not covering.covers(with_parameters(EXAMPLES[0], tube=1.2))
