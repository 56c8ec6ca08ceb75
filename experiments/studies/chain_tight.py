"""chain-tight: every chain and set of constants at the same L, D and epsilon, beside gradient descent's guarantee."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments.binding import first_order
from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, bounds_verdict, failures_verdict, worst_of
from oracles import ALGORITHMS, FAMILIES

SENTENCE = (
    "At the same L, D and epsilon the sharper chains force several hundred times more rounds than the published "
    "constants do, up to a constant factor of what gradient descent needs at most, and no zero-respecting method "
    "of the chain's class needs fewer"
)
CHAINS: dict[str, tuple[str, dict[str, Any]]] = {
    "chain I, published constants": ("carmon_chain", {"first_link": 1.0, "constants": "published"}),
    "chain I, tight constants": ("carmon_chain", {"first_link": 1.0}),
    "chain I, first link e": ("carmon_chain", {}),
    "sharp chain": ("sharp_chain", {}),
    "spline S5": ("spline_chain", {"link": "S5"}),
    "spline S20": ("spline_chain", {"link": "S20"}),
    "spline S21": ("spline_chain", {"link": "S21"}),
    "spline R6": ("spline_chain", {"link": "R6"}),
    "spline R12": ("spline_chain", {"link": "R12"}),
    "spline R13": ("spline_chain", {"link": "R13"}),
}
PUBLISHED, SHARP = "chain I, published constants", "sharp chain"
WIDTH = 16
FEW = ("gradient_descent", "batched_step_search", "armijo", "scipy:CG", "scipy:L-BFGS-B")  # of the quick form
DENSE = ("scipy:BFGS", "scipy:SLSQP", "scipy:trust-constr")  # matrices of d^2 numbers, too slow on thousands of links
FACTOR = 100.0  # how many times more rounds the sharp chain must force than the published constants


def cases(quick: bool) -> Iterator[Case]:
    """Every zero-respecting method of first order that knows enough, on every chain; L = D = 1, K = 16 for batches."""
    for target in (0.05, 0.02) if quick else (0.03, 0.02, 0.014, 0.01):
        for label, (family, parameters) in CHAINS.items():
            if label == PUBLISHED and target > 1824**-0.5:
                continue  # the published constants leave no link
            scaled = {**parameters, "smoothness": 1.0, "gap": 1.0, "target": target}
            instance = FAMILIES[family].instance(scaled)
            for name, method in ALGORITHMS.items():
                if (
                    not method.traits.zero_respecting
                    or not first_order(method, instance)
                    or name in DENSE
                    or (quick and name not in FEW)
                ):
                    continue
                yield Case(
                    instance=family,
                    method=name,
                    instance_parameters=scaled,
                    method_parameters={"initial_step": 1.0} if "initial_step" in method.numbers else {},
                    targets=target,
                    width=WIDTH if "width" in method.numbers else 1,
                    max_queries=20_000 if quick else 100_000,
                    max_seconds=120,
                    label=label,
                )


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """For each chain and target: the bound, the rounds of descent and of the batched search, descent's guarantee."""
    found = []
    for (label, epsilon), part in frame.groupby(["label", "target"], sort=False):
        target = float(str(epsilon))
        by_method = part.set_index("method")
        descent, batched = (by_method.loc[name].to_dict() for name in ("gradient_descent", "batched_step_search"))
        bound, guarantee = float(descent["lower_rounds"]), float(descent["upper_queries"])
        most = part[part["met"].astype(bool)]["rounds"]
        found.append(
            {
                "chain": label,
                "target": target,
                "bound": bound,
                "tag": descent["lower_rounds_tag"],
                "J": 1 / (target**2 * max(bound - 1, 1)),
                "batched": batched["rounds"] if batched["met"] else None,
                "descent": descent["rounds"] if descent["met"] else None,
                "guarantee": guarantee,
                "least": int(most.min()) if len(most) else None,
                "share": bound / guarantee,
            }
        )
    return found


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """The constants side by side, and every method's rounds."""
    constants = [
        {
            "chain": row["chain"],
            "target": f"{row['target']:g}",
            "bound": f"{row['bound']:.0f} ({row['tag']})",
            "L D / (eps^2 T)": f"{row['J']:.4g}",
            "least of all methods": row["least"],
            f"batched, K = {WIDTH}": row["batched"],
            "gradient descent": row["descent"],
            "its guarantee": f"{row['guarantee']:.0f}",
            "bound / guarantee": f"{row['share']:.3g}",
        }
        for row in rows(frame)
    ]
    text = frame.assign(
        count=[f"{n:.0f}" if met else f"> {n:.0f}" for n, met in zip(frame["rounds"], frame["met"], strict=True)]
    )
    methods = text.pivot_table(
        index="method", columns=["label", "target"], values="count", aggfunc="first", sort=False
    ).reset_index()
    methods.columns = [" ".join(map(str, part)).strip() if isinstance(part, tuple) else str(part) for part in methods]
    return [
        Table(
            "The lower bound of each chain beside what gradient descent needs, L = D = 1",
            pd.DataFrame(constants).astype(str),
            "Rounds at the first query that meets the target. The guarantee is gradient descent's own, for every "
            "L-smooth function with this gap. Zero-respecting methods of the class that the bound speaks of.",
        ),
        Table("Rounds of every method", methods.astype(str), "> n: the budget ended the run."),
    ]


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """No count below its bound, and the sharp chain at least a hundred times above the published constants."""
    by_chain = {(row["chain"], row["target"]): row for row in rows(frame)}
    gains = [
        (by_chain[SHARP, target]["bound"] - 1) / max(row["bound"] - 1, 1)
        for (chain, target), row in by_chain.items()
        if chain == PUBLISHED
    ]
    share = min(row["share"] for row in by_chain.values() if row["chain"] == SHARP)
    sharper = Verdict(
        "inconclusive" if not gains else "holds" if min(gains) >= FACTOR else "fails",
        f"the sharp chain is {min(gains, default=0):.0f} or more times as long as the published constants make it, its "
        f"bound at least {share:.3f} of gradient descent's guarantee",
    )
    return worst_of(failures_verdict(frame), bounds_verdict(frame), sharper)


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """The bounds against the target, and gradient descent's guarantee."""
    table = pd.DataFrame(rows(frame))
    series = [
        Series(str(chain), part["target"].tolist(), part["bound"].tolist())
        for chain, part in table.groupby("chain", sort=False)
    ]
    best = table.groupby("target")["guarantee"].max()
    series.append(Series("guarantee of gradient descent", best.index.tolist(), best.tolist(), theory=True))
    return [Panel("Rounds forced by each chain, L = D = 1", "target", "rounds", series, falling=True)]


STUDIES.add(Study("chain-tight", SENTENCE, cases, tables=tables, verdict=verdict, panels=panels))
