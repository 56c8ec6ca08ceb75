"""rounds-tradeoff: queries against rounds in fixed dimension, from the grid to trapping."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from algorithms.kround import SHARES, plan, queries_of
from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.fit import Fit, power_law
from experiments.studies.staircase import all_met
from experiments.study import STUDIES, Study
from experiments.tables import COUNTING, Table
from experiments.verdicts import Verdict, bounds_verdict, failures_verdict, worst_of

SENTENCE = (
    "In fixed dimension rounds save queries: k rounds need of the order epsilon^(-E_k), E_k = (d-1)/2 r^k/(r^k - 1) "
    "with r = 2d/(d+1), from the grid's epsilon^(-d) for k = 1 down to trapping's epsilon^(-(d-1)/2), and every "
    "further round helps less"
)
ROUNDS = (1, 2, 3, 4, 6)
JUDGED = 4  # the exponents of k = 1 .. 4 are to be theory's within TOLERANCE
TOLERANCE = 0.02
FINE = np.geomspace(1e-8, 1e-12, 9)  # targets at which queries are counted without being asked
WIDTHS = (64, 256, 1024)
CELLS, QUICK_CELLS = 9, 4


def exponent(dimension: int, rounds: int) -> float:
    """E_k = (d-1)/2 r^k/(r^k - 1), r = 2d/(d+1); 1/k in one dimension."""
    if dimension == 1:
        return 1 / rounds
    power = (2 * dimension / (dimension + 1)) ** rounds
    return (dimension - 1) / 2 * power / (power - 1)


def planned(dimension: int, rounds: int, target: float, smoothness: float = 1.0) -> int:
    """The queries of `kround` on the unit box, which do not depend on the function."""
    return queries_of(*plan(np.ones(dimension), smoothness, target, rounds, 0.0, SHARES[True]))


def counted(dimension: int, rounds: int) -> Fit | None:
    """The power of 1/epsilon in the planned queries at the fine targets."""
    return power_law((1 / FINE).tolist(), [float(planned(dimension, rounds, target)) for target in FINE.tolist()])


def cases(quick: bool) -> Iterator[Case]:
    """K rounds for several k, and trapping with and without a limit on the width, on one staircase."""
    staircase = {"dimension": 2, "cells": QUICK_CELLS if quick else CELLS, "seed": 0}
    common: dict[str, Any] = {"instance": "hidden_staircase", "instance_parameters": staircase, "max_queries": None}
    for rounds in ROUNDS:
        yield Case(method="kround", method_parameters={"rounds": rounds}, label=f"k = {rounds}", **common)
    yield Case(method="gft", method_parameters={"early": False}, label="gft", **common)
    for width in WIDTHS:
        yield Case(method="gft", method_parameters={"early": False}, width=width, label="gft, K at most", **common)


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Queries and rounds that were run, and the exponents of the planned queries."""
    run = pd.DataFrame(
        {
            "method": frame["method"],
            "k": [name.partition("= ")[2] for name in frame["label"]],
            "K": frame["K"],
            "rounds": frame["rounds"],
            "queries": frame["queries"],
            "met": frame["met"],
        }
    ).astype(str)
    target = frame["target"].iloc[0]
    rows: list[dict[str, Any]] = []
    for dimension in (1, 2, 3):
        for rounds in ROUNDS:
            theory, fit = exponent(dimension, rounds), counted(dimension, rounds)
            rows.append({"d": dimension, "k": rounds, "theory": f"{theory:.3f}", "counted": _three(fit)})
    fine = f"Powers of 1/epsilon in the planned queries of kround, epsilon from {FINE[0]:g} to {FINE[-1]:g}, unit box."
    return [
        Table(f"Queries against rounds on a hidden staircase, target {target:.4g}", run, COUNTING),
        Table("Exponents of k rounds", pd.DataFrame(rows), fine),
    ]


def _three(fit: Fit | None) -> str:
    return "too few" if fit is None else f"{fit.slope:.3f} [{fit.low:.3f}, {fit.high:.3f}] ({fit.points})"


def exponents_verdict() -> Verdict:
    """The exponents of the planned queries beside theory's, in two and three dimensions."""
    found = []
    for dimension in (2, 3):
        for rounds in range(1, JUDGED + 1):
            theory, fit = exponent(dimension, rounds), counted(dimension, rounds)
            good = fit is not None and abs(fit.slope - theory) <= TOLERANCE
            text = f"d = {dimension}, k = {rounds}: {'?' if fit is None else f'{fit.slope:.3f}'}, theory {theory:.3f}"
            found.append(Verdict("holds" if good else "fails", text))
        steps = [fit.slope for k in range(1, JUDGED + 1) if (fit := counted(dimension, k)) is not None]
        less = all(after < before for before, after in pairwise(a - b for a, b in pairwise(steps)))
        found.append(Verdict("holds" if less else "fails", f"d = {dimension}: {'less' if less else 'more'} with each"))
    return worst_of(*found)


def falling(frame: pd.DataFrame) -> Verdict:
    """More rounds, fewer queries: of kround for k = 1, 2, .., then of gft; and the counts are those of the plan."""
    rounds = frame[frame["method"] == "kround"].sort_values("method.rounds")
    counts = [*rounds["queries"], *frame[frame["label"] == "gft"]["queries"]]
    fewer = all(after < before for before, after in pairwise(counts))
    return Verdict("holds" if fewer else "fails", "queries " + ", ".join(f"{count:.0f}" for count in counts))


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """Every run met within its bounds, queries falling with rounds, exponents those of theory."""
    parts = (all_met(frame), bounds_verdict(frame), falling(frame), exponents_verdict())
    return worst_of(failures_verdict(frame), *parts)


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Queries against rounds as run; and planned queries against the target for each k, beside theory's powers."""
    run = frame[frame["met"].astype(bool)]
    of_k, limited = run[run["method"] == "kround"], run[run["method"] == "gft"].sort_values("rounds")
    series = [
        Series("kround", of_k["rounds"].tolist(), of_k["queries"].tolist()),
        Series("gft, K limited", limited["rounds"].tolist(), limited["queries"].tolist()),
    ]
    fine = FINE.tolist()
    plans = [Series(f"k = {k}", fine, [float(planned(2, k, target)) for target in fine]) for k in ROUNDS]
    return [
        Panel("Queries against rounds on a hidden staircase", "rounds", "queries", series),
        Panel("Planned queries, d = 2", "eps", "queries", plans, falling=True),
    ]


STUDIES.add(Study("rounds-tradeoff", SENTENCE, cases, y="queries", tables=tables, verdict=verdict, panels=panels))
