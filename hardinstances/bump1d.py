"""One dimension: a slope with hidden tents, which a gradient sees only where it stands in one."""

import math

import numpy as np

from oracles import Array, Claim, Claims, InputError, Instance, KernelFunction, family, kernel

SOURCE = "this project, for the settings of Chewi, Bubeck, Salim, arXiv 2209.07513"
EXCESS = 1.2  # c = s / epsilon
BLOCKS = 64  # places that are drawn; then they come again

# The parameters; then the places u_b of the tents in their blocks.
SLOPE, BLOCK, HEIGHT, SMOOTHNESS, PLACES = range(5)


@kernel
def bump1d_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """In the block b = floor(x / B), with y = x - b B, t = y - u_b and half the width of a tent, w = H/L:
    f' = -s + max(0, H - L |t|),  f = -s y + (0, L (t + w)^2 / 2, L w^2 - L (w - t)^2 / 2, L w^2) before the tent, on
    its two halves, behind it. For x < 0: f' = -s.
    """
    slope, block, height = parameters[SLOPE], parameters[BLOCK], parameters[HEIGHT]
    smoothness = parameters[SMOOTHNESS]
    gradient[0] = -slope
    if x[0] < 0.0:
        return -slope * x[0]
    number = np.floor(x[0] / block)  # a double, as it may be large
    inside = min(max(x[0] - number * block, 0.0), block)
    half = height / smoothness
    aside = inside - parameters[PLACES + int(number % BLOCKS)]
    area = smoothness * half * half
    if aside <= -half:
        return -slope * inside
    if aside >= half:
        return area - slope * inside
    gradient[0] += height - smoothness * abs(aside)
    if aside <= 0.0:
        return 0.5 * smoothness * (aside + half) ** 2 - slope * inside
    return area - 0.5 * smoothness * (half - aside) ** 2 - slope * inside


@family(example={"target": 0.1}, source=SOURCE)
def bump1d(*, target: float = 0.01, smoothness: float = 1.0, gap: float = 1.0, seed: int = 0) -> Instance:
    """A function of one variable that falls with slope 1.2 epsilon but for one tent in its derivative per block, at a
    random place.

    f'(x) = -s + max(0, H - L |x - b B - u_b|) on the block [b B, (b + 1) B), with s = 1.2 epsilon, A = D/2, B = A/s,
    H = sqrt(L A), and u_b uniform on [H/L, B - H/L]. A tent has the area A, so that f is 0 again at the end of each
    block, and its value tells only on which side of the tent a point lies. |f'| <= epsilon holds inside tents alone.
    A gradient meets a tent with a chance of at most 2 s / (sqrt(L A) - 2 s) until one has: deterministic methods that
    see gradients alone need 1/epsilon^2 queries, randomised ones 1/epsilon, those that see values log(1/epsilon).

    target: epsilon. smoothness: L. gap: D. seed: of the places; 64 are drawn, then they come again. Start: 0.
    Cost: O(1) per query.
    """
    if not (target > 0 and smoothness > 0 and gap > 0):
        raise InputError(f"bump1d needs target, smoothness, gap > 0, got {target:g}, {smoothness:g}, {gap:g}")
    slope, area = EXCESS * target, gap / 2
    block, height = area / slope, math.sqrt(smoothness * area)
    half = height / smoothness
    if block < 4 * half:
        largest = math.sqrt(smoothness * area) / (4 * EXCESS)
        raise InputError(f"bump1d needs target <= sqrt(smoothness gap / 2) / 4.8 = {largest:g}, got {target:g}")
    places = np.random.default_rng(seed).uniform(half, block - half, BLOCKS)
    parameters = np.concatenate(([slope, block, height, smoothness], places))
    return Instance(
        name="bump1d",
        function=KernelFunction(bump1d_kernel, parameters),
        start=np.zeros(1),
        claims=Claims(
            Claim("smoothness", smoothness, "derived", "f' is piecewise linear with slopes -L, 0, L"),
            Claim("gap", gap, "derived", "A = D/2, twice"),
            Claim("gap", area * (1 + 1e-15), "derived", "f >= -s B = -A, as tents only add"),
        ),
        target=target,
    )
