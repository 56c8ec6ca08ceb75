"""The study of the hidden tube: its numbers, and that its verdict can fail."""

import pytest

from experiments import Store, sweep
from experiments.studies.hidden_tube import BY_DISTANCE, BY_GAP, FOLLOWED, HITS, clopper_pearson, hit_law, slopes
from experiments.study import cases_of, frame_of, study_of


@pytest.fixture(scope="module")
def frame(tmp_path_factory):
    study = study_of("hidden-tube")
    store = Store(tmp_path_factory.mktemp("tube") / "s.sqlite")
    return frame_of(sweep(study.name, cases_of(study, True), store, progress=False))


@pytest.mark.slow
def test_the_quick_form_holds_and_prints(frame):
    study = study_of("hidden-tube")
    verdict = study.verdict(study, frame)
    assert verdict.outcome == "holds", verdict.evidence
    assert len(study.tables(study, frame)) == 4 and len(study.panels(study, frame)) == 2


def test_the_bound_has_both_exponents(frame):
    fits = slopes(frame)
    assert fits[BY_DISTANCE].slope == pytest.approx(0.5, abs=0.02)
    assert fits[BY_GAP].slope == pytest.approx(1.0, abs=0.02)


def followed(frame, dimension):
    return (frame["label"] == FOLLOWED) & (frame["instance.dimension"] == dimension) & (frame["K"] == 258)


@pytest.mark.parametrize(
    ("rows", "column", "value", "words"),
    [
        (lambda f: (f["label"] == HITS) & (f["instance.dimension"] == 7), "hits", 400, "9 of 12 rates of hits"),
        (lambda f: (f["label"] == HITS) & (f["instance.dimension"] == 3), "hits", 1100, "8 exact laws 0.000"),
        (lambda f: followed(f, 25), "rounds", 16, "N + 1 rounds in 2 of 3 settings"),
        (lambda f: followed(f, 25), "rounds", 18, "N + 1 rounds in 2 of 3 settings"),
        (lambda f: followed(f, 3), "rounds", 17, "fewer in 4 of 5 where luck is likely, least tail probability 0.000"),
        (lambda f: f["label"] == BY_GAP, "lower_rounds", 400, "exponent of N at L = 1, gap 1: 0.00"),
        (lambda f: f["method"] == "batched_step_search", "rounds", 2, "comparisons with a bound fail"),
    ],
)
def test_the_verdict_can_fail(frame, rows, column, value, words):
    study = study_of("hidden-tube")
    false = frame.copy()
    false.loc[rows(false), {"hits": "report.queries_beyond_start"}.get(column, column)] = value
    verdict = study.verdict(study, false)
    assert verdict.outcome == "fails" and words in verdict.evidence, verdict.evidence


@pytest.mark.parametrize("m", [2, 4, 8])
def test_the_laws_stay_below_the_bound(m):
    assert hit_law(m, 5.0) == pytest.approx(5.0**-m, rel=1e-12) and hit_law(m, 4.0) is None
    assert 4.0**-m < hit_law(m, 0.0) < 2.0**-m


def test_the_interval_is_clopper_and_pearson_s():
    """No success in n trials: the upper end is 1 - (level/2)^(1/n)."""
    assert clopper_pearson(0, 50, 0.05) == (0.0, pytest.approx(1 - 0.025 ** (1 / 50), rel=1e-9))
    assert clopper_pearson(50, 50, 0.05) == (pytest.approx(0.025 ** (1 / 50), rel=1e-9), 1.0)
