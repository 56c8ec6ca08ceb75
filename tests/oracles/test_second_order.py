"""Hessians, their products, and samples: counted apart, and the same in both engines."""

import numpy as np
import pytest

from experiments import run
from hardinstances import nesterov_chain, quadratic, sawtooth
from oracles import ExactModel, InputError, Ledger, Oracle, Referee, Status, algorithm, from_callable
from oracles.errors import AnswerError, Stop
from oracles.reductions import band_times, matrix_of

BOWL = nesterov_chain(length=6)


def open_oracle(instance, **limits):
    ledger = Ledger((1e-100,), **limits)
    return Oracle(Referee(ExactModel(instance), ledger)), ledger


@pytest.mark.parametrize("width", [0, 1, 2, 4])
def test_bands_are_symmetric_matrices(width, rng):
    band = rng.standard_normal((width + 1, 5))
    for k in range(1, width + 1):
        band[k, 5 - k :] = 0.0
    matrix = sum(np.diag(band[k, : 5 - k], -k) for k in range(width + 1))
    matrix = np.tril(matrix) + np.tril(matrix, -1).T
    vector = rng.standard_normal(5)
    assert np.array_equal(matrix_of(band), matrix)
    assert band_times(band, vector) == pytest.approx(matrix @ vector, rel=1e-13)


def test_every_order_is_counted_apart():
    oracle, ledger = open_oracle(BOWL)
    A = (2 * np.eye(6) - np.eye(6, k=1) - np.eye(6, k=-1)) / 4
    x = np.arange(6.0)
    assert oracle.hessian(x) == pytest.approx(A)
    assert oracle.hessian_band(x).shape == (2, 6)
    assert oracle.hessian_vector(x, x) == pytest.approx(A @ x)
    value, gradient, hessian = oracle.value_gradient_hessian(x)
    assert hessian == pytest.approx(A) and gradient == pytest.approx(oracle.gradient(x)) and value == oracle.value(x)
    assert (ledger.queries, ledger.rounds) == (6, 6)
    assert (ledger.value_queries, ledger.gradient_queries) == (2, 2)
    assert (ledger.hessian_queries, ledger.product_queries) == (3, 1)


def test_a_hessian_alone_cannot_meet_a_target():
    ledger = Ledger((1e9,))
    oracle = Oracle(Referee(ExactModel(BOWL), ledger))
    oracle.hessian(np.zeros(6))
    oracle.hessian_vector(np.zeros(6), np.ones(6))
    assert ledger.closed is None
    oracle.value_gradient_hessian(np.zeros(6))
    assert ledger.closed is Status.TARGET and ledger.hits[0].query == 3


def test_a_budget_refuses_hessians_too():
    oracle, ledger = open_oracle(BOWL, max_queries=1)
    oracle.hessian(np.zeros(6))
    for ask in (oracle.hessian, oracle.value_gradient_hessian, lambda x: oracle.hessian_vector(x, x)):
        with pytest.raises(Stop):
            ask(np.zeros(6))
    assert ledger.queries == ledger.hessian_queries == 1 and ledger.closed is Status.BUDGET


def test_bad_input_is_named():
    oracle, ledger = open_oracle(BOWL)
    for ask, words in (
        (lambda: oracle.hessian(np.zeros(5)), "the point has the shape"),
        (lambda: oracle.hessian_vector(np.zeros(6), np.zeros(5)), "the vector has the shape"),
        (lambda: oracle.hessian_vector(np.zeros(6), np.full(6, np.nan)), "the vector has the entry nan at index"),
        (lambda: oracle.query(np.zeros((2, 6)), samples=[1]), "samples must be 2 whole numbers"),
        (lambda: oracle.query(np.zeros((2, 6)), samples=[0.5, 1.0]), "samples must be 2 whole numbers"),
        (lambda: oracle.gradient(np.zeros(6), sample=-1), "samples must be from 0 on, got -1"),
    ):
        with pytest.raises(InputError, match=words):
            ask()
    assert ledger.queries == 0 and ledger.closed is None
    tooth, _ = open_oracle(sawtooth(steps=3))
    with pytest.raises(InputError, match="this oracle has no Hessians"):
        tooth.hessian(np.zeros(1))


@pytest.mark.parametrize(
    ("hess", "words"),
    [
        (lambda x: np.ones((2, 3)), "has the shape"),
        (lambda x: np.array([[0.0, 1.0], [2.0, 0.0]]), "is not symmetric"),
        (lambda x: np.full((2, 2), np.inf), "is not finite"),
        (lambda x: 1 / 0, "hess raised ZeroDivisionError"),
    ],
)
def test_a_bad_hessian_of_a_users_fails_the_run(hess, words):
    instance = from_callable(lambda x: (float(x @ x), 2 * x), hess=hess, start=np.ones(2))
    oracle, ledger = open_oracle(instance)
    with pytest.raises(AnswerError, match=words):
        oracle.hessian(np.ones(2))
    assert ledger.closed is Status.FAILED and ledger.queries == 0


# Both engines.


@algorithm(source="textbook", order=2)
def newton(oracle, x0):
    """Newton's method, asking in every way."""
    x = x0
    while True:
        _, gradient, hessian = oracle.value_gradient_hessian(x)
        step = np.linalg.solve(hessian, gradient)
        band = oracle.hessian_band(x)
        product = oracle.hessian_vector(x, step)
        x = x - 0.5 * step - 1e-3 * (product - gradient) * band[0]
        if oracle.hessian(x)[0, 0] != band[0, 0]:
            return x


@pytest.mark.parametrize("instance", [BOWL, quadratic(dimension=4)], ids=lambda instance: instance.name)
@pytest.mark.parametrize("trace", [0, 64])
def test_both_engines_count_the_same(instance, trace):
    for limits in ({"max_queries": 200}, {"max_queries": 7}, {"max_queries": 6}, {"max_rounds": 5}):
        compiled, python = (
            run(newton, instance, target=1e-9, engine=engine, trace=trace, **limits)
            for engine in ("compiled", "python")
        )
        for name in (
            "queries", "rounds", "value_queries", "gradient_queries", "hessian_queries", "product_queries", "status",
            "message",
        ):  # fmt: skip
            assert getattr(compiled, name) == getattr(python, name), name
        assert [hit.query for hit in compiled.hits] == [hit.query for hit in python.hits]
        assert compiled.best_merit == pytest.approx(python.best_merit, rel=1e-6)
        if trace:
            assert [step[:4] for step in compiled.trace.steps] == [step[:4] for step in python.trace.steps]


def asks_nonsense(oracle, x0, *, what: int):
    if what == 0:
        oracle.hessian(x0[:2])
    elif what == 1:
        oracle.hessian_vector(x0, x0[:2])
    elif what == 2:
        oracle.hessian_vector(x0, np.full(x0.size, np.nan))
    elif what == 3:
        oracle.gradient(x0, sample=-3)
    elif what == 4:
        oracle.gradients(np.zeros((2, x0.size)), samples=np.arange(3))
    elif what == 5:
        oracle.value_gradient_hessian(np.full(x0.size, np.inf))
    while True:
        oracle.value(x0)


@pytest.mark.parametrize("what", range(6))
def test_nonsense_gets_the_same_line_in_both_engines(what):
    lines = {
        run(asks_nonsense, BOWL, target=1e-9, parameters={"what": what}, engine=engine, max_queries=5).message
        for engine in ("compiled", "python")
    }
    assert len(lines) == 1 and lines != {""}


def test_an_instance_without_hessians_says_so_in_both_engines():
    runs = [run(newton, sawtooth(steps=3), target=1e-9, engine=engine) for engine in ("compiled", "python")]
    assert {(one.status, one.message, one.queries) for one in runs} == {
        (Status.FAILED, "this oracle has no Hessians", 0)
    }


def test_a_users_hessian_keeps_the_method_in_python():
    instance = from_callable(lambda x: (float(x @ x), 2 * x), hess=lambda x: 2 * np.eye(2), start=np.ones(2))
    outcome = run(newton, instance, target=1e-9)
    assert outcome.met and outcome.engine == "python"
