"""The study against the adversary: it holds, and each part of its sentence can fail."""

from dataclasses import replace

import pytest

from experiments.store import Store
from experiments.study import cases_of, frame_of, study_of
from experiments.sweeps import sweep
from oracles import ALGORITHMS

pytestmark = pytest.mark.slow


QUERIES = 1000  # far more than T rounds, which is what the sentence speaks of


@pytest.fixture(scope="module")
def frame(tmp_path_factory):
    """The quick form at the least and the largest width, with fewer queries."""
    store = Store(tmp_path_factory.mktemp("resisting") / "s.sqlite")
    cases = [replace(case, max_queries=QUERIES) for case in cases_of(study_of("resisting"), True) if case.width != 4]
    return frame_of(sweep("resisting", cases, store, progress=False))


def verdict_of(frame):
    study = study_of("resisting")
    return study.verdict(study, frame)


def test_it_holds_for_every_deterministic_method(frame):
    verdict = verdict_of(frame)
    assert verdict.outcome == "holds", verdict.evidence
    resisted = frame[frame["model"] == "resisting_oracle"]
    deterministic = {
        name
        for name, method in ALGORITHMS.items()
        if method.traits.deterministic and not method.samples and "third_order_smoothness" not in method.numbers
        if method.dimensions is None
    }
    assert set(resisted["method"]) == deterministic and set(resisted["lower_rounds_tag"]) == {"derived"}
    assert (resisted["lower_rounds"] == resisted["instance.length"] + 1).all()
    assert resisted["report.disagreement"].max() <= 1e-12
    study = study_of("resisting")
    rounds, certificates = study.tables(study, frame)
    assert "far_probes (as it stands)" in rounds.render("csv") and len(certificates.cells) == len(resisted)
    assert study.panels(study, frame)[0].series


@pytest.mark.parametrize(
    ("where", "values", "words"),
    [
        (("scipy:CG", "resisting_oracle"), {"rounds": 4}, "comparisons with a bound fail: scipy:CG"),
        (("scipy:CG", "resisting_oracle"), {"report.disagreement": 2e-12}, "largest disagreement 2.0e-12"),
        (
            ("scipy:CG", "resisting_oracle"),
            {"status": "exhausted", "rounds": 3, "met": False},
            "2 runs out of dimensions",
        ),
        (("far_probes", "exact"), {"rounds": 3}, "two rounds in 0 of 2"),
    ],
)
def test_it_can_fail(frame, where, values, words):
    rows = frame.copy()
    chosen = (rows["method"] == where[0]) & (rows["model"] == where[1])
    for name, value in values.items():
        rows.loc[chosen, name] = value
    verdict = verdict_of(rows)
    assert verdict.outcome == "fails" and words in verdict.evidence


def test_failed_cases_leave_it_open(frame):
    rows = frame.copy()
    rows.loc[rows["method"] == "armijo", ["status", "met", "message"]] = ["failed", False, "why"]
    verdict = verdict_of(rows)
    assert verdict.outcome == "inconclusive" and "why" in verdict.evidence
