"""Certificates: what is false is refuted by a point, what is true never is, and a stored one is verified again."""

from dataclasses import replace

import numpy as np
import pytest

from hardinstances import carmon_chain, chain_two, sharp_chain
from hardinstances.certify import certify, check, provers, read, sharp
from hardinstances.progress import last_above
from oracles import Claim, Claims, InputError, JointCallable, from_callable, norm
from oracles.instances import Instance


def valley(x):
    """Curvature up to 4, down to -2."""
    return float(np.sum(x * x / 2 + 3 * (1 - np.cos(x)))), x + 3 * np.sin(x)


def instance(fun=valley, claims=(), **more):
    claims = Claims(*(Claim(quantity, value, "recalled", "a test") for quantity, value in claims))
    return Instance(name="mine", function=JointCallable(fun), start=np.full(3, 10.0), claims=claims, **more)


def test_a_wrong_smoothness_is_refuted_with_points_that_show_it():
    (finding,) = certify(instance(claims=[("smoothness", 3.9)]), starts=8).on("smoothness")
    assert finding.verdict == "refuted" and 3.9 < finding.lower <= 4 and finding.upper == np.inf
    x, y = finding.witness.points
    assert norm(valley(x)[1] - valley(y)[1]) / norm(x - y) > 3.9


@pytest.mark.slow
def test_a_true_smoothness_stays_open_with_a_bound_from_below():
    (finding,) = certify(instance(claims=[("smoothness", 4.0)]), starts=8).on("smoothness")
    assert finding.verdict == "open" and finding.lower == pytest.approx(4, rel=1e-4) and finding.lower <= 4


@pytest.mark.slow
def test_a_wrong_gap_is_refuted():
    """inf f = 0, at 0."""
    exact = valley(np.full(3, 10.0))[0]
    low, high = certify(instance(claims=[("gap", 0.99 * exact), ("gap", exact)]), starts=8).on("gap")
    assert (low.verdict, high.verdict) == ("refuted", "open")
    start, x = low.witness.points
    assert valley(start)[0] - valley(x)[0] > 0.99 * exact
    assert high.lower == pytest.approx(exact, rel=1e-9)


def test_a_wrong_lipschitz_constant_is_refuted():
    def waves(x):
        return float(np.sin(x).sum()), np.cos(x)

    low, high = certify(instance(waves, [("lipschitz", 1.7), ("lipschitz", 3**0.5)]), starts=8).on("lipschitz")
    assert (low.verdict, high.verdict) == ("refuted", "open") and high.lower == pytest.approx(3**0.5, rel=1e-6)


@pytest.mark.slow
def test_a_wrong_lipschitz_constant_of_the_hessian_is_refuted():
    """|f'''| = 3 |sin x|, 3 at most along one coordinate."""
    low, high = certify(instance(claims=[("hessian_smoothness", 2.8), ("hessian_smoothness", 3.0)]), starts=24).on(
        "hessian_smoothness"
    )
    assert (low.verdict, high.verdict) == ("refuted", "open") and 2.8 < high.lower <= 3


def test_a_wrong_floor_is_refuted_in_a_users_chain_and_in_ours(monkeypatch):
    """The floor of the published chain is 1.34112 at T >= 3, its end not reached."""
    monkeypatch.setattr(provers, "PROVERS", {})  # they have tests of their own
    chain = carmon_chain(length=3, first_link=1.0)
    wrong = replace(chain, claims=Claims(Claim("floor", 1.35, "measured", "a test"), *chain.claims))
    finding, right, published = certify(wrong, starts=8).on("floor")
    assert (finding.verdict, right.verdict != "refuted", published.verdict != "refuted") == ("refuted", True, True)
    (x,) = finding.witness.points
    assert abs(x[2]) <= 0.5 and finding.upper == pytest.approx(1.341168, abs=3e-4)
    _, gradient = wrong.function.evaluate_one(x, True, True)
    assert norm(gradient) < 1.35
    ours = instance(claims=[("floor", 0.5)], progress=last_above(0.0))
    assert certify(ours, starts=8).on("floor")[0].verdict == "refuted"  # 0 is stationary, and no link was reached


@pytest.mark.slow
def test_a_wrong_derivative_is_refuted():
    def off(x):
        value, gradient = valley(x)
        return value, gradient + np.array([0.0, 1e-3, 0.0]) * np.abs(gradient)

    certificate = certify(instance(off), starts=8)
    (finding,) = certificate.on("gradient")
    assert finding.verdict == "refuted" and certificate.refuted
    assert all(one.stands for one in check(certificate, instance(off)))
    assert not all(one.stands for one in check(certificate, instance()))


@pytest.mark.slow
def test_a_wrong_hessian_is_refuted():
    def hess(factor):
        return lambda x: np.diag(1 + factor * 3 * np.cos(x))

    for factor, verdict in ((1.0, "open"), (1.001, "refuted")):
        mine = from_callable(valley, start=np.full(3, 10.0), hess=hess(factor))
        assert certify(mine, starts=8).on("hessian")[0].verdict == verdict


@pytest.mark.slow
def test_a_batch_that_differs_from_its_points_is_refuted():
    def fun(points):
        drift = 1e-15 if points.ndim == 2 and len(points) > 1 else 0.0
        return np.sum(points**2, axis=-1) / 2 + drift, points + drift

    mine = replace(instance(), function=JointCallable(fun, vectorised=True))
    certificate = certify(mine, starts=8)
    assert certificate.on("batch")[0].verdict == "refuted"
    assert all(one.stands for one in check(certificate, mine))
    assert certify(instance(), starts=8).on("batch")[0].verdict == "open"


def test_a_function_that_is_no_zero_chain_is_refuted():
    chain = sharp_chain(length=4)
    wrong = replace(chain, progress=last_above(0.01))  # it feels everything above 0
    certificate = certify(wrong, starts=4)
    assert certificate.on("zero chain")[0].verdict == "refuted"
    assert all(one.stands for one in check(certificate, wrong))


@pytest.mark.slow
@pytest.mark.parametrize("chain", [sharp_chain(length=4), chain_two(length=3)], ids=lambda chain: chain.name)
def test_what_is_claimed_of_ours_is_not_refuted(chain, monkeypatch):
    monkeypatch.setattr(sharp, "HALVINGS", 5)  # its floor is proved elsewhere, with as many as that takes
    certificate = certify(chain, starts=6)
    assert not certificate.refuted
    assert {finding.quantity for finding in certificate.findings} >= {"smoothness", "gap", "gradient", "batch"}
    assert all(one.stands for one in check(certificate, chain))
    for finding in certificate.findings:
        assert finding.lower <= finding.upper and finding.reason


@pytest.mark.slow
def test_a_file_is_read_as_it_was_written(tmp_path):
    mine = instance(claims=[("smoothness", 3.0), ("gap", 1000.0)])
    certificate = certify(mine, starts=4)
    certificate.write(tmp_path / "c.json")
    again = read(tmp_path / "c.json")
    assert again.as_data() == certificate.as_data() and again.refuted
    assert all(one.stands for one in check(again, mine))
    assert (tmp_path / "c.json").stat().st_size < 5000


def test_what_was_tampered_with_does_not_stand():
    mine = instance(claims=[("smoothness", 4.0)])
    certificate = certify(mine, starts=4)
    finding, *others = certificate.findings

    def verdict_of(**changes):
        return check(replace(certificate, findings=(replace(finding, **changes), *others)), mine)[0].stands

    assert verdict_of()
    assert not verdict_of(verdict="proved")
    assert not verdict_of(verdict="refuted")
    assert not verdict_of(lower=4.1)
    assert not verdict_of(upper=4.1)
    assert not verdict_of(witness=replace(finding.witness, points=np.add(finding.witness.points, [[0.3], [0.0]])))
    assert not verdict_of(witness=replace(finding.witness, recipe="|grad f(x1)|"))


def test_a_certificate_of_something_else_is_refused():
    mine = instance(claims=[("smoothness", 4.0)])
    certificate = certify(mine, starts=4)
    with pytest.raises(InputError, match="is not of this"):
        check(certificate, instance(claims=[("smoothness", 4.1)]))
    with pytest.raises(InputError, match="says nothing of the claim on smoothness 4"):
        check(replace(certificate, findings=certificate.findings[1:]), mine)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"findings": [{}]}'])
def test_a_file_that_is_no_certificate_is_refused_in_one_line(tmp_path, text):
    (tmp_path / "c.json").write_text(text)
    with pytest.raises(InputError, match=r"c\.json is no certificate"):
        read(tmp_path / "c.json")
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "nothing.json")


@pytest.mark.slow
def test_a_domain_is_respected():
    def inside(x):
        assert (np.abs(x - 9) <= 2).all()
        return valley(x)

    mine = from_callable(inside, start=np.full(3, 10.0), lower=7, upper=11, smoothness=1.0, gap=1.0)
    certificate = certify(mine, starts=6)
    assert {finding.verdict for finding in certificate.findings if finding.claimed} == {"refuted"}
    for finding in certificate.findings:
        if finding.witness is not None:
            assert (np.abs(finding.witness.points - 9) <= 2).all()
