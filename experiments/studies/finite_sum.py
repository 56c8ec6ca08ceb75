"""finite-sum: component queries against the number of components."""

import math
from collections.abc import Iterator

import pandas as pd

from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.fit import Fit, power_law
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, bounds_verdict, failures_verdict, worst_of

SENTENCE = (
    "On sums of n chains on disjoint blocks, at fixed L in the mean, gap and target, PAGE and SPIDER take n^(1/2) "
    "component queries, SVRG n^(2/3), and gradient descent, told no more of f than L, takes n"
)
LINK_COST = 2 * 131.556  # L D / (sqrt(n) epsilon^2) of one link: T sqrt(n) is the same for all n
TOLERANCE = 0.1
FULL, OWN = "full gradients, step 1/L", "full gradients, step 1/L of the sum itself"


EXPONENTS = {"page": 1 / 2, "spider": 1 / 2, "svrg": 2 / 3, "gradient_descent": 1.0}


def queries_of_a_step(method: str, n: int) -> float:
    """The mean component queries of a step, whose growth over a finite range of n is not yet a power of n."""
    root, cube = math.ceil(math.sqrt(n)), math.ceil(math.pow(n, 1 / 3) - 1e-9)
    return {
        "page": 3 * n * root / (n + root),
        "spider": n / root + 2 * (root - 1),
        "svrg": n / cube + 2 * cube * (cube - 1),
        "gradient_descent": float(n),
    }[method]


def cases(quick: bool) -> Iterator[Case]:
    """Chains of T links, T sqrt(n) fixed, two links for the last n; several runs of the random methods."""
    counts = (4, 16, 64) if quick else (4, 16, 64, 256, 1024)
    budget = 2 * LINK_COST * math.sqrt(counts[-1])
    for n in counts:
        sums = {"components": n, "smoothness": 1.0, "gap": budget * (1 + 1e-6), "target": 1.0}
        for method in ("page", "spider", "svrg"):
            for repeat in range(2):
                yield Case("disjoint_chains", method, sums, targets=1.0, max_queries=20_000_000, model="components",
                           observe="all", repeat=repeat)  # fmt: skip
        yield Case("disjoint_chains", "gradient_descent", sums, {"smoothness": 1.0}, targets=1.0, label=FULL)
        yield Case("disjoint_chains", "gradient_descent", sums, targets=1.0, label=OWN)


def counted(frame: pd.DataFrame) -> pd.DataFrame:
    """With the component queries: a full gradient is n of them."""
    rows = frame.copy()
    rows["n"] = rows["instance.components"].astype(int)
    rows["component queries"] = rows["queries"].where(rows["model"] == "components", rows["queries"] * rows["n"])
    return rows


def curves(frame: pd.DataFrame) -> Iterator[tuple[str, str, pd.DataFrame, Fit | None, float]]:
    """Each method with its rows, its exponent in n, and that of the queries of a step over the same n."""
    for (method, label), rows in counted(frame).groupby(["method", "label"], sort=False):
        met = rows[rows["met"].astype(bool)]
        fit = power_law(met["n"].tolist(), met["component queries"].tolist())
        sizes = sorted(set(rows["n"]))
        theory = power_law(sizes, [queries_of_a_step(str(method), n) for n in sizes])
        yield str(method), str(label), rows, fit, math.nan if theory is None else theory.slope


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Component queries against n, and the exponents."""
    rows = counted(frame)
    sums = rows[rows["model"] == "components"]  # the others' bounds are on full gradients
    least = sums.groupby("n")["lower_queries"].max().items() if "lower_queries" in rows else ()
    cells = [{"method": "lower bound"} | {f"n={n}": f"{value:.0f}" for n, value in least}]
    for method, label, group, fit, here in curves(frame):
        at = {
            f"n={n}": f"{part['component queries'].mean():.0f}"
            if part["met"].all()
            else f"> {part['component queries'].min():.0f}"
            for n, part in group.groupby("n")
        }
        theory = "1/2" if label == OWN else f"{EXPONENTS[method]:.3g}"
        same = "" if label == OWN else f"{here:.2f}"
        fits = {"exponent in n": str(fit or "too few"), "of a step, same n": same, "theory": theory}
        cells.append({"method": f"{method} ({label})" if label else method} | at | fits)
    caption = (
        "Queries of single components to the first at a point that meets the target; a full gradient is n. Means of "
        "repeated runs. L, gap and target are fixed, so that T sqrt(n) is. of a step: the exponent of the queries of "
        "one step over the same n, such as 3 n/(1 + sqrt(n)) for PAGE, which is theory's for large n. The sum itself "
        "is sqrt(n) times smoother than L, which a method told so can use."
    )
    return [Table("Component queries against n", pd.DataFrame(cells).fillna("").astype(str), caption)]


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """Each exponent within the tolerance of that of a step over the same n; no count below a bound or above one."""
    found = []
    for method, label, _, fit, here in curves(frame):
        if label == OWN:
            continue
        if fit is None:
            found.append(Verdict("inconclusive", f"{method}: too few points"))
        else:
            fine = abs(fit.slope - here) <= TOLERANCE
            said = f"{method}: exponent in n {fit}, of a step {here:.2f}"
            found.append(Verdict("holds" if fine else "fails", said))
    return worst_of(failures_verdict(frame), bounds_verdict(frame), *found)


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Component queries against n."""
    series = []
    for method, label, rows, _, _ in curves(frame):
        means = rows[rows["met"].astype(bool)].groupby("n", as_index=False)["component queries"].mean()
        name = f"{method} ({label})" if label else method
        series.append(Series(name, means["n"].tolist(), means["component queries"].tolist()))
    return [Panel("Component queries to the target", "n", "component queries", series)]


STUDIES.add(
    Study(
        "finite-sum",
        SENTENCE,
        cases,
        x="instance.components",
        y="queries",
        tables=tables,
        verdict=verdict,
        panels=panels,
    )
)
