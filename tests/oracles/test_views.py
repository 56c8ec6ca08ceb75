"""The oracle seen otherwise, and helpers that ask: the same in both engines, with every query counted."""

import numpy as np
import pytest
from numba.core.runtime import _nrt_python, rtsys

from experiments import run
from hardinstances import carmon_chain, cosine_mixture, quadratic
from oracles import InputError, Status, asking, norm, on_line, on_subspace, regularised

MIXTURE = cosine_mixture(dimension=5, seed=3)
BASIS = np.linalg.qr(np.random.default_rng(1).standard_normal((5, 5)))[0][:2].copy()
CENTRE = np.array([1.0, -2.0, 0.5, 0.0, 3.0])


def plain(x):
    return MIXTURE.function.evaluate_one(x, True, True)


def slope_by_differences(f, t, h=1e-5):
    return np.array([(f(t + h * e) - f(t - h * e)) / (2 * h) for e in np.eye(len(t))])


def test_f_with_a_quadratic_added(open_oracle, rng):
    oracle, ledger = open_oracle(MIXTURE)
    x = rng.standard_normal(5)
    value, gradient = regularised(oracle, x, CENTRE, 0.7)
    assert ledger.queries == ledger.rounds == 1
    assert value == pytest.approx(plain(x)[0] + 0.7 * np.sum((x - CENTRE) ** 2), rel=1e-14)

    def full(y):
        return plain(y)[0] + 0.7 * np.sum((y - CENTRE) ** 2)

    assert gradient == pytest.approx(slope_by_differences(full, x), abs=1e-8)


def test_f_on_a_line(open_oracle, rng):
    oracle, ledger = open_oracle(MIXTURE)
    x, direction = rng.standard_normal((2, 5))
    value, slope, point, gradient = on_line(oracle, x, direction, 0.3)
    assert ledger.queries == 1 and np.array_equal(point, x + 0.3 * direction)
    assert value == plain(point)[0] and np.array_equal(gradient, plain(point)[1])
    assert slope == pytest.approx(
        slope_by_differences(lambda t: plain(x + t[0] * direction)[0], np.array([0.3]))[0], abs=1e-8
    )


def test_f_on_a_subspace(open_oracle, rng):
    oracle, ledger = open_oracle(MIXTURE)
    t = rng.standard_normal(2)
    value, gradient = on_subspace(oracle, t, CENTRE, BASIS)
    assert ledger.queries == 1 and value == pytest.approx(plain(CENTRE + t @ BASIS)[0], rel=1e-13)
    assert gradient == pytest.approx(slope_by_differences(lambda s: plain(CENTRE + s @ BASIS)[0], t), abs=1e-8)


@asking
def descend(oracle, start, centre, weight, step, accuracy):
    """Gradient descent on the regularised function, in a helper with a loop in a loop."""
    x, steps = start.copy(), 0
    while steps < 100_000:
        for _ in range(3):
            value, gradient = regularised(oracle, x, centre, weight)
            steps += 1
            if norm(gradient) <= accuracy:
                return x, steps
            x = x - step * gradient
    return x, steps


def proximal_point(oracle, x0, *, smoothness: float):
    """x+ = argmin f(y) + L |y - x|^2, by gradient descent."""
    x = x0
    while True:
        x, steps = descend(oracle, x, x, smoothness, 1 / (3 * smoothness), 1e-3)


def test_a_nested_method_in_both_engines():
    for budget in (None, 1, 2, 3, 4, 7, 50):
        runs = [
            run(proximal_point, MIXTURE, target=1e-2, engine=engine, max_queries=budget or 10_000, trace=100_000)
            for engine in ("compiled", "python")
        ]
        assert runs[0].trace.steps == runs[1].trace.steps and runs[0].status is runs[1].status
        assert runs[0].queries == runs[1].queries and runs[0].hits == runs[1].hits
        assert runs[0].status is (Status.BUDGET if budget else Status.TARGET)


def test_a_helper_with_loops_returns_all_its_memory():
    options = {"target": 1e-9, "engine": "compiled"}
    instance = quadratic(dimension=100_000)
    _nrt_python.memsys_enable_stats()
    run(proximal_point, instance, max_queries=20, **options)
    before = rtsys.get_allocation_stats()
    for budget in (1, 2, 17, 40):
        assert run(proximal_point, instance, max_queries=budget, **options).status is Status.BUDGET
    after = rtsys.get_allocation_stats()
    assert after.alloc - before.alloc == after.free - before.free > 0


@asking
def careless(oracle, x):
    try:
        return oracle.value(x)
    except ValueError:
        return 0.0


def asks_carelessly(oracle, x0):
    while True:
        careless(oracle, x0)


def test_a_helper_that_cannot_be_compiled_says_so():
    assert run(asks_carelessly, MIXTURE, target=1e-9, max_queries=3).engine == "python"
    with pytest.raises(InputError, match="cannot run compiled") as caught:
        run(asks_carelessly, MIXTURE, target=1e-9, engine="compiled")
    assert "\n" not in str(caught.value) and "careless" in str(caught.value)


def on_a_plane(oracle, x0, *, smoothness: float):
    """Gradient descent in the plane of the first two coordinates."""
    basis = np.zeros((2, x0.size))
    basis[0, 0] = basis[1, 1] = 1.0
    t = np.zeros(2)
    while True:
        value, gradient = on_subspace(oracle, t, x0, basis)
        t = t - gradient / smoothness


def test_a_subspace_in_both_engines():
    chain = carmon_chain(length=3)
    runs = [
        run(on_a_plane, chain, target=1e-3, engine=engine, max_queries=500, trace=1000)
        for engine in ("compiled", "python")
    ]
    assert runs[0].trace.steps == runs[1].trace.steps
    assert all(outcome.status is Status.BUDGET for outcome in runs)
