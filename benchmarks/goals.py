"""Goals: which figure two times make, and up to where it is good."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

Number = float | None


def quantity(number: float) -> str:
    """Seconds in a unit that suits them."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if abs(number) >= 0.9995 * size:
            return f"{number / size:.3g} {unit}"
    return f"{number / 1e-9:.3g} ns"


class Goal(ABC):
    """What is made of our number and of the yardstick's. Without a limit there is a figure and no verdict."""

    alone = False  # whether our number is judged without a yardstick

    @property
    @abstractmethod
    def text(self) -> str:
        """The goal as it is printed; empty if there is none."""

    @abstractmethod
    def figure(self, ours: float, theirs: Number) -> str:
        """The number that the goal speaks of, as it is printed."""

    @abstractmethod
    def met(self, ours: float, theirs: Number) -> bool | None:
        """Whether the goal is met; None where there is none."""


@dataclass(frozen=True)
class Ratio(Goal):
    """ours / theirs is at most so much."""

    limit: Number = None

    @property
    def text(self) -> str:
        return "" if self.limit is None else f"<= {self.limit:g}x"

    def figure(self, ours: float, theirs: Number) -> str:
        return f"{ours / _given(theirs):.3g}x"

    def met(self, ours: float, theirs: Number) -> bool | None:
        return None if self.limit is None else ours <= self.limit * _given(theirs)


@dataclass(frozen=True)
class Faster(Goal):
    """theirs / ours is at least so much."""

    limit: Number = None

    @property
    def text(self) -> str:
        return "" if self.limit is None else f">= {self.limit:g}x faster"

    def figure(self, ours: float, theirs: Number) -> str:
        return f"{_given(theirs) / ours:.3g}x faster"

    def met(self, ours: float, theirs: Number) -> bool | None:
        return None if self.limit is None else _given(theirs) >= self.limit * ours


@dataclass(frozen=True)
class Over(Goal):
    """ours - theirs is at most so many seconds."""

    limit: Number = None

    @property
    def text(self) -> str:
        return "" if self.limit is None else f"<= +{quantity(self.limit)}"

    def figure(self, ours: float, theirs: Number) -> str:
        over = ours - _given(theirs)
        return f"{'+' if over >= 0 else '-'}{quantity(abs(over))}"

    def met(self, ours: float, theirs: Number) -> bool | None:
        return None if self.limit is None else ours - _given(theirs) <= self.limit


@dataclass(frozen=True)
class AtMost(Goal):
    """Our number alone is at most so much: seconds, or a pure number."""

    limit: Number = None
    pure: bool = False
    alone = True

    @property
    def text(self) -> str:
        return "" if self.limit is None else f"<= {self._shown(self.limit)}"

    def figure(self, ours: float, theirs: Number) -> str:
        return self._shown(ours)

    def met(self, ours: float, theirs: Number) -> bool | None:
        return None if self.limit is None else ours <= self.limit

    def _shown(self, number: float) -> str:
        return f"{number:.2g}" if self.pure else quantity(number)


@dataclass(frozen=True)
class Either(Goal):
    """One of two goals; the figure is the first one's."""

    first: Goal
    second: Goal

    @property
    def text(self) -> str:
        return f"{self.first.text} or {self.second.text}"

    def figure(self, ours: float, theirs: Number) -> str:
        return self.first.figure(ours, theirs)

    def met(self, ours: float, theirs: Number) -> bool | None:
        return bool(self.first.met(ours, theirs)) or bool(self.second.met(ours, theirs))


def _given(theirs: Number) -> float:
    if theirs is None:
        raise ValueError("this goal compares with a yardstick")
    return theirs
