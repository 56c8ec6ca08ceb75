"""The chain split between two nodes of a network: each new coordinate has to travel from one to the other.

A *model of decentralised optimisation*, not an oracle: n nodes on a path, f = f_odd / 2 + f_even / 2 with one half at
either end, nothing in between. `Line` carries messages and counts rounds of communication; what an end asks of its own
function is free. The instances here are the two local functions; their mean is `carmon_chain`.
"""

import math
from collections import deque

import numpy as np

from hardinstances.carmon_chain import PHI_TOTAL, phi, psi
from hardinstances.progress import last_above
from oracles import Array, Claim, Claims, InputError, Instance, KernelFunction, family, kernel

LU_DE_SA = "Lu, De Sa, Optimal complexity in decentralized training, arXiv 2006.08085"
HERE = "this project"

LINK_SMOOTHNESS = 133.8453  # of one link: sup Psi'' sup Phi, rounded up


@kernel
def half_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """Twice every other link of f_T; parameters: first link, 0 for links 1, 3, 5, .. or 1 for links 2, 4, 6, .."""
    value = 0.0
    for i in range(dimension):
        gradient[i] = 0.0
    for i in range(int(parameters[1]), dimension, 2):  # the link between coordinates i and i + 1, counted from 1
        weight, slope, sign = parameters[0], 0.0, 1.0
        if i > 0:
            weight, slope = psi(abs(x[i - 1]))
            sign = -1.0 if x[i - 1] < 0.0 else 1.0
        if weight > 0.0:
            link, link_slope = phi(sign * x[i])
            value -= 2.0 * sign * weight * link
            gradient[i] -= 2.0 * weight * link_slope
            if i > 0:
                gradient[i - 1] -= 2.0 * slope * link
    return value


@family(example={"length": 5, "half": "odd"}, source=LU_DE_SA)
def half_chain(*, length: int, half: str, first_link: float = math.e) -> Instance:
    """The local functions f_odd = 2 (link_1 + link_3 + ..), f_even = 2 (link_2 + link_4 + ..) of the chain, start 0.

    (f_odd + f_even)/2 is `carmon_chain` in its own units. The links of one half touch disjoint pairs of coordinates,
    so that the Hessian is no larger than that of twice a link. Who knows only points supported on {1 .. m} learns
    coordinate m + 1 from the half that holds link m + 1, and from the other nothing new.

    length: T = d. half: "odd" or "even". first_link: k, the weight of the first link. Cost: O(T) per query.
    """
    if half not in ("odd", "even"):
        raise InputError(f"half of half_chain must be 'odd' or 'even', got {half!r}")
    if length < 2 or not 0 < first_link < math.inf:
        raise InputError(f"half_chain needs length >= 2 and first_link > 0, got {length} and {first_link:g}")
    odd = half == "odd"
    inner_links = (length - 1) // 2 if odd else length // 2
    first = first_link / 2 if odd else 0.0
    largest = 2 * max(LINK_SMOOTHNESS if inner_links else 0.0, first_link if odd else 0.0)
    return Instance(
        name="half_chain",
        function=KernelFunction(half_kernel, np.array([first_link, 0.0 if odd else 1.0])),
        start=np.zeros(length),
        claims=Claims(
            Claim("smoothness", largest, "measured", f"{HERE}: sup Psi'' sup Phi of a link, maximised"),
            Claim("gap", 2 * PHI_TOTAL * (first + math.e * inner_links), "derived", f"{HERE}: at x -> +infinity"),
            Claim("length", float(length), "derived", "the number of coordinates"),
        ),
        progress=last_above(0.5),
    )


class Line:
    """Two ends at the given distance: a message takes one round per edge. `rounds` counts."""

    def __init__(self, distance: int) -> None:
        if distance < 1:
            raise InputError(f"the distance must be at least 1, got {distance}")
        self.distance, self.rounds = distance, 0
        self._rightward: deque[Array | None] = deque([None] * (distance - 1))
        self._leftward: deque[Array | None] = deque([None] * (distance - 1))

    def exchange(self, from_left: Array, from_right: Array) -> tuple[Array | None, Array | None]:
        """One round: both ends send; they receive what was sent distance - 1 rounds ago, or None."""
        self.rounds += 1
        self._rightward.append(from_left.copy())
        self._leftward.append(from_right.copy())
        return self._leftward.popleft(), self._rightward.popleft()

    def mean(self, left: Array, right: Array) -> Array:
        """The mean of two vectors, known at both ends: an allreduce, which takes `distance` rounds."""
        received: Array | None = None
        for _ in range(self.distance):
            received, _ = self.exchange(left, right)
        assert received is not None
        return (left + received) / 2
