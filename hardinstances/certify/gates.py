"""Tyurin's chain with gates: its gap in closed form, its floor from the first coordinate below 1, and its smoothness
link by link.

Gates Psi_a(t) = a exp(-log(a) z^2), z = 1/(2t - 1), have derivatives a exp(-c z^2) R_p(z), c = log a, R_1 = 4 c z^3,
R_2 = 16 c^2 z^6 - 24 c z^4. A link -Psi_a(x_{i-K}) .. Psi_a(x_{i-1}) Phi(x_i) has the row sums

    of a gate:  a^(K-1) (sup |Psi_a''| sup Phi + sup Psi_a' sup Phi') + (K - 1) a^(K-2) (sup Psi_a')^2 sup Phi
    of x_i:     a^K sup |Phi''| + K a^(K-1) sup Psi_a' sup Phi'

and a coordinate is a gate of K links and the end of one.
"""

from typing import NamedTuple

import numpy as np
from flint import arb

from hardinstances.certify.enclosures import PHI_TOTAL
from hardinstances.certify.forms import at_least, at_most, exactly, largest_of
from hardinstances.certify.largest_derivatives import largest_phi
from hardinstances.gate_chain import GatesPassed, gate_chain_kernel
from oracles import Instance, KernelFunction


class Gates(NamedTuple):
    """T, K, log a, width, height."""

    length: int
    gates: int
    log_base: arb
    width: arb
    height: arb

    @property
    def base(self) -> arb:
        """The base a."""
        return self.log_base.exp()


def gates_of(instance: Instance) -> Gates | None:
    """The chain that an instance is, recognised by its kernel and its start."""
    function = instance.function
    if not isinstance(function, KernelFunction) or function.kernel is not gate_chain_kernel or instance.start.any():
        return None
    gates, log_base, width, height = (float(number) for number in function.parameters)
    if not (np.isfinite(function.parameters).all() and gates >= 1 and gates.is_integer()):
        return None
    if not min(log_base, width, height) > 0:
        return None
    return Gates(instance.dimension, int(gates), arb(log_base), arb(width), arb(height))


def is_gates(instance: Instance) -> bool:
    """Whether it is the chain with gates."""
    return gates_of(instance) is not None


def chain(instance: Instance) -> Gates:
    """The chain that an instance is known to be."""
    found = gates_of(instance)
    assert found is not None
    return found


def fall(instance: Instance) -> arb:
    """The sum sup Phi (sum_i a^min(i - 1, K) - 1/2): F(0) = -Phi(0)."""
    one = chain(instance)
    full = one.base**one.gates * max(0, one.length - one.gates)
    rising = sum((one.base**i for i in range(min(one.gates, one.length))), arb(0))
    return PHI_TOTAL * (full + rising - arb(0.5)) * one.height


def largest_gate(one: Gates, order: int) -> arb:
    """The supremum of |Psi_a'| (at z^2 = 3/(2c)) or |Psi_a''| (at roots of 8 c^2 w^2 - 36 c w + 24, w = z^2)."""
    c = one.log_base
    if order == 1:
        return 4 * c * (arb(1.5) / c) ** arb(1.5) * one.base * (arb(-1.5)).exp()
    turns = [(9 + sign * arb(33).sqrt()) / (4 * c) for sign in (-1, 1)]
    return largest_of(abs(16 * c * c * w**3 - 24 * c * w * w) * one.base * (-c * w).exp() for w in turns)


def smoothest(instance: Instance) -> arb:
    """The largest row sum, as above, with Gamma'' <= 27 / e^2; a gate is shut where Gamma acts."""
    one = chain(instance)
    a, K, first, second = one.base, one.gates, largest_gate(one, 1), largest_gate(one, 2)
    pairs = (K - 1) * a ** (K - 2) * first * first * PHI_TOTAL
    gate = a ** (K - 1) * (second * PHI_TOTAL + first * largest_phi(1)) + pairs
    end = a**K * largest_phi(2) + K * a ** (K - 1) * first * largest_phi(1)
    wall = 27 / arb(2).exp()
    return (end + largest_of([K * gate, wall])) * one.height / one.width**2


def first_below(instance: Instance) -> arb:
    """1: all terms of an entry of the gradient have one sign, and at the first x_i < 1 all gates before are >= 1, so
    that |d_i F| >= Phi'(x_i) - Gamma'(x_i), where Phi' >= 1 on [-1, 1] and -Gamma' >= 2 below -1.
    """
    one = chain(instance)
    return one.height / one.width


def knows_gates(instance: Instance) -> bool:
    """Whether progress below T means that one of the coordinates is at most 1 in the chain's units."""
    one, progress = gates_of(instance), instance.progress
    return one is not None and isinstance(progress, GatesPassed) and bool(arb(progress.threshold) <= one.width)


NAME = "chain with gates"
SUMS = "row sums link by link; open, as the extremes of the gates of a link are not met at once"
FIRST = "the first coordinate below 1 feels Phi' >= 1 through open gates; open beyond, as those after it are left out"
at_most(f"{NAME}, smoothness", "smoothness", is_gates, smoothest, SUMS)
exactly(f"{NAME}, gap", "gap", is_gates, fall, "each link is above -a^min(i - 1, K) sup Phi, and all tend to it")
at_least(f"{NAME}, floor", "floor", knows_gates, first_below, FIRST)
