"""What is found about one claim: proved, refuted with points, or open, with bounds on the true number."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np

from oracles import Array, Claim

Verdict = Literal["proved", "refuted", "open"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

ROUNDING = 1e-9  # relative; a double, or a claim printed in digits, is not refuted by less than this
PRINTED = 1e-14  # relative; a closed form evaluated in doubles counts as proved up to this

LEAST = frozenset({"floor", "least_noise"})  # claims that the true number is at least so much; all others: at most


@dataclass(frozen=True)
class Witness:
    """Points (m, d) at which a search has met a value, which anybody can evaluate, and what to do with them."""

    value: float
    points: Array
    recipe: str


@dataclass(frozen=True)
class Proof:
    """A bound that was proved, and what its re-verification needs.

    side: "upper" (the true number is at most `value`) or "lower". prover: who verifies `data`, see `provers`.
    """

    side: Literal["upper", "lower"]
    value: float
    argument: str
    prover: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """One claim, or one property (`claimed` is None), with lower <= true number <= upper, as far as is known.

    reason: one sentence. witness: of the bound that a search gave; with "refuted" it is the counterexample.
    proofs: of the other bound, or of both.
    """

    quantity: str
    verdict: Verdict
    claimed: float | None
    lower: float
    upper: float
    reason: str
    witness: Witness | None = None
    proofs: tuple[Proof, ...] = ()


def decide(claim: Claim, witness: Witness | None, proofs: tuple[Proof, ...] = ()) -> Finding:
    """Hold a claim against what a search has met and what was proved."""
    lower = max((proof.value for proof in proofs if proof.side == "lower"), default=0.0)
    upper = min((proof.value for proof in proofs if proof.side == "upper"), default=math.inf)
    least = claim.quantity in LEAST
    refuted = witness is not None and contradicts(claim.quantity, claim.value, witness.value)
    if witness is not None:
        lower, upper = (lower, min(upper, witness.value)) if least else (max(lower, witness.value), upper)
    proved = lower >= claim.value * (1 - PRINTED) if least else upper <= claim.value * (1 + PRINTED)
    if refuted and witness is not None:
        verdict: Verdict = "refuted"
        reason = f"{witness.recipe} gives {witness.value:.12g}, claimed was {word(claim.quantity)} {claim.value:.12g}"
    elif proved:
        verdict = "proved"
        reason = next(proof.argument for proof in proofs if proof.side == ("lower" if least else "upper"))
    else:
        verdict = "open"
        reason = "; ".join(proof.argument for proof in proofs) or "searched, and no counterexample was met; no proof"
    return Finding(claim.quantity, verdict, claim.value, lower, upper, reason, witness, proofs)


def contradicts(quantity: str, claimed: float, met: float) -> bool:
    """Whether a value that was met is on the wrong side of a claim, beyond rounding."""
    if not np.isfinite(met):
        return False
    slack = ROUNDING * abs(claimed)
    return met < claimed - slack if quantity in LEAST else met > claimed + slack


def word(quantity: str) -> str:
    """Which side a claim takes, in words."""
    return "at least" if quantity in LEAST else "at most"


def property_finding(
    quantity: str, met: tuple[float, Array | None, str], tolerance: float, seen: str, proof: Proof | None = None
) -> Finding:
    """The finding on a property from the violation that was met, its points and what to do with them: refuted above
    the tolerance; else proved, or open with what was seen.
    """
    value, points, recipe = met
    if points is not None and not value <= tolerance:
        witness = Witness(value, points, recipe)
        return Finding(quantity, "refuted", None, value, np.inf, f"{recipe}: {value:.3g}", witness)
    if proof is not None:
        return Finding(quantity, "proved", None, 0.0, proof.value, proof.argument, None, (proof,))
    return Finding(quantity, "open", None, value, np.inf, f"{seen}; no proof")
