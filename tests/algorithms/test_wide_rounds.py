"""Ten million queries in one round: their memory, and whether both cores work."""

import json
import os
import subprocess
import sys

import pytest

from oracles.threads import threads

GIGABYTE = 10**9

# Processor time is compared with that of the main thread, not with wall time, which other processes lengthen; where
# there are none, and the main thread hardly waits, the two are the same.
ONE_ROUND = """
import json, resource, statistics, sys, time
from algorithms import grid_search
from experiments import run
from hardinstances import hidden_staircase

instance = hidden_staircase(cells=7)
run(grid_search, instance, target=1e-2, max_queries=None)  # compiles
busy = []
for _ in range(3):
    together, alone = time.process_time(), time.thread_time()
    outcome = run(grid_search, instance, target=2.2e-4, max_queries=None)
    busy.append((time.process_time() - together) / (time.thread_time() - alone))
unit = 1 if sys.platform == "darwin" else 1024
memory = unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([outcome.queries, outcome.rounds, outcome.met, memory, statistics.median(busy)]))
"""


@pytest.mark.slow
@pytest.mark.skipif(threads() < 2, reason="one core")
def test_ten_million_queries_in_one_round_stay_under_two_gigabytes_and_use_both_cores():
    pytest.importorskip("resource")
    done = subprocess.run([sys.executable, "-c", ONE_ROUND], check=True, capture_output=True, env=os.environ)
    queries, rounds, met, memory, busy = json.loads(done.stdout)
    assert queries >= 10**7 and rounds == 1 and met
    assert memory < 2 * GIGABYTE
    assert busy > 1.06, f"processor time of all threads over that of the main one: {busy:.3f}"
