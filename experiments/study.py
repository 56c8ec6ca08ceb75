"""Studies: a sentence that can fail, the cases that test it, and the verdict."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import pandas as pd

from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.fit import Fit, power_law
from experiments.resolve import resolve
from experiments.tables import COUNTING, Table
from oracles import InputError, Registry, Status
from oracles.registry import nearest

Outcome = Literal["holds", "inconclusive", "fails"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True)
class Verdict:
    """Whether the sentence holds, fails, or cannot be decided, and the numbers that decide."""

    outcome: Outcome
    evidence: str


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

    Columns: label, instance, method, K (the width allowed, or the widest round), target, met, status, rounds, queries,
    hit_query, best_merit, the bounds (`lower_rounds`, `upper_queries`, .. with `_tag` and `_source`), `instance.*` and
    `method.*` (parameters), `run.value_queries` and `run.gradient_queries` (of the whole run), seed, engine, seconds,
    message. Where `met` is false, the counts are those at the end of the run.
    """
    rows = []
    for result in results:
        case = result["case"]
        common = {
            "label": case["label"],
            "instance": result["instance"],
            "method": result["method"],
            "K": case["width"] or result.get("width", 1),
            **{f"instance.{key}": value for key, value in case["instance_parameters"].items()},
            **{f"method.{key}": value for key, value in case["method_parameters"].items()},
            **{f"run.{key}": result.get(key) for key in ("value_queries", "gradient_queries")},
            **{key: result.get(key) for key in ("seed", "engine", "seconds", "message")},
        }
        known = result["targets"] or [case["instance_parameters"].get("target")]
        unasked = [{"target": target, "met": False, "status": result["status"]} for target in known]
        rows += [common | at for at in result.get("at", unasked)]
    frame = pd.DataFrame(rows)
    return frame.reindex(columns=[*frame.columns, *(name for name in COUNTS if name not in frame)])


def cell(row: pd.Series, y: str) -> str:
    """A count for a table: `n`; `> n` where a budget ended the run; the status where something else did."""
    if row["met"]:
        return f"{row[y]:.0f}"
    if row["status"] in (Status.BUDGET, Status.TIMEOUT):
        return f"> {row[y]:.0f}"
    return str(row["status"])


def curves_of(frame: pd.DataFrame, x: str) -> list[tuple[str, int, pd.DataFrame]]:
    """The rows that belong together along x: one instance, method and width, and equal parameters, but for those that
    go along with x. Each with a name that tells it from the others, its width and its rows.
    """
    identity = ["label", "instance", "method", "K"]
    parameters = [name for name in frame.columns if name.startswith(("instance.", "method.")) and name != x]
    within = [*identity, x]
    varying = [name for name in parameters if frame.groupby(within, dropna=False)[name].nunique(dropna=False).max() > 1]
    named = [name for name in ("label", "instance") if frame[name].nunique() > 1]
    curves = []
    for _, rows in frame.groupby([*identity, *varying], sort=False, dropna=False):
        first = rows.iloc[0]
        details = [str(first[name]) for name in named]
        details += [f"{name.partition('.')[2]}={first[name]:.6g}" if isinstance(first[name], float) else
                    f"{name.partition('.')[2]}={first[name]}" for name in varying]  # fmt: skip
        name = f"{first['method']} ({', '.join(details)})" if details else str(first["method"])
        curves.append((name, int(first["K"]), rows))
    return curves


def fit_of(rows: pd.DataFrame, x: str, y: str) -> Fit | None:
    """The power law of the counts that were met, in x, or in 1/x where x is the target."""
    met = rows[rows["met"].astype(bool)]
    return power_law((1 / met[x] if x == "target" else met[x]).tolist(), met[y].tolist())


def growth_table(title: str, frame: pd.DataFrame, x: str, y: str, exponent: float | None) -> Table:
    """One row for each curve, one column for each x; the fitted exponent; the theorems at the last x."""
    values = sorted(frame[x].dropna().unique(), reverse=x == "target")
    last = values[-1] if values else None
    heads = {value: f"{symbol(x)}={value:.4g}" for value in values}
    fitted = f"exponent in {'1/' if x == 'target' else ''}{symbol(x)}"
    rows = [_theory_row(frame, x, y, heads, fitted, exponent)]
    for name, width, group in curves_of(frame, x):
        at = {row[x]: row for _, row in group.iterrows()}
        end = at.get(last)
        fit = fit_of(group, x, y)
        nowhere = "failed" if group[x].isna().any() else ""
        rows.append(
            {
                "method": name,
                "K": str(width),
                **{heads[value]: cell(at[value], y) if value in at else nowhere for value in values},
                fitted: str(fit) if fit else "too few",
                "queries": cell(end, "queries") if end is not None else nowhere,
                "/ lower": _ratio(end, f"lower_{y}", y),
                "upper bound": _upper(end),
            }
        )
    caption = f"The last three columns are those of {heads.get(last, 'no case')}. {COUNTING}"
    return Table(title, pd.DataFrame(rows).fillna(""), caption)


def symbol(x: str) -> str:
    """The symbol of a column in a table: T for a length, eps for a target, else the parameter's own name."""
    name = x.rpartition(".")[2]
    return {"length": "T", "target": "eps"}.get(name, name)


def _theory_row(
    frame: pd.DataFrame, x: str, y: str, heads: dict[Any, str], fitted: str, exponent: float | None
) -> dict[str, str]:
    """The lower bound in the same columns."""
    column = f"lower_{y}"
    cells = {}
    tags = set()
    for value, head in heads.items():
        rows = frame[frame[x] == value]
        bounds = rows[column].dropna() if column in rows else pd.Series(dtype=float)
        cells[head] = f"{bounds.max():.0f}" if len(bounds) else ""
        tags |= set(rows.get(f"{column}_tag", pd.Series(dtype=object)).dropna())
    name = f"lower bound ({', '.join(sorted(tags))})" if tags else "theory"
    return {"method": name, "K": "any", **cells, fitted: "" if exponent is None else f"theory: {exponent:g}"}


def _ratio(row: pd.Series | None, bound: str, y: str) -> str:
    if row is None or not row["met"] or pd.isna(row.get(bound)):
        return ""
    return f"{row[y] / row[bound]:.3g}"


def _upper(row: pd.Series | None) -> str:
    """The method's own upper bound with its tag, in queries unless it says rounds."""
    if row is None:
        return ""
    for counted in ("queries", "rounds"):
        if not pd.isna(row.get(f"upper_{counted}")):
            unit = "" if counted == "queries" else " rounds"
            return f"{row[f'upper_{counted}']:.0f}{unit} ({row[f'upper_{counted}_tag']})"
    return ""


def bounds_verdict(frame: pd.DataFrame) -> Verdict | None:
    """Every count against every bound whose class contains it; None where no bound speaks of these cases.

    A bound speaks of the first query that meets the target, so that a target met by a returned point alone contradicts
    no lower bound. What is only recalled is shown, but does not judge.
    """
    compared, broken = 0, []
    for _, row in frame.iterrows():
        asked = bool(row["met"]) and not pd.isna(row["hit_query"])
        for counted in ("rounds", "queries"):
            reached = row["hit_query"] if counted == "queries" and asked else row[counted]
            for side in ("lower", "upper"):
                bound = row.get(f"{side}_{counted}")
                if pd.isna(bound) or row[f"{side}_{counted}_tag"] == "recalled" or (side == "lower" and not asked):
                    continue
                compared += 1
                if reached < bound if side == "lower" else reached > bound:
                    sign = "<" if side == "lower" else ">"
                    who = f"{row['method']} (K={row['K']}, target {row['target']:.4g})"
                    broken.append(f"{who}: {reached:.0f} {counted} {sign} {bound:.0f}")
    if broken:
        return Verdict("fails", f"{len(broken)} of {compared} comparisons with a bound fail: {'; '.join(broken[:3])}")
    return Verdict("holds", f"{compared} comparisons with bounds hold") if compared else None


def failures_verdict(frame: pd.DataFrame) -> Verdict | None:
    """Failed cases leave the sentence open; None where there are none."""
    failed = frame[frame["status"] == Status.FAILED]
    if failed.empty:
        return None
    first = failed.iloc[0]
    return Verdict(
        "inconclusive", f"{len(failed)} of {len(frame)} rows failed, first {first['method']}: {first['message']}"
    )


def exponent_verdict(frame: pd.DataFrame, x: str, y: str, exponent: float | None, tolerance: float) -> Verdict | None:
    """Each curve's fitted exponent beside theory's; None where theory names none.

    Holds within `tolerance`; fails where it is further off and the interval excludes theory's; inconclusive else, where
    there are too few points, and where the interval is wider than four tolerances.
    """
    if exponent is None:
        return None
    verdicts = []
    for name, width, group in curves_of(frame, x):
        fit = fit_of(group, x, y)
        if fit is None or fit.high - fit.low > 4 * tolerance:
            outcome: Outcome = "inconclusive"
        elif abs(fit.slope - exponent) <= tolerance:
            outcome = "holds"
        else:
            outcome = "inconclusive" if fit.low <= exponent <= fit.high else "fails"
        verdicts.append(Verdict(outcome, f"{name} (K={width}) {fit or 'too few points'}"))
    together = worst_of(*verdicts)
    return Verdict(together.outcome, f"exponents, theory {exponent:g} +- {tolerance:g}: {together.evidence}")


def worst_of(*verdicts: Verdict | None) -> Verdict:
    """The verdicts together: fails if one fails, holds if all hold; the evidence of all; None has nothing to say."""
    spoken = [verdict for verdict in verdicts if verdict is not None]
    if not spoken:
        return Verdict("inconclusive", "neither a bound nor an exponent speaks of these cases")
    outcome = max((verdict.outcome for verdict in spoken), key=OUTCOMES.index)
    return Verdict(outcome, "; ".join(verdict.evidence for verdict in spoken))


def growth_panel(title: str, frame: pd.DataFrame, x: str, y: str) -> Panel:
    """Counts against x, one curve for each method and width, with the lower bound as theory's line."""
    series = []
    column = f"lower_{y}"
    if column in frame and frame[column].notna().any():
        bound = frame.dropna(subset=[column]).groupby(x)[column].max()
        series.append(Series("lower bound", bound.index.tolist(), bound.tolist(), theory=True))
    for name, width, group in curves_of(frame, x):
        ordered = group[group["met"].astype(bool)].sort_values(x)
        if len(ordered):
            series.append(
                Series(name if width == 1 else f"{name}, K={width}", ordered[x].tolist(), ordered[y].tolist())
            )
    return Panel(title, symbol(x), y, series, falling=x == "target")
