"""sharp-constants: the constant J of the lower bound L D / (J epsilon^2), for each construction, and what is proved."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pandas as pd

from experiments.case import Case
from experiments.constants import Constant, constants_of
from experiments.figures import Panel, Series
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, bounds_verdict, failures_verdict, worst_of
from hardinstances.certify.provers import proofs
from oracles import FAMILIES, Instance

SENTENCE = (
    "With gap per link, smoothness and floor proved, no zero-respecting method of first order needs fewer than "
    "L D / (J epsilon^2) rounds with J <= 5.0, and with all derivatives, however many queries per round, J <= 7.6"
)
TARGET = 0.1  # with L = 1, so that L D / epsilon^2 = 100 D
LENGTH = 1000  # at which proofs are asked for: the gap per link is that of the whole chain, ends included
DESCENT = 0.75  # gradient descent with steps of 1/L needs at most (4/3) L D / epsilon^2 queries, so that J >= 3/4
GRADIENTS, EVERYTHING = "gradients", "all derivatives"
LIMITS = {GRADIENTS: 5.0, EVERYTHING: 7.6}
METHODS = (("gradient_descent", 1), ("batched_step_search", 16))


@dataclass(frozen=True)
class Construction:
    """A chain: what it hides, how it is named among families, and what else scales it."""

    hides: str
    family: str
    numbers: dict[str, Any] = field(default_factory=dict)
    scale: dict[str, Any] = field(default_factory=dict)


CONSTRUCTIONS = {
    "chain I, published": Construction(EVERYTHING, "carmon_chain", {"first_link": 1.0, "constants": "published"}),
    "chain I, k = 1": Construction(EVERYTHING, "carmon_chain", {"first_link": 1.0}),
    "chain I, k = e": Construction(EVERYTHING, "carmon_chain"),
    "chain II": Construction(GRADIENTS, "chain_two", {"weight": 1 / 45}, {"hessian_smoothness": 1e9}),
    "sharp chain": Construction(GRADIENTS, "sharp_chain"),
    "spline S5": Construction(GRADIENTS, "spline_chain", {"link": "S5"}),
    "spline S20": Construction(GRADIENTS, "spline_chain", {"link": "S20"}),
    "spline S21": Construction(GRADIENTS, "spline_chain", {"link": "S21"}),
    "spline R6": Construction(EVERYTHING, "spline_chain", {"link": "R6"}),
    "spline R12": Construction(EVERYTHING, "spline_chain", {"link": "R12"}),
    "spline R13": Construction(EVERYTHING, "spline_chain", {"link": "R13"}),
}


@dataclass(frozen=True)
class Proved:
    """The best that is proved: gap per link and smoothness from above, floor from below; None where nothing is."""

    per_link: float | None
    smoothness: float | None
    floor: float | None

    @property
    def constant(self) -> float | None:
        """J, where all three are proved."""
        if self.per_link is None or self.smoothness is None or not self.floor:
            return None
        return self.per_link * self.smoothness / self.floor**2


def cases(quick: bool) -> Iterator[Case]:
    """Two methods on each chain at the same L, epsilon and gaps."""
    for name, one in CONSTRUCTIONS.items():
        own = {key: value for key, value in one.numbers.items() if key != "weight"}
        for gap in (20.0, 80.0) if quick else (20.0, 80.0, 320.0):
            for method, width in METHODS:
                yield Case(
                    instance=one.family,
                    method=method,
                    instance_parameters={"smoothness": 1.0, "target": TARGET, "gap": gap} | own | one.scale,
                    targets=TARGET,
                    width=width,
                    max_queries=2_000_000,
                    label=name,
                )


def instance_of(name: str) -> Instance:
    """The construction in its own units, at the length where proofs are asked for."""
    one = CONSTRUCTIONS[name]
    return FAMILIES[one.family].instance(one.numbers | {"length": LENGTH})


@cache
def proved(name: str) -> Proved:
    """What is proved of a construction, now."""
    instance = instance_of(name)
    known = {quantity: proofs(instance, quantity) for quantity in ("gap", "smoothness", "floor")}
    gap, smoothness = (
        min((proof.value for proof in known[quantity] if proof.side == "upper"), default=None)
        for quantity in ("gap", "smoothness")
    )
    floor = max((proof.value for proof in known["floor"] if proof.side == "lower"), default=None)
    return Proved(None if gap is None else gap / LENGTH, smoothness, floor)


@cache
def claimed(name: str) -> Constant:
    """J from the default claims. Errors: `IndexError` where the construction has none."""
    one = CONSTRUCTIONS[name]
    if one.family == "chain_two":  # its bound grows like another power of epsilon; at fixed mu like 1/epsilon^2
        claims = instance_of(name).claims
        return Constant(
            claims.value("gap") / LENGTH, claims.value("smoothness"), claims.value("floor"), claims.tags()["floor"]
        )
    return constants_of(FAMILIES[one.family], one.numbers | {"length": LENGTH})[0]


def number(value: float | None) -> str:
    """A number in a table, or that nothing is proved."""
    return "open" if value is None or not math.isfinite(value) else f"{value:.5g}"


def constants_table() -> Table:
    """J of each construction, claimed and proved."""
    rows = []
    for name, one in CONSTRUCTIONS.items():
        said, known = claimed(name), proved(name)
        rows.append(
            {"construction": name, "hides": one.hides, "gap per link": f"{said.per_round:.5g}"}
            | {"smoothness": f"{said.smoothness:.6g}", "floor": f"{said.floor:.5g}"}
            | {"J": f"{said.value:.4g}", "tag": said.tag, "proved gap": number(known.per_link)}
            | {"proved smoothness": number(known.smoothness), "proved floor": number(known.floor)}
            | {"proved J": number(known.constant)}
        )
    return Table(
        "The constant J of the lower bound L D / (J epsilon^2)",
        pd.DataFrame(rows),
        "J = (gap per link) smoothness / floor^2 in each chain's own units: from the default claims, with the weakest "
        f"of their tags; and from what was proved in this run, for every length, the gap at T = {LENGTH} with ends. "
        f"Gradient descent needs at most (4/3) L D / epsilon^2 queries: J >= {DESCENT}. open: nothing is proved.",
    )


def rounds_table(frame: pd.DataFrame) -> Table:
    """Rounds of each method beside T, at each size L D / epsilon^2."""
    rows = []
    for (name, gap), part in frame.groupby(["label", "instance.gap"], sort=False):
        size = float(str(gap)) / TARGET**2
        known = proved(str(name)).constant
        row = {"construction": str(name), "L D / epsilon^2": f"{size:.6g}", "T": str(claimed(str(name)).rounds(size))}
        row["T proved"] = "open" if known is None else str(int(size // known))
        for method, _ in METHODS:
            (one,) = part[part["method"] == method].to_dict(orient="records")
            row[method] = f"{'' if one['met'] else '> '}{int(one['rounds'])}"
        rows.append(row)
    return Table(
        "Rounds at the same L, D and epsilon",
        pd.DataFrame(rows),
        "T = floor(L D / (J epsilon^2)). gradient_descent: one query per round; batched_step_search: K = 16.",
    )


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """The constants, and rounds beside them."""
    return [constants_table(), rounds_table(frame)]


def best_proved(hides: str) -> tuple[float, str]:
    """The least J that is proved against an oracle, and of what; infinity where none is."""
    known = [(proved(name).constant, name) for name, one in CONSTRUCTIONS.items() if one.hides == hides]
    return min(((value, name) for value, name in known if value is not None), default=(math.inf, "nothing"))


def constants_verdict() -> Verdict:
    """Holds where both constants are proved; fails where one is below what gradient descent allows."""
    found = {hides: best_proved(hides) for hides in LIMITS}
    evidence = "; ".join(
        f"against {hides} J = {value:.4g} is proved of {name}, wanted {LIMITS[hides]:g}"
        for hides, (value, name) in found.items()
    )
    if any(value < DESCENT for value, _ in found.values()):
        return Verdict("fails", f"{evidence}: below {DESCENT}, which gradient descent excludes")
    enough = all(value <= LIMITS[hides] for hides, (value, _) in found.items())
    return Verdict("holds" if enough else "inconclusive", evidence)


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """No count below its bound, and the constants proved."""
    return worst_of(failures_verdict(frame), bounds_verdict(frame), constants_verdict())


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Rounds of gradient descent on each chain and T of the best ones against L D / epsilon^2, below what it needs."""
    descent = frame[frame["method"] == METHODS[0][0]].assign(size=frame["instance.gap"] / TARGET**2)
    sizes = sorted(set(descent["size"]))
    series = [
        Series(str(name), part["size"].tolist(), part["rounds"].tolist())
        for name, part in descent.groupby("label", sort=False)
    ]
    for hides in LIMITS:
        value, name = best_proved(hides)
        if math.isfinite(value):
            series.append(Series(f"T, proved of {name}", sizes, [size / value for size in sizes], theory=True))
    series.append(Series("(4/3) L D / epsilon^2", sizes, [size / DESCENT for size in sizes], theory=True))
    return [Panel("Rounds of gradient descent", "L D / epsilon^2", "rounds", series)]


STUDIES.add(Study("sharp-constants", SENTENCE, cases, x="instance.gap", tables=tables, verdict=verdict, panels=panels))
