"""`certify_model`: what an oracle asserts of its answers decided. `check_model`: a certificate of it verified again."""

import hashlib
import math
from collections.abc import Mapping
from typing import Any

from hardinstances.certify.certificate import Certificate, identity, versions
from hardinstances.certify.deciding import Checked
from hardinstances.certify.finding import ROUNDING, Finding, Proof, Witness, decide
from hardinstances.certify.models.closed_forms import MODEL_PROVERS, proofs_of
from hardinstances.certify.models.measures import MEASURES, Measure
from hardinstances.certify.models.sampling import DIGITS, SAMPLED, seen, suspect
from hardinstances.certify.models.searching import over_points, search
from hardinstances.certify.models.subject import Subject
from hardinstances.certify.models.transcripts import PLAYERS, RECIPES, TOLERANCES, Player, Resists, held
from hardinstances.certify.provers import LAST_DIGITS
from oracles import Claim, InputError, Instance, OracleModel
from oracles.registry import checked_parameters


def certify_model(
    instance: Instance,
    kind: OracleModel,
    parameters: Mapping[str, Any] | None = None,
    *,
    players: Mapping[str, Player] | None = None,
    seed: int = 0,
    starts: int = 12,
) -> Certificate:
    """Decide what an oracle asserts of its answers on an instance: each finding proved, refuted, or open.

    Of noise and of components: that they are unbiased, repeatable, and their claims on the variance, the smoothness in
    mean square or of a component, the chance of the next coordinate; on the exact law where it is enumerated, and on
    samples. Of an adversary that shows its columns: that it answered `players` as one function.

    parameters: of the kind. seed, starts: of the searches. Errors: those of the function and of the kind.
    """
    subject = Subject(instance, kind, dict(parameters or {}), seed, starts)
    if isinstance(subject.asked, Resists):
        findings = held(subject, PLAYERS | dict(players or {}))
    else:
        findings = [*_claims(subject), *_properties(subject), *_sampled(subject)]
    if not findings:
        raise InputError(f"{kind.name} asserts nothing of its answers on {instance.name} that could be decided")
    given = checked_parameters(kind.make, subject.parameters, f"the oracle {kind.name}")
    return Certificate(
        instance.name,
        dict(instance.parameters),
        tuple(findings),
        identity_of(subject),
        versions=versions(),
        oracle=kind.name,
        oracle_parameters={name: value for name, value in given.items() if value is not None},
    )


def identity_of(subject: Subject) -> str:
    """The instance's hash with the claims of the model (16 hexadecimal digits)."""
    digest = hashlib.sha256(identity(subject.instance).encode())
    for claim in subject.claims:
        digest.update(f"{claim.quantity} {claim.value!r};".encode())
    return digest.hexdigest()[:16]


def _claims(subject: Subject) -> list[Finding]:
    met: dict[str, tuple[Witness | None, tuple[Proof, ...]]] = {}
    findings = []
    for claim in subject.claims:
        if claim.quantity not in met:
            met[claim.quantity] = search(subject, claim.quantity), proofs_of(subject, claim.quantity)
        witness, proved = met[claim.quantity]
        if witness is None and not proved:
            reason = "its law is none of those that are enumerated; see the findings on samples"
            findings.append(Finding(claim.quantity, "open", claim.value, 0.0, math.inf, reason))
        else:
            findings.append(decide(claim, witness, proved))
    return findings


def applies(subject: Subject, quantity: str) -> bool:
    """Whether an oracle asserts a property: its mean where it claims noise or has components, and what follows."""
    model = subject.asked
    draws = bool(subject.claims.on("noise")) or model.components is not None
    if quantity == "mean of components":
        return model.components is not None
    if quantity == "probability zero chain":
        return bool(subject.claims.on("chance"))
    return draws


def _properties(subject: Subject) -> list[Finding]:
    findings = []
    for measure in MEASURES.values():
        if measure.tolerance is not None and applies(subject, measure.quantity):
            witness, proved = over_points(subject, measure), proofs_of(subject, measure.quantity)
            if witness is not None or proved:
                findings.append(judged(measure, witness, proved, f"within rounding at {len(subject.points)} points"))
    return findings


def judged(measure: Measure, witness: Witness | None, proved: tuple[Proof, ...], met: str) -> Finding:
    """A property: refuted above its tolerance, else proved or open."""
    assert measure.tolerance is not None
    value = 0.0 if witness is None else witness.value
    if witness is not None and not value <= measure.tolerance:
        reason = f"{measure.recipe}: {value:.6g}"
        return Finding(measure.quantity, "refuted", None, value, math.inf, reason, witness)
    if proved:
        return Finding(measure.quantity, "proved", None, value, proved[0].value, proved[0].argument, witness, proved)
    return Finding(measure.quantity, "open", None, value, math.inf, f"{met}; no proof", witness)


def _sampled(subject: Subject) -> list[Finding]:
    points = suspect(subject) if subject.claims.on("noise") else None
    if points is None:
        return []
    findings, words = [], seen(subject, points)
    for measure in SAMPLED.values():
        at = points
        if measure.quantity == "shown by samples":
            shown = MEASURES["chance"]
            best = over_points(subject, shown)
            at = points if best is None else best.points
        witness = measure.witness(subject, at)
        if witness is not None:
            finding = judged(measure, witness, (), words if at is points else f"not refuted at 10^-{DIGITS:g}")
            findings.append(finding)
    return findings


def check_model(
    certificate: Certificate, instance: Instance, kind: OracleModel, players: Mapping[str, Player] | None = None
) -> list[Checked]:
    """Verify every finding again: laws are enumerated and samples drawn at the stored points, proofs repeated for their
    numbers, players let play. Nothing is searched.

    Errors: `InputError` where the instance or the oracle is another one, or claims what the certificate is silent on.
    """
    subject = Subject(instance, kind, certificate.oracle_parameters)
    if certificate.identity != identity_of(subject):
        raise InputError(f"the certificate is not of this {kind.name} on {instance.name}: its claims are others")
    told = {(finding.quantity, finding.claimed) for finding in certificate.findings}
    for claim in subject.claims if not isinstance(subject.asked, Resists) else ():
        if (claim.quantity, claim.value) not in told:
            raise InputError(f"the certificate says nothing of the claim on {claim.quantity} {claim.value:g}")
    again: list[Finding] = []
    if isinstance(subject.asked, Resists):
        again = held(subject, PLAYERS | dict(players or {}))
    return [_checked(subject, finding, again) for finding in certificate.findings]


def _checked(subject: Subject, finding: Finding, again: list[Finding]) -> Checked:
    if finding.quantity in RECIPES:
        now = next((one for one in again if one.quantity == finding.quantity), None)
        return _same(finding, now, TOLERANCES[finding.quantity])
    measure = MEASURES.get(finding.quantity) or SAMPLED.get(finding.quantity)
    if measure is None:
        return Checked(finding, False, f"nothing here says what {finding.quantity} is")
    proved = []
    for proof in finding.proofs:
        known = MODEL_PROVERS.get(proof.prover)
        result = known.verify(subject, proof.data) if known and known.quantity == finding.quantity else None
        short = math.inf if result is None else (proof.value - result.value) * (-1 if proof.side == "upper" else 1)
        if result is None or result.side != proof.side or short > LAST_DIGITS * abs(proof.value):
            return Checked(finding, False, f"the proof by {proof.prover} does not stand")
        proved.append(result)
    witness = None
    if finding.witness is not None:
        points = finding.witness.points
        if points.shape != (measure.needs, subject.asked.dimension) or finding.witness.recipe != measure.recipe:
            return Checked(finding, False, "its points are not of this space, or its recipe is another one")
        witness = measure.witness(subject, points)
    if finding.claimed is None:
        return _same(finding, judged(measure, witness, tuple(proved), ""), measure.tolerance or 0.0)
    if witness is None and not proved:
        return Checked(finding, finding.verdict == "open" and finding.lower == 0 and finding.upper == math.inf)
    claim = Claim(finding.quantity, finding.claimed, "recalled", "the certificate")
    return _same(finding, decide(claim, witness, tuple(proved)), 0.0)


def _same(finding: Finding, now: Finding | None, slack: float) -> Checked:
    """Whether a finding is met again: the verdict, and bounds that are as good."""
    if now is None or now.verdict != finding.verdict:
        return Checked(finding, False, "it is not met again" if now is None else f"it is {now.verdict}")
    close = finding.lower <= now.lower * (1 + ROUNDING) + slack and finding.upper >= now.upper * (1 - ROUNDING)
    return Checked(finding, close, "" if close else "its bounds are not met again")
