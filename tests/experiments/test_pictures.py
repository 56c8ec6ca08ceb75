"""Pictures of runs: what is kept is what was asked, files are what they say, bad input has its line."""

import json
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.image import imread
from PIL import Image

from algorithms import batched_step_search, gft, gradient_descent
from experiments.cli import main
from experiments.pictures import picture, save, save_all, shared
from experiments.runner import run
from hardinstances import chained_rosenbrock, hidden_staircase, slow_descent
from oracles import ALGORITHMS, from_callable

ROSENBROCK = {"target": 0.5, "width": 8, "max_queries": 2000}


@pytest.fixture
def testbed(capsys):
    def call(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return ended.value.code, captured.out, captured.err

    return call


def test_it_keeps_every_query_of_every_round_and_changes_no_count():
    instance, method = chained_rosenbrock(dimension=2), ALGORITHMS["batched_step_search"]
    drawn = picture(method, instance, **ROSENBROCK)
    plain = run(batched_step_search, instance, **ROSENBROCK)
    assert (drawn.run.queries, drawn.run.rounds, drawn.run.hits) == (plain.queries, plain.rounds, plain.hits)
    assert len(drawn.rounds) == plain.rounds and sum(map(len, drawn.rounds)) == plain.queries
    assert np.array_equal(drawn.rounds[0][0], instance.start)


@pytest.mark.slow
def test_files_are_pictures_and_animations(tmp_path):
    drawn = picture(gradient_descent, chained_rosenbrock(dimension=2), target=1.0, max_queries=7)
    png, gif = save_all(drawn, tmp_path / "new", ("png", "gif"))
    assert png.name == "gradient_descent-chained_rosenbrock.png"
    pixels = imread(png)
    assert pixels.ndim == 3 and np.ptp(pixels[..., 0]) > 0.5
    with Image.open(gif) as moving:
        assert moving.n_frames == 7


def test_one_dimension_is_a_graph(tmp_path):
    drawn = picture(gradient_descent, slow_descent(steps=5), max_queries=5)
    assert save(drawn, tmp_path / "a.svg").read_text().startswith("<?xml")


def test_the_region_leaves_out_the_farthest_queries_and_can_be_given():
    instance = chained_rosenbrock(dimension=2)
    drawn = picture(ALGORITHMS["batched_step_search"], instance, **ROSENBROCK)
    low, high = drawn.corners
    points = np.concatenate(drawn.rounds)
    inside = ((points >= low) & (points <= high)).all(axis=1).mean()
    assert 0.9 <= inside < 1 and (low < instance.start).all() and (instance.start < high).all()
    drawn = picture(gradient_descent, instance, target=1.0, max_queries=3, region=[-2, 2, -1, 3])
    assert [corner.tolist() for corner in drawn.corners] == [[-2, -1], [2, 3]]
    boxed = from_callable(lambda x: (x @ x, 2 * x), start=[0.5, 0.5], lower=0, upper=1, smoothness=2.0)
    low, high = picture(gradient_descent, boxed, target=1e-3, max_queries=2).corners
    assert low.tolist() == [0, 0] and high.tolist() == [1, 1]


def test_frames_are_the_rounds_or_evenly_among_them():
    assert list(shared(5, 100)) == [1, 2, 3, 4, 5]
    many = list(shared(1000, 100))
    assert len(many) == 100 and many[0] == 1 and many[-1] == 1000


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["figure", "chained_rosenbrock", "gradient_descent", "--set", "dimension=3"], "d = 1 or 2"),
        (["figure", "zigzag", "gradient_descent", "--set", "steps=3", "--region", "1,0,0,1"], "a region is"),
        (["figure", "zigzag", "gradient_descent", "--set", "steps=3", "--format", "bmp"], "'bmp'"),
        (["figure", "chain-rounds", "--animate"], "--animate is for a run"),
        (["figure", "zigzag", "gradient_decent"], "gradient_descent"),
    ],
)
def test_bad_input(testbed, words, message, tmp_path):
    code, _, error = testbed(*words, "--out", tmp_path)
    assert code == 2 and message in error and len(error.splitlines()) == 1


def test_from_the_command_line(testbed, tmp_path):
    code, out, _ = testbed(
        *(
            "figure",
            "zigzag",
            "gradient_descent",
            "--set",
            "steps=3",
            "--format",
            "png",
            "--animate",
            "--out",
            tmp_path,
            "--json",
        )
    )
    assert code == 0 and len(json.loads(out)["files"]) == 2
    assert {file.suffix for file in tmp_path.iterdir()} == {".png", ".gif"}


def test_the_boxes_of_a_trapping_run_are_drawn_with_their_walls(tmp_path):
    drawn = picture(gft, hidden_staircase(dimension=2, cells=2))
    file = save(drawn, tmp_path / "boxes.svg")
    plain = save(replace(drawn, run=replace(drawn.run, trace=None)), tmp_path / "plain.svg")
    boxes = [one.data["trap"] for one in drawn.run.trace.remarks]
    assert len(boxes) > 5 and not any(boxes[0]["lower_walls"]) and all(boxes[-1]["upper_walls"])
    assert file.read_text().count("<path") >= plain.read_text().count("<path") + 4 * len(boxes)
