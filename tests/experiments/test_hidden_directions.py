"""The study of hidden directions: its numbers, and that its verdict can fail."""

import numpy as np
import pytest

from experiments import Store, sweep
from experiments.runner import run
from experiments.study import cases_of, frame_of, study_of
from hardinstances import carmon_chain, quadratic, rotated_chain
from oracles import ALGORITHMS, InputError


@pytest.fixture(scope="module")
def frame(tmp_path_factory):
    study = study_of("hidden-directions")
    store = Store(tmp_path_factory.mktemp("hidden") / "s.sqlite")
    return frame_of(sweep(study.name, cases_of(study, True), store, progress=False))


def test_the_quick_form_holds_and_prints(frame):
    study = study_of("hidden-directions")
    assert study.verdict(study, frame).outcome == "holds"
    assert len(study.tables(study, frame)) == 2 and study.panels(study, frame)


@pytest.mark.parametrize(
    ("rows", "change", "words"),
    [
        (lambda f: f["method"] == "random_probes", {"report.rounds_beyond_start": 90}, "0 of 4 exact leak rates"),
        (lambda f: f["method"] == "guess_ahead", {"rounds": 5}, "T + 1 rounds in 0 of"),
        (lambda f: f["method"] == "guess_ahead", {"rounds": 9}, "fewer in 0 of"),
    ],
)
def test_the_verdict_can_fail(frame, rows, change, words):
    study = study_of("hidden-directions")
    false = frame.copy()
    for column, value in change.items():
        false.loc[rows(false), column] = value
    verdict = study.verdict(study, false)
    assert verdict.outcome == "fails" and words in verdict.evidence


def steps_along(oracle, x0, *, order: str = "one by one"):
    """Points that show the links of a chain of 6: one by one, or the fourth too early."""
    for link in (1, 2, 3, 4, 5, 6) if order == "one by one" else (1, 4, 5):
        x = np.zeros(6)
        x[:link] = 2.0
        oracle.value(x)


def test_the_meter_counts_what_rounds_show():
    chain = carmon_chain(length=6)
    calm = run(steps_along, chain, target=1e-9, model="disclosure_meter").report
    assert calm == {
        "shown": 6, "last_new_round": 6, "rounds_beyond_start": 6, "queries_beyond_start": 6, "leaks": 0,
        "longest_query": pytest.approx(24**0.5),
    }  # fmt: skip
    lucky = run(steps_along, chain, target=1e-9, parameters={"order": "early"}, model="disclosure_meter").report
    assert (lucky["shown"], lucky["leaks"], lucky["rounds_beyond_start"]) == (5, 1, 3)
    two = {"per_round": 3}
    lucky = run(
        steps_along, chain, target=1e-9, parameters={"order": "early"}, model="disclosure_meter", model_parameters=two
    )
    assert lucky.report["leaks"] == 0


def test_the_meter_changes_no_count():
    for method in ("gradient_descent", "batched_step_search"):
        plain, metered = (
            run(ALGORITHMS[method], carmon_chain(length=6), width=4, model=model)
            for model in ("exact", "disclosure_meter")
        )
        assert (plain.queries, plain.rounds, plain.hits) == (metered.queries, metered.rounds, metered.hits)
        assert metered.report["shown"] == 6 and metered.report["leaks"] == 0


def test_the_meter_needs_a_progress():
    with pytest.raises(InputError, match="quadratic has no progress"):
        run(steps_along, quadratic(dimension=6), target=1e-9, model="disclosure_meter")


def test_following_a_chain_in_a_random_frame_takes_a_round_per_link():
    chain = rotated_chain(length=6, rotation="haar", dimension=40, seed=3)
    outcome = run(ALGORITHMS["guess_ahead"], chain, width=1)
    assert outcome.met and outcome.rounds == 7
