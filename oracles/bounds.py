"""Upper and lower bounds as objects: what a theorem says of the number of queries or rounds, and of whom."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from oracles.claims import TAGS, Tag, weakest

Side = Literal["lower", "upper"]
Counted = Literal["queries", "rounds"]
MethodClass = Literal["zero-respecting", "deterministic", "all"]

# The numbers that a formula may use: the default claims of the instance by name, "target", "dimension", "boxed" where
# there is a domain and its "side" where it is a cube, and the numbers that the method was given as "method.<name>".
Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Scope:
    """The class of methods that a bound speaks of.

    methods: "zero-respecting" (each query is supported where earlier answers were non-zero), "deterministic", "all".
    order: the highest order of the oracle (1: values and gradients); None: any.
    width: the most queries per round; None: any number.
    method: the one method of the class that the bound speaks of, by its registered name; None: all of them.
    """

    methods: MethodClass = "all"
    order: int | None = None
    width: int | None = None
    method: str | None = None

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
            and (self.method is None or traits.name == self.method)
        )


@dataclass(frozen=True)
class Traits:
    """What a method is known to be; nothing is assumed of a method that does not say."""

    zero_respecting: bool = False
    deterministic: bool = False
    order: int = 1
    name: str = ""


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
        except (KeyError, ArithmeticError, ValueError):
            return None

    def applied(self, numbers: Numbers, tags: Mapping[str, Tag]) -> "Applied | None":
        """The value, with the weakest tag among the bound's own and those of the numbers that the formula used."""
        watched = _Watched(numbers)
        value = self.value(watched)
        if value is None:
            return None
        used = [self.tag, *(tags[name] for name in watched.used if name in tags)]
        return Applied(self, value, weakest(*used))


class Applied(NamedTuple):
    """A bound with its value in one case, and how far to trust it there."""

    bound: Bound
    value: float
    tag: Tag


class _Watched(Mapping[str, float]):
    """Numbers that remember which of them were used."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers, self.used = numbers, set[str]()

    def __getitem__(self, name: str) -> float:
        self.used.add(name)
        return self._numbers[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


def tightest(bounds: Iterable[Bound], numbers: Numbers, tags: Mapping[str, Tag]) -> Applied | None:
    """The bound that says most among those of one side and one count; None where none applies.

    tags: of the numbers that are claims. Among equals the most trustworthy tag wins.
    """
    applicable = [one for bound in bounds if (one := bound.applied(numbers, tags)) is not None]
    if not applicable:
        return None
    sign = 1 if applicable[0].bound.side == "upper" else -1
    return min(applicable, key=lambda one: (sign * one.value, TAGS.index(one.tag)))
