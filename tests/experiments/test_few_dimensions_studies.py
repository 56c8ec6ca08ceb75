"""The studies in fixed dimension: their laws, and that their verdicts can fail."""

import numpy as np
import pandas as pd
import pytest

from experiments.studies import adversary, one_dimension, rounds_tradeoff, staircase
from experiments.study import STUDIES, cases_of
from oracles import FAMILIES

NAMES = ("one-dimension", "staircase", "rounds-tradeoff", "snake", "adversary", "dimension")


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
