"""Wide rounds over several threads give what one thread gives."""

import os
import threading

import numpy as np
import pytest

from experiments import run
from hardinstances import carmon_chain
from oracles import InputError
from oracles.kernels import answer_points
from oracles.threads import WIDE, _of_the_machine, spread, thread_limit, threads

CHAIN = carmon_chain(length=100)


@pytest.fixture
def wide(rng):
    return np.ascontiguousarray(rng.standard_normal((WIDE // 100 + 7, 100)))


@pytest.mark.parametrize("count", [1, 2, 3, 8])
def test_every_row_is_answered_once(count):
    done, lock = [], threading.Lock()

    def work(first, last):
        with lock:
            done.extend(range(first, last))

    with thread_limit(count):
        for rows in (1, 2, 5, 1000):
            done.clear()
            spread(rows, WIDE, work)
            assert sorted(done) == list(range(rows))


def test_a_narrow_round_stays_in_its_thread():
    seen = []
    with thread_limit(4):
        spread(10, WIDE - 1, lambda first, last: seen.append((first, last, threading.current_thread())))
    assert seen == [(0, 10, threading.current_thread())]


def test_the_answers_are_the_same_bit_for_bit(wide):
    answers = []
    for count in (1, 3):
        with thread_limit(count):
            answers.append(answer_points(CHAIN.function.kernel, wide, CHAIN.function.parameters))
    (values, gradients), (others, other_gradients) = answers
    assert np.array_equal(values, others) and np.array_equal(gradients, other_gradients)


def widely(oracle, x0, *, width: int):
    """Rounds of `width` points around the best so far."""
    x = x0.copy()
    points = np.empty((width, x.size))
    while True:
        for k in range(width):
            points[k] = x + k / width
        values, gradients = oracle.query(points)
        x = points[np.argmin(values)] - 1e-3 * gradients[0]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_both_engines_agree_over_threads(count):
    with thread_limit(count):
        runs = [run(widely, CHAIN, width=WIDE // 100, max_rounds=4, engine=each) for each in ("compiled", "python")]
    with thread_limit(1):
        runs.append(run(widely, CHAIN, width=WIDE // 100, max_rounds=4, engine="python"))
    assert len({(one.queries, one.rounds, one.best_merit, str(one.status)) for one in runs}) == 1


def test_the_number_of_threads(monkeypatch):
    _of_the_machine.cache_clear()
    monkeypatch.setenv("TESTBED_THREADS", "3")
    assert threads() == 3
    _of_the_machine.cache_clear()
    monkeypatch.setenv("TESTBED_THREADS", "none")
    with pytest.raises(InputError, match="TESTBED_THREADS must be a whole number of at least 1, got 'none'"):
        threads()
    _of_the_machine.cache_clear()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_makes_threads_of_its_own(wide):
    with thread_limit(2):
        before = answer_points(CHAIN.function.kernel, wide, CHAIN.function.parameters)[0]
        child = os.fork()
        if child == 0:
            after = answer_points(CHAIN.function.kernel, wide, CHAIN.function.parameters)[0]
            os._exit(0 if np.array_equal(before, after) else 1)
        assert os.waitpid(child, 0)[1] == 0
