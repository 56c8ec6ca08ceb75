"""What the tests share: small instances, and an oracle without the machinery around it."""

import os
import signal

os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import pytest

from oracles import ExactModel, Ledger, Oracle, Referee, from_callable

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
