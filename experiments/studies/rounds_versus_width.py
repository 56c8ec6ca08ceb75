"""rounds-versus-width: what K queries per round are good for, as a Hessian by differences and as searches."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.fit import Fit, power_law
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, bounds_verdict, failures_verdict, worst_of

SENTENCE = (
    "K queries per round that go into a Hessian by differences save rounds as 1/sqrt(K) until it takes one round, at "
    "K = d + 1, and none beyond; there a cubic Newton method needs fewer rounds than the bound of zero-respecting "
    "first-order methods. Spent on steps along the gradient or on guesses at the trajectory they save none beyond a few"
)
ROSENBROCK, NESTED = "chained Rosenbrock", "nested chain"
LAZY, NEWTON = "lazy_cubic_newton", "parallel_cubic_newton"
CONTROLS = ("batched_step_search", "picard")
METHODS = (LAZY, NEWTON, *CONTROLS, "plane_search")
FEW = 20  # queries per round; controls are to be flat from there on
SLOPE, TOLERANCE = -0.5, 0.05
FLAT = 0.9  # the least share of the rounds at FEW that a control may need at greater K


def cases(quick: bool) -> Iterator[Case]:
    """Five methods on two instances, each at widths up to twice the dimension."""
    length, bridge, size = (4, 12, 20) if quick else (6, 16, 40)
    instances = (
        (ROSENBROCK, "chained_rosenbrock", {"dimension": size}, size, (0.1 if quick else 0.01)),
        (NESTED, "nested_chain", {"length": length, "bridge": bridge}, length * (bridge + 1) + 1, None),
    )
    for label, instance, parameters, dimension, target in instances:
        for method in METHODS:
            for width in widths(dimension):
                yield Case(
                    instance=instance,
                    method=method,
                    instance_parameters=parameters,
                    method_parameters={"reuse": 0} if method == NEWTON else {},
                    targets=target,
                    width=width,
                    max_queries=None,
                    max_rounds=200_000,
                    max_seconds=300,
                    label=f"{label}, d = {dimension}",
                )


def widths(dimension: int) -> tuple[int, ...]:
    """Up to d, of which a lazy Hessian makes use, and two beyond, of which it does not."""
    up_to = [width for width in (1, 2, 5, 10, 20, 40, 100) if width < dimension]
    return (*up_to, dimension, dimension + 1, 2 * dimension + 2)


def rounds(frame: pd.DataFrame, method: str) -> Iterator[tuple[str, int, pd.Series]]:
    """For each instance: its label, its dimension and the rounds of a method that met the target, by K."""
    for label, part in frame[(frame["method"] == method) & frame["met"].astype(bool)].groupby("label", sort=False):
        yield str(label), int(str(label).rpartition(" ")[2]), part.set_index("K")["rounds"].astype(float).sort_index()


def slope(by_width: pd.Series, dimension: int) -> Fit | None:
    """The power of K in the rounds, for K up to d."""
    used = by_width[by_width.index <= dimension]
    return power_law([float(width) for width in used.index], used.tolist())


def sequential_bound(frame: pd.DataFrame, label: str) -> float | None:
    """The lower bound of zero-respecting first-order methods on an instance, where it has one."""
    bounds = frame[(frame["label"] == label) & (frame["method"] == CONTROLS[0])].get("lower_rounds")
    return None if bounds is None or bounds.dropna().empty else float(bounds.dropna().iloc[0])


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Rounds by K, one table for each instance."""
    found = []
    for label, part in frame.groupby("label", sort=False):
        rows = []
        for method in METHODS:
            own = part[part["method"] == method]
            row: dict[str, Any] = {"method": method}
            for k, count, met in zip(own["K"], own["rounds"], own["met"], strict=True):
                row[f"K={k}"] = f"{count:.0f}" if met else f"> {count:.0f}"
            fits = [slope(series, size) for name, size, series in rounds(frame, method) if name == label]
            row["power of K, K <= d"] = str(fits[0]) if fits and fits[0] is not None else "too few"
            rows.append(row)
        bound = sequential_bound(frame, str(label))
        words = "" if bound is None else f" Zero-respecting first-order methods need {bound:.0f} rounds at any K."
        caption = f"Rounds at the first query that meets the target {part['target'].iloc[0]:.4g}.{words}"
        found.append(Table(f"Rounds against the width: {label}", pd.DataFrame(rows).astype(str), caption))
    return found


def hessian_verdict(frame: pd.DataFrame) -> Verdict:
    """The power of K of the method with the guarantee, up to d; and equal rounds from d + 1 on."""
    verdicts = []
    for label, size, by_width in rounds(frame, LAZY):
        fit = slope(by_width, size)
        beyond = by_width[by_width.index > size]
        good = fit is not None and abs(fit.slope - SLOPE) <= TOLERANCE and len(beyond) > 1 and beyond.nunique() == 1
        verdicts.append(
            Verdict(
                "holds" if good else "fails",
                f"{label}: {LAZY} as K^{'?' if fit is None else f'{fit.slope:.3f}'}, then "
                + ", ".join(f"{count:.0f}" for count in beyond),
            )
        )
    return worst_of(*verdicts)


def crossing_verdict(frame: pd.DataFrame) -> Verdict:
    """With K > d the practical Newton method is below the bound of first-order methods, where there is one."""
    verdicts = []
    for label, size, by_width in rounds(frame, NEWTON):
        bound, beyond = sequential_bound(frame, label), by_width[by_width.index > size]
        if bound is not None and len(beyond):
            most = beyond.max()
            words = f"{label}: {NEWTON} with K > d in {most:.0f} rounds, below {bound:.0f}"
            verdicts.append(Verdict("holds" if most < bound else "fails", words))
    return worst_of(*verdicts)


def flat_verdict(frame: pd.DataFrame) -> Verdict:
    """Searches and guesses need as many rounds with more than a few queries as with a few."""
    verdicts = []
    for method in CONTROLS:
        for label, _, by_width in rounds(frame, method):
            more = by_width[by_width.index >= FEW]
            share = more.min() / by_width[FEW] if FEW in by_width.index else 0.0
            verdicts.append(Verdict("holds" if share >= FLAT else "fails", f"{label}: {method} {share:.2f}"))
    together = worst_of(*verdicts)
    return Verdict(together.outcome, f"least rounds with K >= {FEW}, over those at {FEW}: {together.evidence}")


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """The power of K with a lazy Hessian, the crossing of the sequential bound, and the flat controls."""
    parts = (hessian_verdict(frame), crossing_verdict(frame), flat_verdict(frame))
    return worst_of(failures_verdict(frame), bounds_verdict(frame), *parts)


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Rounds against K, and the lower bound where there is one."""
    found = []
    for label in frame["label"].unique():
        series = [
            Series(method, [float(width) for width in by_width.index], by_width.tolist())
            for method in METHODS
            for name, _, by_width in rounds(frame, method)
            if name == label
        ]
        bound = sequential_bound(frame, label)
        if bound is not None:
            ends = [1.0, float(frame[frame["label"] == label]["K"].max())]
            series.append(Series("lower bound, first order", ends, [bound, bound], theory=True))
        found.append(Panel(f"Rounds against the width: {label}", "K", "rounds", series))
    return found


STUDIES.add(Study("rounds-versus-width", SENTENCE, cases, tables=tables, verdict=verdict, panels=panels))
