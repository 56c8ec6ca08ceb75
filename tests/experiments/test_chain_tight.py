"""The study that puts all chains side by side, and that its verdict can fail."""

import pytest

from experiments import Store, sweep
from experiments.study import cases_of, frame_of, study_of


@pytest.fixture(scope="module")
def frame(tmp_path_factory):
    study = study_of("chain-tight")
    store = Store(tmp_path_factory.mktemp("tight") / "s.sqlite")
    return frame_of(sweep(study.name, cases_of(study, True), store, progress=False))


@pytest.mark.slow
def test_the_quick_form_holds_and_prints(frame):
    study = study_of("chain-tight")
    verdict = study.verdict(study, frame)
    assert verdict.outcome == "holds", verdict.evidence
    assert len(study.tables(study, frame)) == 2 and study.panels(study, frame)


@pytest.mark.slow
def test_the_batched_search_is_on_the_bound_of_the_spline_with_the_best_constant(frame):
    tight = frame[(frame["label"] == "spline S20") & (frame["method"] == "batched_step_search")]
    assert len(tight) and (tight["rounds"] == tight["lower_rounds"]).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("label", "column", "value", "words"),
    [
        ("spline S20", "rounds", 100, "comparisons with a bound fail"),
        ("sharp chain", "lower_rounds", 5, "the sharp chain is"),
    ],
)
def test_the_verdict_can_fail(frame, label, column, value, words):
    study = study_of("chain-tight")
    false = frame.copy()
    false.loc[false["label"] == label, column] = value
    verdict = study.verdict(study, false)
    assert verdict.outcome == "fails" and words in verdict.evidence
