"""one-dimension: four settings, with values or without, with random numbers or without, and their four rates."""

import math
from collections.abc import Iterator

import pandas as pd

from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.fit import Fit, power_law
from experiments.studies.staircase import all_met, banded
from experiments.study import STUDIES, Study
from experiments.tables import COUNTING, Table
from experiments.verdicts import Verdict, bounds_verdict, failures_verdict, worst_of

SENTENCE = (
    "In one dimension deterministic methods that see gradients alone need L D/epsilon^2 queries, which marching "
    "attains and gradient descent misses by a factor of 4/3; random numbers bring this down to the order 1/epsilon, "
    "values to log(1/epsilon), with random numbers or without"
)
DETERMINISTIC, RANDOM, VALUES, DESCENT = (
    "deterministic, gradients alone",
    "randomised, gradients alone",
    "with values",
    "descent on hidden tents",
)
CONSTANTS = {"march": (0.9999, 1.01), "gradient_descent": (1.32, 1.35)}  # of queries epsilon^2 against the adversary
THEORY = {"march": "1", "gradient_descent": "4/3"}
EXPONENTS = {RANDOM: (0.85, 1.05), DESCENT: (1.95, 2.1)}  # with the logarithm of the bisection, and the whole blocks
FORCED = (0.1, 0.03, 0.01, 0.003, 0.001)
HIDDEN = (0.03, 0.01, 0.003, 0.001, 0.0003)
ROUNDING = 1e-12  # 101 queries at 0.1 are 1.01 exactly, but not in doubles
AGREEMENT = 1e-12  # of the adversary's answers with its completed function
SEEDS, QUICK_SEEDS = 100, 20


def cases(quick: bool) -> Iterator[Case]:
    """Two methods against the adversary; three on hidden tents, over many seeds where they or the tents are random."""
    for target in FORCED[:3] if quick else FORCED:
        for method in CONSTANTS:
            line = {"target": target}
            yield Case("bump1d", method, line, model="resisting_line", max_queries=None, label=DETERMINISTIC)
    for target in HIDDEN[:3] if quick else HIDDEN:
        for label, method in ((RANDOM, "random_search"), (VALUES, "trap1d")):
            for seed in range(QUICK_SEEDS if quick else SEEDS):
                yield Case("bump1d", method, {"target": target, "seed": seed}, label=label, repeat=seed)
    for target in HIDDEN[:4]:
        yield Case("bump1d", "gradient_descent", {"target": target}, max_queries=None, label=DESCENT)


def part(frame: pd.DataFrame, label: str) -> pd.DataFrame:
    """The rows of one setting that met their target."""
    return frame[(frame["label"] == label) & frame["met"].astype(bool)]


def constants(frame: pd.DataFrame) -> pd.DataFrame:
    """Queries epsilon^2/(L D) against the adversary, L = D = 1, with the adversary's certificates."""
    rows = part(frame, DETERMINISTIC)
    found = rows[["method", "target", "queries"]].copy()
    found["q eps^2"] = rows["queries"] * rows["target"] ** 2
    for name in ("disagreement", "gap", "smoothness"):
        found[name] = rows[f"report.{name}"]
    return found


def by_target(frame: pd.DataFrame, label: str) -> pd.DataFrame:
    """The mean and the largest count of each target in one setting, the largest target first."""
    grouped = part(frame, label).groupby("target")["queries"].agg(["mean", "max"])
    return grouped.sort_index(ascending=False).reset_index()


def growth(frame: pd.DataFrame, label: str) -> Fit | None:
    """The power of 1/epsilon in the mean count."""
    means = by_target(frame, label)
    return power_law((1 / means["target"]).tolist(), means["mean"].tolist())


def most(target: float) -> int:
    """1 + ceil(log2(4 L D / epsilon^2)), L = D = 1: what `trap1d` needs at most with one query per round."""
    return 1 + math.ceil(math.log2(4 / target**2))


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """The four settings, and the adversary's certificates."""
    rows = []
    for label, theory in ((RANDOM, "1/eps"), (VALUES, "log 1/eps"), (DESCENT, "1/eps^2")):
        counts = by_target(frame, label)
        row = {"setting": label, "theory": theory, "exponent": str(growth(frame, label) or "too few")}
        for target, mean, largest in counts.itertuples(index=False):
            row[f"eps={target:g}"] = f"{mean:.4g} (at most {largest:.0f})"
        rows.append(row)
    limits = {f"eps={target:g}": str(most(target)) for target in by_target(frame, VALUES)["target"]}
    rows.append({"setting": "bound, with values", "theory": "1 + ceil(log2(4/eps^2))"} | limits)
    forced = constants(frame)
    shown = forced.assign(theory=[THEORY[name] for name in forced["method"]])
    for name, form in (("q eps^2", "{:.5f}"), ("disagreement", "{:.1e}"), ("gap", "{:.9f}"), ("smoothness", "{:.9f}")):
        shown[name] = shown[name].map(form.format)
    certificate = (
        "L = D = 1. Disagreement: the largest between an answer and the completed function, whose gap and smoothness "
        f"stand behind it. {COUNTING}"
    )
    means = f"L = D = 1; means over the seeds, with the largest. {COUNTING}"
    return [
        Table("One dimension: deterministic methods against the adversary", shown.astype(str), certificate),
        Table("One dimension: hidden tents", pd.DataFrame(rows).fillna(""), means),
    ]


def forced_verdict(frame: pd.DataFrame) -> Verdict:
    """The constants of both methods, and that all answers are those of a function of the class."""
    found, verdicts = constants(frame), []
    for method, (low, high) in CONSTANTS.items():
        numbers = found[found["method"] == method]["q eps^2"]
        good = len(numbers) > 0 and numbers.between(low - ROUNDING, high + ROUNDING).all()
        shown = ", ".join(f"{number:.5f}" for number in numbers)
        text = f"q eps^2 of {method} {shown}, theory {THEORY[method]}"
        verdicts.append(Verdict("holds" if good else "fails", text))
    sound = (found["disagreement"] <= AGREEMENT) & (found["gap"] <= 1 + 1e-9) & (found["smoothness"] <= 1 + 1e-6)
    text = f"{sound.sum()} of {len(found)} adversaries consistent"
    return worst_of(*verdicts, Verdict("holds" if sound.all() else "fails", text))


def values_verdict(frame: pd.DataFrame) -> Verdict:
    """No run with values needs more than its bound."""
    counts = by_target(frame, VALUES)
    pairs = [(int(largest), most(target)) for target, largest in zip(counts["target"], counts["max"], strict=True)]
    text = ", ".join(f"{largest} <= {bound}" for largest, bound in pairs)
    good = all(largest <= bound for largest, bound in pairs)
    return Verdict("holds" if good and pairs else "fails", f"largest counts with values: {text}")


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """The two constants, the exponents, and the logarithm."""
    powers = [banded(label, growth(frame, label), band) for label, band in EXPONENTS.items()]
    if frame[frame["label"] == RANDOM]["target"].nunique() < len(HIDDEN):
        powers = [Verdict("holds", "too few targets to judge: " + "; ".join(one.evidence for one in powers))]
    parts = (forced_verdict(frame), values_verdict(frame), *powers)
    return worst_of(failures_verdict(frame), all_met(frame), bounds_verdict(frame), *parts)


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Queries against the target in every setting."""
    series = []
    for method in CONSTANTS:
        rows = constants(frame)
        rows = rows[rows["method"] == method]
        series.append(Series(f"{method}, {DETERMINISTIC}", rows["target"].tolist(), rows["queries"].tolist()))
    for label in (RANDOM, VALUES, DESCENT):
        counts = by_target(frame, label)
        series.append(Series(label, counts["target"].tolist(), counts["mean"].tolist()))
    theory = sorted(set(frame["target"]))
    series.append(Series("1/eps^2", theory, [target**-2 for target in theory], theory=True))
    return [Panel("Queries in one dimension", "eps", "queries", series, falling=True)]


STUDIES.add(Study("one-dimension", SENTENCE, cases, y="queries", tables=tables, verdict=verdict, panels=panels))
