"""What the tests share: small instances, and an oracle without the machinery around it."""

import os
import signal

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import pytest

from experiments import runner
from oracles import ALGORITHMS, ExactModel, Ledger, Oracle, Referee, from_callable

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job starts with interrupts ignored


@pytest.fixture
def bowl():
    """|x|^2 / 2 in the plane, from a plain Python function."""
    return from_callable(lambda x: (0.5 * x @ x, x.copy()), start=[3.0, 4.0], name="bowl", smoothness=1.0, gap=12.5)


@pytest.fixture
def open_oracle():
    """A function that opens an oracle on an instance and returns it with its ledger."""

    def build(instance, *, targets=(1e-9,), max_queries=None, max_rounds=None, width=None, **options):
        ledger = Ledger(tuple(targets), max_queries, max_rounds)
        return Oracle(Referee(ExactModel(instance, width=width), ledger, goal=instance.goal, **options)), ledger

    return build


@pytest.fixture
def rng():
    return np.random.default_rng(12345)


FEW = ("gradient_descent", "batched_step_search", "sgd", "gft")
ONE_PER_METHOD = (
    "test_runs_repeat",
    "test_budgets_are_exact",
    "test_no_upper_bound_is_exceeded",
    "test_no_zero_respecting_method_beats_the_chain",
    "test_no_method_beats_a_lower_bound_of_its_class",
    "test_a_run_returns_all_its_memory",
    "test_no_guarantee_is_exceeded",
    "test_the_mean_count_is_below_its_bound",
    "test_the_mean_count_of_components_is_below_its_bound",
    "test_both_engines_draw_the_same",
    "test_both_engines_go_the_same_way_to_the_last_bit",
    "test_no_deterministic_method_is_stationary_in_as_many_rounds_as_links",
)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Tests that run each method at length: quick for a few that stand for all, slow for the others."""
    for item in items:
        name, _, case = item.name.partition("[")
        if name in ONE_PER_METHOD and not set(FEW) & set(case.rstrip("]").split("-")):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: "test_docs" not in item.nodeid)  # the longest file first: no core waits


@pytest.fixture(autouse=True)
def quick_tests_compile_few_methods(request, monkeypatch):
    """Where a quick test leaves the engine open, a method runs in Python: to compile it takes longer than its run.

    The counts are the same, which `test_every_method_on_every_fourth_small_instance` holds for each.
    """
    if request.node.get_closest_marker("slow") or request.node.nodeid.startswith("tests/experiments/"):
        return
    open_choice = runner._session

    def session(engine, method, *rest):
        quick = method.name in ALGORITHMS and method.name not in FEW and ":" not in method.name
        return open_choice("python" if engine == "auto" and quick else engine, method, *rest)

    monkeypatch.setattr(runner, "_session", session)
