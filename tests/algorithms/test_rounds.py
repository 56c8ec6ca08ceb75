"""Methods in rounds: counts known from other implementations, what a width does, and the parts they are made of."""

import itertools
import math

import numpy as np
import pytest

from algorithms import (
    batched_step_search,
    fd_trust_region,
    gradient_descent,
    lazy_cubic_newton,
    minibatch_sgd,
    parallel_cubic_newton,
    picard,
    plane_search,
    speculative_cubic_newton,
)
from algorithms.batch_quasi_newton import majorant, orthonormal
from algorithms.differences import difference_hessian, stencil
from algorithms.lazy_cubic_newton import lazy_rate
from algorithms.minibatch_sgd import expected_rounds
from experiments import run
from experiments.binding import bound_numbers
from hardinstances import carmon_chain, chain_two, chained_rosenbrock, cosine_mixture, nested_chain
from oracles import Status

LENGTHS = (10, 20, 40, 80, 160)


def published_chain(length):
    return carmon_chain(length=length, first_link=1.0)


def asked(instance, points):
    everywhere = np.ones(len(points), dtype=bool)
    return instance.function.evaluate(points, everywhere, everywhere)


# Counts.


@pytest.mark.parametrize(
    ("width", "known", "counts"),
    [
        (4, (None, None, None, None, 2578), (207, 372, 695, 1327, 2578)),
        (16, (90, 166, 315, 607, 1188), (90, 166, 316, 609, 1192)),
        (64, (42, 77, 142, 274, 539), (42, 77, 143, 276, 542)),
    ],
)
def test_picard_on_the_chain(width, known, counts):
    """Known up to 4 rounds: implementations fill the end of the window differently."""
    for length, other, count in zip(LENGTHS, known, counts, strict=True):
        outcome = run(picard, published_chain(length), target=1.0, parameters={"smoothness": 152.0, "width": width})
        assert outcome.hits[0].round == count and (other is None or abs(count - other) <= 4)


@pytest.mark.slow
def test_picard_wins_next_to_nothing_in_a_curved_valley():
    for tolerance in (0.0, 0.1):
        parameters = {"width": 16, "tolerance": tolerance}
        outcome = run(picard, chained_rosenbrock(dimension=10), target=[1e-1, 1e-2, 1e-3], parameters=parameters)
        assert [hit.round for hit in outcome.hits] == [7361, 13736, 20600]  # gradient descent: 7364, 13739, 20603


@pytest.mark.parametrize(
    ("length", "counts"),
    [(10, 174), (20, 554), (40, 1914), (80, 7034), pytest.param(160, 26874, marks=pytest.mark.slow)],
)
def test_cubic_newton_in_rounds_on_the_chain(length, counts):
    two, one = (
        run(method, published_chain(length), target=1.0, max_queries=None)
        for method in (parallel_cubic_newton, speculative_cubic_newton)
    )
    assert (two.hits[0].round, two.hits[0].query) == (2 * length + 1, counts)
    assert one.hits[0].round == length + 1 and one.width == 8 * (length + 1)


def test_cubic_newton_in_rounds_on_rosenbrock_and_on_chain_two():
    targets = [1e-1, 1e-2, 1e-3, 1e-4]
    outcome = run(parallel_cubic_newton, chained_rosenbrock(dimension=10), target=targets)
    assert [(hit.round, hit.query) for hit in outcome.hits] == [(53, 462), (57, 498), (57, 498), (59, 516)]
    for length, weight, rounds in ((10, 1e-2, 9), (20, 2.5e-3, 11), (40, 6.25e-4, 11)):
        outcome = run(parallel_cubic_newton, chain_two(length=length, weight=weight), target=weight**0.75 / 4)
        assert outcome.hits[0].round == rounds


def test_central_differences_take_the_same_steps_with_twice_the_queries():
    forward, central = (
        run(parallel_cubic_newton, chained_rosenbrock(dimension=10), target=1e-2, parameters={"central": sides})
        for sides in (False, True)
    )
    assert forward.hits[0].round == central.hits[0].round == 57 and central.width == 20
    assert central.hits[0].query - forward.hits[0].query == 10 * 28


@pytest.mark.slow
def test_the_trust_region_of_fixed_radius_on_rosenbrock():
    simple = {"radius": 1 / math.sqrt(1.75), "difference": 0.5 / math.sqrt(1.75)}
    for numbers, targets, rounds in (
        (simple, [1e-1, 1e-2, 1e-3], [1842, 5929, 18783]),
        ({}, [1e-1, 1e-2], [2486, 8003]),
    ):
        instance = chained_rosenbrock(dimension=10)
        outcome = run(fd_trust_region, instance, target=targets, parameters=numbers, max_queries=None)
        assert [hit.round for hit in outcome.hits] == rounds


SLOW_CHAINS = [pytest.param(*numbers, marks=pytest.mark.slow) for numbers in ((12, 16, 100), (24, 16, 181))]


@pytest.mark.parametrize(("length", "bridge", "rounds"), [(6, 16, 60), (12, 4, 100), *SLOW_CHAINS])
def test_newton_steps_on_the_nested_chain_do_not_depend_on_its_bridges(length, bridge, rounds):
    instance = nested_chain(length=length, bridge=bridge)
    outcome = run(lazy_cubic_newton, instance, parameters={"regularisation": 1.0}, max_queries=None)
    assert outcome.hits[0].round == rounds
    (bound,) = instance.bounds
    assert bridge < 16 or rounds < bound.value({"target": instance.target})


def test_rounds_with_a_lazy_hessian_against_the_width():
    """One other implementation is known, which is not the same in every detail."""
    known = {1: 1971, 2: 1383, 5: 589, 10: 382, 20: 256, 40: 163}
    counts = {1: 2043, 2: 1385, 5: 593, 10: 361, 20: 237, 40: 163}
    for width, count in counts.items():
        instance = chained_rosenbrock(dimension=40)
        outcome = run(parallel_cubic_newton, instance, target=1e-3, width=width, parameters={"reuse": 0})
        assert outcome.hits[0].round == count and abs(count / known[width] - 1) < 0.08


def test_a_plane_search_is_ten_times_ahead_of_a_line_search_in_a_curved_valley():
    rounds = {}
    for method in (plane_search, batched_step_search):
        outcome = run(method, chained_rosenbrock(dimension=10), target=1e-2, width=16)
        rounds[method] = outcome.hits[0].round
    assert rounds[plane_search] * 10 < rounds[batched_step_search]


# What a width does.


@pytest.mark.parametrize("method", [fd_trust_region, speculative_cubic_newton, parallel_cubic_newton, minibatch_sgd])
def test_a_smaller_width_spreads_the_same_queries_over_more_rounds(method):
    instance = cosine_mixture(dimension=6, seed=3)
    numbers = {"trials": 3} if method in (speculative_cubic_newton, parallel_cubic_newton) else {}
    numbers |= {"batch": 13} if method is minibatch_sgd else {}
    free = run(method, instance, target=0.02, parameters=numbers)
    rounds = []
    for width in (3, 5, 100):
        outcome = run(method, instance, target=0.02, width=width, parameters=numbers)
        assert outcome.width <= width and outcome.hits[0].query == free.hits[0].query
        rounds.append(outcome.hits[0].round)
    assert rounds[0] >= rounds[1] > rounds[2] == free.hits[0].round


def test_without_a_width_a_round_holds_what_a_step_needs():
    instance = cosine_mixture(dimension=6, seed=3)
    widths = {fd_trust_region: 7, lazy_cubic_newton: 7, speculative_cubic_newton: 56, parallel_cubic_newton: 8}
    for method, width in widths.items():
        assert run(method, instance, target=1e-3, max_rounds=4).width == width


# Parts.


def test_picard_without_tolerance_walks_the_iterates_of_gradient_descent():
    instance, walked, windows = cosine_mixture(dimension=4, seed=1), [], []

    def watching(oracle, points):
        class Watched:
            def value_and_gradient(self, x):
                points.append(x.copy())
                return oracle.value_and_gradient(x)

            def query(self, batch):
                points.append(batch[0].copy())
                return oracle.query(batch)

            def note(self, number):
                oracle.note(number)

        return Watched()

    numbers = {"smoothness": 1.0, "width": 8, "tolerance": 0.0, "target": 1e-3}
    descent = run(
        lambda oracle, x: gradient_descent(watching(oracle, walked), x, smoothness=1.0), instance, target=1e-3
    )
    ahead = run(lambda oracle, x: picard(watching(oracle, windows), x, **numbers), instance, target=1e-3)
    path = [point.tobytes() for point in walked]
    places = [path.index(window.tobytes()) for window in windows]
    assert places[0] == 0 and all(b > a for a, b in itertools.pairwise(places))
    assert ahead.hits[0].round < descent.hits[0].round


def test_the_trace_tells_how_many_iterates_each_round_of_picard_won():
    outcome = run(picard, published_chain(20), target=1.0, parameters={"smoothness": 152.0, "width": 16}, trace=True)
    won = [step.note for step in outcome.trace.steps]
    assert len(won) == 166 and min(won) == 1 and max(won) == 16
    assert 1039 - 16 <= sum(won) <= 1039 + 16  # gradient descent takes 1039 queries


@pytest.mark.parametrize("central", [False, True])
def test_the_error_of_differences_is_within_its_bound(central):
    rng = np.random.default_rng(3)
    for seed in range(20):
        instance = cosine_mixture(dimension=1 + seed % 6, seed=seed)
        x, h = rng.standard_normal(instance.dimension), 10.0 ** (-(seed % 3) - 1)
        points = stencil(x, h, central)
        band = instance.function.band(x)
        exact = np.array([[band[abs(i - j), min(i, j)] for j in range(x.size)] for i in range(x.size)])
        error = np.linalg.norm(difference_hessian(points, asked(instance, points)[1]) - exact, 2)
        second, third = (instance.claims.value(f"{name}_smoothness") for name in ("hessian", "third_order"))
        bound = math.sqrt(x.size) * (third * h**2 / 6 if central else second * h / 2)
        assert error <= bound * (1 + 1e-9) + 1e-12
        assert central or error >= bound / 1000


def test_a_stencil_is_wide_enough_to_be_seen():
    points = stencil(np.array([1e12, 0.0]), 1e-9, False)
    assert points[1, 0] > 1e12 and points[2, 1] == 1e-9


@pytest.mark.parametrize("count", [0, 1, 3, 6])
def test_the_quasi_newton_model_is_the_majorant_of_the_projections(count):
    rng = np.random.default_rng(count)
    hessian = rng.standard_normal((6, 6))
    hessian = (hessian + hessian.T) / 2
    smoothness = 1.01 * np.abs(np.linalg.eigvalsh(hessian)).max()
    rows = orthonormal(rng.standard_normal((count, 6)))
    assert np.allclose(rows @ rows.T, np.eye(count), atol=1e-14)
    points = np.concatenate((np.zeros((1, 6)), 0.1 * rows))
    model = majorant(rows, points @ hessian, 0.1, smoothness)
    onto = rows.T @ rows
    expected = onto @ hessian + hessian @ onto - onto @ hessian @ onto + smoothness * (np.eye(6) - onto)
    assert np.allclose(model, expected, atol=1e-12)
    eigenvalues = np.linalg.eigvalsh(model - hessian)
    assert eigenvalues[0] >= -1e-12 and np.linalg.eigvalsh(model)[-1] <= 2 * smoothness
    assert count < 6 or np.allclose(model, hessian, atol=1e-12)


def test_the_constant_of_lazy_hessians_falls_by_the_root_of_the_width():
    numbers = {"hessian_smoothness": 1.0, "method.hessian_smoothness": 1.0, "method.reuse": 0.0, "gap": 1.0}
    numbers |= {"dimension": 6400.0, "method.regularisation": 6.0, "method.difference": 0.2}
    numbers |= {"target": 1e-6, "method.target": 1e-6}
    rounds = [lazy_rate(numbers | {"method.width": float(width)}) for width in (1, 4, 16, 64)]
    assert all(abs(a / b - 2) < 0.03 for a, b in itertools.pairwise(rounds))
    assert lazy_rate(numbers | {"method.width": 1.0, "method.regularisation": 1.0}) is None
    assert lazy_rate(numbers | {"method.width": 1.0, "method.hessian_smoothness": 0.5}) is None


def test_batches_need_the_expected_rounds_at_most():
    """The mean of the rounds over many runs, which Markov's inequality makes a bound of."""
    instance, noise, target = cosine_mixture(dimension=4, seed=2), 0.3, 0.1
    outcomes = [
        run(
            minibatch_sgd,
            instance,
            target=target,
            model="gaussian_noise",
            model_parameters={"deviation": noise},
            observe="all",
            seed=seed,
        )
        for seed in range(40)
    ]
    assert all(outcome.met and outcome.width == 18 for outcome in outcomes)
    numbers = bound_numbers(instance, outcomes[0].numbers, target, answers=outcomes[0].answers)
    assert 1 < np.mean([outcome.hits[0].round for outcome in outcomes]) <= expected_rounds(numbers).total


@pytest.mark.parametrize("method", [parallel_cubic_newton, speculative_cubic_newton])
def test_where_no_step_lowers_the_value_any_more_the_point_is_returned(method):
    outcome = run(method, cosine_mixture(dimension=3, seed=1), target=1e-100)
    assert outcome.status is Status.RETURNED and outcome.returned.merit < 1e-7
