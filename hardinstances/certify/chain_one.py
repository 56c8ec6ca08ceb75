"""Chain I: what closed forms prove of it, for every length and every first link."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from flint import arb

from hardinstances.certify.enclosures import (
    PHI_TOTAL,
    E,
    above,
    below,
    over,
    phi_slope,
    psi,
    psi_curvature,
    psi_slope,
)
from hardinstances.certify.finding import Proof
from hardinstances.certify.provers import Prover, add
from hardinstances.chain_hessian import chain_band
from hardinstances.chain_kernel import chain_kernel
from hardinstances.progress import LastAbove
from oracles import Instance, KernelFunction


class ChainOne(NamedTuple):
    """height * f_T(x / width) with the first link k; the three numbers are exact."""

    length: int
    first_link: arb
    width: arb
    height: arb


def chain_of(instance: Instance) -> ChainOne | None:
    """The chain that an instance is, recognised by its kernels and its start; None where it is another function."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not chain_kernel or instance.start.any():
        return None
    if function.hessian is not None and function.hessian is not chain_band:
        return None
    first_link, width, height = (float(number) for number in function.parameters)
    if not (np.isfinite(function.parameters).all() and min(first_link, width, height) > 0):
        return None
    return ChainOne(instance.dimension, arb(first_link), arb(width), arb(height))


def is_chain(instance: Instance) -> bool:
    """Whether the arguments here cover an instance."""
    return chain_of(instance) is not None


def knows_progress(instance: Instance) -> bool:
    """Whether it is the chain, with progress at its own threshold of half a unit."""
    chain, progress = chain_of(instance), instance.progress
    return chain is not None and isinstance(progress, LastAbove) and bool(arb(progress.threshold) * 2 == chain.width)


def gap_of(instance: Instance) -> arb:
    """f(0) - inf f = height sup Phi (k / 2 + e (T - 1)): f(0) = -k Phi(0), and the infimum is met as x -> infinity."""
    chain = chain_of(instance)
    assert chain is not None
    return chain.height * PHI_TOTAL * (chain.first_link / 2 + E * (chain.length - 1))


GAP = "each link is above -e sup Phi, and all tend to it as x -> +infinity: the gap is sqrt(2 pi e) (k/2 + e (T - 1))"


def gap_above(instance: Instance) -> Proof | None:
    """The closed form, rounded up."""
    return Proof("upper", above(gap_of(instance)), GAP, "chain I, gap")


def gap_below(instance: Instance) -> Proof | None:
    """The closed form, rounded down."""
    return Proof("lower", below(gap_of(instance)), GAP, "chain I, gap from below")


def steepest(instance: Instance) -> Proof | None:
    """|d_i f| <= e sup Phi' + sup Psi' sup Phi, with k in place of e for i = 1, in units of height / width."""
    chain = chain_of(instance)
    assert chain is not None
    infinity = float("inf")
    link = over(phi_slope, -infinity, infinity).upper()
    onward = over(psi_slope, 0.0, infinity).upper() * PHI_TOTAL
    first, others = chain.first_link * link + onward, (E * link + onward) ** 2 * (chain.length - 1)
    bound = (first * first + others).sqrt() * chain.height / chain.width
    argument = "each entry of the gradient is at most e sup Phi' + sup Psi' sup Phi, the first k sup Phi' + .."
    return Proof("upper", above(bound), argument, "chain I, lipschitz")


def dead_zone(instance: Instance) -> Proof | None:
    """Psi, Psi' and Psi'' are exactly 0 on [-1/2, 1/2], so that a link from a coordinate in it vanishes identically."""
    if not all(over(function, -0.5, 0.5) == 0 for function in (psi, psi_slope, psi_curvature)):
        return None
    argument = "a link from a coordinate in [-1/2, 1/2] is identically 0, so supp grad f is in {1 .. prog + 1}"
    return Proof("upper", 0.0, argument, "chain I, zero chain")


def closed_form(name: str, quantity: str, prove: Any, applies: Any = is_chain) -> Prover:
    """A prover without numbers to search for: to verify is to prove again."""

    def verify(instance: Instance, data: Mapping[str, Any]) -> Proof | None:
        proof: Proof | None = prove(instance)
        return proof

    return add(Prover(name, quantity, applies, prove, verify))


closed_form("chain I, gap", "gap", gap_above)
closed_form("chain I, gap from below", "gap", gap_below)
closed_form("chain I, lipschitz", "lipschitz", steepest)
closed_form("chain I, zero chain", "zero chain", dead_zone, knows_progress)
