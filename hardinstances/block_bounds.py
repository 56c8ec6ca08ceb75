"""Lower bounds for finite sums of chains on disjoint blocks: how many blocks must be finished, and what that takes."""

import math

from oracles import Bound, Claim, Numbers, Scope
from oracles.claims import weakest

SOURCE = "this project, after the constructions of arXiv 1807.01695 and 2008.10898"


def half(components: int) -> int:
    """The number u = ceil(n/2) of blocks that are unfinished until more than n/2 are finished."""
    return (components + 1) // 2


def kept_norm(unfinished: int, components: int, floor: float) -> float:
    """The norm sqrt(u) g / n of the mean's gradient while u blocks keep theirs above g."""
    return math.sqrt(unfinished) * floor / components


def finished_for(target: float, components: int, floor: float) -> int:
    """How many blocks must be finished for a target: n - u + 1, with u the least that keeps the norm above it."""
    unfinished = math.ceil((target * components / floor) ** 2)
    if kept_norm(unfinished - 1, components, floor) >= target:  # the square was rounded up
        unfinished -= 1
    return components - unfinished + 1


def component_queries(floor: Claim, components: int, length: int) -> Bound:
    """To finish m blocks takes T queries of each of their components, and one more that shows it."""

    def queries(numbers: Numbers) -> float | None:
        finished = finished_for(numbers["target"], components, floor.value)
        return finished * length + 1.0 if finished > 0 else None

    at = kept_norm(half(components), components, floor.value)
    return Bound(
        side="lower",
        counted="queries",
        statement=f"component queries >= (n - u + 1) T + 1, u = ceil((n target / {floor.value:.6g})^2); "
        f"{(components // 2 + 1) * length + 1} > n T / 2 for targets up to {at:.6g}",
        formula=queries,
        source=f"{SOURCE}; floor: {floor.source}",
        tag=weakest(floor.tag, "derived"),
        exponent=2.0,
        scope=Scope("zero-respecting", order=1),
    )


def block_rounds(floor: Claim, components: int, length: int) -> Bound:
    """A round shows one coordinate of each block at most, whatever K is and whoever is asked."""
    every = kept_norm(components, components, floor.value)

    def rounds(numbers: Numbers) -> float | None:
        return length + 1.0 if numbers["target"] <= every else None

    return Bound(
        side="lower",
        counted="rounds",
        statement=f"rounds >= T + 1 = {length + 1} for targets up to {every:.6g}, any K",
        formula=rounds,
        source=f"{SOURCE}; floor: {floor.source}",
        tag=weakest(floor.tag, "derived"),
        exponent=2.0,
        scope=Scope("zero-respecting"),
    )
