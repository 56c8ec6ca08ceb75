"""The projected gradient: its definition at faces, and the same judging in both engines."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments import run
from oracles import STATIONARITY, Box, KernelFunction, Status, from_callable, kernel, projected_gradient

BOX = Box(np.array([-1.0, 0.0, -np.inf]), np.array([1.0, 0.0, 2.0]))


@kernel
def tilted_bowl(x, gradient, dimension, parameters):
    """sum_i (x_i - c_i)^2 / 2: on a box the minimiser is the centre c, clipped."""
    value = 0.0
    for i in range(dimension):
        gradient[i] = x[i] - parameters[i]
        value += 0.5 * gradient[i] ** 2
    return value


def tilted(*, centre=(2.0, 0.25, -3.0), lower=0.0, upper=1.0):
    """The bowl on a box, in machine code."""
    start = np.full(len(centre), 0.5)
    model = from_callable(lambda x: (0.0, x), start=start, lower=lower, upper=upper, smoothness=1.0)
    return replace(model, function=KernelFunction(tilted_bowl, np.array(centre)))


def projected_descent(oracle, x0, *, lower, upper, step=0.25):
    """x+ = clip(x - step g): one query a round."""
    x = x0
    while True:
        value, gradient = oracle.value_and_gradient(x)
        x = np.minimum(np.maximum(x - step * gradient, lower), upper)


def wide_rounds(oracle, x0, *, lower, upper):
    """Rounds of values alone, gradients alone, and both, that reach the corner."""
    for k in range(1, 9):
        points = np.empty((20 * k, x0.size))
        for j in range(points.shape[0]):
            points[j] = x0 + (upper - x0) * (j + k) / (points.shape[0] + 8 - 2)
        points = np.minimum(points, upper)
        values = oracle.values(points)
        gradients = oracle.gradients(points)
        values, gradients = oracle.query(points)
    x0[1], x0[2] = 0.25, lower[2]
    x0[0] = upper[0]
    oracle.gradient(x0)
    return x0


def by_definition(point, gradient, box):
    entries = []
    for x, g, low, high in zip(point, gradient, box.lower, box.upper, strict=True):
        g = min(0.0, g) if x == low else g
        entries.append(max(0.0, g) if x == high else g)
    return np.sqrt(np.sum(np.square(entries)))


def test_the_merit_is_its_definition_at_faces_edges_and_inside():
    rng = np.random.default_rng(0)
    points = rng.choice([-1.0, np.nextafter(-1.0, 0.0), 0.0, 0.3, 1.0, 2.0], (500, 3))
    gradients = rng.standard_normal((500, 3))
    merits = projected_gradient(BOX).merits(points, np.zeros(500), gradients)
    expected = [by_definition(*row, BOX) for row in zip(points, gradients, strict=True)]
    assert np.allclose(merits, expected, rtol=1e-15)
    single = projected_gradient(BOX).merit(points[7], 0.0, gradients[7])
    assert single == merits[7]
    assert (merits < np.linalg.norm(gradients, axis=1)).any()


def test_a_box_makes_it_the_goal_unless_another_is_given():
    boxed = from_callable(lambda x: (0.0, x), start=[0.5], lower=0.0, upper=1.0)
    assert boxed.goal.name == "projected gradient"
    assert from_callable(lambda x: (0.0, x), start=[0.5], lower=0.0, upper=1.0, goal=STATIONARITY).goal is STATIONARITY
    assert from_callable(lambda x: (0.0, x), start=[0.5]).goal is STATIONARITY


@pytest.mark.parametrize("method", [projected_descent, wide_rounds])
def test_both_engines_judge_alike(method):
    engines = [run(method, tilted(), target=[1.0, 1e-3], engine=engine) for engine in ("auto", "python")]
    assert [each.engine for each in engines] == ["compiled", "python"]
    compiled, python = engines
    assert compiled.status is Status.TARGET and len(compiled.hits) == 2
    for name in ("queries", "rounds", "value_queries", "gradient_queries", "hits", "best_merit", "status"):
        assert getattr(compiled, name) == getattr(python, name), name


def test_a_hit_on_a_face_is_where_the_plain_gradient_is_long():
    on_box = run(projected_descent, tilted(), target=1e-3)
    plain = run(projected_descent, tilted(), target=1e-3, goal=STATIONARITY, max_queries=500)
    assert on_box.status is Status.TARGET and plain.status is Status.BUDGET
    assert plain.best_merit >= np.hypot(1.0, 3.0)  # clipped at the distances 1 and 3 from the centre


@pytest.mark.parametrize("engine", ["compiled", "python"])
def test_a_gradient_that_is_not_finite_is_no_hit_where_it_would_be_dropped(engine):
    instance = replace(tilted(centre=(-np.inf, 0.5, 0.5)), start=np.array([0.0, 0.5, 0.5]))
    result = run(projected_descent, instance, target=1e-3, engine=engine)
    assert result.status is Status.FAILED and result.queries == 0


@pytest.mark.parametrize("engine", ["compiled", "python"])
def test_a_goal_with_a_box_for_a_function_without_one(engine):
    instance = replace(tilted(centre=(2.0, 0.5, -1.0)), domain=None)
    box = Box(np.zeros(3), np.ones(3))
    parameters = {"lower": box.lower, "upper": box.upper}
    result = run(
        projected_descent, instance, target=1e-3, goal=projected_gradient(box), parameters=parameters, engine=engine
    )
    assert result.status is Status.TARGET and np.allclose(result.found, [1, 0.5, 0], atol=1e-3)


@pytest.mark.parametrize("engine", ["compiled", "python"])
def test_a_wide_round_of_values_is_what_the_points_say_one_by_one(engine):
    def net(oracle, x0, *, count=60_000):
        points = np.empty((count, x0.size))
        for i in range(count):
            points[i] = i / count
        values = oracle.values(points)
        best = np.argmin(values)
        return points[best]

    result = run(net, tilted(centre=(0.2, 0.2, 0.5)), target=1e-9, engine=engine)
    assert (result.queries, result.value_queries, result.gradient_queries, result.rounds) == (60_000, 60_000, 0, 1)
    assert np.allclose(result.returned.point, 0.3, atol=1e-12) and result.best_merit == np.inf


def test_the_example_of_the_page_prints_what_it_says(capsys):
    page = (Path(__file__).parents[2] / "docs" / "lowdim.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", page, re.S)
    (said,) = re.findall(r"print\(.*\)  # (\d+):", code)
    exec(code, {})
    assert capsys.readouterr().out == f"{said}\n"
