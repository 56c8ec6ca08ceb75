"""stochastic-rates: queries against the target where gradients have normal noise."""

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments.case import Case
from experiments.figures import Panel
from experiments.growth import growth_panel, growth_table
from experiments.study import STUDIES, Study
from experiments.tables import COUNTING, Table
from experiments.verdicts import Verdict, bounds_verdict, exponent_verdict, failures_verdict, worst_of

SENTENCE = (
    "With normal noise of fixed size and chains of fixed L and gap, stochastic gradient descent and normalised "
    "momentum take 1/target^4 queries, and methods that ask a sample at two points 1/target^3"
)
THEORY, PRACTICAL = "theory", "practical"
FOURTH, THIRD = 4.0, 3.0
NOISE = 0.08  # sigma, larger than the targets, so that the rate of the noise is seen
WIDTH = 1024  # more than any batch
LINK_COST = 131.556  # L D / epsilon^2 of one link: the targets are those at which the chains have whole lengths
# Method, its numbers, whose setting, theory's exponent, and the lengths of the chains, quick and not.
SHORT, LONG = (4, 8, 16), (4, 8, 16, 32, 64)
METHODS: tuple[tuple[str, dict[str, Any], str, float, tuple[int, ...], tuple[int, ...]], ...] = (
    ("sgd", {}, THEORY, FOURTH, SHORT, LONG),
    ("normalized_momentum", {}, THEORY, FOURTH, (), SHORT),
    ("normalized_momentum", {"averaging": 1.0, "step": 1.0}, PRACTICAL, FOURTH, SHORT, LONG),
    ("storm", {}, THEORY, THIRD, SHORT, LONG),
    ("page_online", {}, THEORY, THIRD, SHORT, LONG),
    ("spider_online", {}, THEORY, THIRD, (), LONG),
    ("storm", {"adaptive": True}, PRACTICAL, THIRD, SHORT, LONG),
)
ADAPTIVE = "method.adaptive"  # whose asymptotics are not reached: its steps fall with the number of steps alone


def cases(quick: bool) -> Iterator[Case]:
    """Chains with L = D = 1; several runs each."""
    for method, numbers, setting, exponent, short, long in METHODS:
        for length in short if quick else long:
            target = math.sqrt(1 / (LINK_COST * length))
            for repeat in range(2 if quick else 3):
                yield Case(
                    instance="carmon_chain",
                    method=method,
                    instance_parameters={"smoothness": 1.0, "gap": 1.0, "target": target},
                    method_parameters=numbers,
                    targets=target,
                    width=1 if method == "sgd" else WIDTH,
                    max_queries=4_000_000,
                    model="gaussian_noise",
                    model_parameters={"deviation": NOISE},
                    observe="all",
                    label=f"{setting}, 1/target^{exponent:g}",
                    repeat=repeat,
                )


def parts(frame: pd.DataFrame) -> Iterator[tuple[str, float, pd.DataFrame]]:
    """The settings, each with its exponent and its rows."""
    for label, rows in frame.groupby("label", sort=False):
        yield str(label), float(str(label).rpartition("^")[2]), rows


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """One growth table for each setting."""
    note = f"{COUNTING} Means of repeated runs. sigma = {NOISE:g}. The upper bounds hold with probability 0.95."
    return [
        Table(table.title, table.cells, note)
        for label, exponent, rows in parts(frame)
        for table in (growth_table(f"Queries against the target: {label}", rows, "target", "queries", exponent),)
    ]


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """The exponents of all settings whose numbers follow the target, and all counts below their bounds."""
    growth = [
        exponent_verdict(judged(rows), "target", "queries", exponent, study.tolerance)
        for _, exponent, rows in parts(frame)
        if len(judged(rows))
    ]
    return worst_of(failures_verdict(frame), bounds_verdict(frame), *growth)


def judged(rows: pd.DataFrame) -> pd.DataFrame:
    """All but the adaptive setting, which is shown and not judged: it knows neither sigma nor the target."""
    return rows[rows[ADAPTIVE].ne(True)] if ADAPTIVE in rows else rows


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """One for each setting."""
    return [growth_panel(label, rows, "target", "queries") for label, _, rows in parts(frame)]


STUDIES.add(
    Study(
        "stochastic-rates",
        SENTENCE,
        cases,
        y="queries",
        tolerance=0.35,
        tables=tables,
        verdict=verdict,
        panels=panels,
    )
)
