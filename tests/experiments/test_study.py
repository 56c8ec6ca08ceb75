"""A verdict can fail, and says why; tables never average a run that its budget ended."""

import pandas as pd
import pytest

from experiments import Case, Study, Verdict
from experiments.growth import cell, curves_of, fit_of, growth_table
from experiments.study import cases_of, frame_of
from experiments.verdicts import bounds_verdict, exponent_verdict, worst_of
from oracles import InputError

ROW = {"label": "", "instance": "i", "method": "m", "K": 1, "met": True, "status": "target", "hit_query": 5}


def frame(*rows):
    return pd.DataFrame([ROW | {"target": 1.0, "rounds": 5, "queries": 5} | row for row in rows])


def growing(exponent, points=4):
    rows = [{"target": 2.0**-k, "rounds": round(1000 * 2 ** (exponent * k)), "queries": 1} for k in range(points)]
    return frame(*rows)


def test_a_count_below_its_lower_bound_fails():
    lower = {"lower_rounds": 6.0, "lower_rounds_tag": "derived"}
    assert bounds_verdict(frame(lower | {"lower_rounds": 5.0})).outcome == "holds"
    broken = bounds_verdict(frame(lower))
    assert broken.outcome == "fails" and "5 rounds < 6" in broken.evidence
    assert bounds_verdict(frame({})) is None
    assert bounds_verdict(frame(lower | {"met": False})) is None, "an unmet target contradicts no lower bound"
    assert bounds_verdict(frame(lower | {"hit_query": None})) is None, "nor does a point that was never asked for"
    assert bounds_verdict(frame(lower | {"lower_rounds_tag": "recalled"})) is None, "what is recalled does not judge"


def test_a_count_above_its_upper_bound_fails_even_if_unmet():
    upper = {"upper_queries": 4.0, "upper_queries_tag": "derived"}
    assert bounds_verdict(frame(upper)).outcome == "fails"
    assert bounds_verdict(frame(upper | {"upper_queries": 5.0})).outcome == "holds"
    assert bounds_verdict(frame(upper | {"met": False, "status": "budget", "hit_query": None})).outcome == "fails"
    assert bounds_verdict(frame(upper | {"upper_queries_tag": "recalled"})) is None


@pytest.mark.parametrize(("exponent", "outcome"), [(2.0, "holds"), (2.05, "holds"), (1.8, "fails"), (2.3, "fails")])
def test_exponents(exponent, outcome):
    verdict = exponent_verdict(growing(exponent), "target", "rounds", 2.0, 0.1)
    assert verdict.outcome == outcome and f"{exponent:.2f}" in verdict.evidence
    assert exponent_verdict(growing(2.0, points=2), "target", "rounds", 2.0, 0.1).outcome == "inconclusive"
    assert exponent_verdict(growing(2.0), "target", "rounds", None, 0.1) is None


def test_scattered_points_decide_nothing():
    scattered = frame(*[{"target": 2.0**-k, "rounds": n} for k, n in enumerate((100, 900, 700, 9000))])
    assert exponent_verdict(scattered, "target", "rounds", 2.0, 0.1).outcome == "inconclusive"


def test_the_worst_verdict_decides():
    holds, fails, vague = Verdict("holds", "a"), Verdict("fails", "b"), Verdict("inconclusive", "c")
    assert worst_of(holds, vague).outcome == "inconclusive" and worst_of(vague, fails, holds).outcome == "fails"
    assert worst_of(holds, None) == holds and worst_of(None).outcome == "inconclusive"


def test_cells_and_fits_of_runs_that_did_not_end_well():
    rows = growing(2.0)
    rows.loc[3, ["met", "status"]] = [False, "budget"]
    assert cell(rows.loc[0], "rounds") == "1000" and cell(rows.loc[3], "rounds") == "> 64000"
    rows.loc[2, ["met", "status"]] = [False, "failed"]
    assert cell(rows.loc[2], "rounds") == "failed"
    assert fit_of(rows, "target", "rounds") is None, "only what was met is fitted"
    cells = growth_table("t", rows, "target", "rounds", 2.0).cells
    assert cells.loc[1, "eps=0.25"] == "failed" and cells.loc[1, "eps=0.125"] == "> 64000"
    assert cells.loc[1, "exponent in 1/eps"] == "too few" and cells.loc[0, "exponent in 1/eps"] == "theory: 2"


def test_a_failed_case_stays_in_the_frame():
    case = Case("carmon_chain", "armijo", {"length": 3}, targets=(1.0, 0.5), label="x")
    result = {"instance": "carmon_chain", "method": "armijo", "status": "failed", "message": "m", "targets": [1.0, 0.5]}
    rows = frame_of([result | {"case": case.as_dict()}])
    assert len(rows) == 2 and not rows["met"].any() and set(rows["status"]) == {"failed"}


def test_curves_of_different_parameters_are_kept_apart():
    rows = [
        {"method.step": step, "rounds": n / step, "target": t} for step in (0.1, 1.0) for n, t in ((4, 1.0), (16, 0.5))
    ]
    curves = curves_of(frame(*rows), "target")
    assert [(name, len(group)) for name, _, group in curves] == [("m (step=0.1)", 2), ("m (step=1)", 2)]
    along = frame(*[{"instance.target": t, "target": t} for t in (1.0, 0.5)])
    assert [(name, len(group)) for name, _, group in curves_of(along, "target")] == [("m", 2)]
    labelled = frame({"label": "a"}, {"label": "b"})
    assert [name for name, _, _ in curves_of(labelled, "target")] == ["m (a)", "m (b)"]


def test_failed_cases_are_told_and_decide_nothing():
    case = Case("carmon_chain", "armijo", {"length": -1})
    bad = {"instance": "carmon_chain", "method": "armijo", "status": "failed", "message": "why", "targets": []}
    rows = frame_of([bad | {"case": case.as_dict()}])
    study = Study("s", "s", lambda quick: [case], exponent=2.0)
    assert study.verdict(study, rows).outcome == "inconclusive" and "why" in study.verdict(study, rows).evidence
    assert "armijo" in study.tables(study, rows)[0].render("csv")
    with pytest.raises(InputError, match="no case has that parameter; did you mean 'length'"):
        cases_of(Study("s", "s", lambda quick: [case], x="instance.lenght"), False)


def test_a_study_must_yield_cases():
    with pytest.raises(InputError, match="has no cases"):
        cases_of(Study("s", "", lambda quick: []), False)
    with pytest.raises(InputError, match="yielded int, not a Case"):
        cases_of(Study("s", "", lambda quick: [3]), False)


def test_a_function_of_no_file_cannot_be_a_case():
    with pytest.raises(InputError, match="define it in a file"):
        Case("carmon_chain", lambda oracle, x0: None)
