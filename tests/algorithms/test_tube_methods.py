"""The methods for the hidden tube: what they ask, and that following it attains its bound."""

import inspect

import numpy as np
import pytest

from algorithms import cylinder_probes, follow_tube
from algorithms.follow_tube import axis_read, end_height
from algorithms.guesses import in_ball
from experiments import run
from hardinstances import hidden_tube, tube_kernel


def answer(tube, point):
    everything = np.ones(1, dtype=bool)
    values, gradients = tube.function.evaluate(point[None], everything, everything)
    return values[0], gradients[0]


@pytest.mark.parametrize("length", [1, 5, 40])
@pytest.mark.parametrize("slab", [8, 16])
@pytest.mark.parametrize("dimension", [2, 4, 33])
def test_it_needs_one_round_per_waypoint_and_one_more(length, slab, dimension):
    tube = hidden_tube(dimension=dimension, length=length, slab=slab, seed=length)
    numbers = {"length": length, "slab": slab}
    outcome = run(follow_tube, tube, width=2, parameters=numbers, max_rounds=3 * length + 9, model="disclosure_meter")
    assert outcome.hits[0].round == length + 1
    assert outcome.report["leaks"] == 0 and outcome.report["last_new_round"] == length + 1


def test_with_guesses_it_needs_two_rounds_where_the_first_hits():
    tube = hidden_tube(dimension=3, length=30, seed=1)
    outcome = run(follow_tube, tube, width=514, parameters={"length": 30}, max_rounds=90)
    assert outcome.hits[0].round == 2


def test_it_knows_the_numbers_of_the_tube():
    defaults = {name: p.default for name, p in inspect.signature(follow_tube).parameters.items()}
    tube = (tube_kernel.MOUTH, tube_kernel.DEPTH, tube_kernel.GRADE, tube_kernel.SPREAD + 1)
    assert (defaults["mouth"], defaults["depth"], defaults["grade"], defaults["radius"]) == tube


def test_the_axis_is_read_from_one_answer(rng):
    """At height 30 in the slab of v_2 and v_3, against the waypoints themselves; outside of the tube nothing is."""
    tube = hidden_tube(dimension=5, length=4, seed=7)
    v = tube.function.parameters[4:].reshape(5, 4)
    u = (30 - 24) / 8
    axis = v[2] + (v[3] - v[2]) * u**3 * (10 - 15 * u + 6 * u**2)
    for size in (0.0, 0.3, 0.9):
        offset = rng.standard_normal(4)
        point = np.r_[30.0, axis + size * offset / np.linalg.norm(offset)]
        seen, read = axis_read(point, *answer(tube, point), 8.0 + 3 * 30)
        assert seen and read == pytest.approx(axis, abs=1e-11)
    point = np.r_[30.0, axis + 1.1 * offset / np.linalg.norm(offset)]
    assert not axis_read(point, *answer(tube, point), 8.0 + 3 * 30)[0]


def test_the_end_is_stationary_along_the_axis():
    tube = hidden_tube(dimension=3, length=2, seed=3)
    last = tube.function.parameters[-2:]
    z = 24.0 + end_height(24.0, last, 8.0, 3.0)
    gradient = answer(tube, np.r_[z, last])[1]
    assert abs(gradient[0]) < 1e-9 and np.linalg.norm(gradient) < 0.3


def test_probes_are_uniform_in_the_cylinder(rng):
    asked = []

    class Listening:
        def query(self, points):
            asked.append(points)
            if len(asked) == 40:
                raise StopIteration

    with pytest.raises(StopIteration):
        cylinder_probes(Listening(), np.zeros(4), width=100, rng=rng, near=-2.0, far=5.0, radius=3.0)
    points = np.concatenate(asked)
    sizes = np.linalg.norm(points[:, 1:], axis=1)
    assert -2 <= points[:, 0].min() < -1.95 and 4.95 < points[:, 0].max() <= 5
    for uniform in ((points[:, 0] + 2) / 7, (sizes / 3) ** 3):  # both uniform in [0, 1], 4000 of them
        assert np.abs(np.sort(uniform) - np.linspace(0, 1, 4000)).max() < 1.63 / np.sqrt(4000)
    assert np.abs(points[:, 1:].mean(axis=0)).max() < 4 * 3 * np.sqrt(1 / 5) / np.sqrt(4000)


def test_a_ball_of_radius_zero_is_its_centre(rng):
    assert not in_ball(rng.standard_normal(3), 0.3, 0.0).any()
    assert in_ball(np.zeros(0), 0.3, 1.0).shape == (0,)
