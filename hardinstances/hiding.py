"""Chains in a random frame, with queries kept in a ball: what randomised methods and parallel queries cannot find."""

import math
from collections.abc import Callable
from dataclasses import replace

from hardinstances.carmon_chain import HERE, link_by_link
from hardinstances.scaling import Scale
from hardinstances.transforms import rotated, scaled
from oracles import Bound, Claim, InputError, Instance, Numbers, Scope
from oracles.claims import weakest


def in_frame(chain: Instance, rotation: str, seed: int, dimension: int | None) -> Instance:
    """The chain rotated, or, for the "identity", as it is."""
    if rotation != "identity":
        return rotated(chain, rotation=rotation, seed=seed, dimension=dimension)
    if dimension not in (None, chain.dimension):
        raise InputError(f"without a rotation the dimension is the length, {chain.dimension}, not {dimension}")
    return chain


def hiding_dimension(length: int, radius: float, width: int, failure: float) -> int:
    """D with K T (T + 1) exp(-(d - T) / (8 R^2)) <= failure probability."""
    return math.ceil(length + 8 * radius**2 * math.log(width * length * (length + 1) / failure))


def hidden_width(length: int, radius: float, dimension: int, failure: float) -> int:
    """The largest K with K T (T + 1) exp(-(d - T) / (8 R^2)) <= failure probability, at most 2^53."""
    exponent = (dimension - length) / (8 * radius**2)
    return math.floor(min(failure / (length * (length + 1)) * math.exp(min(exponent, 700.0)), 2.0**53))


def hidden_links(floor: Claim, length: int, width: int, failure: float) -> Bound:
    """With high probability over a Haar frame no method at all crosses more than one link per round.

    Each column not yet seen is uniform on a sphere, whatever was asked before: a query sees more than 1/2 of it with
    probability at most 2 exp(-(d - T) / (8 R^2)). Sum over the columns, the K queries and the T rounds.
    """

    def rounds(numbers: Numbers) -> float | None:
        return length + 1.0 if numbers["target"] <= floor.value else None

    return Bound(
        side="lower",
        counted="rounds",
        statement=f"rounds >= T + 1 = {length + 1} for targets up to {floor.value:.6g}, for K <= {width}, with "
        f"probability {1 - failure:g} over the rotation",
        formula=rounds,
        source=f"{HERE}: simulation with truncated chains and a union bound; floor: {floor.source}",
        tag=weakest(floor.tag, "derived"),
        exponent=2.0,
        scope=Scope("all", width=width),
    )


def hidden_chain(
    unit: Callable[[int], Instance],
    scale: Scale,
    *,
    rotation: str,
    reach: float,
    failure: float,
) -> Instance:
    """The chain `unit(length)` at its scale, with the bounds that its frame gives it.

    reach: no query sees the chain farther out than reach sqrt(T), in its own units. A Haar frame hides the links from
    every method, the identity from the zero-respecting ones; of a Hadamard frame nothing is proved.
    """
    chain, length = unit(scale.length), scale.length
    if scale != Scale(length):
        chain = scaled(chain, height=scale.height, width=scale.width)
    floors = chain.claims.on("floor")
    bounds: tuple[Bound, ...] = ()
    if rotation == "identity":
        bounds = tuple(link_by_link(floor, length) for floor in floors)
    elif rotation == "haar":
        widest = hidden_width(length, reach * math.sqrt(length), chain.dimension, failure)
        bounds = tuple(hidden_links(floor, length, widest, failure) for floor in floors if widest >= 1)
    return replace(chain, bounds=bounds, target=floors[0].value if floors else None)
