import contextlib
import math
import os
import signal
import threading
import time

import numpy as np
import pytest

from algorithms import armijo, gradient_descent, normalized_gradient_descent
from experiments import run
from hardinstances import carmon_chain, quadratic
from oracles import ExactModel, Exhausted, InputError, Status, from_callable

BOWL = quadratic(dimension=2, condition=4.0)


def test_a_run_tells_all():
    outcome = run(gradient_descent, BOWL, target=[0.5, 1e-3], trace=True)
    assert outcome.status is Status.TARGET and outcome.met
    assert [hit.target for hit in outcome.hits] == [0.5, 1e-3]
    assert outcome.queries == outcome.rounds == outcome.hits[-1].query == outcome.trace.steps[-1].round
    assert outcome.engine == "compiled" and outcome.numbers == {"smoothness": 1.0, "step": 1.0}
    assert np.linalg.norm(np.array(outcome.found)) < 0.01
    data = outcome.as_dict()
    assert data["status"] == "target" and data["hits"][0].keys() == {"target", "query", "round", "charged"}


def test_a_function_of_one_line():
    outcome = run(armijo, from_callable(lambda x: (float(x @ x), 2 * x), start=[1.0, 2.0]), target=1e-6)
    assert outcome.met and outcome.instance == "<lambda>"


def test_a_method_that_takes_the_target_is_run_once_for_each():
    targets = [0.5, 0.1]
    outcome = run(normalized_gradient_descent, BOWL, target=targets)
    singles = [run(normalized_gradient_descent, BOWL, target=target) for target in targets]
    assert outcome.hits == tuple(single.hits[0] for single in singles)
    assert outcome.queries == singles[-1].queries and outcome.targets == (0.5, 0.1)
    fixed = run(normalized_gradient_descent, BOWL, target=targets, parameters={"target": 0.1})
    assert fixed.parts == () and len(fixed.hits) == 2


def test_the_default_target_is_the_instances():
    chain = carmon_chain(smoothness=1.0, gap=1.0, target=0.05)
    assert run(gradient_descent, chain).targets == (0.05,)
    with pytest.raises(InputError, match="give a target"):
        run(gradient_descent, BOWL)


def test_a_returned_point_is_measured_and_may_meet_the_target():
    outcome = run(lambda oracle, x0: [0.0, 1e-4], BOWL, target=1e-3)
    assert outcome.status is Status.RETURNED and outcome.met and outcome.hits == ()
    assert outcome.returned.merit == pytest.approx(1e-4) and (outcome.queries, outcome.observed) == (0, 1)
    assert outcome.hit(1e-3).charged == 0
    short = run(lambda oracle, x0: x0, BOWL, target=1e-3)
    assert not short.met and "before the smallest target" in short.verdict
    odd = run(lambda oracle, x0: "nothing", BOWL, target=1e-3)
    assert odd.status is Status.RETURNED and odd.returned is None and "cannot be measured" in odd.message


def test_the_last_query_of_the_budget_may_hit():
    needed = run(gradient_descent, BOWL, target=0.1).queries
    exact = run(gradient_descent, BOWL, target=0.1, max_queries=needed)
    assert exact.status is Status.TARGET
    short = run(gradient_descent, BOWL, target=0.1, max_queries=needed - 1)
    assert short.status is Status.BUDGET and not short.met and short.queries == needed - 1


def test_a_method_that_raises_fails_in_one_line():
    def broken(oracle, x0):
        oracle.value(x0)
        raise KeyError("what\na mess")

    outcome = run(broken, BOWL, target=0.1)
    assert outcome.status is Status.FAILED and outcome.queries == 1
    assert "broken raised KeyError" in outcome.message and "line" in outcome.message and "\n" not in outcome.message


def test_a_function_that_fails_keeps_the_ledger():
    def fun(x):
        if x[0] < 1:
            raise OSError("gone")
        return float(x @ x), 2 * x

    outcome = run(gradient_descent, from_callable(fun, start=[3.0], smoothness=8.0), target=1e-3)
    assert outcome.status is Status.FAILED and outcome.queries == 4
    assert outcome.message.startswith("fun raised OSError: gone at x = [")


def test_a_method_that_asks_nonsense_fails():
    outcome = run(lambda oracle, x0: oracle.value(x0 * np.nan), BOWL, target=0.1)
    assert outcome.status is Status.FAILED and "nan at index [0]" in outcome.message and outcome.queries == 0
    wide = run(lambda oracle, x0: oracle.query([x0, x0]), BOWL, target=0.1, width=1)
    assert wide.status is Status.FAILED and "wider than the width 1" in wide.message


def swallower(kind):
    answers = []

    def method(oracle, x0):
        while True:
            with contextlib.suppress(kind):
                answers.append(oracle.value(x0))

    return method, answers


@pytest.mark.parametrize("kind", [Exception, BaseException])
def test_a_method_that_swallows_every_exception_ends_and_gets_nothing(kind):
    threads = threading.active_count()
    method, answers = swallower(kind)
    outcome = run(method, BOWL, target=0.1, max_queries=3)
    assert outcome.status is Status.BUDGET and outcome.queries == 3 and len(answers) == 3
    time.sleep(0.1)  # nothing is still on its way
    assert threading.active_count() <= threads


def test_nested_handlers_do_not_help():
    def stubborn(oracle, x0):
        while True:
            try:
                try:
                    oracle.value(x0)
                except BaseException:
                    continue
            except BaseException:
                continue

    outcome = run(stubborn, BOWL, target=0.1, max_queries=2)
    assert outcome.status is Status.BUDGET and outcome.queries == 2


def test_a_time_limit_ends_asking_and_silent_methods():
    def asking(oracle, x0):
        while True:
            oracle.value(x0)

    def silent(oracle, x0):
        oracle.value(x0)
        while True:
            pass

    for method in (asking, silent):
        began = time.perf_counter()
        outcome = run(method, BOWL, target=1e-9, max_queries=None, max_seconds=0.1)
        assert outcome.status is Status.TIMEOUT and outcome.queries >= 1
        assert time.perf_counter() - began < 5
        assert "0.1 seconds" in outcome.verdict


def test_an_interrupt_keeps_the_ledger():
    def interrupted(oracle, x0):
        oracle.value(x0)
        raise KeyboardInterrupt

    outcome = run(interrupted, BOWL, target=0.1)
    assert outcome.status is Status.INTERRUPTED and outcome.queries == 1


def press_control_c(after):
    threading.Timer(after, lambda: os.kill(os.getpid(), signal.SIGINT)).start()


def test_control_c_reaches_a_method_that_swallows_everything():
    def swallowing(oracle, x0):
        while True:
            with contextlib.suppress(BaseException):
                time.sleep(0.001)
                oracle.value(x0)

    press_control_c(0.1)
    outcome = run(swallowing, BOWL, target=1e-9, max_queries=None)
    assert outcome.status is Status.INTERRUPTED and outcome.queries > 0


def test_control_c_ends_a_run_over_several_targets():
    def slow(x):
        time.sleep(0.01)
        return 0.5 * float(x @ x), x.copy()

    press_control_c(0.1)
    instance = from_callable(slow, start=[3.0, 4.0], smoothness=1.0)
    outcome = run(normalized_gradient_descent, instance, target=[0.9, 0.5, 1e-3])
    assert outcome.status is Status.INTERRUPTED and len(outcome.parts) < 3 and not outcome.met


def test_a_method_that_asks_badly_for_ever_ends():
    def blind(oracle, x0):
        while True:
            with contextlib.suppress(Exception):
                oracle.value(x0 * np.nan)

    outcome = run(blind, BOWL, target=1e-9, max_queries=5)
    assert outcome.status is Status.FAILED and "asked badly" in outcome.message and outcome.queries == 0


@pytest.mark.parametrize("leave", [SystemExit, KeyError])
def test_leaving_the_program_is_a_failure(leave):
    def method(oracle, x0):
        raise leave("bye")

    assert run(method, BOWL, target=1e-9).status is Status.FAILED


def test_a_point_returned_after_the_close_is_measured_too():
    def polite(oracle, x0):
        try:
            while True:
                oracle.value(x0)
        except Exception:
            return np.zeros(2)

    outcome = run(polite, BOWL, target=1e-9, max_queries=4)
    assert outcome.status is Status.BUDGET and outcome.returned.merit == 0.0 and outcome.met


def test_a_model_may_run_out():
    class Tired(ExactModel.__mro__[1]):
        def __init__(self, instance, width, rng):
            self._inner = ExactModel(instance, width=width)
            self.dimension, self.width, self.domain = instance.dimension, width, None

        def answer(self, request):
            if request.round > 2:
                raise Exhausted("no dimension is left")
            return self._inner.answer(request)

        def truth(self, points):
            return self._inner.truth(points)

    outcome = run(gradient_descent, BOWL, target=1e-6, model=Tired)
    assert outcome.status is Status.EXHAUSTED and outcome.queries == 2
    assert outcome.verdict == "the oracle could not answer any more: no dimension is left"


def test_raising_stop_oneself_is_a_failure():
    from oracles import Stop

    def liar(oracle, x0):
        raise Stop

    assert run(liar, BOWL, target=0.1).status is Status.FAILED


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"target": 0.0}, "a target must be"),
        ({"target": [1.0, -1.0]}, "a target must be"),
        ({"target": math.nan}, "a target must be"),
        ({"target": 1.0, "parameters": {"smothness": 1.0}}, "no parameter 'smothness'; did you mean 'smoothness'"),
        ({"target": 1.0, "parameters": {"smoothness": "x"}}, "must be a number"),
        ({"target": 1.0, "parameters": {"smoothness": math.inf}}, "must be finite"),
        ({"target": 1.0, "engine": "fast"}, "engine must be one of"),
        ({"target": 1.0, "width": 0}, "width must be at least 1"),
        ({"target": 1.0, "max_queries": 0}, "max_queries must be positive"),
        ({"target": 1.0, "max_rounds": -1}, "max_rounds must be positive"),
        ({"target": 1.0, "max_seconds": math.nan}, "max_seconds must be positive"),
        ({"target": 1.0, "start": [1.0]}, "start has the shape (1,), expected (2,)"),
        ({"target": 1.0, "start": [1.0, math.nan]}, "start has the entry nan"),
    ],
)
def test_bad_input_is_refused_before_anything_is_asked(options, words):
    with pytest.raises(InputError) as caught:
        run(gradient_descent, BOWL, **options)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def test_missing_numbers_are_named():
    bare = from_callable(lambda x: (0.0, x), start=[1.0])
    with pytest.raises(InputError, match="gradient_descent needs a number for 'smoothness'; nobody claims it"):
        run(gradient_descent, bare, target=1.0)

    def wide(oracle, x0, *, width: int):
        return None

    with pytest.raises(InputError, match="needs a number for 'width'; give it"):
        run(wide, bare, target=1.0)
    assert run(wide, bare, target=1.0, parameters={"width": 3}).status is Status.RETURNED
    with pytest.raises(InputError, match="width is given twice"):
        run(wide, bare, target=1.0, width=2, parameters={"width": 3})
