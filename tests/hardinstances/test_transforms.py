"""Transforms: the rotation is orthogonal, composed kernels are the composition, claims and bounds say the same."""

import itertools
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import mpmath
import numpy as np
import pytest
from numba.core.runtime import _nrt_python, rtsys
from scipy.linalg import hadamard
from scipy.special import betainc

from algorithms import gradient_descent
from experiments import run
from hardinstances import (
    carmon_chain,
    cosine_mixture,
    gate_chain,
    nested_chain,
    nesterov_chain,
    projected_chain,
    quadratic,
    rotated,
    rotated_chain,
    scaled,
    soft_projected,
    walled,
    walled_chain,
)
from hardinstances.transforms.haar import HaarRotation
from hardinstances.transforms.hadamard import HadamardRotation, turn_inward, turn_outward, walsh_hadamard
from oracles import (
    Bound,
    Box,
    Claim,
    Claims,
    Goal,
    InputError,
    KernelFunction,
    Scope,
    Traits,
    compiled,
    foreign_kernel,
    from_callable,
    tightest,
)
from oracles.kernels import answer_points
from oracles.lowlevel import address_of
from oracles.reductions import matrix_of


def ask(instance, points):
    points = np.ascontiguousarray(np.atleast_2d(np.asarray(points, dtype=float)))
    asked = np.ones(len(points), dtype=bool)
    return instance.function.evaluate(points, asked, asked)


def frame(rotation, inner, dimension, seed=3):
    """U as a matrix (D, d), column by column."""
    turn = {"hadamard": HadamardRotation, "haar": HaarRotation}[rotation].drawn(inner, dimension, seed)
    return turn.outward(np.eye(inner)).T


def in_python(instance, vectorised=False, apart=False):
    """The same function behind plain Python callables."""
    if apart:
        plain = from_callable(lambda x: ask(instance, x)[0][0], lambda x: ask(instance, x)[1][0], start=instance.start)
    elif vectorised:
        plain = from_callable(lambda points: ask(instance, points), start=instance.start, vectorised=True)
    else:
        plain = from_callable(lambda x: tuple(part[0] for part in ask(instance, x)), start=instance.start)
    return replace(plain, claims=instance.claims, progress=instance.progress)


# The rotation.


@compiled
def transform(v):
    walsh_hadamard(address_of(v), v.size)


@compiled
def round_trip(signs, x, there, back):
    turn_inward(address_of(signs), address_of(x), address_of(there), x.size)
    turn_outward(address_of(signs), address_of(there), address_of(back), x.size)


@pytest.mark.parametrize("log_size", range(13))
def test_the_fast_transform_is_the_hadamard_matrix(log_size, rng):
    x = rng.standard_normal(2**log_size)
    v = x.copy()
    transform(v)
    expected = np.concatenate([rows @ x for rows in np.array_split(hadamard(2**log_size, dtype=np.int8), 16)])
    assert v == pytest.approx(expected, rel=1e-13, abs=1e-12)


def slow_transform(x):
    """H x, level by level."""
    half = 1
    while half < x.size:
        pairs = x.reshape(-1, 2, half)
        x = np.stack([pairs[:, 0] + pairs[:, 1], pairs[:, 0] - pairs[:, 1]], axis=1).reshape(-1)
        half *= 2
    return x


@pytest.mark.parametrize(
    "log_size", [0, 1, 2, 3, 5, 6, 7, 10, 11, 12, 13, 16, 20, pytest.param(22, marks=pytest.mark.slow)]
)
def test_two_rounds_are_what_they_say_and_turn_back(log_size, rng):
    size = 2**log_size
    turn = HadamardRotation.drawn(size, size, log_size)
    r, s = turn.numbers[:size], turn.numbers[size:]
    assert np.array_equal(np.abs(r), np.ones(size)) and np.array_equal(np.abs(s), np.full(size, 1 / size))
    x = rng.standard_normal(size)
    there, back = np.empty(size), np.empty(size)
    round_trip(turn.numbers, x, there, back)
    assert np.abs(there - slow_transform(s * slow_transform(r * x))).max() < 1e-14
    assert np.abs(back - x).max() < 5e-15
    assert np.linalg.norm(there) == pytest.approx(np.linalg.norm(x), rel=1e-14)


@pytest.mark.parametrize(
    ("rotation", "inner", "dimension"),
    [("hadamard", d, None) for d in (1, 2, 3, 4, 5, 8, 63, 64, 65, 200)]
    + [("hadamard", 3, 4), ("hadamard", 3, 64), ("hadamard", 5, 4096)]
    + [pytest.param("hadamard", 4096, 4096, marks=pytest.mark.slow)]
    + [("haar", d, None) for d in (1, 2, 3, 50)]
    + [("haar", 1, 7), ("haar", 5, 1000)],
)
def test_the_columns_are_orthonormal(rotation, inner, dimension):
    matrix = frame(rotation, inner, dimension)
    assert np.abs(matrix.T @ matrix - np.eye(inner)).max() < 3e-15
    assert not np.array_equal(matrix, frame(rotation, inner, dimension, seed=4)) or inner == 1


def test_a_haar_frame_is_uniform():
    """Its first column is a uniform direction: moments of one entry, and its sign, over seeds."""
    entries = np.array([frame("haar", 2, 3, seed)[0, 0] for seed in range(4000)])
    assert abs(entries.mean()) < 4 * 0.0092 and abs((entries**2).mean() - 1 / 3) < 4 * 0.0048
    assert abs((entries > 0).mean() - 0.5) < 4 * 0.008


# Composed functions.


@pytest.mark.parametrize(
    ("rotation", "dimension"), [("hadamard", None), ("hadamard", 64), ("haar", None), ("haar", 11)]
)
def test_a_rotated_function_is_the_function_in_the_frame(rotation, dimension, rng):
    bowl = quadratic(dimension=6)
    turned = rotated(bowl, rotation=rotation, dimension=dimension, seed=3)
    matrix = frame(rotation, 6, dimension)
    points = 2 * rng.standard_normal((7, turned.dimension))
    values, gradients = ask(turned, points)
    inner_values, inner_gradients = ask(bowl, points @ matrix)
    assert values == pytest.approx(inner_values, rel=1e-13)
    assert gradients == pytest.approx(inner_gradients @ matrix.T, rel=1e-12, abs=1e-14)
    assert turned.start == pytest.approx(matrix @ bowl.start, rel=1e-13)
    beside = rng.standard_normal((7, turned.dimension))
    beside -= beside @ matrix @ matrix.T
    assert ask(turned, points + beside)[0] == pytest.approx(values, rel=1e-12), "constant beside the frame"
    assert np.abs(gradients @ (beside.T)).max() < 1e-12 or turned.dimension > 6


TRANSFORMS = {
    "scaled": lambda f: scaled(f, height=3.0, width=0.7),
    "rotated": lambda f: rotated(f, seed=1),
    "padded": lambda f: rotated(f, seed=1, dimension=128),
    "haar": lambda f: rotated(f, rotation="haar", seed=2, dimension=9),
    "walled": lambda f: walled(f, radius=2.0, strength=0.5),
    "soft_projected": lambda f: soft_projected(f, radius=2.0),
    "all": lambda f: scaled(walled(rotated(soft_projected(f, radius=5.0), seed=1), radius=2.0), height=2.0, width=3.0),
}


@pytest.mark.parametrize("kind", TRANSFORMS)
def test_the_composed_kernel_is_the_composition_in_python(kind, rng):
    chain = carmon_chain(length=5)
    native = TRANSFORMS[kind](chain)
    assert isinstance(native.function, KernelFunction)
    points = rng.standard_normal((12, native.dimension)) * np.repeat([0.3, 1.0, 3.0], 4)[:, None]
    points[0] = 0.0
    values, gradients = ask(native, points)
    for plain in (in_python(chain), in_python(chain, vectorised=True), in_python(chain, apart=True)):
        other = TRANSFORMS[kind](plain)
        assert not isinstance(other.function, KernelFunction)
        other_values, other_gradients = ask(other, points)
        assert other_values == pytest.approx(values, rel=1e-13, abs=1e-13)
        assert other_gradients == pytest.approx(gradients, rel=1e-12, abs=1e-13)
        assert np.array_equal(other.start, native.start)
        assert np.array_equal(other.progress(points), native.progress(points))


@pytest.mark.parametrize("kind", TRANSFORMS)
def test_the_source_of_a_composed_kernel_runs_uncompiled(kind, rng):
    native = TRANSFORMS[kind](carmon_chain(length=5))
    kernel, parameters = native.function.kernel, native.function.parameters
    for x in rng.standard_normal((4, native.dimension)):
        gradient = np.empty(native.dimension)
        value = kernel.python(x, gradient, native.dimension, parameters)
        (expected,), (slope,) = ask(native, x)
        assert value == pytest.approx(expected, rel=1e-14)
        assert gradient == pytest.approx(slope, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("kind", TRANSFORMS)
def test_the_gradient_of_a_transform_agrees_with_differences(kind, rng):
    native = TRANSFORMS[kind](carmon_chain(length=5))
    for x in rng.standard_normal((6, native.dimension)) * np.array([0.5, 1, 1, 2, 2, 4])[:, None]:
        direction, gradient = rng.standard_normal(native.dimension), ask(native, x)[1][0]
        h = 2e-4
        above2, above, below, below2 = ask(native, [x + k * h * direction for k in (1, 0.5, -0.5, -1)])[0]
        slope = (8 * (above - below) - (above2 - below2)) / (6 * h)
        assert slope == pytest.approx(gradient @ direction, abs=2e-7)


def test_only_what_was_asked_reaches_a_callable(rng):
    """Values alone do not ask for gradients, through a transform either."""
    calls = []

    def jac(x):
        calls.append("jac")
        return x.copy()

    plain = from_callable(lambda x: 0.5 * x @ x, jac, start=np.ones(3))
    turned = scaled(rotated(plain), width=2.0)
    asked, not_asked = np.ones(2, dtype=bool), np.zeros(2, dtype=bool)
    points = rng.standard_normal((2, 4))
    values, _ = turned.function.evaluate(points, asked, not_asked)
    assert calls == [] and values == pytest.approx(0.5 * (turned_back(points)[:, :3] ** 2).sum(axis=1))


def turned_back(points):
    return HadamardRotation.drawn(3, None, 0).inward(np.hstack([points / 2.0]))


def test_a_kernel_of_another_language_can_be_inside(rng):
    chain = carmon_chain(length=4)
    foreign = foreign_kernel(chain.function.kernel.address)
    outside = replace(chain, function=KernelFunction(foreign, chain.function.parameters))
    points = rng.standard_normal((3, 4))
    for a, b in zip(ask(rotated(outside), points), ask(rotated(chain), points), strict=True):
        assert np.array_equal(a, b)


def test_what_is_inside_is_kept_alive(rng):
    import gc

    def build():
        return scaled(rotated(quadratic(dimension=50_000), seed=1), width=2.0)

    keep, points = build(), rng.standard_normal((1, 65_536))
    first = ask(keep, points)
    others = [build() for _ in range(5)]
    del others
    gc.collect()
    _ = [rng.standard_normal(200_000) for _ in range(20)]
    assert np.array_equal(ask(keep, points)[1], first[1])


@pytest.mark.parametrize("kind", TRANSFORMS)
def test_scratch_memory_is_returned(kind, rng):
    native = TRANSFORMS[kind](carmon_chain(length=5))
    points = rng.standard_normal((1000, native.dimension))
    ask(native, points)
    _nrt_python.memsys_enable_stats()
    before = rtsys.get_allocation_stats()
    ask(native, points)
    after = rtsys.get_allocation_stats()
    assert after.alloc - before.alloc == after.free - before.free >= 1000
    assert after.mi_alloc - before.mi_alloc == after.mi_free - before.mi_free


def test_the_scratch_memory_of_a_long_rotation_is_returned(rng):
    chain = rotated(carmon_chain(length=3), dimension=2**15)
    points = rng.standard_normal((3, 2**15))
    _nrt_python.memsys_enable_stats()
    before = rtsys.get_allocation_stats()
    ask(chain, points)
    after = rtsys.get_allocation_stats()
    assert after.alloc - before.alloc == after.free - before.free >= 3 * 5


def test_several_threads_may_call_at_once(rng):
    chain = TRANSFORMS["all"](carmon_chain(length=3000))
    points = rng.standard_normal((32, chain.dimension))
    values, gradients = ask(chain, points)
    with ThreadPoolExecutor(4) as pool:
        rows = list(
            pool.map(lambda x: answer_points(chain.function.kernel, x[None], chain.function.parameters), points)
        )
    assert np.array_equal(np.concatenate([row[0] for row in rows]), values)
    assert np.array_equal(np.concatenate([row[1] for row in rows]), gradients)


# Runs.


@pytest.mark.parametrize("kind", TRANSFORMS)
def test_the_two_engines_have_the_same_ledger(kind):
    instance = TRANSFORMS[kind](carmon_chain(length=6))
    options = {"target": [2.0, 0.3], "parameters": {"smoothness": 400.0}, "max_queries": 1500, "trace": 32}
    fast, slow = (run(gradient_descent, instance, engine=engine, **options) for engine in ("compiled", "python"))
    assert fast.engine == "compiled" and fast.queries > 5
    for name in ("queries", "value_queries", "gradient_queries", "rounds", "status", "hits", "best_merit"):
        assert getattr(fast, name) == getattr(slow, name), name
    assert fast.trace.steps == slow.trace.steps


@pytest.mark.parametrize("length", [3, 10, 40])
def test_gradient_descent_takes_no_notice_of_a_rotation_or_a_scale(length):
    chain = carmon_chain(length=length)
    plain = run(gradient_descent, chain)
    assert plain.met
    for other in (
        rotated(chain, seed=length),
        rotated(chain, rotation="haar", seed=length, dimension=2 * length),
        rotated_chain(length=length, seed=5, dimension=256),
        scaled(chain, height=0.3, width=7.0),
        walled(chain, radius=10 * math.sqrt(length)),
    ):
        target = other.target or chain.target
        claims = other.claims if other.claims.on("floor") else chain.claims
        step = {"smoothness": claims.value("smoothness")}
        turned = run(gradient_descent, other, target=target, parameters=step)
        assert turned.met and turned.queries == plain.queries and turned.engine == "compiled"


# What is carried.


def test_what_a_scaling_carries(rng):
    chain = carmon_chain(length=6)
    other = scaled(chain, height=5.0, width=0.25)
    assert other.target == pytest.approx(chain.target * 20.0)
    for quantity, factor in (("smoothness", 80.0), ("gap", 5.0), ("floor", 20.0), ("length", 1.0), ("lipschitz", 20.0)):
        pairs = zip(other.claims.on(quantity), chain.claims.on(quantity), strict=True)
        assert all(a.value == pytest.approx(factor * b.value) and a.tag == b.tag for a, b in pairs)
    points = 2 * rng.standard_normal((20, 6))
    assert np.array_equal(other.progress(points * 0.25), chain.progress(points))
    shifted = replace(chain, start=np.full(6, 0.5), domain=Box(np.full(6, -1.0), np.full(6, 4.0)))
    small = scaled(shifted, width=0.5)
    assert np.array_equal(small.start, np.full(6, 0.25)) and np.array_equal(small.domain.upper, np.full(6, 2.0))
    assert small.domain.lower[0] == -0.5


def numbers_of(instance, target, **more):
    return {**instance.claims.defaults(), "dimension": float(instance.dimension), "target": target, **more}


@pytest.mark.parametrize(("height", "width"), [(1.0, 1.0), (3.0, 0.7), (1e-3, 17.0), (0.1, 0.3), (7.0, 1 / 3)])
def test_a_bound_says_the_same_of_the_scaled_instance(height, width):
    chain = carmon_chain(length=6)
    other = scaled(chain, height=height, width=width)
    for bound, before in zip(other.bounds, chain.bounds, strict=True):
        for floor, claim in zip(other.claims.on("floor"), chain.claims.on("floor"), strict=True):
            for factor in (0.5, 1.0, 1.01):
                found = bound.value(numbers_of(other, factor * floor.value))
                assert found == before.value(numbers_of(chain, factor * claim.value))
        assert bound.value(numbers_of(other, other.target)) == before.value(numbers_of(chain, chain.target))
        assert (bound.tag, bound.scope, bound.exponent) == (before.tag, before.scope, before.exponent)
    bowl = nesterov_chain(length=9, smoothness=2.0)
    steeper = scaled(bowl, height=height, width=width)
    for target in (0.3, 0.05, 0.01, 1e-3):
        (bound,), (before,) = steeper.bounds, bowl.bounds
        assert bound.value(numbers_of(steeper, target * height / width)) == before.value(numbers_of(bowl, target))


def test_a_carried_bound_keeps_the_tags_of_the_claims_it_uses():
    def formula(numbers):
        return numbers["gap"] * numbers["smoothness"] / numbers["target"] ** 2

    def of_the_method(numbers):
        return numbers["method.step"]

    bound = Bound("lower", "rounds", "L D / e^2", formula, "here", "published", scope=Scope("all"))
    hidden = replace(bound, formula=of_the_method)
    measured = Claims(Claim("smoothness", 1.0, "measured", "here"), Claim("gap", 2.0, "derived", "here"))
    base = replace(quadratic(dimension=4), claims=measured, bounds=(bound, hidden))
    other = scaled(base, height=3.0, width=0.5)
    applied = tightest(other.bounds[:1], numbers_of(other, 6.0 * 0.1), other.claims.tags())
    assert applied.value == pytest.approx(200.0) and applied.tag == "measured"
    assert other.bounds[1].value(numbers_of(other, 1.0, **{"method.step": 3.0})) is None


def test_the_bounds_that_a_rotation_keeps():
    def dimension(numbers):
        return numbers["dimension"]

    scopes = [Scope("zero-respecting"), Scope("deterministic", order=1), Scope("all", width=4)]
    bounds = tuple(Bound("lower", "rounds", "d", dimension, "here", "derived", scope=scope) for scope in scopes)
    turned = rotated(replace(quadratic(dimension=5), bounds=bounds), dimension=32)
    assert [bound.scope for bound in turned.bounds] == scopes[1:]
    assert all(bound.value(numbers_of(turned, 1.0)) == 5.0 for bound in turned.bounds)
    assert rotated(carmon_chain(length=4)).bounds == ()


def test_what_a_rotation_carries(rng):
    chain = carmon_chain(length=6)
    turned = rotated(chain, dimension=64, seed=9)
    assert list(turned.claims) == list(chain.claims) and turned.target == chain.target and turned.goal is chain.goal
    matrix = frame("hadamard", 6, 64, seed=9)
    inner = 2 * rng.standard_normal((30, 6))
    assert np.array_equal(turned.progress(inner @ matrix.T), chain.progress(inner))
    odd = replace(chain, claims=Claims(*chain.claims, Claim("diameter", 1.0, "derived", "in the maximum norm")))
    assert rotated(odd).claims.on("diameter") == ()


def test_a_goal_is_scaled_with_its_instance():
    goal = Goal("slope in x_1", lambda point, value, gradient: abs(gradient[0]) + 0.0 * value + 0.0 * point[0])
    base = replace(quadratic(dimension=3), goal=goal, target=0.5)
    other = scaled(base, height=3.0, width=2.0)
    assert other.target == 0.75 and other.goal.merit(np.ones(3), 1.0, np.array([-0.6, 0, 0])) == pytest.approx(0.6)
    counts = {run(gradient_descent, one, parameters={"smoothness": L}).queries for one, L in ((base, 1), (other, 0.75))}
    assert len(counts) == 1
    with pytest.raises(InputError, match="only epsilon-stationarity can be rotated"):
        rotated(base)


# The wall and the soft projection.


def exact_chain(y, first_link):
    """f_T from its definition."""

    def psi(t):
        return mpmath.mpf(0) if t <= 0.5 else mpmath.exp(1 - 1 / (2 * t - 1) ** 2)

    def phi(t):
        return mpmath.sqrt(mpmath.pi * mpmath.e / 2) * mpmath.erfc(-t / mpmath.sqrt(2))

    total = -first_link * phi(y[0])
    for a, b in itertools.pairwise(y):
        total += psi(-a) * phi(-b) - psi(a) * phi(b)
    return total


def exact_walled(x, radius, first_link):
    """With h as the integral of its slope."""
    n = mpmath.sqrt(sum(entry**2 for entry in x))

    def slope(t):
        u = (t - radius) / radius
        return 1 - (3 * u**2 - 2 * u**3)

    h = n if n <= radius else radius + mpmath.quad(slope, [radius, min(n, 2 * radius)])
    return exact_chain([entry * h / n for entry in x], first_link) + max(n - radius, 0) ** 2 / 2


def exact_projected(x, radius, first_link):
    squared = sum(entry**2 for entry in x)
    stretch = mpmath.sqrt(1 + squared / radius**2)
    return exact_chain([entry / stretch for entry in x], first_link) + squared / 10


@pytest.mark.parametrize(("transform", "exact"), [(walled, exact_walled), (soft_projected, exact_projected)])
@pytest.mark.parametrize("first_link", [1.0, math.e])
def test_the_pulled_chains_agree_with_their_definition_in_high_precision(transform, exact, first_link, rng):
    """At points inside, in and beyond the bend; the gradient against differences of 40 digits."""
    radius, link = 1.7, mpmath.mpf(first_link)
    function = transform(carmon_chain(length=3, first_link=first_link), radius=radius)
    with mpmath.workdps(40):
        for length in (0.3, 1.0, 1.6, 1.9, 2.4, 3.1, 3.5, 9.0, 200.0):
            x = rng.standard_normal(3)
            x *= length / np.linalg.norm(x)
            (value,), (gradient,) = ask(function, x)
            point = [mpmath.mpf(float(entry)) for entry in x]
            assert value == pytest.approx(float(exact(point, mpmath.mpf(radius), link)), rel=1e-13, abs=1e-13)
            for i in range(3):
                step = [mpmath.mpf(10) ** -12 * (i == j) for j in range(3)]
                above, below = (
                    exact([a + sign * b for a, b in zip(point, step, strict=True)], mpmath.mpf(radius), link)
                    for sign in (1, -1)
                )
                slope = float((above - below) / (2 * mpmath.mpf(10) ** -12))
                assert gradient[i] == pytest.approx(slope, rel=1e-12, abs=1e-12)


def test_nothing_changes_inside_of_the_wall(rng):
    chain = carmon_chain(length=5)
    points = rng.standard_normal((50, 5))
    points *= (5 * rng.random(50) / np.linalg.norm(points, axis=1))[:, None]
    for a, b in zip(ask(walled(chain, radius=5.0), points), ask(chain, points), strict=True):
        assert np.array_equal(a, b)


def test_very_long_queries_are_answered():
    far = np.array([[1e200, -3e200, 1e180], [1e100, 0.0, 0.0], [1e-200, 0.0, 0.0], [0.0, 0.0, 0.0]])
    for function in (walled(carmon_chain(length=3), radius=5.0), soft_projected(carmon_chain(length=3), radius=5.0)):
        values, gradients = ask(function, far)
        assert values[0] == np.inf and np.isfinite(values[1:]).all() and np.isfinite(gradients).all()


@pytest.mark.parametrize(("transform", "bend"), [(walled, 1.5), (soft_projected, 0.859)])
def test_the_bend_of_a_pulled_function_is_as_claimed(transform, bend, rng):
    """On a linear function, the Hessian is that of the pull; its norm climbed over points, strength almost 0."""
    slope, radius = np.array([0.8, -0.6]), 3.0
    line = from_callable(lambda x: (float(slope @ x), slope.copy()), start=np.zeros(2))
    claims = Claims(Claim("smoothness", 0.0, "derived", "linear"), Claim("lipschitz", 1.0, "published", "its slope"))
    small = {"strength": 1e-9} if transform is walled else {"curvature": 1e-9}
    function = transform(replace(line, claims=claims), radius=radius, **small)
    claim = function.claims.default("smoothness")
    assert claim.value == pytest.approx(bend / radius, rel=1e-6) and claim.tag == "derived"
    worst = 0.0
    for length in np.linspace(0.05, 8.0, 160):
        for angle in np.linspace(0, np.pi, 41):
            x = length * np.array([math.cos(angle), math.sin(angle)])
            steps = 1e-5 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
            g = ask(function, x + steps)[1]
            hessian = np.array([g[0] - g[1], g[2] - g[3]]) / 2e-5
            worst = max(worst, np.linalg.norm(hessian, 2))
    assert 0.99 * claim.value < worst < claim.value * (1 + 1e-4)


def hessian_norm(function, x):
    steps = 1e-5 * np.eye(function.dimension)
    above, below = (ask(function, x + sign * steps)[1] for sign in (1, -1))
    return np.linalg.norm((above - below) / 2e-5, 2)


@pytest.mark.parametrize("first_link", [1.0, math.e])
@pytest.mark.parametrize("family", [walled_chain, projected_chain])
def test_the_smoothness_is_climbed_and_not_exceeded(family, first_link, rng):
    """Ascent of the Hessian norm, from the worst point of the chain and from points in the bend."""
    chain = family(length=3, first_link=first_link, rotation="identity")
    radius = 10 * math.sqrt(3)
    starts = [np.array([0.7814, 0.7820, -5.0]), np.array([0.7814, 0.7820, 0.7604])]
    starts += [x * radius * rng.uniform(1, 2.1) / np.linalg.norm(x) for x in rng.standard_normal((6, 3))]
    starts += [np.array([a, 0.78, radius * b]) for a in (-0.78, 0.78) for b in (1.0, 1.3, 1.6, 2.0)]
    worst = 0.0
    for x in starts:
        best, reach = hessian_norm(chain, x), 0.3
        for _ in range(150):
            candidate = x + reach * rng.standard_normal(3)
            if (value := hessian_norm(chain, candidate)) > best:
                x, best = candidate, value
            else:
                reach *= 0.97
        worst = max(worst, best)
    derived = [claim.value for claim in chain.claims.on("smoothness") if claim.tag == "derived"]
    assert 130 < worst <= min(derived)


@pytest.mark.parametrize("first_link", [1.0, math.e])
@pytest.mark.parametrize("family", [walled_chain, projected_chain])
@pytest.mark.parametrize(
    "length", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(4, marks=pytest.mark.slow)]
)
def test_the_floor_is_kept_while_the_last_coordinate_is_small(family, first_link, length, rng):
    """Descent of the gradient norm with the last coordinate of the inner point held in [-1/2, 1/2]."""
    chain = family(length=length, first_link=first_link, rotation="identity")
    radius = (10 if family is walled_chain else 230) * math.sqrt(length)

    def norm_at(x):
        return float(np.linalg.norm(ask(chain, x)[1])) if chain.progress(x[None])[0] < length else math.inf

    lowest = math.inf
    for trial in range(40):
        x = rng.uniform(0.4, 2.5, length) * rng.choice([-1, 1], length)
        if trial % 4 == 0:
            x = rng.standard_normal(length)
            x *= radius * rng.uniform(0.9, 2.2) / np.linalg.norm(x)
        x[-1] = rng.uniform(-0.5, 0.5)
        best, reach = norm_at(x), 0.3 if trial % 4 else 0.1 * radius
        for _ in range(300):
            candidate = x + reach * rng.standard_normal(length)
            if (value := norm_at(candidate)) < best:
                x, best = candidate, value
            else:
                reach *= 0.98
        lowest = min(lowest, best)
    floors = chain.claims.on("floor")
    assert lowest >= max(claim.value for claim in floors)
    assert lowest < 1.6 * max(claim.value for claim in floors), "the search finds its way"


def test_queries_far_out_see_a_column_as_rarely_as_the_cap_law_says(rng):
    """|<u, x h/n>| > 1/2 for a query beyond 2R: a direction within a cap of height 1/(3R)."""
    dimension, radius, count = 60, 1.5, 20_000
    chain = walled(rotated(carmon_chain(length=1), rotation="haar", dimension=dimension, seed=1), radius=radius)
    directions = rng.standard_normal((count, dimension))
    far = directions / np.linalg.norm(directions, axis=1)[:, None] * rng.uniform(2, 1e6, (count, 1)) * radius
    seen = chain.progress(far).mean()
    height = 0.5 / (1.5 * radius)
    law = betainc((dimension - 1) / 2, 0.5, 1 - height**2)
    assert 0.05 < law < 0.15 and abs(seen - law) < 4 * math.sqrt(law / count)
    bare = rotated(carmon_chain(length=1), rotation="haar", dimension=dimension, seed=1)
    assert bare.progress(1e6 * far).mean() == 1.0, "without a wall a long query sees everything"


def test_a_query_far_out_shows_nothing_but_the_first_column(rng):
    """Its gradient lies in the span of the query itself and of the first column."""
    dimension, length = 3000, 4
    frame_of = HaarRotation.drawn(length, dimension, 7)
    chain = rotated(carmon_chain(length=length), rotation="haar", dimension=dimension, seed=7)
    far = rng.standard_normal((20, dimension)) * 1e3
    for function in (walled(chain, radius=3.0), soft_projected(chain, radius=4.5)):
        assert (function.progress(far) == 0).all()
        for x, gradient in zip(far, ask(function, far)[1], strict=True):
            basis = np.linalg.qr(np.stack([x, frame_of.numbers[0]], axis=1))[0]
            left = gradient - basis @ (basis.T @ gradient)
            assert np.linalg.norm(left) < 1e-12 * np.linalg.norm(gradient)
    assert (chain.progress(far) > 1).all()
    seen = ask(chain, far / 300)[1] @ frame_of.numbers.T
    assert (np.abs(seen[:, 1:]) > 1e-3).any(axis=1).sum() > 10, "without a wall such queries show later columns"


# The families.


def test_the_walled_chain_of_the_theorem():
    """f = (L l^2 / 163) F(x / l), l = 326 epsilon / L, length floor(D L / (7824 epsilon^2))."""
    smoothness, gap, target = 2.0, 30.0, 0.03
    chain = walled_chain(
        smoothness=smoothness, gap=gap, target=target, constants="published", first_link=1.0, rotation="identity"
    )
    assert chain.dimension == math.floor(gap * smoothness / (7824 * target**2))
    assert chain.parameters["target"] == target
    assert chain.claims.default("smoothness").value == pytest.approx(smoothness)
    assert chain.claims.default("smoothness").tag == chain.claims.on("floor")[0].tag == "derived"
    assert chain.target == pytest.approx(target, rel=2e-9) and chain.target > target
    assert chain.claims.value("gap") <= gap
    width = 326 * target / smoothness
    unit = carmon_chain(length=chain.dimension, first_link=1.0)
    x = np.linspace(-1, 1.5, chain.dimension)
    assert ask(chain, x * width)[0] == pytest.approx(smoothness * width**2 / 163 * ask(unit, x)[0], rel=1e-6)


def test_the_projected_chain_as_published():
    chain = projected_chain(length=4, first_link=1.0, constants="published", rotation="identity")
    defaults = chain.claims.defaults()
    assert (defaults["smoothness"], defaults["floor"], defaults["gap"]) == (155.0, 0.5, 48.0)
    assert all(chain.claims.default(name).tag == "published" for name in ("smoothness", "floor", "gap"))


def test_the_frames_and_their_bounds():
    hidden = walled_chain(length=2, width=3)
    assert 23_000 < hidden.dimension < 30_000
    (measured, derived) = hidden.bounds
    assert measured.tag == "measured" and derived.tag == "derived" and derived.scope == Scope("all", width=3)
    assert derived.scope.covers(Traits(), 3) and not derived.scope.covers(Traits(), 4)
    assert derived.value(numbers_of(hidden, 0.5)) == 3.0 and derived.value(numbers_of(hidden, 0.51)) is None
    exponent = (hidden.dimension - 2) / (8 * 15**2 * 2)
    assert 3 * 2 * 3 * math.exp(-exponent) <= 0.01 < 3 * 2 * 3 * math.exp(-exponent) * 1.001
    assert walled_chain(length=2, dimension=500).bounds == ()
    assert walled_chain(length=2, rotation="hadamard").bounds == ()
    plain = walled_chain(length=2, rotation="identity")
    assert plain.dimension == 2 and {bound.scope for bound in plain.bounds} == {Scope("zero-respecting")}
    assert rotated_chain(length=3).bounds == () and rotated_chain(length=3, rotation="haar").dimension == 3


def test_no_method_beats_the_walled_chain(rng):
    """Random queries of all lengths beside gradient steps, three in a round, from a method that respects nothing."""

    def wild(oracle, x0, *, rng, width: int):
        x = x0
        while True:
            directions = rng.standard_normal((width, oracle.dimension))
            lengths = 10.0 ** rng.uniform(-1, 3, (width, 1))
            points = lengths * directions / np.sqrt((directions**2).sum(axis=1))[:, None]
            points[0] = x
            values, gradients = oracle.query(points)
            x = x - 1.0 * gradients[0]

    chain = walled_chain(length=2, width=3, seed=4)
    for seed in range(5):
        outcome = run(wild, chain, target=[3.383, 0.5], width=3, max_rounds=2, seed=seed, engine="python")
        assert not outcome.hits and outcome.rounds == 2 and outcome.best_merit > 3.383
    assert run(gradient_descent, chain, target=1.0).rounds > 3


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: scaled(quadratic(), height=0.0), "height must be positive, got 0"),
        (lambda: scaled(quadratic(), width=math.inf), "width must be positive, got inf"),
        (lambda: scaled(quadratic(), width=1e-200, height=1e200), "height / width must be positive, got inf"),
        (lambda: rotated(quadratic(dimension=5), dimension=4), "power of two from 8 on, got 4"),
        (lambda: rotated(quadratic(dimension=5), dimension=0), "power of two from 8 on, got 0"),
        (lambda: rotated(quadratic(dimension=5), dimension=12), "power of two from 8 on, got 12"),
        (lambda: rotated(quadratic(), rotation="givens"), "rotation must be one of hadamard, haar, got 'givens'"),
        (lambda: rotated(quadratic(), seed=-1), "seed of a rotation must be a whole number"),
        (lambda: rotated(quadratic(), seed=0.5), "seed of a rotation must be a whole number"),
        (lambda: rotated(quadratic(), rotation="haar", dimension=9), "10 coordinates needs at least as many"),
        (lambda: rotated(quadratic(dimension=2049), rotation="haar"), "2049 x 2049 numbers, more than 4194304"),
        (lambda: rotated(replace(quadratic(dimension=2), domain=Box(-np.ones(2), np.ones(2)))), "has a box"),
        (lambda: walled(replace(quadratic(dimension=2), domain=Box(-np.ones(2), np.ones(2))), radius=3.0), "has a box"),
        (lambda: walled(quadratic(), radius=0.0), "radius of a wall must be positive"),
        (lambda: walled(quadratic(dimension=4), radius=1.9), "the start of quadratic is too far from 0"),
        (lambda: soft_projected(quadratic(), radius=9.0), "the start of quadratic is too far from 0"),
        (lambda: soft_projected(carmon_chain(length=2), radius=-1.0), "radius of a soft projection must be positive"),
        (lambda: rotated_chain(length=3, dimension=2), "power of two from 4 on, got 2"),
        (lambda: walled_chain(length=3, first_link=3.0), "first_link of walled_chain must lie in (0, e]"),
        (lambda: walled_chain(length=3, width=0), "needs width >= 1"),
        (lambda: walled_chain(length=3, failure_probability=1.0), "failure_probability in (0, 1)"),
        (lambda: walled_chain(length=3, rotation="identity", dimension=4), "the dimension is the length, 3, not 4"),
        (lambda: walled_chain(length=40), "rotation='hadamard' stores two vectors"),
        (lambda: walled_chain(), "walled_chain needs length, or smoothness and target"),
        (lambda: walled_chain(smoothness=1.0, target=1.0, gap=1.0, rotation="identity"), "too small for one link"),
        (lambda: projected_chain(length=2, constants="best"), "'tight' or 'published'"),
        (lambda: projected_chain(length=2, first_link=9.0), "first_link of projected_chain must lie in (0, e]"),
        (lambda: projected_chain(length=2, failure_probability=0.0), "failure_probability of projected_chain"),
    ],
)
def test_bad_input_gets_one_line(build, words):
    with pytest.raises(InputError) as caught:
        build()
    assert words in str(caught.value) and "\n" not in str(caught.value)


# Hessians.


def mixed(points):
    """A function that is no kernel: x_1^2 x_2 + sum_i x_i^3 (i + 1) / 6, its gradient and its Hessian."""
    x = np.asarray(points)
    powers = np.arange(1.0, x.size + 1)
    gradient, hessian = powers * x**2 / 2, np.diag(powers * x)
    gradient[:2] += [2 * x[0] * x[1], x[0] ** 2]
    hessian[:2, :2] += np.array([[2 * x[1], 2 * x[0]], [2 * x[0], 0.0]])
    return x[0] ** 2 * x[1] + powers @ x**3 / 6, gradient, hessian


NO_KERNEL = from_callable(lambda x: mixed(x)[:2], hess=lambda x: mixed(x)[2], start=np.zeros(3))
BENT = [carmon_chain(length=5), nested_chain(length=1), quadratic(dimension=4), cosine_mixture(dimension=3), NO_KERNEL]
TURNS = {
    "scaled": lambda instance: scaled(instance, height=3.0, width=0.7),
    "haar": lambda instance: rotated(instance, rotation="haar", seed=1, dimension=instance.dimension + 3),
    "hadamard": lambda instance: rotated(instance, seed=2, dimension=16),
    "both": lambda instance: rotated(scaled(instance, height=0.2, width=2.0), rotation="haar", seed=3),
}


@pytest.mark.parametrize("name", TURNS)
@pytest.mark.parametrize("instance", BENT, ids=lambda instance: instance.name)
def test_hessians_go_through_scaling_and_rotation(instance, name, rng):
    """Against central differences of the gradients; symmetric, and the eigenvalues are those of before."""
    image = TURNS[name](instance)
    x = image.start + rng.uniform(-1, 1, image.dimension)
    hessian, h = matrix_of(image.function.band(x)), 1e-6
    points = np.concatenate([x + h * np.eye(image.dimension), x - h * np.eye(image.dimension)])
    asked = np.ones(len(points), dtype=bool)
    _, gradients = image.function.evaluate(points, asked, asked)
    differences = (gradients[: image.dimension] - gradients[image.dimension :]) / (2 * h)
    assert hessian == pytest.approx(differences, abs=1e-7 * max(1.0, np.abs(hessian).max()))
    if name == "haar":
        before = matrix_of(instance.function.band(rotation_of(instance).inward(x[None])[0].copy()))
        spectrum = np.sort(np.append(np.linalg.eigvalsh(before), np.zeros(3)))
        assert np.linalg.eigvalsh(hessian) == pytest.approx(spectrum, abs=1e-12 * max(1.0, np.abs(before).max()))


def rotation_of(instance):
    return HaarRotation.drawn(instance.dimension, instance.dimension + 3, 1)


def test_functions_without_hessians_have_none_after_a_transform():
    for turn in TURNS.values():
        assert turn(gate_chain(length=3)).function.band(np.zeros(16)) is None
    assert rotated(carmon_chain(length=5), dimension=4096).function.band(np.zeros(4096)) is None
