"""What holds for every registered family."""

import numpy as np
import pytest

import hardinstances  # noqa: F401
from oracles import FAMILIES
from oracles.reductions import matrix_of

EVERYWHERE = np.ones(1, dtype=bool)


def answer(instance, points):
    points = np.atleast_2d(np.asarray(points, dtype=float))
    asked = np.ones(len(points), dtype=bool)
    return instance.function.evaluate(np.ascontiguousarray(points), asked, asked)


@pytest.fixture(params=sorted(FAMILIES))
def instance(request):
    family = FAMILIES[request.param]
    return family.instance(family.example)


@pytest.fixture
def points(instance, rng):
    scale = 0.2 + instance.claims.value("gap") ** 0.25
    points = instance.start + scale * rng.standard_normal((40, instance.dimension))
    points[0] = instance.start
    points[1:4] = np.round(points[1:4])
    if instance.domain is not None:  # inside, but for some corners
        low, high = instance.domain.lower, instance.domain.upper
        points[4:] = low + (high - low) * rng.uniform(0.01, 0.99, points[4:].shape)
    return inside(instance, points)


def inside(instance, points):
    """The points, put into the domain."""
    return points if instance.domain is None else np.clip(points, instance.domain.lower, instance.domain.upper)


def test_the_gradient_agrees_with_differences(instance, points):
    """Central differences with Richardson's extrapolation, away from kinks of the gradient."""
    for x in points[4:]:
        gradient = answer(instance, x)[1][0]
        for i in range(instance.dimension):

            def slope(h, i=i, x=x):
                step = np.zeros(instance.dimension)
                step[i] = h
                (above, below), _ = answer(instance, [x + step, x - step])
                return (above - below) / (2 * h)

            h = 1e-4 * max(1.0, abs(x[i]))
            estimate = (4 * slope(h / 2) - slope(h)) / 3
            scale = max(1.0, abs(gradient).max(), abs(answer(instance, x)[0][0]))
            assert estimate == pytest.approx(gradient[i], abs=2e-8 * scale)


def test_a_batch_is_its_single_queries_bit_for_bit(instance, points):
    values, gradients = answer(instance, points)
    for k, x in enumerate(points):
        value, gradient = answer(instance, x)
        assert value[0] == values[k] and np.array_equal(gradient[0], gradients[k])


@pytest.mark.slow
def test_the_same_source_runs_uncompiled(instance, points):
    kernel, parameters = instance.function.kernel, instance.function.parameters
    for x in points[:10]:
        gradient = np.empty(instance.dimension)
        value = kernel.python(x, gradient, instance.dimension, parameters)
        compiled_value, compiled_gradient = answer(instance, x)
        assert value == pytest.approx(compiled_value[0], rel=1e-13, abs=1e-300)
        assert gradient == pytest.approx(compiled_gradient[0], rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("instance", sorted(set(FAMILIES) - {"chained_rosenbrock"}), indirect=True)
def test_the_gradient_is_as_smooth_as_claimed(instance, points, rng):
    """The quotient |g(x) - g(y)| / |x - y| climbed over pairs; chained Rosenbrock claims no bound on R^d."""
    claim = instance.claims.default("smoothness")

    def quotient(x, y):
        _, (a, b) = answer(instance, [x, y])
        return np.linalg.norm(a - b) / np.linalg.norm(x - y)

    worst = 0.0
    for x in points:
        aside = 0.01 * rng.standard_normal(instance.dimension)
        y = inside(instance, x + aside)
        y = inside(instance, x - aside) if np.array_equal(x, y) else y
        best = quotient(x, y)
        for _ in range(60):
            move, turn = 0.2 * rng.standard_normal((2, instance.dimension))
            candidate = inside(instance, np.stack((x + move, x + move + 0.05 * (y - x) + 0.02 * turn)))
            if np.array_equal(*candidate):
                continue
            if (value := quotient(*candidate)) > best:
                (x, y), best = candidate, value
        worst = max(worst, best)
    assert 0 < worst <= claim.value * (1 + 1e-9)


@pytest.mark.parametrize("instance", sorted(set(FAMILIES) - {"chained_rosenbrock"}), indirect=True)
@pytest.mark.parametrize("distance", [1e9, 1e80, 1e160])
def test_far_points_are_answered(instance, distance, rng):
    """No gradient is NaN or infinite, where squares overflow, too; nor is a value NaN, before they do."""
    if instance.domain is not None:
        pytest.skip("it is not asked outside of its domain")
    directions = np.concatenate([rng.standard_normal((40, instance.dimension)), np.eye(instance.dimension)])
    values, gradients = answer(instance, np.concatenate([distance * directions, -distance * directions]))
    assert np.isfinite(gradients).all() and (np.isfinite(values).all() or distance > 1e150)


def test_the_gap_is_not_exceeded(instance, points):
    """Descent from the start, with the claimed step, never falls further than the claimed gap."""
    x = instance.start.copy()
    (first,), _ = answer(instance, x)
    lowest = answer(instance, points)[0].min()
    for _ in range(3000):
        (value,), (gradient,) = answer(instance, x)
        lowest = min(lowest, value)
        x = inside(instance, x - gradient / instance.claims.for_methods()["smoothness"])
    assert first - lowest <= instance.claims.value("gap") * (1 + 1e-12)


def test_every_claim_has_a_source(instance):
    assert all(claim.source and claim.value >= 0 for claim in instance.claims)
    assert all(bound.source and bound.statement for bound in instance.bounds)


def test_the_family_rebuilds_its_member(instance):
    again = FAMILIES[instance.name].instance(instance.parameters)
    assert again.name == instance.name and again.parameters == instance.parameters
    point = inside(instance, instance.start + 0.3)
    assert np.array_equal(answer(again, point)[1], answer(instance, point)[1])


def test_the_hessian_agrees_with_differences_of_the_gradient(instance, points):
    """Central differences with Richardson's extrapolation, column by column."""
    if instance.function.band(np.ascontiguousarray(points[4])) is None:
        pytest.skip("it has no Hessian")
    for x in points[4:12]:
        hessian = matrix_of(instance.function.band(np.ascontiguousarray(x)))
        gradient = answer(instance, x)[1][0]
        scale = max(1.0, abs(hessian).max(), abs(gradient).max())
        for i in range(instance.dimension):
            h = 1e-4 * max(1.0, abs(x[i]))
            step = np.zeros(instance.dimension)
            step[i] = h
            _, (a, b, c, d) = answer(instance, [x + step, x - step, x + step / 2, x - step / 2])
            column = (4 * (c - d) / h - (a - b) / (2 * h)) / 3
            assert column == pytest.approx(hessian[i], abs=1e-7 * scale)
