import numpy as np
import pytest

from oracles import AnswerError, Goal, InputError, Refused, Status, Stop, Trace, from_callable
from oracles.referee import PATIENCE


def test_a_query_is_one_round_and_counts_both_orders(bowl, open_oracle):
    oracle, ledger = open_oracle(bowl)
    value, gradient = oracle.value_and_gradient([3, 4])
    assert value == 12.5 and gradient.tolist() == [3.0, 4.0]
    assert (ledger.queries, ledger.value_queries, ledger.gradient_queries, ledger.rounds) == (1, 1, 1, 1)
    assert oracle.value([1, 0]) == 0.5
    assert oracle.gradient([1, 0]).tolist() == [1.0, 0.0]
    assert (ledger.queries, ledger.value_queries, ledger.gradient_queries, ledger.rounds) == (3, 2, 2, 3)


def test_a_batch_is_one_round_of_its_points(bowl, open_oracle):
    oracle, ledger = open_oracle(bowl)
    values, gradients = oracle.query(np.eye(2))
    assert values.tolist() == [0.5, 0.5] and gradients.tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert (ledger.queries, ledger.rounds, ledger.widest) == (2, 1, 2)
    assert oracle.values(np.eye(2)).tolist() == [0.5, 0.5]
    assert oracle.gradients(np.eye(2)).tolist() == [[1.0, 0.0], [0.0, 1.0]]
    assert (ledger.value_queries, ledger.gradient_queries, ledger.queries) == (4, 4, 6)


def test_a_round_may_mix_orders(bowl, open_oracle):
    oracle, ledger = open_oracle(bowl, targets=(0.5,))
    values, gradients = oracle.query([[0.1, 0.0], [1.0, 0.0]], order=[0, 1])
    assert values.tolist() == [pytest.approx(0.005), 0.5]
    assert np.isnan(gradients[0]).all() and gradients[1].tolist() == [1.0, 0.0]
    assert (ledger.value_queries, ledger.gradient_queries, ledger.rounds) == (2, 1, 1)
    assert not ledger.hits, "a value alone cannot be seen to be stationary"


def test_hits_for_a_grid_of_targets(bowl, open_oracle):
    oracle, ledger = open_oracle(bowl, targets=(2.0, 0.5, 0.1))
    oracle.query([[3.0, 0.0], [1.5, 0.0], [0.4, 0.0], [0.3, 0.0]])
    assert [(hit.target, hit.query, hit.round, hit.charged) for hit in ledger.hits] == [(2.0, 2, 1, 4), (0.5, 3, 1, 4)]
    assert ledger.closed is None
    value, _ = oracle.value_and_gradient([0.0, 0.1])
    assert value == pytest.approx(0.005), "the answer that meets the last target is delivered"
    assert ledger.closed is Status.TARGET
    assert ledger.hit_point.tolist() == [0.0, 0.1]
    with pytest.raises(Stop):
        oracle.value([0.0, 0.0])
    assert ledger.queries == 5


def test_a_round_hits_each_target_at_its_first_query_that_is_judged(bowl, open_oracle, rng):
    targets = tuple(np.geomspace(3.0, 0.01, 12))
    points, order = rng.uniform(-3, 3, (500, 2)), rng.integers(0, 2, 500)
    points[400:] /= 1000.0  # several targets at one query
    order[400] = 0
    oracle, ledger = open_oracle(bowl, targets=targets)
    oracle.query(points, order=order)
    sizes = np.where(order == 1, np.linalg.norm(points, axis=1), np.inf)
    first = [int(np.flatnonzero(sizes <= target)[0]) for target in targets]
    assert [hit.query for hit in ledger.hits] == [k + 1 for k in first] and len(set(first)) < len(targets)
    assert ledger.closed is Status.TARGET and ledger.best_merit == pytest.approx(sizes.min(), rel=1e-15)
    assert ledger.hit_point.tolist() == points[first[-1]].tolist()


@pytest.mark.parametrize("budget", [1, 2, 7])
def test_the_budget_of_queries_is_exact(bowl, open_oracle, budget):
    oracle, ledger = open_oracle(bowl, max_queries=budget)
    for _ in range(budget):
        oracle.value_and_gradient([1.0, 1.0])
    assert ledger.closed is None
    with pytest.raises(Stop):
        oracle.value_and_gradient([1.0, 1.0])
    assert ledger.queries == budget and ledger.closed is Status.BUDGET


def test_a_round_that_does_not_fit_is_refused_whole(bowl, open_oracle):
    oracle, ledger = open_oracle(bowl, max_queries=5)
    oracle.query(np.ones((3, 2)))
    with pytest.raises(Stop):
        oracle.query(np.ones((3, 2)))
    assert (ledger.queries, ledger.rounds, ledger.closed) == (3, 1, Status.BUDGET)
    with pytest.raises(Stop):
        oracle.value([1.0, 1.0])
    assert ledger.queries == 3, "closed for good, even for a round that would fit"


def test_the_budget_of_rounds_is_exact(bowl, open_oracle):
    oracle, ledger = open_oracle(bowl, max_rounds=2)
    oracle.query(np.ones((50, 2)))
    oracle.value([1.0, 1.0])
    with pytest.raises(Stop):
        oracle.value([1.0, 1.0])
    assert (ledger.queries, ledger.rounds) == (51, 2)


@pytest.mark.parametrize(
    ("points", "words"),
    [
        ([np.nan, 1.0], "nan at index [0]"),
        ([1.0, np.inf], "inf at index [1]"),
        ([1.0], "shape (1,), expected (2,)"),
        ([[1.0, 2.0]], "shape (1, 2), expected (2,)"),
        (["a", "b"], "real numbers"),
        ([1j, 2.0], "real numbers"),
        ([[1.0], [1.0, 2.0]], "not an array"),
    ],
)
def test_bad_points_are_named_and_nothing_is_counted(bowl, open_oracle, points, words):
    oracle, ledger = open_oracle(bowl)
    with pytest.raises(InputError) as caught:
        oracle.value_and_gradient(points)
    assert words in str(caught.value) and "\n" not in str(caught.value)
    assert ledger.queries == ledger.rounds == 0 and ledger.closed is None


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (np.ones((0, 2)), "K = 0"),
        (np.ones((3, 1)), "expected (K, 2)"),
        (np.ones(2), "expected (K, 2)"),
        (np.ones((5, 2)), "wider than the width 4"),
        ([[1.0, 1.0], [1.0, np.nan]], "nan at index [1, 1]"),
    ],
)
def test_bad_batches_are_named_and_nothing_is_counted(bowl, open_oracle, points, words):
    oracle, ledger = open_oracle(bowl, width=4)
    with pytest.raises(InputError) as caught:
        oracle.query(points)
    assert words in str(caught.value)
    assert ledger.queries == 0 and ledger.closed is None


def test_points_are_taken_as_their_values(bowl, open_oracle):
    oracle, _ = open_oracle(bowl)
    wide = np.zeros((4, 6))
    wide[::2, ::3] = [[3.0, 4.0], [1.0, 2.0]]
    expected = oracle.query([[3.0, 4.0], [1.0, 2.0]])
    frozen = np.array([[3.0, 4.0], [1.0, 2.0]])
    frozen.flags.writeable = False
    for points in (
        wide[::2, ::3],
        np.asfortranarray(frozen),
        frozen,
        frozen.astype(np.int32),
        frozen.astype(np.float32),
        frozen.astype(">f8"),
    ):
        values, gradients = oracle.query(points)
        assert np.array_equal(values, expected[0]) and np.array_equal(gradients, expected[1])


def test_answers_are_not_aliases(open_oracle):
    memory = np.zeros((1, 2))
    instance = from_callable(lambda x: (np.zeros(len(x)), memory), start=[1.0, 1.0], vectorised=True)
    oracle, _ = open_oracle(instance, targets=(1e-100,))
    point = np.array([[1.0, 1.0]])
    memory[:] = 5.0
    _, gradients = oracle.query(point)
    memory[:] = 7.0
    assert gradients.tolist() == [[5.0, 5.0]]
    out = np.empty(2)
    _, same = oracle.value_and_gradient(point[0], out=out)
    assert same is out and out.tolist() == [7.0, 7.0]
    with pytest.raises(InputError, match="out must be"):
        oracle.value_and_gradient(point[0], out=np.empty(3))


def test_the_users_function_cannot_change_our_point(open_oracle):
    def spoil(x):
        x[:] = 99.0
        return 0.0, np.array([0.5, 0.0])

    oracle, ledger = open_oracle(from_callable(spoil, start=[1.0, 2.0]), targets=(1.0,))
    oracle.value_and_gradient([1.0, 2.0])
    assert ledger.hit_point.tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("fun", "words"),
    [
        (lambda x: 1 / 0, "raised ZeroDivisionError"),
        (lambda x: (np.nan, x), "the value is nan"),
        (lambda x: (-np.inf, x), "the value is -inf"),
        (lambda x: (0.0, np.array([1.0, np.nan])), "entry 1 of the gradient is nan"),
        (lambda x: (0.0, np.array([np.inf, 1.0])), "entry 0 of the gradient is inf"),
        (lambda x: (0.0, np.ones(3)), "shape (3,), expected (2,)"),
        (lambda x: 0.0, "must return (value, gradient)"),
        (lambda x: ("a", x), "not a real number"),
        (lambda x: (np.ones(2), x), "shape (2,), expected ()"),
    ],
)
def test_a_failing_function_closes_the_oracle_and_counts_nothing(open_oracle, fun, words):
    oracle, ledger = open_oracle(from_callable(fun, start=[1.0, 2.0]))
    with pytest.raises(AnswerError) as caught:
        oracle.value_and_gradient([1.0, 2.0])
    assert words in str(caught.value) and "\n" not in str(caught.value)
    if "return" not in words:
        assert "x = [1., 2.]" in str(caught.value)
    assert ledger.queries == 0 and ledger.closed is Status.FAILED
    with pytest.raises(Stop):
        oracle.value([1.0, 2.0])


def test_plus_infinity_is_a_legitimate_value(open_oracle):
    oracle, ledger = open_oracle(from_callable(lambda x: (np.inf, x), start=[1.0]))
    assert oracle.value([2.0]) == np.inf
    assert ledger.queries == 1


def test_separate_callables_are_asked_only_for_what_is_wanted(open_oracle):
    calls = []
    instance = from_callable(
        lambda x: calls.append("value") or 0.0, lambda x: calls.append("gradient") or np.ones(1), start=[1.0]
    )
    oracle, _ = open_oracle(instance)
    oracle.value([1.0])
    oracle.gradient([1.0])
    oracle.value_and_gradient([1.0])
    assert calls == ["value", "gradient", "value", "gradient"]


@pytest.mark.parametrize("joint", [True, False])
def test_a_vectorised_function_is_called_once_a_round(open_oracle, joint):
    shapes = []

    def value(points):
        shapes.append(points.shape)
        return (points**2).sum(axis=1) / 2

    instance = (
        from_callable(lambda points: (value(points), points.copy()), start=[1.0, 1.0], vectorised=True)
        if joint
        else from_callable(value, lambda points: points.copy(), start=[1.0, 1.0], vectorised=True)
    )
    oracle, _ = open_oracle(instance)
    values, gradients = oracle.query(np.arange(6.0).reshape(3, 2))
    assert shapes == [(3, 2)]
    assert values.tolist() == [0.5, 6.5, 20.5] and gradients.tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]


def test_a_domain_is_kept(open_oracle):
    instance = from_callable(lambda x: (0.0, x), start=[0.5, 0.5], lower=0.0, upper=[1.0, 2.0])
    oracle, ledger = open_oracle(instance)
    oracle.value([1.0, 2.0])
    with pytest.raises(InputError, match=r"coordinate 1 of point 1 is 2.5, outside the domain \[0, 2\]"):
        oracle.query([[0.0, 0.0], [0.0, 2.5]])
    assert ledger.queries == 1
    with pytest.raises(InputError, match="outside the domain"):
        from_callable(lambda x: (0.0, x), start=[3.0], lower=0.0, upper=1.0)


def test_proposals_are_free_and_measured(bowl, open_oracle):
    oracle, ledger = open_oracle(bowl, max_queries=1)
    oracle.value([1.0, 1.0])
    oracle.propose([0.0, 2.0])
    (proposal,) = oracle._referee.proposed
    assert (proposal.value, proposal.merit, proposal.queries, proposal.rounds) == (2.0, 2.0, 1, 1)
    assert (ledger.queries, ledger.observed) == (1, 1)
    with pytest.raises(Stop):
        oracle.value([1.0, 1.0])
    with pytest.raises(Stop):
        oracle.propose([0.0, 0.0])


def test_who_keeps_asking_is_refused_harder(bowl, open_oracle):
    oracle, ledger = open_oracle(bowl, max_queries=1)
    oracle.value([1.0, 1.0])
    for _ in range(PATIENCE):
        with pytest.raises(Stop):
            oracle.value([1.0, 1.0])
    with pytest.raises(Refused):
        oracle.value([1.0, 1.0])
    assert ledger.queries == 1


def test_a_goal_of_ones_own(bowl, open_oracle):
    instance = from_callable(
        lambda x: (0.5 * x @ x, x.copy()),
        start=[3.0],
        goal=Goal("value", lambda point, value, gradient: value, needs_gradient=False),
    )
    oracle, ledger = open_oracle(instance, targets=(0.5,))
    oracle.gradient([1.0])
    assert not ledger.hits, "the answer carried no value"
    oracle.value([1.0])
    assert [hit.query for hit in ledger.hits] == [2] and ledger.closed is Status.TARGET


def test_a_merit_that_is_nan_fails_the_run(open_oracle):
    goal = Goal("odd", lambda point, value, gradient: np.nan)
    oracle, ledger = open_oracle(from_callable(lambda x: (0.0, x), start=[1.0], goal=goal))
    with pytest.raises(AnswerError, match="merit of the goal odd is nan"):
        oracle.value_and_gradient([1.0])
    assert ledger.closed is Status.FAILED


def test_the_trace_is_bounded_and_keeps_the_best(bowl, open_oracle):
    trace = Trace(limit=8)
    oracle, _ = open_oracle(bowl, trace=trace, progress=lambda points: np.full(len(points), 3))
    for k in range(100):
        oracle.value_and_gradient([100.0 - k, 0.0])
    assert len(trace.steps) <= 8 and trace.stride == 16
    assert [step.round for step in trace.steps] == [1, 17, 33, 49, 65, 81, 97]
    assert [step.best_merit for step in trace.steps] == [100.0, 84.0, 68.0, 52.0, 36.0, 20.0, 4.0]
    assert {(step.order, step.width, step.progress) for step in trace.steps} == {(1, 1, 3)}


def test_a_method_that_asks_badly_for_ever_is_ended(bowl, open_oracle):
    oracle, ledger = open_oracle(bowl)
    for _ in range(PATIENCE):
        with pytest.raises(InputError):
            oracle.value([np.nan, 0.0])
    with pytest.raises(Refused):
        oracle.value([np.nan, 0.0])
    assert ledger.closed is Status.FAILED and "asked badly" in ledger.message


def test_a_method_sees_questions_alone(bowl, open_oracle):
    oracle, _ = open_oracle(bowl)
    assert {name for name in dir(oracle) if not name.startswith("_")} == {
        "dimension", "width", "value_and_gradient", "value", "gradient", "query", "values", "gradients", "propose",
        "note", "remark",
        "hessian", "hessian_band", "hessian_vector", "value_gradient_hessian",
    }  # fmt: skip
    assert oracle.propose([1.0, 1.0]) is None


def test_orders_are_checked(bowl, open_oracle):
    oracle, ledger = open_oracle(bowl)
    for order in (2, [0, 1, 1], "x"):
        with pytest.raises(InputError, match="order must be 0 or 1"):
            oracle.query(np.ones((2, 2)), order=order)
    assert ledger.queries == 0
