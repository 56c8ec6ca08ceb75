"""Tests on samples: they refute with a probability of a false alarm of 10^-9 at most, and never prove.

Of a model that claims no more than its mean and E|g - grad f|^2 <= sigma^2 nothing else is assumed: the mean of m
samples is then farther than 2 sigma / sqrt(m) from the truth with probability 1/4 at most, by Chebyshev's inequality,
and the mean of |g - grad f|^2 is above 2 sigma^2 with probability 1/2 at most, by Markov's. So of B independent batches
the number for which that is so is stochastically below a binomial number. Of normal noise the laws are known.
"""

import math
from typing import NamedTuple

import numpy as np

from hardinstances.certify.models.measures import Measure, near_progress
from hardinstances.certify.models.subject import Subject
from oracles import Array
from oracles.noise import GaussianNoise

BATCHES, BATCH, SMALL = 64, 512, 64
PILOT, FIRST = 128, 2**20  # the samples that choose a point, and the first of those that test there
DIGITS = 9.0  # a model as claimed is refuted with probability 10^-9 at most

FEW = (
    f"{BATCHES} batches of {BATCH} samples, of {SMALL} where a round has one sample, numbered from {FIRST} on, at x1, "
    "of the model with default_rng(0)"
)
FAR = "batches whose mean is farther than 2 sigma / sqrt(m) from grad f(x1)"
WIDE = "batches where the mean of |g - grad f|^2 is above 2 sigma^2"
TAIL = "-log10 of the probability that what is claimed gives as much"
BY_MEAN = f"{TAIL}: {FAR} (of normal noise: the chi-square test); {FEW}"
BY_SQUARES = f"{TAIL}: {WIDE} (of normal noise: the chi-square test); {FEW}"
BY_SHOWN = f"{TAIL}: how many show an entry beyond prog(x1) at half of the threshold; {FEW}"


class Sampled(NamedTuple):
    """The errors g - grad f of the samples at a point, (N, d), with the claimed sigma."""

    errors: Array
    noise: float


def size(subject: Subject) -> int:
    """The number of samples of a test."""
    return BATCHES * (SMALL if subject.shared else BATCH)


def sampled(subject: Subject, point: Array, first: int = FIRST, number: int | None = None) -> Sampled | None:
    """N samples at a point (d,); None where no noise is claimed, or nothing is drawn."""
    noise = subject.claims.default("noise")
    if noise is None or subject.asked.components is not None:
        return None
    count, key = size(subject) if number is None else number, point.tobytes()
    if number is None and key in subject.drawn:
        return Sampled(subject.drawn[key], noise.value)
    gradients = subject.named(np.tile(point, (count, 1)), first + np.arange(count))[1]
    errors = gradients - subject.truths(point[None])[1]
    if number is None:
        subject.drawn = {key: errors}
    return Sampled(errors, noise.value)


def digits(probability: float) -> float:
    """-log10, at most 300."""
    return 300.0 if probability < 1e-300 else -math.log10(min(1.0, probability)) + 0.0


def rounding(subject: Subject, point: Array) -> float:
    """What rounding may do to one error."""
    return 16 * float(np.finfo(float).eps) * float(np.linalg.norm(subject.truths(point[None])[1]))


def too_far(subject: Subject, points: Array) -> float | None:
    """See BY_MEAN."""
    found = sampled(subject, points[0])
    if found is None:
        return None
    from scipy.stats import binom, chi2

    number, dimension = found.errors.shape
    slack = rounding(subject, points[0])
    if isinstance(subject.asked, GaussianNoise) and found.noise > 0:
        mean = max(0.0, float(np.linalg.norm(found.errors.mean(axis=0))) - slack)
        return digits(chi2.sf(number * dimension * (mean / found.noise) ** 2, dimension))
    means = np.linalg.norm(found.errors.reshape(BATCHES, -1, dimension).mean(axis=1), axis=1)
    far = int((means > slack + 2 * found.noise / math.sqrt(number // BATCHES)).sum())
    return digits(binom.sf(far - 1, BATCHES, 0.25))


def too_wide(subject: Subject, points: Array) -> float | None:
    """See BY_SQUARES."""
    found = sampled(subject, points[0])
    if found is None:
        return None
    from scipy.stats import binom, chi2

    squares, slack = (found.errors**2).sum(axis=1), rounding(subject, points[0])
    if isinstance(subject.asked, GaussianNoise) and found.noise > 10 * slack:
        statistic, freedom = found.errors.size * float(squares.mean()) / found.noise**2, found.errors.size
        return digits(2 * min(chi2.sf(statistic, freedom), chi2.cdf(statistic, freedom)))
    wide = int((squares.reshape(BATCHES, -1).mean(axis=1) > 2 * (found.noise + slack) ** 2).sum())
    return digits(binom.sf(wide - 1, BATCHES, 0.5))


def too_often(subject: Subject, points: Array) -> float | None:
    """See BY_SHOWN."""
    chance, place = subject.claims.default("chance"), near_progress(subject, points[0])
    if chance is None or place is None or place == subject.asked.dimension:
        return None
    from scipy.stats import binom

    number = size(subject)
    gradients = subject.named(np.tile(points[0], (number, 1)), FIRST + np.arange(number))[1]
    shown = int(gradients[:, place:].any(axis=1).sum())
    return digits(binom.sf(shown - 1, number, chance.value))


SAMPLED = {
    one.quantity: one
    for one in (
        Measure("mean of samples", BY_MEAN, too_far, tolerance=DIGITS),
        Measure("squares of samples", BY_SQUARES, too_wide, tolerance=DIGITS),
        Measure("shown by samples", BY_SHOWN, too_often, tolerance=DIGITS),
    )
}


def suspect(subject: Subject) -> Array | None:
    """The point (1, d) where the mean of a few samples is farthest from the truth; they are not used again."""
    met = []
    for x in subject.points[:: max(1, len(subject.points) // 8)]:
        found = sampled(subject, x, 0, PILOT)
        if found is None:
            return None
        off = float(np.linalg.norm(found.errors.mean(axis=0)))
        met.append((off / (found.noise + rounding(subject, x) + 1e-300), x[None]))
    return max(met, key=lambda pair: pair[0])[1]


def seen(subject: Subject, points: Array) -> str:
    """The interval that the samples leave for the mean, in words."""
    found = sampled(subject, points[0])
    assert found is not None
    off, number = float(np.linalg.norm(found.errors.mean(axis=0))), len(found.errors)
    return (
        f"at x1 the mean of {number} samples is {off:.3g} off, and the root of the mean of their squares "
        f"{float(np.sqrt((found.errors**2).sum(axis=1).mean())):.6g}; not refuted at 10^-{DIGITS:g}"
    )
