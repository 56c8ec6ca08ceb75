"""How much time a subject may take."""

from dataclasses import dataclass
from typing import TypeVar

from benchmarks.timing import Clock

T = TypeVar("T")


@dataclass(frozen=True)
class Effort:
    """quick: fewer and shorter turns, smaller sizes. full: also what takes minutes."""

    quick: bool = False
    full: bool = False

    @property
    def clock(self) -> Clock:
        """The clock for short calls."""
        return Clock(turns=5, seconds=0.004) if self.quick else Clock()

    def pick(self, usual: T, quick: T) -> T:
        """One of two sizes."""
        return quick if self.quick else usual
