"""Chain I in a random frame: no coordinate is special any more."""

import math

from hardinstances.carmon_chain import LOWER_BOUNDS_I, carmon_chain
from hardinstances.transforms import rotated
from oracles import Instance, family


@family(example={"length": 5, "seed": 1}, source=LOWER_BOUNDS_I)
def rotated_chain(
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
) -> Instance:
    """`carmon_chain` in a random frame, f_T(U'x); its parameters are those of `carmon_chain`.

    rotation: "hadamard" (any length, up to millions) or "haar"; seed: of the frame. dimension: D >= T, by default the
        least that the rotation has; along the other D - T directions the function is constant.
    No lower bound is claimed: a query of great length sees every link at once. `walled_chain` has one.
    Cost: O(D log D) per query, for "haar" O(T D).
    """
    chain = carmon_chain(
        length=length, first_link=first_link, smoothness=smoothness, gap=gap, target=target, constants=constants
    )
    return rotated(chain, rotation=rotation, seed=seed, dimension=dimension)
