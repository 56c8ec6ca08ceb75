"""Boxes: domains whose faces are known to the last bit."""

from dataclasses import dataclass

from oracles.arrays import Array
from oracles.errors import InputError


@dataclass(frozen=True)
class Box:
    """The domain lower <= x <= upper, coordinate by coordinate; a side may be infinite."""

    lower: Array
    upper: Array

    def check(self, points: Array) -> None:
        """Refuse points (K, d) outside, naming the first offending entry."""
        outside = (points < self.lower) | (points > self.upper)
        if outside.any():
            k, i = (int(index) for index in divmod(int(outside.argmax()), points.shape[1]))
            low, high = self.lower[i], self.upper[i]
            raise InputError(f"coordinate {i} of point {k} is {points[k, i]:g}, outside the domain [{low:g}, {high:g}]")
