"""The exact worst case of gradient descent with a fixed step longer than 1/L: the iterates zigzag in the plane."""

import math

import numpy as np

from hardinstances.fixed_step import outlasts
from hardinstances.sawtooth import EXACT_RATE
from oracles import Array, Claim, Claims, InputError, Instance, KernelFunction, family, kernel

ROUNDING = 4e-15  # theta / (N + 1): the iterates keep clear of the creases by more than their rounding errors

HERE = "this project, by interpolation of the N + 1 iterates"


@kernel
def zigzag_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """parameters: L, U, tau = L t, N, sin(theta/2), the gap.

    f(x) = min over y in the hull of y_0 .. y_N of (L/2) |x - y|^2 - (L/4) |y|^2 + P(y), P the lower convex hull of
    f_k - U^2/(2L) + (L/4) |y_k|^2 at y_k = x_k - g_k/L. In units U/L and U^2/L, with x = (-tau c X, Y - tau s/2) and
    y = (-tau c (i + 1/tau), w), the y_k lie at i = k on the two lines w = -+b in turn, and

        f = const - tau c^2 X + min_{i, w} q (2 (i - X)^2 + M(i, w)) + (Y - w)^2/2 - w^2/4,

    where M = lambda - j^2, j = i - k, on the triangle of k - 1, k, k + 1; lambda in [|j|, 1] says how far w is from
    the line of k. The triangle of the k next to X holds the minimiser: separable in j and lambda, under |j| <= lambda.
    """
    smoothness, steepness, tau, steps = parameters[0], parameters[1], parameters[2], parameters[3]
    sine, gap = parameters[4], parameters[5]
    cosine = math.sqrt(1.0 - sine * sine)
    q = (0.5 * tau * cosine) ** 2
    b = sine * (1.0 - 0.5 * tau)
    r = b * b / q
    along = -x[0] * smoothness / (steepness * tau * cosine)
    across = x[1] * smoothness / steepness + 0.5 * tau * sine

    k = math.floor(min(max(along, 0.0), steps) + 0.5)
    side = -b if k % 2 == 0 else b
    xi = along - k
    pull = r - 1.0 - 2.0 * across * side / q
    if 0 < k < steps:
        j, depth = 2.0 * abs(xi), min(max(pull / (2.0 * r), 0.0), 1.0)
        sign = 1.0 if xi > 0.0 else -1.0
    else:  # no triangle beyond the ends, only the edge to the next vertex
        j, depth = 1.0, 0.0
        sign = 1.0 if k == 0 else -1.0
    if j > depth:
        j = min(max((pull + 4.0 * sign * xi) / (2.0 * (1.0 + r)), 0.0), 1.0)
        depth = j
    j *= sign
    w = side * (1.0 - 2.0 * depth)

    gradient[0] = steepness * cosine * (1.0 + tau * (j - xi))
    gradient[1] = steepness * (across - w)
    fallen = tau * cosine * cosine * along - q * (2.0 * (j - xi) ** 2 + depth - j * j)
    bend = 0.5 * (across - w) ** 2 - 0.25 * w * w - 0.5 * sine * sine + 0.25 * b * b
    return gap + steepness * steepness / smoothness * (bend - fallen)


def least_gradient(steps: int, step: float, smoothness: float, gap: float, theta: float = 0.0) -> float:
    """U with U^2 = D / (N t (1 - s^2) + 1/(2L)), t = step/L, s = (1 - theta) step / 2.

    For theta = 0: U^2 = 4 D / (N (4t - L^2 t^3) + 2/L), the exact worst case of N steps for step in [1, sqrt(3)].
    """
    drop = step * (1 - ((1 - theta) * step / 2) ** 2)
    return math.sqrt(smoothness * gap / (steps * drop + 0.5))


@family(example={"steps": 5, "step": 1.5}, source=EXACT_RATE)
def zigzag(*, steps: int, step: float = 2 / math.sqrt(3), smoothness: float = 1.0, gap: float = 1.0) -> Instance:
    """The function on which N steps of gradient descent of length step/L see only gradients of norm U, start 0, d = 2.

    U^2 = 4 D / (N (4t - L^2 t^3) + 2/L), t = step/L: the exact worst case for step in [1, sqrt(3)]; below 1 it is
    `sawtooth`. Above sqrt(3) N + 1 queries still see U, but where N is small L x^2/2 is worse, with
    U^2 = 2 L D (step - 1)^(2N).

    The gradients are U (cos a, +-sin a) in turn, sin a = step/2, and f interpolates these data: the least of the
    parabolas of curvature L over a chain of triangles, in closed form. Between consecutive iterates the gradient
    turns as fast as it may, so that the iterates would lie on creases of it, from where a rounding error grows.
    sin a = (1 - theta) step/2 with theta = 4e-15 (N + 1) keeps them clear of the creases; it lowers U by a relative
    theta tan^2 a at most.

    steps: N. step: t in units of 1/L, in [1, 2). smoothness: L. gap: D, exact. The claimed floor is U.
    Cost: O(1) per query.
    """
    if not 1 <= steps <= 10**6 or not 1 <= step < 2:
        raise InputError(f"zigzag needs steps in 1 .. 10^6 and step in [1, 2), got {steps} and {step:g}")
    if not (0 < smoothness < math.inf and 0 < gap < math.inf):
        raise InputError(f"zigzag needs positive smoothness and gap, got {smoothness:g} and {gap:g}")
    theta = ROUNDING * (steps + 1)
    steepness = least_gradient(steps, step, smoothness, gap, theta)
    return Instance(
        name="zigzag",
        function=KernelFunction(
            zigzag_kernel, np.array([smoothness, steepness, step, steps, (1 - theta) * step / 2, gap], dtype=float)
        ),
        start=np.zeros(2),
        claims=Claims(
            Claim("smoothness", smoothness, "derived", f"{HERE}: between a concave and a convex parabola everywhere"),
            Claim("gap", gap, "derived", f"{HERE}: f >= f_N - U^2/(2L), attained at x_N - g_N/L"),
            Claim("floor", steepness, "derived", f"{HERE}; U of {EXACT_RATE}"),
        ),
        bounds=(outlasts(steps, step / smoothness, steepness, HERE),),
        target=steepness,
    )
