"""`certify`: each claim of an instance decided. `check`: a certificate verified again, without any search."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hardinstances.certify import covering, properties, searches
from hardinstances.certify.certificate import Certificate, identity, versions
from hardinstances.certify.finding import ROUNDING, Finding, Proof, Witness, decide
from hardinstances.certify.probe import Probe
from hardinstances.certify.provers import PROVERS, proofs, verified
from hardinstances.progress import LastAbove
from oracles import FAMILIES, Array, Claim, InputError, Instance

Search = Callable[[Probe], Witness | None]

SEARCHES: dict[str, Search] = {
    "smoothness": searches.largest_curvature,
    "hessian_smoothness": searches.largest_third_derivative,
    "gap": searches.deepest_drop,
    "lipschitz": searches.largest_gradient,
}


def certify(instance: Instance, *, seed: int = 0, starts: int = 24) -> Certificate:
    """Decide each claim of an instance: proved, refuted with points, or open with the best bounds from both sides.

    Claims on smoothness, the Hessian's smoothness, the gap and the Lipschitz constant are searched for counterexamples
    and proved where a prover knows the function; that on the floor where progress says what it speaks of. Properties:
    the gradient and the Hessian are derivatives, a batch is answered like single queries, the chain is a zero chain.
    seed, starts: of the searches; up to 1000 dimensions, beyond which there are at most 4 starts.
    Cost: some hundred thousand gradients. Errors: those of the function.
    """
    probe = Probe(instance, seed, starts)
    findings: list[Finding] = []
    met: dict[str, tuple[Witness | None, tuple[Proof, ...]]] = {}
    for claim in instance.claims:
        if claim.quantity == "length":
            continue
        if claim.quantity not in met:
            search = search_for(instance, claim.quantity)
            met[claim.quantity] = search(probe) if search else None, proofs(instance, claim.quantity)
        findings.append(_decided(instance, claim, *met[claim.quantity]))
    return Certificate(
        instance.name, dict(instance.parameters), (*findings, *_properties(probe)), identity(instance), "", versions()
    )


def _decided(instance: Instance, claim: Claim, witness: Witness | None, proved: tuple[Proof, ...]) -> Finding:
    if search_for(instance, claim.quantity) is None and not proved:
        reason = "no search and no proof: nothing here says what this number speaks of"
        return Finding(claim.quantity, "open", claim.value, 0.0, math.inf, reason)
    return decide(claim, witness, proved)


def search_for(instance: Instance, quantity: str) -> Search | None:
    """What looks for a counterexample to claims on a quantity, or None.

    A floor is the least gradient norm at points with progress < length, the claim on the length, or else d. For
    functions of ours that is so where progress is the last coordinate above a threshold; in a user's file, always.
    """
    if quantity == "floor":
        if instance.progress is None or (instance.name in FAMILIES and not isinstance(instance.progress, LastAbove)):
            return None
        length = length_of(instance)
        return lambda probe: searches.least_gradient(probe, length)
    return SEARCHES.get(quantity)


def length_of(instance: Instance) -> int:
    """The number of links that an instance claims, else its dimension."""
    claim = instance.claims.default("length")
    return instance.dimension if claim is None else int(claim.value)


def _properties(probe: Probe) -> list[Finding]:
    found = [*properties.derivatives(probe), properties.batches(probe)]
    proved = proofs(probe.instance, "zero chain")
    chain = properties.zero_chain(probe, proved[0] if proved else None)
    proved = proofs(probe.instance, covering.PROPERTY)
    confined = covering.confined(probe, proved[0] if proved else None)
    return [*found, *(one for one in (chain, confined) if one is not None)]


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
        if claim.quantity != "length" and (claim.quantity, claim.value) not in told:
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
    points = finding.witness.points
    stands = properties.violates(probe, finding.quantity, points)
    if finding.quantity == covering.PROPERTY and points.shape[1] == probe.dimension:
        stands = covering.spurious(probe.instance, points)
    return Checked(finding, stands, "" if stands else "its point is no counterexample")
