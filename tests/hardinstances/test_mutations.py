"""Planted defects are all refuted, each for what is wrong with it; nothing that is right is."""

from pathlib import Path

import numpy as np
import pytest

from experiments.resolve import load
from hardinstances import carmon_chain
from hardinstances.certify import certify, check, provers
from hardinstances.certify.curvature import largest_curvature
from hardinstances.certify.probe import Probe
from hardinstances.certify.properties import PROPERTIES
from hardinstances.certify.searches import least_gradient
from oracles import FAMILIES

MUTANTS, true_chain = (
    getattr(load(Path(__file__).with_name("mutants.py")), name) for name in ("MUTANTS", "true_chain")
)
STARTS = 12
LONG = {"smoothness", "hessian_smoothness", "floor", "gradient"}  # searches that take a second each
QUICK = {
    "wrong_in_a_thin_set",
    "wrong_elsewhere_in_a_thin_set",
    "a_value_that_jumps",
    "wrong_just_above_the_threshold",
    "the_gradient_of_another_width",
}
EASY = {"carmon_chain", "gate_chain", "sharp_chain", "slow_cubic"}
MOODY = {"answers_that_differ_now_and_then", "answers_that_tire"}  # not the same again by their nature


def marked(name):
    long = MUTANTS[name][0] in LONG and name not in QUICK
    return pytest.param(name, marks=pytest.mark.slow) if long else name


@pytest.fixture(autouse=True)
def searches_alone(monkeypatch):
    """The provers have tests of their own."""
    monkeypatch.setattr(provers, "PROVERS", {})


def test_there_are_many():
    assert len(MUTANTS) >= 40


@pytest.mark.parametrize("name", [marked(name) for name in MUTANTS])
def test_it_is_refuted(name):
    quantity, make = MUTANTS[name]
    finding = certify(make(), starts=STARTS, only={quantity}).on(quantity)[0]
    assert finding.verdict == "refuted", finding.reason


@pytest.mark.slow
@pytest.mark.parametrize("name", [*MUTANTS][::5])
def test_it_is_refuted_by_a_certificate_that_stands(name):
    quantity, make = MUTANTS[name]
    mutant = make()
    certificate = certify(mutant, starts=STARTS // 2, seed=1)
    assert certificate.on(quantity)[0].verdict == "refuted"
    checked = [one for one in check(certificate, mutant) if one.finding.quantity == quantity]
    assert checked[0].stands or name in MOODY, checked[0].why


def refuted(instance, certificate):
    """What is refuted of what somebody stands for; numbers from memory may be wrong."""
    recalled = {(claim.quantity, claim.value) for claim in instance.claims if claim.tag == "recalled"}
    wrong = [one for one in certificate.findings if one.verdict == "refuted"]
    return [(one.quantity, one.claimed, one.reason) for one in wrong if (one.quantity, one.claimed) not in recalled]


@pytest.mark.parametrize("name", sorted(EASY))
def test_no_property_of_ours_is_refuted(name):
    instance = FAMILIES[name].instance(FAMILIES[name].example)
    assert not refuted(instance, certify(instance, starts=4, only=PROPERTIES))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_nothing_of_ours_is_refuted(name):
    instance = FAMILIES[name].instance(FAMILIES[name].example)
    assert not refuted(instance, certify(instance, starts=8))


def test_what_is_right_in_python_is_not_refuted():
    assert not certify(true_chain(), starts=6, only={"gap", *PROPERTIES}).refuted


@pytest.mark.parametrize("length", [5, pytest.param(20, marks=pytest.mark.slow)])
def test_the_search_reaches_the_curvature_of_the_chain(length):
    """134.0239 is proved, and 134.0238 is met."""
    found = largest_curvature(Probe(carmon_chain(length=length)))
    assert 134.02 <= found.value <= 134.0239


@pytest.mark.slow
@pytest.mark.parametrize(("first_link", "floor"), [(np.e, 3.38301), (1.0, 1.34113)])
def test_the_search_reaches_the_floor_of_the_chain(first_link, floor):
    found = least_gradient(Probe(carmon_chain(length=8, first_link=first_link), many=6), 8)
    assert floor * (1 - 1e-5) <= found.value <= floor * (1 + 1e-3)
