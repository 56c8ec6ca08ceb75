"""Chain I in a random frame, softly projected: the randomised instance of the literature."""

import math
from dataclasses import replace

from hardinstances.carmon_chain import (
    HERE,
    LOWER_BOUNDS_I,
    STOCHASTIC,
    carmon_chain,
    fitting_length,
    preferred,
)
from hardinstances.hiding import hidden_chain, in_frame
from hardinstances.scaling import scaled_to_class
from hardinstances.transforms import soft_projected
from oracles import Claim, InputError, Instance, family

RADIUS = 230.0  # of the ball, in units of sqrt(T), as published


def projected_claims(first_link: float) -> list[Claim]:
    """What is claimed of the projected chain in its own units, beside what its transforms carry.

    The floor holds while the last coordinate of U' rho(x) is at most 1/2.
    """
    if first_link == 1.0:
        return [
            Claim("smoothness", 155.0, "published", f"{LOWER_BOUNDS_I}; the number as used in {STOCHASTIC}"),
            Claim("floor", 0.5, "published", LOWER_BOUNDS_I),
            Claim("floor", 1.2155, "measured", f"{HERE}: minimised over points, T <= 8"),
        ]
    if first_link == math.e:
        return [Claim("floor", 3.267, "measured", f"{HERE}: minimised over points, T <= 12")]
    return []


@family(example={"length": 2, "dimension": 4, "seed": 1}, source=LOWER_BOUNDS_I)
def projected_chain(
    *,
    length: int | None = None,
    first_link: float = math.e,
    smoothness: float | None = None,
    gap: float | None = None,
    target: float | None = None,
    constants: str = "tight",
    rotation: str = "hadamard",
    seed: int = 0,
    dimension: int | None = None,
    failure_probability: float = 0.01,
) -> Instance:
    """f_T(U' rho(x)) + |x|^2 / 10, rho(x) = x / sqrt(1 + |x|^2/R^2), R = 230 sqrt(T): see `soft_projected`.

    While no query sees the last column of U by more than 1/2, the gradient norm stays above the floor. A Haar frame
    hides its columns, because |rho(x)| < R; that takes a dimension of T + 8 R^2 ln(K T (T+1) / p), which is 235 times
    that of `walled_chain`.

    length, smoothness, gap, target, constants: as in `carmon_chain`. first_link: k, at most e.
    rotation: "hadamard" (no bound is proved), "haar", or "identity" (the bound of the zero-respecting methods).
    failure_probability: p. Cost: O(d log d) per query for "hadamard", O(d T) for "haar".
    """
    if not 0 < first_link <= math.e:
        raise InputError(f"first_link of projected_chain must lie in (0, e], got {first_link:g}")
    if not 0 < failure_probability < 1:
        raise InputError(f"failure_probability of projected_chain must lie in (0, 1), got {failure_probability:g}")

    def unit(links: int) -> Instance:
        chain = carmon_chain(length=links, first_link=first_link, constants=constants)
        inside = soft_projected(in_frame(chain, rotation, seed, dimension), radius=RADIUS * math.sqrt(links))
        return replace(inside, claims=preferred([*projected_claims(first_link), *inside.claims], constants))

    scale = scaled_to_class(
        "projected_chain",
        lambda: unit(1).claims,
        lambda room: fitting_length(room, first_link, constants),
        length=length,
        smoothness=smoothness,
        gap=gap,
        target=target,
    )
    return hidden_chain(unit, scale, rotation=rotation, reach=RADIUS, failure=failure_probability)
