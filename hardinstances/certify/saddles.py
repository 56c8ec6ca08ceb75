"""The saddle chain: f = sum_i L p(x_i) - (L + gamma) beta(x_{i-1}) sigma(x_i), whose pieces are polynomials.

In units of tau each of p, sigma, beta is a polynomial in v on [0, 1], one in u = v - 1 on [0, 1], and one beyond.
"""

from typing import NamedTuple

import numpy as np
from flint import arb, fmpq, fmpq_poly

from hardinstances.certify.forms import at_most, exact, exactly, largest_of, largest_size, values_where_it_turns
from hardinstances.saddle_chain import saddle_kernel
from oracles import Instance, KernelFunction

ZERO, ONE = fmpq(0), fmpq(1)
U = fmpq_poly([0, 1])
BOWL = (1 + U) ** 2 - U**3 * (8 - 4 * U)  # p at v = 1 + u
BAIT = (1 + U) ** 2 - U**3 * (fmpq(10, 3) - fmpq(3, 2) * U)  # sigma
GATE = U**3 * (10 - 15 * U + 6 * U**2)  # beta


class Saddles(NamedTuple):
    """L, gamma, tau, and the start s, the same in all d coordinates."""

    attraction: fmpq
    repulsion: fmpq
    tube: fmpq
    start: fmpq
    dimension: int

    @property
    def lure(self) -> fmpq:
        """L + gamma."""
        return self.attraction + self.repulsion


def saddles_of(instance: Instance) -> Saddles | None:
    """The chain that an instance is, started at (s, .., s), 0 <= s < tau; None where it is another function."""
    function, start = instance.function, instance.start
    if not isinstance(function, KernelFunction) or function.kernel is not saddle_kernel:
        return None
    numbers = [float(number) for number in function.parameters]
    if not (np.isfinite(numbers).all() and min(numbers) > 0):
        return None
    if not ((start == start[0]).all() and 0 <= start[0] < numbers[2]):
        return None
    attraction, repulsion, tube = map(exact, numbers)
    return Saddles(attraction, repulsion, tube, exact(float(start[0])), len(start))


def is_saddles(instance: Instance) -> bool:
    """Whether it is the saddle chain."""
    return saddles_of(instance) is not None


def saddles(instance: Instance) -> Saddles:
    """The chain that an instance is known to be."""
    found = saddles_of(instance)
    assert found is not None
    return found


def nth(polynomial: fmpq_poly, order: int) -> fmpq_poly:
    """A derivative of some order."""
    for _ in range(order):
        polynomial = polynomial.derivative()
    return polynomial


def size(polynomial: fmpq_poly, order: int) -> arb:
    """The largest |derivative| on the middle piece."""
    return largest_size(nth(polynomial, order), ZERO, ONE)


def curvature(instance: Instance) -> arb:
    """The largest row sum: |H_ii|, with the neighbours' beta in [0, 1] and sigma in [0, 13/6], plus two beside it.

    H_ii = L p'' - (L + gamma) (beta sigma'' + beta'' sigma) is affine in either neighbour, so extreme at corners.
    """
    one = saddles(instance)
    bait, largest = BAIT(ONE), [arb(2 * max(one.attraction, one.repulsion))]
    for open_ in (ZERO, ONE):
        for ahead in (ZERO, bait):
            curve = one.attraction * nth(BOWL, 2) - one.lure * (open_ * nth(BAIT, 2) + ahead * nth(GATE, 2))
            largest.append(largest_size(curve, ZERO, ONE))
    return largest_of(largest) + 2 * arb(one.lure) * size(GATE, 1) * size(BAIT, 1)


def third(instance: Instance) -> arb:
    """Term by term, as sum |h_i|^3 and sum |h_{i-1}|^a |h_i|^(3-a) are at most 1 for |h| = 1; sup |sigma| = 13/6."""
    one = saddles(instance)
    mixed = 3 * size(GATE, 1) * size(BAIT, 2) + 3 * size(GATE, 2) * size(BAIT, 1)
    bend = size(GATE, 3) * arb(BAIT(ONE)) + mixed + size(BAIT, 3)
    return (arb(one.attraction) * size(BOWL, 3) + arb(one.lure) * bend) / arb(one.tube)


def depth(instance: Instance) -> arb:
    """The largest gamma v^2 - .. = -(L p - (L + gamma) sigma), in units of tau^2; beyond v = 2 it is greatest at 4."""
    one = saddles(instance)
    middle = values_where_it_turns(one.lure * BAIT - one.attraction * BOWL, ZERO, ONE)
    return largest_of([arb(one.repulsion), *middle, arb(4 * one.attraction + one.lure * BAIT(ONE))])


def fall(instance: Instance) -> arb:
    """The sum d (depth) tau^2 + f(s, .., s), f(s, .., s) = (d L - (L + gamma)) s^2."""
    one = saddles(instance)
    start = (one.dimension * one.attraction - one.lure) * one.start**2
    return one.dimension * depth(instance) * arb(one.tube) ** 2 + arb(start)


def escape(instance: Instance) -> arb:
    """(L + gamma) / gamma, if x_i passes from tau to 2 tau in a bounded time: L p' < (L + gamma) sigma' there."""
    one = saddles(instance)
    slopes = values_where_it_turns(one.attraction * nth(BOWL, 1) - one.lure * nth(BAIT, 1), ZERO, ONE)
    return arb(one.lure) / arb(one.repulsion) if all(slope < 0 for slope in slopes) else arb("nan")


ROWS = "Gershgorin: largest row sum, by polynomials; the extremes of the neighbours are not met at once"
TERMS = "term by term, by polynomials; the extremes of the terms are not met at once"
ABOVE = "f >= sum of L p - (L + gamma) sigma, least at v = 4, and met where all coordinates are 4 tau"
TIMES = (
    "x_i grows like e^(2 gamma t) up to tau, then to 2 tau in bounded time, x_{i+1} shrinks like e^(-2 L t): "
    "the times of saddles grow by 1 + L/gamma in the limit of many saddles and short steps"
)
at_most("saddle chain, smoothness", "smoothness", is_saddles, curvature, ROWS)
at_most("saddle chain, third derivative", "hessian_smoothness", is_saddles, third, TERMS)
exactly("saddle chain, gap", "gap", is_saddles, fall, ABOVE)
exactly("saddle chain, times", "escape_factor", is_saddles, escape, TIMES)
