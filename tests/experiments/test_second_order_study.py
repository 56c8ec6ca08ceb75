"""The study of second-order methods, and that its verdict can fail."""

import pytest

from experiments import Store, sweep
from experiments.study import cases_of, frame_of, study_of


@pytest.fixture(scope="module")
def study():
    return study_of("second-order")


@pytest.fixture(scope="module")
def frame(study, tmp_path_factory):
    store = Store(tmp_path_factory.mktemp("second") / "s.sqlite")
    return frame_of(sweep(study.name, cases_of(study, True), store, progress=False))


@pytest.mark.slow
def test_the_quick_form_holds_and_prints(study, frame):
    verdict = study.verdict(study, frame)
    assert verdict.outcome == "holds", verdict.evidence
    growth, units, spline = study.tables(study, frame)
    assert len(units.cells) == 6 and len(growth.cells) == 7 and len(spline.cells) == 2
    assert not growth.cells["method"].str.contains("nan").any() and len(study.panels(study, frame)) == 2


@pytest.mark.slow
def test_constants_do_not_change_with_the_target(frame):
    """rounds epsilon^(3/2) / (D sqrt(rho)) of each method stays within a tenth."""
    chain = frame[frame["instance"] == "carmon_chain_order"]
    unit = 400.0 / chain["target"] ** 1.5
    constants = (chain["rounds"] / unit).groupby([chain["method"], chain["method.regularisation"].fillna(0)])
    assert (constants.max() / constants.min() < 1.1).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("rounds", 3, "comparisons with a bound fail"),
        ("rounds", 10**6, "comparisons with a bound fail"),
        ("met", False, "were not met"),
        ("hit_query", 100_000, "exactly the lower bound at 0 of 5"),
        ("target", 0.1, "exponents"),
    ],
)
def test_the_verdict_can_fail(study, frame, column, value, words):
    false = frame.copy()
    if column == "target":
        false["rounds"] = (10 * false["target"] ** -2.0).round()  # the wrong power
    elif column == "hit_query":
        false.loc[false["instance"] == "slow_cubic", column] = value
    else:
        false.loc[false["instance"] == "carmon_chain_order", column] = value
        if column == "rounds":
            false.loc[false["instance"] == "carmon_chain_order", "hit_query"] = value
    verdict = study.verdict(study, false)
    assert verdict.outcome == "fails" and words in verdict.evidence
