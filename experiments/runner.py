"""Run a method on an instance."""

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike

from experiments.binding import bind, known_of_answers, tags_of_answers
from experiments.guard import Guard, closing_on_interrupt
from experiments.results import Run
from oracles import (
    MODELS,
    Algorithm,
    Array,
    Exhausted,
    Goal,
    InputError,
    Instance,
    Ledger,
    Measured,
    Model,
    Oracle,
    OracleModel,
    Referee,
    Refused,
    Status,
    Stop,
    Trace,
    record_of,
)
from oracles.arrays import check_finite, real_array
from oracles.engine import Session
from oracles.goals import checked_targets, judged_by_squares
from oracles.referee import Watch
from oracles.registry import model_of_callable
from oracles.rewriting import NotCompilable
from oracles.threads import threads

ENGINES = ("auto", "compiled", "python")
DEFAULT_BUDGET = 1_000_000  # queries


def run(
    method: Callable[..., Any] | Algorithm,
    instance: Instance,
    *,
    target: float | Sequence[float] | None = None,
    parameters: Mapping[str, Any] | None = None,
    width: int | None = None,
    max_queries: int | None = DEFAULT_BUDGET,
    max_rounds: int | None = None,
    max_seconds: float | None = None,
    start: ArrayLike | None = None,
    goal: Goal | None = None,
    model: Callable[..., Model] | OracleModel | str = "exact",
    model_parameters: Mapping[str, Any] | None = None,
    observe: Watch = "powers",
    engine: str = "auto",
    seed: int = 0,
    trace: int | bool = False,
) -> Run:
    """Run `method(oracle, x0, *, numbers...)` on `instance` until the smallest target is met or a budget is spent.

    target: epsilon, or several; by default the one that the instance speaks of. All are counted in one run, unless
        the method itself takes `target`: then it is run once for each.
    parameters: the method's numbers; those not given come from the instance's claims, else from its defaults.
    width: the most queries per round; also the method's `width` if it has one.
    max_queries, max_rounds, max_seconds: budgets; the first two are exact. None: no limit.
    start: x0 in place of the instance's. goal: in place of the instance's, epsilon-stationarity by default.
    model: who answers: a registered name, or `make(instance, width, rng, **parameters) -> Model`; by default the exact
        function. model_parameters: its numbers.
    observe: when the answers are not exact, the rounds whose points the observer judges on the true function: "powers"
        (1, 2, 4, 8, ..) or "all".
    engine: "python" runs the method as it stands; "compiled" runs it as machine code, or says why it cannot; "auto" is
        compiled where method and oracle can be. The counts are the same.
    seed: of the generator for methods that take `rng`.
    trace: True, or the number of rounds to keep.

    Errors: `InputError` for bad input, before anything is asked. Whatever happens later ends in the run's status.
    """
    record = record_of(method)
    threads()  # refuses a number in the environment that is none
    kind = MODELS[model] if isinstance(model, str) else model_of_callable(model)
    if observe not in get_args(Watch):
        raise InputError(f"observe must be one of {', '.join(get_args(Watch))}, got {observe!r}")
    if engine not in ENGINES:
        raise InputError(f"engine must be one of {', '.join(ENGINES)}, got {engine!r}")
    if target is None and instance.target is None:
        raise InputError(f"give a target: {instance.name} has none of its own")
    targets = checked_targets(target if target is not None else instance.target)  # type: ignore[arg-type]
    given = dict(parameters or {})
    width = _one_width(width, given, record)
    for name, limit in (("max_queries", max_queries), ("max_rounds", max_rounds)):
        if limit is not None and not (_is_whole(limit) and limit > 0):
            raise InputError(f"{name} must be positive and whole, got {limit!r}")
    if max_seconds is not None and not max_seconds > 0:
        raise InputError(f"max_seconds must be positive, got {max_seconds}")
    if not (_is_whole(seed) and seed >= 0):
        raise InputError(f"seed must be a whole number from 0 on, got {seed!r}")
    if trace is not True and not (_is_whole(trace) and trace >= 0):
        raise InputError(f"trace must be True or a number of rounds, got {trace!r}")

    def once(targets: tuple[float, ...]) -> Run:
        answers = kind.model(instance, width, oracle_generator(seed), model_parameters or {})
        return _run_once(
            record,
            instance,
            _start(instance, answers, start),
            bind(record, instance, given, target=targets[-1], width=width, seed=seed, model=answers),
            answers,
            kind.name,
            Ledger(targets, max_queries, max_rounds),
            goal or instance.goal,
            Trace(limit=4096 if trace is True else int(trace)) if trace else None,
            observe,
            max_seconds,
            seed,
            engine,
        )

    if "target" not in record.numbers or "target" in given or len(targets) == 1:
        return once(targets)
    parts: list[Run] = []
    for each in targets:
        parts.append(once((each,)))
        if parts[-1].status in (Status.FAILED, Status.INTERRUPTED):
            break
    hits = tuple(hit for part in parts for hit in part.hits)
    return Run(**{**vars(parts[-1]), "targets": targets, "hits": hits, "parts": tuple(parts)})


def oracle_generator(seed: int) -> np.random.Generator:
    """What a model draws from: independent of what the method draws from, `default_rng(seed)`."""
    return np.random.default_rng(np.random.SeedSequence(seed).spawn(1)[0])


def compile_ahead(
    method: Callable[..., Any] | Algorithm,
    instance: Instance,
    *,
    target: float | Sequence[float] | None = None,
    parameters: Mapping[str, Any] | None = None,
    width: int | None = None,
    model: Callable[..., Model] | OracleModel | str = "exact",
    model_parameters: Mapping[str, Any] | None = None,
    engine: str = "auto",
) -> None:
    """Put into the code cache what `run` with the same arguments would compile; nothing is asked."""
    record, given = record_of(method), dict(parameters or {})
    kind = MODELS[model] if isinstance(model, str) else model_of_callable(model)
    targets = checked_targets(target if target is not None else instance.target or 1.0)
    width = _one_width(width, given, record)
    answers = kind.model(instance, width, oracle_generator(0), model_parameters or {})
    numbers = bind(record, instance, given, target=targets[-1], width=width, seed=0, model=answers)
    referee = Referee(answers, Ledger(targets), goal=instance.goal)
    _session(engine, record, referee, instance.start.copy(), numbers)


def _is_whole(number: object) -> bool:
    return isinstance(number, int | np.integer)


def _one_width(width: int | None, given: dict[str, Any], record: Algorithm) -> int | None:
    """The width of the model: the run's, or the number `width` that the method was given."""
    if "width" in given and "width" in record.numbers:
        try:
            chosen = int(given["width"])
        except (TypeError, ValueError):
            raise InputError(f"width must be a whole number, got {given['width']!r}") from None
        if width is not None and width != chosen:
            raise InputError(f"width is given twice, as {width} and as {chosen}")
        width = chosen
    if width is not None and not (_is_whole(width) and width >= 1):
        raise InputError(f"width must be at least 1 and whole, got {width!r}")
    return width


def _start(instance: Instance, model: Model, start: ArrayLike | None) -> Array:
    """x0: the one that was given, else the model's, else the instance's; in the space that the method sees."""
    if start is None:
        return (instance.start if model.start is None else model.start).copy()
    point = real_array(start, "start")
    if point.shape != (model.dimension,):
        raise InputError(f"start has the shape {point.shape}, expected ({model.dimension},)")
    check_finite(point, "start")
    return point


def _run_once(
    method: Algorithm,
    instance: Instance,
    x0: Array,
    numbers: dict[str, Any],
    model: Model,
    model_name: str,
    ledger: Ledger,
    goal: Goal,
    trace: Trace | None,
    observe: Watch,
    max_seconds: float | None,
    seed: int,
    engine: str,
) -> Run:
    """One run on the engine that was asked for, or on the best that there is."""
    guard = Guard(ledger, max_seconds)
    referee = Referee(
        model,
        ledger,
        goal=goal,
        trace=trace,
        progress=model.progress or instance.progress,
        on_refusal=guard.insist,
        observe=observe,
    )
    session, reason = _session(engine, method, referee, x0, numbers)
    began = time.perf_counter()
    if session is not None:
        session.run(max_seconds)
        result = session.returned
        ledger.close(Status.RETURNED)
    else:
        result = _in_python(method, referee, x0, numbers, guard)
    seconds = time.perf_counter() - began
    status = ledger.closed or Status.FAILED
    returned, message = _measure_returned(referee, result, method)
    return Run(
        instance=instance.name,
        method=method.name,
        model=model_name,
        engine="python" if session is None else "compiled",
        engine_reason=reason,
        status=status,
        message=ledger.message or (message if status is Status.RETURNED else ""),
        targets=ledger.targets,
        queries=ledger.queries,
        value_queries=ledger.value_queries,
        gradient_queries=ledger.gradient_queries,
        hessian_queries=ledger.hessian_queries,
        product_queries=ledger.product_queries,
        rounds=ledger.rounds,
        width=ledger.widest,
        dimension=model.dimension,
        observed=ledger.observed,
        best_merit=ledger.best_merit,
        hits=tuple(ledger.hits),
        returned=returned,
        proposed=referee.proposed[-1] if referee.proposed else None,
        found=None if ledger.hit_point is None else tuple(map(float, ledger.hit_point)),
        numbers=numbers,
        answers=known_of_answers(instance, model),
        answer_tags=tags_of_answers(instance, model),
        bounds=model.bounds,
        report=model.report(),
        seed=seed,
        seconds=seconds,
        trace=trace,
    )


def _session(
    engine: str,
    method: Algorithm,
    referee: Referee,
    x0: Array,
    numbers: dict[str, Any],
) -> tuple[Session | None, str]:
    """The compiled run, ready to start, or None; and why."""
    if engine == "python":
        return None, "asked for"
    door = referee.model.door()
    if engine == "auto" and door is None:
        return None, "the oracle answers from Python"
    if engine == "auto" and not judged_by_squares(referee.goal):
        return None, f"the goal {referee.goal.name} is judged in Python"
    if engine == "auto" and method.traits.order > 1 and not (door and door.hessian):
        return None, "the oracle's Hessians come from Python"
    try:
        session = Session(method.function, referee)
        session.prepare(x0, list(numbers.values()))
    except NotCompilable as error:
        if engine == "compiled":
            raise InputError(f"{method.name} cannot run compiled: {error}") from None
        return None, f"{method.name} cannot run compiled: {error}"
    return session, "method and oracle are machine code" if engine == "auto" else "asked for"


def _in_python(method: Algorithm, referee: Referee, x0: Array, numbers: dict[str, Any], guard: Guard) -> Any:
    """The Python engine: the method as it stands. What it raises ends in the ledger."""
    ledger = referee.ledger
    try:
        with closing_on_interrupt(ledger), guard, np.errstate(all="ignore"):
            result = method.function(Oracle(referee), x0, **numbers)
        ledger.close(Status.RETURNED)
        return result
    except (Stop, Refused) as error:
        ledger.close(Status.FAILED, f"the method raised {type(error).__name__} while the oracle was open")
    except KeyboardInterrupt:
        ledger.close(Status.INTERRUPTED)
    except InputError as error:
        ledger.close(Status.FAILED, str(error))
    except (Exception, SystemExit) as error:
        ledger.close(Status.FAILED, _one_line(error, method))
    return None


def _measure_returned(referee: Referee, result: Any, method: Algorithm) -> tuple[Measured | None, str]:
    """The point that a method returned (itself, or as `x` of a result with a `message`), seen by the observer."""
    message = " ".join(str(getattr(result, "message", "")).split())
    point = getattr(result, "x", result)
    if point is None:
        return None, message
    try:
        return referee.observe(point), message
    except (ValueError, RuntimeError, Exhausted) as error:
        return None, f"{method.name} returned something that cannot be measured: {error}"


def _one_line(error: BaseException, method: Algorithm) -> str:
    """What a method raised and where in its own file, in one line."""
    own = getattr(method.function, "solve", method.function)  # what `algorithms.outside` made a method of
    file = getattr(getattr(own, "__code__", None), "co_filename", None)
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
    where = f" (line {frames[-1].lineno} of {Path(frames[-1].filename).name})" if frames else ""
    return f"{method.name} raised {type(error).__name__}: {' '.join(str(error).split())}{where}"
