"""Wide rounds over several threads: the rows of a batch are independent, and kernels run without the interpreter lock.

The threads are Python's. They wait without spinning, live in any process, and take some 50 microseconds to wake, so
that only rounds of `WIDE` entries or more are spread.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import pairwise
from typing import Any

from oracles.errors import InputError

WIDE = 100_000  # entries K d of a round from which threads pay

_limits: list[int] = []


def threads() -> int:
    """How many threads a wide round may take: ``$TESTBED_THREADS``, or the cores that this process may use."""
    return _limits[-1] if _limits else _of_the_machine()


@cache
def _of_the_machine() -> int:
    given = os.environ.get("TESTBED_THREADS")
    if given is None:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not given.isdecimal() or int(given) < 1:
        raise InputError(f"TESTBED_THREADS must be a whole number of at least 1, got {given!r}")
    return int(given)


@contextmanager
def thread_limit(most: int) -> Iterator[None]:
    """While open, wide rounds take at most this many threads."""
    _limits.append(most)
    try:
        yield
    finally:
        _limits.pop()


def spread(rows: int, entries: int, work: Callable[[int, int], None]) -> None:
    """Do `work(first, last)` on parts of range(rows) that cover it; `entries`: the numbers of the whole round."""
    parts = min(threads(), rows) if entries >= WIDE else 1
    edges = [rows * part // parts for part in range(parts + 1)]
    others = [_pool().submit(work, *ends) for ends in pairwise(edges[1:])]
    work(0, edges[1])
    for other in others:
        other.result()


@cache
def _pool() -> Any:
    from concurrent.futures import ThreadPoolExecutor  # slow to import, and seldom needed

    return ThreadPoolExecutor(max(_of_the_machine(), threads()), "wide-round")


if hasattr(os, "register_at_fork"):  # a child has none of its parent's threads
    os.register_at_fork(after_in_child=_pool.cache_clear)
