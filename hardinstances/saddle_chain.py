"""Saddles in a row: gradient descent needs a time exponential in the dimension to come past all of them."""

import math

import numpy as np
from numpy.typing import NDArray

from oracles import Array, Claim, Claims, Goal, InputError, Instance, KernelFunction, family, kernel
from oracles.instances import Progress
from oracles.kernels import compiled

DU = (
    "Du, Jin, Lee, Jordan, Poczos, Singh, Gradient descent can take exponential time to escape saddle points, "
    "arXiv 1705.10412"
)
HERE = "this project"

# The largest sigma, |sigma'| and |beta'| in units of tau, see `bait` and `gate`.
BAIT, BAIT_SLOPE, GATE_SLOPE = 13 / 6, 512 / 243, 15 / 8


@compiled
def basin(v: float) -> tuple[float, float]:
    """p(v), p'(v) for tau = 1, v >= 0: v^2 up to 1, v^2 - 8 u^3 + 4 u^4 at v = 1 + u, (v - 2)(v - 6) from 2 on."""
    if v <= 1.0:
        return v * v, 2.0 * v
    if v >= 2.0:
        return (v - 2.0) * (v - 6.0), 2.0 * v - 8.0
    u = v - 1.0
    return v * v - u * u * u * (8.0 - 4.0 * u), 2.0 * v - u * u * (24.0 - 16.0 * u)


@compiled
def bait(v: float) -> tuple[float, float]:
    """sigma(v), sigma'(v) for tau = 1, v >= 0: v^2 up to 1, constant from 2 on, slope 2 (1 - u)^2 (1 + 3 u) between."""
    if v <= 1.0:
        return v * v, 2.0 * v
    u = min(v - 1.0, 1.0)
    value = (1.0 + u) ** 2 - u * u * u * (10.0 / 3.0 - 1.5 * u)
    return value, 2.0 * (1.0 - u) ** 2 * (1.0 + 3.0 * u)


@compiled
def gate(v: float) -> tuple[float, float]:
    """beta(v), beta'(v) for tau = 1, v >= 0: 0 up to 1, 1 from 2 on, u^3 (10 - 15 u + 6 u^2) at v = 1 + u."""
    u = min(max(v - 1.0, 0.0), 1.0)
    return u * u * u * (10.0 - 15.0 * u + 6.0 * u * u), 30.0 * (u * (1.0 - u)) ** 2


@kernel
def saddle_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """sum_i L p(|x_i|) - (L + gamma) beta(|x_{i-1}|) sigma(|x_i|), beta(|x_0|) = 1; parameters: L, gamma, tau."""
    attraction, tau = parameters[0], parameters[2]
    lure = attraction + parameters[1]
    open_, opening, sign, value = 1.0, 0.0, 1.0, 0.0
    for i in range(dimension):
        v = abs(x[i]) / tau
        bowl, bowl_slope = basin(v)
        drop, drop_slope = bait(v)
        value += attraction * bowl - lure * open_ * drop
        if i > 0:
            gradient[i - 1] -= sign * tau * lure * opening * drop
        sign = -1.0 if x[i] < 0.0 else 1.0
        gradient[i] = sign * tau * (attraction * bowl_slope - lure * open_ * drop_slope)
        open_, opening = gate(v)
    return tau * tau * value


def largest_curvature(attraction: float, repulsion: float) -> float:
    """Gershgorin: the largest |H_ii|, a cubic in u at the corners of what the neighbours may be, and two neighbours."""
    lure = attraction + repulsion
    bowl, drop = np.poly1d([48, -48, 2]), np.poly1d([18, -20, 2])
    gate_curvature = np.poly1d([120, -180, 60, 0])
    largest = 2 * max(attraction, repulsion)
    for open_ in (0, 1):
        for ahead in (0, BAIT):
            diagonal = attraction * bowl - lure * (open_ * drop + ahead * gate_curvature)
            turns = [u.real for u in diagonal.deriv().roots if abs(u.imag) < 1e-12 and 0 < u.real < 1]
            largest = max(largest, *(abs(float(diagonal(u))) for u in (0.0, 1.0, *turns)))
    return largest + 2 * lure * GATE_SLOPE * BAIT_SLOPE


def escape_factor(attraction: float, repulsion: float, step: float) -> float:
    """The time of gradient descent with step t at one saddle over that at the saddle before, in the limit.

    1 - log(1 - 2 L t) / log(1 + 2 gamma t): the coordinate that is to escape next has shrunk all the time.
    It tends to (L + gamma) / gamma as t -> 0.
    """
    return 1 - math.log1p(-2 * attraction * step) / math.log1p(2 * repulsion * step)


def left_behind(tau: float) -> Progress:
    """The number of leading coordinates beyond 2 tau: of saddles that a point has left behind."""

    def progress(points: Array) -> NDArray[np.int64]:
        return np.cumprod(np.abs(points) >= 2 * tau, axis=1).sum(axis=1)

    return progress


def above_infimum(instance: Instance) -> Goal:
    """The goal to lower f(x) - inf f, for an instance whose claimed gap is exact."""
    everywhere = np.ones(1, dtype=bool)
    values, _ = instance.function.evaluate(instance.start[None].copy(), everywhere, everywhere)
    infimum = float(values[0]) - instance.claims.value("gap")
    return Goal("f(x) - inf f", lambda point, value, gradient: value - infimum, needs_gradient=False)


@family(example={"dimension": 3}, source=DU)
def saddle_chain(
    *, dimension: int, attraction: float = 1.0, repulsion: float = 1.0, tube: float = math.e, start: float = 1.0
) -> Instance:
    """Du et al.'s function on its tubes: d saddles one after the other, start (s, .., s) near the first.

    In tube i the coordinates before x_i are in [2 tau, 6 tau], those after it in [0, tau], and f is

        sum_{j<i} (L (x_j - 4 tau)^2 - nu) - gamma x_i^2 + sum_{j>i} L x_j^2                       for x_i in [0, tau]
        sum_{j<i} (L (x_j - 4 tau)^2 - nu) + g_1(x_i) + g_2(x_i) x_{i+1}^2 + sum_{j>i+1} L x_j^2   in [tau, 2 tau]

    with splines g_1, g_2 and nu = tau^2 (37 L + 13 gamma)/6; the minimum, all x_j = 4 tau, is -d nu. While x_i
    escapes like (1 + 2 gamma t)^k, the coordinates after it shrink like (1 - 2 L t)^k, so that each saddle takes
    about (L + gamma)/gamma times as long as the one before. Small gradients are met at the saddles: the construction
    speaks of coming down, see `above_infimum` (with target nu/2), and of `progress`.

    Outside of the tubes, where the paper extends by Whitney's theorem, f is here what the same splines give:
    f = sum_i L p(x_i) - (L + gamma) beta(x_{i-1}) sigma(x_i), which is C^2 on R^d with a tridiagonal Hessian, bounded
    alike in every dimension; g_1 = L p - (L + gamma) sigma, g_2 = L - (L + gamma) beta.

    dimension: d. attraction: L. repulsion: gamma. tube: tau. start: s in (0, tau). Coordinates shrink like
    e^-((L + gamma)/gamma)^i: past 10^-308 they are 0 and stay, which is at d = 9 or so for L = gamma. Cost: O(d).
    """
    numbers = {"attraction": attraction, "repulsion": repulsion, "tube": tube, "start": start}
    for name, number in numbers.items():
        if not 0 < number < math.inf:
            raise InputError(f"{name} of saddle_chain must be positive, got {number:g}")
    if dimension < 1 or start >= tube:
        raise InputError(f"saddle_chain needs dimension >= 1 and start < tube, got {dimension}, {start:g} and {tube:g}")
    depth = tube**2 * (37 * attraction + 13 * repulsion) / 6
    lure = attraction + repulsion
    bend = 60 * BAIT + 3 * 10 / math.sqrt(3) * BAIT_SLOPE + 3 * GATE_SLOPE * 32 / 9 + 20
    return Instance(
        name="saddle_chain",
        function=KernelFunction(saddle_kernel, np.array([attraction, repulsion, tube])),
        start=np.full(dimension, start),
        claims=Claims(
            Claim("smoothness", largest_curvature(attraction, repulsion), "derived", f"{HERE}: Gershgorin, on R^d"),
            Claim("hessian_smoothness", (48 * attraction + lure * bend) / tube, "derived", f"{HERE}: term by term"),
            Claim(
                "gap",
                dimension * depth + ((dimension - 1) * attraction - repulsion) * start**2,
                "derived",
                f"{HERE}: inf f = -d nu, as L p - (L + gamma) beta sigma >= L p - (L + gamma) sigma >= -nu",
            ),
            Claim("escape_factor", lure / repulsion, "recalled", f"{DU}: how the time grows from saddle to saddle"),
        ),
        progress=left_behind(tube),
    )
