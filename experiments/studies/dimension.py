"""dimension: the same methods in two and in three dimensions, where the gap to the lower bound is open."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from experiments.case import Case
from experiments.figures import Panel
from experiments.fit import Fit
from experiments.growth import fit_of, growth_panel, growth_table
from experiments.studies.staircase import all_met, with_means
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, bounds_verdict, failures_verdict, worst_of

SENTENCE = (
    "On hidden staircases no method's queries grow faster than the exponents of its guarantee, in two and in three "
    "dimensions; the least exponent is that of the lower bound, 1/2, for d = 2, and no known bound matches the 1 of "
    "d = 3"
)
Exponents = Mapping[str, tuple[float, float]]  # of 1/epsilon for d = 2 and d = 3, by method
EXPONENTS: Exponents = {
    "grid_search": (2.0, 3.0),
    "projected_gradient_descent": (2.0, 2.0),
    "wall_trap": (1.0, 2.0),
    "vavasis": (1.0, 1.2),
    "cut_and_flow": (2 / 3, 1.0),
    "gft": (0.5, 1.0),
}
LOWER = {2: "1/2 (published)", 3: "open"}
CELLS = {2: (4, 8, 16, 32), 3: (2, 3, 4, 6)}
QUICK_CELLS = {2: (2, 3, 4), 3: (2,)}
DENSEST = {2: 8, 3: 2}  # cells up to which a grid of gradients is asked
SEEDS = 3
INTERVALS = (
    "Powers of 1/epsilon with 95 % intervals. Measured exponents may be below those of the guarantees, which hold for "
    "all functions."
)
OPEN = (
    "For d = 3 no lower bound beyond that of d = 2 is known for any number of rounds; with O(log(1/epsilon)) rounds "
    "(d-1)/2 is one (published)."
)


def cases(quick: bool) -> Iterator[Case]:
    """Every method in both dimensions, over random paths."""
    for dimension, sizes in (QUICK_CELLS if quick else CELLS).items():
        for method in EXPONENTS:
            for cells in sizes:
                if method == "grid_search" and cells > DENSEST[dimension]:
                    continue
                for seed in range(1 if quick else SEEDS):
                    yield Case(
                        instance="hidden_staircase",
                        method=method,
                        instance_parameters={"dimension": dimension, "cells": cells, "seed": seed},
                        method_parameters={"early": False} if method == "gft" else {},
                        max_queries=50_000_000,
                        max_seconds=600,
                        label=f"d = {dimension}",
                    )


def fits(frame: pd.DataFrame, exponents: Exponents) -> Iterator[tuple[str, int, float, Fit | None]]:
    """For each method and d: its guarantee's exponent and the fitted one."""
    for method, theory in exponents.items():
        for dimension in (2, 3):
            rows = frame[(frame["method"] == method) & (frame["instance.dimension"] == dimension)]
            yield method, dimension, theory[dimension - 2], fit_of(rows, "target", "queries")


def beside_guarantees(
    frame: pd.DataFrame, exponents: Exponents, lower: Mapping[int, str], where: str, caption: str
) -> list[Table]:
    """Queries in either dimension; and the exponents side by side, with the lower bounds."""
    found = [
        growth_table(f"Queries on {where}, d = {d}", part, "target", "queries", None)
        for d, part in with_means(frame).groupby("instance.dimension")
    ]
    rows: dict[str, dict[str, Any]] = {}
    for method, dimension, theory, fit in fits(frame, exponents):
        row = rows.setdefault(method, {"method": method})
        row |= {f"guarantee, d={dimension}": f"{theory:.3g}", f"measured, d={dimension}": str(fit or "too few")}
    bound = {"method": "lower bound"} | {f"guarantee, d={dimension}": text for dimension, text in lower.items()}
    together = pd.DataFrame([*rows.values(), bound]).fillna("")
    return [*found, Table(f"Exponents on {where} by dimension", together, caption)]


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Queries in either dimension; and the exponents side by side, with the lower bounds."""
    return beside_guarantees(frame, EXPONENTS, LOWER, "hidden staircases", f"{INTERVALS} {OPEN}")


def no_faster(study: Study, frame: pd.DataFrame, exponents: Exponents) -> Verdict:
    """No fitted exponent is above its guarantee's by more than the study's tolerance, which is for lower orders: a trap
    that ends in a box of the size of a cell needs a/epsilon - b/sqrt(epsilon) queries, and these grow faster than
    1/epsilon while the second term weighs.
    """
    found = [
        (method, dimension, theory, fit) for method, dimension, theory, fit in fits(frame, exponents) if fit is not None
    ]
    above = [
        f"{method}, d = {dimension}: {fit}, guarantee {theory:.3g}"
        for method, dimension, theory, fit in found
        if fit.slope > theory + study.tolerance and fit.low > theory
    ]
    text = "; ".join(above) or f"{len(found)} exponents, none above its guarantee's by {study.tolerance}"
    return Verdict("fails" if above else "holds" if found else "inconclusive", f"{text}; lower bound for d = 3: open")


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """Every run met within its bounds, and no exponent above its guarantee's."""
    return worst_of(failures_verdict(frame), all_met(frame), bounds_verdict(frame), no_faster(study, frame, EXPONENTS))


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Queries against the target, one panel for each dimension."""
    return [
        growth_panel(f"hidden staircases, d = {d}", part, "target", "queries")
        for d, part in with_means(frame).groupby("instance.dimension")
    ]


STUDIES.add(Study("dimension", SENTENCE, cases, y="queries", tables=tables, verdict=verdict, panels=panels))
