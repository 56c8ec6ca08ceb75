"""gd-exact: gradient descent with a fixed step meets its exact worst case."""

import math
from collections.abc import Iterator

import pandas as pd

from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict

SENTENCE = (
    "On the sawtooth for N steps of length t <= 1/L, and on the zigzag for t in (1/L, sqrt(3)/L), gradient descent "
    "sees only gradients of the norm U of the exact worst case: a target just below U is not met in N + 1 queries, a "
    "target just above U by the first"
)
MARGIN = 1e-9  # relative
STEPS = (1, 5, 20, 100)
STEP_SIZES = (0.25, 0.5, 1.0, 1.15, 1.5, 1.73)


def exact_worst_case(steps: int, step: float) -> float:
    """U with U^2 = 4 / (N min(4t - t^2, 4t - t^3) + 2), for L = gap = 1."""
    return math.sqrt(4 / (steps * min(4 * step - step**2, 4 * step - step**3) + 2))


def cases(quick: bool) -> Iterator[Case]:
    """N and t on a grid, with the target just below U and just above it."""
    for steps in STEPS[:3] if quick else STEPS:
        for step in STEP_SIZES:
            least = exact_worst_case(steps, step)
            for label, target in (("below U", least * (1 - MARGIN)), ("above U", least * (1 + MARGIN))):
                yield Case(
                    instance="sawtooth" if step <= 1 else "zigzag",
                    method="gradient_descent",
                    instance_parameters={"steps": steps, "step": step},
                    method_parameters={"step": step},
                    targets=target,
                    max_queries=steps + 1,
                    label=label,
                )


def compared(frame: pd.DataFrame) -> pd.DataFrame:
    """One row for each N and t: the formula, the measured least gradient, and what the two targets gave."""
    rows = []
    for _, group in frame.groupby(["instance.steps", "instance.step"]):
        steps, step = int(group["instance.steps"].iloc[0]), float(group["instance.step"].iloc[0])
        below, above = (group[group["label"] == label].iloc[0] for label in ("below U", "above U"))
        formula = exact_worst_case(steps, step)
        rows.append(
            {
                "instance": below["instance"],
                "N": steps,
                "t L": step,
                "U": formula,
                "least gradient": below["best_merit"],
                "relative difference": abs(below["best_merit"] / formula - 1),
                "queries without a hit": 0 if below["met"] else int(below["queries"]),
                "first hit above U": above["hit_query"],
            }
        )
    return pd.DataFrame(rows)


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """The formula beside the measurement."""
    table = compared(frame)
    cells = table.assign(
        **{
            "U": table["U"].map("{:.12g}".format),
            "least gradient": table["least gradient"].map("{:.12g}".format),
            "relative difference": table["relative difference"].map("{:.1e}".format),
            "first hit above U": table["first hit above U"].map("{:.0f}".format, na_action="ignore").fillna("none"),
        }
    ).astype(str)
    return [Table("Gradient descent on its exact worst case (L = gap = 1)", cells)]


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """Every row to 1e-9 relative, N + 1 queries without a hit below U, a hit by the first above."""
    table = compared(frame)
    right = (
        (table["relative difference"] <= MARGIN)
        & (table["queries without a hit"] == table["N"] + 1)
        & (table["first hit above U"] == 1)
    )
    worst = table["relative difference"].max()
    evidence = (
        f"{int(right.sum())} of {len(table)} pairs (N, t) as the theorem says; largest relative difference {worst:.1e}"
    )
    return Verdict("holds" if right.all() else "fails", evidence)


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """The least gradient against N, on either instance."""
    drawn = []
    for instance, rows in compared(frame).groupby("instance"):
        series = []
        for step, group in rows.groupby("t L"):
            series.append(Series(f"formula, t = {step:g}/L", group["N"].tolist(), group["U"].tolist(), theory=True))
            series.append(Series(f"measured, t = {step:g}/L", group["N"].tolist(), group["least gradient"].tolist()))
        drawn.append(Panel(f"gradient descent on the {instance}", "N", "least gradient norm", series))
    return drawn


STUDIES.add(Study("gd-exact", SENTENCE, cases, x="instance.steps", tables=tables, verdict=verdict, panels=panels))
