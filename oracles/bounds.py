"""Upper and lower bounds as objects: what a theorem says of the number of queries or rounds, and of whom."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from oracles.claims import TAGS, Tag

Side = Literal["lower", "upper"]
Counted = Literal["queries", "rounds"]
MethodClass = Literal["zero-respecting", "deterministic", "all"]

# The numbers that a formula may use: the default claims of the instance by name, "target", "dimension", and the
# numbers that the method was given as "method.<name>".
Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Scope:
    """The class of methods that a bound speaks of.

    methods: "zero-respecting" (each query is supported where earlier answers were non-zero), "deterministic", "all".
    order: the highest order of the oracle (1: values and gradients); None: any.
    width: the most queries per round; None: any number.
    """

    methods: MethodClass = "all"
    order: int | None = None
    width: int | None = None

    def covers(self, traits: "Traits", width: int) -> bool:
        """Whether a method with these traits, asking `width` queries per round, is in the class."""
        member = {
            "zero-respecting": traits.zero_respecting,
            "deterministic": traits.deterministic,
            "all": True,
        }[self.methods]
        return (
            member
            and (self.order is None or traits.order <= self.order)
            and (self.width is None or width <= self.width)
        )


@dataclass(frozen=True)
class Traits:
    """What a method is known to be; nothing is assumed of a method that does not say."""

    zero_respecting: bool = False
    deterministic: bool = False
    order: int = 1


@dataclass(frozen=True)
class Bound:
    """A bound on the count at the first query that meets the target.

    statement: the formula in words and symbols, for people.
    formula: the same for machines; None (or a missing number) where the theorem says nothing of this case.
    exponent: the growth of the count in 1/target at fixed other numbers, where the theorem states one.
    """

    side: Side
    counted: Counted
    statement: str
    formula: Callable[[Numbers], float | None] = field(repr=False)
    source: str
    tag: Tag
    exponent: float | None = None
    scope: Scope = Scope()

    def value(self, numbers: Numbers) -> float | None:
        """The bound for these numbers, or None where it does not apply."""
        try:
            return self.formula(numbers)
        except KeyError:
            return None


def tightest(bounds: Iterable[Bound], numbers: Numbers) -> tuple[Bound, float] | None:
    """The bound that says most among those of one side and one count, and its value; None where none applies.

    Among equals the most trustworthy tag wins.
    """
    applicable = [(bound, value) for bound in bounds if (value := bound.value(numbers)) is not None]
    if not applicable:
        return None
    sign = 1 if applicable[0][0].side == "upper" else -1
    return min(applicable, key=lambda pair: (sign * pair[1], TAGS.index(pair[0].tag)))
