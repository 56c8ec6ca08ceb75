"""The study of rounds against the width: it holds, and each part of its sentence can fail."""

import pytest

from experiments import Store, sweep
from experiments.study import cases_of, frame_of, study_of

STUDY = "rounds-versus-width"


@pytest.fixture(scope="module")
def frame(tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("widths") / "s.sqlite")
    return frame_of(sweep(STUDY, cases_of(study_of(STUDY), True), store, progress=False))


@pytest.mark.slow
def test_the_quick_form_holds_and_prints(frame):
    study = study_of(STUDY)
    verdict = study.verdict(study, frame)
    assert verdict.outcome == "holds", verdict.evidence
    assert [len(table.cells) for table in study.tables(study, frame)] == [5, 5]
    assert len(study.panels(study, frame)) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "width", "rounds", "words"),
    [
        ("lazy_cubic_newton", 1, 20_000, "lazy_cubic_newton as K^-0.8"),
        ("lazy_cubic_newton", 42, 1, "then 650, 1"),
        ("parallel_cubic_newton", 108, 50, "in 50 rounds, below 41"),
        ("picard", 42, 5000, "picard 0.50"),
        ("batched_step_search", 108, 20, "comparisons with a bound fail"),
    ],
)
def test_the_verdict_can_fail(frame, method, width, rounds, words):
    study = study_of(STUDY)
    false = frame.copy()
    false.loc[(false["method"] == method) & (false["K"] == width), "rounds"] = rounds
    verdict = study.verdict(study, false)
    assert verdict.outcome == "fails" and words in verdict.evidence, verdict.evidence
