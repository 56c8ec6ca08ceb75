"""adversary: a staircase whose path is chosen while it is asked, against every deterministic method in the plane."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments.binding import unclaimed
from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.growth import cell
from experiments.study import STUDIES, Study
from experiments.tables import COUNTING, Table
from experiments.verdicts import Verdict, bounds_verdict, failures_verdict, worst_of
from oracles import ALGORITHMS, FAMILIES, Algorithm, Instance

SENTENCE = (
    "Against an adversary that chooses the path of a staircase of N cells while it is asked, no deterministic method "
    "in the plane, with values and gradients and rounds of any width, asks a stationary point before its N-th query, "
    "N = 1/sqrt(90 epsilon) on a box; and all answers are those of one function"
)
BOX, FREE = "hidden_staircase", "free_staircase"
WIDTH = 16
GRID_WIDTH, GRID_CELLS = 10_000, 16  # a finer net, of (L/epsilon)^2 points, is refused; so is (L D/epsilon^2)^2
AGREEMENT = 1e-15  # in values of the order epsilon
CERTIFICATE = (
    "Charged: the queries that the proof counts, each for one step of the path, N where the path is finished. "
    "Disagreement: the largest between an answer and the completed function. First: the first query of a stationary "
    f"point. {COUNTING}"
)


def fits(record: Algorithm, instance: Instance) -> bool:
    """Whether a method is deterministic, of first order or less, and finds its numbers; on a box, made for boxes; in
    the whole plane, made for few dimensions only if it takes the gap, which bounds where it has to search.
    """
    few = record.dimensions
    fitting = "lower" in record.numbers if instance.domain is not None else few is None or "gap" in record.numbers
    plain = record.traits.deterministic and record.traits.order < 2 and not record.samples
    return plain and fitting and (few is None or few >= 2) and not unclaimed(record, instance)


def width_of(record: Algorithm) -> int | None:
    """16 for methods that take a width in any dimension. Those for few dimensions ask their nets whole, but for the
    grid, which would be refused whole.
    """
    if record.name == "grid_search":
        return GRID_WIDTH
    return WIDTH if "width" in record.numbers and "lower" not in record.numbers else None


def cases(quick: bool) -> Iterator[Case]:
    """Every method that fits, on a box and in the whole plane."""
    for family in (BOX, FREE):
        for cells in (4, 8) if quick else (4, 8, 16, 32):
            instance = FAMILIES[family].instance({"cells": cells})
            for name, record in ALGORITHMS.items():
                if not fits(record, instance) or (quick and name.startswith("scipy:")):
                    continue
                if name == "grid_search" and (family == FREE or cells > GRID_CELLS):
                    continue
                yield Case(
                    instance=family,
                    method=name,
                    instance_parameters={"dimension": 2, "cells": cells},
                    width=width_of(record),
                    max_queries=20_000 if quick else 300_000,
                    max_seconds=120,
                    model="lazy_staircase",
                    label=family,
                )


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """The first stationary query of every method beside N, and the certificates."""
    found = []
    for label, part in frame.groupby("label", sort=False):
        rows: list[dict[str, Any]] = []
        for _, row in part.iterrows():
            first = row["hit_query"] if row["met"] and not pd.isna(row["hit_query"]) else None
            rows.append(
                {
                    "method": row["method"],
                    "N": f"{row['instance.cells']:.0f}",
                    "first": cell(row, "queries") if first is None else f"{first:.0f}",
                    "rounds": f"{row['rounds']:.0f}",
                    "charged": f"{row['report.charged']:.0f}",
                    "disagreement": f"{row['report.disagreement']:.0e}",
                }
            )
        found.append(Table(f"Against the adversary: {label}", pd.DataFrame(rows), CERTIFICATE))
    return found


def certificates(frame: pd.DataFrame) -> Verdict:
    """All answers are those of one function, and N queries are charged wherever the path is finished."""
    agree = frame["report.disagreement"] <= AGREEMENT
    finished = frame[frame["report.finished"].astype(bool)]
    short = finished[finished["report.charged"] < finished["instance.cells"]]
    text = (
        f"{agree.sum()} of {len(frame)} adversaries consistent, largest disagreement "
        f"{frame['report.disagreement'].max():.0e}; N queries charged in {len(finished) - len(short)} of "
        f"{len(finished)} finished paths"
    )
    return Verdict("holds" if agree.all() and short.empty and len(finished) else "fails", text)


def least(frame: pd.DataFrame) -> Verdict:
    """No first query of a stationary point before the N-th, and which come closest."""
    met = frame[frame["met"].astype(bool) & frame["hit_query"].notna()]
    early = met[met["hit_query"] < met["instance.cells"]]
    ratio = (met["hit_query"] / met["instance.cells"]).tolist()
    nearest, closest = min(zip(ratio, met["method"], strict=True), default=(float("nan"), "none"))
    text = f"{len(early)} of {len(met)} first queries before the N-th; the closest method is {closest}, {nearest:.3g} N"
    return Verdict("fails" if len(early) else "holds" if len(met) else "inconclusive", text)


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """The bound N, the certificates, and how near methods come to it."""
    return worst_of(failures_verdict(frame), bounds_verdict(frame), certificates(frame), least(frame))


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """The first query against N."""
    found = []
    for label, part in frame.groupby("label", sort=False):
        met = part[part["met"].astype(bool) & part["hit_query"].notna()]
        series = [
            Series(str(method), rows["instance.cells"].tolist(), rows["hit_query"].tolist())
            for method, rows in met.groupby("method", sort=False)
        ]
        cells = sorted(set(part["instance.cells"].astype(float)))
        series.append(Series("N", cells, cells, theory=True))
        found.append(Panel(f"The first stationary query: {label}", "N", "queries", series))
    return found


STUDIES.add(Study("adversary", SENTENCE, cases, x="instance.cells", tables=tables, verdict=verdict, panels=panels))
