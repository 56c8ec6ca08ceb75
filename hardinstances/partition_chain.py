"""Chain I in the differences of the blocks of a random partition: many parallel queries do not help."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hardinstances.carmon_chain import fitting_length, unit_claims
from hardinstances.leaks import partition_block, partition_width
from hardinstances.partition_kernel import partition_chain_kernel, shrunk
from hardinstances.scaling import one_per_round, positive, scaled_to_class
from oracles import Array, Bound, Claim, Claims, InputError, Instance, KernelFunction, Scope, family
from oracles.claims import Tag
from oracles.instances import Progress

ADAPTIVE = "Zhou, Han, Takeda, Sugiyama, The adaptive complexity of finding a stationary point, arXiv 2505.09045"
HERE = "this project"
AFTER = f"{HERE}, after {ADAPTIVE}"
WALL_RADIUS = 10.0  # in units of sqrt(r); however far a query, the chain sees at most 1.5 times it
MEASURED_FLOORS = {1.0: 1.34, math.e: 3.38}  # behind the wall, by the weight of the first link
ARRANGEMENTS = {"paired": 2, "consecutive": 1}  # blocks from one link to the next


def disclosed(order: NDArray[np.int64], block: int, stride: int, width: float, radius: float) -> Progress:
    """How many blocks the answer at a point shows: (K, d) -> (K,).

    A link with its two blocks shows where its entry of the chain's gradient is not 0 in exact arithmetic: the first
    always, another if |Y| > 1/2 there or on the link before.
    """

    def progress(points: Array) -> NDArray[np.int64]:
        sums = points[:, order].reshape(len(points), -1, block).sum(axis=2) / width
        y = (sums[:, :-1] - sums[:, 1:])[:, ::stride] / math.sqrt(stride * block)
        if radius:
            norms = np.sqrt((points**2).sum(axis=1)) / width
            y = y * np.array([shrunk(norm, radius)[0] / norm if norm else 1.0 for norm in norms])[:, None]
        far = np.abs(y) > 0.5
        links = far | np.insert(far[:, :-1], 0, True, axis=1)
        blocks = np.zeros(sums.shape, dtype=bool)
        first = np.arange(links.shape[1]) * stride
        blocks[:, first] |= links
        blocks[:, first + 1] |= links
        return blocks.sum(axis=1, dtype=np.int64)

    return progress


def concluded(claim: Claim, value: float, how: str) -> Claim:
    """What follows from a claim by an argument of this project."""
    tag: Tag = "derived" if claim.tag in ("published", "proved") else claim.tag
    return replace(claim, value=value, tag=tag, source=f"{claim.source}; {how}, {HERE}")


def unit_claims_of(length: int, first_link: float, arrangement: str, walled: bool, constants: str) -> Claims:
    """What is claimed of f in its own units; the floor holds while |Y_r| <= 1/2, of consecutive blocks while Y_r and
    all Y_j beyond the front are 0.
    """
    claims = list(unit_claims(length, first_link))
    kept = [concluded(claim, claim.value, "as it is") for claim in claims if claim.quantity == "gap"]
    kept += [claim for claim in claims if claim.quantity == "length"]
    rough = [claim for claim in claims if claim.quantity == "smoothness"]
    if arrangement == "consecutive":
        path = f"{HERE}: a path from 0 to 1 and back in r + 1 steps"
        kept += [concluded(claim, 4 * claim.value, "4 times, as |V|^2 <= 4") for claim in rough]
        if first_link >= 1:
            kept.append(Claim("floor", 2 / math.sqrt(length + 1), "derived", path))
    elif walled:
        kept += [concluded(claim, claim.value + 5, "5 more for the wall") for claim in rough]
        if first_link >= 1:
            kept.append(Claim("floor", 0.5, "derived", f"{HERE}: the radial part, or the first component below 1"))
        if first_link in MEASURED_FLOORS:
            searched = f"{HERE}: minimised over points, r up to 12"
            kept.append(Claim("floor", MEASURED_FLOORS[first_link], "measured", searched))
    else:
        kept = claims
    tags = {
        "proved": ("proved", "derived", "published", "measured"),
        "tight": ("measured", "proved", "derived", "published"),
    }[constants]
    return Claims(*sorted(kept, key=lambda claim: tags.index(claim.tag)))


def bounds_of(claims: Claims, length: int, block: int, arrangement: str, walled: bool, failure: float) -> list[Bound]:
    """Zero-respecting methods see one link, or two consecutive ones, per round; behind the wall so do all methods,
    unless K is large.
    """
    rounds = length + 1 if arrangement == "paired" else (length + 1) // 2 + 1
    bounds = [one_per_round(floor, rounds, source=AFTER) for floor in claims.on("floor")]
    width = partition_width(block, length, 1.5 * WALL_RADIUS * math.sqrt(length), failure)
    if walled and width >= 1:
        condition = f"K <= {width}, with probability {1 - failure:g} over the partition"
        scope = Scope("all", width=width)
        bounds += [
            one_per_round(floor, rounds, source=AFTER, scope=scope, condition=condition) for floor in claims.on("floor")
        ]
    return bounds


@family(example={"length": 3, "block": 4}, source=ADAPTIVE)
def partition_chain(
    *,
    length: int | None = None,
    block: int | None = None,
    seed: int = 0,
    arrangement: str = "paired",
    walled: bool | None = None,
    first_link: float = math.e,
    smoothness: float | None = None,
    gap: float | None = None,
    target: float | None = None,
    width: int = 1000,
    failure: float = 0.01,
    constants: str = "tight",
) -> Instance:
    """f_P(x) = F_r(Y_1, .., Y_r), a chain I of r links in differences of the sums of x over random blocks; start 0.

    "paired": 2r blocks of b coordinates, Y_i = (X_{2i-1} - X_{2i}) / sqrt(2) with X_j the sum over block j divided by
    sqrt(b). "consecutive": r + 1 blocks, Y_i = X_i - X_{i+1}; a round then shows two differences.
    Walled (of paired blocks only, and their default): f(x) = f_P(x h(n)/n) + (n - R)_+^2 / 2, n = |x|,
    R = 10 sqrt(r), h(n) = n up to R and constant beyond 2R: however far a query goes, its |Y_i| stay small.

    A method that is not zero-respecting must guess the split of the two blocks: with K queries per round it
    shows a second link with probability at most K r (r + 1) exp(-b / (1800 r)), see hardinstances/leaks.py.

    length, block: r, b. seed: of the partition. first_link: as in carmon_chain, at most e.
    smoothness, gap, target: L, D, epsilon; L and epsilon with D or r scale paired chains.
    width, failure: K and delta; without block b is the least for which the theorem holds for them (behind the wall).
    constants: which floor and smoothness scale it, "tight" (measured) or "proved".
    Cost: O(d) per query. Progress counts the blocks that the answer at a point shows.
    """
    if arrangement not in ARRANGEMENTS or constants not in ("tight", "proved"):
        raise InputError(
            "partition_chain needs arrangement 'paired' or 'consecutive' and constants 'tight' or 'proved', "
            f"got {arrangement!r} and {constants!r}"
        )
    positive("partition_chain", block=block, first_link=first_link, width=width, failure=failure)
    walled = arrangement == "paired" if walled is None else walled
    if first_link > math.e or failure >= 1:
        raise InputError(f"partition_chain needs first_link <= e and failure < 1, got {first_link:g}, {failure:g}")
    if arrangement == "consecutive" and (walled or smoothness is not None):
        raise InputError("a partition_chain of consecutive blocks has no wall and cannot be scaled")
    scale = scaled_to_class(
        "partition_chain",
        lambda: unit_claims_of(1, first_link, arrangement, walled, constants),
        lambda unit_gap: fitting_length(unit_gap, first_link, "tight"),
        length=length,
        smoothness=smoothness,
        gap=gap,
        target=target,
    )
    links, radius = scale.length, WALL_RADIUS * math.sqrt(scale.length) if walled else 0.0
    if block is None:
        block = partition_block(links, 1.5 * WALL_RADIUS * math.sqrt(links), width, failure)
    stride = ARRANGEMENTS[arrangement]
    order = np.random.default_rng(seed).permutation(block * (2 * links if stride == 2 else links + 1))
    claims = unit_claims_of(links, first_link, arrangement, walled, constants).scaled(
        height=scale.height, width=scale.width
    )
    floors = claims.on("floor")
    head = [first_link, scale.width, scale.height, block, stride, radius]
    return Instance(
        name="partition_chain",
        function=KernelFunction(partition_chain_kernel, np.concatenate([head, order])),
        start=np.zeros(len(order)),
        claims=claims,
        bounds=tuple(bounds_of(claims, links, block, arrangement, walled, failure)),
        target=target if target is not None else (floors[0].value if floors else None),
        progress=disclosed(order, block, stride, scale.width, radius),
    )
