"""Properties that are held against samples: they can be refuted by a point, and stay open where they are not.

A proof of one of them comes from elsewhere, see `provers`.
"""

from collections.abc import Callable

import numpy as np

from hardinstances.certify.finding import Finding, Proof, Witness
from hardinstances.certify.probe import LARGE, Probe
from hardinstances.progress import LastAbove
from oracles import AnswerError, Array, norm
from oracles.reductions import band_times

Mismatch = Callable[[Probe, Array, Array], float]

EPSILON = float(np.finfo(float).eps)
TOLERANCE = 1e-5  # relative to the gradient norm; a wrong term is far above, the error of the differences far below

DERIVATIVE = "(f(x1 + h v) - f(x1 - h v)) / 2h - grad f(x1)'v, relative, where x2 = x1 + v"
HESSIAN = "(grad f(x1 + h v) - grad f(x1 - h v)) / 2h - Hessian(x1) v, relative, where x2 = x1 + v"
BATCH = "|grad f(x1) asked alone - asked in a batch|"
REACH = "entries of grad f(x1) that are not 0 beyond progress + 1"


def property_finding(
    quantity: str, worst: tuple[float, Array | None], tolerance: float, recipe: str, seen: str, proof: Proof | None
) -> Finding:
    """Refuted above the tolerance, with the point; else proved or open."""
    value, points = worst
    if points is not None and not value <= tolerance:
        return Finding(
            quantity, "refuted", None, value, np.inf, f"{recipe}: {value:.3g}", Witness(value, points, recipe)
        )
    if proof is not None:
        return Finding(quantity, "proved", None, 0.0, proof.value, proof.argument, None, (proof,))
    return Finding(quantity, "open", None, value, np.inf, f"{seen}; no proof")


def derivative_mismatch(probe: Probe, x: Array, v: Array) -> float:
    """The least over h of how far the difference quotient of f is from grad f(x)'v, beyond rounding, relative."""
    values, gradients = probe.answers(x[None])
    if not (np.isfinite(values).all() and np.isfinite(gradients).all()):
        return 0.0
    steps = probe.scale * np.geomspace(1e-2, 1e-7, 11)
    points = np.concatenate([x + steps[:, None] * v, x - steps[:, None] * v])
    if not np.array_equal(points, probe.clipped(points)):
        return 0.0
    around, _ = probe.answers(points)
    ahead, behind = around[: len(steps)], around[len(steps) :]
    rounding = 16 * EPSILON * np.maximum(np.abs(ahead), np.abs(behind)) / steps
    off = np.abs((ahead - behind) / (2 * steps) - float(gradients[0] @ v)) - rounding
    return _relative(off, max(norm(gradients[0]), np.abs(ahead - behind).max() / (2 * steps[0])))


def hessian_mismatch(probe: Probe, x: Array, v: Array) -> float:
    """The same of the gradient and the Hessian."""
    band = probe.instance.function.band(x)
    if band is None or not np.isfinite(band).all():
        return 0.0
    steps = probe.scale * np.geomspace(1e-2, 1e-7, 11)
    points = np.concatenate([x + steps[:, None] * v, x - steps[:, None] * v])
    if not np.array_equal(points, probe.clipped(points)):
        return 0.0
    around = probe.gradients(points)
    ahead, behind = around[: len(steps)], around[len(steps) :]
    exact = np.asarray(band_times(band, v))
    rounding = 16 * EPSILON * np.abs(around).max() / steps
    off = np.linalg.norm((ahead - behind) / (2 * steps[:, None]) - exact, axis=1) - rounding
    return _relative(off, max(norm(exact), np.linalg.norm(ahead[0] - behind[0]) / (2 * steps[0])))


def _relative(off: Array, size: float) -> float:
    finite = off[np.isfinite(off)]
    return max(0.0, float(finite.min()) / size) if finite.size and size > 0 else 0.0


def worst_mismatch(probe: Probe, measure: Mismatch, number: int) -> tuple[float, Array | None]:
    """The largest mismatch over points and directions, a single coordinate among them, with (x, x + v)."""
    worst: tuple[float, Array | None] = (0.0, None)
    for k, x in enumerate(probe.starts(number)):
        v = probe.rng.standard_normal(probe.dimension)
        if k % 2:
            v = np.eye(1, probe.dimension, int(probe.rng.integers(probe.dimension)))[0]
        v = v / norm(v)
        met = measure(probe, x, v)
        if worst[1] is None or met > worst[0]:
            worst = met, np.stack([x, x + v])
    return worst


def derivatives(probe: Probe) -> list[Finding]:
    """That the gradient is the derivative of f, and the Hessian that of the gradient where there is one."""
    number = 5 * probe.number // 2
    worst = worst_mismatch(probe, derivative_mismatch, number)
    seen = f"differences agree within {worst[0]:.1e} at {number} points"
    findings = [property_finding("gradient", worst, TOLERANCE, DERIVATIVE, seen, None)]
    if _has_hessian(probe):
        worst = worst_mismatch(probe, hessian_mismatch, number)
        seen = f"differences agree within {worst[0]:.1e} at {number} points"
        findings.append(property_finding("hessian", worst, TOLERANCE, HESSIAN, seen, None))
    return findings


def _has_hessian(probe: Probe) -> bool:
    """A Hessian in a few diagonals, so that asking for it is cheap."""
    if probe.dimension > LARGE and not hasattr(probe.instance.function, "hessian"):
        return False
    try:
        return probe.instance.function.band(probe.instance.start) is not None
    except AnswerError:
        return False


def batches(probe: Probe) -> Finding:
    """That a batch is answered like single queries, bit for bit."""
    points = probe.starts(16)
    worst = batch_mismatch(probe, points)
    return property_finding("batch", worst, 0.0, BATCH, f"equal bits at {len(points)} points", None)


def batch_mismatch(probe: Probe, points: Array) -> tuple[float, Array | None]:
    """The largest difference between the answers to a batch and to its points alone, with the point."""
    values, gradients = probe.answers(points)
    worst: tuple[float, Array | None] = (0.0, points[:1])
    for x, value, gradient in zip(points, values, gradients, strict=True):
        single_value, single = probe.instance.function.evaluate_one(np.ascontiguousarray(x), True, True)
        same = np.array_equal(single, gradient, equal_nan=True) and np.array_equal(single_value, value, equal_nan=True)
        if not same:
            off = float(max(np.abs(single - gradient).max(), abs(single_value - value)))
            worst = max(worst, (off, x[None]), key=lambda pair: pair[0])
    return worst


def chain_points(probe: Probe, rounds: int) -> Array:
    """Points that have come to each coordinate, with the others within the threshold, on it, or 0."""
    dimension, rng, rows = probe.dimension, probe.rng, []
    for reached in np.unique(np.linspace(0, dimension - 1, min(dimension, 200)).astype(int)):
        for kind in range(rounds):
            rest = rng.uniform(-1, 1, dimension) if kind % 3 else rng.choice([-1.0, 1.0], dimension)
            x = probe.threshold * rest
            x[:reached] = probe.scale * rng.choice([0.3, 1.0, 3.0]) * rng.standard_normal(reached)
            rows.append(x)
    return np.array(rows)


def zero_chain(probe: Probe, proof: Proof | None = None) -> Finding | None:
    """That supp grad f(x) is in {1 .. progress(x) + 1} with exact zeros beyond.

    None where the instance is no chain of single coordinates from 0.
    """
    progress = probe.instance.progress
    if not isinstance(progress, LastAbove) or probe.instance.start.any():
        return None
    points = chain_points(probe, 6 if probe.dimension <= LARGE else 1)
    gradients = probe.gradients(points)
    beyond = np.arange(probe.dimension) > progress(points)[:, None]
    leaks = ((gradients != 0) & beyond).sum(axis=1)
    worst = int(np.argmax(leaks))
    seen = f"exact zeros at {len(points)} points"
    return property_finding("zero chain", (float(leaks[worst]), points[worst][None]), 0.0, REACH, seen, proof)


def violates(probe: Probe, quantity: str, points: Array) -> bool:
    """Whether a stored counterexample to a property is one."""
    x = points[0]
    if x.shape != (probe.dimension,):
        return False
    if quantity in ("gradient", "hessian"):
        measure = derivative_mismatch if quantity == "gradient" else hessian_mismatch
        return len(points) == 2 and measure(probe, x, points[1] - x) > TOLERANCE
    if quantity == "batch":
        return batch_mismatch(probe, np.stack([x, x]))[0] != 0.0
    if quantity == "zero chain" and probe.instance.progress is not None:
        return bool(probe.gradients(x[None])[0, int(probe.instance.progress(x[None])[0]) + 1 :].any())
    return False
