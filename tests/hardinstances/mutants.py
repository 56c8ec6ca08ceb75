"""Planted defects: real constructions with one small thing wrong each, and what has to be refuted of them."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hardinstances import carmon_chain, chain_two, chained_rosenbrock, cosine_mixture, sharp_chain, spline_chain
from hardinstances.progress import last_above
from oracles import Claim, Claims, KernelFunction, SeparateCallables, from_callable, kernel
from oracles.functions import JointCallable
from oracles.instances import Box, Instance

MUTANTS: dict[str, tuple[str, Callable[[], Instance]]] = {}


def mutant(quantity):
    """A construction of which `quantity` is wrong."""

    def add(make):
        MUTANTS[make.__name__] = quantity, make
        return make

    return add


# Chain I with its parts as arguments, in plain Python.


def psi(t):
    t = np.asarray(t, dtype=float)
    with np.errstate(divide="ignore", over="ignore"):
        inside = np.where(t > 0.5, 1 / np.where(t > 0.5, 2 * t - 1, 1.0) ** 2, np.inf)
        return np.exp(1 - inside)


def psi_slope(t):
    t = np.asarray(t, dtype=float)
    return np.where(t > 0.5, 4 * psi(t) / np.where(t > 0.5, 2 * t - 1, 1.0) ** 3, 0.0)


def phi_slope(t):
    return np.exp(0.5 - np.asarray(t) ** 2 / 2)


PHI_TOTAL = math.sqrt(2 * math.pi * math.e)


def phi(t):
    return PHI_TOTAL / 2 * np.vectorize(math.erfc, otypes=[float])(-np.asarray(t, dtype=float) / math.sqrt(2))


def chain_parts(points):
    """The signed links of rows (K, d): value (K,), derivative by own coordinate, and by the one before, both (K, d)."""
    t = np.atleast_2d(points)
    before = np.concatenate([np.ones((len(t), 1)), t[:, :-1]], axis=1)
    sign = np.where(before < 0, -1.0, 1.0)
    weight, slope = psi(np.abs(before)), psi_slope(np.abs(before))
    weight[:, 0], slope[:, 0] = math.e, 0.0
    values = -(sign * weight * phi(sign * t)).sum(axis=1)
    return values, -weight * phi_slope(t), -slope * phi(sign * t)


def python_chain(points):
    """Value (K,) and gradient (K, d) of chain I, k = e."""
    values, own, before = chain_parts(points)
    gradients = own.copy()
    gradients[:, :-1] += before[:, 1:]
    return values, gradients


def chain(fun, length=4, start=None, **claimed):
    """An instance of a vectorised function with the claims of chain I, some of them others."""
    known = {"smoothness": 134.0239, "floor": 3.383, "gap": PHI_TOTAL * math.e * (length - 0.5)} | claimed
    claims = Claims(*(Claim(name, value, "derived", "mutants") for name, value in known.items()))
    function = fun if not callable(fun) else JointCallable(fun, vectorised=True)
    start = np.zeros(length) if start is None else start
    return Instance("mine", function, start, claims, progress=last_above(0.5))


def true_chain():
    """The one without a defect."""
    return chain(python_chain)


@dataclass(frozen=True)
class Altered:
    """A function whose answers to rows are changed: change(points, values, gradients, alone), in place.

    band: what becomes of the Hessian's band at a point.
    """

    inner: object
    change: Callable = lambda *_: None
    of_band: Callable = lambda point, band: band

    def evaluate(self, points, values, gradients):
        found, slopes = self.inner.evaluate(points, values, gradients)
        self.change(points, found, slopes, False)
        return found, slopes

    def evaluate_one(self, point, value, gradient):
        found, slope = self.inner.evaluate_one(point, value, gradient)
        values = np.array([found])
        self.change(point[None], values, slope[None], True)
        return float(values[0]), slope

    def band(self, point):
        band = self.inner.band(point)
        return band if band is None else self.of_band(point, band.copy())


def altered(instance, change=lambda *_: None, of_band=lambda point, band: band):
    return replace(instance, name="mine", function=Altered(instance.function, change, of_band))


def claiming(instance, **factors):
    """An instance with its claims on some quantities multiplied."""
    claims = [replace(one, value=one.value * factors.get(one.quantity, 1.0)) for one in instance.claims]
    return replace(instance, name="mine", claims=Claims(*claims))


# Wrong terms, signs and constants.


@mutant("gradient")
def a_wrong_sign_in_one_term():
    def fun(points):
        values, own, before = chain_parts(points)
        own[:, :-1] += before[:, 1:] * np.where(np.arange(1, own.shape[1]) == 2, -1.0, 1.0)
        return values, own

    return chain(fun)


@mutant("gradient")
def a_factor_of_one_term_2_per_cent_off():
    def fun(points):
        values, own, before = chain_parts(points)
        own[:, :-1] += 1.02 * before[:, 1:]
        return values, own

    return chain(fun)


@mutant("smoothness")
def psi_with_a_constant_2_per_cent_off():
    """Psi(t) = exp(1 - 0.98/(2t - 1)^2): a chain still, with a larger curvature."""

    def fun(points):
        t = np.atleast_2d(points)
        before = np.concatenate([np.ones((len(t), 1)), t[:, :-1]], axis=1)
        sign, size = np.where(before < 0, -1.0, 1.0), np.abs(before)
        weight = np.exp(1 + 0.98 * (np.log(np.maximum(psi(size), 1e-300)) - 1)) * (size > 0.5)
        y = np.where(size > 0.5, 2 * size - 1, 1.0)
        slope = np.where(size > 0.5, 4 * 0.98 * weight / y**3, 0.0)
        weight[:, 0], slope[:, 0] = math.e, 0.0
        gradients = -weight * phi_slope(t)
        gradients[:, :-1] += (-slope * phi(sign * t))[:, 1:]
        return -(sign * weight * phi(sign * t)).sum(axis=1), gradients

    return chain(fun)


def with_links(weigh, slope_of):
    """Chain I with another Psi."""

    def fun(points):
        t = np.atleast_2d(points)
        before = np.concatenate([np.ones((len(t), 1)), t[:, :-1]], axis=1)
        sign, size = np.where(before < 0, -1.0, 1.0), np.abs(before)
        weight, slope = weigh(size), slope_of(size)
        weight[:, 0], slope[:, 0] = math.e, 0.0
        gradients = -weight * phi_slope(t)
        gradients[:, :-1] += (-slope * phi(sign * t))[:, 1:]
        return -(sign * weight * phi(sign * t)).sum(axis=1), gradients

    return fun


@mutant("smoothness")
def a_kink_at_one_half():
    """tanh max(0, t - 1/2) in place of Psi: the gradient jumps."""

    def weigh(t):
        return np.tanh(np.maximum(t - 0.5, 0.0))

    return chain(with_links(weigh, lambda t: (t > 0.5) / np.cosh(np.minimum(t - 0.5, 300)) ** 2), floor=0.1)


@mutant("smoothness")
def a_small_kink_at_one_half():
    """Psi with 1e-3 tanh max(0, t - 1/2) added."""

    def weigh(t):
        return psi(t) + 1e-3 * np.tanh(np.maximum(t - 0.5, 0.0))

    def slope_of(t):
        return psi_slope(t) + 1e-3 * (t > 0.5) / np.cosh(np.minimum(t - 0.5, 300)) ** 2

    return chain(with_links(weigh, slope_of), floor=0.1, gap=1e9)


@mutant("floor")
def a_wrong_last_link():
    """The last link with 0.6 of its weight."""

    def fun(points):
        values, own, before = chain_parts(points)
        t = np.atleast_2d(points)
        last = np.where(t[:, -2] < 0, -1.0, 1.0) * psi(np.abs(t[:, -2])) * phi(np.where(t[:, -2] < 0, -1, 1) * t[:, -1])
        own[:, -1] *= 0.6
        before[:, -1] *= 0.6
        own[:, :-1] += before[:, 1:]
        return values + 0.4 * last, own

    return chain(fun)


@mutant("gradient")
def a_last_link_that_the_gradient_forgets():
    def fun(points):
        values, own, before = chain_parts(points)
        own[:, :-2] += before[:, 1:-1]
        return values, own

    return chain(fun)


@mutant("floor")
def a_wrong_first_link():
    """k = 2 where k = e is claimed."""
    return replace(carmon_chain(length=4, first_link=2.0), name="mine", claims=carmon_chain(length=4).claims)


@mutant("gap")
def a_heavier_first_link():
    """k = 2.8 where k = e is claimed."""
    return replace(carmon_chain(length=4, first_link=2.8), name="mine", claims=carmon_chain(length=4).claims)


@mutant("gradient")
def a_gradient_of_a_neighbouring_power():
    """1 + cos in place of sin: right where the two agree."""
    base = cosine_mixture(dimension=3)

    def change(points, values, gradients, alone):
        gradients[:, 1] += 1e-3 * np.sin(points[:, 1]) * np.abs(gradients[:, 1])

    return altered(base, change)


@mutant("gradient")
def rosenbrock_with_399_for_400():
    base = chained_rosenbrock(dimension=4)

    def change(points, values, gradients, alone):
        gradients[:, 2] += points[:, 2] * (points[:, 3] - points[:, 2] ** 2)

    return altered(base, change)


@mutant("gradient")
def the_gradient_of_another_width():
    return replace(
        claiming(carmon_chain(length=4)),
        function=Altered(
            carmon_chain(length=4).function,
            lambda points, values, gradients, alone: gradients.__imul__(1.02),
        ),
    )


@mutant("gradient")
def a_value_that_is_another_height():
    return altered(carmon_chain(length=4), lambda points, values, gradients, alone: values.__imul__(0.98))


# Claims that are a little too good.


@mutant("smoothness")
def smoothness_1_per_cent_too_small():
    return claiming(carmon_chain(length=4), smoothness=0.99)


@mutant("smoothness")
def smoothness_20_for_152():
    return claiming(carmon_chain(length=4, first_link=1.0), smoothness=20 / 152)


@mutant("smoothness")
def smoothness_of_133_of_a_long_chain():
    return claiming(carmon_chain(length=20), smoothness=133 / 134.0239)


@mutant("smoothness")
def smoothness_of_a_cosine_mixture_1_per_cent_too_small():
    return claiming(cosine_mixture(dimension=3), smoothness=0.99)


@mutant("hessian_smoothness")
def hessian_smoothness_1_per_cent_too_small():
    return claiming(chain_two(length=3, weight=0.1), hessian_smoothness=0.99)


@mutant("hessian_smoothness")
def hessian_smoothness_of_chain_one_1_per_cent_too_small():
    return claiming(carmon_chain(length=4, first_link=1.0), hessian_smoothness=0.99)


@mutant("lipschitz")
def lipschitz_constant_too_small():
    """sup |grad f| of T = 1 is k sup Phi' = e^{3/2}."""
    one = carmon_chain(length=1)
    return replace(one, name="mine", claims=Claims(Claim("lipschitz", 0.99 * math.e**1.5, "derived", "mutants")))


@mutant("gap")
def gap_1_per_cent_too_small():
    return claiming(carmon_chain(length=4), gap=0.99)


@mutant("gap")
def gap_of_a_spline_chain_1_per_cent_too_small():
    return claiming(spline_chain(length=4, link="R6"), gap=0.99)


@mutant("gap")
def gap_of_a_sharp_chain_without_its_constant():
    """0.3 T in place of 0.3 T + 0.65625."""
    chain = sharp_chain(length=5)
    return claiming(chain, gap=0.3 * 5 / chain.claims.value("gap"))


@mutant("floor")
def floor_1_per_cent_too_large():
    return claiming(carmon_chain(length=4), floor=1.01)


@mutant("floor")
def floor_of_the_published_chain_2_per_cent_too_large():
    return claiming(carmon_chain(length=4, first_link=1.0), floor=1.02)


@mutant("floor")
def floor_of_a_spline_chain_1_per_cent_too_large():
    return claiming(spline_chain(length=4, link="R6"), floor=1.01)


@mutant("length")
def length_one_more_than_there_are_links():
    chain = carmon_chain(length=4)
    return claiming(chain, length=5 / 4)


@mutant("floor")
def a_floor_where_the_end_is_reached():
    """A user's chain of T = d that claims T + 1 links in a space of T + 1 coordinates, the last never asked for."""
    inner = carmon_chain(length=3)

    def fun(points):
        asked = np.ones(len(points), dtype=bool)
        values, gradients = inner.function.evaluate(np.ascontiguousarray(points[:, :3]), asked, asked)
        return values, np.concatenate([gradients, np.zeros((len(points), 1))], axis=1)

    return chain(fun, length=4)


# Hessians.


@mutant("hessian")
def a_wrong_band():
    def wrong(point, band):
        band[1] *= 1.001
        return band

    return altered(carmon_chain(length=5), of_band=wrong)


@mutant("hessian")
def a_wrong_diagonal_near_the_threshold():
    def wrong(point, band):
        band[0, (np.abs(point) > 0.5) & (np.abs(point) < 0.53)] += 0.05
        return band

    return altered(carmon_chain(length=5), of_band=wrong)


@mutant("hessian")
def a_hessian_that_is_not_symmetric():
    def hess(x):
        matrix = np.diag(x.size * np.ones(x.size))
        matrix[0, 1] = 1e-3 * (np.abs(x).max() > 1)
        return matrix

    return from_callable(lambda x: (0.5 * x.size * float(x @ x), x.size * x), start=np.ones(3), hess=hess)


@mutant("hessian")
def a_hessian_with_entries_beside_the_matrix():
    def wrong(point, band):
        band[1, -1] = 1.0
        return band

    return altered(chained_rosenbrock(dimension=4), of_band=wrong)


@mutant("hessian")
def a_hessian_that_is_nan_where_a_coordinate_is_0():
    def wrong(point, band):
        return np.where(np.abs(point) < 1e-200, np.nan, band)

    return altered(cosine_mixture(dimension=3), of_band=wrong)


# Leaks.


def leaking(leak, of_band=lambda point, band: band, length=8):
    """Chain I with leak(points) (K, d) added to the gradient."""

    def change(points, values, gradients, alone):
        gradients += leak(points)

    return altered(carmon_chain(length=length), change, of_band)


def only_at(points, index, entries):
    out = np.zeros_like(points)
    out[:, index] = entries
    return out


@mutant("zero chain")
def a_leak_beyond_progress_and_three():
    """Coordinate 7 feels coordinate 3 once it lies beyond 1/2."""
    return leaking(lambda points: only_at(points, 7, 1e-3 * np.maximum(np.abs(points[:, 2]) - 0.5, 0.0)))


@mutant("zero chain")
def a_leak_of_1e_minus_12():
    return leaking(lambda points: only_at(points, 5, 1e-12 * points[:, 2]))


@mutant("zero chain")
def a_leak_of_negative_values():
    return leaking(lambda points: only_at(points, 6, 1e-6 * np.minimum(points[:, 1], 0.0)))


@mutant("zero chain")
def a_leak_just_below_the_threshold():
    """A coordinate feels itself from 0.499 on."""
    return leaking(lambda points: only_at(points, 5, np.maximum(np.abs(points[:, 5]) - 0.499, 0.0)))


@mutant("zero chain")
def a_leak_on_the_threshold():
    """>= in place of >."""
    return leaking(lambda points: only_at(points, 4, 1e-9 * (np.abs(points[:, 3]) == 0.5)))


@mutant("zero chain")
def a_leak_through_two_links():
    """Coordinate i + 2 feels coordinate i once it lies beyond 3."""
    return leaking(lambda points: np.pad(1e-8 * np.maximum(np.abs(points[:, :-2]) - 3, 0.0), ((0, 0), (2, 0))))


@mutant("zero chain")
def a_leak_in_the_hessian_alone():
    def of_band(point, band):
        band[0, -1] += 1e-9
        return band

    return leaking(np.zeros_like, of_band)


@mutant("zero chain")
def a_leak_in_the_value_alone():
    def change(points, values, gradients, alone):
        values += 1e-9 * points[:, -1]

    return altered(carmon_chain(length=8), change)


@mutant("zero chain")
def a_progress_with_too_small_a_threshold():
    """A chain that feels coordinates beyond 1/2 and says 0.55: what lies between is a leak."""
    return replace(carmon_chain(length=6), name="mine", progress=last_above(0.55))


@mutant("zero chain")
def a_chain_from_0_that_sees_its_whole_neighbourhood():
    """Chain II with a start that couples the first and the third coordinate."""

    def change(points, values, gradients, alone):
        values += 1e-3 * points[:, 0] * points[:, 3]
        gradients[:, 3] += 1e-3 * points[:, 0]
        gradients[:, 0] += 1e-3 * points[:, 3]

    return altered(chain_two(length=4, weight=0.1), change)


# Batches, order and memory.


@mutant("batch")
def another_answer_in_batches_of_three():
    def fun(points):
        values, gradients = python_chain(points)
        return values, gradients * (1 + 2e-16 * (len(points) >= 3))

    return chain(fun)


@mutant("batch")
def another_answer_in_the_last_row():
    def fun(points):
        values, gradients = python_chain(points)
        if len(points) > 1:
            gradients[-1, -1] = np.nextafter(gradients[-1, -1], -1)
        return values, gradients

    return chain(fun)


@mutant("batch")
def a_value_with_a_constant_in_batches():
    def fun(points):
        values, gradients = python_chain(points)
        return values + (1.0 if len(points) > 1 else 0.0), gradients

    return chain(fun)


@mutant("batch")
def rows_in_another_order():
    def fun(points):
        values, gradients = python_chain(points)
        return values[::-1], gradients

    return chain(fun)


@mutant("batch")
def a_wide_batch_that_forgets_its_middle():
    def fun(points):
        values, gradients = python_chain(points)
        gradients[128:192] = gradients[:1]
        return values, gradients

    return chain(fun)


@mutant("gradient")
def value_and_gradient_in_the_wrong_order():
    def fun(x):
        value = float(x[0] ** 2 / 2 + np.cos(x[0]))
        return np.array([x[0] - np.sin(x[0])]), np.array([value])

    return from_callable(fun, start=[2.0])


@mutant("repeatable")
def an_input_that_is_changed():
    """A compiled kernel that writes into its point."""
    return Instance("mine", KernelFunction(careless_kernel, np.zeros(1)), np.ones(3), Claims())


@kernel
def careless_kernel(x, gradient, dimension, parameters):
    """|x|^2 / 2, x[0] clipped to [-1, 1] where it stands."""
    x[0] = min(max(x[0], -1.0), 1.0)
    value = 0.0
    for i in range(dimension):
        value += 0.5 * x[i] * x[i]
        gradient[i] = x[i]
    return value


@mutant("repeatable")
def answers_with_noise():
    rng = np.random.default_rng(5)

    def fun(points):
        values, gradients = python_chain(points)
        return values, gradients * (1 + 1e-15 * rng.standard_normal(gradients.shape))

    return chain(fun)


@mutant("repeatable")
def answers_that_differ_now_and_then():
    rng = np.random.default_rng(5)

    def fun(points):
        values, gradients = python_chain(points)
        return values + 1e-12 * (rng.random(len(points)) < 0.02), gradients

    return chain(fun)


@mutant("repeatable")
def answers_that_remember():
    """The gradient is that of the last point in one coordinate in a million parts."""
    last = [np.zeros(4)]

    def fun(points):
        values, gradients = python_chain(points)
        gradients[0, 0] += 1e-6 * abs(last[0][0])
        last[0] = points[-1].copy()
        return values, gradients

    return chain(fun)


@mutant("repeatable")
def answers_that_tire():
    """After two thousand rounds the value is another."""
    asked = [0]

    def fun(points):
        asked[0] += 1
        values, gradients = python_chain(points)
        return values + (1e-9 if asked[0] > 120 else 0.0), gradients

    return chain(fun)


@mutant("repeatable")
def a_value_alone_that_is_another():
    def value(x):
        return 0.5 * float(x @ x) + 0.0

    class Mine(SeparateCallables):
        def evaluate_one(self, point, value, gradient):
            found, slope = super().evaluate_one(point, value, gradient)
            return (found if gradient else found * (1 + 1e-12)), slope

    return Instance("mine", Mine(value, lambda x: x.copy()), np.ones(3), Claims())


@mutant("precision")
def single_precision_inside():
    def fun(points):
        values, gradients = python_chain(points)
        return values.astype(np.float32).astype(float), gradients.astype(np.float32).astype(float)

    return chain(fun)


@mutant("precision")
def single_precision_of_the_argument():
    return chain(lambda points: python_chain(np.asarray(points).astype(np.float32).astype(float)))


@mutant("precision")
def a_gradient_from_differences():
    """Forward differences of step 1e-8."""

    def fun(points):
        points = np.atleast_2d(points)
        values, _ = python_chain(points)
        moved = [python_chain(points + 1e-8 * row)[0] for row in np.eye(points.shape[1])]
        return values, (np.array(moved).T - values[:, None]) / 1e-8

    return chain(fun)


# Thin sets, faces, far out.


@mutant("gradient")
def wrong_in_a_thin_set():
    """|x_3 - 0.7| < 1e-3: the gradient of coordinate 3 is 1 % off."""

    def change(points, values, gradients, alone):
        gradients[:, 2] *= np.where(np.abs(points[:, 2] - 0.7) < 1e-3, 1.01, 1.0)

    return altered(carmon_chain(length=5), change)


@mutant("gradient")
def wrong_elsewhere_in_a_thin_set():
    """|x_3 - 0.7| < 1e-3: the gradient of coordinate 1 is 1 % off."""

    def change(points, values, gradients, alone):
        gradients[:, 0] *= np.where(np.abs(points[:, 2] - 0.7) < 1e-3, 1.01, 1.0)

    return altered(carmon_chain(length=5), change)


@mutant("gradient")
def wrong_on_a_cell_face():
    """Where a coordinate of a spline chain is exactly on a knot."""

    def change(points, values, gradients, alone):
        gradients[:, 1] += 1e-3 * (points[:, 1] == 1.0)

    return altered(spline_chain(length=5, link="R6"), change)


@mutant("gradient")
def wrong_just_above_the_threshold():
    def change(points, values, gradients, alone):
        size = np.abs(points)
        gradients += 1e-3 * ((size > 0.5) & (size < 0.502)) * (np.arange(points.shape[1]) == 1)

    return altered(carmon_chain(length=5), change)


@mutant("gradient")
def wrong_far_out():
    """Beyond 50 the gradient is that of 50."""

    def fun(x):
        return float(np.sum(x * x / 2 + 3 * (1 - np.cos(x)))), np.clip(x, -50, 50) + 3 * np.sin(x)

    return from_callable(fun, start=np.full(3, 10.0))


@mutant("gradient")
def a_value_that_jumps():
    """By 1e-3 where the second coordinate passes 0.8; the gradient does not say so."""

    def change(points, values, gradients, alone):
        values += 1e-3 * (points[:, 1] > 0.8)

    return altered(carmon_chain(length=4), change)


@mutant("gradient")
def wrong_on_a_face_of_the_domain():
    def fun(x):
        gradient = x + 3 * np.sin(x)
        gradient[1] *= 1.001 if x[1] in (-4.0, 5.0) else 1.0
        return float(np.sum(x * x / 2 + 3 * (1 - np.cos(x)))), gradient

    return from_callable(fun, start=np.full(3, 2.0), lower=-4, upper=5)


@mutant("finite")
def nan_on_a_face_of_the_domain():
    def fun(points):
        values = np.sum(np.sqrt(points + 1), axis=-1)
        with np.errstate(divide="ignore"):
            return values, 0.5 / np.sqrt(points + 1)

    base = from_callable(fun, start=np.ones(3), vectorised=True)
    return replace(base, domain=Box(np.full(3, -1.0), np.full(3, 5.0)))


@mutant("finite")
def nan_where_two_coordinates_are_equal():
    def fun(points):
        apart = points[:, 0] - points[:, 1]
        with np.errstate(divide="ignore", invalid="ignore"):
            one = np.where(np.abs(apart) > 0, np.sin(apart) / apart * apart, np.nan)
        gradients = points.copy()
        gradients[:, 0] += np.cos(apart)
        gradients[:, 1] -= np.cos(apart)
        return 0.5 * np.sum(points**2, axis=1) + one, gradients

    return from_callable(fun, start=[1.0, -2.0, 0.5], vectorised=True)


@mutant("finite")
def nan_at_0():
    """sin(x) / x without its limit."""

    def change(points, values, gradients, alone):
        values[(points == 0).any(axis=1)] = np.nan

    return altered(cosine_mixture(dimension=3), change)


@mutant("finite")
def infinite_far_out():
    """exp overflows in the logistic function 1 / (1 + exp(-x)) of the gradient, written with inf / inf."""

    def fun(points):
        with np.errstate(over="ignore", invalid="ignore"):
            return np.logaddexp(0, points).sum(axis=1), np.exp(points) / (1 + np.exp(points))

    return from_callable(fun, start=np.ones(3), vectorised=True)


@mutant("finite")
def a_function_that_raises_in_places():
    def fun(x):
        if x[0] > 2.5:
            raise ValueError("too large")
        return 0.5 * float(x @ x), x.copy()

    return from_callable(fun, start=np.ones(3))
