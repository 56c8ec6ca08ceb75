"""The studies in fixed dimension: their laws, and that their verdicts can fail."""

import numpy as np
import pandas as pd
import pytest

from algorithms import trap1d
from experiments import Store, run, sweep
from experiments.case import perform
from experiments.studies import adversary, one_dimension, rounds_tradeoff, staircase, whole_space
from experiments.study import STUDIES, cases_of, frame_of
from oracles import ALGORITHMS, FAMILIES

TABLES = {  # and panels
    "one-dimension": (2, 1),
    "staircase": (3, 2),
    "rounds-tradeoff": (2, 2),
    "snake": (1, 1),
    "adversary": (2, 2),
    "dimension": (3, 2),
    "whole-space": (5, 2),
}
NAMES = tuple(TABLES)


def swept(cases, folder):
    """The frame of some cases."""
    return frame_of(sweep("some", cases, Store(folder / "s.sqlite"), progress=False))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_quick_form_holds_and_prints(name, tmp_path):
    study = STUDIES[name]
    frame = swept(cases_of(study, True), tmp_path)
    verdict = study.verdict(study, frame)
    assert verdict.outcome == "holds", verdict.evidence
    tables, panels = study.tables(study, frame), study.panels(study, frame)
    assert (len(tables), len(panels)) == TABLES[name]
    assert all(len(table.cells) and table.render("latex") for table in tables)
    assert all(series.x for panel in panels for series in panel.series)


@pytest.mark.parametrize("name", NAMES)
def test_the_cases_are_those_of_registered_instances(name):
    quick, full = (cases_of(STUDIES[name], small) for small in (True, False))
    assert 0 < len(quick) <= len(full)
    for case in quick[:40]:
        FAMILIES[case.instance].instance(case.instance_parameters)


def test_the_exponents_of_k_rounds():
    """Grid for k = 1, trapping in the limit, and the numbers of the page in between."""
    for dimension in (2, 3):
        assert rounds_tradeoff.exponent(dimension, 1) == pytest.approx(dimension)
        assert rounds_tradeoff.exponent(dimension, 60) == pytest.approx((dimension - 1) / 2)
    assert rounds_tradeoff.exponent(2, 2) == pytest.approx(8 / 7)
    assert rounds_tradeoff.exponent(2, 3) == pytest.approx(32 / 37)
    assert rounds_tradeoff.exponent(3, 4) == pytest.approx(81 / 65)
    assert rounds_tradeoff.exponents_verdict().outcome == "holds"


def rows(queries, targets, **columns):
    frame = pd.DataFrame({"target": targets, "queries": queries, "rounds": queries, "met": True, "status": "target"})
    return frame.assign(**columns)


def test_a_wrong_exponent_fails():
    targets = np.geomspace(1e-3, 1e-5, 4)
    frame = rows(90 * targets**-0.5, targets, method="gft", label="", instance="hidden_staircase", K=1)
    fit = staircase.fits(frame)["gft"]
    assert fit.slope == pytest.approx(0.5)
    assert staircase.banded("gft", fit, (0.45, 0.5 + 1e-9)).outcome == "holds"
    assert staircase.banded("gft", fit, (0.4, 0.45)).outcome == "fails"
    assert staircase.banded("gft", None, (0.4, 0.45)).outcome == "inconclusive"
    assert staircase.all_met(frame.assign(met=[True, True, False, True])).outcome == "fails"


def forced(factor, disagreement=0.0):
    targets = np.array([0.1, 0.01])
    parts = [
        rows(np.round(rate / targets**2), targets, method=method, label=one_dimension.DETERMINISTIC)
        for method, rate in (("march", 1.0), ("gradient_descent", factor))
    ]
    report = {"report.disagreement": disagreement, "report.gap": 0.99, "report.smoothness": 1.0}
    return pd.concat(parts, ignore_index=True).assign(**report)


def test_the_adversary_of_one_dimension_is_held_to_its_constants():
    assert one_dimension.forced_verdict(forced(4 / 3)).outcome == "holds"
    assert one_dimension.forced_verdict(forced(1.2)).outcome == "fails"
    assert one_dimension.forced_verdict(forced(4 / 3, disagreement=1e-6)).outcome == "fails"


def test_the_bound_with_values():
    frame = rows([10, 14], [0.03, 0.03], label=one_dimension.VALUES)
    assert one_dimension.most(0.03) == 14 and one_dimension.values_verdict(frame).outcome == "holds"
    assert one_dimension.values_verdict(frame.assign(queries=[10, 15])).outcome == "fails"


def test_values_keep_to_the_logarithm_on_hidden_tents():
    for target in one_dimension.HIDDEN:
        for seed in range(5):
            outcome = run(trap1d, FAMILIES["bump1d"].instance({"target": target, "seed": seed}), engine="python")
            assert outcome.met and outcome.queries <= one_dimension.most(target) <= 3 + np.log2(4 / target**2)


@pytest.mark.slow
def test_chance_brings_one_over_epsilon_on_hidden_tents(tmp_path):
    drawn = [case for case in cases_of(STUDIES["one-dimension"], False) if case.label == one_dimension.RANDOM]
    fit = one_dimension.growth(swept(drawn, tmp_path), one_dimension.RANDOM)
    assert one_dimension.banded("random search", fit, one_dimension.EXPONENTS[one_dimension.RANDOM]).outcome == "holds"


@pytest.mark.parametrize("name", ["projected_gradient_descent", "vavasis", "cut_and_flow", "gft", "lbfgs"])
def test_methods_need_n_queries_against_the_adversary(name):
    """The last step, whose query is the first in the last cell, is charged with N queries up to it."""
    (case,) = (case for case in cases_of(STUDIES["adversary"], True) if case.method == name and ends_small(case))
    outcome, cells = perform(case, seed=0), case.instance_parameters["cells"]
    report, (hit,) = outcome["report"], outcome["hits"]
    assert report["finished"] and report["disagreement"] == 0.0
    assert hit["query"] >= report["steps"][-1][0] >= report["charged"] >= cells


def ends_small(case):
    """The smallest size, on a box where the method needs one."""
    box = "lower" in ALGORITHMS[case.method].numbers
    return case.instance_parameters["cells"] == 4 and case.instance == (adversary.BOX if box else adversary.FREE)


def test_every_deterministic_method_of_the_plane_meets_the_adversary():
    """But for those of second order, of samples, and of constants that a staircase does not have."""
    asked = {case.method for case in cases_of(STUDIES["adversary"], False)}
    plain = {
        name
        for name, record in ALGORITHMS.items()
        if record.traits.deterministic and record.traits.order < 2 and not record.samples and record.dimensions != 1
    }
    assert asked <= plain and {name for name in plain if ALGORITHMS[name].dimensions} <= asked
    for name in plain - asked:
        assert {"hessian_smoothness", "third_order_smoothness"} & set(ALGORITHMS[name].numbers)


def test_an_early_or_an_inconsistent_answer_of_the_adversary_fails():
    frame = pd.DataFrame(
        {
            "method": ["a", "b"],
            "met": True,
            "hit_query": [8.0, 9.0],
            "instance.cells": 8,
            "report.disagreement": 0.0,
            "report.finished": True,
            "report.charged": 8,
        }
    )
    assert adversary.least(frame).outcome == adversary.certificates(frame).outcome == "holds"
    assert adversary.least(frame.assign(hit_query=[7.0, 9.0])).outcome == "fails"
    assert adversary.certificates(frame.assign(**{"report.disagreement": [0.0, 1e-9]})).outcome == "fails"
    assert adversary.certificates(frame.assign(**{"report.charged": [7, 8]})).outcome == "fails"


def test_no_round_of_the_adversary_is_too_wide_to_be_asked():
    """The grid of one round has more points than a round may have, and is asked in parts."""
    widths = {case.width for case in cases_of(STUDIES["adversary"], False) if case.method == "grid_search"}
    assert widths == {adversary.GRID_WIDTH}


def test_the_exponents_of_k_rounds_are_doubled_without_a_domain():
    assert whole_space.planned_verdict().outcome == "holds"
    for dimension in (2, 3):
        assert whole_space.EXPONENTS["kround"][dimension - 2] == 2 * rounds_tradeoff.exponent(dimension, whole_space.K)
        assert whole_space.EXPONENTS["gft"][dimension - 2] == dimension - 1


def test_rounds_that_grow_with_the_wrong_logarithm_fail_without_a_domain():
    """On a box the rounds grow half as fast in 1/epsilon."""
    cells = np.array([4, 8, 16, 32])
    targets = np.array([FAMILIES["free_staircase"].instance({"cells": int(n)}).target for n in cells])
    frame = rows(1.0 / targets, targets, method="gft", **{"instance.cells": cells})
    for per_log, outcome in ((2 * 2.47, "holds"), (2.47, "fails")):
        fit = whole_space.per_log(frame.assign(rounds=10 + per_log * np.log(1 / targets)))
        assert staircase.banded("gft", fit, staircase.PER_LOG).outcome == outcome


def test_the_two_regimes_share_no_study_of_growth():
    families = {
        name: {case.instance for case in cases_of(STUDIES[name], False)} for name in ("dimension", "whole-space")
    }
    assert families == {"dimension": {"hidden_staircase"}, "whole-space": {"free_staircase"}}
