"""The constants of the random mixtures, seen from below, and their components."""

import numpy as np
import pytest

from hardinstances import cosine_mixture
from oracles import InputError
from oracles.reductions import matrix_of


def hessian(function, x):
    return matrix_of(function.band(np.ascontiguousarray(x)))


@pytest.mark.parametrize("seed", range(5))
def test_curvature_comes_near_its_bound_in_few_dimensions(seed, rng):
    """With one term the claims on the first two orders are attained, with many they are bounds."""
    one = cosine_mixture(dimension=2, components=1, smoothness=3.0, seed=seed)
    many = cosine_mixture(dimension=3, components=8, smoothness=3.0, seed=seed)
    for instance, least in ((one, 0.99), (many, 0.2)):
        points = 10 * rng.standard_normal((2000, instance.dimension))
        steps = 1e-4 * rng.standard_normal((2000, instance.dimension))
        matrices = np.array([hessian(instance.function, x) for x in points])
        moved = np.array([hessian(instance.function, x + s) for x, s in zip(points, steps, strict=True)])
        curvature = np.linalg.norm(matrices, 2, axis=(1, 2)).max()
        change = (np.linalg.norm(moved - matrices, 2, axis=(1, 2)) / np.linalg.norm(steps, axis=1)).max()
        assert least * 3.0 <= curvature <= 3.0
        bound = instance.claims.value("hessian_smoothness")
        assert least * bound * 0.9 <= change <= bound * (1 + 1e-9)


def test_the_components_are_as_smooth_as_claimed_and_sum_to_the_function(rng):
    instance = cosine_mixture(dimension=4, components=6, seed=3)
    terms, claims = instance.finite_sum.terms, instance.finite_sum.claims
    asked = np.ones(2, dtype=bool)
    worst = individual = 0.0
    for _ in range(500):
        x = 3 * rng.standard_normal(4)
        pair = np.array([x, x + 1e-5 * rng.standard_normal(4)])
        answers = [term.evaluate(pair, asked, asked) for term in terms]
        values, gradients = instance.function.evaluate(pair, asked, asked)
        assert np.mean([value for value, _ in answers], axis=0) == pytest.approx(values, rel=1e-13)
        assert np.mean([gradient for _, gradient in answers], axis=0) == pytest.approx(gradients, rel=1e-12, abs=1e-14)
        quotients = [np.linalg.norm(g[0] - g[1]) / np.linalg.norm(pair[0] - pair[1]) for _, g in answers]
        worst = max(worst, np.sqrt(np.mean(np.square(quotients))))
        individual = max(individual, *quotients)
    assert 0.3 * claims.value("mean_squared_smoothness") < worst <= claims.value("mean_squared_smoothness")
    assert 0.5 * claims.value("component_smoothness") < individual <= claims.value("component_smoothness") * (1 + 1e-9)


def test_seeds_differ_and_bad_numbers_are_refused():
    first, second = (cosine_mixture(dimension=3, seed=seed).claims.value("gap") for seed in (0, 1))
    assert first != second
    for wrong in ({"dimension": 0}, {"dimension": 2, "components": 0}, {"dimension": 2, "smoothness": 0.0}):
        with pytest.raises(InputError, match="cosine_mixture"):
            cosine_mixture(**wrong)
