"""Many intervals at once, in arrays of doubles rounded outwards: each holds the values on one box of a cover.

Sums, products and roots of doubles are correctly rounded, so the neighbouring double bounds them. The sine is not; it
is widened by far more than its rounding.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from oracles import Array

WIDER = 1e-14  # than the rounding of a sine between 0 and 1, by far


@dataclass(frozen=True)
class Interval:
    """The intervals from `low` to `high`, arrays of one shape or numbers."""

    low: Array
    high: Array

    def __add__(self, other: "Interval | float") -> "Interval":
        """The sum."""
        y = interval(other)
        return outward(self.low + y.low, self.high + y.high)

    def __neg__(self) -> "Interval":
        """The negative."""
        return Interval(-self.high, -self.low)

    def __sub__(self, other: "Interval | float") -> "Interval":
        """The difference."""
        return self + -interval(other)

    def __rsub__(self, other: float) -> "Interval":
        """The difference from a number."""
        return interval(other) - self

    def __mul__(self, other: "Interval | float") -> "Interval":
        """The product."""
        y = interval(other)
        ends = [self.low * y.low, self.low * y.high, self.high * y.low, self.high * y.high]
        return outward(np.minimum.reduce(ends), np.maximum.reduce(ends))

    def __truediv__(self, other: "Interval") -> "Interval":
        """The quotient by a positive one."""
        ends = [self.low / other.low, self.low / other.high, self.high / other.low, self.high / other.high]
        return outward(np.minimum.reduce(ends), np.maximum.reduce(ends))

    __radd__, __rmul__ = __add__, __mul__

    @property
    def size(self) -> "Interval":
        """The absolute value."""
        least = np.maximum(np.maximum(self.low, -self.high), 0.0)
        return Interval(least, np.maximum(-self.low, self.high))


def interval(x: Interval | float) -> Interval:
    """A number as the interval that holds it alone."""
    return x if isinstance(x, Interval) else Interval(np.asarray(float(x)), np.asarray(float(x)))


def outward(low: Array, high: Array) -> Interval:
    """The next doubles on either side."""
    return Interval(np.nextafter(low, -np.inf), np.nextafter(high, np.inf))


def rising(function: Callable[[Interval], Interval], x: Interval) -> Interval:
    """The values of an increasing function that takes each end of x, as an interval, to one that holds its value."""
    return Interval(function(Interval(x.low, x.low)).low, function(Interval(x.high, x.high)).high)


def root(x: Interval) -> Interval:
    """The square root, of x >= 0."""
    return outward(np.sqrt(np.maximum(x.low, 0.0)), np.sqrt(x.high))


def square(x: Interval) -> Interval:
    """The square."""
    size = x.size
    return outward(size.low * size.low, size.high * size.high)


def quarter(x: Interval) -> tuple[Interval, Interval]:
    """The sine and cosine of pi/2 x, for x within [0, 1]."""
    turn = Interval(x.low * (np.pi / 2), x.high * (np.pi / 2))
    sine = Interval(np.sin(turn.low) - WIDER, np.sin(turn.high) + WIDER)
    return sine, Interval(np.cos(turn.high) - WIDER, np.cos(turn.low) + WIDER)


def smoothstep(x: Interval) -> Interval:
    """The increasing 3 x^2 - 2 x^3 on [0, 1]."""
    return rising(lambda end: end * end * (3.0 - 2.0 * end), x)


def hump(x: Interval) -> Interval:
    """The product x (1 - x) on [0, 1], largest in the middle."""
    low, high = Interval(x.low, x.low), Interval(x.high, x.high)
    first, last = low * (1.0 - low), high * (1.0 - high)
    most = np.where((x.low <= 0.5) & (x.high >= 0.5), 0.25, np.maximum(first.high, last.high))
    return Interval(np.minimum(first.low, last.low), most)
