"""smoothness-adaptivity: methods that are told the constants, beside their twins that find them.

The quick form holds, the full form fails, on one pair: the universal heavy ball on the chain, which leaves a first L
that is far too large by epochs of many steps. The limit on the twins was set before the full form was run, and stays.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.case import Case
from experiments.figures import Panel, Series
from experiments.fit import Fit, power_law
from experiments.growth import cell
from experiments.study import STUDIES, Study
from experiments.tables import COUNTING, Table
from experiments.verdicts import Verdict, bounds_verdict, failures_verdict, worst_of
from oracles import ALGORITHMS

SENTENCE = (
    "A method that is told a constant of f a factor c too large pays for it: gradient descent with c times as many "
    "queries, cubic regularisation with sqrt(c) times as many. A twin that finds the constant itself pays "
    "with at most half of that exponent, and needs fewer queries even where c = 1"
)


class Pair(NamedTuple):
    """A method that is told a constant, and its twin that begins with a guess of it; exponent: theory's, of the told
    one's queries in c, where there is one.
    """

    told: str
    constant: str
    twin: str
    exponent: float | None = None

    def numbers(self, method: str, constants: Mapping[str, float], factor: float) -> dict[str, float]:
        """The numbers of one of the two: the constant, or the guess of it, times the factor."""
        guess = factor * constants[self.constant]
        if method == self.twin:
            return {
                "armijo": {"initial_step": 1 / guess},
                "universal_heavy_ball": {"initial_smoothness": guess},
                "arc": {"hessian_smoothness": constants[self.constant], "initial": factor, "least": 1e-6},
            }[method]
        return {
            name: guess if name == self.constant else constant
            for name, constant in constants.items()
            if name in ALGORITHMS[method].numbers
        }


PAIRS = (
    Pair("gradient_descent", "smoothness", "armijo", exponent=1.0),
    Pair("restarted_agd", "smoothness", "universal_heavy_ball"),
    Pair("cubic_newton", "hessian_smoothness", "arc", exponent=0.5),
)
# an instance, its parameters, its target, its constants by name
PLACES: Mapping[str, tuple[dict[str, Any], float, dict[str, float]]] = {
    "carmon_chain": (
        {"length": 20, "first_link": 1.0},
        1.0,
        {"smoothness": 134.1, "hessian_smoothness": 1891.0},
    ),
    "nested_chain": ({"length": 8, "bridge": 6}, 2e-3, {"smoothness": 5.8, "hessian_smoothness": 3.1}),
    "chained_rosenbrock": ({"dimension": 10}, 1e-1, {"smoothness": 1500.0, "hessian_smoothness": 2500.0}),
}
FACTORS, QUICK_FACTORS = (1.0, 4.0, 16.0, 64.0), (1.0, 4.0, 16.0)
TOLERANCE = 0.1  # of theory's exponent in c
SHARE = 0.5  # of the told method's exponent in c, at most, for its twin


def cases(quick: bool) -> Iterator[Case]:
    """Both methods of every pair, with the constant, or the guess of it, c times too large."""
    for family, (parameters, target, constants) in PLACES.items():
        for pair in PAIRS:
            for factor in QUICK_FACTORS if quick else FACTORS:
                for method in (pair.told, pair.twin):
                    yield Case(
                        family,
                        method,
                        parameters,
                        pair.numbers(method, constants, factor),
                        targets=target,
                        max_queries=10_000_000,
                        max_seconds=300,
                        label=f"{factor:g}",
                    )


def curves(frame: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """The rows of each instance and method, by c."""
    known = frame.assign(factor=frame["label"].astype(float)).sort_values("factor")
    return {
        (str(place), str(method)): part for (place, method), part in known.groupby(["instance", "method"], sort=False)
    }


def fit(part: pd.DataFrame) -> Fit | None:
    """The exponent of the queries in c."""
    met = part[part["met"].astype(bool)]
    return power_law(met["factor"].tolist(), met["queries"].tolist())


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Queries against c for every pair and place, and how many times fewer the twin needs at c = 1."""
    found, rows = curves(frame), []
    for place in PLACES:
        for pair in PAIRS:
            told = found.get((place, pair.told))
            for method in (pair.told, pair.twin):
                part = found.get((place, method))
                if part is None or told is None:
                    continue
                gain = "" if method == pair.told else f"{told['queries'].iloc[0] / part['queries'].iloc[0]:.3g}"
                counts = {f"c={row['factor']:g}": cell(row, "queries") for _, row in part.iterrows()}
                rows.append(
                    {
                        "instance": place,
                        "method": method,
                        "is": f"told {pair.constant}" if method == pair.told else "told a first guess",
                        **counts,
                        "exponent in c": str(fit(part) or "too few"),
                        "times fewer at c = 1": gain,
                    }
                )
    caption = f"c: the factor by which the constant, or the first guess of it, is too large. {COUNTING}"
    return [Table("Queries of methods that know a constant and of those that find it", pd.DataFrame(rows), caption)]


def told_verdict(frame: pd.DataFrame) -> Verdict:
    """The exponents in c: theory's for the methods that are told, at most half of it for their twins."""
    found, verdicts = curves(frame), []
    for place in PLACES:
        for pair in PAIRS:
            slopes = [fit(found[place, name]) if (place, name) in found else None for name in (pair.told, pair.twin)]
            text = f"{pair.told} {slopes[0] or 'too few'} and {pair.twin} {slopes[1] or 'too few'} on {place}"
            told, twin = slopes
            if told is None or twin is None:
                verdicts.append(Verdict("inconclusive", text))
                continue
            good = twin.slope <= SHARE * told.slope
            good &= pair.exponent is None or abs(told.slope - pair.exponent) <= TOLERANCE
            verdicts.append(Verdict("holds" if good else "fails", text))
    together = worst_of(*verdicts)
    return Verdict(together.outcome, f"exponents in c: {together.evidence}")


def gains_verdict(frame: pd.DataFrame) -> Verdict:
    """How many times fewer queries the twins need at c = 1."""
    found, gains = curves(frame), dict[str, float]()
    for place in PLACES:
        for pair in PAIRS:
            told, twin = found.get((place, pair.told)), found.get((place, pair.twin))
            if told is None or twin is None or not (told["met"].iloc[0] and twin["met"].iloc[0]):
                return Verdict("inconclusive", f"{pair.told} or {pair.twin} did not meet the target on {place}")
            gains[f"{pair.twin} on {place}"] = told["queries"].iloc[0] / twin["queries"].iloc[0]
    least = min(gains, key=lambda name: gains[name])
    middle = float(np.median(list(gains.values())))
    text = (
        f"told the true constant, the twins need {middle:.3g} times fewer in the median, {gains[least]:.3g} ({least})"
    )
    return Verdict("holds" if gains[least] > 1 else "fails", f"{text} at least")


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """No bound broken, the exponents in c, and the gains at c = 1."""
    return worst_of(failures_verdict(frame), bounds_verdict(frame), told_verdict(frame), gains_verdict(frame))


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Queries against c, one panel for each instance."""
    found = curves(frame)
    drawn = []
    for place in PLACES:
        series = [
            Series(method, part["factor"].tolist(), part["queries"].tolist())
            for (where, method), part in found.items()
            if where == place
        ]
        drawn.append(Panel(place, "c", "queries", series))
    return drawn


STUDIES.add(Study("smoothness-adaptivity", SENTENCE, cases, tables=tables, verdict=verdict, panels=panels))
