"""What closed forms prove of functions made of chain I: higher derivatives, the halves, consecutive blocks, the bump.

A derivative of order p + 1 of chain I along (h_i) is a sum over links; with |h| = 1 all sums of |h_i|^a |h_{i+1}|^b,
a + b >= 2, are at most 1, so that it is at most sum_j binomial(p + 1, j) sup |Psi^(j)| sup |Phi^(p+1-j)|, where for
j = 0 the first link counts, too. Near the largest |Psi^(p+1)| with x_{i+1} -> infinity it is at least that times
sup Phi.
"""

from math import comb, inf

from flint import arb

from hardinstances.carmon_chain_distance import carmon_chain_distance_kernel
from hardinstances.certify.chain_one import chain_of, closed_form, is_chain
from hardinstances.certify.chain_one_smoothness import MOST_BOXES, halves
from hardinstances.certify.enclosures import (
    PHI_TOTAL,
    E,
    over,
    phi,
    phi_moment,
    phi_slope,
    psi,
    psi_curvature,
    psi_slope,
)
from hardinstances.certify.finding import Proof
from hardinstances.certify.forms import Number, at_least, at_most, exactly
from hardinstances.certify.largest_derivatives import largest_phi, largest_psi
from hardinstances.half_chain import half_kernel
from hardinstances.partition_kernel import RADIUS, STRIDE, partition_chain_kernel
from oracles import Instance, KernelFunction

LINK = 133.8453  # the norm of the Hessian of one link is proved to be below


def derivative(order: int) -> Number:
    """The bound on the derivative of this order, 3 or 4."""

    def number(instance: Instance) -> arb:
        chain = chain_of(instance)
        assert chain is not None
        terms = [comb(order, j) * largest_psi(j) * largest_phi(order - j) for j in range(1, order + 1)]
        last = E.max(chain.first_link) * largest_phi(order)
        return (sum(terms, arb(0)) + last) * chain.height / chain.width**order

    return number


def derivative_met(order: int) -> Number:
    """Of one inner link in the limit; where there is one."""

    def number(instance: Instance) -> arb:
        chain = chain_of(instance)
        assert chain is not None
        return largest_psi(order) * PHI_TOTAL * chain.height / chain.width**order

    return number


def has_inner_links(instance: Instance) -> bool:
    """Whether it is chain I with a link that starts at x_2, where all else may vanish: x_1 = 0."""
    chain = chain_of(instance)
    return chain is not None and chain.length >= 3


def is_half(instance: Instance) -> bool:
    """Whether it is one half of chain I, from 0, with a first link of at most e."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not half_kernel or instance.start.any():
        return False
    return bool(float(function.parameters[0]) > 0 and arb(float(function.parameters[0])) < LINK)


def half_fall(instance: Instance) -> arb:
    """2 sup Phi (k/2 [odd] + e (number of inner links)): all links tend to their least values as x -> infinity."""
    assert isinstance(instance.function, KernelFunction)
    first_link, even = (float(number) for number in instance.function.parameters)
    inner = len(range(1 if even else 2, instance.dimension, 2))
    return 2 * PHI_TOTAL * ((0 if even else arb(first_link) / 2) + E * inner)


def link_below(number: float) -> bool:
    """Whether number +- the Hessian of a link from a to b is positive for all a and b, by branch and bound.

    By symmetry a >= 0, and a link from below 1/2 is 0: boxes of (a, b) from a = 1/2 on.
    """
    waiting, boxes = [(0.5, inf, -inf, inf)], 0
    while waiting:
        a, a_end, b, b_end = waiting.pop()
        boxes += 1
        if boxes > MOST_BOXES:
            return False
        p = -over(psi_curvature, a, a_end) * over(phi, b, b_end)
        q = over(psi, a, a_end) * over(phi_moment, b, b_end)
        o = over(psi_slope, a, a_end) * over(phi_slope, b, b_end)
        if all(number - s * p > 0 and (number - s * p) * (number - s * q) >= o * o for s in (-1, 1)):
            continue
        if a_end - a >= b_end - b:
            waiting += [(*half, b, b_end) for half in halves(a, a_end)]
        else:
            waiting += [(a, a_end, *half) for half in halves(b, b_end)]
    return True


def half_smoothness(instance: Instance) -> Proof | None:
    """Twice the norm of one link, as links of one half touch disjoint pairs; the first is k sup |Phi''| = k."""
    if not link_below(LINK):
        return None
    argument = f"links of a half share no coordinate, and {LINK} +- the Hessian of a link is positive: branch and bound"
    return Proof("upper", 2 * LINK, argument, "half chain, smoothness")


def is_consecutive(instance: Instance) -> bool:
    """Whether it is chain I, k >= 1, in differences of consecutive blocks, without a wall."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not partition_chain_kernel:
        return False
    return bool(function.parameters[STRIDE] == 1 and function.parameters[RADIUS] == 0 and function.parameters[0] >= 1)


def path(instance: Instance) -> arb:
    """2/sqrt(r + 1) height/width: |V g|^2 = g_1^2 + sum (g_{i+1} - g_i)^2 + g_r^2, a path of r + 1 steps from 0 to 0 by
    the first |y_i| < 1, where |g_i| >= 1.
    """
    assert isinstance(instance.function, KernelFunction)
    _, width, height, block = (arb(float(number)) for number in instance.function.parameters[:4])
    return 2 / (instance.dimension / block).sqrt() * height / width


def has_bump(instance: Instance) -> bool:
    """Whether it is the chain with a bump that is deeper than its gap."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not carmon_chain_distance_kernel:
        return False
    k, _, height, distance, depth = (arb(float(number)) for number in function.parameters)
    fall = height * PHI_TOTAL * (k / 2 + E * (instance.dimension - 1))
    return bool(distance > 0 and depth > fall) and not instance.start.any()


def furthest(instance: Instance) -> arb:
    """The distance D: f is lower at the centre of the bump than wherever it is not felt, which is outside of a ball."""
    assert isinstance(instance.function, KernelFunction)
    return arb(float(instance.function.parameters[3]))


TERMS = "term by term; the extremes of the terms of a link are not met at once"
NEXT = "one link in the limit of x_{i+1} -> infinity"
for _order, _quantity in ((3, "hessian_smoothness"), (4, "third_order_smoothness")):
    at_most(f"chain I, derivative {_order}", _quantity, is_chain, derivative(_order), TERMS)
    at_least(f"chain I, derivative {_order} from below", _quantity, has_inner_links, derivative_met(_order), NEXT)
closed_form("half chain, smoothness", "smoothness", half_smoothness, is_half)
exactly("half chain, gap", "gap", is_half, half_fall, "all links tend to their least values as x -> +infinity")
PATH = "the gradient is a path of r + 1 steps from 0 over at least 1, at the first |y_i| < 1, back to 0"
at_least("consecutive blocks, floor", "floor", is_consecutive, path, PATH)
CENTRE = "the bump is deeper than the chain, so that the least values are in it: a ball of D/5 around the distance 4D/5"
at_most("chain with a bump, distance", "distance", has_bump, furthest, CENTRE)
