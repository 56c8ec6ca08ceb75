"""Where the measures are largest: over points, shaken around the best; over pairs, by ascent."""

from dataclasses import replace

import numpy as np

from hardinstances.certify import curvature
from hardinstances.certify.finding import LEAST, Witness
from hardinstances.certify.models.measures import MEASURES, Measure, all_components
from hardinstances.certify.models.subject import Subject
from hardinstances.certify.probe import Probe
from oracles import Array, norm

SWEEPS, TERMS, TRIES = 6, 4, 80


def search(subject: Subject, quantity: str) -> Witness | None:
    """The witness with the largest value (for least noise: the least) that was met."""
    measure = MEASURES[quantity]
    if quantity == "component_smoothness":
        return worst_term(subject, measure)
    return over_pairs(subject, measure) if measure.needs == 2 else over_points(subject, measure)


def better(one: Witness | None, other: Witness | None) -> Witness | None:
    """The witness with the larger value; either may be missing."""
    if one is None or other is None:
        return one if other is None else other
    return one if one.value >= other.value else other


def over_points(subject: Subject, measure: Measure) -> Witness | None:
    """All points, then around the best of them, closer and closer."""
    sign = -1.0 if measure.quantity in LEAST else 1.0
    met = [one for x in subject.points if (one := measure.witness(subject, x[None])) is not None]
    if not met:
        return None
    best = max(met, key=lambda one: sign * one.value)
    if measure.tolerance is not None:
        return best
    rng, points = np.random.default_rng(subject.seed), best.points
    for step in np.geomspace(1.0, 1e-3, TRIES) * subject.probe.scale:
        moved = rng.random(points.shape) < rng.choice([1.0, 0.3])
        shaken = points + step * moved * rng.standard_normal(points.shape)
        one = measure.witness(subject, subject.probe.clipped(shaken) if subject.own else shaken)
        if one is not None and sign * one.value > sign * best.value:
            best, points = one, one.points
    return best


def over_pairs(subject: Subject, measure: Measure) -> Witness | None:
    """Pairs around all points along drawn and single directions, then the best pair moved; components by power
    iteration on their Hessians, stacked.
    """
    rng, best = np.random.default_rng(subject.seed), None
    step, dimension = subject.probe.step, subject.asked.dimension
    for x in subject.points:
        v = rng.standard_normal(dimension) * (rng.random(dimension) < rng.choice([1.0, 2 / dimension]))
        v = v / norm(v) if v.any() else np.eye(dimension)[rng.integers(dimension)]
        if subject.asked.components is not None:
            v = stacked_direction(subject, x, v)
        best = better(best, _pair(subject, measure, x, rng.choice([1.0, 100.0]) * step * v))
    for size in np.geomspace(1.0, 1e-3, 2 * TRIES) * subject.probe.scale:
        if best is None:
            return None
        x, v = best.points.mean(axis=0), (best.points[0] - best.points[1]) / 2
        x = x + size * rng.standard_normal(dimension) * (rng.random(dimension) < rng.choice([1.0, 0.3]))
        if subject.asked.components is None:
            v = v + 0.3 * norm(v) * rng.standard_normal(dimension) / np.sqrt(dimension)
        else:
            v = step * stacked_direction(subject, x, v / norm(v))
        best = better(best, _pair(subject, measure, x, v))
    return best


def _pair(subject: Subject, measure: Measure, x: Array, v: Array) -> Witness | None:
    points = np.stack([x + v, x - v])
    points = subject.probe.clipped(points) if subject.own else points
    return measure.witness(subject, points) if norm(points[0] - points[1]) > 0 else None


def stacked_direction(subject: Subject, x: Array, v: Array) -> Array:
    """The unit vector that maximises the mean of |H_i v|^2 over the components' Hessians at x, by power iteration."""
    h, n = subject.probe.step, subject.asked.components
    assert n is not None
    for _ in range(SWEEPS):
        along = (all_components(subject, x + h * v)[1] - all_components(subject, x - h * v)[1]) / (2 * h)
        sizes = np.linalg.norm(along, axis=1, keepdims=True)
        units = h * along / np.where(sizes > 0, sizes, 1.0)
        ahead, behind = (subject.named(x + sign * units, np.arange(n))[1] for sign in (1, -1))
        product = (sizes * (ahead - behind) / (2 * h)).mean(axis=0)
        if not 0 < norm(product) < np.inf:
            break
        v = product / norm(product)
    return v


def worst_term(subject: Subject, measure: Measure) -> Witness | None:
    """The ascent on the Hessian of the components that are the most curved at the points that are tried first."""
    finite_sum, best = subject.instance.finite_sum, over_pairs(subject, measure)
    if finite_sum is None or not subject.own or best is None:
        return best
    one, other = (all_components(subject, x)[1] for x in best.points)
    order = np.argsort(-np.linalg.norm(one - other, axis=1))
    spread = np.resize(order, min(TERMS, len(order)))
    for i in spread:
        alone = replace(subject.instance, function=finite_sum.terms[int(i)], finite_sum=None)
        found = curvature.largest_curvature(Probe(alone, subject.seed, subject.many // 2))
        best = better(best, None if found is None else measure.witness(subject, found.points))
    return best
