"""The steps of second-order methods satisfy the optimality conditions, in high precision and against brute force."""

import mpmath
import numpy as np
import pytest

from algorithms.subproblems import cubic_step, quadratic, shifted_step, times, trust_region_step

REGULARISATIONS = (1e-6, 0.1, 3.0, 1e5)
RADII = (1e-4, 0.3, 2.0, 1e3)


def rotated(eigenvalues, rng):
    q, _ = np.linalg.qr(rng.standard_normal((len(eigenvalues),) * 2))
    hessian = q @ np.diag(eigenvalues) @ q.T
    return (hessian + hessian.T) / 2, q


def problems():
    """Gradients and Hessians: indefinite, definite, singular, repeated, nearly hard and hard cases, at a stationary
    point.
    """
    rng = np.random.default_rng(5)
    spectra = {
        "indefinite": [-2.0, -0.5, 0.1, 3.0],
        "definite": [0.2, 1.0, 1.0, 5.0],
        "singular": [0.0, 0.0, 1.0, 2.0],
        "repeated": [-1.0, -1.0, -1.0, 4.0],
        "concave": [-4.0, -3.0, -2.0, -1.0],
        "zero": [0.0, 0.0, 0.0, 0.0],
        "stretched": [-1e-9, 1e-5, 1.0, 1e8],
    }
    for name, eigenvalues in spectra.items():
        hessian, q = rotated(np.array(eigenvalues), rng)
        gradient = rng.standard_normal(4)
        yield name, gradient, hessian
        yield f"{name}, nearly hard", gradient - q[:, 0] * (q[:, 0] @ gradient) + 1e-13 * q[:, 0], hessian
        yield f"{name}, small gradient", 1e-9 * gradient, hessian
    for name, eigenvalues in spectra.items():
        yield f"diagonal {name}, hard", np.array([0.0, 1.0, -0.5, 2.0]), np.diag(eigenvalues)
        yield f"{name}, gradient 0", np.zeros(4), rotated(np.array(eigenvalues), rng)[0]
    yield "one variable", np.array([0.7]), np.array([[-0.3]])
    yield "one flat variable", np.array([-1.0]), np.array([[0.0]])


PROBLEMS = {name: (gradient, hessian) for name, gradient, hessian in problems()}


def exactly(gradient, hessian, step):
    """g, H, s and H s in 50 digits."""
    g, H, s = (mpmath.matrix(one.tolist()) for one in (gradient, hessian, step))
    return g, H, s, H * s


def assert_optimal(gradient, hessian, step, multiplier):
    """(H + lambda I) s = -g and H + lambda I >= 0, to what rounding of H allows."""
    scale = np.abs(np.linalg.eigvalsh(hessian)).max() + abs(multiplier)
    with mpmath.workdps(50):
        g, _, s, Hs = exactly(gradient, hessian, step)
        residual = float(mpmath.norm(g + Hs + mpmath.mpf(multiplier) * s))
    assert residual <= 1e-13 * (scale * np.linalg.norm(step) + np.linalg.norm(gradient))
    assert np.linalg.eigvalsh(hessian)[0] + multiplier >= -1e-13 * scale


@pytest.mark.parametrize("regularisation", REGULARISATIONS)
@pytest.mark.parametrize("name", PROBLEMS)
def test_cubic_steps_are_optimal(name, regularisation):
    gradient, hessian = PROBLEMS[name]
    step, change = cubic_step(quadratic(gradient, hessian), regularisation)
    assert_optimal(gradient, hessian, step, regularisation * np.linalg.norm(step) / 2)
    with mpmath.workdps(50):
        g, _, s, Hs = exactly(gradient, hessian, step)
        terms = [(g.T * s)[0], (s.T * Hs)[0] / 2, mpmath.mpf(regularisation) / 6 * mpmath.norm(s) ** 3]
        rounding = 1e-15 * np.linalg.norm(hessian, 2) * np.linalg.norm(step) ** 2  # of eigenvalues near 0
        assert abs(change - float(sum(terms))) <= 1e-13 * float(sum(map(abs, terms))) + rounding
    assert change <= 0


@pytest.mark.parametrize("radius", RADII)
@pytest.mark.parametrize("name", PROBLEMS)
def test_trust_region_steps_are_optimal(name, radius):
    gradient, hessian = PROBLEMS[name]
    step, multiplier = trust_region_step(quadratic(gradient, hessian), radius)
    assert_optimal(gradient, hessian, step, multiplier)
    assert multiplier >= 0 and np.linalg.norm(step) <= radius * (1 + 1e-14)
    assert multiplier == 0 or np.linalg.norm(step) == pytest.approx(radius, rel=1e-13)


def test_hard_cases_move_although_the_gradient_does_not_say_where():
    hessian = np.diag([-2.0, 1.0])
    step, change = cubic_step(quadratic(np.zeros(2), hessian), 4.0)
    assert step == pytest.approx([1.0, 0.0], rel=1e-15) and change == pytest.approx(-1.0 + 4 / 6)
    step, multiplier = trust_region_step(quadratic(np.array([0.0, 3.0]), hessian), 2.0)
    assert multiplier == 2.0 and step == pytest.approx([np.sqrt(3.0), -1.0], rel=1e-15)
    downhill, _ = trust_region_step(quadratic(np.array([1e-200, 3.0]), hessian), 2.0)
    assert downhill == pytest.approx([-np.sqrt(3.0), -1.0], rel=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_no_point_of_a_grid_is_better(seed):
    rng = np.random.default_rng(seed)
    gradient, (hessian, _) = rng.standard_normal(2), rotated(rng.standard_normal(2), rng)
    model = quadratic(gradient, hessian)
    side = np.linspace(-4, 4, 801)
    points = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    lengths = np.linalg.norm(points, axis=1)
    quadratics = points @ gradient + 0.5 * ((points @ hessian) * points).sum(axis=1)
    for number in (0.5, 1.0, 2.0):
        step, change = cubic_step(model, number)
        assert change <= (quadratics + number / 6 * lengths**3).min() + 1e-12
        step, _ = trust_region_step(model, number)
        least = quadratics[lengths <= number].min()
        assert gradient @ step + 0.5 * step @ hessian @ step <= least + 1e-12


def test_one_variable_is_solved_by_the_formula():
    """For g < 0: s = (sqrt(h^2 - 2 M g) - h) / M."""
    for g, h, m in ((-1.0, 0.0, 2.0), (-0.3, -2.0, 0.7), (-1e-8, 5.0, 3.0), (-2.0, 1.0, 1e-9)):
        step, _ = cubic_step(quadratic(np.array([g]), np.array([[h]])), m)
        root = mpmath.sqrt(mpmath.mpf(h) ** 2 - 2 * mpmath.mpf(m) * g)
        assert step[0] == pytest.approx(float((root - h) / m if h < 0 else -2 * mpmath.mpf(g) / (root + h)), rel=1e-14)


@pytest.mark.parametrize("scale", [2.0**-400, 2.0**-100, 2.0**100, 2.0**400])
def test_steps_have_no_scale_of_their_own(scale):
    """h f(x) has the steps of f, w f(x / w) steps w times as long; powers of two round nothing but square roots."""
    for name in ("indefinite", "definite", "singular", "diagonal indefinite, hard", "stretched"):
        gradient, hessian = PROBLEMS[name]
        step, change = cubic_step(quadratic(gradient, hessian), 3.0)
        large, changed = cubic_step(quadratic(gradient * scale, hessian * scale), 3.0 * scale)
        assert large == pytest.approx(step, rel=1e-13) and changed == pytest.approx(change * scale, rel=1e-13)
        step, multiplier = trust_region_step(quadratic(gradient, hessian), 0.4)
        wide, same = trust_region_step(quadratic(gradient * scale, hessian), 0.4 * scale)
        assert wide == pytest.approx(step * scale, rel=1e-13) and same == pytest.approx(multiplier, rel=1e-13)


def test_exact_zeros_stay_exact_zeros(rng):
    """Where g and the row of H vanish nothing moves, as in exact arithmetic; the rest does not notice."""
    hessian, _ = rotated(np.array([-1.0, 0.5, 2.0]), rng)
    gradient, kept = rng.standard_normal(3), np.array([1, 4, 6])
    wide, slope = np.zeros((9, 9)), np.zeros(9)
    wide[np.ix_(kept, kept)], slope[kept] = hessian, gradient
    small, large = quadratic(gradient, hessian), quadratic(slope, wide)
    for narrow, padded in (
        (cubic_step(small, 2.0)[0], cubic_step(large, 2.0)[0]),
        (trust_region_step(small, 0.7)[0], trust_region_step(large, 0.7)[0]),
        (shifted_step(small, 1.5), shifted_step(large, 1.5)),
    ):
        assert np.array_equal(padded[kept], narrow) and np.count_nonzero(padded) == 3
    nothing = quadratic(np.zeros(4), np.zeros((4, 4)))
    assert not cubic_step(nothing, 1.0)[0].any() and not trust_region_step(nothing, 1.0)[0].any()


def test_equal_models_give_equal_steps_to_the_last_bit(rng):
    hessian, _ = rotated(rng.standard_normal(60), rng)
    gradient = rng.standard_normal(60)
    first = [cubic_step(quadratic(gradient, hessian), m)[0] for m in REGULARISATIONS]
    for _ in range(5):
        model = quadratic(gradient.copy(), hessian.copy())
        assert all(
            np.array_equal(cubic_step(model, m)[0], step) for m, step in zip(REGULARISATIONS, first, strict=True)
        )


def test_shifted_steps_and_products(rng):
    hessian, _ = rotated(np.array([-1.0, 0.5, 2.0]), rng)
    gradient = rng.standard_normal(3)
    exact = np.linalg.solve(hessian + 1.5 * np.eye(3), -gradient)
    assert shifted_step(quadratic(gradient, hessian), 1.5) == pytest.approx(exact, rel=1e-12)
    matrix = rng.standard_normal((4, 3))
    assert times(matrix, gradient) == pytest.approx(matrix @ gradient, rel=1e-13)
