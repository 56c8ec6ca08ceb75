"""The constant J of a chain: no method in its scope needs fewer than about L D / (J epsilon^2) rounds.

J = (gap per round) * smoothness / floor^2. The gap of a chain grows by as much with each link as with any other, so
that the gap per round is taken between two lengths; J does not depend on the scale.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.binding import bound_numbers
from oracles import Bound, Claim, Claims, Family, InputError, Instance
from oracles.claims import TAGS, Tag, weakest


@dataclass(frozen=True)
class Constant:
    """J from three claims: its parts, and the weakest of their tags and of the bound's."""

    per_round: float
    smoothness: float
    floor: float
    tag: Tag

    @property
    def value(self) -> float:
        """J."""
        return self.per_round * self.smoothness / self.floor**2

    def rounds(self, size: float) -> int:
        """Floor(size / J), with size = L D / epsilon^2."""
        return int(size // self.value)


def constants_of(family: Family, parameters: Mapping[str, Any]) -> list[Constant]:
    """J from the default claims, and that from the claims with the strongest tags, where it is another.

    Nothing where the instance has no length, or no bound on rounds that grows like 1/epsilon^2.
    """
    given = {name: value for name, value in parameters.items() if value is not None}
    if not isinstance(given.get("length"), int):
        return []
    try:
        short, long = (family.instance(given | {"length": times * given["length"]}) for times in (1, 2))
    except InputError:  # a dimension or a block was given for this length alone
        return []
    found = [_constant(short, long, pick) for pick in (Claims.default, strongest)]
    return [one for k, one in enumerate(found) if one is not None and one not in found[:k]]


def strongest(claims: Claims, quantity: str) -> Claim | None:
    """The claim on a quantity with the strongest tag, the first of those."""
    return min(claims.on(quantity), key=lambda claim: TAGS.index(claim.tag), default=None)


def _constant(short: Instance, long: Instance, pick: Any) -> Constant | None:
    gaps = [pick(instance.claims, "gap") for instance in (short, long)]
    smoothness, floor = pick(short.claims, "smoothness"), pick(short.claims, "floor")
    if None in (*gaps, smoothness, floor) or not floor.value > 0:
        return None
    rounds = [rounds_at(instance, floor.value) for instance in (short, long)]
    if rounds[0] is None or rounds[1] is None or rounds[1] <= rounds[0]:
        return None
    per_round = (gaps[1].value - gaps[0].value) / (rounds[1] - rounds[0])
    tag = weakest(*(claim.tag for claim in (*gaps, smoothness, floor)))
    return Constant(per_round, smoothness.value, floor.value, tag)


def rounds_at(instance: Instance, target: float) -> float | None:
    """The most that a bound on rounds, growing like 1/epsilon^2, says at a target."""
    numbers = bound_numbers(instance, {}, target * (1 - 1e-12))
    known = [bound.formula(numbers) for bound in instance.bounds if _fits(bound)]
    return max((rounds for rounds in known if rounds is not None), default=None)


def _fits(bound: Bound) -> bool:
    return bound.side == "lower" and bound.counted == "rounds" and bound.exponent == 2.0 and bound.scope.method is None


def constant_text(data: Mapping[str, Any]) -> str:
    """One line for people, from the fields of a constant and its value "J"."""
    return (
        f"J = (gap per round) smoothness / floor^2 = {data['per_round']:.6g} * {data['smoothness']:.6g} / "
        f"{data['floor']:.6g}^2 = {data['J']:.5g}, {data['tag']}: rounds >= floor(L D / (J epsilon^2)) for long chains"
    )
