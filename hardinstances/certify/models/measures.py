"""What is measured of an answer at points: on the exact law where it is known, and on all components."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hardinstances.certify.finding import Witness
from hardinstances.certify.models.law import Law, law_at
from hardinstances.certify.models.subject import Subject
from hardinstances.progress import LastAbove
from oracles import Array, norm

EPSILON = float(np.finfo(float).eps)
EXACTLY = 1e-11  # relative; sums over up to some thousand outcomes round to less

BIAS = "the larger of |E g - grad f| / E|g| and |E v - f| / E|v| at x1, on the exact law"
MEAN = "the same of the mean over all components, each asked by its number"
REPEAT = "|g(x1, z) - g(x1, z)| for eight samples z, asked in a round, in another order, and alone"
NOISE = "the root of E|g(x1, z) - grad f(x1)|^2, on the exact law"
IN_MEAN_SQUARE = "the root of E|g(x1, z) - g(x2, z)|^2 / |x1 - x2|^2, on the exact law"
WORST_COMPONENT = "max_i |grad f_i(x1) - grad f_i(x2)| / |x1 - x2|"
CHANCE = "the probability that an entry of g(x1, z) beyond prog(x1) is not 0, prog at half of the threshold"
REACH = "entries of g(x1, z) that are not 0 beyond prog(x1) + 1 for some z, prog at half of the threshold"


@dataclass(frozen=True)
class Measure:
    """A number at `needs` points. tolerance: of a property, above which it is refuted; None for a claim."""

    quantity: str
    recipe: str
    evaluate: Callable[[Subject, Array], float | None]
    needs: int = 1
    tolerance: float | None = None

    def witness(self, subject: Subject, points: Array) -> Witness | None:
        """What is met at points; None where nothing can be said."""
        value = self.evaluate(subject, points)
        return None if value is None or not np.isfinite(value) else Witness(float(value), points, self.recipe)


def relative(off: float, size: float) -> float:
    """Off / size, and 0 for 0 / 0."""
    return 0.0 if off == 0 else off / max(size, np.finfo(float).tiny)


def deviation(mean: tuple[float, Array], sizes: tuple[float, float], truth: tuple[float, Array]) -> float:
    """How far the mean of an answer is from the truth, relative to the sizes of what is averaged."""
    of_values = relative(abs(mean[0] - truth[0]), max(sizes[0], abs(truth[0])))
    of_gradients = relative(norm(mean[1] - truth[1]), max(sizes[1], norm(truth[1])))
    return max(of_values, of_gradients)


def _truth(subject: Subject, point: Array) -> tuple[float, Array]:
    values, gradients = subject.truths(point[None])
    return float(values[0]), gradients[0]


def bias(subject: Subject, points: Array) -> float | None:
    """See BIAS."""
    law = law_at(subject, points[0])
    if law is None:
        return None
    mean = float(law.weights @ law.values), law.mean
    return deviation(mean, (float(law.weights @ abs(law.values)), law.size), _truth(subject, points[0]))


def all_components(subject: Subject, point: Array) -> tuple[Array, Array]:
    """Values (n,) and gradients (n, d) of the components at a point (d,)."""
    n = subject.asked.components
    assert n is not None
    return subject.named(np.tile(point, (n, 1)), np.arange(n))


def mean_of_components(subject: Subject, points: Array) -> float | None:
    """See MEAN."""
    if subject.asked.components is None:
        return None
    values, gradients = all_components(subject, points[0])
    sizes = float(abs(values).mean()), float(np.linalg.norm(gradients, axis=1).mean())
    return deviation((float(values.mean()), gradients.mean(axis=0)), sizes, _truth(subject, points[0]))


def unrepeatable(subject: Subject, points: Array) -> float | None:
    """See REPEAT."""
    samples = np.arange(min(8, subject.asked.components or 8))
    rows = np.tile(points[0], (len(samples), 1))
    together = subject.named(rows, samples)
    backward = [part[::-1] for part in subject.named(rows, samples[::-1])]
    alone = [subject.named(rows[:1], np.array([sample])) for sample in samples]
    others = backward[1], np.concatenate([one[1] for one in alone])
    return float(max(np.abs(together[1] - other).max() for other in others))


def noise_at(subject: Subject, points: Array) -> float | None:
    """See NOISE, less what rounding may have done."""
    law = law_at(subject, points[0])
    if law is None:
        return None
    return float(np.sqrt(law.second_moment(_truth(subject, points[0])[1])) - 8 * EPSILON * law.size)


def least_noise_at(subject: Subject, points: Array) -> float | None:
    """See NOISE, and what rounding may have done."""
    law = law_at(subject, points[0])
    if law is None:
        return None
    return float(np.sqrt(law.second_moment(_truth(subject, points[0])[1])) + 8 * EPSILON * law.size)


def in_mean_square(subject: Subject, points: Array) -> float | None:
    """See IN_MEAN_SQUARE, less what rounding may have done."""
    one, other = law_at(subject, points[0]), law_at(subject, points[1])
    if one is None or other is None:
        return None
    size = 16 * EPSILON * (_largest(one) + _largest(other))
    return float((np.sqrt(one.between(other)) - size) / norm(points[0] - points[1]))


def _largest(law: Law) -> float:
    return float(np.linalg.norm(law.gradients, axis=1).max()) + float(np.abs(law.mean).max())


def worst_component(subject: Subject, points: Array) -> float | None:
    """See WORST_COMPONENT, less what rounding may have done."""
    if subject.asked.components is None:
        return None
    one, other = (all_components(subject, point)[1] for point in points)
    size = np.linalg.norm(one, axis=1) + np.linalg.norm(other, axis=1)
    return float((np.linalg.norm(one - other, axis=1) - 8 * EPSILON * size).max() / norm(points[0] - points[1]))


def near_progress(subject: Subject, point: Array) -> int | None:
    """Prog at half of the threshold of the instance's progress, as samples are measured; None where there is none."""
    progress = subject.instance.progress
    if not subject.own or not isinstance(progress, LastAbove) or not progress.threshold > 0:
        return None
    return int(LastAbove(progress.threshold / 2)(point[None])[0])


def chance_at(subject: Subject, points: Array) -> float | None:
    """See CHANCE."""
    place, law = near_progress(subject, points[0]), law_at(subject, points[0])
    if place is None or law is None or law.slope is not None:
        return None
    return float(law.weights @ law.gradients[:, place:].any(axis=1))


def reach_at(subject: Subject, points: Array) -> float | None:
    """See REACH."""
    place, law = near_progress(subject, points[0]), law_at(subject, points[0])
    if place is None or law is None or law.slope is not None:
        return None
    return float((law.gradients[:, place + 1 :] != 0).sum())


MEASURES = {
    one.quantity: one
    for one in (
        Measure("unbiased", BIAS, bias, tolerance=EXACTLY),
        Measure("mean of components", MEAN, mean_of_components, tolerance=EXACTLY),
        Measure("repeatable", REPEAT, unrepeatable, tolerance=0.0),
        Measure("probability zero chain", REACH, reach_at, tolerance=0.0),
        Measure("noise", NOISE, noise_at),
        Measure("least_noise", NOISE, least_noise_at),
        Measure("mean_squared_smoothness", IN_MEAN_SQUARE, in_mean_square, needs=2),
        Measure("component_smoothness", WORST_COMPONENT, worst_component, needs=2),
        Measure("chance", CHANCE, chance_at),
    )
}
