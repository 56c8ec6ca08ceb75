"""J from claims and from proofs, in `show` and in the study."""

import math

import pytest

from experiments.binding import bind, unclaimed
from experiments.constants import constants_of
from experiments.present import describe, description
from experiments.studies import sharp_constants
from experiments.studies.sharp_constants import Proved, cases, claimed, constants_verdict
from oracles import ALGORITHMS, FAMILIES, ExactModel
from oracles.claims import Claim, Claims


def test_constants_of_chains():
    """1824 as published: 12 * 152 / 1; 131.56 for k = e, 29/6 for the sharp chain in the limit."""
    assert claimed("chain I, published").value == pytest.approx(1824.0)
    assert claimed("chain I, k = e").value == pytest.approx(131.56, abs=0.01)
    sharp, proved = constants_of(FAMILIES["sharp_chain"], {"length": 7})
    assert sharp.value == pytest.approx(29 / 6, rel=1e-3) and sharp.tag == "measured"
    assert 4.85 < proved.value < 4.87 and proved.tag == "proved"
    scaled = constants_of(FAMILIES["sharp_chain"], {"length": 7, "smoothness": 3.0, "target": 0.2})
    assert scaled[0].value == pytest.approx(sharp.value, rel=1e-7)
    assert scaled[0].rounds(100 * sharp.value * 1.001) == 100
    assert constants_of(FAMILIES["quadratic"], {"dimension": 3}) == []


def test_show_prints_the_constant():
    text = description(describe(FAMILIES["sharp_chain"], {"length": 5}))
    assert "0.3 * 1 / 0.24913^2 = 4.8336, measured" in text and "= 4.8581, proved" in text
    assert "J = " not in description(describe(FAMILIES["sawtooth"], {}))


def test_the_verdict_says_which_constant_is_missing(monkeypatch):
    known = {"sharp chain": Proved(0.3, 1.0, 0.2457)}
    monkeypatch.setattr(sharp_constants, "proved", lambda name: known.get(name, Proved(1.0, None, None)))
    told = constants_verdict()
    assert told.outcome == "inconclusive" and "inf is proved of nothing" in told.evidence and "4.969" in told.evidence
    known["spline R6"] = Proved(0.1283, 1.0, 0.1305)
    assert constants_verdict().outcome == "holds"
    known["spline R12"] = Proved(0.1, 1.0, 1.0)
    assert constants_verdict().outcome == "fails"
    assert Proved(0.3, 1.0, 0.0).constant is None and sharp_constants.number(math.inf) == "open"


def test_its_cases_are_of_one_class():
    for case in cases(True):
        claims = FAMILIES[case.instance].instance(case.instance_parameters).claims
        assert claims.value("smoothness") <= 1 + 1e-9 and claims.value("gap") <= case.instance_parameters["gap"]


def test_customary_numbers_are_for_methods_alone():
    valley, descent = FAMILIES["chained_rosenbrock"].instance({"dimension": 4}), ALGORITHMS["gradient_descent"]
    assert valley.claims.default("smoothness") is None and not unclaimed(descent, valley)
    numbers = bind(descent, valley, {}, target=0.1, width=None, seed=0, model=ExactModel(valley, width=None))
    assert numbers["smoothness"] == 1500.0
    both = Claims(Claim("customary_smoothness", 3.0, "recalled", ""), Claim("smoothness", 2.0, "derived", ""))
    assert both.for_methods()["smoothness"] == 2.0
