"""nested-chain: where parallel queries provably help: first-order methods follow the bridges, Newton leaps them."""

from collections.abc import Iterator

import pandas as pd

from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.fit import Fit, power_law
from experiments.growth import cell
from experiments.study import STUDIES, Study
from experiments.tables import COUNTING, Table
from experiments.verdicts import Verdict, bounds_verdict, failures_verdict, worst_of
from hardinstances.nested_chain import least_target, nested_chain

SENTENCE = (
    "On the nested chain gradient descent needs epsilon^-2 queries and accelerated methods epsilon^(-7/4), as many as "
    "every first-order method; with K = d queries per round Newton's method by differences needs the same number of "
    "rounds at every length of the bridges, below what any sequential first-order method needs"
)
EPSILON, BRIDGE = "against epsilon", "against the bridge"
CLASS = {"smoothness": 1.0, "hessian_smoothness": 1.0}
# The bridges at the targets, and the gap: T is about 88 at the first one. The shape of the chain follows the theorem
# better at longer bridges; on shorter chains the first links weigh too much.
TARGETS: tuple[tuple[int, ...], float] = ((16, 18, 20, 22, 23), 2.24e-3)
QUICK_TARGETS: tuple[tuple[int, ...], float] = ((8, 9, 10), 0.083)
BRIDGES, LENGTH = (4, 8, 16, 32), 12
RATES = {"gradient_descent": 2.0, "parameter_free_agd": 1.75, "universal_heavy_ball": 1.75}
IN_ROUNDS = ("parallel_cubic_newton", "speculative_cubic_newton")
TOLERANCE = 0.1  # of an exponent
SPREAD = 1.1  # how far the rounds of a method in rounds may differ between bridges, as a factor


def cases(quick: bool) -> Iterator[Case]:
    """L_1 = L_2 = 1 and the same gap at every epsilon; then T = 12 in the chain's own units at every bridge."""
    bridges, gap = QUICK_TARGETS if quick else TARGETS
    for bridge in bridges:
        target = least_target(bridge, **CLASS)
        for method in RATES:
            if quick and method == "parameter_free_agd":  # its exponent comes out at longer bridges alone
                continue
            yield Case(
                "nested_chain",
                method,
                {**CLASS, "gap": gap, "target": target},
                {"initial_smoothness": 1.0} if method != "gradient_descent" else {},
                max_queries=20_000_000,
                max_seconds=900,
                label=EPSILON,
            )
    for bridge in BRIDGES[:3] if quick else BRIDGES:
        chain = nested_chain(length=LENGTH, bridge=bridge)
        for method in (*RATES, *IN_ROUNDS):
            # outer coordinates change by about 1, on the scale of Upsilon, which fixes the regularisation
            start = {"regularisation": chain.claims.value("hessian_smoothness")} if method in IN_ROUNDS else {}
            yield Case(
                "nested_chain",
                method,
                {"length": LENGTH, "bridge": bridge},
                {"initial_smoothness": 4.0} if method in RATES and method != "gradient_descent" else start,
                targets=chain.target,
                max_seconds=600,
                label=BRIDGE,
            )


def per_gap(row: pd.Series) -> float:
    """Queries at the gap that the study asks for: whole links leave the chain's own gap a little smaller."""
    parameters = {name: row[f"instance.{name}"] for name in ("smoothness", "hessian_smoothness", "gap", "target")}
    return float(row["queries"] * parameters["gap"] / nested_chain(**parameters).claims.value("gap"))


def fits(frame: pd.DataFrame) -> dict[str, Fit | None]:
    """The exponent in 1/epsilon of each method's queries at equal gap."""
    part = frame[(frame["label"] == EPSILON) & frame["met"].astype(bool)]
    return {
        str(name): power_law((1 / rows["target"]).tolist(), [per_gap(row) for _, row in rows.iterrows()])
        for name, rows in part.groupby("method", sort=False)
    }


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Queries against epsilon with the exponents; rounds against the bridge."""
    by_epsilon, by_bridge = (frame[frame["label"] == label] for label in (EPSILON, BRIDGE))
    exponents = fits(frame)
    rows = [
        {
            "method": "lower bound for first-order methods",
            **_heads(by_epsilon, "lower_rounds"),
            "exponent": "",
            "theory": "1.75",
        }
    ]
    for method, part in by_epsilon.groupby("method", sort=False):
        counts = {f"eps={row['target']:.3g}": cell(row, "queries") for _, row in part.iterrows()}
        name = str(method)
        rows.append({"method": name, **counts, "exponent": str(exponents.get(name)), "theory": f"{RATES[name]:g}"})
    bridges = [{"method": "lower bound for first-order methods", **_heads(by_bridge, "lower_rounds"), "K": ""}]
    for method, part in by_bridge.groupby("method", sort=False):
        counts = {f"m={row['instance.bridge']:.0f}": cell(row, "rounds") for _, row in part.iterrows()}
        bridges.append({"method": str(method), **counts, "K": f"{part['K'].max():.0f}"})
    return [
        Table(
            "Queries on the nested chain, L1 = L2 = 1, equal gap",
            pd.DataFrame(rows).fillna("").astype(str),
            f"Exponents in 1/epsilon of the queries at exactly equal gap. {COUNTING}",
        ),
        Table(
            f"Rounds on the nested chain in its own units, T = {LENGTH}, bridges of m coordinates",
            pd.DataFrame(bridges).fillna("").astype(str),
            f"K: the widest round of the longest chain. {COUNTING}",
        ),
    ]


def _heads(part: pd.DataFrame, column: str) -> dict[str, str]:
    """A bound in the columns of the table."""
    known = part.dropna(subset=[column]) if column in part else part.iloc[:0]
    return {
        f"eps={row['target']:.3g}"
        if row["label"] == EPSILON
        else f"m={row['instance.bridge']:.0f}": f"{row[column]:.0f}"
        for _, row in known.iterrows()
    }


def exponents_verdict(frame: pd.DataFrame) -> Verdict:
    """Each exponent within the tolerance of theory's."""
    found = fits(frame)
    verdicts = []
    for method, fit in found.items():
        text = f"{method} {fit or 'too few points'}, theory {RATES[method]:g}"
        verdicts.append(
            Verdict(
                "inconclusive" if fit is None else "holds" if abs(fit.slope - RATES[method]) <= TOLERANCE else "fails",
                text,
            )
        )
    return worst_of(*verdicts) if verdicts else Verdict("inconclusive", "no query met a target")


def rounds_verdict(frame: pd.DataFrame) -> Verdict:
    """Newton by differences: the same rounds at every bridge, below the sequential bound at the longest."""
    part = frame[(frame["label"] == BRIDGE) & frame["method"].isin(IN_ROUNDS)]
    if part.empty or not part["met"].all():
        return Verdict("inconclusive", "the methods in rounds did not meet every target")
    bounds = frame[(frame["label"] == BRIDGE)].groupby("instance.bridge")["lower_rounds"].max()
    verdicts = []
    for method, rows in part.groupby("method", sort=False):
        least, most = rows["rounds"].min(), rows["rounds"].max()
        bound = bounds[rows["instance.bridge"].max()]
        text = f"{method} {least:.0f} to {most:.0f} rounds at every bridge, sequential bound {bound:.0f} at the longest"
        verdicts.append(Verdict("holds" if most <= SPREAD * least and most < bound else "fails", text))
    return worst_of(*verdicts)


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """Nobody of the class below the bound, the exponents, and the rounds."""
    return worst_of(failures_verdict(frame), bounds_verdict(frame), exponents_verdict(frame), rounds_verdict(frame))


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Queries against epsilon, and rounds against the bridge."""
    drawn = []
    for label, x, y, title in (
        (EPSILON, "target", "queries", "Queries, L1 = L2 = 1"),
        (BRIDGE, "instance.bridge", "rounds", f"Rounds, T = {LENGTH}"),
    ):
        part = frame[frame["label"] == label]
        bound = part.dropna(subset=["lower_rounds"]).groupby(x)["lower_rounds"].max()
        series = [Series("lower bound, first-order methods", bound.index.tolist(), bound.tolist(), theory=True)]
        for method, rows in part[part["met"].astype(bool)].groupby("method", sort=False):
            ordered = rows.sort_values(x)
            series.append(Series(str(method), ordered[x].tolist(), ordered[y].tolist()))
        drawn.append(Panel(title, "epsilon" if x == "target" else "bridge m", y, series, falling=x == "target"))
    return drawn


STUDIES.add(Study("nested-chain", SENTENCE, cases, tables=tables, verdict=verdict, panels=panels))
