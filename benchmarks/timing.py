"""Side-by-side timing on a noisy machine: candidates take turns, and each is judged by its best turn."""

import time
from collections.abc import Callable, Mapping

TURNS = 15
TURN_SECONDS = 0.02


def side_by_side(candidates: Mapping[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds per call of each candidate, by name: the minimum over turns that alternate between them."""
    repeats = {name: _repeats(call) for name, call in candidates.items()}
    best = dict.fromkeys(candidates, float("inf"))
    for _ in range(TURNS):
        for name, call in candidates.items():
            began = time.perf_counter()
            for _ in range(repeats[name]):
                call()
            best[name] = min(best[name], (time.perf_counter() - began) / repeats[name])
    return best


def _repeats(call: Callable[[], object]) -> int:
    """How often to call in one turn."""
    call()
    count = 1
    while True:
        began = time.perf_counter()
        for _ in range(count):
            call()
        if (spent := time.perf_counter() - began) > TURN_SECONDS / 4:
            return max(1, int(count * TURN_SECONDS / spent))
        count *= 2
