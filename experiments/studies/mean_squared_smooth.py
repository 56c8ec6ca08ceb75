"""mean-squared-smooth: queries beside the lower bound where the gradient is Lipschitz in mean square."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.fit import Fit, power_law
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, bounds_verdict, exponent_verdict, failures_verdict, worst_of
from hardinstances.frontier_laws import rounds_law, smoothness_for

SENTENCE = (
    "On the chain with the smoothed frontier, at fixed constant in mean square, noise and gap, PAGE, SPIDER and STORM "
    "take 1/target^3 queries, as T/p grows, which every zero-respecting method needs; stochastic gradient descent, "
    "told no more of f than that constant, takes 1/target^4"
)
SMOOTHNESS, NOISE, GAP = 1.0, 2.0, 2500.0
WIDTH = 2  # a sample at two points in one round
TOLERANCE = 0.35  # of the exponents
OPTIMAL = ("page_online", "storm", "spider_online")
GUIDED = "the smoothness of f itself is known"


def cases(quick: bool) -> Iterator[Case]:
    """Every method over a range of targets; descent with the constant in mean square for its L, and with f's own."""
    targets = (1.4, 1.0, 0.7) if quick else (1.4, 1.0, 0.7, 0.5, 0.35)
    for method in (*(OPTIMAL[:2] if quick else OPTIMAL), "sgd", "sgd guided"):
        name, _, guided = method.partition(" ")
        for target in targets if name != "spider_online" else targets[:3]:
            smoothness = smoothness_for(mean_squared_smoothness=SMOOTHNESS, noise=NOISE, target=target)
            for repeat in range(2):
                yield Case(
                    instance="carmon_chain",
                    method=name,
                    instance_parameters={"smoothness": smoothness, "gap": GAP, "target": target},
                    method_parameters={"smoothness": SMOOTHNESS} if name == "sgd" and not guided else {},
                    targets=target,
                    width=WIDTH,
                    max_queries=20_000_000,
                    model="smoothed_zero_chain_noise",
                    model_parameters={"noise": NOISE, "fresh": True},
                    observe="all",
                    label=GUIDED if guided else "",
                    repeat=repeat,
                )


def ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """For each run the queries beside T/p, the mean of those that a method needs that asks at the frontier."""
    rows = frame.copy()
    chance = rows["report.chance"].astype(float)
    lengths = [length_of(row) for row in rows.to_dict(orient="records")]
    rows["T"], rows["p"] = lengths, chance
    rows["T/p"] = [float(rounds_law(T, p).mean()) for T, p in zip(lengths, chance, strict=True)]
    rows["ratio"] = rows["queries"] / rows["T/p"]
    return rows


def length_of(row: Mapping[Any, Any]) -> int:
    """The links of the chain of a row."""
    from hardinstances import carmon_chain

    numbers = {name: row[f"instance.{name}"] for name in ("smoothness", "gap", "target")}
    return carmon_chain(**numbers).dimension


def curves(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame, Fit | None, Fit | None]]:
    """Each method with its rows, and its exponents in T/p and in 1/target."""
    for (method, label), rows in ratios(frame).groupby(["method", "label"], sort=False):
        met = rows[rows["met"].astype(bool)]
        bound = power_law(met["T/p"].tolist(), met["queries"].tolist())
        name = f"{method} ({label})" if label else str(method)
        yield name, rows, bound, power_law((1 / met["target"]).tolist(), met["queries"].tolist())


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Queries and their ratio to T/p for each target, and the exponents."""
    cells = []
    law = ratios(frame).drop_duplicates("target").sort_values("target", ascending=False)
    need = power_law((1 / law["target"]).tolist(), law["T/p"].tolist())
    cells.append(
        {"method": "T/p"}
        | {f"eps={row['target']:g}": f"{row['T/p']:.1f} (T={row['T']})" for _, row in law.iterrows()}
        | {"exponent in T/p": "1", "exponent in 1/eps": str(need or "too few")}
    )
    for name, rows, bound, target in curves(frame):
        at = {
            f"eps={value:g}": f"{group['queries'].mean():.0f} ({group['ratio'].mean():.0f})"
            if group["met"].all()
            else f"> {group['queries'].min():.0f}"
            for value, group in rows.groupby("target", sort=False)
        }
        fits = {"exponent in T/p": str(bound or "too few"), "exponent in 1/eps": str(target or "too few")}
        cells.append({"method": name} | at | fits)
    caption = (
        f"Queries to the target, means of repeated runs, and in brackets their ratio to T/p. L in mean square "
        f"{SMOOTHNESS:g}, sigma {NOISE:g}, gap {GAP:g}; K = {WIDTH}, one sample at two points. Theory: T/p grows "
        "as 1/eps^3 for p << 1."
    )
    return [Table("Queries beside the T/p that are needed", pd.DataFrame(cells).fillna("").astype(str), caption)]


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """No count below a bound, or above one; and the exponents in 1/target, 3 for the optimal methods and 4 for descent
    that knows as much.
    """
    growth = [
        exponent_verdict(rows, "target", "queries", exponent, TOLERANCE)
        for exponent, rows in (
            (3.0, frame[frame["method"].isin(OPTIMAL)]),
            (4.0, frame[(frame["method"] == "sgd") & (frame["label"] != GUIDED)]),
        )
    ]
    return worst_of(failures_verdict(frame), bounds_verdict(frame), *growth)


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Queries against the target."""
    series = []
    law = ratios(frame).drop_duplicates("target").sort_values("target")
    series.append(Series("T/p", law["target"].tolist(), law["T/p"].tolist(), theory=True))
    for name, rows, _, _ in curves(frame):
        means = rows[rows["met"].astype(bool)].groupby("target", as_index=False)["queries"].mean()
        series.append(Series(name, means["target"].tolist(), means["queries"].tolist()))
    return [Panel("Queries to the target", "eps", "queries", series, falling=True)]


STUDIES.add(Study("mean-squared-smooth", SENTENCE, cases, y="queries", tables=tables, verdict=verdict, panels=panels))
