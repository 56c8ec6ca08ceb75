"""Chain I for functions whose p-th derivative is Lipschitz: 1/epsilon^{(p+1)/p}."""

import math

import numpy as np

from hardinstances.carmon_chain import (
    HERE,
    LOWER_BOUNDS_I,
    chain_kernel,
    fitting_length,
    preferred,
    unit_claims,
)
from hardinstances.chain_hessian import chain_band
from hardinstances.progress import last_above
from hardinstances.scaling import EPSILON_MARGIN, one_per_round, positive, scaling_numbers, whole_links
from oracles import Claim, Claims, InputError, Instance, KernelFunction, family

# l_p, the Lipschitz constant of the p-th derivative of f_T, by p >= 2, and the name of the quantity.
HIGHER = {2: ("hessian_smoothness", 1891.61), 3: ("third_order_smoothness", 42885.9)}


def claims_of_all_orders(length: int, first_link: float) -> Claims:
    """What is claimed of f_T in its own units, with l_2 and l_3; first links up to e."""
    searched = f"{HERE}: maximised over points and directions, T <= 4; one inner link, 4.13273 sup |Psi^(p+1)|"
    known = [claim for claim in unit_claims(length, first_link) if claim.quantity != "hessian_smoothness"]
    higher = [Claim(quantity, value, "measured", searched) for quantity, value in HIGHER.values()]
    return preferred([*known, *higher], "tight")


@family(example={"length": 4, "order": 2}, source=LOWER_BOUNDS_I)
def carmon_chain_order(
    *,
    order: int = 2,
    length: int | None = None,
    first_link: float = math.e,
    order_smoothness: float | None = None,
    gap: float | None = None,
    target: float | None = None,
) -> Instance:
    """f(x) = (L_p w^{p+1} / l_p) f_T(x / w), w = (l_p epsilon / (L_p G))^{1/p}, f_T and start as in carmon_chain.

    The p-th derivative is L_p-Lipschitz, the floor is epsilon, and T of the order of D (L_p / l_p)^{1/p} (G /
    epsilon)^{(p+1)/p} links need T + 1 rounds, whatever the order of the oracle.

    order: p, 1 to 3. length: T = d. first_link: as in carmon_chain, at most e.
    order_smoothness, gap, target: L_p, D, epsilon; L_p and epsilon with D or T scale the chain.
    Cost: O(T) per query, one pass.
    """
    if order not in (1, *HIGHER):
        raise InputError(f"order of carmon_chain_order must be 1, 2 or 3, got {order}")
    positive("carmon_chain_order", first_link=first_link)
    if first_link > math.e:
        raise InputError(f"first_link of carmon_chain_order must be at most e, got {first_link:g}")
    numbers = scaling_numbers(
        "carmon_chain_order", length=length, gap=gap, order_smoothness=order_smoothness, target=target
    )
    width = height = 1.0
    if numbers:
        unit = claims_of_all_orders(1, first_link)
        rough = unit.value("smoothness" if order == 1 else HIGHER[order][0])
        steepness = numbers["target"] * EPSILON_MARGIN / unit.value("floor")
        width = (rough * steepness / numbers["order_smoothness"]) ** (1 / order)
        height = steepness * width
    links = length or whole_links(fitting_length(numbers["gap"] / height, first_link, "tight"), numbers)
    claims = claims_of_all_orders(links, first_link).scaled(height=height, width=width)
    floors, exponent = claims.on("floor"), (order + 1) / order
    return Instance(
        name="carmon_chain_order",
        function=KernelFunction(chain_kernel, np.array([first_link, width, height]), chain_band),
        start=np.zeros(links),
        claims=claims,
        bounds=tuple(one_per_round(floor, links + 1, source=LOWER_BOUNDS_I, exponent=exponent) for floor in floors),
        target=target if target is not None else (floors[0].value if floors else None),
        progress=last_above(width / 2),
    )
