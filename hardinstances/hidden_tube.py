"""A tube through random waypoints, hidden from afar: in moderate dimension the batches must be exponentially large."""

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from hardinstances.leaks import tube_failure_bound
from hardinstances.scaling import EPSILON_MARGIN, one_per_round, positive, whole_links
from hardinstances.tube_kernel import DEPTH, GRADE, MOUTH, SPREAD, hidden_tube_kernel
from oracles import Array, Claim, Claims, InputError, Instance, KernelFunction, Scope, family
from oracles.instances import Progress

HERE = "this project"
# By the length of a slab: the least gradient norm found before the end of the tube, and the smoothness in units of
# h_0 + kappa Z.
MEASURED = {8: (0.45, 30.0), 16: (0.7, 13.0)}


def waypoints(count: int, dimension: int, rng: np.random.Generator) -> Array:
    """V_0 = 0 and v_1 .. v_N uniform in the ball of radius beta, as (N + 1, m)."""
    points = np.zeros((count + 1, dimension))
    directions = rng.standard_normal((count, dimension))
    radii = SPREAD * rng.random(count) ** (1 / dimension)
    points[1:] = directions * (radii / np.sqrt((directions**2).sum(axis=1)))[:, None]
    return points


def waypoints_shown(points: Array, slab: int, width: float) -> Progress:
    """The last waypoint that the answer at a point shows, N + 1 for the end of the tube; 0 outside of the tube."""
    slabs = len(points) - 1

    def progress(queries: Array) -> NDArray[np.int64]:
        along = (queries[:, 0] / width - MOUTH) / slab
        k = np.clip(np.floor(along), 0, slabs - 1).astype(np.int64)
        u = np.clip(along - k, 0, 1)[:, None]
        axis = points[k] + (points[k + 1] - points[k]) * (u**3 * (10 - u * (15 - 6 * u)))
        inside = ((queries[:, 1:] / width - axis) ** 2).sum(axis=1) < 1
        shown = np.clip(np.floor(along) + 1, 0, slabs + 1)
        return np.where(inside & (along < slabs + 1 / slab), shown, 0).astype(np.int64)

    return progress


def unit_claims(length: int, slab: int) -> Claims:
    """What is claimed of F in its own units; the floor holds outside of the tube and in it before its end at z = Z."""
    floor, rough = MEASURED[slab]
    end = MOUTH + slab * length
    searched = f"{HERE}: searched in and around tubes with typical and with the worst waypoints, N up to 40"
    return Claims(
        Claim("smoothness", rough * (DEPTH + GRADE * end), "measured", searched),
        Claim("gap", 1 + (GRADE - 1) * (end + 1), "derived", f"{HERE}: F >= z - h_0 - kappa z, at z = Z + 1"),
        Claim("floor", floor, "measured", searched),
        Claim("distance", math.hypot(end + 1, SPREAD + 1), "derived", "from the start to the end of the tube, at most"),
        Claim("length", float(length), "derived", "the number of waypoints"),
    )


def scale_of(length: int, slab: int, smoothness: float, target: float) -> tuple[float, float]:
    """Width and height that make F with N waypoints L-smooth with the floor epsilon."""
    unit = unit_claims(length, slab)
    steepness = target * EPSILON_MARGIN / unit.value("floor")
    width = steepness * unit.value("smoothness") / smoothness
    return width, steepness * width


def fits(length: int, slab: int, numbers: Mapping[str, float]) -> bool:
    """Whether the scaled tube keeps to the gap, or to the distance, among the numbers given."""
    width, height = scale_of(length, slab, numbers["smoothness"], numbers["target"])
    claims = unit_claims(length, slab).scaled(height=height, width=width)
    return all(claims.value(name) <= numbers[name] for name in ("gap", "distance") if name in numbers)


def longest(fits: Callable[[int], bool]) -> int:
    """The greatest N that fits, 0 if not even 1 does; what fits is closed under shortening."""
    power = 0
    while fits(2**power):
        power += 1
    length = 0
    for bit in reversed(range(power)):
        if fits(length + 2**bit):
            length += 2**bit
    return length


@family(example={"dimension": 4, "length": 3}, source=HERE)
def hidden_tube(
    *,
    dimension: int,
    length: int | None = None,
    slab: int = 8,
    seed: int = 0,
    smoothness: float | None = None,
    gap: float | None = None,
    distance: float | None = None,
    target: float | None = None,
    failure: float = 0.05,
) -> Instance:
    """F(z, y) = sqrt(z^2 + |y|^2 + 1) - chi(z) (8 + 3 z) (1 - |y - c(z)|^2)_+^3 on R^{1+m}, start 0.

    c runs from 0 through N waypoints drawn uniformly from the ball of radius 4, one per slab, the first at z = 8; chi
    rises on [-1, 0] and falls on [Z, Z + 1], Z = 8 + slab N. Outside the tube of radius 1 around c the function is a
    cone that leads to its mouth; inside it falls along z, and only the end beyond Z is stationary. A query in the tube
    shows the next waypoint; one further ahead hits the tube with probability at most 2^-m. So N + 1 rounds are needed
    with probability 1 - delta over the draw, unless K > delta 2^m / N.

    dimension: d = 1 + m. length: N. slab: 8 or 16; the longer, the higher the floor. seed: of the waypoints.
    smoothness, target, with length, gap or distance: L, epsilon, and N, D or the distance from the start to the end;
        N is of the order of sqrt(L D) / epsilon, or sqrt(L distance / epsilon).
    failure: delta. Cost: O(d) per query. Progress is the last waypoint that the answer at a point shows.
    """
    if dimension < 2 or slab not in MEASURED or not 0 < failure < 1:
        raise InputError(
            f"hidden_tube needs dimension >= 2, slab 8 or 16, 0 < failure < 1, got {dimension}, {slab}, {failure:g}"
        )
    sizes = {"gap": gap, "distance": distance}
    positive("hidden_tube", length=length, smoothness=smoothness, target=target, **sizes)
    given = {**sizes, "smoothness": smoothness, "target": target}
    numbers = {name: number for name, number in given.items() if number is not None}
    alone = length is not None and not numbers
    if not alone and (smoothness is None or target is None or len(numbers) + (length is not None) != 3):
        raise InputError("hidden_tube needs length, or smoothness and target with one of length, gap and distance")
    links = length or whole_links(longest(lambda count: fits(count, slab, numbers)), numbers)
    width, height = (1.0, 1.0) if alone else scale_of(links, slab, numbers["smoothness"], numbers["target"])
    claims = unit_claims(links, slab).scaled(height=height, width=width)
    floor = claims.on("floor")[0]
    points = waypoints(links, dimension - 1, np.random.default_rng(seed))
    queries = math.floor(failure / tube_failure_bound(dimension - 1, links, 1, SPREAD))
    exponent = None if gap is distance is None else (1.0 if distance is None else 0.5)
    condition = f"K <= {queries}, with probability {1 - failure:g} over the waypoints"
    scope = Scope("all", width=queries)
    bound = one_per_round(floor, links + 1, source=HERE, scope=scope, exponent=exponent, condition=condition)
    return Instance(
        name="hidden_tube",
        function=KernelFunction(hidden_tube_kernel, np.concatenate([[slab, links, width, height], points.ravel()])),
        start=np.zeros(dimension),
        claims=claims,
        bounds=(bound,) if queries >= 1 else (),
        target=target if target is not None else floor.value,
        progress=waypoints_shown(points, slab, width),
    )
