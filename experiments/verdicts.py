"""Verdicts on a frame of results: against bounds, against theory's exponent, and on what failed."""

from dataclasses import dataclass
from typing import Literal, get_args

import pandas as pd

from experiments.growth import curves_of, fit_of
from oracles import Status

Outcome = Literal["holds", "inconclusive", "fails"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@dataclass(frozen=True)
class Verdict:
    """Whether the sentence holds, fails, or cannot be decided, and the numbers that decide."""

    outcome: Outcome
    evidence: str


def bounds_verdict(frame: pd.DataFrame) -> Verdict | None:
    """Every count against every bound whose class contains it; None where no bound speaks of these cases.

    A bound speaks of the first query that meets the target, so that a target met by a returned point alone contradicts
    no lower bound. What is only recalled is shown, but does not judge.
    """
    compared, broken = 0, []
    for _, row in frame.iterrows():
        asked = bool(row["met"]) and not pd.isna(row["hit_query"])
        for counted in ("rounds", "queries"):
            reached = row["hit_query"] if counted == "queries" and asked else row[counted]
            for side in ("lower", "upper"):
                bound = row.get(f"{side}_{counted}")
                if pd.isna(bound) or row[f"{side}_{counted}_tag"] == "recalled" or (side == "lower" and not asked):
                    continue
                compared += 1
                if reached < bound if side == "lower" else reached > bound:
                    sign = "<" if side == "lower" else ">"
                    who = f"{row['method']} (K={row['K']}, target {row['target']:.4g})"
                    broken.append(f"{who}: {reached:.0f} {counted} {sign} {bound:.0f}")
    if broken:
        return Verdict("fails", f"{len(broken)} of {compared} comparisons with a bound fail: {'; '.join(broken[:3])}")
    return Verdict("holds", f"{compared} comparisons with bounds hold") if compared else None


def failures_verdict(frame: pd.DataFrame) -> Verdict | None:
    """Failed cases leave the sentence open; None where there are none."""
    failed = frame[frame["status"] == Status.FAILED]
    if failed.empty:
        return None
    first = failed.iloc[0]
    return Verdict(
        "inconclusive", f"{len(failed)} of {len(frame)} rows failed, first {first['method']}: {first['message']}"
    )


def exponent_verdict(frame: pd.DataFrame, x: str, y: str, exponent: float | None, tolerance: float) -> Verdict | None:
    """Each curve's fitted exponent beside theory's; None where theory names none.

    Holds within `tolerance`; fails where it is further off and the interval excludes theory's; inconclusive else, where
    there are too few points, and where the interval is wider than four tolerances.
    """
    if exponent is None:
        return None
    verdicts = []
    for name, width, group in curves_of(frame, x):
        fit = fit_of(group, x, y)
        if fit is None or fit.high - fit.low > 4 * tolerance:
            outcome: Outcome = "inconclusive"
        elif abs(fit.slope - exponent) <= tolerance:
            outcome = "holds"
        else:
            outcome = "inconclusive" if fit.low <= exponent <= fit.high else "fails"
        verdicts.append(Verdict(outcome, f"{name} (K={width}) {fit or 'too few points'}"))
    together = worst_of(*verdicts)
    return Verdict(together.outcome, f"exponents, theory {exponent:g} +- {tolerance:g}: {together.evidence}")


def worst_of(*verdicts: Verdict | None) -> Verdict:
    """The verdicts together: fails if one fails, holds if all hold; the evidence of all; None has nothing to say."""
    spoken = [verdict for verdict in verdicts if verdict is not None]
    if not spoken:
        return Verdict("inconclusive", "neither a bound nor an exponent speaks of these cases")
    outcome = max((verdict.outcome for verdict in spoken), key=OUTCOMES.index)
    return Verdict(outcome, "; ".join(verdict.evidence for verdict in spoken))
