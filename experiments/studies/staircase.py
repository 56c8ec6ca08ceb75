"""staircase: how the queries and rounds of methods for few dimensions grow on a hidden path in the plane."""

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments.case import Case
from experiments.figures import Panel
from experiments.fit import Fit, linear
from experiments.growth import curves_of, fit_of, growth_panel, growth_table
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, bounds_verdict, failures_verdict, worst_of

SENTENCE = (
    "On a hidden staircase in the unit square the queries grow in 1/epsilon with the exponent 1 for gradient descent "
    "and for descent from the best point of a grid, 2/3 for cut and flow, and 1/2 for gradient flow trapping, whose "
    "rounds grow with log(1/epsilon) only"
)
THEORY = {
    "projected_gradient_descent": 1.0,
    "vavasis": 1.0,
    "cut_and_flow": 2 / 3,
    "gft_seq": 0.5,
    "gft": 0.5,
}
BANDS = {  # of the fitted exponents at these targets, where boxes near epsilon/L still weigh
    "projected_gradient_descent": (0.97, 1.03),
    "vavasis": (0.97, 1.03),
    "cut_and_flow": (0.65, 0.74),
    "gft": (0.45, 0.50),
}
PER_LOG = (2.3, 2.7)  # rounds of gft per log(1/epsilon); a cut divides the box by 3/2, and 1/log(3/2) = 2.47
CELLS, QUICK_CELLS = (4, 8, 16, 32), (3, 4, 6)
SEEDS = 5


def cases(quick: bool) -> Iterator[Case]:
    """Every method on random paths; the trapping methods without an early stop, which would hide their rate."""
    for cells in QUICK_CELLS if quick else CELLS:
        for method in THEORY:
            for seed in range(2 if quick else SEEDS):
                yield Case(
                    instance="hidden_staircase",
                    method=method,
                    instance_parameters={"dimension": 2, "cells": cells, "seed": seed},
                    method_parameters={"early": False} if method.startswith("gft") else {},
                    max_queries=10_000_000,
                )


def with_means(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame without the seeds of the paths, so that equal sizes are one point with their mean; K is the widest
    round of a method at any size.
    """
    widest = frame.groupby(["label", "method"])["K"].transform("max")
    return frame.drop(columns=["instance.seed"], errors="ignore").assign(K=widest)


def fits(frame: pd.DataFrame) -> dict[str, Fit | None]:
    """The power of 1/epsilon in the queries, over all paths."""
    return {str(rows["method"].iloc[0]): fit_of(rows, "target", "queries") for _, _, rows in curves_of(frame, "target")}


def per_log(frame: pd.DataFrame, method: str) -> Fit | None:
    """Rounds of a method per log(1/epsilon)."""
    rows = frame[(frame["method"] == method) & frame["met"].astype(bool)]
    return linear([-math.log(target) for target in rows["target"]], rows["rounds"].tolist())


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Queries and rounds, means over the paths; and the exponents beside theory's."""
    means = with_means(frame)
    rows: list[dict[str, Any]] = []
    for method, fit in fits(means).items():
        rounds = per_log(frame, method) if method.startswith("gft") else None
        rows.append(
            {
                "method": method,
                "theory": f"{THEORY[method]:.3g}",
                "exponent of the queries": str(fit or "too few"),
                "rounds per log(1/eps)": "" if rounds is None else str(rounds),
            }
        )
    caption = "Exponents in 1/epsilon with 95 % intervals over all paths (points in brackets)."
    return [
        growth_table("Queries on a hidden staircase, d = 2", means, "target", "queries", None),
        growth_table("Rounds on a hidden staircase, d = 2", means, "target", "rounds", None),
        Table("Exponents on a hidden staircase", pd.DataFrame(rows), caption),
    ]


def banded(name: str, fit: Fit | None, band: tuple[float, float]) -> Verdict:
    """Whether a fitted number lies in its band; inconclusive where it cannot be fitted."""
    if fit is None:
        return Verdict("inconclusive", f"{name}: too few points")
    low, high = band
    return Verdict("holds" if low <= fit.slope <= high else "fails", f"{name} {fit}, to be in [{low:g}, {high:g}]")


def all_met(frame: pd.DataFrame) -> Verdict:
    """Every run ends at a stationary point."""
    missed = frame[~frame["met"].astype(bool)]
    text = f"{len(frame) - len(missed)} of {len(frame)} runs met their target"
    return Verdict("fails" if len(missed) else "holds", text)


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """Every run met, every bound kept, and the exponents in their bands where there are four sizes."""
    found = fits(with_means(frame))
    bands = [banded(method, found.get(method), band) for method, band in BANDS.items()]
    rounds = banded("rounds of gft per log(1/eps)", per_log(frame, "gft"), PER_LOG)
    if frame["instance.cells"].nunique() < len(CELLS):
        bands = [Verdict("holds", "too few sizes for exponents: " + "; ".join(one.evidence for one in bands))]
    return worst_of(failures_verdict(frame), all_met(frame), bounds_verdict(frame), *bands, rounds)


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Queries and rounds against the target."""
    means = with_means(frame)
    return [growth_panel(f"{y} on a hidden staircase, d = 2", means, "target", y) for y in ("queries", "rounds")]


STUDIES.add(Study("staircase", SENTENCE, cases, y="queries", tables=tables, verdict=verdict, panels=panels))
