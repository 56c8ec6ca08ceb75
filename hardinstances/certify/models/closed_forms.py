"""What closed forms prove of kinds of answers that are known by their type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from flint import arb

from hardinstances.certify import provers
from hardinstances.certify.chain_one import chain_of
from hardinstances.certify.enclosures import E, above
from hardinstances.certify.finding import Proof
from hardinstances.certify.models.subject import Subject
from hardinstances.turned_model import TurnedModel
from hardinstances.zero_chain_noise import ZeroChainNoise
from oracles import Model
from oracles.models import ExactModel
from oracles.noise import GaussianNoise

Prove = Callable[[Subject], Proof | None]


@dataclass(frozen=True)
class ModelProver:
    """One argument about one kind of answers; to verify is to prove again, with the `data` of what it rests on."""

    name: str
    quantity: str
    prove: Prove
    verify: Callable[[Subject, Mapping[str, Any]], Proof | None]


MODEL_PROVERS: dict[str, ModelProver] = {}


def model_prover(quantity: str, name: str) -> Callable[[Prove], Prove]:
    """Register a closed form."""

    def register(prove: Prove) -> Prove:
        MODEL_PROVERS[name] = ModelProver(name, quantity, prove, lambda subject, data: prove(subject))
        return prove

    return register


def inner(model: Model) -> Model:
    """The model in its own frame: orthonormal columns change no mean, no norm and no distance."""
    return model._model if type(model) is TurnedModel else model


def proofs_of(subject: Subject, quantity: str) -> tuple[Proof, ...]:
    """What is proved of one quantity."""
    found = [one.prove(subject) for one in MODEL_PROVERS.values() if one.quantity == quantity]
    return tuple(proof for proof in found if proof is not None)


UNBIASED: dict[type, str] = {
    ExactModel: "the answer is the function",
    GaussianNoise: "the noise has mean 0, by definition of the law",
    ZeroChainNoise: "E (1 + Theta (z/p - 1)) = 1, since E z = p",
}


@model_prover("unbiased", "mean of a law")
def unbiased(subject: Subject) -> Proof | None:
    """By type."""
    argument = UNBIASED.get(type(inner(subject.asked)))
    return None if argument is None else Proof("upper", 0.0, argument, "mean of a law")


def _normal(side: Any, name: str) -> Prove:
    def prove(subject: Subject) -> Proof | None:
        model = inner(subject.asked)
        if type(model) is not GaussianNoise:
            return None
        number = (arb(model.spread) ** 2 * model.dimension).sqrt()
        value = above(number) if side == "upper" else float(np.nextafter(float(number.lower()), -np.inf))
        return Proof(side, max(0.0, value), "E|z|^2 = d s^2 for d normal numbers of deviation s", name)

    return prove


model_prover("noise", "normal noise, at most")(_normal("upper", "normal noise, at most"))
model_prover("least_noise", "normal noise, at least")(_normal("lower", "normal noise, at least"))


@model_prover("noise", "frontier")
def frontier_noise(subject: Subject) -> Proof | None:
    """The one disturbed entry i has |x_i| <= 1/2, where Psi' is 0, so that |d_i f| <= max(k, e) sup Phi'."""
    model, chain = inner(subject.asked), chain_of(subject.instance)
    if type(model) is not ZeroChainNoise or chain is None:
        return None
    slope = (chain.first_link.max(E)) * arb(0.5).exp() * chain.height / chain.width
    chance = arb(model.chance)
    argument = "one entry is disturbed, |d_i f| <= max(k, e) sqrt(e) there, and Theta <= 1: that times sqrt((1-p)/p)"
    return Proof("upper", above(slope * ((1 - chance) / chance).sqrt()), argument, "frontier")


@model_prover("chance", "one bit")
def one_bit(subject: Subject) -> Proof | None:
    """Where Theta = 1 the entry is shown with the bit z alone; beyond it the chain's gradient is 0."""
    model = inner(subject.asked)
    if type(model) is not ZeroChainNoise or not provers.proofs(subject.instance, "zero chain"):
        return None
    argument = "beyond prog at half of the threshold Theta is 1, and the entry is shown by a bit of probability p alone"
    return Proof("upper", model.chance, argument, "one bit")


@model_prover("probability zero chain", "chain below noise")
def below_noise(subject: Subject) -> Proof | None:
    """The noise multiplies entries, and those beyond prog + 1 are exactly 0."""
    if type(subject.asked) is not ZeroChainNoise or not provers.proofs(subject.instance, "zero chain"):
        return None
    argument = "the noise multiplies entries of a gradient that is exactly 0 beyond prog + 1"
    return Proof("upper", 0.0, argument, "chain below noise")
