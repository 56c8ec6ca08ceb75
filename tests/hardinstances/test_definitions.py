"""Every family against its definition in 50 digits: values, and gradients and Hessians as differences of it.

The example of a family is asked, and another member of it. Families with a definition of some length have it in a file
of their own.
"""

import itertools
from pathlib import Path

import mpmath
import numpy as np
import pytest

from hardinstances.transforms.hadamard import HadamardRotation
from oracles import FAMILIES
from oracles.reductions import matrix_of

ELSEWHERE = {
    "bump1d": "test_one_dimension.py",
    "carmon_chain_distance": "test_chain_variants.py",
    "chain_two": "test_chain_two.py",
    "free_staircase": "test_staircase.py",
    "gate_chain": "test_gate_chain.py",
    "hidden_staircase": "test_staircase.py",
    "hidden_tube": "test_hidden_tube.py",
    "nested_chain": "test_nested_chain.py",
    "partition_chain": "test_partition_chain.py",
    "projected_chain": "test_transforms.py",
    "sharp_chain": "test_sharp_chain.py",
    "snake2d": "test_staircase.py",
    "spline_chain": "test_spline_chain.py",
    "walled_chain": "test_transforms.py",
}


def psi(t):
    return mpmath.mpf(0) if t <= 0.5 else mpmath.exp(1 - 1 / (2 * t - 1) ** 2)


def phi(t):
    return mpmath.sqrt(mpmath.pi * mpmath.e / 2) * mpmath.erfc(-t / mpmath.sqrt(2))


def links(x, first_link):
    """The links of chain I, one by one."""
    yield -first_link * phi(x[0])
    for a, b in itertools.pairwise(x):
        yield psi(-a) * phi(-b) - psi(a) * phi(b)


def chain(instance):
    first_link, width, height = map(mpmath.mpf, instance.function.parameters[:3])
    return lambda x: height * sum(links([t / width for t in x], first_link))


def disjoint_chains(instance):
    one, blocks = chain(instance), int(instance.parameters["components"])  # the height of the kernel is that over n
    return lambda x: sum(one(x[i : i + len(x) // blocks]) for i in range(0, len(x), len(x) // blocks))


def half_chain(instance):
    first_link, start = map(mpmath.mpf, instance.function.parameters)
    return lambda x: 2 * sum(itertools.islice(links(x, first_link), int(start), None, 2))


def regularised_chain(instance):
    one, quadratic = chain(instance), mpmath.mpf(instance.function.parameters[3])
    return lambda x: one(x) + quadratic / 2 * sum(t**2 for t in x)


def rotated_chain(instance):
    """The frame from the transform's own answers at unit vectors; that they are orthonormal is tested elsewhere."""
    length, seed = instance.parameters["length"], instance.parameters["seed"]
    turn = HadamardRotation.drawn(length, None, seed)
    frame = [[mpmath.mpf(float(entry)) for entry in row] for row in turn.outward(np.eye(length))]
    first_link = mpmath.mpf(instance.parameters["first_link"])
    return lambda x: sum(links([sum(a * b for a, b in zip(row, x, strict=True)) for row in frame], first_link))


def nesterov_chain(instance):
    """Springs between x_0 = 0 and x_{k+1} = 0, pulled at the first."""
    smoothness = mpmath.mpf(instance.function.parameters[0])

    def total(x):
        springs = sum((b - a) ** 2 for a, b in itertools.pairwise([0, *x, 0]))
        return smoothness / 4 * (springs / 2 - x[0])

    return total


def quadratic(instance):
    condition, smoothness = (mpmath.mpf(instance.parameters[name]) for name in ("condition", "smoothness"))
    return lambda x: sum(
        condition ** (mpmath.mpf(i) / (len(x) - 1) - 1) * smoothness / 2 * t**2 for i, t in enumerate(x)
    )


def chained_rosenbrock(instance):
    return lambda x: sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in itertools.pairwise(x))


def cosine_mixture(instance):
    d = instance.dimension
    rows = instance.function.parameters[1:].reshape(-1, d + 2)
    terms = [[mpmath.mpf(float(entry)) for entry in row] for row in rows]
    return lambda x: sum(a * (1 - mpmath.cos(b + sum(p * q for p, q in zip(w, x, strict=True)))) for a, b, *w in terms)


def saddle_chain(instance):
    """The splines by Hermite's conditions at tau and 2 tau."""
    attraction, repulsion, tau = map(mpmath.mpf, instance.function.parameters[:3])

    def joined(left, right):
        """The polynomial on [0, 1] with value, slope and curvature at its ends."""
        rows, ends = [], (*left, *right)
        for u, conditions in ((0, left), (1, right)):
            for order in range(len(conditions)):
                rows.append([mpmath.ff(k, order) * mpmath.mpf(u) ** max(k - order, 0) for k in range(len(ends))])
        found = mpmath.lu_solve(mpmath.matrix(rows), mpmath.matrix(ends))
        return lambda u: sum(found[k] * u**k for k in range(len(ends)))

    basin, gate = joined((1, 2, 2), (0, -4, 2)), joined((0, 0, 0), (1, 0, 0))

    def bowl(v):
        return v**2 if v <= 1 else basin(v - 1) if v <= 2 else (v - 2) * (v - 6)

    def bait(v):
        if v <= 1:
            return v**2
        u = min(v - 1, mpmath.mpf(1))
        return 1 + mpmath.quad(lambda s: 2 * (1 - s) ** 2 * (1 + 3 * s), [0, u])

    def open_(v):
        return gate(min(max(v - 1, mpmath.mpf(0)), mpmath.mpf(1)))

    def total(x):
        v = [abs(t) / tau for t in x]
        before = [mpmath.mpf(1), *map(open_, v)]
        rows = zip(before, v, strict=False)
        return tau**2 * sum(attraction * bowl(t) - (attraction + repulsion) * gate * bait(t) for gate, t in rows)

    return total


def sawtooth(instance):
    """The integral of the slope, whose pieces are linear."""
    smoothness, steepness, stride, steps, gap, theta = map(mpmath.mpf, instance.function.parameters)
    tip, end = theta * stride, steps * stride

    def slope(u):
        if u >= end:
            return steepness - min(max(u - end - tip, 0) * smoothness, steepness)
        near = abs(u / stride - mpmath.nint(u / stride)) * stride
        return steepness - smoothness * max(near - tip, 0)

    kinks = [k * stride + move for k in range(int(steps) + 1) for move in (-tip, tip)]
    kinks += [(k + mpmath.mpf(1) / 2) * stride for k in range(int(steps))] + [end, end + tip + steepness / smoothness]

    def total(x):
        u = -x[0]
        if u <= 0:
            return gap - steepness * u
        return gap - mpmath.quad(slope, [0, *sorted(kink for kink in kinks if 0 < kink < u), u])

    return total


def spline(instance):
    """Hermite's quintic through value, slope and the common curvature at both ends, by the conditions themselves."""
    count, curvature = int(instance.function.parameters[0]), mpmath.mpf(instance.function.parameters[1])
    rows = instance.function.parameters[2 : 2 + 3 * count].reshape(3, count)
    nodes, values, slopes = ([mpmath.mpf(float(entry)) for entry in row] for row in rows)

    def total(x):
        t = x[0]
        k = max(i for i in range(count - 1) if nodes[i] <= t)
        h, s = nodes[k + 1] - nodes[k], (t - nodes[k]) / (nodes[k + 1] - nodes[k])
        ends = [values[k], h * slopes[k], h**2 * curvature, values[k + 1], h * slopes[k + 1], h**2 * curvature]
        conditions = [[mpmath.ff(j, i) * (mpmath.mpf(u) ** (j - i) if j >= i else 0) for j in range(6)]
                      for u in (0, 1) for i in range(3)]  # fmt: skip
        found = mpmath.lu_solve(mpmath.matrix(conditions), mpmath.matrix(ends))
        return sum(found[j] * s**j for j in range(6))

    return total


def zigzag(instance):
    """The least of the parabolas of curvature L around the points of the hull, over all sets of three vertices."""
    smoothness, steepness, tau, steps, sine, gap = map(mpmath.mpf, instance.function.parameters)
    cosine, t = mpmath.sqrt(1 - sine**2), tau / smoothness
    at, centres, heights = (mpmath.mpf(0), mpmath.mpf(0)), [], []
    for k in range(int(steps) + 1):
        slope = (steepness * cosine, (-1) ** k * steepness * sine)
        y = tuple(a - b / smoothness for a, b in zip(at, slope, strict=True))
        value = gap - k * steepness**2 * t * cosine**2
        centres.append(y)
        heights.append(value - steepness**2 / (2 * smoothness) + smoothness / 4 * (y[0] ** 2 + y[1] ** 2))
        at = tuple(a - t * b for a, b in zip(at, slope, strict=True))

    def dot(a, b):
        return sum(p * q for p, q in zip(a, b, strict=True))

    def total(x):
        best = mpmath.inf
        for size in (1, 2, 3):
            for chosen in itertools.combinations(range(len(centres)), size):
                corners = [centres[i] for i in chosen]
                if size == 3 and chosen[0] % 2 == chosen[1] % 2 == chosen[2] % 2:
                    continue  # on one line
                system, right = mpmath.ones(size + 1), mpmath.ones(size + 1, 1)
                system[size, size] = 0
                for i, a in enumerate(corners):
                    right[i] = smoothness * dot(a, x) - heights[chosen[i]]
                    for j, b in enumerate(corners):
                        system[i, j] = smoothness / 2 * dot(a, b)
                weights = mpmath.lu_solve(system, right)[:size]
                if min(weights) >= 0:
                    y = [sum(w * c[i] for w, c in zip(weights, corners, strict=True)) for i in (0, 1)]
                    off = [a - b for a, b in zip(x, y, strict=True)]
                    p = sum(w * heights[i] for w, i in zip(weights, chosen, strict=True))
                    best = min(best, smoothness * (dot(off, off) / 2 - dot(y, y) / 4) + p)
        return best

    return total


DEFINITIONS = {
    "carmon_chain": (chain, {"length": 8, "first_link": 1.0}),
    "carmon_chain_order": (chain, {"order": 3, "order_smoothness": 2.0, "gap": 9.0, "target": 0.3}),
    "chained_rosenbrock": (chained_rosenbrock, {"dimension": 7}),
    "cosine_mixture": (cosine_mixture, {"dimension": 5, "components": 3, "smoothness": 2.0}),
    "disjoint_chains": (disjoint_chains, {"components": 2, "smoothness": 3.0, "target": 0.1, "length": 4}),
    "half_chain": (half_chain, {"length": 6, "half": "even", "first_link": 1.0}),
    "nesterov_chain": (nesterov_chain, {"length": 9, "smoothness": 3.0}),
    "quadratic": (quadratic, {"dimension": 4, "condition": 7.0, "smoothness": 0.3}),
    "regularised_chain": (regularised_chain, {"length": 9, "quadratic": 0.7}),
    "rotated_chain": (rotated_chain, {"length": 7, "seed": 3, "first_link": 1.0}),
    "saddle_chain": (saddle_chain, {"dimension": 4, "attraction": 2.0, "repulsion": 0.7, "tube": 0.5, "start": 0.2}),
    "sawtooth": (sawtooth, {"steps": 3, "step": 0.4, "smoothness": 3.0, "gap": 2.0}),
    "slow_cubic": (spline, {"steps": 12, "excess": 0.3}),
    "slow_descent": (spline, {"steps": 12, "step": 0.3, "excess": 0.3}),
    "zigzag": (zigzag, {"steps": 3, "step": 1.2, "smoothness": 3.0, "gap": 2.0}),
}
NEAR = (0.5, 0.500001, 0.52, 0.5184, 0.51834, -0.55, 0.6, -0.5183)  # the threshold of a link


def test_every_family_has_a_definition():
    assert set(DEFINITIONS) | set(ELSEWHERE) == set(FAMILIES) and not set(DEFINITIONS) & set(ELSEWHERE)
    for file in ELSEWHERE.values():
        text = (Path(__file__).parent / file).read_text()
        assert "in_50_digits" in text or "in_high_precision" in text


def points_of(instance, rng):
    """Where the function is not constant or flat: in units of the construction, on the spline or the saw, or around."""
    d, name = instance.dimension, instance.name
    if name in ("slow_cubic", "slow_descent"):
        count = int(instance.function.parameters[0])
        nodes = instance.function.parameters[2 : 2 + count]
        wide = np.flatnonzero(np.diff(nodes) > 1e-6)
        return [np.array([nodes[k] + u * (nodes[k + 1] - nodes[k])]) for k in wide for u in (0.2, 0.7)]
    if name == "sawtooth":
        end = instance.parameters["steps"] * instance.function.parameters[2]
        return [np.array([-u * end]) for u in (-0.3, 0.02, 0.1, 0.35, 0.6, 0.77, 1.01, 1.05)]
    if name == "saddle_chain":
        return [instance.function.parameters[2] * rng.uniform(-3, 3, d) for _ in range(12)]
    if name == "zigzag":
        reach = instance.parameters["steps"] * instance.function.parameters[1] / instance.parameters["smoothness"]
        return [reach * rng.uniform((-1.3, -0.5), (0.3, 0.5)) for _ in range(12)]
    unit = instance.function.parameters[1] if name in ("carmon_chain_order", "disjoint_chains") else 1.0
    return [unit * (rng.permutation(np.resize(NEAR, d)) if k < 5 else rng.uniform(-2, 2, d)) for k in range(10)]


@pytest.mark.parametrize("name", DEFINITIONS)
@pytest.mark.parametrize("which", ["example", pytest.param("another", marks=pytest.mark.slow)])
def test_it_agrees_with_its_definition(name, which, ask, in_50_digits, hessian_in_50_digits, rng):
    define, other = DEFINITIONS[name]
    instance = FAMILIES[name].instance(FAMILIES[name].example if which == "example" else other)
    with mpmath.workdps(50):
        definition = define(instance)
    points = points_of(instance, rng)
    assert len(points) >= 8
    for k, x in enumerate(points):
        value, gradient = ask(instance, x)
        exact, slopes = in_50_digits(definition, x)
        scale = max(1e-3, np.abs(slopes).max())
        assert value == pytest.approx(exact, rel=1e-14, abs=1e-14 * scale)
        assert gradient == pytest.approx(slopes, rel=1e-12, abs=1e-14 * scale)
        band = instance.function.band(np.ascontiguousarray(x))
        if band is not None and k % 3 == 0:
            exact = hessian_in_50_digits(definition, x)
            assert matrix_of(band) == pytest.approx(exact, rel=1e-12, abs=1e-14 * np.abs(exact).max())
