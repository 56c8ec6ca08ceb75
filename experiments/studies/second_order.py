"""second-order: methods that see Hessians need 1/epsilon^(3/2), and no more than they are promised."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from experiments.case import Case
from experiments.figures import Panel
from experiments.growth import cell, curves_of, growth_panel, growth_table
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, bounds_verdict, exponent_verdict, failures_verdict, worst_of

SENTENCE = (
    "On the chain for Lipschitz Hessians the rounds of every second-order method grow as 1/target^(3/2) at fixed rho "
    "and gap, between T + 1 and the method's own guarantee; on one function of one variable cubic Newton takes exactly "
    "ceil(1/target^1.478) queries, almost the same power"
)
CHAIN = "chain I for p = 2, rho = 1, gap = 400"
SPLINE = "one variable, M = 2"
RHO, GAP = 1.0, 400.0
METHODS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("cubic_newton", {"regularisation": 4.0}),
    ("cubic_newton", {"regularisation": 1.0}),
    ("arc", {}),
    ("trust_region", {}),
    ("trace", {}),
    ("newton_cg", {}),
)
SLOW_POWER = 2 / 3 + 0.01
SLOW_EXPONENT = 1 / SLOW_POWER


def cases(quick: bool) -> Iterator[Case]:
    """Every method on the chain, one length for each target; the spline with the weight that it is made for."""
    for name, numbers in METHODS:
        for target in (0.5, 0.35, 0.25, 0.18) if quick else (0.5, 0.35, 0.25, 0.18, 0.125, 0.09):
            yield Case(
                instance="carmon_chain_order",
                method=name,
                instance_parameters={"order": 2, "order_smoothness": RHO, "gap": GAP, "target": target},
                method_parameters=numbers,
                targets=target,
                width=1,
                max_queries=200_000,
                label=CHAIN,
            )
    targets = (0.1, 0.05, 0.02, 0.01, 0.005)
    yield Case(
        instance="slow_cubic",
        method="cubic_newton",
        instance_parameters={"steps": 100_000},
        method_parameters={"hessian_smoothness": 1.0, "regularisation": 2.0},
        targets=targets if quick else (*targets, 0.002, 0.001, 0.0005),
        width=1,
        label=SPLINE,
    )


def in_units(frame: pd.DataFrame) -> pd.DataFrame:
    """Rounds on the chain, and both bounds, in units of gap sqrt(rho) / target^(3/2)."""
    chain = frame[frame["label"] == CHAIN]
    unit = chain["instance.gap"] * chain["instance.order_smoothness"] ** 0.5 / chain["target"] ** 1.5
    counts = {name: chain[name] / unit for name in ("rounds", "lower_rounds", "upper_queries") if name in chain}
    return chain.assign(**counts)


def unit_table(frame: pd.DataFrame) -> Table:
    """One row for each method: the range of its constant over the targets, between its bounds."""
    rows = []
    for name, _, group in curves_of(in_units(frame), "target"):
        last = group.sort_values("target").iloc[0]
        tag = last.get("upper_queries_tag")
        rows.append(
            {
                "method": name,
                "lower bound": f"{last['lower_rounds']:.3g}",
                "rounds": f"{group['rounds'].min():.3g} .. {group['rounds'].max():.3g}"
                if group["met"].all()
                else cell(last, "rounds"),
                "guarantee": "" if pd.isna(tag) else f"{last['upper_queries']:.3g} ({tag})",
            }
        )
    caption = "Rounds over all targets, the bounds at the last one; the tag is the weakest of the bound and the claims."
    return Table("In units of gap sqrt(rho) / target^(3/2)", pd.DataFrame(rows), caption)


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Growth on both instances, and the constants."""
    chain, spline = (frame[frame["label"] == label] for label in (CHAIN, SPLINE))
    return [
        growth_table(f"Rounds against the target: {CHAIN}", chain, "target", "rounds", 1.5),
        unit_table(frame),
        growth_table(f"Queries against the target: {SPLINE}", spline, "target", "queries", SLOW_EXPONENT),
    ]


def exact_on_the_spline(frame: pd.DataFrame) -> Verdict:
    """Whether cubic Newton meets every target with exactly the queries of the lower bound."""
    spline = frame[frame["label"] == SPLINE]
    exact = spline["met"].astype(bool) & (spline["hit_query"] == spline["lower_queries"])
    evidence = f"cubic_newton in one variable: exactly the lower bound at {int(exact.sum())} of {len(spline)} targets"
    return Verdict("holds" if len(spline) and exact.all() else "fails", evidence)


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """No count outside its bounds, exponents near 3/2 on the chain, exact counts on the spline."""
    chain = frame[frame["label"] == CHAIN]
    missed = chain[~chain["met"].astype(bool)]
    met = None if missed.empty else Verdict("fails", f"{len(missed)} of {len(chain)} targets were not met on the chain")
    growth = exponent_verdict(chain, "target", "rounds", 1.5, study.tolerance)
    return worst_of(failures_verdict(frame), bounds_verdict(frame), met, exact_on_the_spline(frame), growth)


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """Both growths."""
    return [
        growth_panel(CHAIN, frame[frame["label"] == CHAIN], "target", "rounds"),
        growth_panel(SPLINE, frame[frame["label"] == SPLINE], "target", "queries"),
    ]


STUDIES.add(Study("second-order", SENTENCE, cases, tables=tables, verdict=verdict, panels=panels))
