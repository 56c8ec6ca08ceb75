"""What chains share: the scaling to a class of functions, and the bound of one coordinate per round."""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from oracles import Bound, Claim, Claims, InputError, Numbers, Scope

EPSILON_MARGIN = 1 + 1e-9  # the floor of a scaled chain lies above the target by this factor


ZERO_RESPECTING = Scope("zero-respecting")


class Scale(NamedTuple):
    """f = height * F(x / width), F being the chain of this length in its own units."""

    length: int
    width: float = 1.0
    height: float = 1.0


def positive(family: str, **numbers: float | None) -> None:
    """Refuse what is given and not a positive number."""
    for name, number in numbers.items():
        if number is not None and not (0 < number < math.inf):
            raise InputError(f"{name} of {family} must be positive, got {number:g}")


def scaling_numbers(family: str, *, length: int | None, gap: float | None, **needed: float | None) -> dict[str, float]:
    """The numbers that scale a chain: all that is needed, with the gap unless the length is given instead; none at all
    with length alone.
    """
    positive(family, length=length, gap=gap, **needed)
    *first, last = needed
    names = f"{', '.join(first)} and {last}"
    given = {name: number for name, number in {"gap": gap, **needed}.items() if number is not None}
    if not given:
        if length is None:
            raise InputError(f"{family} needs length, or {names} with gap or length")
        return {}
    if not needed.keys() <= given.keys() or (gap is None) == (length is None):
        raise InputError(f"to scale {family} give {names} with one of gap and length")
    return given


def whole_links(fitting: float, given: Mapping[str, float]) -> int:
    """The fitting length, rounded down; `InputError` names the numbers given where not one link fits."""
    if fitting < 1:
        size, *others = (f"{name}={number:g}" for name, number in given.items())
        raise InputError(f"{size} is too small for one link at {', '.join(others)}")
    return math.floor(fitting)


def scaled_to_class(
    family: str,
    unit: Callable[[], Claims],
    fitting_length: Callable[[float], float],
    *,
    length: int | None,
    smoothness: float | None,
    gap: float | None,
    target: float | None,
) -> Scale:
    """The scale that makes the gradient L-Lipschitz and the floor epsilon: w = l epsilon / (L G), height L w^2 / l.

    unit: the claims in own units, asked for l and G only where they are needed. fitting_length: the greatest length
    whose gap in own units is at most a number. With length alone the chain stays in its own units.
    """
    numbers = scaling_numbers(family, length=length, gap=gap, smoothness=smoothness, target=target)
    width = height = 1.0
    if numbers:
        claims = unit()
        roughest = claims.value("smoothness") / numbers["smoothness"]
        width = roughest * numbers["target"] * EPSILON_MARGIN / claims.value("floor")
        height = width**2 / roughest
    return Scale(length or whole_links(fitting_length(numbers["gap"] / height), numbers), width, height)


def one_per_round(
    floor: Claim,
    rounds: int,
    *,
    source: str,
    scope: Scope = ZERO_RESPECTING,
    exponent: float | None = 2.0,
    condition: str = "any K",
) -> Bound:
    """No method in scope meets a target up to the floor in fewer than so many rounds.

    condition: for people, what else the theorem supposes, or how probable it is over the draw of the instance.
    The floor stays below the gradient norm: strictly where it is proved, and rounded down where it is measured.
    """

    def formula(numbers: Numbers) -> float | None:
        return float(rounds) if numbers["target"] <= floor.value else None

    return Bound(
        side="lower",
        counted="rounds",
        statement=f"rounds >= {rounds} for targets up to {floor.value:.6g}, {condition}",
        formula=formula,
        source=f"{source}; floor: {floor.source}",
        tag=floor.tag,
        exponent=exponent,
        scope=scope,
    )
