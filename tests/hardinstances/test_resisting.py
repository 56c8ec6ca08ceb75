"""The adversary: nobody is stationary in T rounds, and all its answers are those of one function."""

import inspect
import math

import numpy as np
import pytest

import algorithms  # noqa: F401
from algorithms import far_probes, gradient_descent
from experiments import run
from experiments.binding import unclaimed
from hardinstances import carmon_chain, nesterov_chain, quadratic, resisting_oracle
from hardinstances.hidden_frame import HiddenFrame
from hardinstances.progress import last_above
from oracles import ALGORITHMS, Exhausted, InputError, Instance, JointCallable, Status, from_callable

LENGTH = 9
LARGEST = np.finfo(float).max
LEAST = 1.341129  # the least gradient norm of the published chain while |x_T| <= 1, of any length
DETERMINISTIC = [
    name
    for name, method in ALGORITHMS.items()
    if method.traits.deterministic and not method.samples and method.dimensions is None
]
WIDTHS = [
    (name, width) for name in DETERMINISTIC for width in ((1, 4, 16) if "width" in ALGORITHMS[name].numbers else (1,))
]
CHAINS = {
    "published": {"length": LENGTH, "first_link": 1.0, "constants": "published"},
    "tight": {"length": LENGTH},
    "scaled": {"length": LENGTH, "smoothness": 1.0, "target": 0.01},
    "wide": {"length": LENGTH, "smoothness": 2.0, "target": 30.0},
}


def link(a, b, first):
    """Value, derivatives and second derivatives (aa, ab, bb) of one link, from the definition."""
    s = 1.0 if first or a >= 0 else -1.0
    psi, psi1, psi2 = (first, 0.0, 0.0) if first else (0.0, 0.0, 0.0)
    if not first and abs(a) > 0.5:
        p = 2 * abs(a) - 1
        psi = math.exp(1 - p**-2) if p > 0.02 else 0.0
        psi1, psi2 = (4 * psi / p**3, psi * (16 / p**6 - 24 / p**4)) if psi else (0.0, 0.0)
    phi = math.sqrt(math.pi * math.e / 2) * math.erfc(-s * b / math.sqrt(2))
    phi1 = math.sqrt(math.e) * math.exp(-b * b / 2)
    phi2 = -s * b * phi1
    return -s * psi * phi, -psi1 * phi, -psi * phi1, (-s * psi2 * phi, -s * psi1 * phi1, -s * psi * phi2)


def chain_in_python(y, first_link=1.0):
    """f_T, its gradient and its Hessian at y (T,), link by link."""
    value, gradient, hessian = 0.0, np.zeros(len(y)), np.zeros((len(y), len(y)))
    for j, b in enumerate(y):
        a = y[j - 1] if j else 0.0
        part, da, db, (aa, ab, bb) = link(a, b, 0.0 if j else first_link)
        value += part
        gradient[j] += db
        hessian[j, j] += bb
        if j:
            gradient[j - 1] += da
            hessian[j - 1, j - 1] += aa
            hessian[j - 1, j] += ab
            hessian[j, j - 1] += ab
    return value, gradient, hessian


class Recorded:
    """An oracle that writes down what it is asked and what it says."""

    def __init__(self, oracle):
        self.inner, self.log = oracle, []
        self.dimension, self.width = oracle.dimension, oracle.width

    def query(self, points, order=1):
        values, gradients = self.inner.query(points, order)
        self.log += [(x.copy(), v, g.copy()) for x, v, g in zip(np.asarray(points), values, gradients, strict=True)]
        return values, gradients

    def value_and_gradient(self, x):
        value, gradient = self.inner.value_and_gradient(x)
        self.log.append((x.copy(), value, gradient.copy()))
        return value, gradient

    def value(self, x):
        value = self.inner.value(x)
        self.log.append((x.copy(), value, np.full(self.dimension, np.nan)))
        return value

    def gradient(self, x):
        gradient = self.inner.gradient(x)
        self.log.append((x.copy(), np.nan, gradient.copy()))
        return gradient


def resist(method, instance, **options):
    """A run against the adversary, what was asked and answered, and the model."""
    models, recorded = [], []

    def model(instance, width, rng, **parameters):
        models.append(resisting_oracle(instance, width, rng, **parameters))
        return models[-1]

    def watched(oracle, x0, **numbers):
        recorded.append(Recorded(oracle))
        return method(recorded[-1], x0, **numbers)

    watched.__signature__ = inspect.signature(method)
    parameters = options.pop("model_parameters", {})
    outcome = run(
        watched,
        instance,
        model=lambda instance, width, rng: model(instance, width, rng, **parameters),
        **{"target": 1e-9, **options},
    )
    return outcome, recorded[-1].log, models[-1]


def assert_consistent(log, columns, width=1.0, height=1.0, first_link=1.0, tolerance=1e-12):
    """Each answer against the chain in Python at U^T x, relative to max(1, |x| / width)."""
    assert len(log)
    assert abs(columns @ columns.T - np.eye(len(columns))).max() <= 1e-14
    for x, value, gradient in log:
        true_value, slope, _ = chain_in_python(columns @ x / width, first_link)
        scale = max(1.0, np.linalg.norm(x / width))
        if not np.isnan(value):
            assert abs(value / height - true_value) <= tolerance * scale
        if not np.isnan(gradient).any():
            off = np.linalg.norm(gradient * width / height - columns.T @ slope)
            assert off <= tolerance * scale


def mixing(oracle, x0, *, width, seed=0, step=1 / 152, radius=3.0):
    """Gradient steps and Gaussian probes, in one round, or in turns where a round has one query."""
    rng = np.random.default_rng(seed)
    x, gradient, turn = x0, np.zeros_like(x0), 0
    while True:
        probes = x + radius * rng.standard_normal((max(1, width - 1), x.size))
        if width > 1:
            x = x - step * gradient
            gradient = oracle.query(np.concatenate([x[None], probes]))[1][0]
        elif turn % 2 == 0:
            x = x - step * gradient
            gradient = oracle.value_and_gradient(x)[1]
        else:
            oracle.value_and_gradient(probes[0])
        turn += 1


# Theory: no deterministic method is done in T rounds.


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize(("method", "width"), WIDTHS)
def test_no_deterministic_method_is_stationary_in_as_many_rounds_as_links(method, width, chain):
    instance = carmon_chain(**CHAINS[chain])
    smoothness = instance.claims.value("smoothness")
    numbers = {"initial_step": 1 / smoothness} if "initial_step" in ALGORITHMS[method].numbers else {}
    numbers |= {"distance": 20 * instance.progress.threshold} if method == "far_probes" else {}
    numbers |= dict.fromkeys(unclaimed(ALGORITHMS[method], instance), 1.0)
    numbers |= {"hessian_smoothness": 15 * smoothness} if "hessian_smoothness" in ALGORITHMS[method].numbers else {}
    for eager in (False, True):
        outcome = run(
            ALGORITHMS[method],
            instance,
            width=width,
            parameters=numbers,
            max_rounds=LENGTH,
            model="resisting_oracle",
            model_parameters={"eager": eager},
        )
        assert outcome.status in (Status.BUDGET, Status.RETURNED) and outcome.hits == (), outcome.verdict
        assert outcome.best_merit > instance.target
        assert outcome.engine == "python" and outcome.model == "resisting_oracle"
        report = outcome.report
        assert 0 <= report["disagreement"] <= 1e-12 and report["orthonormality_defect"] <= 1e-14
        assert report["dimension"] == outcome.dimension == LENGTH * (width + 1)
        assert LENGTH <= report["dimensions_used"] <= LENGTH * (width + 1) and report["largest_part_dropped"] == 0
        revealed = report["columns_revealed"]
        again = outcome.product_queries > 0  # products at one point, which reveals one column
        assert revealed == outcome.rounds if eager and not again else 0 < revealed <= outcome.rounds
        # gradient and Hessian are two answers; the last Hessian may complete the frame, and leave nothing to replay
        answers = outcome.queries + outcome.hessian_queries + outcome.observed
        assert answers - (outcome.hessian_queries > 0) <= report["answers_replayed"] <= answers


def test_what_is_done_in_two_rounds_on_the_chain_as_it_stands_needs_one_more_than_its_length():
    instance = carmon_chain(**CHAINS["published"])
    assert run(far_probes, instance, width=16).hits[0].round == 2
    outcome = run(far_probes, instance, width=16, model="resisting_oracle", model_parameters={"dimension": 1000})
    assert LENGTH + 1 <= outcome.hits[0].round <= LENGTH + 3
    (bound,) = {bound.value({"target": 1.0}) for bound in outcome.bounds if bound.tag == "derived"}
    assert bound == LENGTH + 1 and all(bound.scope.methods == "deterministic" for bound in outcome.bounds)
    assert {bound.tag for bound in outcome.bounds} == {"derived"}, "what was proved has no certificate here"
    assert outcome.bounds[0].value({"target": 1.35}) is None


@pytest.mark.parametrize(("width", "dimension", "measured"), [(1, 45, 1.643), (4, 105, 1.555), (16, 345, 1.507)])
def test_gradient_steps_mixed_with_gaussian_probes(width, dimension, measured):
    """T = 20: the spec's least gradient norms are those of one such run; which, it does not say."""
    instance = carmon_chain(length=20, first_link=1.0, constants="published")
    outcome, log, model = resist(
        mixing, instance, width=width, max_rounds=20, model_parameters={"dimension": dimension}
    )
    assert outcome.rounds == 20 and outcome.queries == len(log) == 20 * width
    assert LEAST <= outcome.best_merit <= math.sqrt(math.e) and abs(outcome.best_merit - measured) < 0.11
    assert outcome.best_merit == pytest.approx(min(np.linalg.norm(gradient) for _, _, gradient in log))
    assert outcome.report["disagreement"] <= 1e-14 and outcome.report["dimensions_used"] <= dimension
    assert_consistent(log, model.columns)


# One function: everything that was said, recomputed.


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("width", [1, 4, 16])
def test_every_answer_is_that_of_the_fixed_function(chain, width):
    instance = carmon_chain(**CHAINS[chain])
    first, unit, height = instance.function.parameters
    numbers = {"step": unit * unit / (152 * height), "radius": 3.0 * unit}
    outcome, log, model = resist(
        mixing, instance, width=width, parameters=numbers, max_rounds=40, model_parameters={"dimension": 50 * width}
    )
    assert outcome.rounds == 40
    assert_consistent(log, model.columns, unit, height, first)


@pytest.mark.parametrize("method", ["L-BFGS-B", "CG", "BFGS", "SLSQP", "TNC", "Newton-CG", "trust-ncg"])
def test_methods_of_others_are_answered_consistently_to_their_end(method):
    instance = carmon_chain(**CHAINS["published"])
    outcome, log, model = resist(
        ALGORITHMS[f"scipy:{method}"].function,
        instance,
        target=1.0,
        max_queries=500,
        model_parameters={"dimension": 200},
    )
    assert outcome.hits == () or outcome.hits[0].round > LENGTH
    assert outcome.rounds > LENGTH and outcome.report["disagreement"] <= 1e-12
    assert_consistent(log, model.columns)


def awkward(oracle, x0):
    """Repeated points, batches that span little, 0, and points near, far and very far away."""
    rng = np.random.default_rng(5)
    a, b = rng.standard_normal((2, x0.size))
    oracle.query(np.array([x0, a, a, 2 * a, -a, x0]))
    oracle.query(np.array([a + b, a - b, b, 0.3 * a + 1e-12 * b, a]))
    for size in (1e-300, 1e-12, 1.0, 1e8, 1e8):
        for x in (size * rng.standard_normal(x0.size), 1e8 * a, a + 1e-11 * rng.standard_normal(x0.size), x0):
            oracle.value_and_gradient(x)
            oracle.value_and_gradient(x)
            oracle.value(x)
            oracle.gradient(x)
    oracle.query(1e8 * rng.standard_normal((5, x0.size)), [0, 1, 0, 1, 1])


def test_awkward_points_are_answered_consistently():
    instance = carmon_chain(**CHAINS["published"])
    outcome, log, model = resist(awkward, instance, model_parameters={"dimension": 60})
    assert outcome.status is Status.RETURNED, outcome.message
    assert_consistent(log, model.columns)
    report = outcome.report
    independent = 2 + 5 + 5  # a and b; one of each size, and one near a for each
    assert report["disagreement"] <= 1e-12 and report["dimensions_used"] <= independent + 5 + LENGTH


@pytest.mark.parametrize("part", [3e-10, 3e-11, 3e-12])
def test_a_small_part_outside_of_what_is_known_is_no_rounding(part):
    """Each point lies beyond the last column, so that its value depends on where the next one will be."""

    def method(oracle, x0):
        rng, known = np.random.default_rng(6), np.zeros((0, x0.size))
        for _ in range(LENGTH - 1):
            x = 0.9 * known.sum(axis=0) + part * rng.standard_normal(x0.size)
            _, gradient = oracle.value_and_gradient(x)
            fresh = gradient - (known @ gradient) @ known
            known = np.concatenate([known, fresh[None] / np.linalg.norm(fresh)])

    outcome, log, model = resist(method, carmon_chain(**CHAINS["published"]))
    assert outcome.status is Status.RETURNED and outcome.report["columns_revealed"] == LENGTH - 1
    assert outcome.report["disagreement"] <= 1e-12
    assert_consistent(log, model.columns)


def test_the_largest_numbers_are_answered():
    """Even where the sum for a coordinate overflows to both sides on the way."""

    def method(oracle, x0):
        _, gradient = oracle.value_and_gradient(x0)
        oracle.value(LARGEST * np.sign(gradient) * np.resize([1.0, -1.0], x0.size))
        for k in range(LENGTH - 2):
            values, gradients = oracle.query([np.full(x0.size, LARGEST), np.full(x0.size, -1e300), np.eye(x0.size)[k]])
            assert np.isfinite(values).all() and np.isfinite(gradients).all()

    instance, room = carmon_chain(**CHAINS["published"]), {"dimension": 400}
    outcome = run(method, instance, target=1e-9, width=3, model="resisting_oracle", model_parameters=room)
    assert outcome.status is Status.RETURNED, outcome.message
    assert outcome.report["disagreement"] <= 1e-12


def test_a_repeated_point_gets_the_same_answer_and_takes_no_dimension():
    answers = []

    def method(oracle, x0):
        point = np.linspace(-1, 1, x0.size)
        for _ in range(50):
            answers.append(oracle.value_and_gradient(point))
            answers.append(oracle.value_and_gradient(x0))

    outcome = run(method, carmon_chain(**CHAINS["published"]), target=1e-9, model="resisting_oracle")
    assert outcome.status is Status.RETURNED and outcome.report["dimensions_used"] == LENGTH + 1
    assert outcome.report["columns_revealed"] == 1
    for k in (0, 1):
        assert len({value for value, _ in answers[k::2]}) == 1
        assert all(np.array_equal(gradient, answers[k][1]) for _, gradient in answers[k::2])


def test_the_certificate_fails_when_points_are_not_kept_clear_of_the_columns(monkeypatch):
    monkeypatch.setattr(HiddenFrame, "include", lambda self, points: None)
    outcome = run(
        far_probes,
        carmon_chain(**CHAINS["published"]),
        width=16,
        max_rounds=LENGTH,
        model="resisting_oracle",
        model_parameters={"dimension": 200},
    )
    assert outcome.report["disagreement"] > 1e-3


# Dimensions.


def test_the_run_ends_when_no_dimension_is_left():
    outcome, log, model = resist(
        lambda oracle, x0: mixing(oracle, x0, width=4, radius=0.01),
        carmon_chain(**CHAINS["published"]),
        width=4,
        model_parameters={"dimension": 30},
    )
    assert outcome.status is Status.EXHAUSTED
    assert "all 30 dimensions are taken: 21 by queries, 9 by the columns of the frame" in outcome.verdict
    assert outcome.report["dimensions_used"] == 30 and outcome.report["disagreement"] <= 1e-12
    assert len(log) == outcome.queries > 0
    assert_consistent(log, model.columns)


def test_in_as_many_dimensions_as_links_the_span_of_the_answers_suffices():
    instance = carmon_chain(**CHAINS["published"])
    outcome = run(gradient_descent, instance, model="resisting_oracle", model_parameters={"dimension": LENGTH})
    plain = run(gradient_descent, instance)
    assert outcome.met and outcome.rounds == plain.rounds and outcome.report["disagreement"] <= 1e-12
    out = run(
        lambda oracle, x0: oracle.value(x0 + 1.0), instance, model="resisting_oracle", model_parameters={"dimension": 9}
    )
    assert out.status is Status.EXHAUSTED and out.queries == 0


def test_once_all_columns_are_revealed_the_function_is_fixed():
    """Then nothing is kept, and no dimension is needed."""
    instance = carmon_chain(**CHAINS["published"])

    def method(oracle, x0, *, smoothness, width):
        rng = np.random.default_rng(0)
        try:
            far_probes(oracle, x0, smoothness=smoothness, width=width)
        finally:
            for _ in range(100):
                oracle.query(rng.standard_normal((16, x0.size)))

    outcome, log, model = resist(method, instance, width=16, max_rounds=500, model_parameters={"dimension": 120})
    assert outcome.rounds == 500 and outcome.report["dimensions_used"] <= 120
    assert outcome.report["answers_replayed"] < 16 * 20
    assert_consistent(log, model.columns)


@pytest.mark.parametrize(("width", "dimension"), [(None, 2 * LENGTH), (1, 2 * LENGTH), (4, 5 * LENGTH)])
def test_the_space_of_the_method_is_the_models(width, dimension):
    seen = {}

    def method(oracle, x0, *, dimension):
        seen.update(dimension=dimension, asked=oracle.dimension, start=x0.copy())
        oracle.value(x0)
        return x0

    instance = carmon_chain(**CHAINS["published"])
    outcome = run(method, instance, target=1.0, width=width, model="resisting_oracle")
    assert seen["dimension"] == seen["asked"] == outcome.dimension == outcome.as_dict()["dimension"] == dimension
    assert np.array_equal(seen["start"], np.zeros(dimension)) and outcome.returned.point.shape == (dimension,)
    start = np.ones(dimension)
    assert run(method, instance, target=1.0, width=width, model="resisting_oracle", start=start).met is False
    assert np.array_equal(seen["start"], start)
    with pytest.raises(InputError, match=rf"start has the shape \(9,\), expected \({dimension},\)"):
        run(method, instance, target=1.0, width=width, model="resisting_oracle", start=np.zeros(LENGTH))


def test_a_frame_keeps_room_for_its_columns():
    frame = HiddenFrame(12, 4, np.random.default_rng(3))
    points = np.random.default_rng(4).standard_normal((8, 12)) * 10.0 ** np.arange(-100, 100, 25)[:, None]
    frame.include(points[:3])
    frame.reveal()
    frame.include(points)
    frame.include(points)
    assert (frame.taken, frame.needed, frame.revealed) == (9, 12, 1)
    unseen = frame.unseen()
    frame.include(points[:1] / np.linalg.norm(points[0]) + 5e-14 * unseen)
    assert frame.dropped == pytest.approx(5e-14, rel=1e-2)
    with pytest.raises(Exhausted, match="all 12 dimensions are taken: 8 by queries, 4 by the columns"):
        frame.include(points[:1] / np.linalg.norm(points[0]) + 2e-13 * unseen)
    while not frame.complete:
        frame.reveal()
    assert frame.needed == frame.taken == 12 and frame.defect() <= 1e-15
    assert np.array_equal(frame.columns, frame.lift(np.eye(4)))
    later = frame.coordinates(points) / np.linalg.norm(points, axis=1)[:, None]
    assert abs(later[:, 1:]).max() <= 1e-15 and abs(later[3:, 0]).min() > 1e-3 and abs(later[:3, 0]).max() <= 1e-15
    frame.include(np.random.default_rng(5).standard_normal((3, 12)))
    frame.reveal()
    assert frame.revealed == 4, "a complete frame takes nothing any more"


# What is revealed, and when.


def test_columns_are_revealed_only_when_they_are_needed():
    def still(oracle, x0):
        for _ in range(6):
            oracle.value_and_gradient(x0)

    instance = carmon_chain(**CHAINS["published"])
    assert run(still, instance, target=1e-9, model="resisting_oracle").report["columns_revealed"] == 1
    eager = run(still, instance, target=1e-9, model="resisting_oracle", model_parameters={"eager": "true"})
    assert eager.report["columns_revealed"] == 6


def test_proposals_and_returned_points_are_kept_to_and_reveal_nothing():
    """A method may not look at the next column by proposing, and then hit it by a far query."""
    proposed = []

    def sly(oracle, x0, *, smoothness):
        rng = np.random.default_rng(1)
        x = x0
        while True:
            _, gradient = oracle.value_and_gradient(x)
            for step in 2.0 ** np.arange(-1, 9) / smoothness:
                proposed.append(x - step * gradient + rng.standard_normal(x.size))
                oracle.inner.propose(proposed[-1])
            x = x - 100 / smoothness * gradient + 1e9 * rng.standard_normal(x.size)

    instance = carmon_chain(**CHAINS["published"])
    outcome, log, model = resist(sly, instance, max_rounds=LENGTH, model_parameters={"dimension": 200})
    assert outcome.status is Status.BUDGET and outcome.best_merit > 1.0, outcome.message
    assert outcome.observed == len(proposed) == 10 * LENGTH and outcome.report["columns_revealed"] <= LENGTH
    assert outcome.report["disagreement"] <= 1e-12
    assert_consistent(log, model.columns)
    value, slope, _ = chain_in_python(model.columns @ proposed[-1])
    assert outcome.proposed.value == pytest.approx(value, rel=1e-12)
    scale = max(1, np.linalg.norm(proposed[-1]))
    assert outcome.proposed.merit == pytest.approx(np.linalg.norm(slope), abs=1e-12 * scale)


def test_a_proposed_point_that_leads_on_has_the_right_merit():
    """Its gradient has a part along a column that does not exist yet."""
    points = []

    def method(oracle, x0):
        _, gradient = oracle.value_and_gradient(x0)
        points.append(-0.9 * gradient / np.linalg.norm(gradient))
        points[-1] = -points[-1] if points[-1] @ gradient > 0 else points[-1]
        oracle.inner.propose(points[-1])
        oracle.value_and_gradient(points[-1])
        return points[-1]

    outcome, log, model = resist(method, carmon_chain(**CHAINS["published"]))
    assert outcome.proposed.merit == pytest.approx(np.linalg.norm(log[-1][2]), rel=1e-12)
    assert outcome.returned.merit == pytest.approx(outcome.proposed.merit, rel=1e-12)
    _, slope, _ = chain_in_python(model.columns @ points[-1])
    assert abs(slope[1]) > 1e-3 and outcome.proposed.merit == pytest.approx(np.linalg.norm(slope), rel=1e-12)


def test_proposals_may_exhaust_it():
    def method(oracle, x0):
        for k in range(x0.size):
            oracle.propose(np.eye(x0.size)[k])

    outcome = run(method, carmon_chain(**CHAINS["published"]), target=1e-9, model="resisting_oracle")
    assert outcome.status is Status.EXHAUSTED and outcome.observed == LENGTH + 1 and outcome.queries == 0

    def returning(oracle, x0):
        oracle.query(np.eye(x0.size)[: LENGTH - 1] + np.eye(x0.size)[1:LENGTH])
        oracle.value(x0 + 1.0)
        return np.eye(x0.size)[-1]

    outcome = run(returning, carmon_chain(**CHAINS["published"]), target=1e-9, model="resisting_oracle")
    assert outcome.status is Status.RETURNED and outcome.returned is None
    assert "cannot be measured: all 18 dimensions are taken" in outcome.message


def test_the_trace_follows_the_columns():
    instance = carmon_chain(**CHAINS["published"])
    outcome = run(far_probes, instance, width=16, model="resisting_oracle", trace=True)
    progress = [step.progress for step in outcome.trace.steps]
    assert progress[0] == 0 and progress[-1] == LENGTH and set(np.diff(progress)) <= {0, 1}


def test_runs_repeat_and_seeds_differ():
    instance = carmon_chain(**CHAINS["published"])
    logs = [resist(mixing, instance, width=4, max_rounds=8, seed=seed)[1] for seed in (0, 0, 1)]
    same = [all(np.array_equal(a[2], b[2]) for a, b in zip(logs[0], logs[k], strict=True)) for k in (1, 2)]
    assert same == [True, False]


# Hessians.


def with_hessian(first_link=1.0, length=4):
    def fun(y):
        return chain_in_python(y, first_link)[:2]

    return Instance(
        "chain with Hessian",
        JointCallable(fun, hess=lambda y: chain_in_python(y, first_link)[2]),
        np.zeros(length),
        progress=last_above(0.5),
    )


@pytest.mark.parametrize("eager", [False, True])
def test_hessians_are_those_of_the_fixed_function(eager):
    length, log, products = 4, [], []

    def method(oracle, x0):
        rng = np.random.default_rng(2)
        x = x0
        for _ in range(7):
            value, gradient, hessian = oracle.value_gradient_hessian(x)
            log.append((x.copy(), value, gradient, hessian))
            vector = rng.standard_normal(x.size)
            far = x + 5 * rng.standard_normal(x.size)
            products.append((far, vector, oracle.hessian_vector(far, vector)))
            x = x - 0.4 * gradient + 0.1 * rng.standard_normal(x.size)

    models = []

    def model(instance, width, rng):
        models.append(resisting_oracle(instance, width, rng, dimension=40, eager=eager))
        return models[-1]

    outcome = run(method, with_hessian(length=length), target=1e-9, model=model)
    assert outcome.status is Status.RETURNED, outcome.message
    assert outcome.rounds == 14 and outcome.hessian_queries == outcome.product_queries == 7
    report, columns = outcome.report, models[0].columns
    assert report["disagreement"] <= 1e-12 and report["columns_revealed"] == length
    assert_consistent([(x, value, gradient) for x, value, gradient, _ in log], columns)
    reached = 0
    for x, _, _, hessian in log:
        expected = columns.T @ chain_in_python(columns @ x)[2] @ columns
        reached = max(reached, abs(expected).max())
        assert np.array_equal(hessian, hessian.T)
        assert abs(hessian - expected).max() <= 1e-11 * max(1.0, np.linalg.norm(x))
    assert reached > 1.0
    for x, vector, product in products:
        expected = columns.T @ (chain_in_python(columns @ x)[2] @ (columns @ vector))
        assert np.linalg.norm(product - expected) <= 1e-11 * max(1.0, np.linalg.norm(x)) * np.linalg.norm(vector)


def test_a_round_with_a_hessian_reveals_one_column():
    def method(oracle, x0):
        for _ in range(2):
            oracle.value_gradient_hessian(x0 + 1.0)

    outcome = run(method, with_hessian(), target=1e-9, model="resisting_oracle", model_parameters={"eager": True})
    assert outcome.rounds == 2 and outcome.report["columns_revealed"] == 2 and outcome.report["answers_replayed"] == 4


def test_hessians_need_an_instance_that_has_them():
    instance = from_callable(lambda y: chain_in_python(y)[:2], start=np.zeros(3), progress=last_above(0.5))
    outcome = run(lambda oracle, x0: oracle.hessian(x0), instance, target=1e-9, model="resisting_oracle")
    assert outcome.status is Status.FAILED and outcome.message == "this oracle has no Hessians"
    assert outcome.report["columns_revealed"] == 0


# Who is let in.


def below_the_threshold(y):
    return float(0.5 * y @ y), y


@pytest.mark.parametrize(
    ("instance", "words"),
    [
        (nesterov_chain(length=5), "nesterov_chain has no threshold above 0 below which it feels nothing"),
        (quadratic(dimension=3), "quadratic has no threshold above 0"),
        (from_callable(below_the_threshold, start=[0.0, 0.0], progress=last_above(0.5)), "feels what lies below its"),
        (from_callable(lambda y: (0.0, 0 * y), start=[0.0], progress=last_above(0.5)), "is stationary at its start"),
        (from_callable(below_the_threshold, start=[1.0, 0.0], progress=last_above(0.5)), "does not start at 0"),
        (
            from_callable(
                below_the_threshold, start=[0.0, 0.0], progress=last_above(0.5), lower=[-1, -1], upper=[1, 1]
            ),
            "does not start at 0 in all of space",
        ),
    ],
)
def test_what_is_no_robust_chain_is_refused(instance, words):
    with pytest.raises(InputError, match=words):
        run(gradient_descent, instance, target=0.1, parameters={"smoothness": 1.0}, model="resisting_oracle")


def test_too_few_dimensions_are_refused():
    with pytest.raises(InputError, match="needs dimension >= T = 9, got 8"):
        run(
            gradient_descent,
            carmon_chain(**CHAINS["published"]),
            model="resisting_oracle",
            model_parameters={"dimension": 8},
        )


def test_a_function_that_turns_out_to_be_no_chain_ends_the_run():
    """It feels the last coordinate once the first has come far, which nobody sees at the start."""

    def skipping(y):
        reach = max(0.0, abs(y[0]) - 0.5) ** 2
        gradient = np.zeros(4)
        gradient[0], gradient[3] = -1.0 + 2 * np.sqrt(reach) * np.sign(y[0]) * y[3], reach
        return -y[0] + reach * y[3], gradient

    instance = from_callable(skipping, start=np.zeros(4), smoothness=1.0, progress=last_above(0.5))
    outcome = run(gradient_descent, instance, target=0.1, model="resisting_oracle")
    assert (
        outcome.status is Status.FAILED and "is no chain: its gradient reaches beyond coordinate 2" in outcome.message
    )
