"""Staircases and the snake: their definition in 50 digits, faces and turns, and the claims, climbed not sampled."""

import itertools

import mpmath
import numpy as np
import pytest

from hardinstances import free_staircase, hidden_staircase, snake2d
from hardinstances.paths import cells_along, monotone_axes
from hardinstances.valley_kernel import valley_table
from oracles import InputError, norms

MEMBERS = {
    "box, turns": hidden_staircase(cells=5, path="0110"),
    "box, straight": hidden_staircase(cells=3, path="11"),
    "box, d = 3": hidden_staircase(dimension=3, cells=5, path="0212"),
    "free": free_staircase(cells=5, path="0011"),
    "free, d = 3": free_staircase(dimension=3, cells=4, path="201"),
    "snake": snake2d(cells=4),
}


def unit(axis, dimension):
    return [mpmath.mpf(int(i == axis)) for i in range(dimension)]


def path_of(instance):
    """The cells, with the directions in and out, from the words of the specification."""
    d, cells = instance.dimension, instance.parameters["cells"]
    if instance.name == "snake2d":
        at = [(c if r % 2 == 0 else cells - 1 - c, r) for r in range(cells) for c in range(cells)]
    else:
        at = [(0,) * d]
        for axis in map(int, instance.parameters["path"]):
            at.append(tuple(c + (i == axis) for i, c in enumerate(at[-1])))
    moves = [[mpmath.mpf(b - a) for a, b in zip(*pair, strict=True)] for pair in itertools.pairwise(at)]
    first = moves[0] if instance.name == "free_staircase" else unit(d - 1, d)
    return list(zip(at, [first, *moves], [*moves, moves[-1]], strict=True))


def definition(instance):
    """f, in mpmath, as a function of a list."""
    cells, kind = instance.parameters["cells"], instance.name
    free, snake, path = kind == "free_staircase", kind == "snake2d", path_of(instance)
    c, tau, theta = mpmath.mpf("1.2"), mpmath.mpf("0.45"), 1 / mpmath.mpf(195 if snake else 90)
    w, a = mpmath.mpf(1) / cells, c * theta / cells**2
    size = cells / mpmath.sqrt(theta) if free else mpmath.mpf(1)

    def background(x):
        if snake:
            return mpmath.mpf(2.5) * a + 2 * a * x[0] - a * x[1] / w
        kappa = tau * w / 2
        bowls = [mpmath.sqrt((t - w / 2) ** 2 + kappa**2) - kappa for t in x]
        return a / 2 + a * (sum(bowls) if free else sum(bowls[:-1]) + x[-1])

    def f(x):
        x = [t / size for t in x]
        indices = [mpmath.floor(t / w) for t in x]
        if not free:
            indices = [min(max(k, 0), cells - 1) for k in indices]
        for j, (cell, alpha, beta) in enumerate(path):
            if list(cell) == [int(k) for k in indices]:
                u = [t - (k + mpmath.mpf(0.5)) * w for t, k in zip(x, cell, strict=True)]
                ahead = sum(p * q for p, q in zip(u, alpha, strict=True))
                aside = sum(p * q for p, q in zip(u, beta, strict=True))
                whole = sum(t * t for t in u)
                if alpha == beta:
                    s, square = ahead + w / 2, whole - ahead**2
                    square += max(0, ahead) ** 2 if j == len(path) - 1 else 0
                    square += min(0, ahead) ** 2 if free and j == 0 else 0
                else:
                    p, q = w / 2 - aside, ahead + w / 2
                    phi = mpmath.atan2(q, p) / (mpmath.pi / 2)
                    share = phi**2 * (3 - 2 * phi)
                    s = (1 - share) * q + share * (w - p)
                    square = (mpmath.hypot(p, q) - w / 2) ** 2 + whole - ahead**2 - aside**2
                t = mpmath.sqrt(max(square, 0)) / (tau * w)
                if t < 1:
                    psi = t**2 * (3 - 2 * t)
                    return size**2 * ((1 - psi) * -a * (j * w + s) + psi * background(x))
        return size**2 * background(x)

    return f


def valley_points(instance, rng, number):
    """Points of the path's cells: anywhere, near a face of the cell, and on it."""
    d, cells = instance.dimension, instance.parameters["cells"]
    width = instance.function.parameters[0]
    path = valley_table(instance.function.parameters, d)[:, :d]
    inside = rng.uniform(0, 1, (number, d))
    axis, side = rng.integers(d, size=number), rng.integers(2, size=number)
    offset = rng.choice([0.0, 0.0, 1e-9, 1e-3], number) * rng.choice([-1, 1], number)
    faces = rng.random(number) < 0.5
    inside[faces, axis[faces]] = (side + offset)[faces]
    points = width * (path[rng.integers(len(path), size=number)] + inside)
    return points if instance.domain is None else np.clip(points, 0, width * cells)


def answers(instance, points):
    everything = np.ones(len(points), dtype=bool)
    return instance.function.evaluate(np.ascontiguousarray(points), everything, everything)


@pytest.mark.parametrize("name", MEMBERS)
def test_it_agrees_with_its_definition_in_cells_on_faces_and_in_turns(name, ask, in_50_digits, rng):
    instance = MEMBERS[name]
    with mpmath.workdps(50):
        f = definition(instance)
    height = instance.claims.value("gap")
    for x in valley_points(instance, rng, 60):
        value, gradient = ask(instance, x)
        exact, slopes = in_50_digits(f, x)
        assert value == pytest.approx(exact, rel=1e-12, abs=1e-13 * height)
        assert gradient == pytest.approx(slopes, rel=1e-10, abs=1e-11 * instance.target)


@pytest.mark.parametrize("name", MEMBERS)
def test_values_and_gradients_agree_across_the_faces_of_cells(name, rng):
    """Half-open cells: the last point below a face against the face itself."""
    instance = MEMBERS[name]
    width = instance.function.parameters[0]
    x = valley_points(instance, rng, 4000)
    axis = rng.integers(instance.dimension, size=len(x))
    rows = np.arange(len(x))
    x[rows, axis] = width * np.maximum(1, np.round(x[rows, axis] / width))
    below = x.copy()
    below[rows, axis] = np.nextafter(below[rows, axis], 0.0) - 4e-16 * width
    (values, gradients), (values_below, gradients_below) = answers(instance, x), answers(instance, below)
    assert np.allclose(values, values_below, rtol=0, atol=1e-12 * instance.claims.value("gap"))
    assert np.allclose(gradients, gradients_below, rtol=0, atol=1e-10 * instance.target)


def climbed(instance, rng, number=3000, sweeps=60):
    """The largest |g(x) - g(y)| / |x - y| that an ascent over pairs meets, also across faces; two sizes of steps."""
    width, d = instance.function.parameters[0], instance.dimension
    low, high = (-np.inf, np.inf) if instance.domain is None else (0.0, 1.0)
    best = 0.0
    for size in (1e-2, 1e-4):
        x = valley_points(instance, rng, number)
        v = rng.standard_normal((number, d))
        worst = np.zeros(number)
        for k in range(sweeps):
            scale = 0.3 * 0.88**k
            y = x + scale * width * rng.standard_normal((number, d)) * (k > 0)
            u = v + min(1.0, 3 * scale) * rng.standard_normal((number, d))
            u /= norms(u)[:, None]
            y = np.clip(y, low, high)
            z = np.clip(y + size * width * u, low, high)
            apart = norms(z - y)
            grown = norms(answers(instance, y)[1] - answers(instance, z)[1]) / np.maximum(apart, 1e-300)
            better = (grown > worst) & (apart > 0.1 * size * width)
            worst[better], x[better], v[better] = grown[better], y[better], u[better]
            if k in (5, 10):  # the best, many times
                chosen = np.resize(np.argsort(worst)[-number // 50 :], number)
                worst, x, v = worst[chosen], x[chosen], v[chosen]
        best = max(best, worst.max())
    return best


@pytest.mark.parametrize(
    ("instance", "least"),
    [
        (hidden_staircase(cells=8, path="stairs"), 0.965),
        (hidden_staircase(cells=32, path="broadcast", seed=3), 0.99),
        (hidden_staircase(dimension=3, cells=16, path="random", seed=2), 0.98),
        (free_staircase(cells=16, path="random", seed=1), 0.95),
        (snake2d(cells=4), 0.89),
        (snake2d(cells=16), 0.955),
    ],
)
def test_an_ascent_comes_near_the_claimed_smoothness_and_not_above(instance, least, rng):
    worst = climbed(instance, rng)
    assert least * instance.claims.value("smoothness") <= worst <= instance.claims.value("smoothness")


def judged(instance, points):
    values, gradients = answers(instance, points)
    return instance.goal.merits(points, values, gradients)


@pytest.mark.parametrize("name", sorted(set(MEMBERS) - {"snake"}))
def test_no_descent_of_the_merit_finds_less_than_the_floor_off_the_last_cell(name, rng):
    instance = MEMBERS[name]
    cells, width, d = instance.parameters["cells"], instance.function.parameters[0], instance.dimension
    anywhere = rng.uniform(0, cells * width, (3000, d))
    x = np.concatenate([valley_points(instance, rng, 3000), anywhere])
    if instance.domain is not None:
        x[::5, rng.integers(d)] = rng.integers(2)
    x = x[instance.progress(x) < cells]
    least = judged(instance, x)
    for k in range(60):
        y = x + 0.2 * 0.87**k * width * rng.standard_normal(x.shape) * (rng.random(x.shape) < 0.7)
        y = y if instance.domain is None else np.clip(y, 0, 1)
        merits = judged(instance, y)
        better = (merits < least) & (instance.progress(y) < cells)
        x[better], least[better] = y[better], merits[better]
    floor = instance.claims.value("floor")
    assert floor <= least.min() <= 1.02 * floor


def test_projected_descent_walks_the_snake_to_its_end():
    instance = snake2d(cells=4)
    x, count = instance.start.copy(), 1
    while judged(instance, x[None])[0] > instance.target:
        x = np.clip(x - answers(instance, x[None])[1][0], 0, 1)
        count += 1
    assert count == 8344 and instance.progress(x[None])[0] == 16


def test_the_staircase_is_walked_in_about_the_inverse_of_epsilon_steps():
    for seed in range(3):
        instance = hidden_staircase(cells=8, seed=seed)
        x, count = instance.start.copy(), 1
        while judged(instance, x[None])[0] > instance.target:
            x = np.clip(x - answers(instance, x[None])[1][0], 0, 1)
            count += 1
        assert 0.58 <= count * instance.target <= 0.85 and instance.progress(x[None])[0] == 8


def test_paths_are_monotone_and_repeatable():
    for path in ("random", "broadcast", "straight", "stairs"):
        axes = monotone_axes(path, dimension=3, steps=40, seed=5)
        assert np.array_equal(axes, monotone_axes(path, dimension=3, steps=40, seed=5))
        cells = cells_along(axes, 3)
        assert np.array_equal(np.diff(cells, axis=0).sum(axis=1), np.ones(40)) and cells[-1].sum() == 40


def test_neighbours_on_a_broadcast_path_agree_as_the_tree_says():
    """Siblings differ from their parent with the chance q each: from each other with 2 q (1 - q) for two axes."""
    differ = [np.diff(monotone_axes("broadcast", dimension=2, steps=512, seed=seed))[::2] != 0 for seed in range(40)]
    assert np.mean(differ) == pytest.approx(2 * 0.2 * 0.8, abs=4 * np.sqrt(0.32 * 0.68 / (40 * 256)))


def test_progress_is_the_number_of_the_path_s_cell():
    instance = hidden_staircase(cells=5, path="0110")
    centres = (np.array([[0, 0], [1, 0], [1, 1], [1, 2], [2, 2], [0, 1], [4, 4]]) + 0.5) / 5
    assert instance.progress(centres).tolist() == [1, 2, 3, 4, 5, 0, 0]
    assert instance.progress(np.array([[0.0, 0.0], [1.0, 1.0]])).tolist() == [1, 0]
    assert free_staircase(cells=5, path="0110").progress(np.array([[-1.0, 0.0], [0.0, 0.0]])).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: hidden_staircase(dimension=4), "dimension 2 or 3"),
        (lambda: hidden_staircase(cells=4, path="0120"), "path must be random, broadcast, straight, stairs or 3 axes"),
        (lambda: hidden_staircase(cells=4, path="002"), "axes below 2"),
        (lambda: snake2d(cells=3), "even number of cells"),
    ],
)
def test_bad_parameters_get_one_line(make, message):
    with pytest.raises(InputError, match=message):
        make()
