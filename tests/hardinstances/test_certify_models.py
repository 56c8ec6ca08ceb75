"""Certificates of oracles: planted defects are refuted, what is registered never is, and certificates stand again."""

from dataclasses import replace

import numpy as np
import pytest

from hardinstances import carmon_chain, cosine_mixture, zero_chain_noise
from hardinstances.certify import read
from hardinstances.certify.models import Subject, certify_model, check_model, law_at, sampling, searching, transcripts
from hardinstances.hidden_frame import HiddenFrame
from hardinstances.resisting import Resisting
from hardinstances.robust_chain import robust_chain
from hardinstances.zero_chain_noise import ZeroChainNoise
from oracles import MODELS, Answer, Claim, Claims, InputError, OracleModel, Request
from oracles.finite_sums import ComponentModel
from oracles.noise import GaussianNoise

CHAIN = carmon_chain(length=3)
MIXTURE = cosine_mixture(dimension=3, components=4)
STARTS = 2


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Short searches and few samples."""
    monkeypatch.setattr(searching, "TRIES", 8)
    monkeypatch.setattr(sampling, "SMALL", 8)
    monkeypatch.setattr(sampling, "BATCH", 32)
    monkeypatch.setattr(transcripts, "ROUNDS", 12)


def normal(kind=GaussianNoise, claimed=0.5, spread=0.5):
    """Noise of a kind with these claims; on a mixture of 12 dimensions."""

    def make(instance, width, rng):
        model = kind(instance, width, rng, spread=spread / np.sqrt(instance.dimension), fresh=True)
        model.claims = Claims(*(Claim(name, claimed, "recalled", "a test") for name in ("noise", "least_noise")))
        return model

    return OracleModel("mine", make)


def bits(kind, chance=0.25, fresh=False, claimed=None):
    """Zero-chain noise of a kind with the claims of the right one."""

    def make(instance, width, rng):
        right = zero_chain_noise(instance, width, rng, chance=claimed or chance)
        model = kind(instance, width, rng, chance=chance, smooth=False, fresh=fresh)
        model.numbers, model.claims = right.numbers, right.claims
        return model

    return OracleModel("mine", make)


def components(kind=ComponentModel):
    return OracleModel("mine", lambda instance, width, rng: kind(instance, instance.finite_sum, width, rng, fresh=True))


def verdicts(instance, kind, **parameters):
    """The quantities that are refuted; the certificate is read again and must stand."""
    certificate = certify_model(instance, kind, parameters, starts=STARTS)
    assert not [(one.finding.quantity, one.why) for one in check_model(certificate, instance, kind) if not one.stands]
    return {finding.quantity for finding in certificate.findings if finding.verdict == "refuted"}


# Planted defects.


class Pushed(GaussianNoise):
    def disturb(self, point, gradient, sample):
        super().disturb(point, gradient, sample)
        gradient[0] += 0.01 * self.spread


def test_a_biased_normal_noise_is_refuted():
    assert "unbiased" in verdicts(MIXTURE, normal(Pushed))


def test_a_variance_that_is_two_percent_off_is_refuted_either_way():
    root = 0.5 * np.sqrt(1.02)
    assert verdicts(MIXTURE, normal(spread=root)) == {"noise"}
    assert verdicts(MIXTURE, normal(claimed=root)) == {"least_noise"}


class OddSource(GaussianNoise):
    """Its generator is scaled where nobody can tell it what to give."""

    draws = None

    def disturb(self, point, gradient, sample):
        scale, rng = self.off, np.random.default_rng([1, sample.first])
        gradient += scale * self.spread * rng.standard_normal(len(gradient)) + self.shift


def odd(off, shift):
    """The law of such a model cannot be enumerated: only the samples can tell."""

    class Odd(OddSource):
        pass

    def make(instance, width, rng):
        model = normal(Odd).make(instance, width, rng)
        model.off, model.shift = off, shift
        seen = model.draws
        model.answer = lambda request: answer(model, seen, request)
        model.draws = None
        return model

    def answer(model, seen, request):
        model.draws = seen
        try:
            return Odd.answer(model, request)
        finally:
            model.draws = None

    return OracleModel("mine", make)


@pytest.mark.slow
def test_samples_alone_refute_a_bias_and_a_variance_and_nothing_else(monkeypatch):
    monkeypatch.setattr(sampling, "BATCH", 512)
    instance = cosine_mixture(dimension=12)
    assert verdicts(instance, odd(1.0, 0.0)) == set()
    assert "mean of samples" in verdicts(instance, odd(1.0, 0.02))
    assert verdicts(instance, odd(np.sqrt(1.02), 0.0)) == {"squares of samples"}


class Leaky(ZeroChainNoise):
    """Shows the coordinate with probability 1.02 p, scaled so that it is unbiased."""

    def __init__(self, *args, chance, **more):
        super().__init__(*args, chance=1.02 * chance, **more)


def test_a_leak_of_two_percent_is_refuted_and_nothing_else_is():
    assert verdicts(CHAIN, bits(Leaky)) == {"chance"}


class Unscaled(ZeroChainNoise):
    def factor(self, share, bit):
        return super().factor(share, bit) * 1.001


class Further(ZeroChainNoise):
    """Shows the coordinate after the next one, with mean 0."""

    def disturb(self, point, gradient, sample):
        super().disturb(point, gradient, sample)
        place, _ = self.frontier(point)
        if place + 1 < self.dimension:
            gradient[place + 1] = 1e-3 * gradient[place] * (1 if self.chance == 1 else 0.5)


@pytest.mark.slow
def test_a_wrong_factor_and_a_coordinate_too_many_are_refuted():
    assert "unbiased" in verdicts(CHAIN, bits(Unscaled))
    assert "probability zero chain" in verdicts(CHAIN, bits(Further))


class Forgetful(GaussianNoise):
    """Does not keep to the sample that is named."""

    count = 0

    def disturb(self, point, gradient, sample):
        type(self).count += 1
        super().disturb(point, gradient, sample._replace(second=self.count))


def test_a_sample_that_does_not_come_again_is_refuted():
    certificate = certify_model(MIXTURE, normal(Forgetful), starts=STARTS)
    assert certificate.on("repeatable")[0].verdict == "refuted"


class Missing(ComponentModel):
    """The last component is never answered for."""

    def _components(self, request):
        return np.minimum(super()._components(request), self.components - 2)


class Uneven(ComponentModel):
    """Draws the first component too often; those that are named are right."""

    def _components(self, request):
        drawn = super()._components(request)
        return drawn if request.samples is not None else np.where(drawn == 1, 0, drawn)


def test_a_missing_component_and_an_uneven_draw_are_refuted():
    assert {"unbiased", "mean of components"} <= verdicts(MIXTURE, components(Missing))
    assert verdicts(MIXTURE, components(Uneven)) == {"unbiased"}


@pytest.mark.parametrize("quantity", ["component_smoothness", "mean_squared_smoothness"])
def test_a_claim_on_components_that_is_one_percent_too_small_is_refuted(quantity):
    """With one component the bounds are attained."""
    one = cosine_mixture(dimension=2, components=1)
    kept = [claim for claim in one.finite_sum.claims if claim.quantity == quantity]
    low = Claims(*(replace(claim, value=0.99 * claim.value) for claim in kept))
    assert verdicts(one, components()) == set()
    assert verdicts(replace(one, finite_sum=replace(one.finite_sum, claims=low)), components()) == {quantity}


def resists(kind=Resisting, frame=HiddenFrame):
    def make(instance, width, rng):
        return kind(robust_chain(instance), width, frame(30, instance.dimension, rng))

    return OracleModel("mine", make)


class Inconsistent(Resisting):
    """Answers the first three rounds for another height."""

    asked = 0

    def answer(self, request):
        self.asked += 1
        answer = super().answer(request)
        return Answer(answer.values, answer.gradients * (1 + 1e-9 * (self.asked == 2)))


class Skewed(HiddenFrame):
    """The second column leans towards the first."""

    def unseen(self):
        direction = super().unseen()
        return direction if self.revealed != 1 else direction + 1e-10 * self.columns[0]


class Careless(HiddenFrame):
    """Does not keep new columns away from what was asked."""

    def include(self, points):
        pass


def test_adversaries_that_do_not_keep_their_word_are_refuted():
    assert verdicts(CHAIN, resists()) == set()
    assert verdicts(CHAIN, resists(kind=Inconsistent)) == {"consistent"}
    assert "orthonormal" in verdicts(CHAIN, resists(frame=Skewed))
    assert "consistent" in verdicts(CHAIN, resists(frame=Careless))


def test_an_adversary_that_shows_its_last_column_early_is_refuted():
    class Eager(Resisting):
        def _along(self, points):
            self._frame.include(points)
            while not self._frame.complete:
                self._frame.reveal()
            return self._frame.coordinates(points)

    def rush(subject, kind):  # asks along the columns that it is shown, all at once
        model = kind.model(subject.instance, None, np.random.default_rng(0), {})
        every = np.ones(1, dtype=bool)
        model.answer(Request(np.zeros((1, model.dimension)), every, every, 1))
        model.answer(Request(3 * model.model.columns.sum(axis=0)[None], every, every, 2))

    certificate = certify_model(CHAIN, resists(kind=Eager), players={"rush": rush})
    assert certificate.on("one link a round")[0].verdict == "refuted"


# What is registered.


@pytest.mark.parametrize(
    ("instance", "kind", "numbers"),
    [
        (CHAIN, "zero_chain_noise", {"chance": 0.3}),
        (CHAIN, "zero_chain_noise", {"noise": 2.0, "rotation": "haar", "dimension": 5}),
        (CHAIN, "smoothed_zero_chain_noise", {"noise": 20.0}),
        (MIXTURE, "gaussian_noise", {"deviation": 0.2}),
        (MIXTURE, "components", {}),
        (CHAIN, "resisting_oracle", {"eager": True}),
    ],
)
def test_what_is_registered_is_not_refuted_and_read_again(tmp_path, instance, kind, numbers):
    certificate = certify_model(instance, MODELS[kind], numbers, starts=STARTS)
    assert not certificate.refuted and certificate.oracle == kind
    certificate.write(tmp_path / "c.json")
    again = read(tmp_path / "c.json")
    assert again.text() == certificate.text()
    assert all(one.stands for one in check_model(again, instance, MODELS[kind]))


@pytest.mark.slow
def test_what_closed_forms_prove():
    noise = certify_model(CHAIN, MODELS["zero_chain_noise"], {"chance": 0.25}, starts=STARTS)
    assert {one.quantity for one in noise.findings if one.verdict == "proved"} == {
        "noise",
        "chance",
        "unbiased",
        "probability zero chain",
    }
    mixture = certify_model(MIXTURE, MODELS["components"], starts=STARTS)
    assert all(one.verdict == "proved" for one in mixture.findings if one.claimed is not None)
    normal_law = certify_model(MIXTURE, MODELS["gaussian_noise"], {"deviation": 0.3}, starts=STARTS)
    for quantity in ("noise", "least_noise"):
        (finding,) = normal_law.on(quantity)
        assert finding.verdict == "proved" and finding.lower == pytest.approx(0.3) == finding.upper


# The exact law itself.


def test_the_law_of_a_bit_is_met_to_the_last_digit():
    chance, x = 0.3, np.array([0.6, 0.1, 0.0])
    law = law_at(Subject(CHAIN, MODELS["zero_chain_noise"], {"chance": chance}), x)
    assert law.edges.tolist() == [0.0, chance, 1.0]
    truth = CHAIN.function.evaluate(x[None], np.ones(1, bool), np.ones(1, bool))[1][0]
    shown, hidden = law.gradients
    assert shown[1] == pytest.approx(truth[1] / chance, rel=1e-15) and hidden[1] == 0
    assert law.second_moment(truth) == pytest.approx(truth[1] ** 2 * (1 - chance) / chance, rel=1e-13)


def test_the_same_sample_at_two_points_is_one_number_or_two():
    """By hand: at one frontier the same bit, at two frontiers two bits."""
    subject = Subject(CHAIN, MODELS["zero_chain_noise"], {"chance": 0.5})
    x, y, z = np.array([0.6, 0.1, 0.0]), np.array([0.7, 0.0, 0.0]), np.array([0.6, 0.6, 0.0])
    grad = dict(
        zip("xyz", CHAIN.function.evaluate(np.stack([x, y, z]), np.ones(3, bool), np.ones(3, bool))[1], strict=True)
    )
    one, same, other = (law_at(subject, point) for point in (x, y, z))
    shift = grad["x"] - grad["y"]
    assert one.between(same) == pytest.approx(shift @ shift + shift[1] ** 2, rel=1e-12)
    shift = grad["x"] - grad["z"]
    assert one.between(other) == pytest.approx(shift @ shift + grad["x"][1] ** 2 + grad["z"][2] ** 2, rel=1e-12)


def test_the_law_of_normal_noise_has_its_slope():
    law = law_at(Subject(MIXTURE, MODELS["gaussian_noise"], {"deviation": 0.3}), np.ones(3))
    assert law.slope == pytest.approx(0.3 / np.sqrt(3) * np.eye(3), rel=1e-9, abs=1e-12)


# What does not stand.


def test_what_was_tampered_with_does_not_stand():
    kind = MODELS["components"]
    certificate = certify_model(MIXTURE, kind, starts=STARTS)
    finding, *others = certificate.findings

    def stands(**changes):
        return check_model(replace(certificate, findings=(replace(finding, **changes), *others)), MIXTURE, kind)[
            0
        ].stands

    assert stands()
    assert not stands(verdict="open") and not stands(verdict="refuted")
    assert not stands(lower=1.1 * finding.lower) and not stands(upper=0.9 * finding.upper)
    assert not stands(proofs=(replace(finding.proofs[0], value=0.9 * finding.upper),))
    assert not stands(proofs=(replace(finding.proofs[0], prover="mean of a law"),))
    with pytest.raises(InputError, match="is not of this components"):
        check_model(certificate, cosine_mixture(dimension=3, components=5), kind)
    with pytest.raises(InputError, match="says nothing of the claim on component_smoothness"):
        check_model(replace(certificate, findings=tuple(others)), MIXTURE, kind)


def test_an_oracle_that_asserts_nothing_is_refused():
    with pytest.raises(InputError, match="exact asserts nothing"):
        certify_model(CHAIN, MODELS["exact"])
