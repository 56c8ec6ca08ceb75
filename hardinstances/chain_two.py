"""Chain II of Carmon, Duchi, Hinder and Sidford: first-order methods on functions with Lipschitz higher derivatives."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from hardinstances.progress import last_above
from hardinstances.scaling import EPSILON_MARGIN, one_per_round, scaling_numbers, whole_links
from hardinstances.upsilon import depth, largest_derivative, upsilon, upsilon_curvature
from oracles import Array, Claim, Claims, InputError, Instance, KernelFunction, Scope, compiled, family, kernel
from oracles.lowlevel import tail

LOWER_BOUNDS_II = "Carmon, Duchi, Hinder, Sidford, Lower bounds for finding stationary points II, arXiv 1711.00841"
HERE = "this project"
FLOORS = {"published": 0.25, "tight": 0.95}  # in units of mu^(3/4)
BEST_WEIGHT = 1 / 45  # where 4 = 180 mu: the longest chain if the Hessian may be as rough as it likes


@kernel
def chain_two_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """Height * f(x / width); parameters: mu, r, Upsilon_r(0), width, height."""
    weight, radius, start = parameters[0], parameters[1], parameters[2]
    width, height = parameters[3], parameters[4]
    slope_height = height / width
    stretch = x[0] / width - 1.0
    value, pull = 0.5 * math.sqrt(weight) * stretch * stretch, math.sqrt(weight) * stretch
    for i in range(dimension):
        t = x[i] / width
        gradient[i] = pull
        if i + 1 < dimension:
            stretch = x[i + 1] / width - t
            fall, slope = upsilon(t, radius)
            value += 0.5 * stretch * stretch + weight * (start + fall)
            gradient[i] += weight * slope - stretch
            pull = stretch
        gradient[i] *= slope_height
    return value * height


@compiled
def chain_two_band(x: Array, diagonal: Array, off_diagonal: Array, dimension: int, parameters: Array) -> None:
    """Fill the Hessian: its diagonal (d,) and the entries beside it (d - 1,)."""
    weight, radius, width = parameters[0], parameters[1], parameters[3]
    curvature_height = parameters[4] / (width * width)
    below = math.sqrt(weight)
    for i in range(dimension):
        diagonal[i] = below
        if i + 1 < dimension:
            diagonal[i] += 1.0 + weight * upsilon_curvature(x[i] / width, radius)
            off_diagonal[i] = -curvature_height
        diagonal[i] *= curvature_height
        below = 1.0


@kernel
def chain_two_hessian(x: Array, band: Array, dimension: int, parameters: Array) -> float:
    """The two diagonals of the Hessian, one after the other."""
    band[2 * dimension - 1] = 0.0
    chain_two_band(x, band, tail(band, dimension), dimension, parameters)
    return 0.0


def unit_claims(length: int, weight: float, radius: float, constants: str) -> Claims:
    """What is claimed of f in its own units; the floor holds while x_T = x_{T+1} = 0."""
    root = math.sqrt(weight)
    searched = f"{HERE}: minimised over points, mu from 1e-6 to 1, r from 1 to 1000"
    claims = [
        Claim("smoothness", 4 + root + weight * largest_derivative(2, radius), "derived", "path Laplacian and Upsilon"),
        Claim("hessian_smoothness", weight * largest_derivative(3, radius), "derived", "sup |Upsilon'''|"),
        Claim("third_order_smoothness", weight * largest_derivative(4, radius), "derived", "sup |Upsilon''''|"),
        Claim("gap", root / 2 + weight * depth(radius) * length, "derived", "f(0), as inf f = 0"),
        Claim("gap", root / 2 + 10 * weight * length, "published", LOWER_BOUNDS_II),
        Claim("floor", FLOORS["tight"] * weight**0.75, "measured", searched),
        Claim("floor", FLOORS["published"] * weight**0.75, "published", LOWER_BOUNDS_II),
        Claim("length", float(length), "derived", "T, the number of coordinates less one"),
    ]
    return Claims(*sorted(claims, key=lambda claim: (claim.tag == "published") == (constants == "tight")))


class Member(NamedTuple):
    """The numbers of a scaled chain: f = height * F(x / width), F with these mu and r."""

    weight: float
    radius: float
    width: float
    height: float


def calibrated(numbers: Mapping[str, float], calibration: str, constants: str) -> Member:
    """The member with the greatest mu whose gradient and Hessian are Lipschitz as asked and whose floor is epsilon.

    "hessian": r = 1, so that T grows as D L_1^{3/7} L_2^{2/7} / epsilon^{12/7}; mu at most 1/45, where T is longest.
    "every order": r = mu^{-1/2}; all derivatives stay bounded as epsilon falls, T grows as 1/epsilon^{8/5}.
    """
    from scipy.optimize import brentq  # slow to import, and only needed to scale

    def member(weight: float) -> tuple[Member, float]:
        radius = 1.0 if calibration == "hessian" else weight**-0.5
        unit = unit_claims(1, weight, radius, constants)
        steepness = numbers["smoothness"] / unit.value("smoothness")
        width = numbers["target"] * EPSILON_MARGIN / (steepness * unit.value("floor"))
        roughness = unit.value("hessian_smoothness") * steepness / width
        return Member(weight, radius, width, steepness * width**2), roughness / numbers["hessian_smoothness"]

    least, most = 1e-16, BEST_WEIGHT if calibration == "hessian" else 1.0
    if member(most)[1] <= 1:
        return member(most)[0]
    if member(least)[1] > 1:
        roughest, target = numbers["hessian_smoothness"], numbers["target"]
        raise InputError(f"chain_two cannot have hessian_smoothness={roughest:g} at target={target:g}")
    logarithm = brentq(lambda log: math.log(member(math.exp(log))[1]), math.log(least), math.log(most), xtol=1e-13)
    return member(math.exp(logarithm) * (1 - 1e-11))[0]


def fitting_length(numbers: Mapping[str, float], member: Member, constants: str) -> int:
    """The longest chain whose gap sqrt(mu)/2 + mu Upsilon_r(0) T, with 10 for Upsilon_r(0) if published, fits."""
    per_link = member.weight * (10 if constants == "published" else depth(member.radius))
    return whole_links((numbers["gap"] / member.height - math.sqrt(member.weight) / 2) / per_link, numbers)


@family(example={"length": 4, "weight": 0.1}, source=LOWER_BOUNDS_II)
def chain_two(
    *,
    length: int | None = None,
    weight: float | None = None,
    radius: float | None = None,
    smoothness: float | None = None,
    hessian_smoothness: float | None = None,
    gap: float | None = None,
    target: float | None = None,
    calibration: str = "hessian",
    constants: str = "tight",
) -> Instance:
    """f(x) = (sqrt(mu)/2) (x_1 - 1)^2 + (1/2) sum_{i=1..T} (x_{i+1} - x_i)^2 + mu sum_{i=1..T} Upsilon_r(x_i), start 0.

    Upsilon_r(t) = 120 int_1^t u^2 (u - 1) / (1 + (u/r)^2) du. The gradient at a point supported on {1 .. i} is
    supported on {1 .. i + 1}; while x_T = x_{T+1} = 0 its norm stays above the floor, so that T + 1 rounds are needed.
    Not robust: a Hessian, or any other point, shows everything.

    length: T = d - 1. weight, radius: mu in (0, 1] (default 1) and r >= 1 (default 1).
    smoothness, hessian_smoothness, target, with gap or length: L_1, L_2, epsilon and D or T scale the chain and choose
        mu and r by the calibration: "hessian" (r = 1, T of the order of epsilon^{-12/7}) or "every order" (r grows so
        that the Lipschitz constants of all derivatives stay bounded, epsilon^{-8/5}).
    constants: which floor and gap scale it: "tight" or "published" (mu^{3/4}/4 and sqrt(mu)/2 + 10 mu T).
    Cost: O(T) per query, one pass.
    """
    if calibration not in ("hessian", "every order") or constants not in FLOORS:
        raise InputError(
            "chain_two needs calibration 'hessian' or 'every order' and constants 'tight' or 'published', "
            f"got {calibration!r} and {constants!r}"
        )
    numbers = scaling_numbers(
        "chain_two",
        length=length,
        gap=gap,
        smoothness=smoothness,
        hessian_smoothness=hessian_smoothness,
        target=target,
    )
    member = Member(1.0 if weight is None else weight, 1.0 if radius is None else radius, 1.0, 1.0)
    if numbers:
        if weight is not None or radius is not None:
            raise InputError("the scale of chain_two chooses weight and radius; give neither")
        member = calibrated(numbers, calibration, constants)
    elif not (0 < member.weight <= 1 <= member.radius < math.inf):
        raise InputError(f"chain_two needs 0 < weight <= 1 <= radius, got {member.weight:g}, {member.radius:g}")
    links = length or fitting_length(numbers, member, constants)
    claims = unit_claims(links, member.weight, member.radius, constants).scaled(
        height=member.height, width=member.width
    )
    exponent = 12 / 7 if calibration == "hessian" else 8 / 5
    scope = Scope("zero-respecting", order=1)
    start = depth(member.radius)
    return Instance(
        name="chain_two",
        function=KernelFunction(
            chain_two_kernel,
            np.array([member.weight, member.radius, start, member.width, member.height]),
            chain_two_hessian,
        ),
        start=np.zeros(links + 1),
        claims=claims,
        bounds=tuple(
            one_per_round(floor, links + 1, source=LOWER_BOUNDS_II, scope=scope, exponent=exponent)
            for floor in claims.on("floor")
        ),
        target=target if target is not None else claims.value("floor"),
        progress=last_above(0.0),
    )
