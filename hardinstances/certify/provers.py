"""Who proves what: a prover knows one kind of function, and verifies what it once proved."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hardinstances.certify.finding import Proof
from oracles import InputError, Instance


@dataclass(frozen=True)
class Prover:
    """One argument about one kind of function.

    quantity: what it bounds. applies: whether the argument covers an instance. prove: finds a proof, or None. verify:
    repeats the argument for the numbers in `data` alone, without searching for them, and gives the proof or None.
    """

    name: str
    quantity: str
    applies: Callable[[Instance], bool]
    prove: Callable[[Instance], Proof | None]
    verify: Callable[[Instance, Mapping[str, Any]], Proof | None]


LAST_DIGITS = 1e-13
PROVERS: dict[str, Prover] = {}


def add(prover: Prover) -> Prover:
    """Register a prover under its name."""
    if prover.name in PROVERS:
        raise InputError(f"there is already a prover {prover.name!r}")
    PROVERS[prover.name] = prover
    return prover


def proofs(instance: Instance, quantity: str) -> tuple[Proof, ...]:
    """What can be proved of one quantity of an instance."""
    found = [one.prove(instance) for one in PROVERS.values() if one.quantity == quantity and one.applies(instance)]
    return tuple(proof for proof in found if proof is not None)


def verified(instance: Instance, proof: Proof) -> Proof | None:
    """The proof as its argument gives it now, repeated for its numbers; None where it falls short of what was stored.

    The last digit of a bound may differ between versions of a library.
    """
    prover = PROVERS.get(proof.prover)
    if prover is None or not prover.applies(instance):
        return None
    try:
        again = prover.verify(instance, proof.data)
    except (KeyError, TypeError, ValueError):
        return None
    if again is None or again.side != proof.side:
        return None
    short = again.value - proof.value if proof.side == "upper" else proof.value - again.value
    return again if short <= LAST_DIGITS * abs(proof.value) else None
