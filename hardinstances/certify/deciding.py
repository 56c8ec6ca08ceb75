"""`certify`: each claim of an instance decided. `check`: a certificate verified again, without any search."""

import math
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from hardinstances.certify import curvature, searches
from hardinstances.certify.certificate import Certificate, identity, versions
from hardinstances.certify.finding import ROUNDING, Finding, Proof, Witness, decide
from hardinstances.certify.probe import Probe
from hardinstances.certify.properties import PROPERTIES, violates
from hardinstances.certify.provers import PROVERS, proofs, verified
from hardinstances.progress import LastAbove, Within
from oracles import FAMILIES, Array, Claim, InputError, Instance
from oracles.claims import CUSTOMARY

Search = Callable[[Probe], Witness | None]

SEARCHES: dict[str, Search] = {
    "smoothness": curvature.largest_curvature,
    "hessian_smoothness": curvature.largest_third_derivative,
    "gap": searches.deepest_drop,
    "lipschitz": searches.largest_gradient,
}
INTERRUPTED = "interrupted before it was decided"


def untold(quantity: str) -> None:
    """Nobody is told what is being decided."""


def certify(
    instance: Instance,
    *,
    seed: int = 0,
    starts: int = 24,
    only: Container[str] | None = None,
    about: Callable[[str], None] = untold,
) -> Certificate:
    """Decide each claim of an instance: proved, refuted with points, or open with the best bounds from both sides.

    Claims on smoothness, the Hessian's smoothness, the gap and the Lipschitz constant are searched for counterexamples
    and proved where a prover knows the function; that on the floor where progress says what it speaks of. Properties:
    the gradient and the Hessian are derivatives, a batch is answered like single queries, answers are finite, precise
    and the same again, the chain is a zero chain.
    seed, starts: of the searches; up to 1000 dimensions, beyond which there are few starts.
    only: the quantities and properties to decide; all of them where it is None.
    about: is told each quantity before it is decided.
    Interrupted from the keyboard, it returns what is decided, and names the rest as open.
    Cost: some hundred thousand gradients. Errors: those of the function at the start.
    """
    instance.function.evaluate_one(np.array(instance.start), True, True)
    wanted = [quantity for quantity in quantities(instance) if only is None or quantity in only]
    found: dict[str, list[Finding]] = {}
    probe, complete = Probe(instance, seed, starts), True
    try:
        with threadpool_limits(limits=1):  # the threads of linear algebra cost more than such small matrices
            for quantity in wanted:
                about(quantity)
                found[quantity] = list(findings(probe, quantity))
    except KeyboardInterrupt:
        complete = False
        for quantity in wanted:
            found.setdefault(quantity, list(_undecided(instance, quantity)))
    told = [(claim.quantity, claim.value) for claim in instance.claims]
    of_claims = [one for quantity in wanted for one in found[quantity] if one.claimed is not None]
    of_claims.sort(key=lambda one: told.index((one.quantity, float(one.claimed or 0.0))))
    others = [one for quantity in wanted for one in found[quantity] if one.claimed is None]
    told_of = instance.name, dict(instance.parameters), (*of_claims, *others), identity(instance)
    return Certificate(*told_of, versions=versions(), complete=complete)


def quantities(instance: Instance) -> list[str]:
    """What there is to decide of an instance: its claims, in their order, and the properties."""
    claimed = dict.fromkeys(claim.quantity for claim in instance.claims if not silent(claim))
    return [*claimed, "length", *PROPERTIES]


def findings(probe: Probe, quantity: str) -> Iterator[Finding]:
    """The findings on one quantity: one for each claim, or one of a property, or none where it has no meaning."""
    instance = probe.instance
    if quantity in PROPERTIES:
        found = PROPERTIES[quantity](probe)
        yield from () if found is None else (found,)
        return
    if quantity == "length":
        yield from _too_long(instance)
        return
    search = search_for(instance, quantity)
    witness, proved = search(probe) if search else None, proofs(instance, quantity)
    for claim in instance.claims.on(quantity):
        yield _decided(instance, claim, witness, proved)


def _too_long(instance: Instance) -> Iterator[Finding]:
    """A length that no progress can reach: then nothing is ever past the end."""
    claim = instance.claims.default("length")
    if claim is not None and isinstance(instance.progress, LastAbove) and claim.value > instance.dimension:
        reason = f"progress comes to {instance.dimension} at most, the number of coordinates"
        yield Finding("length", "refuted", claim.value, 0.0, float(instance.dimension), reason)


def _undecided(instance: Instance, quantity: str) -> Iterator[Finding]:
    for claim in instance.claims.on(quantity):
        if not silent(claim):
            yield Finding(quantity, "open", claim.value, 0.0, math.inf, INTERRUPTED)


def silent(claim: Claim) -> bool:
    """Whether a claim says nothing of f: a count of links, or a customary number for methods."""
    return claim.quantity == "length" or claim.quantity.startswith(CUSTOMARY)


def _decided(instance: Instance, claim: Claim, witness: Witness | None, proved: tuple[Proof, ...]) -> Finding:
    if search_for(instance, claim.quantity) is None and not proved:
        reason = "no search and no proof: nothing here says what this number speaks of"
        return Finding(claim.quantity, "open", claim.value, 0.0, math.inf, reason)
    return decide(claim, witness, proved)


def search_for(instance: Instance, quantity: str) -> Search | None:
    """What looks for a counterexample to claims on a quantity, or None.

    A floor is the least gradient norm at points with progress < length, the claim on the length, or else d. For
    functions of ours that is so where progress is the last coordinate above a threshold, or that of a transformed
    point; in a user's file, always. Of others of ours it is known alone that the start lies before the end.
    """
    if quantity == "floor":
        progress = instance.progress
        while isinstance(progress, Within):
            progress = progress.progress
        if progress is None:
            return None
        if instance.name in FAMILIES and not isinstance(progress, LastAbove):
            return searches.gradient_at_the_start if _short(instance, instance.start[None]) else None
        length = length_of(instance)
        return lambda probe: searches.least_gradient(probe, length)
    return SEARCHES.get(quantity)


def length_of(instance: Instance) -> int:
    """The number of links that an instance claims, else its dimension."""
    claim = instance.claims.default("length")
    return instance.dimension if claim is None else int(claim.value)


@dataclass(frozen=True)
class Checked:
    """A finding of a certificate, verified again; `why` says what does not stand."""

    finding: Finding
    stands: bool
    why: str = ""


def check(certificate: Certificate, instance: Instance) -> list[Checked]:
    """Verify every finding again: points are evaluated, proofs repeated for their numbers. Nothing is searched.

    Errors: `InputError` where the instance is another one, or makes claims that the certificate is silent on.
    """
    if certificate.identity != identity(instance):
        raise InputError(f"the certificate is not of this {instance.name}: its claims or parameters are others")
    told = {(finding.quantity, finding.claimed) for finding in certificate.findings}
    for claim in instance.claims:
        if not silent(claim) and (claim.quantity, claim.value) not in told:
            raise InputError(f"the certificate says nothing of the claim on {claim.quantity} {claim.value:g}")
    probe = Probe(instance)
    results: dict[tuple[str, float], Proof | None] = {}
    return [_checked(probe, finding, results) for finding in certificate.findings]


def _checked(probe: Probe, finding: Finding, results: dict[tuple[str, float], Proof | None]) -> Checked:
    proved: list[Proof] = []
    for proof in finding.proofs:
        key = f"{proof.prover} {proof.data}", proof.value  # several claims on one quantity share their proofs
        if key not in results:
            results[key] = verified(probe.instance, proof)
        again = results[key]
        if again is None:
            return Checked(finding, False, f"the proof by {proof.prover} does not stand")
        if PROVERS[proof.prover].quantity != finding.quantity:
            return Checked(finding, False, f"the proof by {proof.prover} is of something else")
        proved.append(again)
    if finding.claimed is None:
        return _checked_property(probe, finding)
    if finding.quantity == "length":
        return Checked(finding, finding in _too_long(probe.instance), "progress can come so far")
    witness = None
    if finding.witness is not None:
        points = finding.witness.points
        if points.shape[1] != probe.dimension or not np.isfinite(points).all():
            return Checked(finding, False, "its points are not of this space")
        if finding.quantity == "floor" and not _short(probe.instance, points):
            return Checked(finding, False, "its point has come to the end")
        if finding.witness.recipe not in RECIPES.get(finding.quantity, ()):
            return Checked(finding, False, f"{finding.witness.recipe!r} says nothing of {finding.quantity}")
        value = searches.evaluate(probe, finding.witness.recipe, points)
        witness = Witness(value, points, finding.witness.recipe)
    claim = Claim(finding.quantity, finding.claimed, "recalled", "the certificate")
    now = decide(claim, witness, tuple(proved))
    if now.verdict != finding.verdict:
        return Checked(finding, False, f"it is {now.verdict}")
    close = finding.lower <= now.lower * (1 + ROUNDING) and finding.upper >= now.upper * (1 - ROUNDING)
    return Checked(finding, close, "" if close else "its bounds are not met again")


RECIPES = {
    "smoothness": (searches.QUOTIENT,),
    "hessian_smoothness": (searches.SECOND_QUOTIENT,),
    "gap": (searches.DROP,),
    "lipschitz": (searches.STEEPNESS,),
    "floor": (searches.STEEPNESS,),
}


def _short(instance: Instance, points: Array) -> bool:
    return instance.progress is not None and bool((instance.progress(points) < length_of(instance)).all())


def _checked_property(probe: Probe, finding: Finding) -> Checked:
    """A property: a counterexample is evaluated again, a proof was; what is open has nothing to verify."""
    if finding.verdict == "proved":
        return Checked(finding, bool(finding.proofs), "" if finding.proofs else "it has no proof")
    if finding.verdict == "open":
        return Checked(finding, True)
    if finding.witness is None:
        return Checked(finding, False, "it has no point")
    stands = violates(probe, finding)
    return Checked(finding, stands, "" if stands else "its point is no counterexample")
