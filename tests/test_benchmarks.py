"""The benchmark program: its arithmetic, its verdicts, what it does where something is missing. Nothing is timed."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks import __main__ as program
from benchmarks import chain, differentiation, functions, peers, queries, runs, yardsticks
from benchmarks.comparison import Growth, Row, Unavailable, Yardstick, alone, contest
from benchmarks.drivers import kernel_calls, kernel_of
from benchmarks.effort import Effort
from benchmarks.goals import AtMost, Either, Faster, Over, Ratio, quantity
from benchmarks.report import summary
from benchmarks.timing import Clock, Marginal, Steady, Whole
from experiments import run
from oracles import Instance
from oracles.kernels import answer_points


class Hours:
    """A clock that goes forward only when something is done."""

    def __init__(self):
        self.now = 0.0

    def takes(self, seconds):
        self.now += seconds


@pytest.fixture
def hours():
    return Hours()


@pytest.fixture
def clock(hours):
    return Clock(turns=3, seconds=1.0, now=lambda: hours.now)


def with_c(call):
    """What `call` returns, where there is a C compiler."""
    try:
        return call()
    except Unavailable as missing:
        pytest.skip(str(missing))


# Timing.


def test_steady_calls_are_repeated_and_divided_by_their_units(hours, clock):
    sample = clock.measure({"one": Steady(lambda: hours.takes(0.125), units=5)})["one"]
    assert sample.seconds == 0.025
    assert sample.turns == ((0.125,),) * 3


def test_the_best_turn_counts(hours):
    costs = iter([5.0, 7.0, 3.0, 4.0])
    clock = Clock(turns=4, seconds=1.0, now=lambda: hours.now)
    assert clock.measure({"one": Whole(lambda: hours.takes(next(costs)))})["one"].seconds == 3.0


def test_marginal_cost_leaves_out_what_a_run_costs_anyway(hours, clock):
    sample = clock.measure({"run": Marginal(lambda count: hours.takes(16.0 + 0.5 * count), 64)})["run"]
    assert sample.seconds == 0.5
    assert sample.turns[0] == (48.0, 80.0)


def test_candidates_take_turns(hours, clock):
    order = []
    clock.measure({name: Whole(lambda name=name: order.append(name)) for name in "ab"})
    assert order == ["a", "b"] * 3


# Goals and verdicts.


@pytest.mark.parametrize(
    ("goal", "good", "bad", "figure", "text"),
    [
        (Ratio(1.5), (3.0, 2.0), (3.1, 2.0), "1.5x", "<= 1.5x"),
        (Faster(8), (1.0, 8.0), (1.0, 7.9), "8x faster", ">= 8x faster"),
        (Over(2.0), (3.0, 1.0), (3.1, 1.0), "+2 s", "<= +2 s"),
        (AtMost(30e-3), (30e-3, None), (31e-3, None), "30 ms", "<= 30 ms"),
        (AtMost(1e-14, pure=True), (1e-14, None), (1.1e-14, None), "1e-14", "<= 1e-14"),
        (Either(Ratio(3), AtMost(0.08)), (3.0, 1.0), (3.1, 1.0), "3x", "<= 3x or <= 80 ms"),
        (Either(Ratio(3), AtMost(0.08)), (0.08, 0.01), (0.081, 0.01), "8x", "<= 3x or <= 80 ms"),
    ],
)
def test_goals_are_met_up_to_their_limit(goal, good, bad, figure, text):
    row = Row("one", goal, good[0], "other", good[1])
    assert (row.verdict, row.figure, row.goal.text) == ("met", figure, text)
    assert Row("one", goal, bad[0], "other", bad[1]).verdict == "missed"


@pytest.mark.parametrize("goal", [Ratio(), Faster(), Over(), AtMost()])
def test_without_a_limit_there_is_a_figure_and_no_verdict(goal):
    row = Row("one", goal, 2.0, "other", 1.0)
    assert row.figure and row.verdict == row.goal.text == ""


def test_without_one_of_two_numbers_the_verdict_says_why():
    assert Row("one", Ratio(1), 2.0, "other", None, "not installed").verdict == "not installed"
    assert Row("one", AtMost(1), note="not there").verdict == "not there"


def test_quantities_have_a_unit_that_suits_them():
    shown = [quantity(seconds) for seconds in (2.0, 0.9999, 1.5e-2, 2.5e-5, 3e-9)]
    assert shown == ["2 s", "1 s", "15 ms", "25 µs", "3 ns"]


def test_a_contest_has_a_row_for_each_yardstick_also_for_those_that_are_missing(hours, clock):
    def missing():
        raise Unavailable("no C compiler")

    there = Yardstick("there", Ratio(2), lambda: Whole(lambda: hours.takes(2.0)))
    ours = lambda: Whole(lambda: hours.takes(3.0))  # noqa: E731
    first, second = contest(clock, "work", ours, [there, Yardstick("C", Ratio(1), missing)])
    assert (first.ours, first.theirs, first.verdict) == (3.0, 2.0, "met")
    assert (second.ours, second.theirs, second.verdict) == (3.0, None, "no C compiler")
    assert set(first.raw) == {"ours", "there"}
    (row,) = contest(clock, "work", missing, [there])
    assert (row.ours, row.theirs, row.verdict) == (None, 2.0, "no C compiler")
    assert alone(clock, "work", AtMost(1), missing).verdict == "no C compiler"


def test_growth_finds_the_power():
    sizes = (1, 10, 100, 1000, 10_000)
    growth = Growth("work", "d", sizes, tuple(3e-9 * max(size, 100) ** 1.5 for size in sizes))
    assert growth.exponent == pytest.approx(1.5)
    assert Growth("work", "d", (1, 10), (1.0, 2.0)).exponent is None


def test_the_summary_counts_and_names_what_is_missed():
    rows = [
        Row("fine", Ratio(1), 1.0, "C", 1.0),
        Row("slow", Ratio(1), 2.0, "C", 1.0),
        Row("absent", Ratio(1), 2.0, "C", None, "no C compiler"),
        Row("for information", Ratio(), 2.0, "C", 1.0),
    ]
    assert summary(rows).splitlines() == ["1 goals met, 1 missed, 1 not measured", "  missed: slow, C: 2x, goal <= 1x"]


# What is missing.


def test_without_a_compiler_the_yardsticks_say_so(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(Unavailable, match="no C compiler"):
        yardsticks.library.__wrapped__("descent.c")


def test_a_missing_file_and_a_failing_compiler_are_named(monkeypatch, tmp_path):
    with pytest.raises(Unavailable, match=r"absent\.c is not there"):
        yardsticks.library("absent.c")
    (tmp_path / "wrong.c").write_text("this is not C\n")
    monkeypatch.setattr(yardsticks, "FOLDER", tmp_path)
    with pytest.raises(Unavailable, match=r"no C compiler|the C compiler fails"):
        yardsticks.library("wrong.c")


def test_a_missing_library_is_not_installed():
    with pytest.raises(Unavailable, match="not installed"):
        yardsticks.peer("no_such_library_anywhere")


def test_without_other_libraries_every_peer_is_not_installed(monkeypatch):
    def absent(name):
        raise ImportError(name)

    monkeypatch.setattr(yardsticks.importlib, "import_module", absent)
    for one in peers.PEERS:
        if one.name != "scipy.optimize":
            with pytest.raises(Unavailable, match="not installed"):
                one.make(2)
    for automatic in (differentiation.jax_chain, differentiation.torch_chain):
        with pytest.raises(Unavailable, match="not installed"):
            automatic(np.zeros(2))


# The yardsticks compute what we compute.


def test_the_tiny_function_is_the_same_in_numpy(rng):
    points = rng.uniform(-2, 2, (5, 3))
    values, gradients = answer_points(functions.rational_kernel, points, np.zeros(1))
    for x, value, gradient in zip(points, values, gradients, strict=True):
        own_value, own_gradient = functions.rational_in_numpy(x)
        assert value == pytest.approx(own_value, rel=1e-14) and gradient == pytest.approx(own_gradient, rel=1e-14)


def test_the_loop_in_c_descends_as_the_methods_do():
    descend = with_c(queries.descent_in_c)
    step, steps = 0.05, 40
    x, gradient = np.full(3, 1.5), np.empty(3)
    lowest = descend(x.ctypes.data, gradient.ctypes.data, 3, step, 0.0, steps)
    for method in (functions.in_place, functions.textbook):
        outcome = run(
            method,
            functions.rational(3),
            target=functions.TARGET,
            parameters={"step": step},
            max_queries=steps,
            engine="compiled",
        )
        assert outcome.best_merit == pytest.approx(np.linalg.norm(gradient), rel=1e-12)
    assert lowest == pytest.approx(functions.rational_in_numpy(x + step * gradient)[0], rel=1e-12)


def test_the_loop_in_c_stops_at_its_target():
    descend = with_c(queries.descent_in_c)
    x, gradient = np.full(2, 1.5), np.empty(2)
    descend(x.ctypes.data, gradient.ctypes.data, 2, 0.1, 1e-3, 10**9)
    assert np.linalg.norm(gradient) <= 1e-3


def test_the_chain_is_the_same_in_numpy_in_c_and_in_many_digits():
    mpmath = pytest.importorskip("mpmath")
    instance = chain.published_chain(12)
    (x,) = chain.sample_points(12, values=12)
    values, gradients = answer_points(instance.function.kernel, x[None], instance.function.parameters)
    value, gradient = chain.chain_in_numpy(x)
    assert value == pytest.approx(values[0], rel=1e-13)
    assert gradient == pytest.approx(gradients[0], abs=1e-13)
    with mpmath.workdps(40):
        assert [float(one) for one in chain.exact(mpmath, x)] == pytest.approx(gradients[0], abs=1e-14)
    kernel = with_c(lambda: yardsticks.address(chain.c_kernel("chain_naive.c", "chain_naive")))
    chain.check_agreement(kernel, instance, x[None])


def test_a_yardstick_that_computes_something_else_is_refused():
    other = kernel_of(functions.rational(12))[0]
    with pytest.raises(Unavailable, match="something else"):
        chain.check_agreement(other, chain.published_chain(12), chain.sample_points(12)[:1])


def test_the_run_in_c_takes_as_many_steps_as_ours():
    instance = chain.published_chain(8)
    steps = runs._descend(instance)
    assert (
        with_c(lambda: runs._in_c(instance, "chain_naive.c", "chain_naive", steps))()
        == steps
        == runs._in_numpy(instance)
    )


def test_kernels_are_asked_at_every_point_in_turns():
    instance = functions.rational(2)
    points = np.random.default_rng(0).uniform(-1, 1, (3, 2))
    calls = kernel_calls(*kernel_of(instance), points)
    values = answer_points(functions.rational_kernel, points, np.zeros(1))[0]
    rounds, rest = divmod(int(calls.units), 3)
    assert calls.call() == pytest.approx(rounds * values.sum() + values[:rest].sum(), rel=1e-9)


# The program.


@pytest.fixture
def program_with(monkeypatch, tmp_path):
    """Run the program with one subject in place of all."""

    def call(rows, *arguments):
        class Subject:
            """One comparison."""

        Subject.rows = staticmethod(rows)
        monkeypatch.setattr(program.importlib, "import_module", lambda name: Subject)
        out = tmp_path / "numbers" / "bench.json"
        done = CliRunner().invoke(program.main, ["chain", "--out", str(out), *arguments])
        return done, json.loads(out.read_text())

    return call


def test_the_program_prints_and_saves_what_a_subject_finds(program_with):
    def rows(effort):
        assert effort == Effort(quick=True)
        yield Row("work", Ratio(2), 3.0, "C", 2.0, raw={"ours": [(3.0,)], "C": [(2.0,)]})
        yield Growth("work", "d", (1, 2), (1.0, 2.0))

    done, saved = program_with(rows, "--quick")
    assert done.exit_code == 0, done.output
    assert "work" in done.output and "1.5x" in done.output and "1 goals met, 0 missed" in done.output
    row, growth = saved["subjects"]["chain"]["findings"]
    assert (row["ours"], row["theirs"], row["verdict"]) == (3.0, 2.0, "met") and row["raw"]["C"] == [[2.0]]
    assert growth["costs"] == [1.0, 2.0]
    assert {"processor", "cores", "load", "versions"} <= set(saved["machine"])


def test_a_subject_that_breaks_keeps_what_it_had_and_is_told(program_with):
    def rows(effort):
        yield Row("work", Ratio(2), 3.0, "C", 2.0)
        raise ValueError("out of luck")

    done, saved = program_with(rows)
    assert done.exit_code == 1
    assert [finding["verdict"] for finding in saved["subjects"]["chain"]["findings"]] == [
        "met",
        "broken: ValueError: out of luck",
    ]


def test_the_subjects_are_listed_and_an_unknown_one_is_refused():
    listed = CliRunner().invoke(program.main, ["--list"])
    assert [line.split()[0] for line in listed.output.splitlines()] == list(program.SUBJECTS)
    refused = CliRunner().invoke(program.main, ["chian"])
    assert refused.exit_code == 2 and "no subject 'chian'" in refused.output


def test_every_run_that_is_timed_asks_as_often_as_it_is_told():
    with pytest.raises(RuntimeError, match="asked 1 times, not 5"):
        at_the_end = Instance("rational", functions.rational(2).function, np.zeros(2))
        queries.descend(functions.in_place, at_the_end, "compiled", 5)
