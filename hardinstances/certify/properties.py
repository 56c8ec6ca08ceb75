"""Properties that are held against samples: they can be refuted by a point, and stay open where they are not.

A proof of one of them comes from elsewhere, see `provers`.
"""

from collections.abc import Callable, Mapping

import numpy as np

from hardinstances.certify import answering, covering, derivatives, zero_chains
from hardinstances.certify.finding import Finding, Proof, property_finding
from hardinstances.certify.probe import LARGE, Probe
from hardinstances.certify.provers import proofs
from hardinstances.certify.survey import far_points, special_points
from hardinstances.progress import LastAbove
from oracles import AnswerError, Array

Met = tuple[float, Array | None, str]  # the violation, its points, and what to do with them
TOLERANCES: Mapping[str, float] = {
    "gradient": derivatives.TOLERANCE,
    "hessian": derivatives.TOLERANCE,
    "precision": answering.ROUGH,
    covering.PROPERTY: 1.0,
}
AWAY = 3e-4  # from kinks, relative to the scale
MANY_TIMES_STEEPER = 30.0  # than its gradients say: then f jumps


def judged(quantity: str, met: Met, seen: str, proof: Proof | None = None) -> Finding:
    """The finding, with the tolerance of its property."""
    return property_finding(quantity, met, TOLERANCES.get(quantity, 0.0), seen, proof)


def gradient(probe: Probe) -> Finding:
    """That the gradient is the derivative of f."""
    points, directions = derivatives.candidates(probe)
    value, pair = derivatives.worst_of(derivatives.derivative_mismatches, probe, points, directions)
    jump, ends = derivatives.worst_jump(probe)
    seen = f"differences agree within {value:.1e} at {len(points)} points"
    met: Met = (value, pair, derivatives.DERIVATIVE)
    if value <= derivatives.TOLERANCE and jump > MANY_TIMES_STEEPER:
        met = jump, ends, derivatives.JUMP
    return judged("gradient", met, seen)


def hessian(probe: Probe) -> Finding | None:
    """That the Hessian is symmetric and the derivative of the gradient; None where there is none."""
    if not _has_hessian(probe):
        return None
    points, directions = derivatives.candidates(probe)
    kept = probe.rng.permutation(len(points))[: 36 * probe.number if probe.dimension <= LARGE else 12]
    points, directions = points[kept], directions[kept]
    exact = points == 0  # where several coordinates lie on kinks no difference is the Hessian of one side
    several = exact.sum(axis=1) > 1
    points[several] += AWAY * probe.scale * probe.rng.standard_normal(points[several].shape)
    points = probe.clipped(points)
    missing = derivatives.without_hessian(probe, points)
    if missing is not None:
        return judged("hessian", (np.inf, missing, derivatives.NO_HESSIAN), "")
    turned = probe.rng.standard_normal(directions.shape)
    turned /= np.linalg.norm(turned, axis=1)[:, None]
    directions = np.where((np.arange(len(points)) % 2)[:, None] == 1, directions, turned)
    value, pair = derivatives.worst_of(derivatives.hessian_mismatches, probe, points, directions)
    seen = f"differences agree within {value:.1e} at {len(points)} points"
    return judged("hessian", (value, pair, derivatives.HESSIAN), seen)


def _has_hessian(probe: Probe) -> bool:
    """A Hessian, and above many dimensions one in a few diagonals, so that asking for it is cheap."""
    if probe.dimension > LARGE and not hasattr(probe.instance.function, "hessian"):
        return False
    try:
        return probe.instance.function.band(probe.instance.start) is not None
    except AnswerError:
        return getattr(probe.instance.function, "hess", None) is not None


def batch(probe: Probe) -> Finding:
    """That a batch is answered like single queries, bit for bit, whatever its size."""
    value, points = answering.worst_batch(probe)
    return judged("batch", (value, points, answering.BATCH), "equal bits in batches of up to 256")


def repeatable(probe: Probe) -> Finding:
    """That the same question gets the same answer, in any order, and is left as it was."""
    value, points, recipe = answering.worst_repetition(probe)
    return judged("repeatable", (value, points, recipe), "equal bits in every order")


def finite(probe: Probe) -> Finding:
    """That answers are finite; asked at places, on faces, far out, and wherever the other searches went."""
    number = 400 if probe.dimension <= LARGE else 12
    points, _ = special_points(probe, number)
    rounded = np.round(2 * points / (probe.scale or 1.0)) / 2 * probe.scale  # coordinates that are equal, 0, on a grid
    even = np.repeat(points[: number // 4, :1], probe.dimension, axis=1)
    with np.errstate(all="ignore"):
        for rows in (
            points,
            far_points(probe, number // 4),
            probe.clipped(rounded),
            probe.clipped(even),
            probe.instance.start[None],
        ):
            probe.answers(rows)
    met: Met = (1.0, probe.offences[0][None], answering.FINITE) if probe.offences else (0.0, None, answering.FINITE)
    return judged("finite", met, "finite wherever asked")


def precision(probe: Probe) -> Finding:
    """That values and gradients are computed to about the precision of doubles."""
    value, points = answering.worst_roughness(probe)
    return judged("precision", (value, points, answering.ROUGHNESS), f"smooth within {value:.1e}")


def zero_chain(probe: Probe) -> Finding | None:
    """That supp grad f(x) is in {1 .. progress(x) + 1}, with exact zeros beyond; None where it is no such chain."""
    progress = probe.instance.progress
    if not isinstance(progress, LastAbove) or probe.instance.start.any():
        return None
    proved = proofs(probe.instance, "zero chain")
    met, number = zero_chains.worst_leak(probe)
    return judged("zero chain", met, f"exact zeros at {number} points", proved[0] if proved else None)


PROPERTIES: Mapping[str, Callable[[Probe], Finding | None]] = {
    "gradient": gradient,
    "hessian": hessian,
    "batch": batch,
    "repeatable": repeatable,
    "precision": precision,
    "zero chain": zero_chain,
    covering.PROPERTY: covering.confined,
    "finite": finite,  # last, as it also judges what the others have met
}


def violates(probe: Probe, finding: Finding) -> bool:
    """Whether the stored counterexample to a property is one."""
    assert finding.witness is not None
    points, recipe = finding.witness.points, finding.witness.recipe
    if points.shape[1] != probe.dimension or recipe not in RECIPES.get(finding.quantity, {}):
        return False
    count, measure = RECIPES[finding.quantity][recipe]
    if count and len(points) != count:
        return False
    with np.errstate(all="ignore"):
        return measure(probe, points) > TOLERANCES.get(finding.quantity, 0.0)


def _along(measure: Callable[[Probe, Array, Array], Array]) -> Callable[[Probe, Array], float]:
    return lambda probe, points: float(measure(probe, points[:1], points[1:] - points[:1])[0])


def _missing(probe: Probe, points: Array) -> float:
    return 0.0 if derivatives.without_hessian(probe, points) is None else np.inf


def _jump(probe: Probe, points: Array) -> float:
    met = derivatives.value_jump(probe, points, probe.survey.steepest)
    return met if met > MANY_TIMES_STEEPER else 0.0


RECIPES: Mapping[str, Mapping[str, tuple[int, Callable[[Probe, Array], float]]]] = {
    "gradient": {derivatives.DERIVATIVE: (2, _along(derivatives.derivative_mismatches)), derivatives.JUMP: (2, _jump)},
    "hessian": {
        derivatives.HESSIAN: (2, _along(derivatives.hessian_mismatches)),
        derivatives.NO_HESSIAN: (1, _missing),
    },
    "batch": {answering.BATCH: (0, answering.batch_mismatch)},
    "repeatable": {
        answering.AGAIN: (0, answering.repetition_mismatch),
        answering.SEPARATE: (0, answering.separate_mismatch),
        answering.CHANGED: (0, answering.change_of_points),
    },
    "finite": {answering.FINITE: (1, answering.not_finite)},
    "precision": {answering.ROUGHNESS: (17, answering.roughness)},
    "zero chain": zero_chains.RECIPES,
    covering.PROPERTY: {covering.LEVEL: (1, lambda probe, points: covering.shortfall(probe.instance, points))},
}
