"""chain-rounds: the first table. Rounds and queries on the hard chain, for every method and several widths."""

from collections.abc import Iterator

import pandas as pd

from experiments.case import Case
from experiments.figures import Panel
from experiments.growth import growth_panel, growth_table
from experiments.study import STUDIES, Study
from experiments.tables import Table
from experiments.verdicts import Verdict, bounds_verdict, exponent_verdict, failures_verdict, worst_of
from oracles import ALGORITHMS

SENTENCE = (
    "On the hard chain no zero-respecting method needs fewer than T + 1 rounds, whatever its width K, and a search "
    "over 16 steps per round needs no more, so that rounds grow as 1/target^2 at fixed L and gap"
)
BY_LENGTH = "published chain in its own units, target 1"
BY_TARGET = "chain scaled to L = 1, gap = 1"
WIDTHS = (4, 16, 64)
TIGHT = ("batched_step_search", 16)  # attains T + 1


def cases(quick: bool) -> Iterator[Case]:
    """Every zero-respecting method of first order for exact answers, the batched one at several widths; against length
    and target.
    """
    lengths = (5, 10, 20) if quick else (10, 20, 40, 80)
    targets = (0.02, 0.014, 0.01) if quick else (0.02, 0.014, 0.01, 0.007)
    chains = [
        (BY_LENGTH, {"length": length, "first_link": 1.0, "constants": "published"}, 152.0, 1.0) for length in lengths
    ]
    chains += [(BY_TARGET, {"smoothness": 1.0, "gap": 1.0, "target": target}, 1.0, target) for target in targets]
    for label, chain, smoothness, target in chains:
        for name, method in ALGORITHMS.items():
            if not method.traits.zero_respecting or method.traits.order > 1 or method.samples:
                continue
            numbers = {"initial_step": 1 / smoothness} if "initial_step" in method.numbers else {}
            for width in WIDTHS if "width" in method.numbers else (1,):
                yield Case(
                    instance="carmon_chain",
                    method=name,
                    instance_parameters=chain,
                    method_parameters=numbers,
                    targets=target,
                    width=width,
                    max_queries=200_000,
                    label=label,
                )


def tables(study: Study, frame: pd.DataFrame) -> list[Table]:
    """Rounds against the length, and against the target."""
    by_length, by_target = (frame[frame["label"] == label] for label in (BY_LENGTH, BY_TARGET))
    return [
        growth_table(f"Rounds against the length T: {BY_LENGTH}", by_length, "instance.length", "rounds", 1.0),
        growth_table(f"Rounds against the target: {BY_TARGET}", by_target, "target", "rounds", 2.0),
    ]


def verdict(study: Study, frame: pd.DataFrame) -> Verdict:
    """No count below its lower bound, the tight method exactly on it, and its exponent in 1/target near 2."""
    tight = frame[(frame["method"] == TIGHT[0]) & (frame["K"] == TIGHT[1])]
    misses = tight[~(tight["met"].astype(bool) & (tight["rounds"] == tight["lower_rounds"]))]
    attained = Verdict(
        "fails" if len(misses) else "holds",
        f"{TIGHT[0]} with K = {TIGHT[1]}: exactly T + 1 rounds in {len(tight) - len(misses)} of {len(tight)} cases",
    )
    growth = exponent_verdict(tight[tight["label"] == BY_TARGET], "target", "rounds", 2.0, study.tolerance)
    return worst_of(failures_verdict(frame), bounds_verdict(frame), attained, growth)


def panels(study: Study, frame: pd.DataFrame) -> list[Panel]:
    """The same two, drawn."""
    return [
        growth_panel(BY_LENGTH, frame[frame["label"] == BY_LENGTH], "instance.length", "rounds"),
        growth_panel(BY_TARGET, frame[frame["label"] == BY_TARGET], "target", "rounds"),
    ]


STUDIES.add(Study("chain-rounds", SENTENCE, cases, tables=tables, verdict=verdict, panels=panels))
