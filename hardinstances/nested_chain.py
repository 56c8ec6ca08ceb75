"""The nested chain: first-order methods need 1/epsilon^{7/4} queries, the best rate with a Lipschitz Hessian."""

import math
from collections.abc import Mapping

import numpy as np

from hardinstances.chain_two import LOWER_BOUNDS_II
from hardinstances.progress import last_above
from hardinstances.scaling import EPSILON_MARGIN, one_per_round, positive, scaling_numbers, whole_links
from hardinstances.upsilon import depth, largest_derivative, upsilon, upsilon_curvature
from oracles import Array, Claim, Claims, InputError, Instance, KernelFunction, Scope, compiled, family, kernel
from oracles.lowlevel import tail

NESTED = "Chen, Ji, Zhang, arXiv 2511.22331 (later versions), section 3.3"
HERE = "this project"
FLOOR = 1 / (4 * math.sqrt(2))  # in units of nu
BEST_BRIDGE = 3  # (m + 1) nu / (4 + 180 nu) is largest: the longest chain if only the gradient is Lipschitz


@compiled
def spring(place: int, bridge: int) -> tuple[float, float, float]:
    """Stiffness k and the factors a, b of the spring (k/2) (b x_{i+1} - a x_i)^2 after the place 0 .. m of a link."""
    if 0 < place < bridge:
        return 1.0, 1.0, 1.0
    ratio = 1.0 / math.sqrt(bridge)
    return 1.0 / bridge, ratio if place == 0 else 1.0, ratio if place == bridge else 1.0


@kernel
def nested_chain_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """Height * f(x / width); parameters: m, nu, r, Upsilon_r(0), width, height. Entries y_1, z^(1), y_2, z^(2), .."""
    bridge, weight, radius, start = int(parameters[0]), parameters[1], parameters[2], parameters[3]
    width, height = parameters[4], parameters[5]
    stretch = x[0] / width - 1.0
    value, pull = 0.5 * weight * stretch * stretch, weight * stretch
    for i in range(dimension):
        t, place = x[i] / width, i % (bridge + 1)
        gradient[i] = pull
        if i + 1 < dimension:
            stiffness, here, there = spring(place, bridge)
            stretch = there * (x[i + 1] / width) - here * t
            value += 0.5 * stiffness * stretch * stretch
            gradient[i] -= stiffness * here * stretch
            pull = stiffness * there * stretch
            if place == 0:
                fall, slope = upsilon(t, radius)
                value += weight * (start + fall)
                gradient[i] += weight * slope
        gradient[i] *= height / width
    return value * height


@compiled
def nested_chain_band(x: Array, diagonal: Array, off_diagonal: Array, dimension: int, parameters: Array) -> None:
    """Fill the Hessian: its diagonal (d,) and the entries beside it (d - 1,)."""
    bridge, weight, radius, width = int(parameters[0]), parameters[1], parameters[2], parameters[4]
    curvature_height = parameters[5] / (width * width)
    below = weight
    for i in range(dimension):
        place, bend = i % (bridge + 1), below
        if i + 1 < dimension:
            stiffness, here, there = spring(place, bridge)
            bend += stiffness * here * here
            below = stiffness * there * there
            off_diagonal[i] = -stiffness * here * there * curvature_height
            if place == 0:
                bend += weight * upsilon_curvature(x[i] / width, radius)
        diagonal[i] = bend * curvature_height


@kernel
def nested_chain_hessian(x: Array, band: Array, dimension: int, parameters: Array) -> float:
    """The two diagonals of the Hessian, one after the other."""
    band[2 * dimension - 1] = 0.0
    nested_chain_band(x, band, tail(band, dimension), dimension, parameters)
    return 0.0


def outer_weight(bridge: int) -> float:
    """Nu = theta^2 / (3m - 1) with theta = 1/sqrt(m): the stiffness of a bridge between two outer coordinates."""
    return 1 / (bridge * (3 * bridge - 1))


def unit_claims(length: int, bridge: int, radius: float) -> Claims:
    """What is claimed of f in its own units; the floor holds while y_T = y_{T+1} = 0."""
    weight = outer_weight(bridge)
    transfer = f"{HERE}: the bridges pass the floor mu^(3/4)/4, mu = 1, of {LOWER_BOUNDS_II} with a factor nu/sqrt(2)"
    return Claims(
        Claim("smoothness", 4 + weight * largest_derivative(2, radius), "derived", "springs at most 4, and Upsilon"),
        Claim("hessian_smoothness", weight * largest_derivative(3, radius), "derived", "sup |Upsilon'''|"),
        Claim("third_order_smoothness", weight * largest_derivative(4, radius), "derived", "sup |Upsilon''''|"),
        Claim("gap", weight * (0.5 + depth(radius) * length), "derived", "f(0), as inf f = 0"),
        Claim("floor", FLOOR * weight, "derived", transfer),
        Claim("floor", 0.76 * weight, "measured", f"{HERE}: minimised over points, T <= 10, m <= 12"),
        Claim("length", float(length), "derived", "T, the number of outer coordinates less one"),
    )


def calibrated(
    smoothness: float, target: float, *, hessian_smoothness: float | None, third_order_smoothness: float | None
) -> tuple[int, float, float]:
    """The bridge m, width and height of the longest chain with r = 1 in the class, from a = height nu / width^2.

    a l_2 / width <= L_2 and a l_3 / width^2 <= L_3 with width = epsilon / (G a) bound a from above, hence m from below.
    """
    target *= EPSILON_MARGIN
    stiffest = math.inf
    if hessian_smoothness is not None:
        stiffest = math.sqrt(hessian_smoothness * target / (FLOOR * largest_derivative(3, 1.0)))
    if third_order_smoothness is not None:
        cube = third_order_smoothness * (target / FLOOR) ** 2 / largest_derivative(4, 1.0)
        stiffest = min(stiffest, cube ** (1 / 3))
    inverse = (smoothness / stiffest - largest_derivative(2, 1.0)) / 4  # 1/nu at least
    bridge = max(BEST_BRIDGE, math.ceil((1 + math.sqrt(1 + 12 * max(0.0, inverse))) / 6))
    steepness = smoothness / (4 + largest_derivative(2, 1.0) * outer_weight(bridge))
    width = target / (FLOOR * steepness * outer_weight(bridge))
    return bridge, width, steepness * width**2


def least_target(bridge: int, *, smoothness: float, hessian_smoothness: float) -> float:
    """The least epsilon at which a chain of the class has this bridge m: there `calibrated` rounds nothing up, so that
    the shape of the chain follows epsilon as the theorem has it, without the steps of a whole number.
    """
    stiffest = smoothness / (4 / outer_weight(bridge) + largest_derivative(2, 1.0))
    least = stiffest**2 * FLOOR * largest_derivative(3, 1.0) / hessian_smoothness
    return least * (1 + 1e-12) / EPSILON_MARGIN


def fitting_length(numbers: Mapping[str, float], bridge: int, height: float) -> int:
    """The longest chain with r = 1 whose gap nu (1/2 + Upsilon_r(0) T) fits."""
    return whole_links((numbers["gap"] / (height * outer_weight(bridge)) - 0.5) / depth(1.0), numbers)


@family(example={"length": 2, "bridge": 3}, source=NESTED)
def nested_chain(
    *,
    length: int | None = None,
    bridge: int | None = None,
    radius: float = 1.0,
    smoothness: float | None = None,
    hessian_smoothness: float | None = None,
    third_order_smoothness: float | None = None,
    gap: float | None = None,
    target: float | None = None,
) -> Instance:
    """Chain II in outer coordinates y_1 .. y_{T+1}, each two neighbours tied by a bridge z in R^m; start 0.

    f = (nu/2) (1 - y_1)^2 + (1/2) sum_{i<=T} Q(y_i, z^(i), y_{i+1}) + nu sum_{i<=T} Upsilon_r(y_i),
    Q(u, z, v) = (1/m) (z_1 - theta u)^2 + sum_{j<m} (z_{j+1} - z_j)^2 + (1/m) (z_m - theta v)^2, theta = 1/sqrt(m),
    nu = 1/(m (3m - 1)), stored as y_1, z^(1), y_2, z^(2), .., d = T (m + 1) + 1.

    One query opens one coordinate, and while y_T = y_{T+1} = 0 the gradient norm stays above the floor, so that
    (T - 1)(m + 1) + 2 rounds are needed, by zero-respecting methods that ask for values and gradients.

    length, bridge, radius: T, m (default 3) and r >= 1.
    smoothness, target, with gap or length: L_1, epsilon, D scale the chain at r = 1; m is the least for which
        hessian_smoothness (L_2, of the order of epsilon^{-7/4} rounds) and third_order_smoothness (L_3, epsilon^{-5/3})
        hold, where given.
    Cost: O(d) per query, one pass.
    """
    numbers = scaling_numbers("nested_chain", length=length, gap=gap, smoothness=smoothness, target=target)
    higher = {"hessian_smoothness": hessian_smoothness, "third_order_smoothness": third_order_smoothness}
    positive("nested_chain", bridge=bridge, **higher)
    width = height = 1.0
    if numbers:
        if bridge is not None or radius != 1:
            raise InputError("the scale of nested_chain chooses bridge, with radius 1; give neither")
        bridge, width, height = calibrated(numbers["smoothness"], numbers["target"], **higher)
    elif any(number is not None for number in higher.values()):
        raise InputError("to scale nested_chain give smoothness and target with one of gap and length")
    bridge = BEST_BRIDGE if bridge is None else bridge
    if not (1 <= radius < math.inf):
        raise InputError(f"radius of nested_chain must be at least 1, got {radius:g}")
    links = length or fitting_length(numbers, bridge, height)
    claims = unit_claims(links, bridge, radius).scaled(height=height, width=width)
    floor = claims.on("floor")[0]
    rounds = (links - 1) * (bridge + 1) + 2
    exponent = 2.0 if hessian_smoothness is None else 7 / 4
    exponent = exponent if third_order_smoothness is None else 5 / 3
    scope = Scope("zero-respecting", order=1)
    parameters = np.array([bridge, outer_weight(bridge), radius, depth(radius), width, height])
    return Instance(
        name="nested_chain",
        function=KernelFunction(nested_chain_kernel, parameters, nested_chain_hessian),
        start=np.zeros(links * (bridge + 1) + 1),
        claims=claims,
        bounds=(one_per_round(floor, rounds, source=NESTED, scope=scope, exponent=exponent),),
        target=target if target is not None else floor.value,
        progress=last_above(0.0),
    )
