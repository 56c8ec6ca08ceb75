"""Tyurin's chain with K gates per link: the last K coordinates must all be far along before the next one opens."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hardinstances.carmon_chain import PHI_TOTAL, phi
from hardinstances.scaling import one_per_round, scaled_to_class
from oracles import Array, Claim, Claims, InputError, Instance, KernelFunction, compiled, family, kernel

LIMITED = "Tyurin, arXiv 2506.23836, as summarised by others"
HERE = "this project"
UNDERFLOW = 700.0
# The least upper bounds of |Hessian| and the least gradient norms found while x_T = 0, by K with a = 1 + 1/K.
MEASURED = {1: (142.22, 1.3648), 2: (546.61, 1.3881), 3: (1217.26, 1.3998), 4: (2155.03, 1.4071)}


@compiled
def gate(t: float, log_base: float) -> tuple[float, float]:
    """Psi_a(t) = a^{1 - 1/(2t - 1)^2} for t > 1/2, else 0; and the derivative of its logarithm, 0 where it is shut."""
    p = 2.0 * t - 1.0
    if p * p * UNDERFLOW < log_base or p <= 0.0:
        return 0.0, 0.0
    return math.exp(log_base * (1.0 - 1.0 / (p * p))), 4.0 * log_base / (p * p * p)


@compiled
def barrier(t: float) -> tuple[float, float]:
    """Gamma(t) = -t exp(1 + 1/t) for t < 0, else 0; and its derivative."""
    if t * UNDERFLOW > -1.0:
        return 0.0, 0.0
    weight = math.exp(1.0 + 1.0 / t)
    return -t * weight, (1.0 / t - 1.0) * weight


@kernel
def gate_chain_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """Height * F(x / width); parameters: K, log a, width, height. Coordinates before the first are 1: open gates."""
    gates, log_base, width, height = int(parameters[0]), parameters[1], parameters[2], parameters[3]
    value = 0.0
    for i in range(dimension):
        t = x[i] / width
        wall, wall_slope = barrier(t)
        weight = 1.0
        for j in range(max(0, i - gates), i):
            weight *= gate(x[j] / width, log_base)[0]
        gradient[i] = wall_slope * height / width
        value += wall
        if weight > 0.0:
            link, link_slope = phi(t)
            value -= weight * link
            gradient[i] -= weight * link_slope * height / width
            for j in range(max(0, i - gates), i):
                gradient[j] -= weight * link * gate(x[j] / width, log_base)[1] * height / width
    return value * height


@dataclass(frozen=True)
class GatesPassed:
    """The last i with x_i, .., x_{i-K+1} all above the threshold, coordinates before the first being so; gates: K."""

    gates: int
    threshold: float

    def __call__(self, points: Array) -> NDArray[np.int64]:
        reached, row = np.zeros((2, len(points)), dtype=np.int64)
        row += self.gates
        for i in range(points.shape[1]):
            row = np.where(points[:, i] > self.threshold, row + 1, 0)
            reached = np.where(row >= self.gates, i + 1, reached)
        return reached


def exact_gap(length: int, gates: int, base: float) -> float:
    """F(0) - inf F = sqrt(2 pi e) (sum_{i=1..T} a^{min(i - 1, K)} - 1/2), the infimum being at x -> +infinity."""
    return PHI_TOTAL * (float(np.sum(base ** np.minimum(np.arange(length), gates))) - 0.5)


def unit_claims(length: int, gates: int, base: float) -> Claims:
    """What is claimed of F in its own units; the floor holds while x_T = 0."""
    rough = 12 * math.sqrt(2 * math.pi) * math.e**2.5 * gates**2 * base**gates / math.log(base)
    claims = [
        Claim("smoothness", rough, "recalled", LIMITED),
        Claim("gap", exact_gap(length, gates, base), "derived", f"{HERE}: the infimum is at x -> +infinity"),
        Claim("floor", 1.0, "recalled", LIMITED),
        Claim("length", float(length), "derived", "the number of links"),
    ]
    if base == 1 + 1 / gates and gates in MEASURED:
        searched = f"{HERE}: maximised (smoothness) or minimised (floor) over points, T up to 7 K + 1"
        smoothness, floor = MEASURED[gates]
        claims[:0] = [
            Claim("smoothness", smoothness, "measured", searched),
            Claim("floor", floor, "measured", searched),
        ]
    return Claims(*claims)


def fitting_length(gap: float, gates: int, base: float) -> float:
    """The greatest length with an exact gap of at most this, as a real number."""
    whole = exact_gap(gates, gates, base)
    if gap >= whole:
        return gates + (gap - whole) / (PHI_TOTAL * base**gates)
    return next(length - 1 for length in range(1, gates + 1) if exact_gap(length, gates, base) > gap)


@family(example={"length": 5, "gates": 2}, source=LIMITED)
def gate_chain(
    *,
    length: int | None = None,
    gates: int = 2,
    base: float | None = None,
    smoothness: float | None = None,
    gap: float | None = None,
    target: float | None = None,
) -> Instance:
    """F(x) = -sum_{i=1..T} Psi_a(x_{i-K}) .. Psi_a(x_{i-1}) Phi(x_i) + sum_i Gamma(x_i), start 0.

    Psi_a(t) = a^{1 - 1/(2t - 1)^2} for t > 1/2, else 0; Gamma(t) = -t exp(1 + 1/t) for t < 0, else 0; and
    x_0 = x_{-1} = .. = 1. Coordinate i + 1 moves only once x_i, .., x_{i-K+1} all exceed 1/2, so that a guess must open
    K gates at once. While x_T = 0 the gradient norm stays above the floor, so that T + 1 rounds are needed.

    length: T = d. gates: K. base: a > 1, by default 1 + 1/K.
    smoothness, gap, target: L, D, epsilon; L and epsilon with D or T scale the chain, none of the three leaves it in
        its own units.
    Cost: O(T K) per query.
    """
    base = 1 + 1 / gates if base is None and gates >= 1 else base
    if gates < 1 or base is None or not (1 < base < math.inf):
        raise InputError(f"gate_chain needs gates >= 1 and base > 1, got {gates} and {base}")
    scale = scaled_to_class(
        "gate_chain",
        lambda: unit_claims(1, gates, base),
        lambda unit_gap: fitting_length(unit_gap, gates, base),
        length=length,
        smoothness=smoothness,
        gap=gap,
        target=target,
    )
    claims = unit_claims(scale.length, gates, base).scaled(height=scale.height, width=scale.width)
    parameters = np.array([gates, math.log(base), scale.width, scale.height])
    return Instance(
        name="gate_chain",
        function=KernelFunction(gate_chain_kernel, parameters),
        start=np.zeros(scale.length),
        claims=claims,
        bounds=tuple(one_per_round(floor, scale.length + 1, source=LIMITED) for floor in claims.on("floor")),
        target=target if target is not None else claims.value("floor"),
        progress=GatesPassed(gates, scale.width / 2),
    )
