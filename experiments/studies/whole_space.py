"""whole-space: methods for few dimensions without a domain, where the gap is known in place of a box."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from algorithms.kround import SHARES, plan, queries_of
from experiments.case import Case
from experiments.figures import Panel
from experiments.fit import Fit, linear, power_law
from experiments.growth import growth_panel
from experiments.studies.dimension import INTERVALS, Exponents, beside_guarantees, no_faster
from experiments.studies.rounds_tradeoff import ROUNDS, TOLERANCE, exponent
from experiments.studies.staircase import PER_LOG, all_met, banded, with_means
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, bounds_verdict, failures_verdict, worst_of
from oracles import FAMILIES

SENTENCE = (
    "Without a domain trapping searches a cube of side 4 D/epsilon, and its exponents are twice those of a box: 1 for "
    "d = 2, that of the lower bound, and 2 for d = 3, that of descent in any dimension; k rounds need "
    "epsilon^(-2 E_k); and trapping's rounds grow with log(D/epsilon^2)"
)
K = 3  # of kround
EXPONENTS: Exponents = {
    "gradient_descent": (2.0, 2.0),
    "kround": (2 * exponent(2, K), 2 * exponent(3, K)),
    "gft_seq": (1.0, 2.0),
    "gft": (1.0, 2.0),
}
LOWER = {2: "1 (published)", 3: "open"}
CAPTION = (
    f"{INTERVALS} kround in {K} rounds. The grid of one round, with the exponent 2 d, is too large to be asked. For "
    "d = 3 no lower bound beyond that of d = 2 is known."
)
SEEDS = 3
FINE = np.geomspace(1e-4, 1e-6, 9)  # targets at which queries are counted without being asked, L = D = 1


def sizes(method: str, dimension: int, quick: bool) -> tuple[int, ...]:
    """N: small in space, where nets are large, but for descent. In space k rounds are planned alone."""
    if dimension == 2 or method == "gradient_descent":
        largest = 16 if quick else 32 if method == "kround" or dimension == 3 else 64
        return tuple(n for n in (4, 8, 16, 32, 64) if n <= largest)
    return () if method == "kround" else (2,) if quick else (2, 4, 6, 8)


def cases(quick: bool) -> Iterator[Case]:
    """Every method in both dimensions, over random paths; trapping without an early stop."""
    for dimension in (2, 3):
        for method in EXPONENTS:
            for cells in sizes(method, dimension, quick):
                for seed in range(1 if quick else SEEDS):
                    yield Case(
                        instance="free_staircase",
                        method=method,
                        instance_parameters={"dimension": dimension, "cells": cells, "seed": seed},
                        method_parameters={"early": False} if method.startswith("gft") else {},
                        max_queries=50_000_000,
                        max_seconds=600,
                        label=f"d = {dimension}",
                    )


def planned(dimension: int, rounds: int, target: float) -> int:
    """The queries of `kround` with L = D = 1, which do not depend on the function."""
    sides = np.full(dimension, 4 / target)
    return queries_of(*plan(sides, 1.0, target, rounds, 0.5 * target, SHARES[False]))


def counted(dimension: int, rounds: int) -> Fit | None:
    """The power of 1/epsilon in the planned queries at the fine targets."""
    return power_law((1 / FINE).tolist(), [float(planned(dimension, rounds, target)) for target in FINE.tolist()])


def per_log(frame: pd.DataFrame) -> Fit | None:
    """Rounds of gft per log(D/epsilon^2), in both dimensions, which differ by a constant of less than a round."""
    rows = frame[(frame["method"] == "gft") & frame["met"].astype(bool)]
    gaps = [FAMILIES["free_staircase"].instance({"cells": int(n)}).claims.value("gap") for n in rows["instance.cells"]]
    logs = [math.log(gap / target**2) for gap, target in zip(gaps, rows["target"], strict=True)]
    return linear(logs, rows["rounds"].tolist())


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Queries, exponents, queries times epsilon, and the exponents of k rounds."""
    found = beside_guarantees(frame, EXPONENTS, LOWER, "free staircases", CAPTION)
    flat = frame[frame["met"].astype(bool) & (frame["instance.dimension"] == 2)]
    scaled = flat.assign(product=flat["queries"] * flat["target"]).pivot_table("product", "method", "target")
    scaled = scaled[sorted(scaled.columns, reverse=True)].map("{:.1f}".format, na_action="ignore")
    scaled = scaled.fillna("").reset_index()
    scaled.columns = ["method", *(f"eps={target:.4g}" for target in scaled.columns[1:])]
    rows: list[dict[str, Any]] = [
        {"d": dimension, "k": k, "theory": f"{2 * exponent(dimension, k):.3f}", "counted": str(counted(dimension, k))}
        for dimension in (2, 3)
        for k in ROUNDS
    ]
    fine = f"Powers of 1/epsilon in the planned queries of kround, epsilon from {FINE[0]:g} to {FINE[-1]:g}, L = D = 1."
    return [
        *found,
        Table("Queries times epsilon on free staircases, d = 2", scaled, "Means over the paths."),
        Table("Exponents of k rounds without a domain", pd.DataFrame(rows), fine),
    ]


def planned_verdict() -> Verdict:
    """The exponents of the planned queries are twice those of a box."""
    pairs = [(d, k, counted(d, k)) for d in (2, 3) for k in ROUNDS]
    off = max(math.inf if fit is None else abs(fit.slope - 2 * exponent(d, k)) for d, k, fit in pairs)
    text = f"{len(pairs)} planned exponents within {off:.3f} of 2 E_k, to be within {TOLERANCE}"
    return Verdict("holds" if off <= TOLERANCE else "fails", text)


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """Every run met within its bounds, no exponent above its guarantee's, rounds and planned queries as theory says."""
    rounds = banded("rounds of gft per log(D/eps^2)", per_log(frame), PER_LOG)
    judged = (all_met(frame), bounds_verdict(frame), no_faster(study, frame, EXPONENTS), rounds, planned_verdict())
    return worst_of(failures_verdict(frame), *judged)


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Queries against the target, one panel for each dimension."""
    return [
        growth_panel(f"free staircases, d = {d}", part, "target", "queries")
        for d, part in with_means(frame).groupby("instance.dimension")
    ]


STUDIES.add(Study("whole-space", SENTENCE, cases, y="queries", tables=tables, verdict=verdict, panels=panels))
