"""Chain I with a global minimiser near the start: knowing the distance helps no more than knowing the gap."""

import math

import numpy as np

from hardinstances.carmon_chain import (
    HERE,
    LOWER_BOUNDS_I,
    chain_kernel,
    exact_gap,
    fitting_length,
    preferred,
    psi,
    unit_claims,
)
from hardinstances.progress import last_above
from hardinstances.scaling import EPSILON_MARGIN, one_per_round, positive, whole_links
from oracles import Array, Claim, Claims, InputError, Instance, KernelFunction, compiled, family, kernel
from oracles.claims import without_certificate

chain = compiled(chain_kernel.python)

DEEPER = 1.1  # the depth of the bump, in units of the gap of the chain
BUMP_SMOOTHNESS = 362.73  # the largest curvature of Psi(1 - (25/2) |z|^2)


@kernel
def carmon_chain_distance_kernel(x: Array, gradient: Array, dimension: int, parameters: Array) -> float:
    """The chain less A Psi(1 - (25/2) |x/D - (4/5) e_T|^2); parameters: those of the chain, then D, A."""
    value = chain(x, gradient, dimension, parameters)
    distance, depth = parameters[3], parameters[4]
    last = x[dimension - 1] / distance
    if last <= 0.6:
        return value
    square = (last - 0.8) * (last - 0.8)
    for i in range(dimension - 1):
        square += (x[i] / distance) * (x[i] / distance)
    bump, slope = psi(1.0 - 12.5 * square)
    for i in range(dimension):
        offset = x[i] / distance - (0.8 if i == dimension - 1 else 0.0)
        gradient[i] += 25.0 * depth / distance * slope * offset
    return value - depth * bump


def claims_with_bump(length: int, first_link: float, distance: float, width: float, height: float) -> Claims:
    """What is claimed of chain and bump together; the floor holds while |x_T| is at most half a width."""
    unit = preferred(unit_claims(length, first_link), "tight").scaled(height=height, width=width)
    gap = height * exact_gap(length, first_link)
    bend = DEEPER * gap * BUMP_SMOOTHNESS / distance**2
    bent = f"; the bump added, its curvature maximised on a line by {HERE}"
    return Claims(
        *(Claim("smoothness", claim.value + bend, "measured", claim.source + bent) for claim in unit.on("smoothness")),
        Claim("gap", (1 + DEEPER) * gap, "derived", "chain and bump fall by no more than their sum"),
        *(without_certificate(claim) for claim in unit if claim.quantity in ("floor", "length")),
        Claim("distance", distance, "derived", "the least value is in the bump: from the start at most this far"),
    )


@family(example={"length": 3, "distance": 20.0}, source=f"{LOWER_BOUNDS_I}, as recalled")
def carmon_chain_distance(
    *,
    distance: float,
    length: int | None = None,
    first_link: float = math.e,
    smoothness: float | None = None,
    target: float | None = None,
) -> Instance:
    """f(x) = h f_T(x / w) - A Psi(1 - (25/2) |x/D - (4/5) e_T|^2), f_T, Psi and start as in carmon_chain.

    The bump is felt only where x_T > 3D/5, so that the chain is felt first: T + 1 rounds as in carmon_chain. It is
    deeper than the whole chain, so that all global minimisers are within D of the start.

    distance: D. length, first_link: T = d and the weight of the first link, as in carmon_chain.
    smoothness, target: L, epsilon; with D they scale the chain to half the smoothness, and T, of the order of
        D^2 L^2 / epsilon^2, is the largest for which the bump takes no more than the other half.
    Cost: O(T) per query.
    """
    family_name = "carmon_chain_distance"
    positive(family_name, distance=distance, length=length, first_link=first_link, smoothness=smoothness, target=target)
    width = height = 1.0
    if smoothness is not None and target is not None and length is None:
        unit = preferred(unit_claims(1, first_link), "tight")
        roughest = unit.value("smoothness") / (smoothness / 2)
        width = roughest * target * EPSILON_MARGIN / unit.value("floor")
        height = width**2 / roughest
        room = smoothness / 2 * distance**2 / (DEEPER * BUMP_SMOOTHNESS * height)
        given = {"distance": distance, "smoothness": smoothness, "target": target}
        length = whole_links(fitting_length(room, first_link, "tight"), given)
    elif length is None or smoothness is not None or target is not None:
        raise InputError(f"{family_name} needs distance with length, or with smoothness and target")
    if width > 1.2 * distance:
        raise InputError(f"distance={distance:g} is too short: the bump would be felt from the start")
    claims = claims_with_bump(length, first_link, distance, width, height)
    depth = DEEPER * height * exact_gap(length, first_link)
    floors = claims.on("floor")
    return Instance(
        name=family_name,
        function=KernelFunction(carmon_chain_distance_kernel, np.array([first_link, width, height, distance, depth])),
        start=np.zeros(length),
        claims=claims,
        bounds=tuple(one_per_round(floor, length + 1, source=LOWER_BOUNDS_I) for floor in floors),
        target=target if target is not None else (floors[0].value if floors else None),
        progress=last_above(width / 2),
    )
