"""One source, two engines: the same counts to the last query, the same bits, the same words for what is wrong."""

import ctypes
import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from numba.core.runtime import _nrt_python, rtsys

import algorithms  # noqa: F401
import hardinstances  # noqa: F401
from experiments import run
from experiments.binding import unclaimed
from experiments.runner import compile_ahead
from hardinstances import carmon_chain, carmon_chain_order, quadratic
from oracles import (
    ALGORITHMS,
    FAMILIES,
    Goal,
    InputError,
    Instance,
    KernelFunction,
    Status,
    algorithm,
    foreign_kernel,
    from_callable,
    inner,
    norm,
)

COMPILED = sorted(name for name in ALGORITHMS if not name.startswith("scipy:") and ALGORITHMS[name].dimensions is None)
SQUARE = ("arc", "cubic_newton", "third_order", "trace", "trust_region")  # memory of d^2 or more
BOWL = quadratic(dimension=3, condition=5.0)


def both(method, instance, **options):
    """The run on either engine."""
    return tuple(run(method, instance, engine=engine, **options) for engine in ("compiled", "python"))


def assert_same(compiled, python):
    counts = ("queries", "value_queries", "gradient_queries", "rounds", "width", "observed")
    for name in (*counts, "status", "hits", "found"):
        assert getattr(compiled, name) == getattr(python, name), name
    assert compiled.best_merit == python.best_merit and compiled.message == python.message
    for name in ("returned", "proposed"):
        a, b = getattr(compiled, name), getattr(python, name)
        assert (a is None) == (b is None)
        if a is not None:
            assert np.array_equal(a.point, b.point)
            assert (a.value, a.merit, a.queries, a.rounds) == (b.value, b.merit, b.queries, b.rounds)
    if compiled.trace is not None:
        assert compiled.trace.steps == python.trace.steps


def compare(method, family, several):
    """Both engines on the small member of a family, at several limits."""
    instance = FAMILIES[family].instance(FAMILIES[family].example)
    given = {"parameters": dict.fromkeys(unclaimed(ALGORITHMS[method], instance), 1.0)}
    merit = run(ALGORITHMS["armijo"], instance, target=1e-12, max_queries=1).best_merit
    targets = tuple(merit * np.array([0.9, 0.5, 0.1, 1e-3]))
    for width in (1, 3) if "width" in ALGORITHMS[method].numbers else (1,):
        for limits in several:
            compiled, python = both(ALGORITHMS[method], instance, target=targets, width=width, **limits, **given)
            assert (compiled.engine, python.engine) == ("compiled", "python")
            assert_same(compiled, python)


@pytest.mark.parametrize("method", ["gradient_descent", "batched_step_search", "sgd"])
def test_a_few_methods_on_some_small_instances(method):
    """On every fifth family."""
    for family in sorted(FAMILIES)[COMPILED.index(method) % 5 :: 5]:
        compare(method, family, ({"max_queries": 7}, {"max_queries": 200, "trace": 64}))


@pytest.mark.slow
@pytest.mark.parametrize("method", COMPILED)
def test_every_method_on_every_fourth_small_instance(method):
    limits = ({"max_queries": 800}, {"max_queries": 7}, {"max_rounds": 5}, {"max_queries": 300, "trace": 64})
    for family in sorted(FAMILIES)[COMPILED.index(method) % 4 :: 4]:
        compare(method, family, limits)


@pytest.mark.slow
def test_a_longer_run_to_the_last_bit():
    chain = carmon_chain(length=40, first_link=1.0)
    targets = list(np.geomspace(2.5, 1.0, 50))
    for method in COMPILED:
        given = dict.fromkeys(unclaimed(ALGORITHMS[method], chain), 1.0)
        options = {"parameters": given, "target": targets[-1:], "width": 16, "max_queries": 10_000}
        assert_same(*both(ALGORITHMS[method], chain, **options))
    assert_same(*both(ALGORITHMS["gradient_descent"], chain, target=targets))


# Methods that use the whole interface.


def every_call(oracle, x0, *, scale: float):
    """Values, gradients, batches, mixed orders, `out`, proposals, and a point returned."""
    x = x0.copy()
    gradient = np.empty(oracle.dimension)
    for _ in range(4):
        value, _ = oracle.value_and_gradient(x, out=gradient)
        other = oracle.value(x - scale * gradient)
        slope = oracle.gradient(x - scale * gradient)
        points = np.stack((x, x - scale * gradient, x - scale * slope))
        values = oracle.values(points)
        gradients = oracle.gradients(points)
        both_values, both_gradients = oracle.query(points)
        mixed_values, mixed_gradients = oracle.query(points, np.array([0, 1, 0]))
        oracle.propose(x - 2.0 * scale * gradient)
        if not np.isnan(mixed_gradients[0, 0]) or np.isnan(mixed_gradients[1, 0]):
            return None
        if np.any(both_values != values) or np.any(both_gradients != gradients) or np.any(mixed_values != values):
            return None
        x = x - (scale if other < value else 0.5 * scale) * gradient
    return x


def noting(oracle, x0, *, scale: float):
    """A number of each round but every third, in rounds of one and of two."""
    x, count = x0, 0
    while True:
        value, gradient = oracle.value_and_gradient(x)
        if count % 3 != 0:
            oracle.note(value)
        values, gradients = oracle.query(np.stack((x, x - scale * gradient)))
        oracle.note(count)
        x, count = x - scale * gradient, count + 1


def drawn(oracle, x0, *, rng):
    """A random search."""
    x, best = x0, oracle.value(x0)
    while True:
        y = x + 0.1 * rng.standard_normal(oracle.dimension)
        value, _ = oracle.value_and_gradient(y)
        if value < best:
            x, best = y, value


def descend(oracle, x0, *, step: float):
    x = x0
    while True:
        _, gradient = oracle.value_and_gradient(x)
        x = x - step * gradient


def strided(oracle, x0):
    """Points of every layout and type."""
    wide = np.zeros((6, 6))
    wide[::2, ::2] = np.arange(9.0).reshape(3, 3)
    oracle.value(wide[2, ::2])
    oracle.value(wide[::2, 2])
    oracle.value(np.array([1, 2, 3]))
    oracle.value(np.array([1.5, 2.0, 3.0], np.float32))
    oracle.query(wide[::2, ::2])
    oracle.query(np.asfortranarray(wide[::2, ::2]))
    oracle.query(wide[::2, ::2].T)
    oracle.query(np.arange(6).reshape(2, 3))
    oracle.query(np.ones((2, 3), np.float32))
    value, _ = oracle.value_and_gradient(wide[::2, 2])
    return np.array([value, 0.0, 0.0])


def returns_wrong_shape(oracle, x0):
    oracle.value(x0)
    return np.zeros(7)


def silent(oracle, x0, *, turns: int):
    """Asks once, and then nothing for a while."""
    oracle.value(x0)
    total = 0.0
    for k in range(turns):
        total += np.sin(total + k)
    return np.full(3, total)


@pytest.mark.slow
def test_the_whole_interface():
    compiled, python = both(every_call, BOWL, target=1e-9, parameters={"scale": 0.3}, trace=True)
    assert compiled.status is Status.RETURNED and compiled.queries == 4 * (3 + 12) and compiled.rounds == 4 * 7
    assert compiled.returned is not None and compiled.proposed is not None
    assert_same(compiled, python)
    for budget in range(1, 30):
        assert_same(*both(every_call, BOWL, target=1e-9, parameters={"scale": 0.3}, max_queries=budget))
        assert_same(*both(every_call, BOWL, target=1e-9, parameters={"scale": 0.3}, max_rounds=budget))


def test_random_methods_draw_the_same():
    compiled, python = both(drawn, BOWL, target=0.05, max_queries=3000, seed=11)
    assert compiled.queries > 10
    assert_same(compiled, python)
    assert run(drawn, BOWL, target=0.05, max_queries=3000, seed=12).best_merit != compiled.best_merit


@pytest.mark.slow
def test_points_of_every_layout_are_taken_as_their_values():
    compiled, python = both(strided, BOWL, target=1e-9)
    assert compiled.status is Status.RETURNED and compiled.queries == 5 + 3 * 3 + 2 * 2
    assert_same(compiled, python)


def test_a_returned_point_of_the_wrong_shape_is_told():
    compiled, python = both(returns_wrong_shape, BOWL, target=1e-9)
    assert "cannot be measured: the point has the shape (7,), expected (3,)" in compiled.message
    assert_same(compiled, python)


def nan_point(oracle, x0):
    oracle.value(x0)
    x0[1] = np.nan
    oracle.value_and_gradient(x0)


def minus_infinite_point(oracle, x0):
    oracle.gradient(np.array([0.0, 0.0, -np.inf]))


def short_point(oracle, x0):
    oracle.value_and_gradient(x0[:2])


def nan_batch(oracle, x0):
    points = np.ones((3, 3))
    points[2, 0] = np.inf
    oracle.query(points)


def nan_batch_of_one(oracle, x0):
    oracle.values(np.full((1, 3), np.nan))


def empty_batch(oracle, x0):
    oracle.gradients(np.ones((0, 3)))


def narrow_batch(oracle, x0):
    oracle.query(np.ones((4, 2)))


def wide_batch(oracle, x0):
    oracle.values(np.ones((4, 3)))
    oracle.values(np.ones((5, 3)))


def third_order(oracle, x0):
    oracle.query(np.ones((2, 3)), np.array([1, 3]))


def few_orders(oracle, x0):
    oracle.query(np.ones((2, 3)), np.array([1, 1, 1]))


def short_out(oracle, x0):
    oracle.value_and_gradient(x0, out=np.empty(2))


BAD = (nan_point, minus_infinite_point, short_point, nan_batch, nan_batch_of_one, empty_batch, narrow_batch, wide_batch)
BAD += (third_order, few_orders, short_out)


@pytest.mark.parametrize("method", BAD)
def test_bad_points_get_the_same_line_in_both_engines(method):
    compiled, python = both(method, BOWL, target=1e-9, width=4)
    assert compiled.status is Status.FAILED and compiled.message and "\n" not in compiled.message
    assert_same(compiled, python)


def test_a_domain_is_kept_in_both_engines():
    boxed = replace(BOWL, domain=from_callable(lambda x: (0.0, x), start=np.ones(3), lower=-1.0, upper=1.0).domain)
    compiled, python = both(descend, boxed, target=1e-9, parameters={"step": 20.0})
    assert "outside the domain [-1, 1]" in compiled.message
    assert_same(compiled, python)


def python_bowl(x):
    return 0.5 * float(x @ x), x.copy()


@pytest.mark.parametrize("vectorised", [False, True])
def test_a_python_function_under_a_compiled_method(vectorised):
    def batch(points):
        return 0.5 * (points**2).sum(axis=1), points.copy()

    instance = from_callable(batch if vectorised else python_bowl, start=[1.0, 2.0, 3.0], vectorised=vectorised)
    compiled, python = both(every_call, instance, target=1e-9, parameters={"scale": 0.3})
    assert compiled.engine == "compiled" and compiled.queries == 60
    assert_same(compiled, python)
    automatic = run(every_call, instance, target=1e-9, parameters={"scale": 0.3})
    assert automatic.engine == "python" and automatic.engine_reason == "the oracle answers from Python"


@pytest.mark.parametrize("what", ["raises", "nan", "gradient", "shape"])
def test_a_failing_function_ends_both_engines_with_the_same_line(what):
    def fun(x):
        if x[0] < 0.5:
            if what == "raises":
                raise OSError("gone")
            return {"nan": (np.nan, x), "gradient": (0.0, x * np.inf), "shape": (0.0, x[:1])}[what]
        return python_bowl(x)

    compiled, python = both(descend, from_callable(fun, start=[1.0, 2.0, 3.0]), target=1e-9, parameters={"step": 0.2})
    assert compiled.status is Status.FAILED and compiled.queries == 4 and "x = [" in compiled.message
    assert_same(compiled, python)


def test_a_goal_judged_in_python():
    goal = Goal("low value", lambda point, value, gradient: value, needs_gradient=False)
    compiled, python = both(descend, BOWL, target=[0.4, 0.01], goal=goal, parameters={"step": 0.5}, max_queries=500)
    assert compiled.met
    assert_same(compiled, python)
    assert run(descend, BOWL, target=0.4, goal=goal, parameters={"step": 0.5}).engine == "python"


def test_a_kernel_that_answers_nan_fails_the_run():
    from oracles import kernel

    @kernel
    def cliff(x, gradient, dimension, parameters):
        gradient[0] = 1.0
        return np.nan if x[0] < 0.0 else x[0]

    instance = Instance("cliff", KernelFunction(cliff, np.zeros(1)), np.array([1.0]))
    compiled, python = both(descend, instance, target=1e-9, parameters={"step": 0.4})
    assert (
        compiled.status is Status.FAILED
        and compiled.queries == 3
        and "the value is nan at x = [-0.2" in compiled.message
    )
    assert_same(compiled, python)


# What cannot be compiled says why, and runs in Python.


def with_try(oracle, x0):
    try:
        oracle.value(x0)
    except ValueError:
        return


def with_list_of_points(oracle, x0):
    return oracle.value([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("method", "words"),
    [(with_try, "it uses try (line"), (with_list_of_points, "numba cannot compile it"), (len, "source cannot be read")],
)
def test_the_reason_for_python_is_one_line(method, words):
    with pytest.raises(InputError, match="cannot run compiled") as caught:
        run(method, BOWL, target=1e-9, engine="compiled")
    assert words in str(caught.value) and "\n" not in str(caught.value)
    if method is not len:
        outcome = run(method, BOWL, target=1e-9)
        assert outcome.engine == "python" and words in outcome.engine_reason and outcome.queries == 1


def test_scipys_methods_run_in_python_at_once():
    outcome = run(ALGORITHMS["scipy:CG"], BOWL, target=1e-3)
    assert outcome.engine == "python" and "it uses import" in outcome.engine_reason


def test_a_method_of_a_notebook_is_compiled_without_a_file():
    import linecache

    source = (
        "def typed(oracle, x0):\n    while True:\n        _, g = oracle.value_and_gradient(x0)\n"
        "        x0 = x0 - 0.5 * g\n"
    )
    linecache.cache["<cell 1>"] = (len(source), None, source.splitlines(True), "<cell 1>")
    names = {}
    exec(compile(source, "<cell 1>", "exec"), names)
    assert run(names["typed"], BOWL, target=1e-3, engine="compiled").met


# Endings from outside.


def test_a_time_limit_ends_a_compiled_loop():
    outcome = run(
        descend, BOWL, target=1e-120, parameters={"step": 1e-12}, max_queries=None, max_seconds=0.2, engine="compiled"
    )
    assert outcome.status is Status.TIMEOUT and outcome.queries == outcome.rounds > 10_000
    assert outcome.value_queries == outcome.queries and outcome.seconds < 2


def press_control_c(after):
    threading.Timer(after, lambda: os.kill(os.getpid(), signal.SIGINT)).start()


def test_control_c_ends_a_compiled_loop_with_its_ledger():
    compile_ahead(descend, BOWL, target=1e-120, parameters={"step": 1e-12}, engine="compiled")
    press_control_c(0.2)
    outcome = run(descend, BOWL, target=1e-120, parameters={"step": 1e-12}, max_queries=None, engine="compiled")
    assert outcome.status is Status.INTERRUPTED and outcome.queries > 10_000


def test_control_c_ends_a_compiled_method_inside_a_callback():
    def slow(x):
        time.sleep(0.02)
        return python_bowl(x)

    instance = from_callable(slow, start=[1.0, 2.0, 3.0])
    compile_ahead(descend, instance, target=1e-9, parameters={"step": 1e-3}, engine="compiled")
    press_control_c(0.2)
    outcome = run(descend, instance, target=1e-9, parameters={"step": 1e-3}, engine="compiled")
    assert outcome.status is Status.INTERRUPTED and 3 <= outcome.queries <= 30


def test_a_compiled_method_that_asks_nothing_is_left_behind():
    before = set(threading.enumerate())
    outcome = run(silent, BOWL, target=1e-9, parameters={"turns": 150_000_000}, max_seconds=0.05, engine="compiled")
    assert outcome.status is Status.TIMEOUT and outcome.queries == 1
    assert "asks nothing and was left running" in outcome.message
    for thread in set(threading.enumerate()) - before:
        thread.join(60)  # what it frees at its end is not counted in another test


def misfitting(oracle, x0):
    """Assigns a point to a row that is too short."""
    rows = np.zeros((2, x0.size - 1))
    rows[0] = x0
    oracle.query(rows)


def test_an_array_of_another_shape_is_an_error_in_both_engines():
    for engine in ("compiled", "python"):
        outcome = run(misfitting, BOWL, target=1e-9, engine=engine)
        assert outcome.status is Status.FAILED and outcome.queries == 0
        assert "raised ValueError" in outcome.message
        assert ("array of another shape" in outcome.message) == (engine == "compiled")


# Notes.


@pytest.mark.parametrize("trace", [64, 8])
def test_what_a_method_notes_of_a_round_is_kept_with_it(trace):
    compiled, python = both(noting, BOWL, target=1e-3, parameters={"scale": 0.1}, max_queries=90, trace=trace)
    assert_same(compiled, python)
    for step in compiled.trace.steps:
        turn, second = divmod(step.round - 1, 2)
        assert (step.note is None) == (second == 0 and turn % 3 == 0) and (second == 0 or step.note == turn)
    assert_same(*both(noting, BOWL, target=1e-3, parameters={"scale": 0.1}, max_queries=90))


# Memory.


@pytest.mark.parametrize("method", [*COMPILED, "every_call"])
def test_a_run_returns_all_its_memory(method):
    function = every_call if method == "every_call" else ALGORITHMS[method]
    parameters = {"scale": 0.3} if method == "every_call" else {}
    matrices = method in ALGORITHMS and any(power in ALGORITHMS[method].function.__doc__ for power in ("d^2", "d^3"))
    instance = carmon_chain_order(length=20) if matrices else quadratic(dimension=100_000)
    options = {"target": 1e-9, "parameters": parameters, "width": 3, "engine": "compiled"}
    _nrt_python.memsys_enable_stats()
    run(function, instance, max_queries=20, **options)
    gc.collect()  # what earlier tests left is not freed in between
    before = rtsys.get_allocation_stats()
    for budget in (1, 2, 17, 40):
        assert run(function, instance, max_queries=budget, **options).status is Status.BUDGET
    after = rtsys.get_allocation_stats()
    assert after.alloc - before.alloc == after.free - before.free > 0


# Other sources of kernels.


@pytest.mark.skipif(shutil.which("gcc") is None, reason="there is no C compiler")
def test_a_kernel_from_a_c_library(tmp_path):
    (tmp_path / "bowl.c").write_text(
        "double bowl(const double *x, double *g, long long d, const double *p)\n"
        "{ double f = 0; for (long long i = 0; i < d; i++) { g[i] = p[0] * x[i]; f += 0.5 * g[i] * x[i]; }\n"
        "  return f; }\n"
    )
    subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", tmp_path / "bowl.so", tmp_path / "bowl.c"], check=True)
    library = ctypes.CDLL(str(tmp_path / "bowl.so"))
    instance = Instance("bowl", KernelFunction(foreign_kernel(library.bowl), np.array([2.0])), np.array([1.0, 3.0]))
    compiled, python = both(descend, instance, target=1e-6, parameters={"step": 0.3})
    assert compiled.met and compiled.engine == "compiled"
    assert_same(compiled, python)
    with pytest.raises(InputError, match="address 0"):
        foreign_kernel(0)


# Editing a source is never masked by machine code of before.


@pytest.mark.slow
def test_an_edited_helper_of_a_user_is_compiled_anew(tmp_path):
    (tmp_path / "helper.py").write_text(
        "from numba import njit\n\nFACTOR = 0.5\n\n\n@njit\ndef factor():\n    return FACTOR\n"
    )
    (tmp_path / "mine.py").write_text(
        "from helper import factor\n\n\ndef mine(oracle, x0):\n    x = x0\n    while True:\n"
        "        _, g = oracle.value_and_gradient(x)\n        x = x - factor() * g\n"
    )

    def queries():
        command = [sys.executable, "-c", "from experiments.cli import main; main()", "solve", "quadratic", "mine.py"]
        command += ["--target", "1e-3", "--engine", "compiled", "--json"]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=600)
        return json.loads(done.stdout)["queries"]

    first = queries()
    assert queries() == first
    (tmp_path / "helper.py").write_text((tmp_path / "helper.py").read_text().replace("0.5", "0.25"))
    assert queries() > 1.5 * first


@pytest.mark.slow
def test_an_edited_helper_of_a_users_kernel_is_compiled_anew(tmp_path):
    (tmp_path / "helper.py").write_text(
        "from oracles import compiled\n\n\n@compiled\ndef square(t):\n    return t * t\n"
    )
    (tmp_path / "mine.py").write_text(
        "import numpy as np\nfrom helper import square\nfrom oracles import Instance, KernelFunction, kernel\n\n\n"
        "@kernel\ndef mine_kernel(x, gradient, dimension, parameters):\n    gradient[0] = 2.0 * x[0]\n"
        "    return square(x[0])\n\n\nmine = Instance('mine', KernelFunction(mine_kernel, np.zeros(1)), np.ones(1))\n"
    )

    def value():
        command = [sys.executable, "-c", "from experiments.cli import main; main()", "evaluate", "mine.py"]
        done = subprocess.run([*command, "--point", "2", "--json"], capture_output=True, text=True, cwd=tmp_path)
        return json.loads(done.stdout)["value"]

    assert value() == value() == 4.0
    (tmp_path / "helper.py").write_text((tmp_path / "helper.py").read_text().replace("t * t", "10 * t * t"))
    assert value() == 40.0


def shared_reductions(oracle, x0):
    """Reductions that are shared give the same bits in both engines, whatever the length."""
    _, gradient = oracle.value_and_gradient(x0)
    return np.full(oracle.dimension, inner(gradient, x0) + norm(x0))


@pytest.mark.parametrize("dimension", [1, 7, 8, 9, 63, 1000])
def test_reductions_give_the_same_bits(dimension, rng):
    compiled, python = both(shared_reductions, quadratic(dimension=dimension), target=1e-9, start=rng.random(dimension))
    assert_same(compiled, python)


def test_the_decorator_leaves_the_function_as_it_is():
    marked = algorithm(source="here", zero_respecting=True)(descend)
    assert marked is descend and run(marked, BOWL, target=1e-3, parameters={"step": 0.5}).engine == "compiled"
