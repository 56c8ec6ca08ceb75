"""Chain I in a random frame behind a wall: one link per round for every method, at exponentially many queries."""

import math
from dataclasses import replace

from hardinstances.carmon_chain import HERE, LOWER_BOUNDS_I, carmon_chain, fitting_length, preferred
from hardinstances.hiding import hidden_chain, hiding_dimension, in_frame
from hardinstances.scaling import scaled_to_class
from hardinstances.transforms import walled
from hardinstances.transforms.walled import REACH
from oracles import Claim, InputError, Instance, family

RADIUS = 10.0  # of the wall, in units of sqrt(T)


def walled_claims(first_link: float) -> list[Claim]:
    """What is claimed of the walled chain in its own units, beside what its transforms carry.

    The floor holds while the last coordinate of U'x h/n is at most 1/2. Beyond R the radial part of the gradient is
    at least 1/2, unless n <= 1.25 R: there h/n >= 0.98 and the first link that is not crossed still pulls with 0.73.
    """
    claims = []
    if first_link == 1.0:
        claims.append(Claim("smoothness", 163.0, "derived", f"{HERE}, from 152 and 23 sqrt(T) of {LOWER_BOUNDS_I}"))
        claims.append(Claim("floor", 1.3402, "measured", f"{HERE}: minimised over points, T <= 8; just beyond R"))
    if first_link == math.e:
        claims.append(Claim("floor", 3.3829, "measured", f"{HERE}: minimised over points, T <= 8; just beyond R"))
    if first_link >= 1.0:
        claims.append(Claim("floor", 0.5, "derived", f"{HERE}: radial part, else the first link not crossed"))
    return claims


@family(example={"length": 2, "dimension": 5, "seed": 1}, source=f"{HERE}, after {LOWER_BOUNDS_I}")
def walled_chain(
    *,
    length: int | None = None,
    first_link: float = math.e,
    smoothness: float | None = None,
    gap: float | None = None,
    target: float | None = None,
    constants: str = "tight",
    rotation: str = "haar",
    seed: int = 0,
    dimension: int | None = None,
    width: int = 1,
    failure_probability: float = 0.01,
) -> Instance:
    """f_T(U'x h(n)/n) + (n - R)_+^2 / 2, n = |x|, R = 10 sqrt(T): see `carmon_chain`, `rotated` and `walled`.

    While no query sees the last column of U by more than 1/2, the gradient norm stays above the floor. Columns of a
    Haar frame are seen one per round, because |x h/n| <= 15 sqrt(T): with d >= T + 1800 T ln(K T (T+1) / p), every
    method, randomised or not, of any order, needs T + 1 rounds of K queries with probability 1 - p.

    length, smoothness, gap, target, constants: as in `carmon_chain`. first_link: k, at most e.
    rotation: "haar", "hadamard" (no bound is proved), or "identity" (the bound of the zero-respecting methods).
    width, failure_probability: K and p, which set the dimension of a Haar frame where none is given.
    Cost: O(d T) per query for "haar", O(d log d) for "hadamard".
    """
    if not 0 < first_link <= math.e:
        raise InputError(f"first_link of walled_chain must lie in (0, e], got {first_link:g}")
    if not (0 < failure_probability < 1 and width >= 1):
        raise InputError(
            f"walled_chain needs width >= 1 and failure_probability in (0, 1), got {width}, {failure_probability:g}"
        )

    def unit(links: int) -> Instance:
        radius, size = RADIUS * math.sqrt(links), dimension
        if size is None and rotation == "haar":
            size = hiding_dimension(links, REACH * radius, width, failure_probability)
        chain = carmon_chain(length=links, first_link=first_link, constants=constants)
        inside = walled(in_frame(chain, rotation, seed, size), radius=radius)
        return replace(inside, claims=preferred([*walled_claims(first_link), *inside.claims], constants))

    scale = scaled_to_class(
        "walled_chain",
        lambda: unit(1).claims,
        lambda room: fitting_length(room, first_link, constants),
        length=length,
        smoothness=smoothness,
        gap=gap,
        target=target,
    )
    return hidden_chain(unit, scale, rotation=rotation, reach=REACH * RADIUS, failure=failure_probability)
