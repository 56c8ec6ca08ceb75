"""Run many cases: on the cores of one machine, resumable, each result stored the moment it is there."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from threadpoolctl import ThreadpoolController

from experiments.case import Case, compile_case, perform
from experiments.store import Store
from oracles import InputError, Status
from oracles.threads import thread_limit


class SweepError(RuntimeError):
    """The sweep ended early; finished cases are stored."""


def sweep(
    study: str,
    cases: Sequence[Case],
    store: Store,
    *,
    seed: int = 0,
    workers: int = 1,
    retry_failed: bool = False,
    progress: bool = True,
) -> list[dict[str, Any]]:
    """Run those of `cases` that the store does not hold yet, and return the results of all, in order.

    workers: processes; 1 runs in this one. retry_failed: run stored cases of status "failed" again.
    An interrupted case is not stored; everything that has finished is.
    """
    if workers < 1:
        raise InputError(f"workers must be at least 1, got {workers}")
    keys = [case.key(study, seed) for case in cases]
    done = store.results(keys)
    again = {key for key, result in done.items() if retry_failed and result["status"] == Status.FAILED}
    pending = {key: case for key, case in zip(keys, cases, strict=True) if key not in done or key in again}
    if pending:
        with store.writing() as writer, _bar(progress, study, len(keys), len(keys) - len(pending)) as advance:
            for key, result in _outcomes(study, seed, pending, min(workers, len(pending))):
                if result["status"] == Status.INTERRUPTED:
                    raise KeyboardInterrupt
                writer.add(key, study, result)
                done[key] = result
                advance()
    return [done[key] for key in keys]


def _outcomes(study: str, seed: int, pending: dict[str, Case], workers: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Results as they come."""
    tasks = [(key, case, case.seed(study, seed)) for key, case in pending.items()]
    if workers == 1:
        yield from (_task(*task) for task in tasks)
        return
    _warm(list(pending.values()))
    pool = joblib.Parallel(n_jobs=workers, backend="loky", return_as="generator_unordered", batch_size=1)
    try:
        yield from pool(joblib.delayed(_task)(*task) for task in tasks)
    except TerminatedWorkerError:
        raise SweepError("a worker process was killed; finished cases are stored, run again to go on") from None


def _task(key: str, case: Case, seed: int) -> tuple[str, dict[str, Any]]:
    """One case in one thread: the cases are what runs in parallel."""
    with _pools(len(sys.modules)).limit(limits=1), thread_limit(1):
        return key, perform(case, seed)


@lru_cache(1)
def _pools(modules: int) -> ThreadpoolController:
    """The thread pools of the libraries that are loaded; looking for them is slow, so only after new imports."""
    return ThreadpoolController()


def _warm(cases: Sequence[Case]) -> None:
    """Compile every kernel and every method once, here, so that the workers find them in the cache."""
    seen = set()
    for case in cases:
        kinds = tuple((name, type(number)) for name, number in sorted(case.method_parameters.items()))
        if (what := (case.instance, case.method, case.model, case.width is None, case.engine, kinds)) not in seen:
            seen.add(what)
            with suppress(Exception):  # the case itself will say what is wrong
                compile_case(case)


@contextmanager
def _bar(wanted: bool, name: str, total: int, completed: int) -> Iterator[Callable[[], None]]:
    """A progress bar on standard error; silent where it is not wanted or not a terminal."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not (wanted and console.is_terminal)) as progress:
        task = progress.add_task(name, total=total, completed=completed)
        yield lambda: progress.advance(task)
