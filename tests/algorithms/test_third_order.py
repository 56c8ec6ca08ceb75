"""The third-order method: its differences, its model, its solver, its rounds and its constant."""

import itertools
import math

import mpmath
import numpy as np
import pytest

import algorithms  # noqa: F401
from algorithms.taylor_model import derivatives, minimised, model_at, stencil
from algorithms.third_order import fall_per_step
from experiments import run
from experiments.binding import bound_numbers
from hardinstances import cosine_mixture
from oracles import ALGORITHMS


def symmetric(rng, d):
    tensor = rng.standard_normal((d, d, d))
    return sum(np.transpose(tensor, order) for order in itertools.permutations(range(3)))


@pytest.mark.parametrize("d", [1, 2, 5])
def test_differences_of_a_cubic_polynomial_are_exact(d, rng):
    third, hessian, gradient = symmetric(rng, d), rng.standard_normal((d, d)), rng.standard_normal(d)
    hessian, x = hessian + hessian.T, rng.standard_normal(d)

    def slope(y):
        return gradient + hessian @ y + 0.5 * np.einsum("ijk,j,k->i", third, y, y)

    h = 0.25
    points = stencil(x, h)
    assert points.shape == (d * d + d + 1, d) and np.array_equal(points[0], x)
    assert len(np.unique(points, axis=0)) == len(points)
    H, T = derivatives(np.array([slope(y) for y in points]), h)
    assert pytest.approx(hessian + np.einsum("ijk,k->ij", third, x), abs=1e-12) == H
    assert pytest.approx(third, abs=1e-11) == T


def test_errors_of_the_differences_are_within_the_lemma():
    """Frobenius norms at most sqrt(d) L_3 h^2/6 and 0.805 d L_3 h, against the closed form of the cosines."""
    for seed in range(20):
        d = 1 + seed % 5
        instance = cosine_mixture(dimension=d, seed=seed)
        rough, x = instance.claims.value("third_order_smoothness"), np.linspace(-1, 1, d) * seed / 7
        rows = instance.function.parameters[1:].reshape(-1, d + 2)
        phase = rows[:, 2:] @ x + rows[:, 1]
        exact_h = np.einsum("n,ni,nj->ij", rows[:, 0] * np.cos(phase), rows[:, 2:], rows[:, 2:])
        exact_t = np.einsum("n,ni,nj,nk->ijk", -rows[:, 0] * np.sin(phase), *[rows[:, 2:]] * 3)
        for h in (0.3, 0.03):
            points = stencil(x, h)
            asked = np.ones(len(points), dtype=bool)
            H, T = derivatives(instance.function.evaluate(points, asked, asked)[1], h)
            assert np.linalg.norm(H - exact_h) <= math.sqrt(d) * rough * h**2 / 6
            assert np.linalg.norm((T - exact_t).ravel()) <= 0.805 * d * rough * h


def test_the_model_has_the_derivatives_that_it_says(rng):
    third, hessian, gradient, s = symmetric(rng, 3), rng.standard_normal((3, 3)), rng.standard_normal(3), np.ones(3)
    hessian = hessian + hessian.T
    value, slope, bend = model_at(s, gradient, hessian, third, 2.0)
    terms = gradient @ s, s @ hessian @ s / 2, np.einsum("ijk,i,j,k->", third, s, s, s) / 6, 2.0 / 24 * (s @ s) ** 2
    assert value == pytest.approx(sum(terms))
    for i, step in enumerate(1e-5 * np.eye(3)):
        above, below = (model_at(s + sign * step, gradient, hessian, third, 2.0) for sign in (1, -1))
        assert (above[0] - below[0]) / 2e-5 == pytest.approx(slope[i], abs=1e-7)
        assert (above[1] - below[1]) / 2e-5 == pytest.approx(bend[i], abs=1e-7)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_inner_solver_reaches_its_accuracy_downhill(rng, scale):
    for case in range(60):
        d = 1 + case % 5
        third, hessian, gradient = symmetric(rng, d), rng.standard_normal((d, d)), rng.standard_normal(d)
        parts = (gradient * 10.0 ** -(case % 4), hessian + hessian.T, third)
        s = minimised(*(scale * part for part in parts), 7.0 * scale, 0.1 * scale)
        value, slope, _ = model_at(s, *(scale * part for part in parts), 7.0 * scale)
        assert value < 0 and np.linalg.norm(slope) <= 0.1 * scale * np.linalg.norm(s) ** 3
    assert not minimised(np.zeros(2), np.eye(2), np.zeros((2, 2, 2)), 1.0, 0.1).any()


def test_the_constant_of_the_guarantee():
    """The root in high precision, and the constant that is quoted; exact derivatives and an exact solver: 7 is best."""
    for d in (1, 2, 10):
        eta, tau = mpmath.mpf(0.05) ** 2 / (6 * mpmath.mpf(d) ** 1.5), mpmath.mpf(0.805) * 0.05
        z = mpmath.findroot(lambda z: (0.1 + mpmath.mpf(8) / 6) * z**3 + eta * z + tau * z**2 / 2 - 1, 0.9)  # noqa: B023
        fall = z**4 / 4 - eta * z**2 / 2 - tau * z**3 / 6
        assert fall_per_step(7.0, 0.1, 0.05, d) == pytest.approx(float(fall), rel=1e-12)
        assert 6.7 < 1 / fall < 6.9
    ideal = [fall_per_step(m, 0.0, 0.0, 3) for m in (6.9, 7.0, 7.1)]
    assert ideal[1] == max(ideal) and 1 / ideal[1] == pytest.approx(4 * (4 / 3) ** (4 / 3), rel=1e-12)
    assert fall_per_step(1.0, 0.1, 0.05, 3) <= 0


@pytest.mark.parametrize("width", [1, 4, 13, 100])
def test_an_iteration_takes_as_many_rounds_as_its_stencil_needs(width):
    """The path is the same at every width; both engines count the same."""
    instance = cosine_mixture(dimension=3, seed=2)
    runs = [
        run(ALGORITHMS["third_order"], instance, target=1e-3, width=width, engine=engine)
        for engine in ("compiled", "python")
    ]
    whole = run(ALGORITHMS["third_order"], instance, target=1e-3)
    steps = whole.rounds - 1
    assert whole.met and whole.width == 13 and steps > 3
    per_step = math.ceil(13 / width)
    for outcome in runs:
        assert outcome.met and outcome.width <= width and outcome.value_queries == 0
        assert steps * per_step < outcome.rounds <= (steps + 1) * per_step
        assert outcome.hits[0].query == whole.hits[0].query
        (bound,) = ALGORITHMS["third_order"].bounds
        assert outcome.rounds <= bound.value(bound_numbers(instance, outcome.numbers, 1e-3))
    assert runs[0].best_merit == runs[1].best_merit and runs[0].rounds == runs[1].rounds
