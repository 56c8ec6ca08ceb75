"""The exact worst case of gradient descent with a fixed step: every iterate has the same gradient."""

import math

import numpy as np

from hardinstances.fixed_step import outlasts
from oracles import Array, Claim, Claims, InputError, Instance, KernelFunction, family, kernel

EXACT_RATE = (
    "Abbaszadehpeivasti, de Klerk, Zamani, The exact worst-case convergence rate of the gradient method with fixed "
    "step lengths for L-smooth functions, arXiv 2104.05468"
)


ROUNDING = 2.5e-16  # theta / N^2: steps of N roundings each stay on the flat tips of the teeth


@kernel
def sawtooth_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """parameters: L, the gradient U at the iterates, the distance w = tU between them, N, the gap, theta.

    With u = -x the way walked: f' = U for u <= 0; U - L max(0, dist(u, wZ) - theta w) up to u = Nw; then falling to 0
    at slope L.
    """
    smoothness, steepness, stride = parameters[0], parameters[1], parameters[2]
    steps, value, tip = parameters[3], parameters[4], parameters[5] * parameters[2]
    walked = -x[0]
    if walked <= 0.0:
        gradient[0] = steepness
        return value - steepness * walked
    tooth = steepness * stride - smoothness * (0.5 * stride - tip) ** 2
    teeth = math.floor(min(walked / stride, steps))
    value -= teeth * tooth
    rest = walked - teeth * stride
    if teeth == steps:
        end = max(0.0, min(rest - tip, steepness / smoothness))
        gradient[0] = steepness - smoothness * end
        return value - (steepness * min(rest, tip + end) - 0.5 * smoothness * end**2)
    near = min(rest, stride - rest)
    bite = max(0.0, near - tip)
    gradient[0] = steepness - smoothness * bite
    fallen = steepness * near - 0.5 * smoothness * bite**2
    return value - (fallen if rest == near else tooth - fallen)


def least_gradient(steps: int, step: float, smoothness: float, gap: float, theta: float = 0.0) -> float:
    """U with U^2 = D / (N (t - L t^2 (1/2 - theta)^2) + theta t + 1/(2L)), t = step/L.

    For theta = 0 it is the exact worst case of N steps, U^2 = 4 D / (N (4t - L t^2) + 2/L) for step <= 1.
    """
    t = step / smoothness
    return math.sqrt(gap / (steps * (t - smoothness * (t * (0.5 - theta)) ** 2) + theta * t + 0.5 / smoothness))


@family(example={"steps": 5}, source=EXACT_RATE)
def sawtooth(*, steps: int, step: float = 1.0, smoothness: float = 1.0, gap: float = 1.0) -> Instance:
    """The function on which N steps of gradient descent of length step/L see only gradients of norm U, start 0.

    U^2 = 4 D / (N (4t - L t^2) + 2/L), t = step/L, which is the exact worst case for step <= 1: N + 1 queries see U.
    The derivative is piecewise linear and L-Lipschitz. Exactly on the tip of a tooth a rounding error would grow by
    the factor 1 + step at each step, so each tip is flat over 2 theta w with theta = 2.5e-16 N^2, which lowers U by a
    relative theta at most. For longer steps see `zigzag`.

    steps: N. step: t in units of 1/L, in (0, 1]. smoothness: L. gap: D, exact. The claimed floor is U.
    """
    if not 1 <= steps <= 10**6 or not 0 < step <= 1:
        raise InputError(f"sawtooth needs steps in 1 .. 10^6 and step in (0, 1], got {steps} and {step:g}")
    if not (0 < smoothness < math.inf and 0 < gap < math.inf):
        raise InputError(f"sawtooth needs positive smoothness and gap, got {smoothness:g} and {gap:g}")
    theta = ROUNDING * steps**2
    steepness = least_gradient(steps, step, smoothness, gap, theta)
    stride = steepness * step / smoothness
    parameters = np.array([smoothness, steepness, stride, steps, gap, theta], dtype=float)
    return Instance(
        name="sawtooth",
        function=KernelFunction(sawtooth_kernel, parameters),
        start=np.zeros(1),
        claims=Claims(
            Claim("smoothness", smoothness, "derived", "by construction: f' is piecewise linear of slope at most L"),
            Claim("gap", gap, "derived", "by construction, exact"),
            Claim("floor", steepness, "derived", f"by construction; within a relative theta of {EXACT_RATE}"),
        ),
        bounds=(outlasts(steps, step / smoothness, steepness, "this project, by construction"),),
        target=steepness,
    )
