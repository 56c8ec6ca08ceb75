"""sequential-methods: queries to epsilon of every method that asks one point at a time, beside its guarantee."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from experiments.binding import unclaimed
from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.growth import cell
from experiments.study import STUDIES, Study
from experiments.tables import COUNTING, Table
from experiments.verdicts import Outcome, Verdict, bounds_verdict, failures_verdict, worst_of
from oracles import ALGORITHMS, FAMILIES, Algorithm

SENTENCE = (
    "On the chains, on Rosenbrock's function and on the worst cases of single methods each sequential method needs at "
    "least the queries of the lower bounds that speak of it and at most those of its own guarantee, and on the chain "
    "that no method can hurry, methods that find their step themselves need ten times fewer than gradient descent"
)
SIZES = ("length", "bridge", "dimension", "steps")  # the parameters that a column names
HARDEST = "carmon_chain"
ADAPTIVE = ("armijo", "lbfgs", "nonlinear_cg", "parameter_free_agd", "universal_heavy_ball")
FASTER = 10.0  # times fewer queries than gradient descent, for the adaptive methods on the longest chain
BUDGET, QUICK_BUDGET = 2_000_000, 20_000


class Setting(NamedTuple):
    """An instance with its targets, and the numbers of methods that belong to its scale."""

    family: str
    parameters: Mapping[str, Any]
    targets: tuple[float, ...]
    smoothness: float
    hessian_smoothness: float
    first: float  # the first guess of L of the methods that find it

    def numbers(self, record: Algorithm) -> dict[str, float]:
        """The numbers that go with the setting, of those that the method takes."""
        known = {
            "smoothness": self.smoothness,
            "hessian_smoothness": self.hessian_smoothness,
            "initial_smoothness": self.first,
            "initial_step": 1 / self.smoothness,
            "initial_radius": 1.0,
        }
        return {name: number for name, number in known.items() if name in record.numbers}


def settings(quick: bool) -> Iterator[Setting]:
    """The published chain, chain II at three sizes, the nested chain, Rosenbrock, and worst cases of single methods."""
    for length in (10, 20) if quick else (10, 20, 40, 80, 160):
        yield Setting(HARDEST, {"length": length, "first_link": 1.0}, (1.0,), 152.0, 1891.0, 1.0)
    for length, weight in ((10, 1e-2),) if quick else ((10, 1e-2), (20, 2.5e-3), (40, 6.25e-4)):
        smoothness = 4 + weight**0.5 + 180 * weight
        chain = {"length": length, "weight": weight}
        yield Setting("chain_two", chain, (weight**0.75 / 4,), smoothness, 314.07 * weight, 1e-3)
    for bridge in (4,) if quick else (4, 8, 16):
        claims = FAMILIES["nested_chain"].instance({"length": 12, "bridge": bridge}).claims.defaults()
        yield Setting(
            "nested_chain",
            {"length": 12, "bridge": bridge},
            (claims["floor"],),
            claims["smoothness"],
            claims["hessian_smoothness"],
            4.0,
        )
    targets = (1e-1,) if quick else (1e-1, 1e-2, 1e-3)
    yield Setting("chained_rosenbrock", {"dimension": 10}, targets, 1500.0, 2500.0, 1e-3)
    for steps in (20,) if quick else (20, 80):
        kept = FAMILIES["sawtooth"].instance({"steps": steps}).claims.value("floor")
        yield Setting("sawtooth", {"steps": steps}, (0.999 * kept,), 1.0, 1.0, 1.0)


def shown(record: Algorithm) -> bool:
    """Whether a method asks one point at a time, for exact answers, of any dimension and domain, and is no guess."""
    alone = {"width", "noise", "components", "rng", "lower"} & set(record.numbers)
    return not alone and record.traits.deterministic and record.dimensions is None


def cases(quick: bool) -> Iterator[Case]:
    """Every sequential method on every setting; those that need a number nobody claims are left out."""
    for setting in settings(quick):
        instance = FAMILIES[setting.family].instance(setting.parameters)
        for name, record in ALGORITHMS.items():
            if not shown(record) or (quick and name.startswith("scipy:")):
                continue
            numbers = setting.numbers(record)
            if set(unclaimed(record, instance)) - set(numbers):
                continue
            if record.traits.order > 1 and instance.function.band(instance.start) is None:
                continue
            yield Case(
                setting.family,
                name,
                setting.parameters,
                numbers,
                targets=setting.targets,
                max_queries=QUICK_BUDGET if quick else BUDGET,
                max_seconds=60 if quick else 300,
            )


def given(row: pd.Series) -> dict[str, Any]:
    """The parameters of the instance of a row."""
    named = {str(name): value for name, value in row.items() if str(name).startswith("instance.")}
    return {name.partition(".")[2]: value for name, value in named.items() if not pd.isna(value)}


def place(row: pd.Series) -> str:
    """The column of a row: the size of the instance and the target."""
    sizes = [f"{name}={value:g}" for name, value in given(row).items() if name in SIZES]
    return ", ".join([*sizes, f"eps={row['target']:.3g}"])


def scale_free(row: pd.Series) -> dict[str, float]:
    """eps^2 q / (L D), eps^(7/4) q / (D sqrt(L) rho^(1/4)), eps^(3/2) q / (D sqrt(rho)): numbers without units."""
    claims = FAMILIES[row["instance"]].instance(given(row)).claims.for_methods()
    queries, target, gap, smoothness = row["queries"], row["target"], claims["gap"], claims["smoothness"]
    numbers = {"eps^2 q / (L D)": queries * target**2 / (smoothness * gap)}
    if rho := claims.get("hessian_smoothness"):
        numbers["eps^7/4 q / (D L^1/2 rho^1/4)"] = queries * target**1.75 / (gap * smoothness**0.5 * rho**0.25)
        numbers["eps^3/2 q / (D rho^1/2)"] = queries * target**1.5 / (gap * rho**0.5)
    return numbers


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Queries of every method everywhere, and the same without units at the last place of each instance."""
    found = []
    for family, part in frame.groupby("instance", sort=False):
        rows = []
        for method, counts in part.groupby("method", sort=False):
            last = counts.iloc[-1]
            free = {key: f"{number:.3g}" for key, number in scale_free(last).items()} if last["met"] else {}
            bound = last.get("upper_queries")
            upper = {} if pd.isna(bound) else {"its bound": f"{bound:.4g} ({last['upper_queries_tag']})"}
            heads = {place(row): cell(row, "queries") for _, row in counts.iterrows()}
            rows.append({"method": str(method), **heads, **free, **upper})
        caption = f"The numbers without units, and the method's own bound, are those of the last count. {COUNTING}"
        found.append(Table(f"Queries to epsilon on {family}", pd.DataFrame(rows).fillna("").astype(str), caption))
    return found


def adaptive_verdict(frame: pd.DataFrame) -> Verdict:
    """How many times fewer queries the adaptive methods need than gradient descent on the longest chain."""
    part = frame[frame["instance"] == HARDEST]
    longest = part[part["instance.length"] == part["instance.length"].max()].set_index("method")
    if "gradient_descent" not in longest.index or not longest.loc["gradient_descent", "met"]:
        return Verdict("inconclusive", "gradient descent did not meet the target on the longest chain")
    descent = float(longest.loc["gradient_descent", "queries"])
    ratios = {
        name: descent / float(longest.loc[name, "queries"])
        for name in ADAPTIVE
        if name in longest.index and longest.loc[name, "met"]
    }
    missing = [name for name in ADAPTIVE if name not in ratios]
    text = ", ".join(f"{name} {ratio:.0f}" for name, ratio in ratios.items())
    outcome: Outcome = "inconclusive" if missing else "holds" if min(ratios.values()) >= FASTER else "fails"
    return Verdict(outcome, f"times fewer queries than gradient descent on the longest chain: {text or 'none met'}")


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """Every count between its bounds, and the adaptive methods ahead."""
    return worst_of(failures_verdict(frame), bounds_verdict(frame), adaptive_verdict(frame))


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Queries on the chain against its length."""
    part = frame[(frame["instance"] == HARDEST) & frame["met"].astype(bool)]
    bound = part.dropna(subset=["lower_rounds"]).groupby("instance.length")["lower_rounds"].max()
    series = [Series("lower bound", bound.index.tolist(), bound.tolist(), theory=True)]
    for method, rows in part.groupby("method", sort=False):
        ordered = rows.sort_values("instance.length")
        series.append(Series(str(method), ordered["instance.length"].tolist(), ordered["queries"].tolist()))
    return [Panel("Queries on the published chain, eps = 1", "T", "queries", series)]


STUDIES.add(Study("sequential-methods", SENTENCE, cases, tables=tables, verdict=verdict, panels=panels))
