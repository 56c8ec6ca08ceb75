"""What a claim or a bound on a function says of the transformed function."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from oracles import Bound, InputError, Instance, Numbers
from oracles.goals import STATIONARITY

ROUNDINGS = 1 - 2**-50  # a target that is the scaled floor stays covered by a bound for targets up to the floor


@dataclass(frozen=True)
class Before(Mapping[str, float]):
    """The numbers of a bound's formula as they were before the transform, looked up as they are asked for.

    What a method was given is not among them: it is not known how it changes.
    """

    numbers: Numbers  # those of the transformed instance
    claims: Mapping[str, float]
    dimension: int
    shrink: float  # target before / target after

    def __getitem__(self, name: str) -> float:
        if name == "target":
            return self.numbers[name] * self.shrink * (ROUNDINGS if self.shrink != 1.0 else 1.0)
        if name == "dimension":
            return float(self.dimension)
        value = self.claims[name]
        _ = self.numbers.get(name)  # used, and its tag counts
        return value

    def __iter__(self) -> Iterator[str]:
        yield from ("target", "dimension", *self.claims)

    def __len__(self) -> int:
        return len(self.claims) + 2


def carried(bound: Bound, instance: Instance, *, shrink: float = 1.0, statement: str | None = None) -> Bound:
    """The bound on `instance` as a bound on its transform, at the target `shrink` times as large."""
    claims = instance.claims.defaults()

    def formula(numbers: Numbers) -> float | None:
        return bound.formula(Before(numbers, claims, instance.dimension, shrink))

    return replace(bound, formula=formula, statement=statement or bound.statement)


def only_stationarity(instance: Instance, what: str) -> None:
    """Refuse goals of another kind: it is not known what they become."""
    if instance.goal is not STATIONARITY:
        raise InputError(f"{instance.name} has the goal {instance.goal.name}; only {STATIONARITY.name} can be {what}")
