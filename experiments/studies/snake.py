"""snake: how long gradient descent can be made to run in the unit square by one valley of parallel arms."""

from collections.abc import Iterator

import pandas as pd

from experiments.case import Case
from experiments.figures import Panel
from experiments.growth import fit_of, growth_panel, growth_table
from experiments.studies.staircase import all_met, banded
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, bounds_verdict, failures_verdict, worst_of

SENTENCE = (
    "Along a valley that winds through the unit square in parallel arms gradient descent needs about epsilon^(-3/2) "
    "queries, more than the epsilon^(-1) of a monotone path and fewer than the epsilon^(-2) that one dimension without "
    "a box allows"
)
BAND = (1.48, 1.58)  # the last cells of short snakes weigh; the exponent falls to 3/2 with N
THEORY = 1.5


def cases(quick: bool) -> Iterator[Case]:
    """Gradient descent with step 1 from the mouth."""
    for cells in (4, 8, 16) if quick else (4, 8, 16, 32):
        yield Case(
            instance="snake2d",
            method="projected_gradient_descent",
            instance_parameters={"cells": cells},
            method_parameters={"smoothness": 1.0},
            max_queries=20_000_000,
        )


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Queries against the target, with the exponent."""
    return [growth_table("Queries of gradient descent on snakes", frame, "target", "queries", THEORY)]


def at_the_end(frame: pd.DataFrame) -> Verdict:
    """The counts times epsilon^1.5, whose limit theory gives: sqrt(theta) / c steps of the length c epsilon."""
    scaled = frame["queries"] * frame["target"] ** THEORY
    return Verdict("holds", "q eps^1.5 = " + ", ".join(f"{number:.4f}" for number in scaled))


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """Every run met, and the exponent in its band."""
    fit = banded("exponent of gradient descent", fit_of(frame, "target", "queries"), BAND)
    return worst_of(failures_verdict(frame), all_met(frame), bounds_verdict(frame), fit, at_the_end(frame))


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Queries against the target."""
    return [growth_panel("gradient descent on snakes", frame, "target", "queries")]


STUDIES.add(Study("snake", SENTENCE, cases, y="queries", tables=tables, verdict=verdict, panels=panels))
