"""Studies: a sentence that can fail, the cases that test it, and what to make of the results."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from experiments.case import Case
from experiments.figures import Panel
from experiments.growth import growth_panel, growth_table
from experiments.resolve import resolve
from experiments.tables import Table
from experiments.verdicts import Verdict, bounds_verdict, exponent_verdict, failures_verdict, worst_of
from oracles import InputError, Registry
from oracles.registry import nearest


def growth_tables(study: "Study", frame: pd.DataFrame) -> list[Table]:
    """One growth table."""
    return [growth_table(study.sentence, frame, study.x, study.y, study.exponent)]


def growth_verdict(study: "Study", frame: pd.DataFrame) -> Verdict:
    """Fails where a count contradicts a bound that covers it; then each method's exponent beside theory's."""
    growth = exponent_verdict(frame, study.x, study.y, study.exponent, study.tolerance)
    return worst_of(failures_verdict(frame), bounds_verdict(frame), growth)


def growth_panels(study: "Study", frame: pd.DataFrame) -> list[Panel]:
    """One log-log panel."""
    return [growth_panel(study.name, frame, study.x, study.y)]


@dataclass(frozen=True)
class Study:
    """One claim, tested.

    cases: `cases(quick)` yields the `Case`s, fewer when quick.
    x: the column of the frame that the counts are plotted against; y: "rounds" or "queries".
    exponent: theory's growth of y in x (in 1/x for x = "target"). tolerance: how far a fitted exponent may be off.
    tables, verdict, panels: what to make of the frame (see `frame_of`); by default a growth table, the bounds and
        exponents beside theory's, and a log-log plot.
    """

    name: str
    sentence: str
    cases: Callable[[bool], Iterable[Case]]
    x: str = "target"
    y: Literal["rounds", "queries"] = "rounds"
    exponent: float | None = None
    tolerance: float = 0.1
    tables: Callable[["Study", pd.DataFrame], list[Table]] = growth_tables
    verdict: Callable[["Study", pd.DataFrame], Verdict] = growth_verdict
    panels: Callable[["Study", pd.DataFrame], list[Panel]] = growth_panels
    seed: int = 0


RUN_COUNTS = ("value_queries", "gradient_queries", "hessian_queries", "product_queries")
COUNTS = ("rounds", "queries", "hit_query", "best_merit")

STUDIES: Registry[Study] = Registry("study")


def study_of(spec: str) -> Study:
    """The study that `spec` names: a registered one, or one in a user's file."""
    import experiments.studies  # noqa: F401  (registers the studies)

    return resolve(spec, STUDIES, lambda thing, name: thing if isinstance(thing, Study) else None)


def cases_of(study: Study, quick: bool) -> list[Case]:
    """The cases of a study; `InputError` where it yields something else, or nothing."""
    cases = list(study.cases(quick))
    for case in cases:
        if not isinstance(case, Case):
            raise InputError(f"the study {study.name} yielded {type(case).__name__}, not a Case")
    if not cases:
        raise InputError(f"the study {study.name} has no cases")
    side, _, name = study.x.partition(".")
    known = {key for case in cases for key in getattr(case, f"{side}_parameters", {})}
    if study.x != "target" and name not in known:
        hint = nearest(name, list(known))
        raise InputError(f"the study {study.name} has x = {study.x!r}, but no case has that parameter{hint}")
    return cases


def frame_of(results: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """One row for each case and target.

    Columns: label, repeat, instance, method, model, K (the width allowed, or the widest round), target, met, status,
    rounds, queries, hit_query, best_merit, the bounds (`lower_rounds`, `upper_queries`, .. with `_tag` and `_source`),
    `instance.*`, `method.*` and `model.*` (parameters), `run.value_queries` and the other orders (of the whole run),
    `report.*`, seed, engine, seconds, message. Where `met` is false, the counts are those at the end of the run.
    """
    rows = []
    for result in results:
        case = result["case"]
        common = {
            "label": case["label"],
            "repeat": case["repeat"],
            "instance": result["instance"],
            "method": result["method"],
            "model": result.get("model", "exact"),
            "K": case["width"] or result.get("width", 1),
            **{f"instance.{key}": value for key, value in case["instance_parameters"].items()},
            **{f"method.{key}": value for key, value in case["method_parameters"].items()},
            **{f"model.{key}": value for key, value in case["model_parameters"].items()},
            **{f"run.{key}": result.get(key) for key in RUN_COUNTS},
            **{f"report.{key}": value for key, value in result.get("report", {}).items()},
            **{key: result.get(key) for key in ("seed", "engine", "seconds", "message")},
        }
        known = result["targets"] or [case["instance_parameters"].get("target")]
        unasked = [{"target": target, "met": False, "status": result["status"]} for target in known]
        rows += [common | at for at in result.get("at", unasked)]
    frame = pd.DataFrame(rows)
    return frame.reindex(columns=[*frame.columns, *(name for name in COUNTS if name not in frame)])
