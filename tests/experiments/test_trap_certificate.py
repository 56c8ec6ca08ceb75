"""The observer of trapping runs: what it confirms, what it refutes, and what the command line says of it."""

import itertools
import json
from dataclasses import replace

import numpy as np
import pytest

from algorithms import cut_and_flow, gft, kround, trap1d
from experiments import cli, run
from experiments.trap_certificate import certificate_of, table_of
from hardinstances import cosine_mixture
from oracles import Box, InputError, algorithm, projected_gradient

HALF = 6.0


def boxed(dimension, seed=0):
    box = Box(np.full(dimension, -HALF), np.full(dimension, HALF))
    return replace(cosine_mixture(dimension=dimension, seed=seed), domain=box, goal=projected_gradient(box))


@pytest.mark.parametrize("method", [gft, kround, cut_and_flow])
@pytest.mark.parametrize("dimension", [1, 2])
def test_honest_runs_keep_their_certificates(method, dimension):
    instance = boxed(dimension)
    outcome = run(method, instance, target=0.05, trace=True, parameters={"early": False} if method is gft else {})
    certificate = certificate_of(instance, outcome, points=400)
    assert certificate.violations == 0 and len(certificate.looks) > 1
    for look in certificate.looks:
        assert look.steepest <= look.slope and look.steepest <= look.bound
    if not outcome.hits:
        assert outcome.returned.merit <= certificate.stationary <= 0.05
    if dimension == 1:  # walls are points: the net is all of them
        assert all(look.bound <= look.slope for look in certificate.looks)


def test_a_fine_net_bounds_the_slope_of_all_of_the_walls():
    instance = boxed(2)
    outcome = run(gft, instance, target=0.3, trace=True, parameters={"early": False})
    looks = certificate_of(instance, outcome, points=20_000).looks
    assert all(look.bound <= 0.3 for look in looks[-3:])
    coarse = certificate_of(instance, outcome, points=20).looks
    assert all(fine.bound <= rough.bound for fine, rough in zip(looks, coarse, strict=True))


@algorithm(source="a test")
def careless(oracle, x0, *, lower, upper, slope: float = 1e-3):
    """Says of the first box that it can think of that it is a trap."""
    value = oracle.value(x0)
    box = {"lower": (x0 - 1).tolist(), "upper": (x0 + 1).tolist(), "x": x0.tolist(), "value": value, "slope": slope}
    oracle.remark(trap={**box, "lower_walls": [True, True], "upper_walls": [True, True]})
    return x0


@algorithm(source="a test")
def mistaken(oracle, x0, *, lower, upper):
    """Gives a value that f does not have."""
    value = oracle.value(x0) - 0.5
    box = {"lower": (x0 - 1).tolist(), "upper": (x0 + 1).tolist(), "x": x0.tolist(), "value": value, "slope": 5.0}
    oracle.remark(trap={**box, "lower_walls": [True, True], "upper_walls": [True, True]})
    return x0


def test_what_is_no_trap_is_refuted():
    instance = boxed(2)
    certificate = certificate_of(instance, run(careless, instance, target=0.05, trace=True))
    (look,) = certificate.looks
    assert certificate.violations > 100 and look.steepest > look.slope and look.points == 4000
    honest = run(careless, instance, target=0.05, trace=True, parameters={"slope": 5.0})
    assert certificate_of(instance, honest).violations == 0
    assert certificate_of(instance, run(mistaken, instance, target=0.05, trace=True)).violations == 1


@algorithm(source="a test")
def greedy(oracle, x0, *, smoothness: float, target: float, lower, upper):
    """`gft`, but that x moves to the least value of a net, which loses old walls."""
    from algorithms.boxes import room
    from algorithms.trapping import Net, cut, first_trap, least_on_net, parts_of

    box = room(x0, lower, upper, None, target)
    trap = first_trap(oracle, box, box.start)
    while trap.diameter > 0.1 * target / smoothness:
        planes = cut(trap.sides, parts_of(trap.sides, 3), smoothness, trap.slope, 0.02 * target)
        y, value, _ = least_on_net(oracle, Net(trap.planes(planes)), 0, trap.x, 0.0)
        trap = replace(trap, x=y, value=value) if value < trap.value else trap
        trap = trap.kept(planes.parts, trap.slope + 0.02 * target)
        trap.remark(oracle)
    return trap.x


def test_moving_to_the_least_value_is_caught():
    caught = 0
    for seed in range(20):
        instance = boxed(2, seed)
        outcome = run(greedy, instance, target=0.05, trace=True)
        caught += certificate_of(instance, outcome, points=200).violations > 0
    assert caught > 0


def test_brackets_are_looked_at_too():
    instance = cosine_mixture(dimension=1, seed=3)
    outcome = run(trap1d, instance, target=1e-6, trace=True)
    certificate = certificate_of(instance, outcome)
    assert certificate.violations == 0 and len(certificate.looks) == outcome.rounds
    wrong = outcome.trace.remarks[0].data["bracket"]
    wrong["near"], wrong["far"] = wrong["far"], wrong["near"]
    assert certificate_of(instance, outcome).violations > 0


def test_remarks_are_plain_data_and_free():
    instance = boxed(2)
    outcome = run(gft, instance, target=0.05, trace=True)
    assert json.loads(json.dumps([remark.data for remark in outcome.trace.remarks]))
    boxes = [remark.data["trap"] for remark in outcome.trace.remarks]
    assert boxes[0]["lower"] == [-HALF] * 2 and not any(boxes[0]["lower_walls"] + boxes[0]["upper_walls"])
    for before, after in itertools.pairwise(boxes):
        assert after["slope"] > before["slope"]
        assert all(a <= b for a, b in zip(before["lower"], after["lower"], strict=True))
        assert all(low <= x <= high for low, x, high in zip(after["lower"], after["x"], after["upper"], strict=True))
    untraced = run(gft, instance, target=0.05)
    assert (untraced.queries, untraced.rounds) == (outcome.queries, outcome.rounds)
    with pytest.raises(InputError, match="no boxes"):
        certificate_of(instance, untraced)


def test_the_last_remarks_are_kept():
    outcome = run(gft, boxed(2), target=0.05, trace=4)
    assert len(outcome.trace.remarks) == 4 and outcome.trace.remarks[-1].round >= outcome.rounds - 1


def test_the_table_and_the_command(capsys):
    instance = cosine_mixture(dimension=2)
    outcome = run(gft, instance, target=0.2, trace=True)
    text = table_of(certificate_of(instance, outcome), "gft").render("csv")
    assert len(text.splitlines()) == 1 + len(outcome.trace.remarks)
    common = ["solve", "cosine_mixture", "gft", "--set", "dimension=2", "--target", "0.2", "--certificate"]
    assert cli.testbed.main(args=common, standalone_mode=False) == 0
    assert "the certificate holds at every point" in capsys.readouterr().out
    assert cli.testbed.main(args=[*common, "--json"], standalone_mode=False) == 0
    assert json.loads(capsys.readouterr().out)["certificate"]["violations"] == 0
    with pytest.raises(InputError, match="no boxes"):
        cli.testbed.main(
            args=["solve", "quadratic", "armijo", "--set", "dimension=2", "--certificate"], standalone_mode=False
        )
