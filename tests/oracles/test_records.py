import math

import numpy as np
import pytest

import algorithms  # noqa: F401
from oracles import ALGORITHMS, Bound, Claim, Claims, InputError, Scope, Traits, inner, norm, norms, tightest
from oracles.goals import checked_targets


def test_the_first_claim_is_the_default_and_all_are_kept():
    claims = Claims(Claim("gap", 2.0, "measured", "a"), Claim("gap", 3.0, "published", "b"))
    assert claims.value("gap") == 2.0
    assert [claim.value for claim in claims.on("gap")] == [2.0, 3.0]
    with pytest.raises(InputError, match="no claim on smoothness; there are claims on: gap"):
        claims.value("smoothness")


def test_claims_scale_as_the_function_does():
    claims = Claims(*(Claim(q, 1.0, "derived", "") for q in ("smoothness", "hessian_smoothness", "gap", "floor")))
    scaled = claims.scaled(height=6.0, width=2.0)
    assert scaled.defaults() == {"smoothness": 1.5, "hessian_smoothness": 0.75, "gap": 6.0, "floor": 3.0}
    with pytest.raises(InputError, match="not known how"):
        Claims(Claim("charm", 1.0, "derived", "")).scaled(height=1.0, width=1.0)


def test_a_tag_is_one_of_five():
    with pytest.raises(InputError, match="unknown tag 'certain'"):
        Claim("gap", 1.0, "certain", "")


def bound(value, tag="derived", **options):
    return Bound("lower", "rounds", "", lambda numbers: value, "", tag, **options)


def test_a_bound_without_its_numbers_says_nothing():
    needs = Bound("upper", "queries", "", lambda numbers: numbers["gap"], "", "derived")
    assert needs.value({}) is None and needs.value({"gap": 2.0}) == 2.0


def test_the_tightest_bound_and_then_the_best_tag():
    assert tightest([bound(3.0), bound(5.0), bound(None)], {}, {}).value == 5.0
    assert tightest([bound(5.0, "measured"), bound(5.0, "published")], {}, {}).tag == "published"
    upper = [Bound("upper", "rounds", "", lambda numbers, v=v: v, "", "derived") for v in (4.0, 2.0)]
    assert tightest(upper, {}, {}).value == 2.0
    assert tightest([], {}, {}) is None


def test_a_bound_is_no_more_trustworthy_than_the_claims_it_uses():
    uses_gap = Bound("upper", "queries", "", lambda numbers: numbers["gap"], "", "published")
    tags = {"gap": "measured", "smoothness": "recalled"}
    assert uses_gap.applied({"gap": 2.0, "smoothness": 1.0}, tags).tag == "measured"
    assert uses_gap.applied({"gap": 2.0}, {}).tag == "published"
    divides = Bound("upper", "queries", "", lambda numbers: 1 / numbers["gap"], "", "published")
    assert divides.value({"gap": 0.0}) is None


def test_a_scope_holds_only_its_class():
    respecting = Traits(zero_respecting=True, deterministic=True)
    assert Scope("zero-respecting").covers(respecting, 10)
    assert not Scope("zero-respecting").covers(Traits(deterministic=True), 1)
    assert not Scope("deterministic").covers(Traits(), 1)
    assert not Scope("all", width=1).covers(respecting, 2)
    assert not Scope("all", order=1).covers(Traits(order=2), 1)


def test_a_scope_may_hold_one_method_alone():
    scope = Scope(method="gradient_descent", width=1)
    assert scope.covers(ALGORITHMS["gradient_descent"].traits, 1)
    assert not scope.covers(ALGORITHMS["heavy_ball"].traits, 1)
    assert not scope.covers(ALGORITHMS["gradient_descent"].traits, 2)
    assert not scope.covers(Traits(zero_respecting=True, deterministic=True), 1)


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf, 1e-151, []])
def test_bad_targets(bad):
    with pytest.raises(InputError, match="target"):
        checked_targets(bad)


def test_targets_are_sorted_and_unique():
    assert checked_targets([0.1, 1.0, 0.1]) == (1.0, 0.1)


def test_norms_do_not_overflow_or_underflow(rng):
    vector = rng.standard_normal(37)
    assert norm(vector) == pytest.approx(np.linalg.norm(vector), rel=1e-15)
    for scale in (1e200, 1e-200, 1e-300):
        assert norm(vector * scale) == pytest.approx(np.linalg.norm(vector) * scale, rel=1e-14)
    assert norm(np.array([np.inf, 1.0])) == np.inf and np.isnan(norm(np.array([np.nan, 1.0])))
    assert norm(np.zeros(3)) == 0.0
    rows = rng.standard_normal((4, 37))
    assert norms(rows).tolist() == [norm(row) for row in rows]
    assert inner(rows[0], rows[1]) == pytest.approx(rows[0] @ rows[1], rel=1e-13)
