"""Callables of other libraries as methods: what they are given, what is counted, and that no run breaks by them."""

import contextlib
import functools
import threading
import time

import numpy as np
import pytest
from scipy import optimize

from algorithms import outside
from experiments import Case, run
from experiments.case import perform
from experiments.resolve import method_of, spec_of
from hardinstances import carmon_chain, quadratic
from oracles import ALGORITHMS, InputError, Status

CHAIN = carmon_chain(length=10, first_link=1.0)
BOWL = quadratic(dimension=3, condition=4.0)


def descent(fun, x0, *, step: float = 0.5):
    """Gradient descent."""
    x = x0
    while True:
        value, gradient = fun(x)
        x = x - step * gradient


def test_value_and_gradient_together_are_one_query():
    outcome = run(outside(descent), BOWL, target=1e-3)
    own = run(ALGORITHMS["gradient_descent"], BOWL, target=1e-3, parameters={"step": 0.5})
    assert outcome.method == "descent" and outcome.numbers == {"step": 0.5} and outcome.hits == own.hits
    assert outcome.queries == outcome.rounds == outcome.value_queries == outcome.gradient_queries
    assert run(outside(descent), BOWL, target=1e-3, parameters={"step": "1/4"}).queries > own.queries


@pytest.mark.parametrize("method", ["CG", "BFGS", "L-BFGS-B", "TNC", "SLSQP"])
def test_scipy_asks_what_our_wrapper_of_it_asks(method):
    def solve(fun, x0):
        with np.errstate(all="ignore"):
            return optimize.minimize(fun, x0, jac=True, method=method, tol=0.0)

    ours, theirs = (run(one, CHAIN, target=1.0) for one in (ALGORITHMS[f"scipy:{method}"], outside(solve)))
    assert ours.hits == theirs.hits and ours.queries == theirs.queries


def test_value_and_gradient_apart_are_a_query_each():
    for solve in (optimize.minimize, functools.partial(optimize.minimize, method="L-BFGS-B")):
        outcome = run(outside(solve, name="theirs"), CHAIN, target=1.0)
        assert outcome.met and outcome.queries == outcome.value_queries + outcome.gradient_queries == 24
    conjugate = outside(lambda fun, jac, x0: optimize.fmin_cg(fun, x0, jac, gtol=0.0, disp=False))
    assert run(conjugate, CHAIN, target=1.0).queries == 24


def test_arguments_go_by_name_or_by_place():
    def named(*, x0, jac, fun):
        return x0, fun(x0), jac(x0)

    def placed(f, df, start, unused=None, /):
        return start, f(start), df(start)

    for solve in (named, placed):
        outcome = run(outside(solve), BOWL, target=1e-3)
        assert (outcome.value_queries, outcome.gradient_queries, outcome.rounds) == (1, 1, 2)


def test_methods_that_want_values_alone_and_methods_with_chance():
    simplex = outside(lambda f, x: optimize.minimize(lambda y: f(y)[0], x, method="Nelder-Mead"))
    assert run(simplex, BOWL, target=0.05).met

    def hopping(fun, x0, *, rng):
        inner = {"jac": True, "method": "L-BFGS-B"}
        return optimize.basinhopping(fun, x0, minimizer_kwargs=inner, rng=rng, niter=3)

    first, second = (run(outside(hopping), CHAIN, target=1e-9, max_queries=400, seed=4) for _ in range(2))
    assert first.queries == second.queries > 30 and first.returned.merit == second.returned.merit


def test_what_is_known_of_it_decides_which_bounds_speak():
    assert outside(descent).record.traits.zero_respecting is False
    known = outside(descent, zero_respecting=True, deterministic=True, source="a book").record
    assert known.traits.zero_respecting and known.traits.deterministic and known.source == "a book"


@pytest.mark.parametrize(
    ("solve", "words"),
    [
        (len, "len(obj) is neither solve(fun, x0) nor solve(fun, jac, x0)"),
        (lambda a, b, c, d: 0, "(a, b, c, d) is neither"),
        (lambda: 0, "wrap it in one"),
        (17, "cannot be found out"),
        (dict, "cannot be found out"),
    ],
)
def test_a_callable_of_another_form_gets_one_line(solve, words):
    with pytest.raises(InputError) as caught:
        outside(solve)
    assert words in str(caught.value) and "\n" not in str(caught.value)


def asks_once(then):
    """Asks, and does something with the answer."""

    def solve(fun, x0):
        return then(fun(x0))

    return outside(solve)


@pytest.mark.parametrize(
    ("method", "status", "words"),
    [
        (outside(lambda fun, x0: x0, name="lazy"), Status.FAILED, "lazy returned without having asked"),
        (asks_once(lambda answer: "garbage"), Status.RETURNED, "solve returned something that cannot be measured"),
        (asks_once(lambda answer: np.full(3, np.nan)), Status.RETURNED, "the point has the entry nan"),
        (asks_once(lambda answer: {"x": 1}), Status.RETURNED, "cannot be measured"),
        (asks_once(lambda answer: None), Status.RETURNED, ""),
        (asks_once(lambda answer: 1 / 0), Status.FAILED, "solve raised ZeroDivisionError: division by zero (line "),
        (outside(lambda fun, x0: fun("here")), Status.FAILED, "must hold real numbers"),
        (outside(lambda fun, x0: fun(x0[:2])), Status.FAILED, "has the shape (2,), expected (3,)"),
        (outside(lambda fun, x0: fun(np.stack([x0, x0]))), Status.FAILED, "has the shape (2, 3), expected (3,)"),
        (outside(lambda fun, x0: fun(x0, 2)), Status.FAILED, "takes 1 positional argument but 2 were given"),
    ],
)  # fmt: skip
def test_what_a_callable_does_wrong_gets_one_line(method, status, words):
    outcome = run(method, BOWL, target=1e-3)
    assert outcome.status is status and words in outcome.message and "\n" not in outcome.message
    assert not outcome.met
    assert "ZeroDivision" not in outcome.message or "of test_outside.py)" in outcome.message


@pytest.mark.parametrize("kind", [Exception, BaseException])
@pytest.mark.parametrize("form", ["joint", "apart"])
def test_a_callable_that_swallows_what_a_closed_oracle_raises_is_ended(kind, form):
    threads = threading.active_count()

    def joint(fun, x0):
        while True:
            with contextlib.suppress(kind):
                fun(x0)

    def apart(fun, jac, x0):
        while True:
            try:
                fun(x0), jac(x0)
            except kind:
                continue

    outcome = run(outside(joint if form == "joint" else apart), BOWL, target=1e-3, max_queries=5)
    assert outcome.status is Status.BUDGET and outcome.queries == 5
    time.sleep(0.1)  # nothing is still on its way
    assert threading.active_count() <= threads


def test_one_that_takes_stop_for_a_failed_step_and_returns_has_met_the_target():
    def careful(fun, x0):
        x = x0
        for _ in range(10_000):
            try:
                x = x - 0.5 * fun(x)[1]
            except Exception:
                break
        return x

    outcome = run(outside(careful), BOWL, target=1e-3)
    assert outcome.status is Status.TARGET and outcome.met and outcome.returned.merit <= 1e-3

    def wrapping(fun, x0):
        try:
            return descent(fun, x0)
        except Exception as error:
            raise RuntimeError("the callback failed") from error

    outcome = run(outside(wrapping), BOWL, target=1e-3)
    assert outcome.status is Status.TARGET and outcome.message == ""


def test_the_time_limit_ends_one_that_asks_nothing_more():
    def idle(fun, x0):
        fun(x0)
        while True:
            with contextlib.suppress(BaseException):
                time.sleep(0.01)

    outcome = run(outside(idle), BOWL, target=1e-3, max_seconds=0.2)
    assert outcome.status is Status.TIMEOUT and outcome.queries == 1


FILE = '''
from scipy import optimize
from algorithms import outside

def walk(fun, x0, *, step: float = 0.5):
    """A walk."""
    x = x0
    while True:
        x = x - step * fun(x)[1]

def twice(fun, jac, x0):
    return optimize.fmin_bfgs(fun, x0, jac, gtol=0.0, disp=False)

short = outside(lambda fun, x0: walk(fun, x0))
theirs = outside(optimize.minimize)
'''


def test_they_are_found_in_a_file_and_by_other_processes(tmp_path):
    file = tmp_path / "their_methods.py"
    file.write_text(FILE)
    numbers = {"length": 6, "first_link": 1.0}
    for name in ("walk", "twice", "short", "theirs"):
        record = method_of(f"{file}:{name}")
        assert record.name == {"theirs": "minimize"}.get(name, name)
        parameters = {"step": 1 / 152} if name == "walk" else {}
        spec = f"{file}:{name}"
        row = perform(Case("carmon_chain", spec, numbers, parameters, targets=1.0, max_queries=5000), seed=0)
        assert row["status"] in ("target", "budget") and row["queries"] > 5, row["message"]
    with pytest.raises(InputError, match="defines several: walk, twice, short, theirs"):
        method_of(str(file))
    assert spec_of(outside(descent)) == f"{__file__}:descent"
    with pytest.raises(InputError, match="define it in a file"):
        spec_of(outside(lambda fun, x0: x0))
