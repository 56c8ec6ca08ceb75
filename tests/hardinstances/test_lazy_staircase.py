"""The lazy adversary: N queries against everything, by exhaustion where that is possible; one function in the end."""

import copy

import numpy as np
import pytest

import hardinstances  # noqa: F401
from experiments import run
from hardinstances import free_staircase, hidden_staircase
from hardinstances.lazy_path import LazyPath
from oracles import MODELS, InputError, Status


def key(game):
    return tuple(game.fixed), game.end, game.off.tobytes()


def fewest_queries(cells):
    """Over all orders of asking, the fewest queries up to one in the last cell, breadth first over the states."""
    level, count, seen = [LazyPath(cells)], 0, set()
    grid = [(i, j) for i in range(cells) for j in range(cells - i)]
    while True:
        count += 1
        following = []
        for game in level:
            for cell in grid:
                after = copy.deepcopy(game)
                after.ask(cell)
                if after.end is None:
                    assert after.proof() == cells
                    return count
                if key(after) not in seen:
                    seen.add(key(after))
                    following.append(after)
        level = following


@pytest.mark.parametrize("cells", [1, 2, 3, 4, 5])
def test_the_minimum_over_all_orders_of_asking_is_n(cells):
    assert fewest_queries(cells) == cells


def orders(cells, rng):
    """Ways of asking: at random, row by row, antidiagonals from the far end, and a walk that knows the path so far."""
    grid = [(i, j) for i in range(cells) for j in range(cells)]
    yield [grid[k] for k in rng.permutation(len(grid))]
    yield grid
    yield sorted(grid, key=lambda cell: -(cell[0] + cell[1]) % (2 * cells))
    yield sorted(grid, key=lambda cell: (abs(cell[0] - cell[1]), cell))


@pytest.mark.parametrize("cells", [2, 7, 16, 40])
def test_no_order_of_asking_ends_before_n_queries_and_each_step_is_charged(cells, rng):
    for order in orders(cells, rng):
        game = LazyPath(cells)
        for cell in order:
            game.ask(cell)
            assert len(game.fixed) == game.proof()  # one antidiagonal for each query charged
            if game.end is None:
                break
        assert game.end is None and game.queries >= cells and game.proof() == cells
        path = np.array(game.completed())
        assert (
            np.array_equal(np.diff(path, axis=0).sum(axis=1), np.ones(cells - 1)) and not game.off[tuple(path.T)].any()
        )


def test_walking_along_the_path_takes_exactly_n():
    game = LazyPath(30)
    while game.end is not None:
        game.ask(game.end)
    assert game.queries == 30 == game.proof()


def halving(oracle, x0, *, cells):
    """Rounds of whole antidiagonals, each half way to the last one from what is known."""
    low = 0
    while True:
        level = (low + cells) // 2
        points = np.array([[(i + 0.5) / cells, (level - i + 0.5) / cells] for i in range(level + 1)])
        values = oracle.query(points)[0]
        found = np.argmin(values)
        low = level if values[found] < 0 else low
        if level == cells - 1:
            low = 0


def walk(oracle, x0, *, step, lower, upper):
    """Projected gradient descent."""
    x = x0
    while True:
        gradient = oracle.value_and_gradient(x)[1]
        x = np.minimum(np.maximum(x - step * gradient, lower), upper)


def net(oracle, x0, *, count):
    """A grid of count^2 points in one round, ends included."""
    edge = np.linspace(0, 1, count)
    points = np.array([[a, b] for a in edge for b in edge])
    while True:
        oracle.query(points)


@pytest.mark.parametrize(
    ("method", "parameters"), [(walk, {"step": 1.0}), (halving, {"cells": 6}), (net, {"count": 41})]
)
def test_methods_need_n_queries_and_all_answers_are_those_of_one_staircase(method, parameters):
    given = hidden_staircase(cells=6)
    result = run(method, given, model="lazy_staircase", parameters=parameters, max_queries=4000)
    report = result.report
    assert result.status in (Status.TARGET, Status.BUDGET) and result.queries >= 6
    assert report["disagreement"] == 0.0 and report["answers_replayed"] == result.queries + result.observed
    assert report["charged"] == report["antidiagonals"] == sum(count for _, count in report["steps"])
    if result.status is Status.TARGET:
        assert report["finished"] and report["charged"] == 6 and result.hits[-1].query >= 6
    completed = hidden_staircase(cells=6, path=report["path"])
    again = run(method, completed, parameters=parameters, max_queries=4000, engine="python")
    assert again.hits == result.hits and again.queries == result.queries and again.best_merit == result.best_merit


def random_points(oracle, x0, *, rng, size, width=32):
    """Batches anywhere, also outside of the grid."""
    while True:
        oracle.query(rng.uniform(-0.1, 0.8, (width, 2)) * size)


def test_the_free_staircase_is_resisted_too():
    given = free_staircase(cells=5)
    size = 5 * given.function.parameters[0]
    options = {"parameters": {"size": size}, "max_queries": 3200, "seed": 3, "engine": "python"}
    result = run(random_points, given, model="lazy_staircase", **options)
    assert result.report["disagreement"] == 0.0 and result.report["antidiagonals"] >= 4
    completed = free_staircase(cells=5, path=result.report["path"])
    again = run(random_points, completed, **options)
    assert (again.best_merit, again.hits) == (result.best_merit, result.hits)


def test_the_bound_speaks_of_targets_that_the_last_cell_alone_meets():
    given = hidden_staircase(cells=6)
    model = MODELS["lazy_staircase"].model(given, None, np.random.default_rng(0), {})
    assert model.bounds[0].value({"target": given.target}) == 6.0
    assert model.bounds[0].value({"target": 1.2 * given.target}) is None


def test_other_instances_get_one_line():
    with pytest.raises(InputError, match="needs a hidden_staircase or free_staircase of dimension 2"):
        run(walk, hidden_staircase(dimension=3), model="lazy_staircase", parameters={"step": 1.0})
