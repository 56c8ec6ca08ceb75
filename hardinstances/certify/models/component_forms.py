"""What closed forms prove of components known by their kernel, and of what rests on another smoothness."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from flint import arb, arb_mat

from hardinstances.carmon_chain import chain_kernel
from hardinstances.certify import provers
from hardinstances.certify.enclosures import above
from hardinstances.certify.finding import Proof
from hardinstances.certify.models.closed_forms import MODEL_PROVERS, ModelProver, model_prover
from hardinstances.certify.models.subject import Subject
from hardinstances.cosine_mixture import cosine_kernel
from hardinstances.disjoint_chains import component_kernel
from oracles import Instance, KernelFunction
from oracles.finite_sums import ComponentModel
from oracles.noise import GaussianNoise


def cosines(instance: Instance) -> tuple[list[arb], list[list[arb]]] | None:
    """The amplitudes and frequencies of a cosine mixture's components, which are single cosines."""
    terms = [] if instance.finite_sum is None else list(instance.finite_sum.terms)
    if not all(isinstance(one, KernelFunction) and one.kernel is cosine_kernel for one in terms) or not terms:
        return None
    rows = [np.asarray(one.parameters) for one in terms if isinstance(one, KernelFunction)]
    if any(row[0] != 1 for row in rows):
        return None
    return [arb(float(row[1])) for row in rows], [[arb(float(w)) for w in row[3:]] for row in rows]


@model_prover("component_smoothness", "cosine components")
def steepest_cosine(subject: Subject) -> Proof | None:
    """Max a_i |w_i|^2."""
    found = cosines(subject.instance)
    if found is None or type(subject.asked) is not ComponentModel:
        return None
    bound = max(above(abs(a) * sum((x * x for x in w), arb(0))) for a, w in zip(*found, strict=True))
    return Proof("upper", bound, "a component's Hessian is a cos(..) w w', at most a |w|^2", "cosine components")


@model_prover("mean_squared_smoothness", "cosines in mean square")
def cosines_in_mean_square(subject: Subject) -> Proof | None:
    """L^2 - mean of a_i^2 |w_i|^2 w_i w_i' is positive definite, by its pivots, for the L that is claimed."""
    found, claim = cosines(subject.instance), subject.claims.default("mean_squared_smoothness")
    if found is None or claim is None or type(subject.asked) is not ComponentModel:
        return None
    d, n = len(found[1][0]), len(found[0])
    matrix = arb_mat(d, d, [arb(claim.value) ** 2 if i == j else arb(0) for i in range(d) for j in range(d)])
    for a, w in zip(*found, strict=True):
        weight = a * a * sum((x * x for x in w), arb(0)) / n
        matrix = matrix - arb_mat(d, d, [weight * w[i] * w[j] for i in range(d) for j in range(d)])
    if not positive_definite(matrix):
        return None
    argument = "L^2 less the mean of a^2 |w|^2 w w' has positive pivots, and |H_i v|^2 <= a^2 |w|^2 (w'v)^2"
    return Proof("upper", claim.value, argument, "cosines in mean square")


def positive_definite(matrix: arb_mat) -> bool:
    """Whether all pivots of a symmetric matrix are positive, certainly."""
    d = matrix.nrows()
    rows = [[matrix[i, j] for j in range(d)] for i in range(d)]
    for k in range(d):
        if not rows[k][k] > 0:
            return False
        for i in range(k + 1, d):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [rows[i][j] - factor * rows[k][j] for j in range(d)]
    return True


def at_bottom(instance: Instance, data: Mapping[str, Any] | None) -> tuple[Proof, ...]:
    """What is proved of the smoothness of an instance, or what its numbers prove again."""
    if data is None:
        return provers.proofs(instance, "smoothness")
    prover = provers.PROVERS.get(data["prover"])
    known = prover is not None and prover.quantity == "smoothness" and prover.applies(instance)
    again = prover.verify(instance, data["data"]) if prover is not None and known else None
    return () if again is None else (again,)


def resting(name: str, quantity: str, of: Callable[[Subject], tuple[Instance, arb, str] | None]) -> None:
    """A prover that multiplies what is proved of the smoothness of another instance, and keeps its numbers."""

    def lifted(subject: Subject, data: Mapping[str, Any] | None) -> Proof | None:
        known = of(subject)
        if known is None:
            return None
        instance, factor, argument = known
        key = str(data)  # several claims rest on one proof
        if key not in subject.rests:
            subject.rests[key] = at_bottom(instance, data)
        below = subject.rests[key]
        best = min((one for one in below if one.side == "upper"), key=lambda one: one.value, default=None)
        if best is None:
            return None
        numbers = {"prover": best.prover, "data": dict(best.data)}
        return Proof("upper", above(arb(best.value) * factor), f"{argument}; {best.argument}", name, numbers)

    MODEL_PROVERS[name] = ModelProver(name, quantity, lambda subject: lifted(subject, None), lifted)


def chain_of_components(subject: Subject) -> tuple[Instance, int] | None:
    """The chain that every component of disjoint chains is, on its own block, and the number of them."""
    finite_sum = subject.instance.finite_sum
    terms = [] if finite_sum is None else list(finite_sum.terms)
    if type(subject.asked) is not ComponentModel or not terms or subject.instance.start.any():
        return None
    for i, one in enumerate(terms):
        if not isinstance(one, KernelFunction) or one.kernel is not component_kernel or one.parameters[4] != i:
            return None
        if not np.array_equal(one.parameters[:4], terms[0].parameters[:4]):
            return None
    numbers = terms[0].parameters
    if int(numbers[3]) * len(terms) != subject.instance.dimension:
        return None
    function = KernelFunction(chain_kernel, np.array(numbers[:3]))
    chain = replace(subject.instance, function=function, start=np.zeros(int(numbers[3])), finite_sum=None)
    return chain, len(terms)


def _component(subject: Subject) -> tuple[Instance, arb, str] | None:
    known = chain_of_components(subject)
    return known and (known[0], arb(1), "every component is a chain on its block")


def _in_mean_square(subject: Subject) -> tuple[Instance, arb, str] | None:
    known = chain_of_components(subject)
    return known and (known[0], 1 / arb(known[1]).sqrt(), "components on disjoint blocks: l / sqrt(n) in mean square")


def _cancelled(subject: Subject) -> tuple[Instance, arb, str] | None:
    if type(subject.asked) is not GaussianNoise:
        return None
    return subject.instance, arb(1), "z cancels in g(x, z) - g(y, z)"


resting("chains as components", "component_smoothness", _component)
resting("chains in mean square", "mean_squared_smoothness", _in_mean_square)
resting("noise that cancels", "mean_squared_smoothness", _cancelled)
