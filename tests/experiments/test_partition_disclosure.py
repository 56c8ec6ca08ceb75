"""The study of random blocks: its numbers, and that its verdict can fail."""

import pytest

from experiments import Store, sweep
from experiments.studies.partition_disclosure import either_seen
from experiments.study import cases_of, frame_of, study_of
from hardinstances.leaks import sparse_leak

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def frame(tmp_path_factory):
    study = study_of("partition-disclosure")
    store = Store(tmp_path_factory.mktemp("partition") / "s.sqlite")
    return frame_of(sweep(study.name, cases_of(study, True), store, progress=False))


def test_the_quick_form_holds_and_prints(frame):
    study = study_of("partition-disclosure")
    assert study.verdict(study, frame).outcome == "holds"
    assert len(study.tables(study, frame)) == 2 and study.panels(study, frame)


@pytest.mark.parametrize(
    ("method", "column", "value", "words"),
    [
        ("random_probes", "report.rounds_beyond_start", 1, "0 of 4 leak rates"),
        ("guess_ahead", "report.last_new_round", 9, "r rounds in 0 of"),
        ("guess_ahead", "report.last_new_round", 16, "fewer in 0 of"),
    ],
)
def test_the_verdict_can_fail(frame, method, column, value, words):
    study = study_of("partition-disclosure")
    false = frame.copy()
    false.loc[false["method"] == method, column] = value
    verdict = study.verdict(study, false)
    assert verdict.outcome == "fails" and words in verdict.evidence


@pytest.mark.parametrize(("block", "support"), [(16, 3), (24, 4)])
def test_one_of_two_links_is_seen_at_most_twice_as_often_as_one(block, support):
    one = sparse_leak(4 * block, block, 2.0, support)
    both = either_seen(block, 2.0, support)
    assert one < both <= 2 * one * (1 + 1e-12)
